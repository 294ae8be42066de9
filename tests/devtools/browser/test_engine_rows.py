"""What engines do in ways of their own with preflights and what they keep of them.

One test for each field of ``Engine`` that is about it; redirects stand in
``test_engine_redirects``, headers in ``test_safelist``.
"""

from __future__ import annotations

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
)

from .helpers import API, GOOD, A, Answer, answer, granted, play, reason

ENGINES = (STANDARD, CHROMIUM, FIREFOX, WEBKITGTK, WPE)
NO_LIST = granted(headers="X-A")
FOR_NULL = answer(200, {"Access-Control-Allow-Origin": "null"})
WEBKIT = (WEBKITGTK, WPE)


def preflights(
    cache: PreflightCache, answers: list[Answer], *args: Any, **request: Any
) -> int:
    """Return how many preflights one more request has; *cache* remembers them."""
    outcome, _ = play(answers, *args, engine=cache.engine, cache=cache, **request)
    return len(outcome.preflights)


def kept(engine: Engine, preflight: Answer, **request: Any) -> PreflightCache:
    """Return what *engine* remembers of a PUT with X-A, answered by *preflight*."""
    cache = PreflightCache(engine)
    last = FOR_NULL if request.get("origin") == "null" else GOOD
    answers: list[Answer] = [preflight, last]
    assert preflights(cache, answers, API, "PUT", {"X-A": "1"}, **request) == 1
    return cache


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_watching_an_upload_of_nothing(engine: Engine) -> None:
    answers: list[Answer] = [GOOD] if engine is CHROMIUM else [granted(), GOOD]
    cache = PreflightCache(engine)
    found = preflights(cache, answers, API, "POST", upload_listener=True)
    assert found == (engine is not CHROMIUM)


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_no_list_allows_the_method_of_a_watched_upload_by_the_standard_only(
    engine: Engine,
) -> None:
    rest: list[Answer] = [GOOD] if engine is STANDARD else []
    outcome, _ = play(
        [granted(), *rest],
        API,
        "PUT",
        body=Body(b"x"),
        upload_listener=True,
        engine=engine,
    )
    assert reason(outcome) == (None if engine is STANDARD else "method-not-allowed")


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_watched_upload_with_a_safe_method_needs_it_listed_by_the_standard_only(
    engine: Engine,
) -> None:
    cache = kept(engine, granted("PUT", "X-A"))
    watched = {"body": Body(b"x"), "upload_listener": True}
    asks = engine is STANDARD
    answers: list[Answer] = [granted("PUT"), GOOD] if asks else [GOOD]
    assert preflights(cache, answers, API, "POST", **watched) == asks


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_next_answer_is_added_or_takes_the_place_of_the_one_before(
    engine: Engine,
) -> None:
    cache = kept(engine, granted("PUT", "X-A"))
    answers: list[Answer] = [granted("DELETE", "X-B"), GOOD]
    assert preflights(cache, answers, API, "DELETE", {"X-B": "1"}) == 1
    replaced = engine in (CHROMIUM, *WEBKIT)
    again: list[Answer] = [granted("PUT", "X-A"), GOOD] if replaced else [GOOD]
    assert preflights(cache, again, API, "PUT", {"X-A": "1"}) == replaced


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_what_a_refused_preflight_leaves_of_an_earlier_one(engine: Engine) -> None:
    cache = kept(engine, granted("PUT", "X-A"))
    assert preflights(cache, [answer(403)], API, "PUT", {"X-B": "1"}) == 1
    asks = engine is not STANDARD
    again: list[Answer] = [granted("PUT", "X-A"), GOOD] if asks else [GOOD]
    assert preflights(cache, again, API, "PUT", {"X-A": "1"}) == asks


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_answer_that_refuses_its_own_request_is_kept_by_webkit_only(
    engine: Engine,
) -> None:
    cache = PreflightCache(engine)
    refusal = granted("PUT", "X-A")
    assert preflights(cache, [refusal], API, "PUT", {"X-B": "1"}) == 1
    asks = engine not in WEBKIT
    again: list[Answer] = [granted("PUT", "X-A"), GOOD] if asks else [GOOD]
    assert preflights(cache, again, API, "PUT", {"X-A": "1"}) == asks


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_maximum_age_of_0_leaves_what_is_kept_alone_in_firefox_only(
    engine: Engine,
) -> None:
    cache = kept(engine, granted("PUT", "X-A"))
    answers: list[Answer] = [granted("PUT", "X-B", max_age="0"), GOOD]
    assert preflights(cache, answers, API, "PUT", {"X-B": "1"}) == 1
    asks = engine is not FIREFOX
    again: list[Answer] = [granted("PUT", "X-A"), GOOD] if asks else [GOOD]
    assert preflights(cache, again, API, "PUT", {"X-A": "1"}) == asks


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_nothing_is_kept_for_pages_of_the_origin_null_in_chromium(
    engine: Engine,
) -> None:
    allowed = answer(
        204,
        {
            "Access-Control-Allow-Origin": "null",
            "Access-Control-Allow-Methods": "PUT",
            "Access-Control-Allow-Headers": "X-A",
        },
    )
    cache = kept(engine, allowed, origin="null")
    asks = engine is CHROMIUM
    again: list[Answer] = [allowed, FOR_NULL] if asks else [FOR_NULL]
    found = preflights(cache, again, API, "PUT", {"X-A": "1"}, origin="null")
    assert found == asks


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_head_has_to_be_listed_in_what_firefox_keeps(engine: Engine) -> None:
    cache = kept(engine, granted("PUT", "X-A"))
    asks = engine is FIREFOX
    again: list[Answer] = [NO_LIST, GOOD] if asks else [GOOD]
    assert preflights(cache, again, API, "HEAD", {"X-A": "1"}) == asks


