"""A Flask application, as the inspector looks at it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..browser.urls import parse_url
from ..inspector.answers import Inspected
from .explain import explain
from .routes import route_policies

if TYPE_CHECKING:
    from flask import Flask


def inspected(app: Flask) -> Inspected:
    """Return what the inspector needs to know of *app*."""

    def routes() -> list[dict[str, Any]]:
        return [each.as_data() for each in route_policies(app)]

    return Inspected(app.name, app, routes, partial(explain, app))


def origin_of(url: str) -> str:
    """Return the origin of *url*, which is nothing more than that.

    :raises ValueError: where it is; it says what to write.
    """
    found = parse_url(url)
    if found.target != "/":
        raise ValueError(f"{url} has a path: write {found.origin}")
    return found.origin
