"""Each reason code of the table of mistakes is given by some input."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from flask_cors_policy import CORSMiddleware, Policy, PolicyError, PolicyWarning
from flask_cors_policy.core.errors import MISTAKES
from tests.helpers import A, Spy

FLASK_ONLY = {
    "setting-changed",
    "marked-twice",
    "mark-without-effect",
    "mark-shared",
    "mark-unused",
}


def policy(**options: Any) -> Callable[[], object]:
    return lambda: Policy(**options)


def middleware(rules: Any, **options: Any) -> Callable[[], object]:
    return lambda: CORSMiddleware(Spy(), rules, **options)


CREDENTIALS = {"supports_credentials": True}
REGEX = {"accept_risks": "regex-origin"}
NULL = {"origins": "null", "accept_risks": "null-origin"}

CAUSES: dict[str, Callable[[], object]] = {
    "unknown-option": policy(origins=A, orgins=A),
    "unknown-policy": middleware({"/api/*": "partners"}),
    "wrong-type": policy(origins=7),
    "out-of-range": policy(origins=A, max_age=-1),
    "unknown-risk": policy(origins=A, accept_risks="all"),
    "conflicting-options": middleware(Policy(origins=A), max_age=5),
    "origins-required": policy(),
    "origins-empty": policy(origins=[]),
    "origins-callable": policy(origins=lambda: True),
    "origin-whitespace": policy(origins=[" https://a.com"]),
    "origin-list": policy(origins=["https://a.com,https://b.com"]),
    "origin-null": policy(origins="null"),
    "origin-unset": policy(origins="http://None:3000"),
    "origin-quotes": policy(origins=['"https://a.com"']),
    "origin-null-credentials": policy(**NULL, **CREDENTIALS),
    "origin-wildcard-mixed": policy(origins=["*", A]),
    "origin-wildcard-credentials": policy(origins="*", **CREDENTIALS),
    "origin-wildcard-place": policy(origins="https://a.*.com"),
    "origin-regex": policy(origins=r"https://.*\.a\.com"),
    "origin-regex-risk": policy(origins=re.compile("x")),
    "regex-any-origin": policy(**REGEX, origins=re.compile(r"https://[a-z.]+")),
    "regex-open": policy(**REGEX, origins=re.compile(r"https://a\.com.*")),
    "origin-regex-dot": policy(**REGEX, origins=re.compile("https://a.com")),
    "origin-scheme-missing": policy(origins="a.com"),
    "origin-scheme": policy(origins="file:///home"),
    "origin-userinfo": policy(origins="https://user@a.com"),
    "origin-path": policy(origins="https://a.com/"),
    "origin-upper-case": policy(origins="https://A.com"),
    "origin-unicode": policy(origins="https://ä.com"),
    "origin-host": policy(origins="https://a..com"),
    "origin-punycode": policy(origins="https://xn--a-.com"),
    "origin-ipv4": policy(origins="http://127.1"),
    "origin-ipv6": policy(origins="http://[0::1]"),
    "origin-port": policy(origins="http://a.com:0"),
    "origin-default-port": policy(origins="http://a.com:80"),
    "origin-too-long": policy(origins="https://" + "a" * 400),
    "origin-insecure": policy(origins="http://a.com", **CREDENTIALS),
    "origin-public-suffix": policy(origins="https://*.github.io", **CREDENTIALS),
    "option-of-policy": policy(origins={A: {"enforce": True}}),
    "option-without-effect": policy(
        origins={A: {"timing_allow_origin": False}}, timing_allow_origin="*"
    ),
    "origin-duplicate": policy(origins=[(A, {}), (A, {"max_age": 5})]),
    "origin-overlap": policy(
        origins={"https://*.a.example": {}, "https://b.a.example:*": {}}
    ),
    "method-token": policy(origins=A, methods="PUT/"),
    "method-forbidden": policy(origins=A, methods="TRACE"),
    "method-case": policy(origins=A, methods="put"),
    "wildcard-mixed": policy(origins=A, methods="*, PUT"),
    "header-token": policy(origins=A, allow_headers="X-A:"),
    "header-forbidden": policy(origins=A, allow_headers="Cookie"),
    "header-of-responses": policy(
        origins=A, allow_headers="Access-Control-Allow-Origin"
    ),
    "header-of-requests": policy(origins=A, expose_headers="Cookie"),
    "header-of-cors": policy(origins=A, expose_headers="Access-Control-Allow-Origin"),
    "expose-wildcard-credentials": policy(
        origins=A, expose_headers="*", **CREDENTIALS
    ),
    "max-age-beyond-browsers": policy(origins=A, max_age=86401),
    "paths-empty": middleware({}),
    "path-syntax": middleware({"api": Policy(origins=A)}),
    "report-file-folder": middleware(
        Policy(origins=A), report_file="/no-such-folder/asked.json"
    ),
}  # fmt: skip


def test_every_mistake_has_its_cause_here() -> None:
    assert set(CAUSES) == set(MISTAKES) - FLASK_ONLY


def reported(cause: Callable[[], object]) -> list[str]:
    """Return the codes of the problems, or of the warnings, that *cause* leads to."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            cause()
        except PolicyError as error:
            return [problem.reason for problem in error.problems]
    return [str(item.message).rpartition("[")[2].removesuffix("]") for item in caught]


@pytest.mark.parametrize(("reason", "cause"), CAUSES.items(), ids=CAUSES)
def test_mistake_is_reported_and_nothing_more(
    reason: str, cause: Callable[[], object]
) -> None:
    assert reported(cause) == [reason]


@pytest.mark.parametrize("reason", ["max-age-beyond-browsers", "origin-regex-dot"])
def test_what_works_in_spite_of_it_is_a_warning_of_a_class_of_its_own(
    reason: str,
) -> None:
    with pytest.warns(PolicyWarning, match=rf"\[{reason}\]$"):
        CAUSES[reason]()


@pytest.mark.parametrize(("reason", "meaning"), MISTAKES.items(), ids=MISTAKES)
def test_code_is_a_slug_and_its_meaning_one_line(reason: str, meaning: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", reason)
    assert re.fullmatch(r"\S.{10,80}\S", meaning)
