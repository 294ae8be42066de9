"""A page fetches: what is sent, what it gets, what its browser remembers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from flask_cors_policy.devtools.browser import CHROMIUM, WEBKITGTK
from flask_cors_policy.testing import (
    Browser,
    CORSBlocked,
    Exchanges,
    HiddenHeader,
    MissingHeader,
)

from .helpers import APP, OTHER_SITE, Open


@pytest.fixture
def page() -> Browser:
    return Browser(Open(), APP)


@pytest.mark.parametrize(
    ("base_url", "url", "final"),
    [
        ("https://api.example.com", "/items", "https://api.example.com/items"),
        ("https://api.example.com/v1/", "items", "https://api.example.com/v1/items"),
        ("https://api.example.com/v1/", "/items", "https://api.example.com/items"),
        ("https://api.example.com", "https://b.example/x", "https://b.example/x"),
    ],
)
def test_urls_are_relative_to_the_base(base_url: str, url: str, final: str) -> None:
    reply = Browser(Open(), APP, base_url).fetch(url)
    assert (reply.url, reply.json()["url"]) == (final, final)


@pytest.mark.parametrize(
    "headers", [{"X-Token": 7}, [("X-Token", "7")]], ids=["mapping", "pairs"]
)
def test_headers_are_a_mapping_or_pairs(page: Browser, headers: Any) -> None:
    assert page.fetch("/", headers=headers).json()["token"] == "7"


def test_a_page_of_the_same_origin_reads_all(page: Browser) -> None:
    own = page.open("https://api.example.com")
    app = Open([("X-Secret", "1")])
    reply = Browser(app, "https://api.example.com").fetch("/", "PUT")
    assert (reply.type, reply.headers["x-secret"]) == ("basic", "1")
    assert own.fetch("/").ok
    assert own.preflights == ()


def test_no_cors_gives_a_reply_that_says_nothing(page: Browser) -> None:
    reply = page.fetch("/", mode="no-cors")
    assert (reply.type, reply.status, reply.ok, reply.body) == ("opaque", 0, False, b"")
    assert (reply.url, reply.redirected, dict(reply.headers)) == ("", False, {})
    assert repr(reply) == "<Reply (opaque), GET https://api.example.com/>"
    with pytest.raises(HiddenHeader, match="anything of a response of type opaque"):
        reply.headers["Content-Type"]


def test_redirects_are_followed_and_told() -> None:
    app = Open(statuses={"/old": ("301 Moved", [("Location", "/new")])})
    page = Browser(app, APP)
    reply = page.fetch("/old")
    assert (reply.redirected, reply.url) == (True, "https://api.example.com/new")
    assert not page.fetch("/new", "PUT").redirected
    assert page.fetch("/old", redirect="manual").type == "opaqueredirect"
    with pytest.raises(CORSBlocked, match="request-invalid") as caught:
        page.fetch("/old", redirect="error", cache="no-store")
    assert 'with redirect: "error", cache: "no-store".' in str(caught.value)


def test_a_page_reads_the_headers_it_may() -> None:
    app = Open([("X-Shown", "1"), ("X-Shown", "2"), ("X-Hidden", "3")])
    reply = Browser(app, APP).fetch("/", headers={"X-Token": "t"})
    assert reply.headers["x-SHOWN"] == "1, 2"
    assert dict(reply.headers) == {
        "content-type": "application/json",
        "x-shown": "1, 2",
    }
    assert len(reply.headers) == 2
    assert "X-Hidden" not in reply.headers
    assert reply.headers.get("X-Hidden") is None
    assert repr(reply.headers) == (
        "<headers that the page can read: "
        "{'content-type': 'application/json', 'x-shown': '1, 2'}>"
    )


MISSING = {
    "X-Hidden": "X-Hidden: 3 came, and no page can read it before it is exposed: "
    "expose_headers=[..., 'X-Hidden'].",
    "X-Nowhere": "X-Nowhere: the response has no such header.",
    "Set-Cookie": "Set-Cookie: a=1 came, and no page can read that header. Look at "
    "page.cookies.",
}


@pytest.mark.parametrize(("name", "why"), MISSING.items(), ids=list(MISSING))
def test_a_header_that_cannot_be_read_says_why(name: str, why: str) -> None:
    app = Open([("X-Hidden", "3"), ("Set-Cookie", "a=1")])
    reply = Browser(app, APP).fetch("/")
    with pytest.raises(MissingHeader, match=f"^{re.escape(why)}$") as caught:
        reply.headers[name]
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, HiddenHeader) == (name != "X-Nowhere")


def test_the_text_is_utf_8_whatever_its_type_says() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain;charset=latin-1")])
        return [b"\xef\xbb\xbf\xc3\xa9\xff"]

    reply = Browser(app, "https://api.example.com").fetch("/")
    assert reply.text == "\u00e9\ufffd"
    with pytest.raises(ValueError, match="Expecting value"):
        reply.json()


def test_a_preflight_is_remembered_as_long_as_it_says(page: Browser) -> None:
    page.fetch("/", "PUT")
    page.wait(59.5)
    page.fetch("/", "DELETE", headers={"X-Token": "t"})
    page.open(APP).fetch("/", "PUT")
    assert len(page.preflights) == 1
    page.wait(1)
    page.fetch("/", "PUT")
    assert len(page.preflights) == 2
    page.forget_preflights()
    page.fetch("/", "PUT")
    assert len(page.preflights) == 3


def test_a_clock_of_the_test_is_read() -> None:
    now = [0.0]
    page = Browser(Open(), APP, clock=lambda: now[0])
    for now[0] in (0.0, 59.0, 61.0):
        page.fetch("/", "PUT")
    assert len(page.preflights) == 2


def test_an_engine_may_be_given_by_name() -> None:
    app = Open()
    page = Browser(app, OTHER_SITE, engine="chromium-no-third-party")
    assert repr(page) == (
        "<Browser at https://other.example, Chromium 156.0.8078.108 (third-party "
        "cookies blocked)>"
    )
    page.set_cookie("a", "1", same_site="None", secure=True)
    assert page.fetch("/", credentials="include").json()["cookie"] is None
    page = Browser(app, OTHER_SITE, engine="chromium")
    page.set_cookie("a", "1", same_site="None", secure=True)
    assert page.fetch("/", credentials="include").json()["cookie"] == "a=1"
    page = Browser(app, OTHER_SITE, engine=WEBKITGTK)
    page.set_cookie("a", "1")
    assert page.fetch("/", credentials="include").json()["cookie"] == "a=1"


def test_the_engine_is_named_where_it_blocks() -> None:
    page = Browser(lambda *_: [], APP, engine=CHROMIUM)
    with pytest.raises(CORSBlocked, match=r"at https://app.example.com in Chromium 1"):
        page.fetch("/", "TRACE")


MISTAKES: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "origin": (
        lambda: Browser(Open(), "https://app.example.com/"),
        ValueError,
        r'no path, not even a slash. Write "https://app.example.com"',
    ),
    "origin of another page": (
        lambda: Browser(Open(), APP).open("app.example.com"),
        ValueError,
        "an origin begins with it",
    ),
    "base_url": (
        lambda: Browser(Open(), APP, "api.example.com"),
        ValueError,
        "is relative",
    ),
    "engine": (
        lambda: Browser(Open(), APP, engine="netscape"),
        ValueError,
        "engine = 'netscape': write one of 'standard', 'chromium', 'chromium-no",
    ),
    "app": (lambda: Browser(None, APP), TypeError, "not a WSGI"),  # type: ignore[arg-type]
    "credentials": (
        lambda: Browser(Open(), APP).fetch("/", credentials="yes"),
        ValueError,
        "credentials = 'yes': write one of",
    ),
}


@pytest.mark.parametrize(
    ("call", "error", "message"), MISTAKES.values(), ids=list(MISTAKES)
)
def test_a_mistake_in_the_test_says_what_to_write(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://a:b@api.example.com/", "user name or password"),
        ("ftp://api.example.com/", "not fetched over HTTP"),
        ("https://", "is not a URL"),
    ],
)
def test_a_url_that_cannot_be_fetched_is_blocked(
    page: Browser, url: str, message: str
) -> None:
    with pytest.raises(CORSBlocked, match=message) as caught:
        page.fetch(url)
    assert caught.value.reason == "request-invalid"


def test_what_the_application_raises_reaches_the_test_with_its_exchange() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        raise LookupError("in the view")

    page = Browser(app, APP)
    with pytest.raises(LookupError, match="in the view"):
        page.fetch("/x")
    assert repr(page.exchanges) == (
        "<1 exchange: GET https://api.example.com/x no response>"
    )
    assert str(page.exchanges).endswith("  < (no response)")


def test_exchanges_read_as_http_messages(page: Browser) -> None:
    page.fetch("/a")
    page.fetch("/b", "PUT")
    assert repr(page.exchanges) == (
        "<3 exchanges: GET https://api.example.com/a 200; "
        "OPTIONS https://api.example.com/b 200; PUT https://api.example.com/b 200>"
    )
    assert isinstance(page.exchanges[1:], Exchanges)
    assert repr(page.exchanges[9:]) == "<0 exchanges>"
    first, second, third = map(str, page.exchanges)
    assert str(page.exchanges) == f"{first}\n\n{second}\n\n{third}"
    assert first.splitlines()[:2] == ["Request:", "  > GET /a HTTP/1.1"]
    assert second.splitlines()[0] == "Preflight:"


def test_the_error_holds_the_outcome_the_step_and_its_code() -> None:
    def closed(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return []

    page = Browser(closed, APP)
    with pytest.raises(CORSBlocked) as caught:
        page.fetch("/")
    error = caught.value
    assert isinstance(error, AssertionError)
    assert error.reason == error.step.rule.code.value == "allow-origin-missing"
    assert error.outcome.failure == error.step
    assert error.outcome.exchanges == page.exchanges


@pytest.mark.parametrize(
    ("allowed", "hint"),
    [
        ("null", ""),
        ("https://app.example.com/", ""),
        (
            "http://app.example.com:8000",
            "It lists http://app.example.com:8000, which differs in the scheme (https) "
            "and the port (the scheme's own).",
        ),
    ],
)
def test_origins_that_differ_are_compared(allowed: str, hint: str) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Access-Control-Allow-Origin", allowed)])
        return []

    with pytest.raises(CORSBlocked) as caught:
        Browser(app, APP).fetch("/")
    assert ("It lists" in str(caught.value)) is bool(hint)
    assert hint in str(caught.value)
