"""Origins that are a danger, or no string: what each of them needs to be accepted."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from flask_cors_policy import Policy
from tests.helpers import A, problems, reasons

REGEX = re.compile(r"https://[a-z]+\.example\.com")
RISKS = ["regex-origin", "null-origin", "insecure-origin", "public-suffix"]


def allow(origin: str, environ: Mapping[str, Any]) -> bool:
    return True


class Lookup:
    def __call__(self, origin: str, environ: Mapping[str, Any]) -> bool:
        return True

    def asked(self, origin: str, environ: Mapping[str, Any]) -> bool:
        return True


class AsyncLookup:
    async def __call__(self, origin: str, environ: Mapping[str, Any]) -> bool:
        return True


async def allow_later(origin: str, environ: Mapping[str, Any]) -> bool:
    return True


def allow_each(origin: str, environ: Mapping[str, Any]) -> Iterator[bool]:
    yield True


def keyword_only(origin: str, *, environ: Mapping[str, Any]) -> bool:
    return True


def with_default(origin: str, environ: object = None, extra: int = 0) -> bool:
    return True


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [("origins", "origins-required")]),
        ({"origins": None}, [("origins", "origins-required")]),
        ({"origins": ""}, [("origins", "origins-empty")]),
        ({"origins": " , "}, [("origins", "origins-empty")]),
        ({"origins": []}, [("origins", "origins-empty")]),
        ({"origins": iter(())}, [("origins", "origins-empty")]),
        ({"origins": 7}, [("origins", "wrong-type")]),
        ({"origins": True}, [("origins", "wrong-type")]),
        ({"origins": b"https://a.example"}, [("origins", "wrong-type")]),
        ({"origins": {A: 1}}, [(f"origins[{A!r}]", "wrong-type")]),
        ({"origins": [[A]]}, [("origins[0]", "wrong-type")]),
        ({"origins": ["*", A]}, [("origins[0]", "origin-wildcard-mixed")]),
        ({"origins": [A, "*"]}, [("origins[1]", "origin-wildcard-mixed")]),
        ({"origins": f"{A},*"}, [("origins[1]", "origin-wildcard-mixed")]),
        ({"origins": [allow, "*"]}, [("origins[1]", "origin-wildcard-mixed")]),
        ({"origins": "null"}, [("origins", "origin-null")]),
        ({"origins": [A, "null"]}, [("origins[1]", "origin-null")]),
        ({"origins": REGEX}, [("origins", "origin-regex-risk")]),
        ({"origins": [A, REGEX]}, [("origins[1]", "origin-regex-risk")]),
        ({"origins": re.compile(b"x")}, [("origins", "wrong-type")]),
        ({"origins": allow_later}, [("origins", "origins-callable")]),
        ({"origins": AsyncLookup()}, [("origins", "origins-callable")]),
        ({"origins": allow_each}, [("origins", "origins-callable")]),
        ({"origins": Lookup}, [("origins", "origins-callable")]),
        ({"origins": str}, [("origins", "origins-callable")]),
        ({"origins": lambda: True}, [("origins", "origins-callable")]),
        ({"origins": lambda origin: True}, [("origins", "origins-callable")]),
        ({"origins": lambda a, b, c: True}, [("origins", "origins-callable")]),
        ({"origins": keyword_only}, [("origins", "origins-callable")]),
        ({"origins": [functools.partial(allow, A, {})]}, [
            ("origins[0]", "origins-callable"),
        ]),
    ],
)  # fmt: skip
def test_refused_without_credentials(
    options: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert reasons(**options) == expected


@pytest.mark.parametrize(
    ("origins", "expected"),
    [
        ("*", [("origins", "origin-wildcard-credentials")]),
        ("http://a.example", [("origins", "origin-insecure")]),
        ("http://*.a.example", [("origins", "origin-insecure")]),
        ("http://10.0.0.1:*", [("origins", "origin-insecure")]),
        ("http://localhost.example", [("origins", "origin-insecure")]),
        ("https://*.com", [("origins", "origin-public-suffix")]),
        ("https://*.co.uk", [("origins", "origin-public-suffix")]),
        ("https://*.github.io", [("origins", "origin-public-suffix")]),
        ("https://*.github.io:*", [("origins", "origin-public-suffix")]),
        # Anybody can have a name under s3.amazonaws.com, and so under this.
        ("https://*.amazonaws.com", [("origins", "origin-public-suffix")]),
        ("https://*.ck", [("origins", "origin-public-suffix")]),
        ("https://*.github.io.", [("origins", "origin-public-suffix")]),
        ("https://*.amazonaws.com.", [("origins", "origin-public-suffix")]),
        ("https://*.unheard-of-suffix", [("origins", "origin-public-suffix")]),
        ("http://*.com", [
            ("origins", "origin-insecure"), ("origins", "origin-public-suffix"),
        ]),
        ([A, "http://a.example", "https://*.com"], [
            ("origins[1]", "origin-insecure"), ("origins[2]", "origin-public-suffix"),
        ]),
    ],
)  # fmt: skip
def test_refused_with_credentials(
    origins: Any, expected: list[tuple[str, str]]
) -> None:
    Policy(origins=origins)
    assert reasons(origins=origins, supports_credentials=True) == expected
    # What may be sent as another site is a danger too.
    if origins != "*":
        assert reasons(origins=origins, enforce=True) == expected


def test_a_danger_of_what_was_meant_is_reported_in_the_same_round() -> None:
    options = {"origins": ["http://a.example/", r"https://.*\.github\.io"]}
    assert reasons(**options, supports_credentials=True) == [
        ("origins[0]", "origin-path"),
        ("origins[1]", "origin-regex"),
        ("origins[0]", "origin-insecure"),
        ("origins[1]", "origin-public-suffix"),
    ]


@pytest.mark.parametrize(
    "host", ["example.com", "a.co.uk", "a.github.io", "example.amazonaws.com", "www.ck"]
)
def test_a_domain_that_somebody_has_registered_may_have_subdomains(host: str) -> None:
    policy = Policy(origins=f"https://*.{host}", supports_credentials=True)
    assert policy.allows_origin(f"https://www.{host}")


@pytest.mark.parametrize("origin", ["null", "file://"])
def test_pages_of_anybody_need_a_risk_and_never_get_credentials(origin: str) -> None:
    assert reasons(origins=origin) == [("origins", "origin-null")]
    policy = Policy(origins=origin, accept_risks="null-origin")
    assert policy.allows_origin(origin)
    assert not policy.allows_origin(A)
    options = {"origins": origin, "supports_credentials": True, "accept_risks": RISKS}
    assert reasons(**options) == [("origins", "origin-null-credentials")]


def test_wildcard_with_credentials_is_refused_whatever_risk_is_accepted() -> None:
    (problem,) = problems(origins="*", supports_credentials=True, accept_risks=RISKS)
    assert problem.reason == "origin-wildcard-credentials"
    assert "supports_credentials is True" in problem.message


@pytest.mark.parametrize(
    ("origins", "risk"),
    [
        ("http://a.example", "insecure-origin"),
        ("http://*.a.example", "insecure-origin"),
        ("https://*.github.io", "public-suffix"),
        ("https://*.com", "public-suffix"),
        (REGEX, "regex-origin"),
    ],
)
def test_each_risk_lets_its_own_danger_through_and_no_other(
    origins: Any, risk: str
) -> None:
    options = {"origins": origins, "supports_credentials": True}
    assert Policy(**options, accept_risks=risk).accept_risks == {risk}
    others = [name for name in RISKS if name != risk]
    assert len(problems(**options, accept_risks=others)) == 1


@pytest.mark.parametrize(
    "origin",
    [
        A,
        "https://*.a.example",
        "https://*.example.co.uk",
        "https://*.user.github.io",
        "http://localhost",
        "http://localhost:*",
        "http://*.localhost:*",
        "http://127.0.0.1:*",
        "http://127.0.0.53",
        "http://[::1]:3000",
        "http://localhost.:*",
        "chrome-extension://abcdef",
        "app://.",
        "qrc://",
    ],
)
def test_permitted_with_credentials_and_enforced(origin: str) -> None:
    page = origin.replace("*.", "x.").replace(":*", ":1234")
    assert Policy(origins=origin, supports_credentials=True).allows_origin(page)
    assert Policy(origins=origin, enforce=True).allows_origin(page)


@pytest.mark.parametrize(
    "lookup",
    [
        allow,
        with_default,
        Lookup(),
        Lookup().asked,
        functools.partial(with_default, extra=1),
        lambda origin, environ: True,
        lambda *arguments: True,
    ],
    ids=lambda lookup: type(lookup).__name__,
)
def test_function_of_two_arguments_is_taken(lookup: Callable[..., bool]) -> None:
    assert Policy(origins=lookup).allows_origin(A)
    assert Policy(origins=["https://b.example", lookup]).allows_origin(A)


def test_function_without_a_signature_is_taken_at_its_word() -> None:
    options: dict[str, Any] = {"origins": max}
    assert options["origins"] in Policy(**options).origins


@pytest.mark.parametrize(
    "answer", [False, None, 1, "true", "yes", [True], object(), NotImplemented]
)
def test_anything_but_true_denies(answer: object) -> None:
    def lookup(origin: str, environ: Mapping[str, Any]) -> Any:
        return answer

    assert not Policy(origins=lookup).allows_origin(A)


def test_function_is_asked_last_and_only_about_valid_origins() -> None:
    asked: list[str] = []

    def lookup(origin: str, environ: Mapping[str, Any]) -> bool:
        asked.append(origin)
        return False

    policy = Policy(origins=["https://*.b.example", A, lookup])
    asked_about = (A, "https://x.b.example", "null", "file://", "", "x", f"{A}/")
    for origin in (*asked_about, f"{A}, {A}"):
        policy.allows_origin(origin)
    assert asked == []
    policy.allows_origin("https://c.example")
    assert asked == ["https://c.example"]


@pytest.mark.parametrize(
    ("origin", "risks", "allowed"),
    [
        ("http://c.example", [], False),
        ("http://c.example", ["insecure-origin"], True),
        ("https://c.example", [], True),
        ("http://localhost:3000", [], True),
    ],
)
def test_function_cannot_allow_plain_http_with_credentials_by_accident(
    origin: str, risks: list[str], allowed: bool
) -> None:
    policy = Policy(origins=allow, supports_credentials=True, accept_risks=risks)
    assert policy.allows_origin(origin) is allowed
    regex = re.compile(r"https?://(c\.example|localhost(:\d+)?)")
    policy = policy.replace(origins=regex, accept_risks=["regex-origin", *risks])
    assert policy.allows_origin(origin) is allowed
    assert policy.replace(supports_credentials=False).allows_origin(origin)
    enforced = policy.replace(supports_credentials=False, enforce=True)
    assert enforced.allows_origin(origin) is allowed
