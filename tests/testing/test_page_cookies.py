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
    (note,) = reply.remarks
    assert note.startswith("cookie 'lax' was not sent: it is SameSite=Lax")


def test_a_response_sets_cookies_where_credentials_are_included() -> None:
    page = Browser(Open([("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "")]), APP)
    reply = page.fetch("/", "PUT", credentials="include")
    assert reply.remarks == ("cookie '' was not kept: it has no name and no value.",)
    assert list(page.cookies) == ["a"]


@pytest.mark.parametrize(
    ("credentials", "whom"), [("same-origin", "another origin"), ("omit", "anyone")]
)
def test_a_response_sets_no_cookies_otherwise(credentials: str, whom: str) -> None:
    page = Browser(Open([("Set-Cookie", "a=1")]), APP)
    assert page.fetch("/", credentials=credentials).remarks == (
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
    assert preflight.remarks == ()
    assert request.sent.values("Cookie") == ["b=2"]
