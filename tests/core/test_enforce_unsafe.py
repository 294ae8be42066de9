"""``enforce="unsafe"``: a defence against forged requests, by the list of origins."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.core.decision import decide, decide_denied
from flask_cors_policy.core.reasons import Reason
from flask_cors_policy.core.request import CORSRequest
from tests.helpers import EVIL, A, Spy, actual, call, preflight, reasons

OWN = "https://api.example"
SITES = [None, "same-origin", "none", "same-site", "cross-site", "odd", "none, none"]


def status(policy: Policy, request: CORSRequest) -> int | None:
    return decide(policy, request).status


def unsafe(**options: Any) -> Policy:
    settings: dict[str, Any] = {"origins": A, "enforce": "unsafe", **options}
    return Policy(**settings)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "brew"])
def test_another_site_cannot_change_anything(method: str) -> None:
    assert status(unsafe(), actual(EVIL, method)) == 403
    assert status(unsafe(), actual("null", method)) == 403
    assert status(unsafe(), actual(None, method, fetch_site="cross-site")) == 403
    assert status(unsafe(), actual(None, method, fetch_site="same-site")) == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_another_site_may_send_what_changes_nothing(method: str) -> None:
    for origin in (EVIL, "null", None):
        request = actual(origin, method, fetch_site="cross-site", has_cookies=True)
        decision = decide(unsafe(), request)
        assert decision.status is None
        assert dict(decision.headers) == {"Vary": "Origin"}


@pytest.mark.parametrize("origin", [EVIL, "null", None])
def test_another_site_cannot_open_a_websocket(origin: str | None) -> None:
    handshake = actual(origin, is_websocket=True, fetch_site="cross-site")
    assert status(unsafe(), handshake) == 403


def test_an_allowed_origin_opens_a_websocket_with_cookies_only_with_credentials() -> (
    None
):
    handshake = actual(A, is_websocket=True, has_cookies=True)
    assert status(unsafe(), handshake) == 403
    assert status(unsafe(supports_credentials=True), handshake) is None


def test_the_own_pages_may_do_everything() -> None:
    for method in ("GET", "POST", "DELETE"):
        assert status(unsafe(), actual(OWN, method, has_cookies=True)) is None
        own = actual("null", method, fetch_site="same-origin")
        assert status(unsafe(), own) is None


def test_a_program_that_is_no_browser_may_do_everything() -> None:
    assert status(unsafe(), actual(None, "POST", has_cookies=True)) is None


def test_a_policy_for_everyone_refuses_writes_with_cookies_only() -> None:
    policy = unsafe(origins="*")
    assert status(policy, actual(EVIL, "POST")) is None
    assert status(policy, actual(EVIL, "GET", has_cookies=True)) is None
    decision = decide(policy, actual(EVIL, "POST", has_cookies=True))
    assert (decision.status, decision.reason) == (403, Reason.CREDENTIALS_NOT_ALLOWED)


def test_a_read_that_was_served_does_not_let_a_write_pass() -> None:
    """The answer to a GET is not kept for the POST of the same origin."""
    for origins in (A, "*"):
        spy = Spy()
        app = CORSMiddleware(spy, unsafe(origins=origins))
        headers = {"Origin": A, "Cookie": "session=x"}
        assert call(app, "GET", headers=headers).status == "200 OK"
        assert call(app, "POST", headers=headers).status == "403 Forbidden"
        assert call(app, "GET", headers=headers).status == "200 OK"
        assert [each["REQUEST_METHOD"] for each in spy.calls] == ["GET", "GET"]


def test_a_link_that_was_served_does_not_let_a_form_without_origin_pass() -> None:
    spy = Spy()
    app = CORSMiddleware(spy, unsafe())
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert call(app, "GET", headers=headers).status == "200 OK"
    assert call(app, "POST", headers=headers).status == "403 Forbidden"
    assert len(spy.calls) == 1


def test_a_handshake_is_refused_after_a_get_of_the_same_origin_was_served() -> None:
    spy = Spy()
    app = CORSMiddleware(spy, unsafe())
    assert call(app, headers={"Origin": EVIL}).status == "200 OK"
    upgrade = {"Origin": EVIL, "Upgrade": "WebSocket", "Connection": "Upgrade"}
    assert call(app, headers=upgrade).status == "403 Forbidden"
    assert len(spy.calls) == 1


def test_a_refused_write_is_not_stored_by_caches() -> None:
    decision = decide(unsafe(), actual(EVIL, "POST"))
    assert dict(decision.headers) == {"Vary": "Origin", "Cache-Control": "no-store"}


def test_an_ambiguous_path_is_refused_as_strictly_as_a_policy_refuses() -> None:
    lax, strict = Policy(origins=A), Policy(origins=A, enforce=True)
    for policy, read, write in (
        (lax, "200 OK", "200 OK"),
        (unsafe(), "200 OK", "403 Forbidden"),
        (strict, "403 Forbidden", "403 Forbidden"),
    ):
        app = CORSMiddleware(Spy(), {"/a/*": lax, "/b/*": policy})
        assert call(app, "GET", "/a//b", {"Origin": EVIL}).status == read
        assert call(app, "POST", "/a//b", {"Origin": EVIL}).status == write


def test_dangerous_origins_are_refused_at_start() -> None:
    for origin, reason in (
        ("http://a.example", "origin-insecure"),
        ("https://*.github.io", "origin-public-suffix"),
    ):
        assert reasons(origins=origin, enforce="unsafe") == [("origins", reason)]


def test_a_function_cannot_let_plain_http_write() -> None:
    policy = Policy(origins=lambda origin, environ: True, enforce="unsafe")
    decision = decide(policy, actual("http://a.example", "POST"))
    assert (decision.status, decision.reason) == (403, Reason.ORIGIN_INSECURE)


@pytest.mark.parametrize("value", ["Unsafe", "safe", "", 1, None, ["unsafe"]])
def test_no_other_value_is_taken_for_it(value: object) -> None:
    assert reasons(origins=A, enforce=value) == [("enforce", "wrong-type")]


def test_a_policy_with_it_is_another_one_than_with_true() -> None:
    assert len({unsafe(), Policy(origins=A, enforce=True), Policy(origins=A)}) == 3
    assert unsafe().enforce == "unsafe"
    assert repr(unsafe()) == "Policy(origins=('https://a.example',), enforce='unsafe')"


FORM = "application/x-www-form-urlencoded"


def refusal(
    caplog: pytest.LogCaptureFixture, content_type: str, method: str = "POST"
) -> str:
    """Return what is logged of a post from another site."""
    app = CORSMiddleware(Spy(), unsafe())
    headers = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}
    with caplog.at_level(logging.WARNING):
        call(app, method, "/pay", {**headers, "Content-Type": content_type})
    return caplog.records[-1].getMessage()


def test_the_log_tells_of_forms_that_other_sites_post_on_purpose(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = "If other sites post here on purpose"
    assert told in refusal(caplog, FORM)
    assert "@cross_origin(enforce=False)" in refusal(caplog, f"{FORM}; charset=utf-8")
    assert told not in refusal(caplog, "application/json")
    assert told not in refusal(caplog, FORM, "PUT")


REQUESTS = st.builds(
    actual,
    st.sampled_from([None, A, EVIL, OWN, "null", "http://a.example", "nonsense"]),
    st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "DELETE", "get"]),
    fetch_site=st.sampled_from(SITES),
    has_cookies=st.booleans(),
    is_websocket=st.booleans(),
)
POLICIES = st.sampled_from(
    [
        unsafe(),
        unsafe(supports_credentials=True),
        unsafe(origins="*"),
        unsafe(origins=lambda origin, environ: origin == A),
    ]
)


def is_refused(policy: Policy, request: CORSRequest) -> bool:
    """Say whether "unsafe" refuses, as the documentation has it, word by word."""
    if request.method in ("GET", "HEAD", "OPTIONS") and not request.is_websocket:
        return False
    if request.fetch_site in ("same-origin", "none"):
        return False
    foreign = request.fetch_site in ("cross-site", "same-site")
    if request.origin is None:
        return foreign
    if not foreign and request.origin == OWN:
        return False
    allowed = request.origin == A or policy.origins == ("*",)
    if not allowed:
        return True
    return request.has_cookies and not policy.supports_credentials


@given(POLICIES, REQUESTS)
def test_it_refuses_exactly_what_a_naive_oracle_refuses(
    policy: Policy, request: CORSRequest
) -> None:
    assert (status(policy, request) == 403) is is_refused(policy, request)


@given(POLICIES, st.one_of(REQUESTS, st.builds(preflight, st.sampled_from([A, EVIL]))))
def test_what_it_refuses_true_refuses_too(policy: Policy, request: CORSRequest) -> None:
    strict, lax = policy.replace(enforce=True), policy.replace(enforce=False)
    if status(policy, request) == 403:
        assert decide(strict, request) == decide(policy, request)
    else:  # What passes is answered as without any enforcement.
        passed = decide(policy, request)
        assert (passed.status, passed.headers) == decide(lax, request)[2:4]
    for reason in (Reason.PATH_AMBIGUOUS, Reason.ROUTE_UNKNOWN):
        if decide_denied(request, reason, "unsafe").status == 403:
            assert decide_denied(request, reason, True).status == 403
