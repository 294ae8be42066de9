"""Notes about cookies that browsers do not send to other sites."""

from __future__ import annotations

import pytest

from flask_cors_policy.devtools.browser import (
    CHROMIUM,
    CHROMIUM_BLOCKING,
    ENGINES,
    FIREFOX,
    STANDARD,
    WEBKITGTK,
    WPE,
    Engine,
    Page,
    Received,
)
from flask_cors_policy.devtools.codes import Cause
from flask_cors_policy.devtools.explaining import (
    Case,
    Explanation,
    SessionCookie,
    explained,
)

from .helpers import A, codes, known, outcome, page_request

TRUE = ("Access-Control-Allow-Credentials", "true")
OTHER_SITE = "https://shop.example.org"
WITH = {"credentials": "include"}
LAX = SessionCookie("session", "lax", True)
NONE = SessionCookie("session", "none", True)
INSECURE = SessionCookie("session", "none")
SAYS_NOTHING = SessionCookie("session", secure=True)


def in_engine(
    engine: Engine,
    cookie: SessionCookie | None,
    origin: str = OTHER_SITE,
    status: int = 200,
) -> Explanation:
    request = page_request(**WITH)
    allow = ("Access-Control-Allow-Origin", origin)
    came = outcome(Received(status, (allow, TRUE)), request, origin)
    page = Page(origin, engine)
    return explained(Case(page, request, came, [known(cookie=cookie)]))


KEPT_BACK = ["cookie-not-sent"]
THIRD_PARTY = ["third-party-cookies"]


@pytest.mark.parametrize(
    ("cookie", "engine", "found"),
    [
        (LAX, STANDARD, KEPT_BACK),
        (LAX, CHROMIUM, KEPT_BACK),
        (LAX, FIREFOX, KEPT_BACK),
        (LAX, WEBKITGTK, KEPT_BACK),
        (NONE, STANDARD, []),
        (NONE, CHROMIUM, []),
        (NONE, CHROMIUM_BLOCKING, THIRD_PARTY),
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
        (None, CHROMIUM, []),
        (None, CHROMIUM_BLOCKING, THIRD_PARTY),
        (None, FIREFOX, THIRD_PARTY),
        (None, WEBKITGTK, THIRD_PARTY),
    ],
    ids=str,
)
def test_cookies_that_stay_with_their_site_are_a_note(
    cookie: SessionCookie | None, engine: Engine, found: list[str]
) -> None:
    assert codes(in_engine(engine, cookie)) == found


@pytest.mark.parametrize("engine", ENGINES.values(), ids=str)
@pytest.mark.parametrize("cookie", [LAX, NONE, INSECURE, SAYS_NOTHING, None], ids=str)
def test_within_one_site_cookies_are_no_note(
    engine: Engine, cookie: SessionCookie | None
) -> None:
    assert codes(in_engine(engine, cookie, A)) == []


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        (CHROMIUM_BLOCKING, "neither stored nor sent."),
        (FIREFOX, "stored for pages of this one site, separate from what visits set."),
        (
            WEBKITGTK,
            "sent if a visit to that site has set it, and not stored otherwise.",
        ),
    ],
    ids=str,
)
def test_what_becomes_of_third_party_cookies_is_told_of_each_engine(
    engine: Engine, said: str
) -> None:
    (note,) = in_engine(engine, NONE).notes
    assert note.text == f"In {engine} a cookie of another site is {said}"


def test_a_cookie_that_an_engine_sends_farther_is_not_kept_back_there() -> None:
    lenient, strict = (
        in_engine(engine, SAYS_NOTHING, status=401) for engine in (FIREFOX, CHROMIUM)
    )
    assert f"its own site only (not in {FIREFOX})." in lenient.notes[0].text
    assert strict.notes == ()  # The cause says it.
    causes = [found.diagnosis and found.diagnosis.cause for found in (lenient, strict)]
    assert causes == [Cause.NOT_SIGNED_IN, Cause.COOKIE_NOT_SENT]


def test_a_setting_that_blocks_a_cookie_is_named_as_the_cause() -> None:
    blocked = in_engine(CHROMIUM_BLOCKING, NONE, status=401)
    assert blocked.diagnosis is not None
    assert blocked.diagnosis.cause is Cause.COOKIE_NOT_SENT
    said = "(third-party cookies blocked) stores and sends no cookies of other sites"
    assert said in blocked.diagnosis.found
    assert "one site" in blocked.diagnosis.fixes[0].text
    partitioned = SessionCookie("session", "none", True, True)
    allowed = in_engine(CHROMIUM_BLOCKING, partitioned, status=401)
    assert allowed.diagnosis is not None
    assert allowed.diagnosis.cause is Cause.NOT_SIGNED_IN
