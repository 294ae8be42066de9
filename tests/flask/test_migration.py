"""Each claim of ``docs/migration.md`` about options: the same, or refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask

from flask_cors_policy import CORS, PolicyError, PolicyWarning, cross_origin

from .helpers import (
    MISS,
    NOTHING,
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
            [
                ("CORS(app): origins[1]", "origin-regex-risk"),
                ("CORS(app): origins[1]", "regex-any-origin"),
            ],
        ),
        ({"origins": A, "max_age": "600"}, [("CORS(app): max_age", "wrong-type")]),
        ({"origins": A, "methods": "get"}, [("CORS(app): methods", "method-case")]),
        (
            {"origins": A, "allow_headers": ["X-.*"]},
            [("CORS(app): allow_headers[0]", "header-token")],
        ),
        (
            {"origins": A, "allow_headers": ["^X-One$", "X-.+", "X-A|X-B", "X.One"]},
            [(f"CORS(app): allow_headers[{i}]", "header-token") for i in range(3)],
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
            {"origins": "HTTPS://A.example"},
            [("CORS(app): origins", "origin-upper-case")],
        ),
        ({"origins": []}, [("CORS(app): origins", "origins-empty")]),
        (
            {
                "origins": "null",
                "supports_credentials": True,
                "accept_risks": "null-origin",
            },
            [("CORS(app): origins", "origin-null-credentials")],
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
        "headers that are valid names, and regular expressions",
        "a header that is a number",
        "headers that are a number",
        "upper case",
        "an empty list",
        "null with credentials",
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
        assert request(app, "/", environ_overrides=overrides).cors == MISS


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


def test_a_max_age_of_zero_is_sent() -> None:
    app = make_app(origins=A, max_age=0)
    assert preflight(app, "/x", "PUT") == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS, PUT", max_age="0"),
    )


def test_patterns_take_the_place_of_regular_expressions() -> None:
    app = make_app(origins=["https://*.example.com", "http://localhost:*"])
    for origin in ("https://a.example.com", "http://localhost:3000"):
        assert request(app, "/x", origin=origin) == (200, allowed(origin))
    for origin in ("https://example.com", "https://a.example.com.evil.example"):
        assert request(app, "/x", origin=origin) == (200, MISS)


def test_a_compiled_expression_must_match_the_whole_origin() -> None:
    with pytest.warns(PolicyWarning, match="origin-regex-dot"):
        app = make_app(
            origins=re.compile("http://.*.example.com"), accept_risks=["regex-origin"]
        )
    for origin, headers in [
        ("http://a.example.com", allowed("http://a.example.com")),
        ("http://a.example.com.com", MISS),
    ]:
        assert request(app, "/x", origin=origin) == (200, headers)
