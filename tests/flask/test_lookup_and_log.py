"""Functions as ``origins``, the log, and headers that others set."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from flask_cors_policy import CORS, cross_origin

from .helpers import (
    EVIL,
    MISS,
    A,
    Headers,
    allowed,
    app_of_routes,
    ok,
    preflight,
    request,
)

# A function as origins


def test_a_function_is_asked_once_for_each_request() -> None:
    asked: list[tuple[str, str]] = []

    def lookup(origin: str, environ: Any) -> bool:
        asked.append((origin, environ["PATH_INFO"]))
        return origin == A

    app = app_of_routes()
    CORS(app, origins=lookup, enforce=True)
    assert request(app, "/") == (200, allowed(A))
    assert request(app, "/", origin=EVIL) == (403, MISS)
    assert preflight(app, "/api", "GET").status == 204
    assert asked == [(A, "/"), (EVIL, "/"), (A, "/api")]


def test_a_function_that_fails_denies_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def lookup(origin: str, environ: Any) -> bool:
        raise LookupError("database")

    app = app_of_routes()
    CORS(app, origins=lookup)
    assert request(app, "/") == (200, MISS)
    (record,) = caplog.records
    assert record.exc_info is not None
    assert "origin-lookup-failed" in record.getMessage()


def test_a_refusal_is_logged_with_reason_place_and_fix(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = app_of_routes()
    CORS(app, resources={"/api/*": {"origins": A}})
    request(app, "/api", origin=EVIL)
    (message,) = caplog.messages
    assert "origin-not-allowed" in message
    assert "resources '/api/*'" in message
    assert f"add '{EVIL}' to origins" in message


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({"Access-Control-Allow-Origin": "*"}, allowed(A)),
        ({"access-control-allow-credentials": "true"}, allowed(A)),
        ({"Vary": "Accept-Encoding"}, allowed(A, vary="Accept-Encoding, Origin")),
        ({"Vary": "origin"}, allowed(A, vary="origin")),
        ({"Vary": "*"}, allowed(A, vary="*")),
        ({"Timing-Allow-Origin": "*"}, allowed(A, timing="*")),
    ],
    ids=str,
)
def test_the_policy_is_the_sole_owner_of_its_headers(
    headers: Headers, sent: Headers, caplog: pytest.LogCaptureFixture
) -> None:
    app = Flask(__name__)
    CORS(app, origins=A)

    @app.route("/")
    def view() -> tuple[str, Headers]:
        return "x", headers

    for _ in range(2):
        assert request(app, "/") == (200, sent)
    removed = any(name.lower().startswith("access-control") for name in headers)
    assert len(caplog.messages) == removed


@pytest.mark.parametrize(
    ("method", "path", "asked", "route"),
    [
        ("GET", "/items/7", None, "GET /items/<int:item>"),
        ("GET", "/old/7", None, "GET /old/<int:item>"),
        ("OPTIONS", "/items/7", "PUT", "PUT /items/<int:item>"),
        ("OPTIONS", "/items/7", "put", "PUT /items/<int:item>"),
        ("OPTIONS", "/items/7", "EVIL\x1b", ""),
        ("GET", "/nowhere\x1b", None, ""),
        ("DELETE", "/items/7", None, ""),
        ("BREW", "/any", None, "/any"),
    ],
)
@pytest.mark.parametrize("marked", [False, True])
def test_a_refusal_names_the_route_whatever_the_request_says(
    method: str,
    path: str,
    asked: str | None,
    route: str,
    marked: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask(__name__, static_folder=None)
    CORS(app, origins=A)
    app.add_url_rule("/items/", "items", ok)
    app.add_url_rule("/old/<int:item>", "item", ok)
    app.add_url_rule("/items/<int:item>", "item", methods=["GET", "PUT"])
    app.url_map.add(Rule("/any", endpoint="any"))
    app.view_functions["any"] = ok
    if marked:
        app.add_url_rule("/own", view_func=cross_origin(max_age=60)(lambda: "own"))
    headers = {} if asked is None else {"Access-Control-Request-Method": asked}
    request(app, path, method, EVIL, headers)
    (record,) = caplog.records
    assert record.__dict__["cors_route"] == route
    assert record.getMessage().isprintable()


def test_a_redirect_names_the_route_that_it_leads_to_if_a_route_has_a_policy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask(__name__, static_folder=None)
    CORS(app, origins=A)
    app.add_url_rule("/items/", "items", ok)
    app.add_url_rule("/own", view_func=cross_origin(max_age=60)(lambda: "own"))
    assert request(app, "/items", origin=EVIL) == (308, MISS)
    (record,) = caplog.records
    assert record.__dict__["cors_route"] == "GET /items/"
