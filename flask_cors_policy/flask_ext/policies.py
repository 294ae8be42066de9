"""Which policy governs a route: the nearest mark, on top of all that are around it.

From the outside in: the application's own options, the path rule of ``resources``,
the blueprints from outer to inner, the view (its class, its function), the method of
its class. Each layer says what it wants to change, and inherits the rest.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from ..core.inheritance import build, inherit
from ..core.paths import PathRules
from ..core.policy import Policy
from ..core.settings import Report, Setting, Written, did_you_mean
from .blueprints import Prefix, marked_prefixes, owner
from .marks import Mark, read_mark
from .views import all_marks, vain_marks, view_marks

if TYPE_CHECKING:
    from flask import Flask

    from .settings import AppSettings

_CONVERTER: Final = re.compile(r"<[^>]*>")


class Governing(NamedTuple):
    """A policy where it governs.

    :param policy: the policy.
    :param derive_methods: nobody has set ``methods``: the routes of the URL tell them.
    :param place: where the nearest layer stands, for people.
    """

    policy: Policy
    derive_methods: bool
    place: str


class RoutePolicies:
    """The policies of one application; built at ``init_app``, filled by its routes."""

    def __init__(self, app: Flask, settings: AppSettings, report: Report) -> None:
        self._app = app
        self._settings = settings
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str, str], Governing | None] = {}
        self._interned: dict[Policy, Policy] = {}
        self._prefixes: list[Prefix] = []
        self.marked = False
        self._base: Governing | None = None
        self._rules: PathRules[Governing] = PathRules({})
        self._build_outer(report)

    def _build_outer(self, report: Report) -> None:
        """Build what needs no routes: the application's policy, or its path rules."""
        settings = self._settings
        if settings.resources is None:
            # Only where nothing but named policies is configured may it be missing.
            if "origins" in settings.options or not settings.named:
                self._base = self._build(settings.options, "the application", report)
            return
        rules: dict[str, Governing] = {}
        for rule, own in settings.resources.items():
            place = f"resources {rule!r}"
            governing = self._build(inherit(own, settings.options), place, report)
            if governing is not None:
                rules[rule] = governing
        self._rules = PathRules(rules)

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
        if not self.marked:
            return
        self._prefixes = marked_prefixes(self._app)
        for rule in self._app.url_map.iter_rules():
            path = _CONVERTER.sub("x", rule.rule)
            for method in sorted(rule.methods or ()):
                self._resolve(rule.endpoint, method, path, report)

    @property
    def enforces(self) -> bool:
        """Whether any policy of the application refuses requests beforehand."""
        return any(policy.enforce for policy in self._interned)

    def outer(self, path: str) -> Governing | None:
        """Return what governs *path* where no route does.

        :param path: PATH_INFO, as the server decoded it.
        """
        governed = self._rules.governing(path)
        return self._base if governed is None else governed.value

    def of_route(self, endpoint: str, method: str, path: str) -> Governing | None:
        """Return what governs *method* of the route *endpoint*.

        :raises PolicyError: where layers that only meet at this path do not go
            together.
        """
        if not self.marked:
            return self.outer(path)
        report = Report()
        governing = self._resolve(endpoint, method, path, report)
        report.raise_problems()
        return governing

    def of_no_route(self, endpoints: Iterable[str], path: str) -> Governing | None:
        """Return what governs a URL where none of its routes serves the method.

        That is the innermost blueprint that all of the routes are in; where there are
        no routes, the blueprint whose prefix the path is under.

        :param endpoints: of the URL's routes for other methods.
        """
        if not self.marked:
            return self.outer(path)
        scopes = {endpoint.rpartition(".")[0] for endpoint in endpoints}
        if scopes:
            scope = _shared_scope(scopes)
        else:
            scope = owner(self._prefixes, path) or ""
        return self.of_route(f"{scope}.", "", path)

    def _resolve(
        self, endpoint: str, method: str, path: str, report: Report
    ) -> Governing | None:
        governed = self._rules.governing(path)
        key = (endpoint, method, governed.rule if governed else "")
        try:
            return self._known[key]
        except KeyError:
            pass
        with self._lock:
            governing = self._fold(endpoint, method, path, report)
            if not report.problems:
                self._known[key] = governing
        return governing

    def _fold(
        self, endpoint: str, method: str, path: str, report: Report
    ) -> Governing | None:
        """Lay the marks of a route over what is around it."""
        outer = self.outer(path)
        marks = list(self._marks(endpoint, method))
        if not marks:
            return outer
        if marks[-1].settings is None:
            return None
        governed = self._rules.governing(path)
        layers: dict[str, Setting] = dict(self._settings.options)
        if governed is not None and self._settings.resources is not None:
            layers.update(self._settings.resources[governed.rule])
        for mark in marks:
            if mark.settings is not None:
                if mark.name is not None:
                    layers.update(self._named(mark, report))
                layers.update(mark.settings)
        return self._build(layers, marks[-1].place, report)

    def _named(self, mark: Mark, report: Report) -> Written:
        named = self._settings.named
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
        policy = build(settings, report)
        if policy is None:
            return None
        # One object for equal policies, so that routes are compared at no cost.
        policy = self._interned.setdefault(policy, policy)
        return Governing(policy, "methods" not in settings, place)


def _shared_scope(scopes: Iterable[str]) -> str:
    """Return the innermost blueprint that all of *scopes* are in, or ``""``."""
    shared: list[str] = []
    for names in zip(*(scope.split(".") for scope in scopes), strict=False):
        if len(set(names)) > 1:
            break
        shared.append(names[0])
    return ".".join(shared)
