"""Each claim of ``docs/migration.md`` about what behaves differently."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Blueprint, Flask, Response

from flask_cors_policy import CORS, cross_origin

from .helpers import (
    DEFAULT_HEADERS,
    EVIL,
    MISS,
    NOTHING,
    OPEN,
    A,
    B,
    allowed,
    preflight,
    problems,
    request,
)


def make_app(**options: Any) -> Flask:
    app = Flask(__name__, static_folder=None)
    if options:
        CORS(app, **options)
    app.add_url_rule("/x", "x", lambda: "x", methods=["GET", "PUT"])
    app.add_url_rule("/api/items", "items", lambda: "items")
    return app


# What is the same


REQUEST_HEADERS = "Access-Control-Request-Headers"
JSON = {REQUEST_HEADERS: "content-type"}


# What is different


def test_methods_are_those_of_the_routes() -> None:
    app = make_app(origins=A)
    assert preflight(app, "/api/items", "GET") == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS"),
    )


def test_no_header_is_allowed_unless_it_is_listed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = make_app(origins=A)
    token_and_json = {REQUEST_HEADERS: "authorization,content-type"}
    assert preflight(app, "/x", "PUT", A, token_and_json) == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS, PUT", headers=DEFAULT_HEADERS),
    )
    assert caplog.messages == []
    preflight(app, "/x", "PUT", A, {REQUEST_HEADERS: "x-one"})
    (message,) = caplog.messages
    assert "header-not-allowed" in message
    assert "Write allow_headers=['Authorization', 'Content-Type', 'x-one']" in message
    none = make_app(origins=A, allow_headers=[])
    assert preflight(none, "/x", "PUT", A, JSON) == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS, PUT", headers=""),
    )
    every = make_app(origins=A, allow_headers="*")
    assert preflight(every, "/x", "PUT", A, JSON) == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS, PUT", headers="*"),
    )


def test_a_decorator_works_with_and_without_cors() -> None:
    alone, with_cors = make_app(), make_app(resources={})
    for app in (alone, with_cors):

        @app.route("/me")
        @cross_origin(origins=A)
        def me() -> str:
            return "me"

    for app in (alone, with_cors):
        for _ in range(2):
            assert request(app, "/me") == (200, allowed(A))
            assert request(app, "/x") == (200, NOTHING)


def test_a_decorator_inherits_from_the_application() -> None:
    app = make_app(origins=A, expose_headers="X-Seen")

    @app.route("/me")
    @cross_origin(max_age=5)
    def me() -> str:
        return "me"

    assert request(app, "/me") == (200, allowed(A, expose="X-Seen"))
    assert request(app, "/me", origin=EVIL) == (200, MISS)


def test_a_blueprint_inherits_and_takes_no_resources() -> None:
    app = make_app(origins=A)
    blueprint = Blueprint("api", __name__, url_prefix="/bp")
    blueprint.add_url_rule("/x", "x", lambda: "x")
    resources: Any = {"resources": {"/api/*": {"origins": A}}}
    assert problems(lambda: CORS(blueprint, **resources)) == [
        ("CORS(...) on blueprint 'api': resources", "unknown-option")
    ]
    CORS(blueprint)
    app.register_blueprint(blueprint)
    assert request(app, "/bp/x") == (200, allowed(A))
    assert request(app, "/bp/x", origin=EVIL) == (200, MISS)
    assert request(app, "/bp/none") == (404, allowed(A))


def test_a_preflight_has_an_origin_and_is_answered_before_any_view() -> None:
    app = make_app(origins=A)

    @app.route("/own", methods=["OPTIONS", "GET"])
    def own() -> str:
        return "own"

    asked = {"Access-Control-Request-Method": "GET"}
    assert request(app, "/own", "OPTIONS", None, asked) == (200, MISS)
    assert request(app, "/own", "OPTIONS") == (200, allowed(A))
    client = app.test_client()
    assert client.options("/own", headers={"Origin": A}).text == "own"
    assert client.options("/own", headers={"Origin": A, **asked}).text == ""


def test_the_status_of_a_preflight() -> None:
    app = make_app(origins=A)
    listed = allowed(A, methods="GET, HEAD, OPTIONS, PUT")
    assert preflight(app, "/x", "PUT") == (204, listed)
    assert preflight(app, "/x", "PUT", EVIL) == (403, MISS)
    assert preflight(make_app(origins=A, preflight_status=200), "/x", "PUT") == (
        200,
        listed,
    )


def test_the_lists_are_complete_whatever_was_asked_for() -> None:
    app = make_app(origins=A, allow_headers=["X-One", "X-Two"])
    asked = {"Access-Control-Request-Headers": "x-one"}
    expected = allowed(A, methods="GET, HEAD, OPTIONS, PUT", headers="X-One, X-Two")
    for headers in (asked, {}):
        assert preflight(app, "/x", "GET", A, headers) == (204, expected)


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("x-one, x-two", "x-one, x-two"),
        ("a b<script>, x-one", "x-one"),
        (",".join(f"x-{number}" for number in range(129)), ""),
    ],
    ids=["names", "what is no name", "too many"],
)
def test_a_wildcard_with_credentials_repeats_valid_names_only(
    asked: str, sent: str
) -> None:
    app = make_app(origins=A, supports_credentials=True, allow_headers="*")
    assert preflight(
        app, "/x", "GET", A, {"Access-Control-Request-Headers": asked}
    ) == (
        204,
        allowed(
            A,
            methods="GET, HEAD, OPTIONS, PUT",
            credentials="true",
            vary="Origin, Access-Control-Request-Headers",
            headers=sent,
        ),
    )


@pytest.mark.parametrize("origin", [None, EVIL])
def test_vary_is_always_there_and_an_origin_is_never_guessed(
    origin: str | None,
) -> None:
    for origins in (A, [A, B]):
        app = make_app(origins=origins, supports_credentials=True)
        assert request(app, "/x", origin=origin) == (200, MISS)


def test_a_public_policy_sends_a_star_to_everyone() -> None:
    app = make_app(origins="*")
    for origin in (A, None):
        assert request(app, "/x", origin=origin) == (200, OPEN)


def test_vary_is_merged_and_headers_of_the_application_are_removed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = make_app(origins=A)

    @app.route("/own")
    def own() -> Response:
        headers = {"Vary": "Accept-Encoding", "Access-Control-Allow-Origin": "*"}
        return Response("own", headers=headers)

    for _ in range(2):
        assert request(app, "/own") == (200, allowed(A, vary="Accept-Encoding, Origin"))
    assert len(caplog.messages) == 1


def test_configuring_twice_or_too_late_is_an_error() -> None:
    app = make_app(origins=A)
    with pytest.raises(RuntimeError, match="has a CORS policy already"):
        CORS(app, origins="*")
    app.config["CORS_ORIGINS"] = "*"
    assert problems(lambda: request(app, "/x")) == [("CORS_ORIGINS", "setting-changed")]
