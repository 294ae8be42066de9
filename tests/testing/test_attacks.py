"""Attacks find each flaw in an application that has it, and nothing else there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest

from flask_cors_policy.testing import FLAWS, attack

from .bad_apis import API, APP, BAD, UNUSUAL, Change, adding, matched

LOGGED_IN: dict[str, Any] = {"method": "POST", "headers": {"Cookie": "session=x"}}


@pytest.mark.parametrize(("ids", "api"), BAD.items(), ids=list(BAD))
def test_a_flaw_is_found_and_nothing_else(ids: str, api: API) -> None:
    trusted = None if ids == "allow-origin-list" else APP
    more = LOGGED_IN if ids.endswith("-forged") else {}
    found = {finding.id for finding in attack(api, "/api/me", trusted, **more)}
    assert found == set(ids.split())


def test_every_flaw_of_the_table_is_found_somewhere() -> None:
    assert {flaw for ids in BAD for flaw in ids.split()} == set(FLAWS)


def test_an_api_without_flaws_has_none() -> None:
    findings = attack(API(credentials=True), "/api/me", APP)
    assert not findings
    assert findings == []
    assert findings.trusted == (APP,)
    assert findings.requests > 150


NOT_ATTACKED: dict[str, tuple[dict[str, str], str]] = {
    "trusted is not an origin": (
        {"trusted": "https://app.example.com/"},
        r"trusted\[0\] = .*: An origin ends after host and port",
    ),
    "every origin is trusted": (
        {"trusted": "*"},
        r"trusted\[0\] = '\*': If every origin is trusted, there is nothing to find. "
        r"Name the trusted origins; leave trusted out if \* is intended.",
    ),
    "trusted is not allowed": (
        {"trusted": "https://b.example"},
        r"trusted: https://b.example is not allowed at https://api.example.com/api/me, "
        r"which answers a page of https://b.example with 200 OK and "
        r"Access-Control-Allow-Origin: None",
    ),
    "a pattern is not allowed": (
        {"trusted": "http://*.b.example:*"},
        r"answers a page of http://a.b.example:3000 with",
    ),
    "ignore is no flaw": (
        {"ignore": "vary"},
        "ignore = 'vary': no such flaw; they are origin-reflected, origin-from",
    ),
    "url is none": ({"url": "ftp://api.example.com/"}, "not fetched over HTTP"),
}


@pytest.mark.parametrize(
    ("arguments", "message"), NOT_ATTACKED.values(), ids=list(NOT_ATTACKED)
)
def test_what_would_prove_nothing_is_refused(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        attack(API(), **{"url": "/api/me", **arguments})


def test_what_the_application_raises_on_an_ordinary_request_reaches_the_test() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        raise LookupError("in the view")

    with pytest.raises(LookupError, match="in the view"):
        attack(app, "/api/me")


def test_a_server_that_always_fails_is_not_crashed_by_a_header() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("500 Internal Server Error", [])
        return []

    assert attack(app, "/api/me") == []


def test_flaws_can_be_accepted_on_purpose() -> None:
    api = API(lambda origin: True)
    ids = ["origin-reflected", "null-allowed"]
    assert [finding.id for finding in attack(api, "/api/me", ignore=ids[0])] == ids[1:]
    assert attack(api, "/api/me", ignore=ids) == []


def test_origins_are_guessed_where_none_are_given() -> None:
    patterns = {
        "https://www.example.com": r"https://www.example.com",
        "http://localhost:3000": r"http://localhost:\d+",
        "https://api.example.com": r"https://[a-z]+\.example\.com",
    }
    for origin, pattern in patterns.items():
        findings = attack(API(matched(pattern)), "/api/me")
        assert findings.trusted[0] == origin
        assert "suffix-matched" in {finding.id for finding in findings}
    other = attack(API(matched("https://unlikely.example")), "/api/me")
    assert (other.trusted, list(other)) == ((), [])


def test_what_only_the_owner_can_judge_is_judged_where_all_origins_are_given() -> None:
    api = API(re.compile(r"https?://([a-z]+\.)?app\.example\.com(:\d{4})?").fullmatch)
    assert attack(api, "/api/me") == []
    found = {finding.id for finding in attack(api, "/api/me", APP)}
    assert found == {"scheme-downgrade", "subdomain-allowed", "port-ignored"}
    api.credentials = True
    (finding,) = attack(api, "/api/me")
    assert (finding.id, finding.severity.value) == ("scheme-downgrade", "high")


def test_credentials_make_it_worse_and_the_worst_comes_first() -> None:
    api = API(lambda origin: True, vary=False)
    low = attack(api, "/api/me", APP)
    assert [finding.severity.value for finding in low] == [*["medium"] * 4, "low"]
    api.credentials = True
    high = attack(api, "/api/me", APP)
    assert [finding.severity.value for finding in high] == [
        *["critical"] * 2,
        *["medium"] * 2,
        "low",
    ]


def test_what_no_cache_keeps_needs_no_vary() -> None:
    api = API(vary=False, change=adding(("Cache-Control", "private, no-store")))
    assert attack(api, "/api/me", APP) == []


@pytest.mark.parametrize("change", UNUSUAL, ids=lambda change: change.__name__)
def test_what_is_merely_unusual_is_no_flaw(change: Change) -> None:
    assert attack(API(change=change), "/api/me", APP) == []


def test_the_root_has_fewer_spellings() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        environ["PATH_INFO"] = environ["PATH_INFO"].replace("/", "/api/me", 1)
        return API()(environ, start_response)

    assert attack(app, "/", APP) == []


def test_requests_carry_what_the_caller_says() -> None:
    seen: set[tuple[str, str | None, str | None]] = set()

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        token = environ.get("HTTP_AUTHORIZATION")
        seen.add((environ["REQUEST_METHOD"], token, environ["HTTP_HOST"]))
        return API()(environ, start_response)

    headers = {"Authorization": "Bearer t"}
    attack(app, "/api/me", base_url="http://b.example", method="HEAD", headers=headers)
    assert seen == {
        ("HEAD", "Bearer t", "b.example"),
        ("HEAD", "Bearer t", "attacker.example"),
        ("OPTIONS", None, "b.example"),
    }
    seen.clear()
    attack(app, "/api/me?a=1", headers=list(headers.items()))
    assert ("GET", "Bearer t", "api.example.com") in seen


def test_all_requests_are_harmless() -> None:
    methods = set()

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        methods.add(environ["REQUEST_METHOD"])
        return API()(environ, start_response)

    attack(app, "/api/me", APP)
    assert methods == {"GET", "OPTIONS"}
