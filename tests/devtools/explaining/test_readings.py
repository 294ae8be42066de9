"""Responses that a page may read, and what is wrong with them, or worth knowing."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cors_policy import Policy
from flask_cors_policy.core.settings import raw_options
from flask_cors_policy.devtools.browser import (
    CHROMIUM,
    ENGINES,
    FIREFOX,
    STANDARD,
    WEBKITGTK,
    WPE,
    Engine,
    Page,
    Received,
    Sent,
)
from flask_cors_policy.devtools.explaining import (
    Case,
    Cause,
    Cookie,
    Explanation,
    Ground,
    Sighting,
    explained,
    explanation_lines,
    joined,
)

from .helpers import ALLOW, API, URL, A, explain, outcome, page_request

TRUE = ("Access-Control-Allow-Credentials", "true")
OTHER_SITE = "https://shop.example.org"
WITH = {"credentials": "include"}


def known(*, cookie: Cookie | None = None, **options: Any) -> Sighting:
    policy = Policy(**options) if options else None
    ground = Ground.UNKNOWN if policy is None else Ground.POLICY
    settings = {} if policy is None else raw_options(policy.as_settings())
    return Sighting(
        ground, policy, "the application", settings=settings, session=cookie
    )


def from_other_site(status: int, *headers: tuple[str, str]) -> Received:
    allow = ("Access-Control-Allow-Origin", OTHER_SITE)
    return Received(status, (allow, TRUE, *headers))


LAX = Cookie("session", "lax", True)

CASES: dict[str, tuple[Received, Sighting, str, dict[str, Any], str, str]] = {
    "a failure": (
        Received(503, (ALLOW,)),
        Sighting(),
        A,
        {},
        "server-error",
        "Mend what fails: its log says what.",
    ),
    "a challenge": (
        Received(401, (ALLOW, ("WWW-Authenticate", "Bearer"))),
        Sighting(),
        A,
        {},
        "not-signed-in",
        "Have the page set Authorization, if that is how the API knows its users, and "
        "list it in allow_headers.",
    ),
    "no cookie, of a server without a known policy": (
        Received(401, (ALLOW,)),
        Sighting(),
        A,
        {},
        "not-signed-in",
        'Have the page include them: fetch(url, {credentials: "include"}).',
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
        'Have the page include them: fetch(url, {credentials: "include"}). '
        "In CORS(app) write supports_credentials=True.",
    ),
    "no cookie, where the policy never can": (
        Received(401, (ALLOW,)),
        known(origins=A, expose_headers="*"),
        A,
        {},
        "not-signed-in",
        'Have the page include them: fetch(url, {credentials: "include"}). The policy '
        "cannot allow that as it is: List the headers that pages shall read.",
    ),
    "a cookie of its own site": (
        from_other_site(401),
        known(cookie=LAX),
        OTHER_SITE,
        WITH,
        "cookie-not-sent",
        'Set SESSION_COOKIE_SAMESITE="None" and SESSION_COOKIE_SECURE=True, or serve '
        "page and API from one site (app.example.com, api.example.com).",
    ),
    "a cookie that goes everywhere": (
        from_other_site(401),
        known(cookie=Cookie("session", "none", True)),
        OTHER_SITE,
        WITH,
        "not-signed-in",
        "Sign in first; to try it here, give the cookie that the browser would hold.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_with_a_readable_response_is_said(name: str) -> None:
    answer, sighting, origin, parts, cause, fix = CASES[name]
    explanation = explain(answer, sighting, origin, **parts)
    assert explanation.allowed
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == cause
    assert explanation.diagnosis.fixes[0].text == fix
    printed = joined(explanation_lines(explanation))
    assert f"But not as it should be ({cause}):\n  Why:  " in printed


@pytest.mark.parametrize("same_site", ["", "strict"])
def test_the_cookie_and_its_attribute_are_named(same_site: str) -> None:
    sighting = known(cookie=Cookie("sid", same_site))
    diagnosis = explain(from_other_site(401), sighting, OTHER_SITE, **WITH).diagnosis
    assert diagnosis is not None
    shown = same_site or "Lax (the default)"
    assert f"The cookie sid has SameSite={shown}: " in diagnosis.found


def login(sent: Sent) -> Received:
    if sent.url.path == "/items":
        return Received(302, (ALLOW, ("Location", "/users/sign-in?next=/items")))
    return Received(200, (ALLOW,))


def test_a_page_to_sign_in_is_no_data() -> None:
    explanation = explain(login)
    assert explanation.allowed
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == "not-signed-in"
    assert "/items leads to /users/sign-in" in explanation.diagnosis.found


def moved(sent: Sent) -> Received:
    if sent.url.path == "/items":
        return Received(308, (ALLOW, ("Location", "/things")))
    return Received(200, (ALLOW,))


def codes(explanation: Explanation) -> list[str]:
    return [remark.code for remark in explanation.remarks]


def test_a_redirect_that_is_no_login_is_a_remark() -> None:
    explanation = explain(moved)
    assert explanation.diagnosis is None
    (remark,) = explanation.remarks
    assert remark.code == "redirected"
    assert remark.fix is not None
    assert remark.fix.page == {"url": f"{API}/things"}


@pytest.mark.parametrize("status", [200, 403, 404])
def test_other_responses_are_as_they_should_be(status: int) -> None:
    assert explain(Received(status, (ALLOW,))).diagnosis is None


def test_what_nobody_can_read_has_no_diagnosis() -> None:
    explanation = explain(Received(500), mode="no-cors")
    assert explanation.allowed
    assert explanation.diagnosis is None
    assert codes(explanation) == []


def preflighted(sent: Sent) -> Received:
    names = [("Access-Control-Allow-Headers", "x-a,content-type")]
    return Received(200, (ALLOW, *names, ("Access-Control-Allow-Methods", "PUT")))


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"method": "PUT"}, "The browser asks first because of the method PUT."),
        (
            {"headers": (("Content-Type", "application/json"), ("X-A", "1"))},
            "The browser asks first because of the header content-type (JSON is not "
            "among the safe types) and the header x-a.",
        ),
        (
            {"method": "POST", "upload_listener": True},
            "The browser asks first because of the upload is watched, or a stream.",
        ),
    ],
)
def test_why_there_is_a_preflight_is_said(parts: dict[str, Any], text: str) -> None:
    explanation = explain(preflighted, **parts)
    assert ("preflight-sent", text) in [remark[:2] for remark in explanation.remarks]


def test_what_a_page_sets_in_vain_is_said() -> None:
    explanation = explain(
        Received(200, (ALLOW,)), headers=(("Cookie", "a=b"), ("Accept", "*/*"))
    )
    (remark,) = explanation.remarks
    assert remark == (
        "header-dropped",
        "Browsers drop Cookie: no page can set it.",
        None,
    )


def test_hidden_headers_are_named_as_they_are_spelled_with_what_shows_them() -> None:
    answer = Received(200, (ALLOW, ("X-Total", "7"), ("ETag", "x"), ("Server", "x")))
    (remark,) = explain(answer).remarks
    assert remark.text == "The page cannot read ETag, X-Total."
    assert remark.fix is not None
    assert remark.fix.text == (
        "If it needs to, list them in expose_headers: ETag, X-Total."
    )
    (remark,) = explain(answer, known(origins=A, expose_headers="X-A")).remarks
    assert remark.fix is not None
    assert remark.fix.policy == {"expose_headers": ("X-A", "ETag", "X-Total")}


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
    sighting = Sighting(removed=("Access-Control-Allow-Origin",))
    explanation = explain(Received(200, (ALLOW,)), sighting)
    (remark,) = explanation.remarks
    assert remark.code == "header-taken-out"
    assert "sets Access-Control-Allow-Origin itself" in remark.text


NONE = Cookie("session", "none", True)
INSECURE = Cookie("session", "none")
SAYS_NOTHING = Cookie("session", secure=True)


def in_engine(
    engine: Engine, cookie: Cookie | None, origin: str = OTHER_SITE, status: int = 200
) -> Explanation:
    request = page_request(**WITH)
    allow = ("Access-Control-Allow-Origin", origin)
    came = outcome(Received(status, (allow, TRUE)), request, origin)
    page = Page(origin, engine)
    return explained(Case(page, request, came, [known(cookie=cookie)]))


KEPT_BACK = ["cookie-kept-back"]
THIRD_PARTY = ["third-party-cookies"]


@pytest.mark.parametrize(
    ("cookie", "engine", "found"),
    [
        (LAX, STANDARD, KEPT_BACK),
        (LAX, CHROMIUM, KEPT_BACK),
        (LAX, FIREFOX, KEPT_BACK),
        (LAX, WEBKITGTK, KEPT_BACK),
        (NONE, STANDARD, []),
        (NONE, CHROMIUM, THIRD_PARTY),
        (NONE, FIREFOX, THIRD_PARTY),
        (NONE, WPE, THIRD_PARTY),
        (INSECURE, STANDARD, KEPT_BACK),
        (INSECURE, CHROMIUM, KEPT_BACK),
        (INSECURE, FIREFOX, KEPT_BACK),
        (INSECURE, WPE, KEPT_BACK + THIRD_PARTY),
        (SAYS_NOTHING, STANDARD, KEPT_BACK),
        (SAYS_NOTHING, CHROMIUM, KEPT_BACK),
        (SAYS_NOTHING, FIREFOX, KEPT_BACK + THIRD_PARTY),
        (SAYS_NOTHING, WEBKITGTK, KEPT_BACK + THIRD_PARTY),
        (None, STANDARD, []),
        (None, CHROMIUM, THIRD_PARTY),
        (None, FIREFOX, THIRD_PARTY),
        (None, WEBKITGTK, THIRD_PARTY),
    ],
    ids=str,
)
def test_cookies_that_stay_with_their_site_are_a_remark(
    cookie: Cookie | None, engine: Engine, found: list[str]
) -> None:
    assert codes(in_engine(engine, cookie)) == found


@pytest.mark.parametrize("engine", ENGINES.values(), ids=str)
@pytest.mark.parametrize("cookie", [LAX, NONE, INSECURE, SAYS_NOTHING, None], ids=str)
def test_within_one_site_cookies_are_no_remark(
    engine: Engine, cookie: Cookie | None
) -> None:
    assert codes(in_engine(engine, cookie, A)) == []


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        (CHROMIUM, "neither kept nor sent, whatever it says."),
        (FIREFOX, "kept for pages of this one site, apart from what visits have set."),
        (
            WEBKITGTK,
            "sent where a visit to that site has set it, and not kept otherwise.",
        ),
    ],
    ids=str,
)
def test_what_becomes_of_third_party_cookies_is_told_of_each_engine(
    engine: Engine, said: str
) -> None:
    (remark,) = in_engine(engine, NONE).remarks
    assert remark.text == f"In {engine} a cookie of another site is {said}"


def test_a_cookie_that_an_engine_sends_farther_is_not_kept_back_there() -> None:
    lenient, strict = (
        in_engine(engine, SAYS_NOTHING, status=401) for engine in (FIREFOX, CHROMIUM)
    )
    assert f"its own site only (not so in {FIREFOX}): for" in lenient.remarks[0].text
    assert "its own site only: for" in strict.remarks[0].text
    causes = [found.diagnosis and found.diagnosis.cause for found in (lenient, strict)]
    assert causes == [Cause.NOT_SIGNED_IN, Cause.COOKIE_NOT_SENT]


def test_a_remark_whose_fix_is_its_text_is_printed_once() -> None:
    explanation = explain(moved)
    printed = joined(explanation_lines(explanation))
    assert printed.count("have the page ask for that.\n") == 0
    assert printed.endswith("have the page ask for that.")
    assert f"{URL}" in printed


@pytest.mark.parametrize(
    ("status", "route", "ground", "found"),
    [
        (404, "", Ground.NO_EXTENSION, ["no-route"]),
        (405, "", Ground.POLICY, ["no-route"]),
        (404, "/items", Ground.POLICY, []),
        (200, "", Ground.POLICY, []),
        (404, "", Ground.UNKNOWN, []),
    ],
)
def test_a_path_that_no_route_serves_is_a_remark(
    status: int, route: str, ground: Ground, found: list[str]
) -> None:
    sighting = Sighting(ground, route=route)
    assert codes(explain(Received(status, (ALLOW,)), sighting)) == found
