"""Every other option: what it takes, what it refuses, and what becomes of it."""

from __future__ import annotations

import warnings
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

from flask_cors_policy import Policy, PolicyWarning
from flask_cors_policy.core.checks import CHECKS
from flask_cors_policy.core.settings import OPTIONS
from tests.helpers import A, problems, reasons

ACCEPTED: list[tuple[str, Any, Any]] = [
    ("methods", "PUT", ("PUT",)),
    ("methods", "PUT, DELETE PATCH", ("PUT", "DELETE", "PATCH")),
    ("methods", ["PUT", "PUT"], ("PUT",)),
    ("methods", {"PUT", "DELETE"}, ("DELETE", "PUT")),
    ("methods", (m for m in ["PUT"]), ("PUT",)),
    ("methods", "", ()),
    ("methods", "*", ("*",)),
    ("methods", ["GET", "HEAD", "POST"], ("GET", "HEAD", "POST")),
    ("methods", ["PATCH", "patch"], ("PATCH", "patch")),
    ("methods", ["PROPFIND", "custom", "M-SEARCH"], ("PROPFIND", "custom", "M-SEARCH")),
    ("allow_headers", "Content-Type", ("Content-Type",)),
    ("allow_headers", ["X-A", "x-a", "X-B"], ("X-A", "X-B")),
    ("allow_headers", "*", ("*",)),
    ("allow_headers", ["*", "Authorization"], ("*", "Authorization")),
    ("allow_headers", "X-HTTP-Method-Override", ("X-HTTP-Method-Override",)),
    ("expose_headers", "Content-Disposition, X-A", ("Content-Disposition", "X-A")),
    ("expose_headers", "*", ("*",)),
    ("supports_credentials", True, True),
    ("allow_headers", "", ()),
    ("allow_headers", [], ()),
    (
        "expose_headers",
        "Date, Accept, Server-Timing",
        ("Date", "Accept", "Server-Timing"),
    ),
    ("timing_allow_origin", True, True),
    ("timing_allow_origin", "*", "*"),
    ("enforce", True, True),
    ("enforce", "unsafe", "unsafe"),
    ("max_age", None, None),
    ("max_age", 0, 0),
    ("max_age", 86400, 86400),
    ("max_age", timedelta(hours=2), 7200),
    ("max_age", timedelta(0), 0),
    ("preflight_status", 200, 200),
    ("preflight_status", 204, 204),
    ("preflight_status", HTTPStatus.NO_CONTENT, 204),
    ("accept_risks", "null-origin", frozenset({"null-origin"})),
    ("accept_risks", [], frozenset()),
]

