"""The ten cases of the playground as programs of their own, written by hand.

Each is what the case describes, with Flask and this library; the playground has neither
Flask nor these programs. Case -> the application, and what is typed to ask about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flask import Flask
from werkzeug.wrappers import Request, Response

from flask_cors_policy import CORS, cross_origin

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PAGE: Final = "https://app.example.com"
METHODS: Final = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Asked(NamedTuple):
    """An application, and the options of the command that ask about it."""

    app: Callable[[], Flask]
    options: str


def _api(path: str, methods: list[str] | None = None) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule(path, "items", lambda: {}, methods=methods or METHODS)
    return app


def _in_front(app: Flask, outer: Any) -> Flask:
    """Put *outer* in front of *app*, as ``app.wsgi_app = ...`` does."""
    setattr(app, "wsgi_app", outer)  # noqa: B010 - for the type checkers.
    return app


def server_fails() -> Flask:
    app = _api("/items")
    CORS(app, origins=PAGE)
    return _in_front(app, Response(status=502, content_type="text/html"))


def login_in_front() -> Flask:
    app = _api("/items/<int:item>")
    app.view_functions["items"] = lambda item: {}
    CORS(app, origins=PAGE, allow_headers=["Authorization"])
    inner = app.wsgi_app

    def login(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if "HTTP_AUTHORIZATION" in environ:
            return inner(environ, start)
        denied = Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        return denied(environ, start)

    return _in_front(app, login)


def slash_missing() -> Flask:
    app = _api("/items/")
    CORS(app, origins=PAGE)
    inner = app.wsgi_app

    def proxy(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/items":
            url = Request(environ).url
            return Response(status=308, headers={"Location": f"{url}/"})(environ, start)
        return inner(environ, start)

    return _in_front(app, proxy)


def another_port() -> Flask:
    app = _api("/items")
    CORS(app, origins=["http://localhost:3000"])
    return app


def headers_twice() -> Flask:
    app = _api("/items")
    CORS(app, origins=PAGE)
    inner: WSGIApplication = app.wsgi_app

    def proxy(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def adding(status: str, headers: Any, exc_info: Any = None) -> Any:
            added = ("Access-Control-Allow-Origin", "*")
            return start(status, [*headers, added], exc_info)

        return inner(environ, adding)

    return _in_front(app, proxy)


def nearest_wins() -> Flask:
    app = Flask(__name__, static_folder=None)
    CORS(app, origins=PAGE, allow_headers=["X-Token"])

    @app.get("/items")
    @cross_origin(allow_headers=["X-Request-Id"])
    def items() -> dict[str, str]:
        return {}

    return app


def json_preflight() -> Flask:
    app = _api("/items", ["GET", "POST"])
    CORS(app, origins=PAGE, allow_headers=[])
    return app


def decorator_order() -> Flask:
    app = Flask(__name__, static_folder=None)

    @cross_origin(origins=PAGE)
    @app.get("/items")
    def items() -> dict[str, str]:
        return {}

    return app


def header_not_allowed() -> Flask:
    app = _api("/items", ["GET"])
    app.config["CORS_ORIGINS"] = [PAGE]
    app.config["CORS_ALLOW_HEADERS"] = ["Content-Type"]
    CORS(app)
    return app


def credentials_with_every_origin() -> Flask:
    app = _api("/me")
    CORS(app, origins="*", supports_credentials=True)
    return app


_ITEMS: Final = f"--origin {PAGE} --url https://api.example.com/items"

ASKED: Final = {
    "The server fails": Asked(server_fails, _ITEMS),
    "A login answers the preflight": Asked(
        login_in_front, f"{_ITEMS}/7 --method PUT -H 'Authorization: Bearer t0ken'"
    ),
    "A slash is missing": Asked(slash_missing, f"{_ITEMS} --method PUT"),
    "Every origin, with cookies": Asked(
        credentials_with_every_origin,
        f"--origin {PAGE} --url https://api.example.com/me --credentials include "
        "--cookie session=ada",
    ),
    "Another port": Asked(
        another_port,
        "--origin http://localhost:5173 --url http://localhost:5000/items",
    ),
    "Headers added twice": Asked(headers_twice, _ITEMS),
    "The nearest policy wins": Asked(nearest_wins, f"{_ITEMS} -H 'X-Token: abc'"),
    "JSON needs a preflight": Asked(
        json_preflight, f'{_ITEMS} --method POST --json-body \'{{"name": "tea"}}\''
    ),
    "The order of decorators": Asked(decorator_order, _ITEMS),
    "A header is not allowed": Asked(header_not_allowed, f"{_ITEMS} -H 'X-Token: abc'"),
}
