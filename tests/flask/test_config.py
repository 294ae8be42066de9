"""``CORS(app)``: keyword arguments and config keys."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from flask_cors_policy import CORS, PolicyWarning, cross_origin

from .helpers import (
    EVIL,
    MISS,
    NOTHING,
    OPEN,
    A,
    B,
    allowed,
    app_of_routes,
    first_request,
    preflight,
    problems,
    request,
)

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
    app = app_of_routes()
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
    app = app_of_routes(CORS_ORIGINS=B, CORS_MAX_AGE=7)
    CORS(app, origins=A)
    assert preflight(app, "/", "GET") == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS", max_age="7"),
    )
    assert request(app, "/", origin=B) == (200, MISS)


def test_options_of_init_app_win_over_those_of_the_extension() -> None:
    app = app_of_routes()
    CORS(origins=A, max_age=1).init_app(app, origins=B)
    assert preflight(app, "/", "GET", B) == (
        204,
        allowed(B, methods="GET, HEAD, OPTIONS", max_age="1"),
    )


def test_the_environment_can_hold_every_kind_of_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for key, value in {
        "ORIGINS": f"{A}, {B}",
        "METHODS": "PUT",
        "ALLOW_HEADERS": '["X-One", "X-Two"]',
        "SUPPORTS_CREDENTIALS": "true",
        "MAX_AGE": "600",
        "RESOURCES": '{"/api/*": {}}',
    }.items():
        monkeypatch.setenv(f"FLASK_CORS_{key}", value)
    app = app_of_routes()
    app.config.from_prefixed_env()
    CORS(app)
    assert preflight(app, "/api", "PUT", B) == (
        204,
        allowed(
            B,
            methods="PUT",
            headers="X-One, X-Two",
            credentials="true",
            max_age="600",
        ),
    )


def test_a_comma_separated_config_value_is_a_list() -> None:
    """That is how environment variables carry lists."""
    app = app_of_routes(CORS_ORIGINS=f"{A}, {B}", CORS_EXPOSE_HEADERS="X-One X-Two")
    CORS(app)
    expected = allowed(B, expose="X-One, X-Two")
    assert request(app, "/", origin=B) == (200, expected)


@pytest.mark.parametrize("origin", [A, None, "null", "no origin"])
def test_a_public_policy_sends_the_same_to_everybody(origin: str | None) -> None:
    app = app_of_routes()
    CORS(app, origins="*")
    assert request(app, "/", origin=origin) == (200, OPEN)


@pytest.mark.parametrize("origin", [EVIL, None, "null", f"{A}/", f"{A}, {A}", "\xff"])
def test_vary_is_on_every_response_of_a_policy_that_names_origins(
    origin: str | None,
) -> None:
    app = app_of_routes()
    CORS(app, origins=A)
    assert request(app, "/", origin=origin) == (200, MISS)


def change(app: Flask, key: str, value: object) -> None:
    app.config[key] = value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("CORS_ORIGINS", B),
        ("CORS_MAX_AGE", 5),
        ("CORS_RESOURCES", {"/api/*": {"origins": [A]}}),
    ],
    ids=["changed", "added", "one deep inside"],
)
def test_a_key_changed_after_init_is_an_error_at_the_first_request(
    key: str, value: object
) -> None:
    app = app_of_routes(CORS_ORIGINS=A, CORS_RESOURCES={"/api/*": {"origins": {A, B}}})
    CORS(app)
    change(app, key, value)
    expected = [(key, "setting-changed")]
    assert problems(first_request(app)) == expected
    assert problems(first_request(app)) == expected


def test_an_unknown_key_added_after_init_is_logged_and_breaks_no_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It may belong to something else; then a 500 would be worse than the mistake."""
    app = app_of_routes(CORS_ORIGINS=A)
    CORS(app)
    change(app, "CORS_NONSENSE", None)
    for _ in range(2):
        assert request(app, "/") == (200, allowed(A))
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert "CORS_NONSENSE" in record.getMessage()
    assert record.__dict__["cors_reason"] == "unknown-option"


def test_a_list_changed_in_place_and_a_removed_key_are_noticed() -> None:
    app = app_of_routes(CORS_ORIGINS=[A], CORS_MAX_AGE=None)
    CORS(app)
    app.config["CORS_ORIGINS"].append(B)
    del app.config["CORS_MAX_AGE"]
    assert problems(first_request(app)) == [
        ("CORS_MAX_AGE", "setting-changed"),
        ("CORS_ORIGINS", "setting-changed"),
    ]


def test_what_works_less_well_than_it_promises_is_warned_of_once() -> None:
    app = app_of_routes()
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
    app = app_of_routes()
    CORS(app, resources=resources)
    origins.append(B)
    resources["/"] = {"origins": [B]}
    assert request(app, "/api", origin=B) == (200, MISS)
    assert request(app, "/", origin=B) == (200, NOTHING)
