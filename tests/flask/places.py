"""One strict policy, at each of the places where it may stand.

Pages of B may use what is under /admin. Whatever else the application serves is open
to everybody, so that a policy that is lost, or taken for another, can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from flask import Blueprint
from werkzeug.routing import BaseConverter

from flask_cors_policy import CORS, cross_origin

from .helpers import EVIL, MISS, B, allowed
from .sites import Site, Visit

NO_MARKS: Final = ", without marks"
OTHERS: Final = ", beside views that enforce"
APPLICATION: Final = "application"
PATH_RULE: Final = "path rule"
BLUEPRINT: Final = "blueprint"
VIEW: Final = "view"
PLACES: Final = (
    APPLICATION,
    APPLICATION + NO_MARKS,
    PATH_RULE,
    PATH_RULE + NO_MARKS,
    BLUEPRINT,
    VIEW,
    APPLICATION + OTHERS,
    PATH_RULE + OTHERS,
    BLUEPRINT + OTHERS,
    VIEW + OTHERS,
)
"""Where the policy is, and what else there is in the process."""


class Outcomes(NamedTuple):
    """What comes of the three requests that tell whether a policy holds.

    :param theirs: a request of a page that the policy does not allow.
    :param asked: the preflight of that page.
    :param ours: the request of a page that the policy allows.
    """

    theirs: Visit
    asked: Visit
    ours: Visit


def strict(
    *ran: str, enforce: bool = False, status: int = 200, ours: int | None = None
) -> Outcomes:
    """Return what the strict policy makes of the three requests.

    :param ran: the views that run for a request that is not refused.
    :param status: of what they answer.
    :param ours: of what they answer to the page that is allowed, if that differs.
    """
    refused = Visit(403, MISS, [])
    return Outcomes(
        refused if enforce else Visit(status, MISS, [*ran]),
        refused,
        Visit(ours or status, allowed(B), [*ran]),
    )


class StrictSite(Site):
    """An application with a strict policy at *place*.

    Routes are added with ``protect``; then ``start`` puts the policies on it.

    :param options: options of the strict policy.
    """

    def __init__(self, place: str, **options: Any) -> None:
        super().__init__()
        self.place = place.removesuffix(NO_MARKS).removesuffix(OTHERS)
        self.has_marks = not place.endswith(NO_MARKS)
        self.options: dict[str, Any] = {"origins": B, **options}
        self._blueprint = Blueprint("admin", __name__, url_prefix="/admin")

    def protect(
        self, path: str, name: str, *methods: str, view: Any = None, **more: Any
    ) -> None:
        """Add a view at *path*, which is one under /admin, to the strict policy.

        :param more: for ``add_url_rule``.
        """
        assert path.startswith("/admin")
        view = view or self.view(name)
        target: Any = self.app
        if self.place == BLUEPRINT:
            target, path = self._blueprint, path.removeprefix("/admin")
        if self.place == VIEW:
            view = cross_origin(**self.options)(view)
        more.setdefault("methods", [*(methods or ("GET", "POST"))])
        target.add_url_rule(path, name, view, **more)

    def start(self, **options: Any) -> CORS:
        """Put the policies on the application.

        :param options: more options of ``CORS(app)``.
        """
        if self.has_marks:
            mark = cross_origin(origins="*", enforce=False, supports_credentials=False)
            self.add("/open", "open", "GET", "POST", mark=mark)
        if self.place == APPLICATION:
            return CORS(self.app, **{**self.options, **options})
        options.setdefault("origins", "*")
        if self.place == PATH_RULE:
            rules = {"/*": {}, "/admin": self.options, "/admin/*": self.options}
            rules.update(options.pop("resources", {}))
            return CORS(self.app, resources=rules, **options)
        cors = CORS(self.app, **options)
        if self.place == BLUEPRINT:
            CORS(self._blueprint, **self.options)
            self.app.register_blueprint(self._blueprint)
        return cors

    def outcomes(self, path: str, method: str = "POST", **more: Any) -> Outcomes:
        """Send the three requests that tell whether the strict policy holds."""
        return Outcomes(
            self.visit(path, method, EVIL, **more),
            self.ask(path, method, EVIL, **more),
            self.visit(path, method, B, **more),
        )

    def add_converter(self, name: str, read: Callable[[str], Any]) -> None:
        """Add a URL converter that returns what *read* returns."""

        class Converter(BaseConverter):
            def to_python(self, value: str) -> Any:
                return read(value)

        self.app.url_map.converters[name] = Converter


def raw_path(path: str) -> dict[str, Any]:
    """Return arguments for a request of *path*, as a server hands it over.

    A client would take a doubled slash at the start for the beginning of a host.
    """
    return {"environ_overrides": {"PATH_INFO": path}}


def names_of(pairs: Iterable[tuple[str, Any]]) -> list[str]:
    """Return the first of each of *pairs*, for the ids of tests."""
    return [name for name, _ in pairs]
