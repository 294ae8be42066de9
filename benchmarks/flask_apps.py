"""The contestants inside Flask: this library and flask-cors, in the same places."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import flask_cors
from flask import Flask

from flask_cors_policy import CORS, cross_origin

from .requests import ALLOWED, NAMES
from .wsgi_apps import careless, floor

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

OPTIONS: dict[str, Any] = {"origins": list(ALLOWED), "allow_headers": list(NAMES)}
RESOURCES = 20
"""Path rules of the contestants with resources; the last one governs."""


def flask_app(
    set_up: Callable[[Flask], object] = lambda app: None,
    mark: Callable[..., Any] = lambda view: view,
    routes: int = 1,
) -> Flask:
    """Return an application with a minimal view at ``/``, and more routes like it."""
    app = Flask("benchmark", static_folder=None)
    set_up(app)
    for number in range(1, routes):
        name = f"view{number}"
        view = mark(_view())
        app.add_url_rule(f"/{name}/<int:item>", name, view, methods=["GET", "PUT"])
    app.add_url_rule("/", "view", mark(_view()), methods=["GET", "PUT"])
    return app


def _view() -> Callable[..., str]:
    def view(**_: int) -> str:
        return "ok"

    return view


def _wrap(app: Flask, layer: Callable[[WSGIApplication], WSGIApplication]) -> None:
    app.wsgi_app = layer(app.wsgi_app)  # type: ignore[assignment, method-assign]


def contestants() -> dict[str, WSGIApplication]:
    """Return every contestant."""
    rules = [f"/v{number}" for number in range(1, RESOURCES)]
    ours: dict[str, Any] = {**{f"{rule}/*": {} for rule in rules}, "/*": {}}
    theirs: Any = {**{f"{rule}/.*": {} for rule in rules}, "/.*": {}}
    return {
        "bare": flask_app(),
        "careless": flask_app(lambda app: _wrap(app, careless)),
        "floor": flask_app(lambda app: _wrap(app, floor)),
        "app-wide": flask_app(lambda app: CORS(app, **OPTIONS)),
        "per route": flask_app(
            lambda app: CORS(app, resources={}), cross_origin(**OPTIONS)
        ),
        "resources": flask_app(lambda app: CORS(app, resources=ours, **OPTIONS)),
        "flask-cors app-wide": flask_app(lambda app: flask_cors.CORS(app, **OPTIONS)),
        "flask-cors per route": flask_app(mark=flask_cors.cross_origin(**OPTIONS)),
        "flask-cors resources": flask_app(
            lambda app: flask_cors.CORS(app, resources=theirs, **OPTIONS)
        ),
    }
