"""What a referrer policy changes: Referer, and the Origin of posts without CORS."""

from __future__ import annotations

import pytest

from flask_cors_policy.devtools.browser import (
    CHROMIUM,
    FIREFOX,
    STANDARD,
    Body,
    Engine,
    Page,
    PageRequest,
    Received,
    Sent,
)
from flask_cors_policy.devtools.browser.cache import PreflightCache
from flask_cors_policy.devtools.browser.fetching import drive, fetch

A = "https://app.example.com"
API = "https://api.example.com/items"
FORM = Body.urlencoded([("a", "1")])


def sent(
    url: str,
    policy: str,
    mode: str = "no-cors",
    origin: str = A,
    engine: Engine = STANDARD,
) -> Sent:
    request = PageRequest(url, "POST", body=FORM, mode=mode, referrer_policy=policy)
    messages: list[Sent] = []

    def send(message: Sent) -> Received:
        messages.append(message)
        return Received(200, (("Access-Control-Allow-Origin", origin),))

    drive(fetch(Page(origin, engine), request, PreflightCache(engine)), send)
    return messages[-1]


@pytest.mark.parametrize(
    ("url", "policy", "origin"),
    [
        (API, "", A),
        (API, "no-referrer", "null"),
        (API, "same-origin", "null"),
        (f"{A}/items", "same-origin", A),
        (f"{A}/items", "no-referrer", "null"),
        (API, "origin", A),
        (API, "strict-origin", A),
        (API, "unsafe-url", A),
        ("http://localhost:5000/items", "", "null"),
        ("http://localhost:5000/items", "strict-origin", "null"),
        ("http://localhost:5000/items", "no-referrer-when-downgrade", "null"),
        ("http://localhost:5000/items", "origin", A),
    ],
)
def test_the_origin_of_a_post_that_is_not_cors_follows_the_policy(
    url: str, policy: str, origin: str
) -> None:
    assert sent(url, policy).values("Origin") == [origin]
    assert sent(url, policy, engine=FIREFOX).values("Origin") == [origin]
    assert sent(url, policy, engine=CHROMIUM).values("Origin") == [A]
    assert sent(url, policy, mode="cors").values("Origin") == [A]


def test_the_own_page_on_plain_http_loses_its_origin_too() -> None:
    page = "http://app.example.com"
    for mode in ("no-cors", "same-origin"):
        message = sent(f"{page}/items", "no-referrer", mode, page)
        assert message.values("Origin") == ["null"]
        assert message.values("Sec-Fetch-Site") == []
        assert message.values("Referer") == []


@pytest.mark.parametrize(
    ("url", "policy", "referrers"),
    [
        (API, "", [f"{A}/"]),
        (API, "no-referrer", []),
        (API, "same-origin", []),
        (f"{A}/items", "same-origin", [f"{A}/"]),
        (API, "origin", [f"{A}/"]),
        ("http://localhost:5000/items", "", []),
        ("http://localhost:5000/items", "unsafe-url", [f"{A}/"]),
    ],
)
def test_referer_follows_the_policy(
    url: str, policy: str, referrers: list[str]
) -> None:
    for mode in ("cors", "no-cors"):
        assert sent(url, policy, mode).values("Referer") == referrers


@pytest.mark.parametrize(
    ("engine", "mode", "origin"),
    [
        (STANDARD, "no-cors", A),
        (FIREFOX, "no-cors", A),
        (CHROMIUM, "no-cors", "null"),
        (CHROMIUM, "cors", A),
    ],
)
def test_chromium_hides_the_origin_of_a_post_that_is_redirected_elsewhere(
    engine: Engine, mode: str, origin: str
) -> None:
    request = PageRequest(f"{A}/items", "POST", body=FORM, mode=mode)
    allowed = ("Access-Control-Allow-Origin", A)
    answers = [Received(307, (("Location", API),)), Received(200, (allowed,))]
    steps = fetch(Page(A, engine), request, PreflightCache(engine))
    outcome = drive(steps, lambda message: answers.pop(0))
    assert outcome.exchanges[-1].sent.values("Origin") == [origin]


def test_a_policy_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="referrer_policy = 'never': write one of"):
        PageRequest(API, referrer_policy="never")


def test_with_only_if_cached_nothing_is_sent() -> None:
    request = PageRequest(f"{A}/items", mode="same-origin", cache="only-if-cached")
    steps = fetch(Page(A), request, PreflightCache())
    outcome = drive(steps, lambda message: Received(200))
    assert outcome.exchanges == ()
    assert outcome.failure is not None
    assert "nothing is sent" in outcome.failure.found
