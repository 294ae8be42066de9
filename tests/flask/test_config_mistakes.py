"""Mistakes in the configuration stop the start, named as they were typed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Blueprint

from flask_cors_policy import CORS, Policy, PolicyError

from .helpers import (
    MISS,
    NOTHING,
    A,
    B,
    allowed,
    app_of_routes,
    problems,
    request,
)

# Mistakes


MISTAKES: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("p22 no origins", {}, [("origins", "origins-required")]),
    (
        "p20 a misspelt option, its value, and all others at once",
        {"orgins": f"{A}/", "max_age": True},
        [
            ("CORS(app): orgins", "unknown-option"),
            ("CORS(app): orgins", "origin-path"),
            ("CORS(app): max_age", "wrong-type"),
        ],
    ),
    ("p21 None", {"origins": None}, [("CORS(app): origins", "origins-required")]),
    (
        "the second origin of a list",
        {"origins": [A, "b.example"]},
        [("CORS(app): origins[1]", "origin-scheme-missing")],
    ),
    (
        "a resource without origins",
        {"resources": {"/api/*": {"max_age": 1}}},
        [("resources '/api/*': origins", "origins-required")],
    ),
    (
        "an option of a resource",
        {"resources": {"/api/*": {"origin": A}}, "origins": A},
        [("CORS(app): resources['/api/*']['origin']", "unknown-option")],
    ),
    (
        "a regular expression as a resource",
        {"resources": {r"/api/.*": {}}, "origins": A},
        [("CORS(app): resources['/api/.*']", "path-syntax")],
    ),
    (
        "under a rule that is none, and what would be inherited there",
        {"resources": {r"/api/.*": {"origin": A}}, "origins": f"{A}/", "max_age": "6"},
        [
            ("CORS(app): resources['/api/.*']", "path-syntax"),
            ("CORS(app): resources['/api/.*']['origin']", "unknown-option"),
            ("CORS(app): origins", "origin-path"),
            ("CORS(app): max_age", "wrong-type"),
        ],
    ),
    (
        "options beside no resources, which only decorated views inherit",
        {"resources": {}, "origins": f"{A}/", "max_age": "6"},
        [
            ("CORS(app): origins", "origin-path"),
            ("CORS(app): max_age", "wrong-type"),
        ],
    ),
    (
        "options beside named policies, where no policy of the app comes of them",
        {"policies": {"p": {"origins": A}}, "max_age": "6", "methods": "put"},
        [
            ("CORS(app): max_age", "wrong-type"),
            ("CORS(app): methods", "method-case"),
        ],
    ),
    (
        "options beside resources that have all of their own",
        {"resources": {"/x": Policy(origins=A)}, "max_age": "6"},
        [("CORS(app): max_age", "wrong-type")],
    ),
    (
        "compiled regular expressions as resources",
        {"resources": [re.compile("/api"), "/x"], "origins": A},
        [("CORS(app): resources[0]", "path-syntax")],
    ),
    (
        "a compiled regular expression as the resource",
        {"resources": re.compile("/api"), "origins": A},
        [("CORS(app): resources[0]", "path-syntax")],
    ),
    (
        "a number as resources",
        {"resources": 7, "origins": A},
        [("CORS(app): resources", "wrong-type")],
    ),
    (
        "a resource that is no policy",
        {"resources": {"/x": 7}, "origins": A},
        [("CORS(app): resources['/x']", "wrong-type")],
    ),
    (
        "a resource with an unknown named policy",
        {"resources": {"/x": "partner"}, "policies": {"partners": {"origins": A}}},
        [("CORS(app): resources['/x']", "unknown-policy")],
    ),
    (
        "named policies that are no mapping",
        {"policies": [A], "origins": A},
        [("CORS(app): policies", "wrong-type")],
    ),
    (
        "a named policy that is none",
        {"policies": {"p": A}, "origins": A},
        [("CORS(app): policies['p']", "unknown-policy")],
    ),
    (
        "a named policy that nobody uses yet",
        {"policies": {"p": {"origins": f"{A}/"}}, "origins": A},
        [("CORS(app): policies['p']['origins']", "origin-path")],
    ),
    (
        "credentials with every origin",
        {"origins": "*", "supports_credentials": True},
        [("CORS(app): origins", "origin-wildcard-credentials")],
    ),
]


@pytest.mark.parametrize(
    ("options", "expected"),
    [pytest.param(options, expected, id=name) for name, options, expected in MISTAKES],
)
def test_a_mistake_stops_the_start_and_is_named_by_its_place(
    options: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    app = app_of_routes()
    assert sorted(problems(lambda: CORS(app, **options))) == sorted(expected)
    assert request(app, "/") == (200, NOTHING)


@pytest.mark.parametrize(
    ("key", "value", "reason", "hint"),
    [
        ("CORS_ORIGIN", A, "unknown-option", 'Did you mean "CORS_ORIGINS"?'),
        ("CORS_HEADERS", "Content-Type", "unknown-option", "Delete this line."),
        ("CORS_origins", A, "unknown-option", 'Did you mean "CORS_ORIGINS"?'),
        ("CORS_ORIGINS", ["a"], "origin-scheme-missing", 'Write "https://a"'),
    ],
)
def test_a_mistake_in_the_config_is_named_as_it_was_typed(
    key: str, value: object, reason: str, hint: str
) -> None:
    app = app_of_routes(CORS_MAX_AGE=1, **{key: value})
    with pytest.raises(PolicyError) as caught:
        CORS(app)
    problem = caught.value.problems[0]
    assert problem.setting.startswith(key)
    assert problem.reason == reason
    assert hint in problem.hint


def test_keys_of_others_are_left_alone() -> None:
    app = app_of_routes(CORSIKA=1, cors_origins="no", SECRET_KEY="x")
    CORS(app, origins=A)
    assert request(app, "/") == (200, allowed(A))


def test_a_second_init_is_refused() -> None:
    app = app_of_routes()
    cors = CORS(app, origins=A)
    for again in (lambda: CORS(app, origins="*"), lambda: cors.init_app(app)):
        with pytest.raises(RuntimeError, match="has a CORS policy already"):
            again()
    assert request(app, "/", origin=B) == (200, MISS)


def test_what_is_no_application_is_refused() -> None:
    app: Any = object()
    with pytest.raises(TypeError, match="not a Flask application or blueprint"):
        CORS(app, origins=A)


def test_a_blueprint_takes_the_options_of_a_policy_only() -> None:
    blueprint = Blueprint("api", __name__)
    place = "CORS(...) on blueprint 'api'"
    options: dict[str, Any] = {"resources": {}, "policies": {}, "max_age": -1}
    assert sorted(problems(lambda: CORS(blueprint, **options))) == [
        (f"{place}: max_age", "out-of-range"),
        (f"{place}: policies", "unknown-option"),
        (f"{place}: resources", "unknown-option"),
    ]
