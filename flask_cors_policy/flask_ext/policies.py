"""Which policy governs a route: the nearest mark, on top of all that are around it.

From the outside in: the application's own options, the path rule of ``resources``,
the blueprints from outer to inner, the view (its class, its function), the method of
its class. Each layer says what it wants to change, and inherits the rest.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from .. import serving
from ..core.inheritance import inherit
from ..core.paths import PathRules
from ..core.policy import Policy, build, check_each
from ..core.settings import DEFAULTS, Report, Setting, Written, did_you_mean
from ..core.usual import UsualPreflight
from .blueprints import Prefix, marked_prefixes, owner
from .marks import Mark, read_mark
from .provenance import APPLICATION, Layer, merged, resource
from .routing import Matched, Routes, may_serve
from .views import all_marks, decisive, vain_marks, view_marks

if TYPE_CHECKING:
    from flask import Flask

    from ..log import RefusalLog
    from .settings import AppSettings


class Governing(serving.Governing):
    """A policy where it governs.

    :param policy: the policy.
    :param derive_methods: ``methods`` is as by default: the routes of a URL tell them.
    :param place: where the nearest layer stands, for people.
    :param log: where refusals and mended responses go.
    """

    __slots__ = ("derive_methods",)

    def __init__(
        self, policy: Policy, derive_methods: bool, place: str, log: RefusalLog
    ) -> None:
        super().__init__(policy, place, log)
        self.derive_methods = derive_methods


class Found(NamedTuple):
    """How a preflight is answered.

    :param governing: what governs what it asks for.
    :param usual: the usual answer; ``None`` where the policy's own methods are in it.
    :param post_apart: whether POST to the same URL is under another policy.
    :param post: that policy; ``None`` where it is under none.
    """

    governing: Governing
    usual: UsualPreflight | None = None
    post_apart: bool = False
    post: Governing | None = None


class RoutePolicies(serving.InForce):
    """The policies of one application; built at ``init_app``, filled by its routes."""

    def __init__(
        self, app: Flask, settings: AppSettings, log: RefusalLog, report: Report
    ) -> None:
        super().__init__(routes_known=True)
        self._app = app
        self.settings = settings
        self.log = log
        self.url_map = app.url_map
        # By the ids of a URL and of what governs it, which an entry keeps alive.
        self.known_preflights: dict[tuple[int, int], tuple[Matched, Found]] = {}
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str, str], Governing | None] = {}
        self._interned: dict[Policy, Policy] = {}
        self._prefixes: list[Prefix] = []
        self.marked = False
        """Whether a view or a blueprint has a policy of its own."""
        self.enforces = False
        """Whether any policy refuses requests beforehand."""
        self.rules_enforce = False
        """Whether the policy of any path rule does."""
        self.routes = Routes(app)
        self.by_route = False
        """Whether that depends on the route, and nobody is refused beforehand."""
        self.by_endpoint: dict[str, Governing | None] = {}
        """Endpoint -> what governs all requests to it, where it is always the same."""
        self.settled = False
        """Whether all is checked, and there will be no more routes."""
        self.checked: tuple[int, int] | None = None
        """How many views and blueprints there were when all was checked."""
        self._outer: dict[str, Governing | None] = {"": None}
        """Path rule -> what it leads to; under ``""`` what governs all other paths."""
        self._rules: PathRules[Governing] = PathRules({})
        self._build_outer(report)

    def _build_outer(self, report: Report) -> None:
        """Build what needs no routes: the application's policy, or its path rules."""
        settings = self.settings
        if settings.resources is None:
            # Only where nothing but named policies is configured may it be missing.
            if "origins" in settings.options or not settings.named:
                base = self._build(settings.options, APPLICATION, report)
                self._outer[""] = base
                return
        # Maybe only marks inherit them, which are read at the first request.
        check_each(settings.options, report)
        if settings.resources is None:
            return
        rules: dict[str, Governing] = {}
        for rule, own in settings.resources.items():
            merged = inherit(own, settings.options)
            governing = self._build(merged, resource(rule), report)
            if governing is not None:
                rules[rule] = governing
        self._rules = PathRules(rules)
        self._outer.update(rules)
        self.rules_enforce = self.enforces

    @property
    def outer_policies(self) -> Mapping[str, Governing | None]:
        """Path rule -> what it leads to; ``""`` -> what governs all other paths."""
        return self._outer

    def routes_there_are(self) -> tuple[int, int]:
        """Return how many views and blueprints the application has by now."""
        return len(self._app.view_functions), len(self._app.blueprints)

    def check(self, report: Report) -> None:
        """Look at every route there is; report what is wrong with its policy."""
        views = self._app.view_functions.values()
        ids = frozenset(map(id, views))
        for view in views:
            for mark in vain_marks(view, ids):
                message = "No request ever gets to see this."
                hint = (
                    "Put it on a method that serves requests, and above any decorator "
                    "that does not use functools.wraps."
                )
                at = Setting(view, mark.place)
                report.problem(at, "mark-without-effect", message, hint)
        blueprints = self._app.blueprints.values()
        self.marked = any(map(read_mark, blueprints)) or any(
            any(all_marks(view)) for view in views
        )
        self.everywhere = self.by_path = None
        self.by_route = self.settled = False
        self.routes = Routes(self._app)
        self.known_preflights.clear()
        self.by_endpoint.clear()
        if not self.marked:
            return
        self._known.clear()
        self._prefixes = marked_prefixes(self._app)
        found: dict[str, list[Governing | None]] = {}
        for rule in self._app.url_map.iter_rules():
            scope = f"{rule.endpoint.rpartition('.')[0]}."
            for path_rule in self._path_rules(rule.rule):
                found.setdefault(rule.endpoint, []).extend(
                    self._resolve(rule.endpoint, method, path_rule, report)
                    for method in sorted(rule.methods or ("",))
                )
                self._resolve(scope, "", path_rule, report)
        if not self._rules:
            self.by_endpoint.update(
                (endpoint, governing[0])
                for endpoint, governing in found.items()
                if all(other is governing[0] for other in governing)
            )
        for prefix in self._prefixes:
            for path_rule in self._path_rules(prefix.all_under):
                self._resolve(f"{prefix.blueprint}.", "", path_rule, report)

    def settle(self) -> None:
        """Take note that there will be no more routes."""
        self.settled = True
        # In debug mode errors are shown to pages: no request is a usual one then.
        if self._app.debug:
            return
        self.by_route = self.marked and not self.enforces
        if self.marked:
            return
        if self._rules:
            self.by_path = self._rules
        else:
            self.everywhere = self._outer[""]

    def _path_rules(self, url_rule: str) -> Iterator[str]:
        """Yield the path rules that may govern a URL of *url_rule*; ``""`` is none."""
        yield self.path_rule(url_rule.encode().decode("latin-1"))
        yield from (rule for rule in self._outer if may_serve(url_rule, rule))

    def outer(self, path: str) -> Governing | None:
        """Return what governs *path* where no route does.

        :param path: PATH_INFO, as the server decoded it.
        """
        governed = self._rules.governing(path)
        return self._outer[""] if governed is None else governed.value

    def of_route(self, endpoint: str, method: str, path: str) -> Governing | None:
        """Return what governs *method* of the route *endpoint*."""
        if not self.marked:
            return self.outer(path)
        path_rule = self.path_rule(path)
        # The check has passed, and so there is a problem only at a path with "." or
        # empty segments, which no rule governs: nor does anything else then.
        return self._resolve(endpoint, method, path_rule, Report())

    def of_no_route(self, endpoints: Iterable[str], path: str) -> Governing | None:
        """Return what governs a URL where none of its routes serves the method.

        That is the innermost blueprint that all of the routes are in; where there are
        no routes, the blueprint whose prefix the path is under.

        :param endpoints: of the URL's routes for other methods.
        """
        if not self.marked:
            return self.outer(path)
        return self.of_route(self.scope(endpoints, path), "", path)

    def scope(self, endpoints: Iterable[str], path: str) -> str:
        """Return what stands for the endpoint of a URL where no route serves it."""
        scopes = {endpoint.rpartition(".")[0] for endpoint in endpoints}
        if scopes:
            return f"{_shared_scope(scopes)}."
        return f"{owner(self._prefixes, path) or ''}."

    def of_rule(
        self, url_rule: str, endpoint: str, method: str
    ) -> Iterator[tuple[str, Governing | None]]:
        """Yield what may govern URLs of a route, with the path rule they are under.

        That is more than one thing where the URLs of the route, which has variable
        parts, are under several path rules; ``""`` stands for none.
        """
        for path_rule in dict.fromkeys(self._path_rules(url_rule)):
            yield path_rule, self._resolve(endpoint, method, path_rule, Report())

    def layers(self, endpoint: str, method: str, path_rule: str) -> list[Layer]:
        """Return what the policy of a route is made of, from the outside in."""
        marks = list(self._marks(endpoint, method))
        return self._layers(marks, path_rule, Report())

    def path_rule(self, path: str) -> str:
        """Return the path rule that *path* is under, ``""`` if there is none."""
        governed = self._rules.governing(path)
        return governed.rule if governed else ""

    def of_url(self, url: Matched, method: str, path: str) -> Governing | None:
        """Return what governs *method* of a URL."""
        if url.endpoint is None:
            return self.of_no_route(url.methods.values(), path)
        return self.of_route(url.endpoint, method.upper(), path)

    def _resolve(
        self, endpoint: str, method: str, path_rule: str, report: Report
    ) -> Governing | None:
        view = self._app.view_functions.get(endpoint)
        # Methods come from requests: only so many of them are kept.
        key = (endpoint, decisive(view, method), path_rule)
        try:
            return self._known[key]
        except KeyError:
            pass
        with self._lock:
            governing = self._known[key] = self._fold(*key, report)
        return governing

    def _fold(
        self, endpoint: str, method: str, path_rule: str, report: Report
    ) -> Governing | None:
        """Lay the marks of a route over what is around it."""
        marks = list(self._marks(endpoint, method))
        if not marks:
            return self._outer[path_rule]
        if marks[-1].settings is None:
            return None
        settings = merged(self._layers(marks, path_rule, report))
        return self._build(settings, marks[-1].place, report)

    def _layers(
        self, marks: Iterable[Mark], path_rule: str, report: Report
    ) -> list[Layer]:
        layers = [Layer(APPLICATION, self.settings.options)]
        if path_rule:
            own = (self.settings.resources or {}).get(path_rule)
            layers.append(Layer(resource(path_rule), own))
        for mark in marks:
            settings = mark.settings
            if settings is not None and mark.name is not None:
                settings = {**self._named(mark, report), **settings}
            layers.append(Layer(mark.place, settings))
        return layers

    def _named(self, mark: Mark, report: Report) -> Written:
        named = self.settings.named
        if mark.name in named:
            return named[mark.name]
        message = "There is no named policy of this name."
        known = did_you_mean(str(mark.name), named) if named else "None is configured."
        at = Setting(mark.name, mark.place)
        report.problem(at, "unknown-policy", message, known)
        return {}

    def _marks(self, endpoint: str, method: str) -> Iterator[Mark]:
        """Yield the marks on a route, from the outside in."""
        names = endpoint.split(".")[:-1]
        for depth in range(1, len(names) + 1):
            blueprint = self._app.blueprints.get(".".join(names[:depth]))
            mark = read_mark(blueprint)
            if mark is not None:
                yield mark
        view = self._app.view_functions.get(endpoint)
        if view is not None:
            yield from view_marks(view, method)

    def _build(self, settings: Written, place: str, report: Report) -> Governing | None:
        found = Report()
        policy = build(settings, found)
        report.add(
            # What is nowhere written has no place: it is missing here.
            (
                problem._replace(setting=f"{place}: {problem.setting}")
                if problem.reason == "origins-required" and place != APPLICATION
                else problem
                for problem in found.problems
            ),
            found.cautions,
        )
        if policy is None:
            return None
        # One object for equal policies, so that routes are compared at no cost.
        policy = self._interned.setdefault(policy, policy)
        self.enforces = self.enforces or policy.enforce
        # () is the default, also that of a ready-made Policy; an empty list is not.
        written = settings.get("methods")
        derive = written is None or written.value == DEFAULTS["methods"]
        return Governing(policy, derive, place, self.log)


def _shared_scope(scopes: Iterable[str]) -> str:
    """Return the innermost blueprint that all of *scopes* are in, or ``""``."""
    shared: list[str] = []
    for names in zip(*(scope.split(".") for scope in scopes), strict=False):
        if len(set(names)) > 1:
            break
        shared.append(names[0])
    return ".".join(shared)
