"""The policies of an application on Flask-CORS, read from its functions.

Flask-CORS keeps its options in closures: those of the extension in a function that runs
after each request, those of a decorator in the view.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .flask_cors_options import EVERY_PATH, FlaskCorsPolicy, matches, merge

if TYPE_CHECKING:
    import re

    from flask import Flask

FLASK_CORS: Final = "Flask-CORS"
_DEPTH: Final = 16


@dataclass(frozen=True)
class LivePolicy:
    """What Flask-CORS allows at one place.

    :param place: for people.
    :param policy: what the options mean.
    :param blueprint: the blueprint whose extension it is; empty for the application,
        and for a decorator.
    :param path: the paths that the extension covers.
    :param view: the function that a decorator stands on; ``None`` for the extension.
    """

    place: str
    policy: FlaskCorsPolicy
    blueprint: str = ""
    path: str | re.Pattern[str] = EVERY_PATH
    view: object = None

    @property
    def origins(self) -> tuple[str, ...]:
        """What is allowed, an expression as its text."""
        return tuple(map(text_of, self.policy.origins))


def live_policies(app: Flask) -> Iterator[LivePolicy]:
    """Yield the policies of the extension and of its decorators in *app*."""
    for blueprint in app.after_request_funcs:
        yield from _of_extension(app, blueprint)
    for endpoint in app.view_functions:
        yield from _of_decorator(app, endpoint)


def live_policy(
    app: Flask, endpoint: str, blueprints: Iterable[str], path: str
) -> LivePolicy | None:
    """Return the policy of one request, ``None`` if Flask-CORS has none for it.

    :param endpoint: of the route; empty if there is none.
    :param blueprints: those that the route is in, from the inside out.
    """
    for decorated in _of_decorator(app, endpoint):
        return decorated
    for blueprint in (*blueprints, None):
        for policy in _of_extension(app, blueprint):
            if matches(policy.path, path, ignore_case=False):
                return policy
    return None


def is_of_flask_cors(function: object) -> bool:
    """Say whether *function* belongs to Flask-CORS."""
    module = getattr(function, "__globals__", {}).get("__name__", "")
    return str(module).startswith("flask_cors.")


def names_flask_cors(view: object) -> bool:
    """Say whether the module of *view* has the decorator of Flask-CORS."""
    for value in list(getattr(view, "__globals__", {}).values()):
        if isinstance(value, types.ModuleType) and value.__name__ == "flask_cors":
            return True
        if isinstance(value, types.FunctionType) and is_of_flask_cors(value):
            return True
    return False


def text_of(item: object) -> str:
    """Return an item of the options as text, an expression as its pattern."""
    return str(getattr(item, "pattern", item))


def _of_extension(app: Flask, blueprint: str | None) -> Iterator[LivePolicy]:
    """Yield the policies of ``CORS(app)``; the last call answers first."""
    name = "CORS(app)" if blueprint is None else f"CORS(blueprint {blueprint!r})"
    for function in reversed(app.after_request_funcs.get(blueprint, ())):
        for path, options in _cells(function).get("resources", ()):
            place = f"{name} of Flask-CORS, {text_of(path)}"
            yield LivePolicy(place, _policy(options), blueprint or "", path)


def _of_decorator(app: Flask, endpoint: str) -> Iterator[LivePolicy]:
    cells = _decorator(app.view_functions.get(endpoint))
    if cells is None:
        return
    from flask_cors.core import get_cors_options

    try:
        policy = _policy(get_cors_options(app, cells["_options"]))
    except ValueError:
        return  # Flask-CORS answers the view with an error.
    place = f"@cross_origin of Flask-CORS on {endpoint}"
    yield LivePolicy(place, policy, view=cells.get("f"))


def _policy(options: Any) -> FlaskCorsPolicy:
    """Return what *options* say: an object in new versions, a dict in old ones."""
    values: Mapping[str, Any] = options if isinstance(options, dict) else vars(options)
    # New versions have a field for "everything", beside the expressions.
    if values.get("allow_all_origins"):
        values = {**values, "origins": "*"}
    return FlaskCorsPolicy.from_options(merge(values))


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
