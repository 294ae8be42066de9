"""The facts that checks look at: routes, policies and views of an application."""

from __future__ import annotations

import os.path
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from ...core.errors import PolicyError, Problem
from ...flask_ext.marks import app_marks
from ...flask_ext.middleware import FlaskMiddleware
from ...flask_ext.state import state_of, unused_marks
from ..app_routes import RoutePolicy, route_policies
from ..findings import Severity, Spot
from ..flask_cors_apps import LivePolicy, text_of
from .project import Project
from .source import Uses, functions_of, mark_spot, spot_of, uses

if TYPE_CHECKING:
    import types

    from ...core.policy import Policy


_INDEX: Final = re.compile(r"\[\d+\]$")


class CheckResult(NamedTuple):
    """A result of a check, which adds its code, and its severity by default."""

    place: str
    message: str
    fix: str
    spot: Spot | None = None
    severity: Severity | None = None


@dataclass(frozen=True)
class PlacedPolicy:
    """A policy at one place, and the routes that it applies to."""

    policy: Policy
    place: str
    routes: tuple[RoutePolicy, ...]

    def place_of(self, option: str, index: int | None = None) -> str:
        """Return where *option*, or an item of it, is written."""
        setting = self.routes[0].settings.get(option)
        name = f"{self.place}: {option}" if setting is None else setting.name
        return name if index is None else f"{name}[{index}]"


