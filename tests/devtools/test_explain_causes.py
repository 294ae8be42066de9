"""Broken applications: the true cause comes first, and its fix works."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from flask_cors_policy.devtools.explaining import Diagnosis, Explanation
from flask_cors_policy.testing import Browser, CORSBlocked

from .broken_apps import Broken, build, explained, page_request, repaired
from .broken_cases import CASES
from .broken_in_front import IN_FRONT
from .broken_readable import READABLE
from .more_broken_cases import MORE

ALL = {**CASES, **MORE, **IN_FRONT, **READABLE}
# What the server sees is not what the page has sent: null after some redirects, or the
# origin of a proxy.
LOGGED = {
    "a redirect to https behind the preflight": "origin-null",
    "a proxy writes its own Origin": "origin-not-allowed",
}
B = "https://b.example"
STRANGERS = ("https://attacker.example", "http://app.example.com", "null")


def first(explanation: Explanation) -> Diagnosis:
    assert explanation.diagnosis is not None
    return explanation.diagnosis


def text(explanation: Explanation) -> str:
    diagnosis = first(explanation)
    return " ".join([diagnosis.found, *(fix.text for fix in diagnosis.fixes)])


def test_there_are_as_many_applications_as_are_promised() -> None:
    assert len(CASES) == 34


@pytest.mark.parametrize("name", ALL)
def test_the_true_cause_comes_first(name: str) -> None:
    broken = ALL[name]
    explanation = explained(broken)
    assert first(explanation).cause.value == broken.cause
    assert broken.says in text(explanation)
    assert explanation.allowed is broken.allowed


@pytest.mark.parametrize("name", ALL)
def test_the_first_fix_works(name: str) -> None:
    broken = ALL[name]
    fix = first(explained(broken)).fixes[0]
    again = explained(repaired(broken, fix))
    assert again.allowed
    assert again.diagnosis is None


@pytest.mark.parametrize("name", [name for name in ALL if not ALL[name].allowed])
def test_a_failed_test_names_the_same_cause(name: str) -> None:
    broken = ALL[name]
    app, request = build(broken), page_request(broken)
    page = Browser(app, broken.origin, request.url)
    for pair in filter(None, broken.cookie.split("; ")):
        page.set_cookie(*pair.split("="))
    with pytest.raises(CORSBlocked) as caught:
        page.fetch(
            request.url,
            request.method,
            request.headers,
            credentials=request.credentials,
            body=request.body,
            mode=request.mode,
        )
    assert caught.value.reason == broken.cause
    fix = first(explained(broken)).fixes[0]
    assert f"\n  Fix:  {fix.text}\n" in str(caught.value)


@pytest.mark.parametrize("name", ALL)
def test_the_log_names_the_same_cause_if_it_speaks(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    broken = ALL[name]
    with caplog.at_level(logging.WARNING, "flask_cors_policy"):
        explanation = explained(broken)
    reasons = {
        getattr(record, "cors_reason", "")
        for record in caplog.records
        if hasattr(record, "cors_kind")
    }
    if reasons and not explanation.allowed:
        assert LOGGED.get(name, broken.cause) in reasons


@pytest.mark.parametrize("name", IN_FRONT)
def test_a_policy_that_allows_the_page_is_no_second_cause(name: str) -> None:
    causes = explained(IN_FRONT[name]).causes
    assert [each.cause.value for each in causes] == [IN_FRONT[name].cause]


def test_a_second_cause_is_printed_with_its_fix() -> None:
    broken = replace(IN_FRONT["the service is in maintenance"], options={"origins": B})
    causes = explained(broken).causes
    assert [each.cause.value for each in causes] == [
        "server-error",
        "origin-not-allowed",
    ]
    with pytest.raises(CORSBlocked) as caught:
        Browser(build(broken), broken.origin).fetch("/items")
    printed = str(caught.value)
    assert "  Also (origin-not-allowed): The policy (the application) does" in printed
    assert f'write origins=["{B}", "{broken.origin}"]' in printed


def granted(broken: Broken, origin: str) -> bool:
    """Say whether a page of *origin* may make the request with cookies."""
    asked = {**broken.ask, "credentials": "include"}
    return explained(replace(broken, origin=origin, ask=asked)).allowed


@pytest.mark.parametrize("name", [name for name in ALL if not ALL[name].corrected])
def test_no_fix_opens_more_than_it_says(name: str) -> None:
    broken = ALL[name]
    fix = first(explained(broken)).fixes[0]
    after = repaired(broken, fix)
    for origin in STRANGERS:
        if origin != broken.origin and granted(after, origin):
            assert granted(broken, origin)
