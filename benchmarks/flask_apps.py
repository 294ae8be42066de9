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
"""Path rules of the contestants with resources; the last one applies."""


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


def routes_with_policies(number: int, marked: bool = True) -> Flask:
    """Return an application of routes that each have another policy.

    :param marked: whether they have it; without it, the same routes.
    """
    app = Flask("benchmark", static_folder=None)
    if marked:
        CORS(app, resources={})
    for route in range(number):
        view = _view()
        if marked:
            view = cross_origin(origins=f"https://tenant-{route}.example")(view)
        app.add_url_rule(f"/view{route}/<int:item>", f"view{route}", view)
    return app


def _view() -> Callable[..., str]:
    def view(**_: int) -> str:
        return "ok"

    return view


def _wrap(app: Flask, layer: Callable[[WSGIApplication], WSGIApplication]) -> None:
    app.wsgi_app = layer(app.wsgi_app)  # type: ignore[assignment, method-assign]


def builders() -> dict[str, Callable[[], WSGIApplication]]:
    """Return what makes each contestant.

    A process that has decorated a view pays for that on every request of every Flask
    application: what is compared exactly is made in a process of its own.
    """
    rules = [f"/v{number}" for number in range(1, RESOURCES)]
    ours: dict[str, Any] = {**{f"{rule}/*": {} for rule in rules}, "/*": {}}
    theirs: Any = {**{f"{rule}/.*": {} for rule in rules}, "/.*": {}}

    def cors(**options: Any) -> Callable[[Flask], object]:
        return lambda app: CORS(app, **OPTIONS, **options)

    def peer(**options: Any) -> Callable[[Flask], object]:
        return lambda app: flask_cors.CORS(app, **OPTIONS, **options)

    return {
        "bare": flask_app,
        "careless": lambda: flask_app(lambda app: _wrap(app, careless)),
        "floor": lambda: flask_app(lambda app: _wrap(app, floor)),
        "app-wide": lambda: flask_app(cors()),
        "per route": lambda: flask_app(
            lambda app: CORS(app, resources={}), cross_origin(**OPTIONS)
        ),
        "resources": lambda: flask_app(cors(resources=ours)),
        "enforce": lambda: flask_app(cors(enforce=True)),
        "flask-cors app-wide": lambda: flask_app(peer()),
        "flask-cors per route": lambda: flask_app(
            mark=flask_cors.cross_origin(**OPTIONS)
        ),
        "flask-cors resources": lambda: flask_app(peer(resources=theirs)),
    }


def contestants() -> dict[str, WSGIApplication]:
    """Return every contestant of the tables: those that run the view in every row."""
    return {name: build() for name, build in builders().items() if name != "enforce"}