REFUSED: list[tuple[str, Any, str]] = [
    ("methods", "PU T/x", "method-token"),
    ("methods", ["PUT, DELETE"], "method-token"),
    ("methods", [""], "method-token"),
    ("methods", ["PUT\n"], "method-token"),
    ("methods", ["PÜT"], "method-token"),
    ("methods", "CONNECT", "method-forbidden"),
    ("methods", "trace", "method-forbidden"),
    ("methods", ["Track"], "method-forbidden"),
    ("methods", "put", "method-case"),
    ("methods", "Delete", "method-case"),
    ("methods", "options", "method-case"),
    ("methods", "patch", "method-case"),
    ("methods", ["*", "PUT"], "wildcard-mixed"),
    ("methods", 7, "wrong-type"),
    ("methods", None, "wrong-type"),
    ("methods", {"PUT": True}, "wrong-type"),
    ("methods", b"PUT", "wrong-type"),
    ("methods", ["PUT", None], "wrong-type"),
    ("allow_headers", "X-A:", "header-token"),
    ("allow_headers", ["X A"], "header-token"),
    ("allow_headers", ["X-A\r\nX-B"], "header-token"),
    ("allow_headers", [""], "header-token"),
    ("allow_headers", "Cookie", "header-forbidden"),
    ("allow_headers", "sec-fetch-site", "header-forbidden"),
    ("allow_headers", "Proxy-Authorization", "header-forbidden"),
    ("allow_headers", "ORIGIN", "header-forbidden"),
    ("allow_headers", "Access-Control-Allow-Origin", "header-of-responses"),
    ("allow_headers", ["*", "X-A"], "wildcard-mixed"),
    ("allow_headers", [b"X-A"], "wrong-type"),
    ("allow_headers", "X-.*", "header-token"),
    ("allow_headers", ["X-A|X-B"], "header-token"),
    ("allow_headers", "^X-A$", "header-token"),
    ("expose_headers", "Access-Control-Allow-Origin", "header-of-cors"),
    ("expose_headers", "access-control-request-headers", "header-of-cors"),
    ("expose_headers", "Origin", "header-of-cors"),
    ("expose_headers", "Cookie", "header-of-requests"),
    ("expose_headers", ["X-Requested-With"], "header-of-requests"),
    ("expose_headers", "If-None-Match", "header-of-requests"),
    ("expose_headers", "X-A;", "header-token"),
    ("expose_headers", "Set-Cookie", "header-forbidden"),
    ("expose_headers", "set-cookie2", "header-forbidden"),
    ("expose_headers", ["*", "Authorization"], "wildcard-mixed"),
    ("expose_headers", 7, "wrong-type"),
    ("supports_credentials", 1, "wrong-type"),
    ("supports_credentials", "true", "wrong-type"),
    ("supports_credentials", None, "wrong-type"),
    ("timing_allow_origin", "true", "wrong-type"),
    ("timing_allow_origin", [A], "wrong-type"),
    ("timing_allow_origin", A, "wrong-type"),
    ("timing_allow_origin", 1, "wrong-type"),
    ("enforce", 0, "wrong-type"),
    ("max_age", True, "wrong-type"),
    ("max_age", 600.0, "wrong-type"),
    ("max_age", "600", "wrong-type"),
    ("max_age", "abc", "wrong-type"),
    ("max_age", -1, "out-of-range"),
    ("max_age", timedelta(seconds=-1), "out-of-range"),
    ("max_age", timedelta(milliseconds=1500), "out-of-range"),
    ("max_age", 2**31 + 1, "out-of-range"),
    ("max_age", timedelta.max, "out-of-range"),
    ("preflight_status", 201, "out-of-range"),
    ("preflight_status", "204", "out-of-range"),
    ("preflight_status", 204.0, "out-of-range"),
    ("preflight_status", True, "out-of-range"),
    ("preflight_status", None, "out-of-range"),
    ("preflight_status", [204], "out-of-range"),
    ("preflight_status", HTTPStatus.FOUND, "out-of-range"),
    ("accept_risks", "everything", "unknown-risk"),
    ("accept_risks", ["Null-Origin"], "unknown-risk"),
    ("accept_risks", True, "wrong-type"),
    ("accept_risks", [True], "wrong-type"),
]


@pytest.mark.parametrize(("option", "value", "expected"), ACCEPTED)
def test_accepted(option: str, value: Any, expected: Any) -> None:
    options: dict[str, Any] = {"origins": A, option: value}
    policy = Policy(**options)
    assert getattr(policy, option) == expected
    assert type(getattr(policy, option)) is type(expected)


@pytest.mark.parametrize(("option", "value", "reason"), REFUSED)
def test_refused(option: str, value: Any, reason: str) -> None:
    (problem,) = problems(origins=A, **{option: value})
    assert problem.reason == reason
    assert problem.setting.split("[")[0] == option
    assert problem.message
    assert problem.hint


def test_every_option_has_a_check() -> None:
    assert set(OPTIONS) == {*CHECKS, "origins"}


