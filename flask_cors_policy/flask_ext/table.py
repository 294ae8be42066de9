"""``PolicyTable``: which policy applies to which route.

The nearest wins: a method of a class, the class, the view, the inner blueprint, the
outer blueprint, the path rule, the application. A policy inherits the options it
omits from the next outer one. All of it is a function of what the application holds
when it is asked; what was found once is kept until there is a new mark or view.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import length_hint
from types import FunctionType
from typing import TYPE_CHECKING, Final

from werkzeug.routing.converters import DEFAULT_CONVERTERS

from ..core.paths import is_ambiguous
from ..core.settings import Report
from ..handler import PolicyHandler
from .building import PolicyBuilder, SettingsSource, is_exempt
from .hidden import hidden_marks
from .marks import (
    ATTRIBUTE,
    Mark,
    app_marks,
    class_of,
    read_mark,
    register,
    view_marks,
)

if TYPE_CHECKING:
    from flask import Flask
    from flask.blueprints import BlueprintSetupState
    from werkzeug.routing import Rule

    from ..log import RefusalLog
    from .config import AppConfig

PREFIXES: Final = "flask_cors_policy.prefixes"
"""Key in ``app.extensions``: marked blueprint -> segments of its URL prefix."""

USUAL_METHODS: Final = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
)
_CONVERTERS: Final[frozenset[object]] = frozenset(DEFAULT_CONVERTERS.values())


class PolicyTable:
    """The policies of one application; replaced as a whole when it is reconfigured.

    :param app: the application.
    :param config: what it was configured with.
    :param log: where refusals and removed headers go.
    :param report: takes what is wrong with the application's own policies.
    :ivar paths: the policies of the application and of its path rules.
    :ivar unknown: applies where Flask cannot tell the route.
    """

    def __init__(
        self, app: Flask, config: AppConfig, log: RefusalLog, report: Report
    ) -> None:
        self.app = app
        self.config = config
        self.log = log
        self.builder = PolicyBuilder(config, log, report)
        self.paths = self.builder.paths
        self.unknown = self.builder.unknown
        self._by_route: dict[tuple[str, str, str], _Found] = {}
        self._has_rules = bool(self.paths.rules)
        self._counted = -1
        self._has_own_converters = False

    def find(self, endpoint: str, method: str, path: str) -> PolicyHandler | None:
        """Return what applies to *method* of the route *endpoint*.

        :param path: of the request, as text; leading slashes are one.
        :return: ``None`` leaves the response as it is.
        """
        path_rule = ""
        if self._has_rules:
            path_rule = self.paths.rule(path)
            if not path_rule and is_ambiguous(path):
                marks = self.marks(endpoint, method)
                return None if is_exempt(marks) else self.paths.ambiguous
        found = self._by_route.get((endpoint, method, path_rule))
        view = self.app.view_functions.get(endpoint)
        try:
            if (
                found is not None
                and found.generation == register.generation
                and not found.has_changed(view)
            ):
                return found.handler
            found = _Found(view, method)
            marks = self.marks(endpoint, method)
        except Exception:  # A view may be a proxy of something not there yet.
            return self.unknown
        found.handler = self._fold(endpoint, marks, path_rule)
        if not method or method in USUAL_METHODS or self._lists(endpoint, method):
            self._by_route[endpoint, method, path_rule] = found
        return found.handler

    def place_in_url(self, rules: Mapping[str, Rule], path: str) -> tuple[str, str]:
        """Return the endpoint and method whose policy a URL has as a whole.

        It applies to what no view serves: 404, 405. That is the policy that all the
        routes have, if it is one; if there are none, that of the blueprint whose
        prefix the path is under; else that of the path.

        :param rules: method -> rule, for the routes of the URL.
        """
        places = [
            (rule.endpoint, method)
            for method, rule in rules.items()
            if not is_automatic(method, rule)
        ]
        if not places:
            return f"{self._blueprint_of(path)}.", ""
        first = self.find(*places[0], path)
        if all(same_policy(first, self.find(*place, path)) for place in places[1:]):
            return places[0]
        return ".", ""

    @property
    def enforced(self) -> bool:
        """Whether any policy refuses requests."""
        return bool(self.builder.enforced)

    @property
    def depends_on_request(self) -> bool:
        """Whether a URL without a route may have one when another request comes.

        A converter of the application's own may read cookies, which preflights never
        have; then a view with a mark may be behind the URL. (Whether the mark is of
        this application is not looked up: this is asked for every preflight of a URL
        that has no route.)
        """
        rules = self.app.url_map.iter_rules()
        count = length_hint(rules)
        if self._counted != count:  # Rules are added, and never taken out.
            self._has_own_converters = any(
                type(converter) not in _CONVERTERS
                for rule in rules
                for converter in rule._converters.values()
            )
            self._counted = count
        return register.generation > 0 and self._has_own_converters

    def sources(
        self, endpoint: str, method: str, path_rule: str
    ) -> list[SettingsSource]:
        """Return what the policy of a route is made of, from the outside in."""
        return self.builder.sources(self.marks(endpoint, method), path_rule, Report())

    def _lists(self, endpoint: str, method: str) -> bool:
        """Say whether a rule of the route lists *method*. Requests may invent more."""
        try:
            rules = self.app.url_map.iter_rules(endpoint)
        except KeyError:
            return False
        return any(method in (rule.methods or ()) for rule in rules)

    def _fold(
        self, endpoint: str, marks: tuple[Mark, ...], path_rule: str
    ) -> PolicyHandler | None:
        """Return what applies to a route with *marks*, as it is now."""
        view = self.app.view_functions.get(endpoint)
        hidden = set(hidden_marks(view)).difference(marks)
        for mark in hidden.difference(app_marks(self.app)) if hidden else ():
            sentence = f"{mark.place} has no effect on a view that leads to it"
            return self.builder.deny(mark.settings or {}, sentence)
        return self.builder.fold(marks, path_rule)

    def marks(self, endpoint: str, method: str) -> tuple[Mark, ...]:
        """Return the marks on a route, from the outside in."""
        found: list[Mark] = []
        names = (endpoint or "").split(".")[:-1]  # A redirecting rule has none.
        for depth in range(1, len(names) + 1):
            mark = read_mark(self.app.blueprints.get(".".join(names[:depth])))
            if mark is not None:
                found.append(mark)
        view = self.app.view_functions.get(endpoint)
        if view is not None:
            found += view_marks(view, method)
        return tuple(found)

    def _blueprint_of(self, path: str) -> str:
        """Return the marked blueprint that *path* is under, by its URL prefix."""
        if is_ambiguous(path):
            return ""
        prefixes: dict[str, tuple[str, ...]] = self.app.extensions.get(PREFIXES, {})
        segments = path.split("/")[1:]
        covering = [name for name, own in prefixes.items() if _covers(own, segments)]
        return max(covering, key=lambda name: len(prefixes[name]), default="")


class _Found:
    """What was looked up for *method* of a view.

    :ivar generation: of the marks, when that was done.
    :ivar handler: what was found.
    """

    __slots__ = (
        "_class",
        "_function",
        "_mark",
        "_name",
        "_view",
        "generation",
        "handler",
    )

    def __init__(self, view: object, method: str) -> None:
        self.generation = register.generation
        self.handler: PolicyHandler | None = None
        self._view = view
        self._mark = _mark_of(view)
        self._class = class_of(view)
        self._name = method.lower()
        self._function = getattr(self._class, self._name, None)

    def has_changed(self, view: object) -> bool:
        """Say whether there is another view, mark or function of a class by now.

        :param view: the one that there is now.
        """
        return (
            view is not self._view
            or _mark_of(view) is not self._mark
            or (
                self._class is not None
                and getattr(self._class, self._name, None) is not self._function
            )
        )


def _mark_of(view: object) -> object:
    """Return the mark of a view; ``functools.wraps`` copies marks.

    A view that is no function may stand for another one in each request.

    :raises Exception: if it stands for something that is not there yet.
    """
    if type(view) is FunctionType:
        return view.__dict__.get(ATTRIBUTE)
    return read_mark(view)


def same_policy(one: PolicyHandler | None, other: PolicyHandler | None) -> bool:
    """Say whether two places have one and the same policy, or both have none."""
    if one is None or other is None or one.policy is None:
        return one is other
    return one.policy is other.policy


def is_automatic(method: str, rule: Rule) -> bool:
    """Say whether Flask answers *method* by itself, and no view does."""
    return method == "OPTIONS" and getattr(rule, "provide_automatic_options", False)


def remember_prefix(state: BlueprintSetupState) -> None:
    """Note the URL prefix under which a marked blueprint is registered."""
    name = f"{state.name_prefix}.{state.name}".lstrip(".")
    segments = tuple(part for part in (state.url_prefix or "").split("/") if part)
    if segments:  # Without a prefix, a path of no route is not the blueprint's.
        state.app.extensions.setdefault(PREFIXES, {})[name] = segments


def _covers(prefix: tuple[str, ...], segments: list[str]) -> bool:
    """Say whether a path is under a prefix; a converter stands for one segment."""
    return len(prefix) <= len(segments) and all(
        "<" in own or own == other for own, other in zip(prefix, segments, strict=False)
    )
