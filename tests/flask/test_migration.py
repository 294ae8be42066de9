"""Each claim of ``docs/migration.md``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, Response

from flask_cors_policy import CORS, PolicyError, cross_origin

from .helpers import (
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

PAGE = Path(__file__).parents[2] / "docs" / "migration.md"

OPTIONS = [
    "origins",
    "methods",
    "allow_headers",
    "expose_headers",
    "supports_credentials",
    "max_age",
    "resources",
    "send_wildcard",
    "always_send",
    "automatic_options",
    "vary_header",
    "intercept_exceptions",
    "allow_private_network",
]


def make_app(**options: Any) -> Flask:
    app = Flask(__name__, static_folder=None)
    if options:
        CORS(app, **options)
    app.add_url_rule("/x", "x", lambda: "x", methods=["GET", "PUT"])
    app.add_url_rule("/api/items", "items", lambda: "items")
    return app


@pytest.mark.parametrize("option", OPTIONS)
def test_the_page_has_a_row_for_every_option_of_flask_cors(option: str) -> None:
    assert PAGE.read_text().count(f"\n| `{option}` | ") == 1


REFUSED = {
    "send_wildcard": 'origins="*" is always sent as "*", other origins one by one.',
    "always_send": "Every response has the headers of its policy.",
    "automatic_options": "Every preflight is answered, before any view.",
    "vary_header": "Vary is sent whenever the response depends on the origin.",
    "intercept_exceptions": "Errors always have the headers of their route's policy.",
    "allow_private_network": (
        "Browsers replaced that header by a permission prompt; no server can grant it."
    ),
}


WAYS: dict[str, Callable[[Flask, Any], object]] = {
    "keyword": lambda app, options: CORS(app, origins=A, **options),
    "config": lambda app, options: CORS(app, origins=A),
    "resource": lambda app, options: CORS(app, origins=A, resources={"/x": options}),
    "policy": lambda app, options: CORS(app, origins=A, policies={"p": options}),
    "view": lambda app, options: cross_origin(**options)(lambda: "x"),
    "blueprint": lambda app, options: CORS(Blueprint("api", __name__), **options),
}


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("option", REFUSED)
def test_an_option_without_a_counterpart_says_what_happens_instead(
    option: str, way: str, value: bool
) -> None:
    app = make_app()
    options: dict[str, Any] = {option: value}
    if way == "config":
        app.config[f"CORS_{option.upper()}"] = value
    with pytest.raises(PolicyError) as caught:
        WAYS[way](app, options)
    (problem,) = caught.value.problems
    assert problem.reason == "unknown-option"
    assert problem.hint == f"{REFUSED[option]} Leave it out."


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [("origins", "origins-required")]),
        (
            {"origins": "*", "supports_credentials": True},
            [("CORS(app): origins", "origin-wildcard-credentials")],
        ),
        (
            {"origins": r"https://.*\.example\.com"},
            [("CORS(app): origins", "origin-regex")],
        ),
        (
            {"origins": [A, re.compile("https://.*")]},
            [("CORS(app): origins[1]", "origin-regex-risk")],
        ),
        ({"origins": A, "max_age": "600"}, [("CORS(app): max_age", "wrong-type")]),
        ({"origins": A, "methods": "get"}, [("CORS(app): methods", "method-case")]),
        (
            {"origins": A, "allow_headers": ["X-.*"]},
            [("CORS(app): allow_headers[0]", "header-token")],
        ),
        (
            {"origins": A, "allow_headers": ("X-One", 7)},
            [("CORS(app): allow_headers[1]", "wrong-type")],
        ),
        (
            {"origins": A, "allow_headers": 7},
            [("CORS(app): allow_headers", "wrong-type")],
        ),
        (
            {"origins": A, "resources": r"/api/.*"},
            [("CORS(app): resources['/api/.*']", "path-syntax")],
        ),
        (
            {"origins": A, "resources": re.compile("/api")},
            [("CORS(app): resources[0]", "path-syntax")],
        ),
        (
            {"origins": A, "resources": "}"},
            [("CORS(app): resources['}']", "path-syntax")],
        ),
    ],
    ids=[
        "no origins",
        "* with credentials",
        "a regular expression in a string",
        "a compiled one",
        "a string as max_age",
        "a method in lower case",
        "a header that is a regular expression",
        "a header that is a number",
        "headers that are a number",
        "a resource that is one",
        "a compiled resource",
        "a resource that is nothing",
    ],
)
def test_what_would_mean_something_else_stops_at_start(
    options: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert problems(lambda: CORS(Flask(__name__), **options)) == expected


def test_the_old_key_for_headers_is_refused() -> None:
    app = Flask(__name__)
    app.config["CORS_HEADERS"] = "Content-Type"
    assert problems(lambda: CORS(app, origins="*")) == [
        ("CORS_HEADERS", "unknown-option")
    ]


# What is the same


JSON = {"Access-Control-Request-Headers": "content-type"}


def test_the_typical_application_of_the_page() -> None:
    app = make_app(
        resources={r"/api/*": {"origins": A}}, allow_headers=["Content-Type"]
    )
    assert preflight(app, "/api/items", "GET", A, JSON) == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS", headers="Content-Type"),
    )
    assert request(app, "/api/items") == (200, allowed(A))
    assert request(app, "/x") == (200, NOTHING)
    # As a regular expression, /api/* matches this one.
    assert request(app, "/apiary") == (404, NOTHING)
    for path in ("/api/../x", "/api//items"):
        overrides = {"PATH_INFO": path}
        assert request(app, "/", environ_overrides=overrides).cors == NOTHING


@pytest.mark.parametrize("max_age", [600, timedelta(minutes=10)])
def test_the_supported_options_mean_the_same(max_age: Any) -> None:
    app = make_app(
        origins=[A, B],
        methods=["PUT", "GET"],
        allow_headers=["X-One", "X-Two"],
        expose_headers=["X-Z", "X-A"],
        supports_credentials=True,
        max_age=max_age,
    )
    assert preflight(app, "/x", "PUT", B) == (
        204,
        allowed(
            B,
            methods="PUT, GET",
            headers="X-One, X-Two",
            credentials="true",
            max_age="600",
        ),
    )
    # Flask-CORS sorts them.
    assert request(app, "/x", origin=A) == (
        200,
        allowed(A, credentials="true", expose="X-Z, X-A"),
    )


def test_patterns_take_the_place_of_regular_expressions() -> None:
    app = make_app(origins=["https://*.example.com", "http://localhost:*"])
    for origin in ("https://a.example.com", "http://localhost:3000"):
        assert request(app, "/x", origin=origin) == (200, allowed(origin))
    for origin in ("https://example.com", "https://a.example.com.evil.example"):
        assert request(app, "/x", origin=origin) == (200, MISS)


def test_a_compiled_expression_must_match_the_whole_origin() -> None:
    app = make_app(
        origins=re.compile("http://.*.example.com"), accept_risks=["regex-origin"]
    )
    for origin, headers in [
        ("http://a.example.com", allowed("http://a.example.com")),
        ("http://a.example.com.com", MISS),
    ]:
        assert request(app, "/x", origin=origin) == (200, headers)


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
    assert preflight(app, "/x", "PUT", A, JSON) == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS, PUT"),
    )
    (message,) = caplog.messages
    assert "headers-not-allowed" in message
    assert "add the header to allow_headers" in message
    every = make_app(origins=A, allow_headers="*")
    assert preflight(every, "/x", "PUT", A, JSON) == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS, PUT", headers="*"),
    )


def test_a_decorator_alone_sends_nothing_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    alone, with_cors = make_app(), make_app(resources={})
    for app in (alone, with_cors):

        @app.route("/me")
        @cross_origin(origins=A)
        def me() -> str:
            return "me"

    assert request(alone, "/me") == (200, NOTHING)
    (message,) = caplog.messages
    assert "Write CORS(app, resources={})" in message
    assert request(with_cors, "/me") == (200, allowed(A))
    assert request(with_cors, "/x") == (200, NOTHING)


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
        (",".join(f"x-{number}" for number in range(129)), None),
    ],
    ids=["names", "what is no name", "too many"],
)
def test_a_wildcard_with_credentials_repeats_valid_names_only(
    asked: str, sent: str | None
) -> None:
    app = make_app(origins=A, supports_credentials=True, allow_headers="*")
    headers = {} if sent is None else {"headers": sent}
    assert preflight(
        app, "/x", "GET", A, {"Access-Control-Request-Headers": asked}
    ) == (
        204,
        allowed(
            A,
            methods="GET, HEAD, OPTIONS, PUT",
            credentials="true",
            vary="Origin, Access-Control-Request-Headers",
            **headers,
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


def test_vary_is_merged_and_stray_headers_are_taken_out(
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