def test_all_problems_come_at_once() -> None:
    assert reasons(
        origins=["http://a.example", "b.example"],
        methods=["put", "PUT"],
        allow_headers="Cookie, X-A",
        expose_headers="*",
        supports_credentials=True,
        max_age=-5,
        orgins="*",
    ) == [
        ("orgins", "unknown-option"),
        ("methods[0]", "method-case"),
        ("allow_headers[0]", "header-forbidden"),
        ("max_age", "out-of-range"),
        ("origins[1]", "origin-scheme-missing"),
        ("origins[0]", "origin-insecure"),
        ("expose_headers", "expose-wildcard-credentials"),
    ]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("orgins", 'Did you mean "origins"?'),
        ("origin", 'Did you mean "origins"?'),
        ("suports_credentials", 'Did you mean "supports_credentials"?'),
        ("zzz", f"There are: {', '.join(sorted(OPTIONS))}."),
    ],
)
def test_misspelt_option_is_an_error_with_a_suggestion(name: str, hint: str) -> None:
    problem = problems(origins=A, **{name: "x"})[0]
    assert (problem.setting, problem.reason) == (name, "unknown-option")
    assert problem.hint == hint


ENVIRONMENT = (
    ", not a string; environment variables have to be converted, as Flask's "
    "app.config.from_prefixed_env() does"
)


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [
        ("methods", "put", 'Write "PUT".'),
        (
            "methods",
            ["PUT, DELETE"],
            'Write each name as an item of its own: ["PUT", "DELETE"].',
        ),
        ("allow_headers", ["Content-Type: application/json"], 'Write "Content-Type".'),
        (
            "allow_headers",
            [""],
            'Write a name such as "X-Token". Perhaps an environment variable is not '
            "set.",
        ),
        (
            "supports_credentials",
            None,
            "Write True or False. Perhaps an environment variable is not set.",
        ),
        (
            "timing_allow_origin",
            [A],
            'Write True for the allowed origins, "*" for every site, or False.',
        ),
        ("methods", "patch", 'Write "PATCH".'),
        ("accept_risks", "null-orgin", 'Did you mean "null-origin"?'),
        ("preflight_status", 202, "Write 204 or 200."),
        ("enforce", 1, 'Write True, False or "unsafe".'),
        ("enforce", "true", f'Write True, False or "unsafe"{ENVIRONMENT}.'),
        ("max_age", "0600", f"Write 600{ENVIRONMENT}."),
        (
            "max_age",
            "10m",
            "Write an int, a timedelta, or None to leave the header out.",
        ),
    ],
)
def test_hint_says_what_to_write(option: str, value: Any, hint: str) -> None:
    (problem,) = problems(origins=A, **{option: value})
    assert problem.hint == hint


def test_wildcard_methods_and_headers_go_with_credentials_but_exposing_does_not() -> (
    None
):
    options = {"origins": A, "supports_credentials": True}
    Policy(**options, methods="*", allow_headers="*")  # type: ignore[arg-type]
    expected = [("expose_headers", "expose-wildcard-credentials")]
    assert reasons(**options, expose_headers="*") == expected


def test_a_header_with_a_token_may_be_exposed_with_a_warning() -> None:
    """Few responses have Authorization, but some answer a login with it."""
    with pytest.warns(PolicyWarning, match="header-of-requests") as caught:
        policy = Policy(origins=A, expose_headers="Authorization, X-A")
    assert len(caught) == 1
    assert policy.expose_headers == ("Authorization", "X-A")


def test_left_out_allow_headers_are_a_token_and_json() -> None:
    assert Policy(origins=A).allow_headers == ("Authorization", "Content-Type")
    assert Policy(origins=A, allow_headers="X-A").allow_headers == ("X-A",)


@pytest.mark.parametrize("value", [86401, timedelta(days=30), 2**31])
def test_max_age_beyond_what_browsers_keep_is_taken_with_one_warning(
    value: int | timedelta,
) -> None:
    with pytest.warns(PolicyWarning) as caught:
        policy = Policy(origins=A, max_age=value)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    for cap in ("86400", "7200", "600"):
        assert cap in str(caught[0].message)
    assert policy.max_age is not None
    assert policy.max_age > 86400


def test_replaced_max_age_warns_at_the_line_that_replaced_it() -> None:
    with pytest.warns(PolicyWarning, match="max-age-beyond-browsers") as caught:
        Policy(origins=A).replace(max_age=10**6)
    assert [item.filename for item in caught] == [__file__]


def test_86400_seconds_need_no_warning() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Policy(origins=A, max_age=86400)
    assert caught == []
