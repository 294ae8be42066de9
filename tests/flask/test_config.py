"""``CORS(app)``: keyword arguments, config keys, resources and named policies."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Blueprint, Flask

from flask_cors_policy import CORS, Policy, PolicyError, PolicyWarning, cross_origin

from .helpers import (
    EVIL,
    MISS,
    NOTHING,
    OPEN,
    A,
    B,
    C,
    Headers,
    allowed,
    first_request,
    preflight,
    problems,
    request,
)


def make_app(**config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(config)

    @app.route("/")
    @app.route("/api")
    @app.route("/api/items", methods=["GET", "PUT"])
    @app.route("/public/x")
    def view() -> str:
        return "hello"

    return app


EVERY_OPTION: dict[str, Any] = {
    "origins": [A, B],
    "methods": ["PUT", "DELETE"],
    "allow_headers": ["X-One", "Authorization"],
    "expose_headers": "X-Seen",
    "supports_credentials": True,
    "max_age": 600,
    "preflight_status": 200,
    "timing_allow_origin": True,
    "enforce": True,
    "accept_risks": ["insecure-origin"],
}


@pytest.mark.parametrize("way", ["keywords", "config", "init_app", "factory"])
def test_every_option_can_be_given_in_every_way(way: str) -> None:
    app = make_app()
    if way == "keywords":
        CORS(app, **EVERY_OPTION)
    elif way == "config":
        app.config.update({f"CORS_{k.upper()}": v for k, v in EVERY_OPTION.items()})
        CORS(app)
    elif way == "init_app":
        CORS().init_app(app, **EVERY_OPTION)
    else:
        CORS(**EVERY_OPTION).init_app(app)

    assert preflight(app, "/api/items", "PUT", B) == (
        200,
        allowed(
            B,
            methods="PUT, DELETE",
            headers="X-One, Authorization",
            credentials="true",
            max_age="600",
        ),
    )
    assert request(app, "/", origin=A) == (
        200,
        allowed(A, credentials="true", expose="X-Seen", timing=A),
    )
    assert request(app, "/", origin=EVIL) == (403, MISS)
    assert request(app, "/", origin=None) == (200, MISS)


def test_a_keyword_argument_wins_over_the_config() -> None:
    app = make_app(CORS_ORIGINS=B, CORS_MAX_AGE=7)
    CORS(app, origins=A)
    assert preflight(app, "/", "GET") == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS", max_age="7"),
    )
    assert request(app, "/", origin=B) == (200, MISS)


def test_options_of_init_app_win_over_those_of_the_extension() -> None:
    app = make_app()
    CORS(origins=A, max_age=1).init_app(app, origins=B)
    assert preflight(app, "/", "GET", B) == (
        204,
        allowed(B, methods="GET, HEAD, OPTIONS", max_age="1"),
    )


def test_a_comma_separated_config_value_is_a_list() -> None:
    """That is how environment variables carry lists."""
    app = make_app(CORS_ORIGINS=f"{A}, {B}", CORS_EXPOSE_HEADERS="X-One X-Two")
    CORS(app)
    expected = allowed(B, expose="X-One, X-Two")
    assert request(app, "/", origin=B) == (200, expected)


@pytest.mark.parametrize("origin", [A, None, "null", "no origin"])
def test_a_public_policy_sends_the_same_to_everybody(origin: str | None) -> None:
    app = make_app()
    CORS(app, origins="*")
    assert request(app, "/", origin=origin) == (200, OPEN)


@pytest.mark.parametrize("origin", [EVIL, None, "null", f"{A}/", f"{A}, {A}", "\xff"])
def test_p24_vary_is_on_every_response_of_a_policy_that_names_origins(
    origin: str | None,
) -> None:
    app = make_app()
    CORS(app, origins=A)
    assert request(app, "/", origin=origin) == (200, MISS)


# Resources


def test_only_what_resources_name_is_governed() -> None:
    app = make_app()
    CORS(app, resources={"/api/*": {"origins": A}})
    assert request(app, "/api") == (200, allowed(A))
    assert request(app, "/api/items") == (200, allowed(A))
    assert request(app, "/api/none") == (404, allowed(A))
    assert request(app, "/apis") == (404, NOTHING)
    assert request(app, "/") == (200, NOTHING)
    assert preflight(app, "/", "PUT") == (200, NOTHING)


def test_p14_resources_inherit_the_options_beside_them() -> None:
    app = make_app()
    CORS(
        app,
        origins=A,
        max_age=5,
        resources={"/api/*": {"max_age": 9}, "/public/*": {"origins": "*"}, "/*": {}},
    )
    verbs = "GET, HEAD, OPTIONS"
    assert preflight(app, "/api", "GET") == (
        204,
        allowed(A, methods=verbs, max_age="9"),
    )
    assert preflight(app, "/public/x", "GET") == (
        204,
        allowed("*", methods=verbs, max_age="5"),
    )
    assert preflight(app, "/", "GET") == (204, allowed(A, methods=verbs, max_age="5"))


@pytest.mark.parametrize(
    "resources",
    ["/api/*, /public/*", ["/api/*", "/public/*"], ("/api/*", "/public/*")],
    ids=["string", "list", "tuple"],
)
def test_paths_alone_inherit_everything(resources: Any) -> None:
    app = make_app()
    CORS(app, origins=A, resources=resources)
    assert request(app, "/api") == (200, allowed(A))
    assert request(app, "/public/x") == (200, allowed(A))
    assert request(app, "/") == (200, NOTHING)


def test_a_resource_may_be_a_named_policy_or_a_ready_one() -> None:
    app = make_app()
    CORS(
        app,
        policies={"partners": {"origins": B}},
        resources={"/api/*": "partners", "/public/*": Policy(origins="*")},
    )
    assert request(app, "/api", origin=B) == (200, allowed(B))
    assert preflight(app, "/api/items", "PUT", B) == (
        204,
        allowed(B, methods="GET, HEAD, OPTIONS, PUT"),
    )
    assert request(app, "/public/x") == (200, OPEN)


def test_with_empty_resources_only_views_with_a_policy_are_governed() -> None:
    app = make_app()
    CORS(app, resources={})

    @app.route("/me")
    @cross_origin(origins=A)
    def me() -> str:
        return "me"

    assert request(app, "/me") == (200, allowed(A))
    assert request(app, "/") == (200, NOTHING)
    assert preflight(app, "/", "GET") == (200, NOTHING)


@pytest.mark.parametrize(
    "path", ["/api/../public/x", "/public/../api", "/public/./x", "/public//x"]
)
def test_a_path_with_unsettled_segments_is_governed_by_no_path_rule(path: str) -> None:
    app = make_app()
    CORS(app, resources={"/public/*": {"origins": "*"}, "/api/*": {"origins": A}})
    answer = request(app, "/", environ_overrides={"PATH_INFO": path})
    assert answer.cors == NOTHING


def test_an_escaped_path_is_decoded_once_only() -> None:
    """The server has decoded it; CVE-2024-6844 decoded it again."""
    app = make_app()
    CORS(app, resources={"/ä/*": {"origins": A}})
    assert request(app, "/%C3%A4/x") == (404, allowed(A))
    assert request(app, "/%25C3%25A4/x") == (404, NOTHING)


# Named policies


def test_named_policies_serve_decorators_and_inherit_the_application_s() -> None:
    app = make_app(CORS_POLICIES={"partners": {"origins": B}, "web": Policy(origins=C)})
    CORS(app, origins=A, max_age=3)

    @app.route("/partners")
    @cross_origin("partners")
    def partners() -> str:
        return "x"

    @app.route("/web")
    @cross_origin("web", expose_headers="X-Own")
    def web() -> str:
        return "x"

    assert preflight(app, "/partners", "GET", B) == (
        204,
        allowed(B, methods="GET, HEAD, OPTIONS", max_age="3"),
    )
    assert request(app, "/web", origin=C) == (200, allowed(C, expose="X-Own"))
    assert request(app, "/web", origin=A) == (200, MISS)
    # A ready policy has all its settings: max_age None is one of them.
    assert preflight(app, "/web", "GET", C) == (
        204,
        allowed(C, methods="GET, HEAD, OPTIONS"),
    )


def test_named_policies_alone_govern_nothing_else() -> None:
    app = make_app()
    CORS(app, policies={"partners": {"origins": B}})

    @app.route("/partners")
    @cross_origin("partners")
    def partners() -> str:
        return "x"

    assert request(app, "/partners", origin=B) == (200, allowed(B))
    assert request(app, "/", origin=B) == (200, NOTHING)


def test_a_ready_policy_does_not_inherit_methods() -> None:
    """Its default is what the routes accept, not what the application lists."""
    app = make_app()
    CORS(app, origins=A, methods=["DELETE"], resources={"/api/*": Policy(origins=B)})
    assert preflight(app, "/api/items", "PUT", B) == (
        204,
        allowed(B, methods="GET, HEAD, OPTIONS, PUT"),
    )


def test_an_empty_list_of_methods_is_not_the_default() -> None:
    app = make_app()
    CORS(app, origins=A, methods=[])
    assert preflight(app, "/api/items", "PUT") == (204, allowed(A))


# Mistakes


MISTAKES: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("p22 no origins", {}, [("origins", "origins-required")]),
    (
        "p20 a misspelt option, and all others at once",
        {"orgins": A, "max_age": True},
        [
            ("CORS(app): orgins", "unknown-option"),
            ("CORS(app): max_age", "wrong-type"),
            ("origins", "origins-required"),
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
    app = make_app()
    assert sorted(problems(lambda: CORS(app, **options))) == sorted(expected)
    assert request(app, "/") == (200, NOTHING)


@pytest.mark.parametrize(
    ("key", "value", "reason", "hint"),
    [
        ("CORS_ORIGIN", A, "unknown-option", 'Did you mean "CORS_ORIGINS"?'),
        ("CORS_HEADERS", "X", "unknown-option", 'Did you mean "CORS_ALLOW_HEADERS"?'),
        ("CORS_origins", A, "unknown-option", 'Did you mean "CORS_ORIGINS"?'),
        ("CORS_ORIGINS", ["a"], "origin-scheme-missing", 'Write "https://a"'),
    ],
)
def test_a_mistake_in_the_config_is_named_as_it_was_typed(
    key: str, value: object, reason: str, hint: str
) -> None:
    app = make_app(CORS_MAX_AGE=1, **{key: value})
    with pytest.raises(PolicyError) as caught:
        CORS(app)
    problem = caught.value.problems[0]
    assert problem.setting.startswith(key)
    assert problem.reason == reason
    assert hint in problem.hint


def test_keys_of_others_are_left_alone() -> None:
    app = make_app(CORSIKA=1, cors_origins="no", SECRET_KEY="x")
    CORS(app, origins=A)
    assert request(app, "/") == (200, allowed(A))


def test_p13_a_second_init_is_refused() -> None:
    app = make_app()
    cors = CORS(app, origins=A)
    for again in (lambda: CORS(app, origins="*"), lambda: cors.init_app(app)):
        with pytest.raises(RuntimeError, match="has a CORS policy already"):
            again()
    assert request(app, "/", origin=B) == (200, MISS)


def test_what_is_no_application_is_refused() -> None:
    app: Any = object()
    with pytest.raises(TypeError, match="not a Flask application or blueprint"):
        CORS(app, origins=A)


def change(app: Flask, key: str, value: object) -> None:
    app.config[key] = value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("CORS_ORIGINS", B),
        ("CORS_MAX_AGE", 5),
        ("CORS_RESOURCES", {"/api/*": {"origins": [A]}}),
        ("CORS_NONSENSE", None),
    ],
    ids=["changed", "added", "one deep inside", "unknown"],
)
def test_p21_a_key_changed_after_init_is_an_error_at_the_first_request(
    key: str, value: object
) -> None:
    app = make_app(CORS_ORIGINS=A, CORS_RESOURCES={"/api/*": {"origins": {A, B}}})
    CORS(app)
    change(app, key, value)
    expected = [(key, "setting-changed")]
    assert problems(first_request(app)) == expected
    assert problems(first_request(app)) == expected


def test_p21_a_list_changed_in_place_and_a_removed_key_are_noticed() -> None:
    app = make_app(CORS_ORIGINS=[A], CORS_MAX_AGE=None)
    CORS(app)
    app.config["CORS_ORIGINS"].append(B)
    del app.config["CORS_MAX_AGE"]
    assert problems(first_request(app)) == [
        ("CORS_MAX_AGE", "setting-changed"),
        ("CORS_ORIGINS", "setting-changed"),
    ]


def test_what_works_less_well_than_it_promises_is_warned_of_once() -> None:
    app = make_app()
    with pytest.warns(PolicyWarning, match="CORS_MAX_AGE|max_age") as caught:
        CORS(app, origins=A, max_age=99_999, resources={"/a": {}, "/b": {}})

    @app.route("/me")
    @cross_origin()
    def me() -> str:
        return "me"

    assert len(caught) == 1
    assert caught[0].filename == __file__
    # The same setting, inherited by a view, is no news at the first request.
    assert request(app, "/me") == (200, allowed(A))


def test_the_callers_containers_are_copied() -> None:
    origins = [A]
    resources = {"/api/*": {"origins": origins}}
    app = make_app()
    CORS(app, resources=resources)
    origins.append(B)
    resources["/"] = {"origins": [B]}
    assert request(app, "/api", origin=B) == (200, MISS)
    assert request(app, "/", origin=B) == (200, NOTHING)


# A function as origins


def test_p18_a_function_is_asked_once_for_each_request() -> None:
    asked: list[tuple[str, str]] = []

    def lookup(origin: str, environ: Any) -> bool:
        asked.append((origin, environ["PATH_INFO"]))
        return origin == A

    app = make_app()
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

    app = make_app()
    CORS(app, origins=lookup)
    assert request(app, "/") == (200, MISS)
    (record,) = caplog.records
    assert record.exc_info is not None
    assert "origin-lookup-failed" in record.getMessage()


def test_p26_a_refusal_is_logged_with_reason_place_and_fix(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = make_app()
    CORS(app, resources={"/api/*": {"origins": A}})
    request(app, "/api", origin=EVIL)
    (message,) = caplog.messages
    assert "origin-not-allowed" in message
    assert "resources '/api/*'" in message
    assert "add it to origins" in message


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
def test_p12_the_policy_is_the_sole_owner_of_its_headers(
    headers: Headers, sent: Headers, caplog: pytest.LogCaptureFixture
) -> None:
    app = Flask(__name__)
    CORS(app, origins=A)

    @app.route("/")
    def view() -> tuple[str, Headers]:
        return "x", headers

    for _ in range(2):
        assert request(app, "/") == (200, sent)
    stray = any(name.lower().startswith("access-control") for name in headers)
    assert len(caplog.messages) == stray


def test_a_blueprint_takes_the_options_of_a_policy_only() -> None:
    blueprint = Blueprint("api", __name__)
    place = "CORS(...) on blueprint 'api'"
    options: dict[str, Any] = {"resources": {}, "policies": {}, "max_age": -1}
    assert sorted(problems(lambda: CORS(blueprint, **options))) == [
        (f"{place}: max_age", "out-of-range"),
        (f"{place}: policies", "unknown-option"),
        (f"{place}: resources", "unknown-option"),
    ]
