"""Responses that a page may read, and what is wrong with them, or worth knowing."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cors_policy.devtools.browser import (
    Received,
    Sent,
)
from flask_cors_policy.devtools.explaining import (
    PolicyStatus,
    ServerInfo,
    SessionCookie,
    explanation_lines,
)
from flask_cors_policy.devtools.lines import joined

from .helpers import ALLOW, API, URL, A, codes, explain, known

TRUE = ("Access-Control-Allow-Credentials", "true")
OTHER_SITE = "https://shop.example.org"
WITH = {"credentials": "include"}


def from_other_site(status: int, *headers: tuple[str, str]) -> Received:
    allow = ("Access-Control-Allow-Origin", OTHER_SITE)
    return Received(status, (allow, TRUE, *headers))


LAX = SessionCookie("session", "lax", True)

CASES: dict[str, tuple[Received, ServerInfo, str, dict[str, Any], str, str]] = {
    "a failure": (
        Received(503, (ALLOW,)),
        ServerInfo(),
        A,
        {},
        "server-error",
        "Look at what stops the service, or wait.",
    ),
    "a challenge": (
        Received(401, (ALLOW, ("WWW-Authenticate", "Bearer"))),
        ServerInfo(),
        A,
        {},
        "not-signed-in",
        "If the API recognises its users by a token, have the page set Authorization.",
    ),
    "no cookie, of a server without a known policy": (
        Received(401, (ALLOW,)),
        ServerInfo(),
        A,
        {},
        "not-signed-in",
        'Have the page include them: fetch(url, {credentials: "include"}).',
    ),
    "no cookie, and none would cross sites": (
        from_other_site(401),
        ServerInfo(session=LAX),
        OTHER_SITE,
        {},
        "not-signed-in",
        'Have the page include them: fetch(url, {credentials: "include"}). Serve page '
        "and API from one site, such as app.example.com and api.example.com: many "
        "browsers block cookies of other sites.",
    ),
    "no cookie, where the policy allows them": (
        Received(401, (ALLOW,)),
        known(origins=A, supports_credentials=True),
        A,
        {},
        "not-signed-in",
        'Have the page include them: fetch(url, {credentials: "include"}).',
    ),
    "no cookie, where the policy does not": (
        Received(401, (ALLOW,)),
        known(origins=A),
        A,
        {},
        "not-signed-in",
        "If the API recognises its users by a token, have the page set Authorization.",
    ),
    "no cookie, where the policy never can": (
        Received(401, (ALLOW,)),
        known(origins=A, expose_headers="*"),
        A,
        {},
        "not-signed-in",
        "If the API recognises its users by a token, have the page set Authorization.",
    ),
    "a cookie of its own site": (
        from_other_site(401),
        known(cookie=LAX),
        OTHER_SITE,
        WITH,
        "cookie-not-sent",
        "Serve page and API from one site, such as app.example.com and "
        "api.example.com: many browsers block cookies of other sites.",
    ),
    "a cookie that goes everywhere": (
        from_other_site(401),
        known(cookie=SessionCookie("session", "none", True)),
        OTHER_SITE,
        WITH,
        "not-signed-in",
        "Sign in first; to try it here, give the cookie that the browser would hold.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_with_a_readable_response_is_said(name: str) -> None:
    answer, server, origin, parts, cause, fix = CASES[name]
    explanation = explain(answer, server, origin, **parts)
    assert explanation.allowed
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == cause
    assert explanation.diagnosis.fixes[0].text == fix
    printed = joined(explanation_lines(explanation))
    assert f"There is a problem ({cause}):\n  Why:  " in printed


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "In CORS(app) write supports_credentials=True."),
        (
            {"expose_headers": "*"},
            "The policy cannot allow that as it is: List the headers that pages shall "
            "read.",
        ),
    ],
)
def test_cookies_come_second_where_the_policy_has_no_credentials(
    options: dict[str, Any], says: str
) -> None:
    diagnosis = explain(Received(401, (ALLOW,)), known(origins=A, **options)).diagnosis
    assert diagnosis is not None
    assert diagnosis.found.endswith(
        "The page leaves out cookies, as fetch does for other origins, and sends no "
        "Authorization."
    )
    include = 'Have the page include them: fetch(url, {credentials: "include"}).'
    assert diagnosis.fixes[1].text == f"{include} {says}"


@pytest.mark.parametrize("same_site", ["", "strict"])
def test_the_cookie_and_its_attribute_are_named(same_site: str) -> None:
    server = known(cookie=SessionCookie("sid", same_site))
    diagnosis = explain(from_other_site(401), server, OTHER_SITE, **WITH).diagnosis
    assert diagnosis is not None
    shown = "SameSite=Strict" if same_site else "no SameSite, which counts as Lax"
    assert f"The cookie sid has {shown}: " in diagnosis.found


def login(sent: Sent) -> Received:
    if sent.url.path == "/items":
        return Received(302, (ALLOW, ("Location", "/users/sign-in?next=/items")))
    return Received(200, (ALLOW,))


def test_a_page_to_sign_in_is_no_data() -> None:
    explanation = explain(login)
    assert explanation.allowed
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == "not-signed-in"
    assert "/items redirects to /users/sign-in" in explanation.diagnosis.found


def moved(sent: Sent) -> Received:
    if sent.url.path == "/items":
        return Received(308, (ALLOW, ("Location", "/things")))
    return Received(200, (ALLOW,))


def test_nobody_is_told_to_request_a_login_page() -> None:
    assert "redirected" not in codes(explain(login))


def test_a_redirect_that_is_no_login_is_a_note() -> None:
    explanation = explain(moved)
    assert explanation.diagnosis is None
    (note,) = explanation.notes
    assert note.code.value == "redirected"
    assert note.fix is not None
    assert note.fix.page == {"url": f"{API}/things"}


@pytest.mark.parametrize("status", [200, 204, 304])
def test_other_responses_are_as_they_should_be(status: int) -> None:
    assert explain(Received(status, (ALLOW,))).diagnosis is None


def test_a_page_that_can_read_nothing_is_told_so() -> None:
    explanation = explain(Received(500), mode="no-cors")
    assert explanation.allowed
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == "opaque-response"
    assert codes(explanation) == []


def preflighted(sent: Sent) -> Received:
    names = [("Access-Control-Allow-Headers", "x-a,content-type")]
    return Received(200, (ALLOW, *names, ("Access-Control-Allow-Methods", "PUT")))


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"method": "PUT"}, "The browser sends a preflight because of the method PUT."),
        (
            {"headers": (("Content-Type", "application/json"), ("X-A", "1"))},
            "The browser sends a preflight because of the header content-type (JSON is "
            "not a safelisted type) and the header x-a.",
        ),
        (
            {"method": "POST", "upload_listener": True},
            "The browser sends a preflight because of the upload, which is watched or "
            "a stream.",
        ),
    ],
)
def test_why_there_is_a_preflight_is_said(parts: dict[str, Any], text: str) -> None:
    explanation = explain(preflighted, **parts)
    assert ("preflight-sent", text) in [
        (note.code.value, note.text) for note in explanation.notes
    ]


def test_what_a_page_sets_without_effect_is_said() -> None:
    explanation = explain(
        Received(200, (ALLOW,)), headers=(("Cookie", "a=b"), ("Accept", "*/*"))
    )
    (note,) = explanation.notes
    assert note.code.value == "header-dropped"
    assert note.text == "Browsers drop Cookie: no page can set it."
    assert note.fix is None


def test_hidden_headers_are_named_as_they_are_spelled_with_what_shows_them() -> None:
    answer = Received(200, (ALLOW, ("X-Total", "7"), ("ETag", "x"), ("Server", "x")))
    (note,) = explain(answer).notes
    assert note.text == "The page cannot read ETag, X-Total."
    assert note.fix is not None
    assert note.fix.text == (
        "If it needs to, list them in expose_headers: ETag, X-Total."
    )
    (note,) = explain(answer, known(origins=A, expose_headers="X-A")).notes
    assert note.fix is not None
    assert note.fix.policy == {"expose_headers": ("X-A", "ETag", "X-Total")}


def test_what_a_server_sends_is_printed_escaped() -> None:
    evil = "\x1b[2J"
    answers = (
        Received(200, (ALLOW, (f"X-{evil}", evil))),
        Received(401, (ALLOW, ("WWW-Authenticate", evil))),
        Received(302, (ALLOW, ("Location", f"/login{evil}"))),
        Received(302, (ALLOW, ("Location", f"https://other.example/{evil}"))),
        Received(200, (("Access-Control-Allow-Origin", evil),) * 2),
        Received(200, (("Access-Control-Allow-Origin", f"{A}{evil}"),)),
    )
    for answer in answers:
        printed = joined(explanation_lines(explain(answer)))
        assert printed.replace("\n", "").isprintable()


def test_a_page_of_the_same_origin_is_no_matter_of_cors() -> None:
    assert codes(explain(Received(200), origin=API)) == ["same-origin"]


def test_headers_that_the_policy_took_out_are_named() -> None:
    server = ServerInfo(removed=("Access-Control-Allow-Origin",))
    explanation = explain(Received(200, (ALLOW,)), server)
    (note,) = explanation.notes
    assert note.code.value == "removed-header"
    assert "sets Access-Control-Allow-Origin itself" in note.text


def test_a_note_whose_fix_is_its_text_is_printed_once() -> None:
    explanation = explain(moved)
    printed = joined(explanation_lines(explanation))
    assert printed.count("have the page request that.\n") == 0
    assert printed.endswith("have the page request that.")
    assert f"{URL}" in printed


@pytest.mark.parametrize(
    ("status", "route", "known_as", "expected"),
    [
        (404, "", PolicyStatus.NO_EXTENSION, ["no-route"]),
        (405, "", PolicyStatus.POLICY, ["no-route"]),
        (404, "/items", PolicyStatus.POLICY, ["client-error"]),
        (200, "", PolicyStatus.POLICY, []),
        (404, "", PolicyStatus.UNKNOWN, ["client-error"]),
    ],
)
def test_a_path_that_no_route_serves_is_a_problem(
    status: int, route: str, known_as: PolicyStatus, expected: list[str]
) -> None:
    server = ServerInfo(known_as, route=route)
    explanation = explain(Received(status, (ALLOW,)), server)
    causes = [diagnosis.cause.value for diagnosis in explanation.causes]
    assert causes == expected
    told = "Allowed, but the response is an error." if status > 200 else "Allowed."
    assert explanation.verdict.startswith(f"{told} The page reads the response (")


def test_cookies_that_were_sent_to_an_unknown_server_may_be_none() -> None:
    answer = Received(401, (ALLOW, TRUE))
    diagnosis = explain(answer, credentials="include").diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "not-signed-in"
    assert diagnosis.fixes[0].text.startswith("Sign in first")
