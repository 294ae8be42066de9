"""Redirects for want of a login, of https, or of a place to go to."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cors_policy.devtools.browser import Received, Sent
from flask_cors_policy.devtools.explaining import PolicyStatus, ServerInfo

from .helpers import ALLOW, API, URL, A, codes, explain

PUT = {"method": "PUT"}
LOGIN = f"{API}/login"
HTTP = "http://api.example.com/items"
AFTER = ServerInfo(PolicyStatus.NO_EXTENSION)
POLICY = f'Write CORS(app, origins=["{A}"]).'
PROXY_FIX = "Tell the application that it is served over https: "
NO_LOGIN = "Have the API answer 401 when nobody is signed in, not redirect."

Case = tuple[str, dict[str, Any], ServerInfo, str, tuple[str, ...]]

CASES: dict[str, Case] = {
    "a preflight to a login page": (
        LOGIN,
        PUT,
        ServerInfo(),
        "preflight-authenticated",
        ("Answer preflights before authentication",),
    ),
    "a preflight to a login page, without a policy": (
        LOGIN,
        PUT,
        AFTER,
        "preflight-authenticated",
        (f"A policy answers preflights before authentication: {POLICY}",),
    ),
    "a preflight to plain http": (
        HTTP,
        PUT,
        ServerInfo(),
        "redirect-to-http",
        (PROXY_FIX,),
    ),
    "a request to a login page": (
        LOGIN,
        {},
        ServerInfo(),
        "not-signed-in",
        (NO_LOGIN,),
    ),
    "a request to a login page, without a policy": (
        LOGIN,
        {},
        AFTER,
        "not-signed-in",
        (NO_LOGIN, f"So that the page can read that: {POLICY}"),
    ),
    "a request to plain http": (HTTP, {}, AFTER, "redirect-to-http", (PROXY_FIX,)),
    "a request to plain http and a slash": (
        f"{HTTP}/",
        {},
        ServerInfo(),
        "trailing-slash",
        (f"Have the page request {URL}/.", PROXY_FIX),
    ),
    "a request to what is no URL": (
        "http://[",
        {},
        AFTER,
        "no-policy",
        (POLICY,),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_redirect_without_headers_is_told_with_what_it_leads_to(name: str) -> None:
    to, parts, server, cause, fixes = CASES[name]
    explanation = explain(Received(302, (("Location", to),)), server, **parts)
    diagnosis = explanation.diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == cause
    assert len(diagnosis.fixes) == len(fixes)
    for fix, begins in zip(diagnosis.fixes, fixes, strict=True):
        assert fix.text.startswith(begins)


def test_a_redirect_to_another_host_over_plain_http_is_mixed_content() -> None:
    to = ("Location", "http://other.example.com/items")
    diagnosis = explain(Received(302, (to, ALLOW))).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "mixed-content"
    assert diagnosis.fixes[0].text == "Serve the API over https."


def test_a_redirect_that_the_page_does_not_follow_is_met_with_silence() -> None:
    to = ("Location", f"{URL}/")
    explanation = explain(Received(302, (to, ALLOW)), redirect="manual")
    assert explanation.allowed
    assert explanation.diagnosis is None
    assert codes(explanation) == []


def test_a_redirect_to_an_internal_host_over_plain_http_needs_the_host_alone() -> None:
    def answer(sent: Sent) -> Received | None:
        if sent.url.host == "backend":
            return None
        location = ("Location", "http://backend:5000/items/")
        return Received(308, (("Access-Control-Allow-Origin", "*"), location))

    url = "http://api.example.com/items"
    diagnosis = explain(answer, origin="http://app.example.com", url=url).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "changed-in-front"
    (fix,) = diagnosis.fixes
    assert fix.text.startswith("Have the proxy pass on Host")
    assert "ProxyFix" not in fix.text