@pytest.mark.parametrize("engine", ENGINES, ids=str)
@pytest.mark.parametrize("mode", ["no-store", "reload", "no-cache", "force-cache"])
def test_cache_modes_that_do_without_what_is_kept(engine: Engine, mode: str) -> None:
    cache = kept(engine, granted("PUT", "X-A"))
    asks = {
        CHROMIUM: ("no-store", "reload", "no-cache"),
        FIREFOX: ("no-store", "reload"),
    }
    expected = mode in asks.get(engine, ())
    again: list[Answer] = [granted("PUT", "X-A"), GOOD] if expected else [GOOD]
    found = preflights(cache, again, API, "PUT", {"X-A": "1"}, cache_mode=mode)
    assert found == expected


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_preflight_of_a_no_store_request_is_not_kept_by_chromium(
    engine: Engine,
) -> None:
    cache = kept(engine, granted("PUT", "X-A"), cache_mode="no-store")
    asks = engine is CHROMIUM
    again: list[Answer] = [granted("PUT", "X-A"), GOOD] if asks else [GOOD]
    assert preflights(cache, again, API, "PUT", {"X-A": "1"}) == asks


@pytest.mark.parametrize("engine", ENGINES, ids=str)
@pytest.mark.parametrize("name", ["If-None-Match", "X-B"])
def test_conditional_requests_do_without_what_is_kept(
    engine: Engine, name: str
) -> None:
    cache = kept(engine, granted("PUT", f"X-A, {name}"))
    asks = engine in (CHROMIUM, FIREFOX) and name == "If-None-Match"
    again: list[Answer] = [granted("PUT", name), GOOD] if asks else [GOOD]
    assert preflights(cache, again, API, "PUT", {name: "1"}) == asks


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_wildcard_of_an_answer_with_credentials(engine: Engine) -> None:
    credentialed = granted("PUT, *", "X-A", allow_credentials="true")
    good = answer(
        200,
        {
            "Access-Control-Allow-Origin": A,
            "Access-Control-Allow-Credentials": "true",
        },
    )
    cache = PreflightCache(engine)
    answers: list[Answer] = [credentialed, good]
    headers = {"X-A": "1"}
    assert preflights(cache, answers, API, "PUT", headers, credentials="include") == 1
    asks = engine in (CHROMIUM, FIREFOX)
    again: list[Answer] = [granted("DELETE", "X-A"), GOOD] if asks else [GOOD]
    assert preflights(cache, again, API, "DELETE", headers) == asks


def test_wildcard_that_is_kept_is_none_with_credentials() -> None:
    credentialed = granted("PUT, *", "X-A", allow_credentials="true")
    good = answer(
        200,
        {
            "Access-Control-Allow-Origin": A,
            "Access-Control-Allow-Credentials": "true",
        },
    )
    cache = PreflightCache(STANDARD)
    include = {"credentials": "include"}
    answers: list[Answer] = [credentialed, good]
    assert preflights(cache, [*answers], API, "PUT", {"X-A": "1"}, **include) == 1
    refused: list[Answer] = [credentialed]
    assert preflights(cache, refused, API, "DELETE", {"X-A": "1"}, **include) == 1


def test_fragment_tells_urls_apart() -> None:
    cache = kept(STANDARD, granted("PUT", "X-A"))
    again: list[Answer] = [granted("PUT", "X-A"), GOOD]
    assert preflights(cache, again, f"{API}/#part", "PUT", {"X-A": "1"}) == 1
    assert preflights(cache, [GOOD], f"{API}/#part", "PUT", {"X-A": "1"}) == 0


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_empty_line_beside_another_is_nothing_to_firefox(engine: Engine) -> None:
    lines = [
        ("Access-Control-Allow-Origin", A),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Credentials", ""),
    ]
    outcome, _ = play([answer(200, lines)], engine=engine, credentials="include")
    assert (outcome.readable is not None) == (engine is FIREFOX)


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_allow_origin_with_an_empty_line_fails_everywhere(engine: Engine) -> None:
    lines = [("Access-Control-Allow-Origin", A), ("Access-Control-Allow-Origin", "")]
    outcome, _ = play([answer(200, lines)], engine=engine)
    assert reason(outcome) == "allow-origin-mismatch"


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_status_407_is_no_response_to_chromium(engine: Engine) -> None:
    outcome, _ = play([answer(407, {"Access-Control-Allow-Origin": A})], engine=engine)
    assert reason(outcome) == ("no-response" if engine is CHROMIUM else None)


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_sec_fetch_headers_are_not_sent_by_wpe(engine: Engine) -> None:
    _, script = play([granted("PUT"), GOOD], method="PUT", engine=engine)
    for sent in script.sent:
        assert bool(sent.values("Sec-Fetch-Site")) == (engine is not WPE)
        assert sent.values("Referer") == [f"{A}/"]
