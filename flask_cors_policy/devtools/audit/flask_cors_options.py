"""The options of Flask-CORS as an application has them, read from its functions.

Flask-CORS keeps its options in closures: those of the extension in a function that runs
after each request, those of a decorator in the view. What they allow is asked of them.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask

from ...core.fetch_standard import WILDCARD
from .source import spot_of

_DEPTH: Final = 16
_EVERYTHING: Final = (WILDCARD, ".*", "/.*")
# How Flask-CORS tells an expression from a string, in all its versions.
_EXPRESSION: Final = re.compile(r"[*\\\]?$^\[()]")


@dataclass(frozen=True)
class OtherPolicy:
    """What an application that does not use this library allows, at one place.

    :param place: for people.
    :param at: file and line, if they are known.
    :param origins: what is allowed, as it is written; an expression as its pattern.
    :param credentials: whether credentials are allowed.
    """

    place: str
    at: tuple[str, int] | None
    origins: tuple[str | re.Pattern[str], ...]
    credentials: bool = False

    @property
    def any_origin(self) -> bool:
        """Whether every origin is allowed."""
        return any(_text(item) in _EVERYTHING for item in self.origins)

    def allows(self, origin: str) -> bool:
        """Say whether *origin* is allowed, as Flask-CORS compares it."""
        return self.any_origin or any(_matches(item, origin) for item in self.origins)


def flask_cors_policies(app: Flask) -> Iterator[OtherPolicy]:
    """Yield the policies of the extension and of its decorators in *app*."""
    for functions in app.after_request_funcs.values():
        for function in functions:
            for path, options in _cells(function).get("resources", ()):
                place = f"CORS(app) of Flask-CORS, {_text(path)}"
                yield _policy(place, None, options)
    for endpoint, view in app.view_functions.items():
        cells = _decorator(view)
        if cells is not None:
            from flask_cors.core import get_cors_options

            try:
                options = get_cors_options(app, cells["_options"])
            except ValueError:
                continue  # Flask-CORS answers the view with an error.
            place = f"@cross_origin of Flask-CORS on {endpoint}"
            yield _policy(place, spot_of(cells.get("f")), options)


def is_of_flask_cors(function: object) -> bool:
    """Say whether *function* belongs to Flask-CORS."""
    module = getattr(function, "__globals__", {}).get("__name__", "")
    return str(module).startswith("flask_cors.")


def _policy(place: str, at: tuple[str, int] | None, options: Any) -> OtherPolicy:
    """Return what *options* say: an object in new versions, a dict in old ones."""

    def get(name: str) -> Any:
        return (
            options.get(name) if isinstance(options, dict) else getattr(options, name)
        )

    origins = get("origins")
    items = [origins] if isinstance(origins, str | re.Pattern) else list(origins or ())
    # New versions have a field for "everything", beside the expressions.
    if not isinstance(options, dict) and getattr(options, "allow_all_origins", False):
        items = [WILDCARD]
    return OtherPolicy(place, at, tuple(items), bool(get("supports_credentials")))


def _decorator(view: object) -> dict[str, Any] | None:
    """Return the cells of the decorator around *view*, if it has one."""
    for _ in range(_DEPTH):
        cells = _cells(view)
        if "_options" in cells:
            return cells
        view = getattr(view, "__wrapped__", None)
    return None


def _cells(function: object) -> dict[str, Any]:
    """Return the closure of a function of Flask-CORS, by name."""
    if not isinstance(function, types.FunctionType) or not is_of_flask_cors(function):
        return {}
    names, cells = function.__code__.co_freevars, function.__closure__ or ()
    return {name: cell.cell_contents for name, cell in zip(names, cells, strict=False)}


def _text(item: object) -> str:
    return item.pattern if isinstance(item, re.Pattern) else str(item)


def _matches(item: str | re.Pattern[str], origin: str) -> bool:
    if isinstance(item, str) and not _EXPRESSION.search(item):
        return item.lower() == origin.lower()
    try:
        return re.match(item, origin, *_flags(item)) is not None
    except re.error:
        return False


def _flags(item: str | re.Pattern[str]) -> tuple[re.RegexFlag, ...]:
    return () if isinstance(item, re.Pattern) else (re.IGNORECASE,)
