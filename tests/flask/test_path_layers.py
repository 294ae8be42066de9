"""Layers around ``app.wsgi_app`` that change paths."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from flask_cors_policy import CORS

from .helpers import A, B, allowed, ok, preflight, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Prefix:
    """Serves an application under a prefix, as is often done by hand."""

    def __init__(self, wsgi_app: WSGIApplication) -> None:
        self.wsgi_app = wsgi_app

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        environ["SCRIPT_NAME"] = "/v1"
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/v1")
        return self.wsgi_app(environ, start_response)


def prefixed(*, after: bool) -> Flask:
    """Return an app with a layer put around it before or after ``CORS(app)``."""
    app = Flask(__name__, static_folder=None)
    if not after:
        app.wsgi_app = Prefix(app.wsgi_app)  # type: ignore[method-assign]
    CORS(app, resources={"/*": {"origins": A}, "/x": {"origins": B}})
    if after:
        app.wsgi_app = Prefix(app.wsgi_app)  # type: ignore[method-assign]
    app.add_url_rule("/x", view_func=ok, methods=["PUT"])
    return app


def test_a_layer_put_around_the_policy_may_change_the_path(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = prefixed(after=True)
    assert preflight(app, "/v1/x", "PUT", B) == (
        204,
        allowed(B, methods="OPTIONS, PUT"),
    )
    assert request(app, "/v1/x", "PUT", B) == (200, allowed(B))
    assert caplog.messages == []


def test_a_layer_that_changes_the_path_behind_the_policy_is_reported_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = prefixed(after=False)
    for _ in range(2):
        assert request(app, "/v1/x", "PUT", A) == (200, allowed(A))
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert record.__dict__["cors_reason"] == "path-changed"
    assert "changes the path '/v1/x' to '/x'" in record.getMessage()
    assert "call CORS(app) first" in record.getMessage()


def test_a_layer_that_leaves_the_path_alone_is_not_reported(
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
