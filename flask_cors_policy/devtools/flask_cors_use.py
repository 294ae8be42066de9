"""Whether an application uses Flask-CORS, and for which paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from inspect import getclosurevars
from types import FunctionType, ModuleType
from typing import Any, Final

from flask import Flask

FLASK_CORS: Final = "Flask-CORS"


def uses_flask_cors(app: Flask) -> bool:
    """Say whether *app* uses Flask-CORS, whose policy is not known here."""
    return any(True for _ in _hooks(app))


def is_of_flask_cors(view: object) -> bool:
    """Say whether *view* is decorated by Flask-CORS."""
    names = getattr(view, "__globals__", {})
    return str(names.get("__name__", "")).startswith("flask_cors.")


def names_flask_cors(view: object) -> bool:
    """Say whether the module of *view* has the decorator of Flask-CORS."""
    for value in list(getattr(view, "__globals__", {}).values()):
        if isinstance(value, ModuleType) and value.__name__ == "flask_cors":
            return True
        if isinstance(value, FunctionType) and is_of_flask_cors(value):
            return True
    return False


def other_resources(app: Flask, path: str) -> tuple[str, ...]:
    """Return the paths for which *app* uses Flask-CORS, if *path* is none of them."""
    resources = [item for item, _options in _resources(app)]
    if any(_covers(item, path) for item in resources):
        return ()
    return tuple(
        item.pattern if isinstance(item, re.Pattern) else item for item in resources
    )


def listed_origins(app: Flask) -> tuple[str, ...]:
    """Return the origins that Flask-CORS allows in *app*, without expressions."""
    found: dict[str, None] = {}
    for _item, options in _resources(app):
        # An object in new versions, a dict in old ones.
        known = options if isinstance(options, dict) else vars(options)
        origins = known.get("origins") or ()
        items = [origins] if isinstance(origins, str) else origins
        found |= {item: None for item in items if isinstance(item, str)}
    return tuple(found)


def _resources(app: Flask) -> Iterator[tuple[Any, Any]]:
    for hook in _hooks(app):
        yield from getclosurevars(hook).nonlocals.get("resources", ())


def _hooks(app: Flask) -> Iterator[Any]:
    for hooks in app.after_request_funcs.values():
        for hook in hooks:
            if hook.__module__.startswith("flask_cors."):
                yield hook


def _covers(item: str | re.Pattern[str], path: str) -> bool:
    """Say whether Flask-CORS applies the options of a resource to *path*.

    Old versions keep expressions as strings.
    """
    if item == path:
        return True
    with suppress(re.error):
        return re.match(item, path) is not None
    return False
