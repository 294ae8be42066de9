"""What engines do in ways of their own with redirects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from flask_cors_policy.devtools.browser import (
    CHROMIUM,
    FIREFOX,
    STANDARD,
    WEBKITGTK,
    WPE,
    Body,
    Engine,
    PreflightCache,
    Received,
)

from .helpers import API, GOOD, OPEN, OTHER, A, Answer, answer, granted, play, reason

ENGINES = (STANDARD, CHROMIUM, FIREFOX, WEBKITGTK, WPE)
WEBKIT = (WEBKITGTK, WPE)
JSON = {"Content-Type": "application/json"}
ALLOWED = granted("*, PUT, DELETE", "X-A, Content-Type, Authorization")


def to(location: str | None, status: int = 302, origin: str = A) -> Received:
    """Return a redirect that *origin* may read."""
    headers = {"Access-Control-Allow-Origin": origin}
    if location is not None:
        headers["Location"] = location
    return answer(status, headers, b"moved")


def lines(answers: Iterable[Answer], *args: Any, **request: Any) -> list[str]:
    """Return the methods that are sent, and which headers a preflight asks for."""
    _, script = play(answers, *args, **request)
    return [
        " ".join([sent.method, *sent.values("Access-Control-Request-Headers")])
        for sent in script.sent
    ]


@pytest.mark.parametrize(
    ("engine", "second"),
    [
        (STANDARD, []),
        (CHROMIUM, []),
        (FIREFOX, ["OPTIONS"]),
        (WEBKITGTK, ["OPTIONS content-type"]),
        (WPE, ["OPTIONS content-type"]),
    ],
    ids=str,
)
def test_preflight_after_a_redirect_that_has_dropped_its_reason(
    engine: Engine, second: list[str]
) -> None:
    answers: list[Answer] = [ALLOWED, to("/b"), *([ALLOWED] if second else []), GOOD]
    body = Body.text("{}")
    found = lines(answers, API + "/a", "POST", JSON, body=body, engine=engine)
    assert found == ["OPTIONS content-type", "POST", *second, "GET"]


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_method_that_needed_a_preflight_leaves_it_needed_or_not(engine: Engine) -> None:
    asks = engine in (FIREFOX, *WEBKIT)
    answers: list[Answer] = [ALLOWED, to("/b", 303), *([ALLOWED] * asks), GOOD]
    found = lines(answers, API + "/a", "PUT", engine=engine)
    assert found == ["OPTIONS", "PUT", *(["OPTIONS"] * asks), "GET"]


@pytest.mark.parametrize(
    ("engine", "restored"),
    [(STANDARD, False), (CHROMIUM, False), (FIREFOX, True), (WEBKITGTK, False)],
    ids=str,
)
def test_authorization_is_back_after_one_more_redirect_in_firefox(
    engine: Engine, restored: bool
) -> None:
    asks = engine is not STANDARD and engine is not CHROMIUM
    allowed: list[Answer] = [ALLOWED] * asks
    headers = {"Authorization": "t"}
    answers = [to(API + "/b"), *allowed, to("/c"), *allowed, GOOD]
    _, script = play(
        answers, A + "/a", headers=headers, engine=engine, credentials="omit"
    )
    assert bool(script.sent[-1].values("Authorization")) is restored


@pytest.mark.parametrize(
    ("engine", "second", "type_at_end"),
    [
        (STANDARD, 307, False),
        (CHROMIUM, 307, False),
        (FIREFOX, 307, True),
        (FIREFOX, 302, False),
        (WEBKITGTK, 302, True),
        (WPE, 307, True),
    ],
    ids=str,
)
def test_headers_of_a_body_may_be_back_after_one_more_redirect(
    engine: Engine, second: int, type_at_end: bool
) -> None:
    answers = [to("/b"), to("/c", second), GOOD]
    body = Body.text("x")
    _, script = play(answers, API + "/a", "POST", body=body, engine=engine)
    assert [sent.method for sent in script.sent] == ["POST", "GET", "GET"]
    assert script.sent[1].values("Content-Type") == []
    assert bool(script.sent[2].values("Content-Type")) is type_at_end


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_origin_that_was_sent_is_sent_on_by_webkit(engine: Engine) -> None:
    _, script = play([to("/b"), answer()], A + "/a", "POST", engine=engine)
    sent_on = [A] if engine in WEBKIT else []
    assert [sent.values("Origin") for sent in script.sent] == [[A], sent_on]


@pytest.mark.parametrize("engine", ENGINES, ids=str)
@pytest.mark.parametrize("location", ["/b", OTHER + "/b"], ids=["within", "across"])
def test_delete_across_origins_becomes_get_in_webkit(
    engine: Engine, location: str
) -> None:
    becomes_get = engine in WEBKIT and location != "/b"
    allowed = granted("DELETE") if location == "/b" else answer(204, OPEN)
    if not becomes_get:
        methods = {"Access-Control-Allow-Methods": "DELETE"}
        allowed = answer(204, {**OPEN, **methods})
    if engine is FIREFOX and location != "/b":
        allowed = granted("DELETE")
    answers = [granted("DELETE"), to(location, 308), allowed, answer(200, OPEN)]
    if location == "/b":
        answers[2] = granted("DELETE")
    found = lines(answers, API + "/a", "DELETE", engine=engine)
    assert found[-1] == ("GET" if becomes_get else "DELETE")


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_wildcard_on_a_redirect_of_a_request_begun_at_home(engine: Engine) -> None:
    """WebKit takes credentials mode same-origin for include, one redirect later."""
    answers: list[Answer] = [answer(302, {"Location": API}), to(OTHER, origin="*")]
    rest: list[Answer] = [] if engine in WEBKIT else [answer(200, OPEN)]
    outcome, _ = play([*answers, *rest], A + "/a", engine=engine)
    expected = "allow-origin-mismatch" if engine in WEBKIT else None
    assert reason(outcome) == expected
    outcome, _ = play(
        [*answers, answer(200, OPEN)], A + "/a", engine=engine, credentials="omit"
    )
    assert reason(outcome) is None


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_preflight_back_at_home_is_not_checked_for_the_origin_by_firefox(
    engine: Engine,
) -> None:
    elsewhere = answer(
        204,
        {"Access-Control-Allow-Origin": OTHER, "Access-Control-Allow-Methods": "PUT"},
    )
    rest: list[Answer] = [answer(200, OPEN)] if engine is FIREFOX else []
    answers = [granted("PUT"), to(A + "/b", 307), elsewhere, *rest]
    outcome, _ = play(answers, API + "/a", "PUT", engine=engine)
    assert (reason(outcome) is None) == (engine is FIREFOX)


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_what_was_asked_with_a_tainted_origin_may_not_be_kept(engine: Engine) -> None:
    cache = PreflightCache(engine)
    methods = {"Access-Control-Allow-Methods": "PUT"}
    allowed = granted("PUT") if engine is FIREFOX else answer(204, {**OPEN, **methods})
    end = answer(200, OPEN)
    first = [granted("PUT"), to(OTHER, 307), allowed, end]
    play(first, API, "PUT", engine=engine, cache=cache)
    asks = engine in (CHROMIUM, WEBKITGTK)
    again = [to(OTHER, 307), *([allowed] * asks), end]
    outcome, _ = play(again, API, "PUT", engine=engine, cache=cache)
    assert len(outcome.preflights) == asks


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_user_name_within_the_own_origin_is_refused_by_chromium(engine: Engine) -> None:
    rest: list[Answer] = [] if engine is CHROMIUM else [answer()]
    answers = [to("https://u:p@a.example/b"), *rest]
    outcome, _ = play(answers, A + "/a", engine=engine)
    expected = "redirect-failed" if engine is CHROMIUM else None
    assert reason(outcome) == expected


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_redirect_mode_error_without_a_location(engine: Engine) -> None:
    outcome, _ = play([to(None)], engine=engine, redirect="error")
    fails = engine in (STANDARD, FIREFOX)
    assert reason(outcome) == ("request-invalid" if fails else None)


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_empty_location(engine: Engine) -> None:
    follows = engine in (STANDARD, FIREFOX)
    outcome, script = play([to(""), *([GOOD] if follows else [])], engine=engine)
    assert len(script.sent) == (2 if follows else 1)
    assert reason(outcome) == ("redirect-failed" if engine in WEBKIT else None)


@pytest.mark.parametrize("engine", ENGINES, ids=str)
@pytest.mark.parametrize("location", [None, "/b"])
def test_nothing_of_a_redirect_can_be_read_that_is_not_followed(
    engine: Engine, location: str | None
) -> None:
    outcome, _ = play([to(location)], engine=engine, redirect="manual")
    assert outcome.readable is not None
    assert outcome.readable.kind == "opaqueredirect"
    assert str(outcome.readable.url) == API + "/"
    assert outcome.readable.body == b""


@pytest.mark.parametrize("engine", ENGINES, ids=str)
@pytest.mark.parametrize("status", [300, 305, 309, 399])
def test_other_statuses_are_redirects_to_webkit(engine: Engine, status: int) -> None:
    follows = engine in WEBKIT and status >= 309
    rest: list[Answer] = [GOOD] if follows else []
    outcome, script = play([to("/b", status), *rest], engine=engine)
    assert len(script.sent) == (2 if follows else 1)
    assert reason(outcome) is None


def test_redirect_keeps_the_fragment_unless_it_brings_one() -> None:
    for location, fragment in (("/b", "x"), ("/b#y", "y")):
        _, script = play([to(location), GOOD], API + "/a#x")
        assert script.sent[-1].url.fragment == fragment
        assert str(script.sent[-1].url) == API + "/b"


def test_empty_user_name_is_none() -> None:
    outcome, _ = play([to("https://@other.example/"), answer(200, OPEN)])
    assert reason(outcome) is None


@pytest.mark.parametrize("engine", ENGINES, ids=str)
@pytest.mark.parametrize(
    ("start", "location", "home"),
    [(A, "/b", True), (A, API + "/b", False), (API, "/b", False)],
)
def test_client_hints_are_dropped_by_chromium_on_the_way_elsewhere(
    engine: Engine, start: str, location: str, home: bool
) -> None:
    hint = {"DPR": "2"}
    allowed = granted(headers="DPR")
    asks = engine is not CHROMIUM
    answers = [
        *([allowed] * (asks and start == API)),
        to(location),
        *([allowed] * (asks and not home)),
        GOOD,
    ]
    _, script = play(answers, start + "/a", headers=hint, engine=engine)
    assert bool(script.sent[-1].values("DPR")) == (home or engine is not CHROMIUM)