@dataclass
class Facts:
    """An application to be audited.

    :param app: the application; ``None`` if it did not start.
    :param problems: why its policies cannot be used at all.
    :param routes: the policy of each route; empty if there are problems.
    """

    app: Flask | None
    problems: tuple[Problem, ...] = ()
    routes: Sequence[RoutePolicy] = ()
    _uses: dict[int, Uses] = field(default_factory=dict)

    @classmethod
    def of(cls, app: Flask) -> Facts:
        """Collect the facts about *app*."""
        try:
            return cls(app, routes=route_policies(app))
        except PolicyError as error:
            return cls(app, error.problems)

    @property
    def unused_marks(self) -> list[str]:
        """Places of marks to which no view leads."""
        if self.app is None or self.problems:
            return []  # Perhaps not all of its views and blueprints are there yet.
        own = set(app_marks(self.app))
        return [mark.place for mark in unused_marks() if mark not in own]

    @property
    def path_rules(self) -> list[str]:
        """The path rules of ``resources``."""
        state = None if self.app is None else state_of(self.app)
        return (
            [] if state is None else list(state.functions.active.config.resources or ())
        )

    @property
    def has_other_middleware(self) -> bool:
        """Whether middleware in front of the routes may serve URLs of its own."""
        middleware: object = None if self.app is None else self.app.wsgi_app
        while True:
            # Ours is a bound method there, like Flask's own.
            holder = getattr(middleware, "__self__", middleware)
            if not isinstance(holder, FlaskMiddleware | ProxyFix):
                return not isinstance(holder, Flask)
            middleware = holder.app

    @cached_property
    def policies(self) -> list[PlacedPolicy]:
        """Every policy that applies to a route, once for each place."""
        grouped: dict[tuple[int, str], list[RoutePolicy]] = {}
        for route in self.routes:
            if route.policy is not None:
                key = (id(route.policy), route.place)
                grouped.setdefault(key, []).append(route)
        return [
            PlacedPolicy(routes[0].policy, routes[0].place, tuple(routes))
            for routes in grouped.values()
            if routes[0].policy is not None
        ]

    @cached_property
    def project(self) -> Project:
        """The modules of the application."""
        app = self.app
        file = self._file
        if app is None or file is None:
            return Project(None)
        return Project(app.root_path, file)

    def spot(self, setting: str = "") -> Spot | None:
        """Return where a setting is written, or else the file of the application.

        :param setting: as messages name it: ``CORS_ORIGINS[1]``,
            ``CORS(app): resources['/a']['origins'][0]``,
            ``CORS(...) on blueprint 'shop': origins``,
            ``@cross_origin on shop.me: origins[0]``.
        """
        place, _, written = setting.partition(": ")
        option = written.partition("[")[0]
        if place.startswith("@"):
            decorator, _, name = place.partition(" on ")
            short = f"{decorator} on {name.rpartition('.')[2]}"
            return spot(mark_spot(place, option)) or self.written(
                f"{short}: {option}", short, decorator[1:]
            )
        key = setting.partition("[")[0]
        if key in self.project.option_places:
            return self.written(key)
        _, _, blueprint = place.partition(" on blueprint ")
        names = (_INDEX.sub("", written), option)
        at = self.project.place_of_call(blueprint.strip("'"), *names)
        return spot(at) or self.written()

    def live_spot(self, live: LivePolicy, *options: str) -> Spot | None:
        """Return where one of *options* of Flask-CORS is written, or what they are of.

        :param options: the first that is written counts.
        """
        if live.view is not None:
            name = getattr(live.view, "__name__", "")
            written = [f"@cross_origin on {name}: {option}" for option in options]
            places = self.project.option_places
            for each in (*written, f"@cross_origin on {name}"):
                if each in places:
                    return spot(places[each])
            return spot(spot_of(live.view)) or self.written()
        path = text_of(live.path)
        names: list[str] = []
        for option in options:
            names += [f"resources[{path!r}][{option!r}]", option]
        at = self.project.place_of_call(live.blueprint, *names)
        return spot(at) or self.written()

    def written(self, *names: str) -> Spot | None:
        """Return where the first of *names* is that is written anywhere."""
        for name in names:
            if name in self.project.option_places:
                return spot(self.project.option_places[name])
        return spot(None if self._file is None else (self._file, 1))

    @property
    def _file(self) -> str | None:
        """The file of the application, if it has one."""
        module = self.app and sys.modules.get(self.app.import_name)
        return getattr(module, "__file__", None)

    def functions(self, route: RoutePolicy) -> Iterator[types.FunctionType]:
        """Yield the functions that serve *route*, the wrappers among them."""
        view = self._view(route)
        for method in route.methods:
            yield from functions_of(view, method)

    def uses(self, route: RoutePolicy) -> Uses:
        """Return what the functions that serve *route* do."""
        return self._joined(self.functions(route))

    def hook_uses(self) -> Uses:
        """Return what the functions do that run before and after all views."""
        app = self.app
        tables = (
            () if app is None else (app.before_request_funcs, app.after_request_funcs)
        )
        return self._joined(
            inner
            for table in tables
            for functions in table.values()
            for function in functions
            for inner in functions_of(function)
        )

    def view_spot(self, route: RoutePolicy) -> Spot | None:
        """Return where the view of *route* is, ``None`` if that is unknown."""
        return spot(spot_of(self._view(route)))

    def _view(self, route: RoutePolicy) -> object:
        return None if self.app is None else self.app.view_functions.get(route.endpoint)

    def _joined(self, functions: Iterator[types.FunctionType]) -> Uses:
        joined = Uses()
        for function in functions:
            found = self._uses.get(id(function))
            if found is None:
                found = self._uses[id(function)] = uses(function)
            joined.read |= found.read
            joined.written = {**found.written, **joined.written}
            joined.cookies = joined.cookies or found.cookies
            joined.json = joined.json or found.json
            joined.form = joined.form or found.form
        return joined


def spot(place: tuple[str, int] | None) -> Spot | None:
    """Return file and line as code scanning expects them, if they are known."""
    return None if place is None else Spot(_relative(place[0]), place[1])


def title(route: RoutePolicy) -> str:
    """Return methods and rule of *route*, for people."""
    return f"{', '.join(route.methods)} {route.rule}".strip()


def _relative(file: str) -> str:
    """Return *file* as code scanning expects it: relative, with forward slashes."""
    below = os.path.relpath(file)
    return (file if below.startswith("..") else below).replace(os.sep, "/")
