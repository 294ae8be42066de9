"""Cookies of a page: when they go, when they come, and what is said if not."""

from __future__ import annotations

import pytest

from flask_cors_policy.testing import (
    Browser,
    CookieRefused,
)

from .helpers import APP, OTHER_SITE, Open


@pytest.fixture
def page() -> Browser:
    return Browser(Open(), APP)


def test_pages_of_one_browser_share_cookies_and_others_do_not(page: Browser) -> None:
    page.set_cookie("a", "1", http_only=True, max_age=60)
    other = page.open("https://www.example.com")
    assert other.fetch("/", credentials="include").json()["cookie"] == "a=1"
    assert Browser(Open(), APP).cookies == {}
    assert page.cookies["a"].http_only
    other.wait(61)
    assert page.fetch("/", credentials="include").json()["cookie"] is None


def test_cookies_can_be_forgotten(page: Browser) -> None:
    page.set_cookie("a")
    page.set_cookie("", "b", path="/x", url="/x", domain="example.com")
    assert page.fetch("/x", credentials="include").json()["cookie"] == "b; a="
    page.forget_cookies()
    assert page.cookies == {}


def test_a_cookie_that_no_browser_keeps_cannot_be_set(page: Browser) -> None:
    with pytest.raises(CookieRefused, match=r"cookie 'a': it is SameSite=None and not"):
        page.set_cookie("a", "1", same_site="None")


def test_cookies_between_sites_need_same_site_none() -> None:
    page = Browser(Open(), OTHER_SITE)
    page.set_cookie("lax", "1")
    page.set_cookie("none", "2", same_site="None", secure=True)
    reply = page.fetch("/", credentials="include")
    assert reply.json()["cookie"] == "none=2"
    (note,) = reply.notes
    assert note.startswith("cookie 'lax' was not sent: it is SameSite=Lax")


@pytest.mark.parametrize("engine", ["standard", "chromium", "firefox", "webkitgtk"])
def test_a_frame_of_another_site_sends_its_own_api_no_cookie(engine: str) -> None:
    page = Browser(Open(), APP, engine=engine)
    page.set_cookie("session", "1", same_site="Lax")
    frame = page.open(APP, top=OTHER_SITE)
    assert page.fetch("/", credentials="include").json()["cookie"] == "session=1"
    reply = frame.fetch("/", credentials="include")
    assert reply.json()["cookie"] is None
    (note,) = reply.notes
    assert note.startswith("cookie 'session' was not sent: it is SameSite=Lax, and ")
    assert f"{OTHER_SITE} and https://api.example.com are two sites" in note


@pytest.mark.parametrize("engine", ["standard", "chromium", "firefox"])
def test_a_frame_of_another_site_keeps_partitioned_cookies_for_itself(
    engine: str,
) -> None:
    header = "a=1; Path=/; SameSite=None; Secure; Partitioned"
    api = Open([("Set-Cookie", header)])
    frame = Browser(api, APP, engine=engine, top=OTHER_SITE)
    frame.fetch("/", credentials="include")
    assert frame.fetch("/", credentials="include").json()["cookie"] == "a=1"
    page = frame.open(APP)
    assert page.fetch("/", credentials="omit").json()["cookie"] is None
    (note,) = (
        Browser.open(frame, "https://elsewhere.example")
        .fetch("/", credentials="include")
        .notes
    )
    assert "it is kept for pages of the site of" in note


def test_a_partitioned_cookie_of_a_visit_does_not_go_into_frames() -> None:
    page = Browser(Open(), APP)
    page.set_cookie("a", "1", same_site="None", secure=True, partitioned=True)
    frame = page.open(OTHER_SITE, top=APP)
    assert page.fetch("/", credentials="include").json()["cookie"] == "a=1"
    reply = frame.fetch("/", credentials="include")
    assert reply.json()["cookie"] is None
    assert reply.notes == (
        "cookie 'a' was not sent: it is Partitioned, and was set outside of this "
        "frame.",
    )


@pytest.mark.parametrize(
    ("engine", "cookie"), [("firefox", "a=1"), ("chromium", None), ("standard", None)]
)
def test_http_and_https_are_two_sites_but_in_firefox(
    engine: str, cookie: str | None
) -> None:
    page = Browser(Open(), "http://app.example.com", engine=engine)
    page.set_cookie("a", "1", same_site="Lax")
    assert page.fetch("/", credentials="include").json()["cookie"] == cookie


def test_the_page_around_a_frame_has_an_origin() -> None:
    with pytest.raises(ValueError, match=r"top = 'app.example.com': The scheme is"):
        Browser(Open(), APP, top="app.example.com")


def test_a_response_sets_cookies_where_credentials_are_included() -> None:
    page = Browser(Open([("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "")]), APP)
    reply = page.fetch("/", "PUT", credentials="include")
    (note,) = reply.notes
    assert note.startswith("cookie '' was not kept: it has no name and no value.")
    assert list(page.cookies) == ["a"]


@pytest.mark.parametrize(
    ("credentials", "whom"), [("same-origin", "another origin"), ("omit", "anyone")]
)
def test_a_response_sets_no_cookies_otherwise(credentials: str, whom: str) -> None:
    page = Browser(Open([("Set-Cookie", "a=1")]), APP)
    assert page.fetch("/", credentials=credentials).notes == (
        f"cookie 'a' was not kept: with credentials: \"{credentials}\" a page keeps no "
        f'cookies of {whom}. Have it use credentials: "include".',
    )
    assert page.cookies == {}


def test_a_preflight_carries_and_keeps_no_cookies() -> None:
    page = Browser(Open([("Set-Cookie", "a=1; Path=/")]), APP)
    page.set_cookie("b", "2")
    page.fetch("/", "PUT", credentials="include")
    preflight, request = page.exchanges
    assert preflight.sent.values("Cookie") == []
    assert preflight.notes == ()
    assert request.sent.values("Cookie") == ["b=2"]
