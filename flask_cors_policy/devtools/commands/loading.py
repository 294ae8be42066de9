"""The application that a command line names."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def load(name: str) -> WSGIApplication:
    """Return the application of ``module:name``, or of ``module:factory()``.

    What it refuses is not logged: the command itself tells it.

    :raises ValueError: if there is none.
    """
    logging.getLogger("flask_cors_policy").addHandler(logging.NullHandler())
    module_name, colon, attribute = name.partition(":")
    if not (module_name and colon and attribute):
        raise ValueError(f"--app {name}: write module:name, as in shop.wsgi:app")
    try:
        found: object = import_module(module_name)
    except ModuleNotFoundError as error:
        raise ValueError(f"--app {name}: {error}") from None
    for part in attribute.removesuffix("()").split("."):
        found = getattr(found, part, None)
    if attribute.endswith("()") and callable(found):
        found = found()
    if not callable(found):
        raise ValueError(f"--app {name}: there is no application of this name")
    return cast("WSGIApplication", found)
