"""Notices marks in an application that has no ``CORS(app)`` to read them.

A mark does nothing by itself. Who moves from an extension whose decorator works alone
would find that no header is sent, and never be told why. So the first request to such
an application logs it; any other request costs one look into a set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from flask import request_started

from ..log import logger
from .marks import read_mark
from .state import KEY
from .views import all_marks

if TYPE_CHECKING:
    from flask import Flask

_seen: WeakSet[Flask] = WeakSet()


def watch() -> None:
    """Look at the applications that get their first request from now on."""
    request_started.connect(_look_at)


def _look_at(app: Flask, **_: Any) -> None:
    if app in _seen:
        return
    _seen.add(app)
    if KEY in app.extensions:
        return
    places = {
        mark.place for view in app.view_functions.values() for mark in all_marks(view)
    }
    marks = map(read_mark, app.blueprints.values())
    places.update(mark.place for mark in marks if mark is not None)
    if places:
        logger.error(
            "CORS policies without effect in the application %r, which has no "
            "CORS(app): %s. Write CORS(app, resources={}) to put these under their "
            "policies and nothing else, or CORS(app, origins=...) for all paths",
            app.name,
            ", ".join(sorted(places)),
        )
