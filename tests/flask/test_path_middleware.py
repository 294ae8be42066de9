"""WSGI middleware around ``app.wsgi_app`` that changes paths.

Path rules see the path as Flask routes it, whatever stands around Flask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask

from flask_cors_policy import CORS

from .helpers import MISS, A, B, allowed, ok, preflight, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Prefix:
    """Serves an application under a prefix, as is often done by hand."""

    def __init__(self, wsgi_app: WSGIApplication, script_name: str = "/v1") -> None:
        self.wsgi_app = wsgi_app
        self.script_name = script_name

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        environ["SCRIPT_NAME"] = self.script_name
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/v1")
        return self.wsgi_app(environ, start_response)


def rewriting(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Drop the prefix, and leave SCRIPT_NAME as it is."""
    return Prefix(wsgi_app, script_name="")


def copying(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Change the path in a copy of environ."""
    prefix = Prefix(wsgi_app)
    return lambda environ, start_response: prefix(environ.copy(), start_response)


def wrap(app: Flask, middleware: Callable[[WSGIApplication], Any]) -> None:
    app.wsgi_app = middleware(app.wsgi_app)  # type: ignore[method-assign]


@pytest.mark.parametrize("middleware", [Prefix, rewriting, copying])
@pytest.mark.parametrize("inside", [True, False])
def test_the_path_that_flask_routes_decides(
    middleware: Callable[[WSGIApplication], WSGIApplication],
    inside: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask(__name__, static_folder=None)
    if inside:
        wrap(app, middleware)
    CORS(app, resources={"/*": {"origins": A}, "/x": {"origins": B}})
    if not inside:
        wrap(app, middleware)
    app.add_url_rule("/x", view_func=ok, methods=["PUT"])
    assert preflight(app, "/v1/x", "PUT", B) == (
        204,
        allowed(B, methods="OPTIONS, PUT"),
    )
    assert request(app, "/v1/x", "PUT", B) == (200, allowed(B))
    assert request(app, "/v1/none", origin=A) == (404, allowed(A))
    assert caplog.messages == []
    assert preflight(app, "/v1/x", "PUT", A) == (403, MISS)
    assert request(app, "/v1/x", "PUT", A) == (200, MISS)


def test_middleware_that_leaves_the_path_alone_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask(__name__, static_folder=None)
    inner = app.wsgi_app
    app.wsgi_app = lambda *args: inner(*args)  # type: ignore[method-assign]
    CORS(app, origins=A)
    app.add_url_rule("/x", view_func=ok)
    assert request(app, "/x") == (200, allowed(A))
    assert request(app, "/none") == (404, allowed(A))
    assert caplog.messages == []
