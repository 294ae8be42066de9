"""The preflight cache: which preflights are spared, for how long."""

from __future__ import annotations

import pytest

from flask_cors_policy.devtools.browser import (
    CHROMIUM,
    FIREFOX,
    STANDARD,
    WEBKITGTK,
    WPE,
    Engine,
    PreflightCache,
    Received,
)

from .helpers import (
    API,
    CREDENTIALED,
    GOOD,
    OTHER,
    A,
    Answer,
    answer,
    granted,
    play,
    reason,
)

ENGINES = (STANDARD, CHROMIUM, FIREFOX, WEBKITGTK, WPE)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Session:
    """Requests one after another, of a browser that remembers."""

    def __init__(self, engine: Engine = STANDARD) -> None:
        self.clock = Clock()
        self.engine = engine
        self.cache = PreflightCache(engine, self.clock)

    def fetch(self, answers: list[Answer], *args: object, **request: object) -> int:
        """Return how many preflights were sent."""
        everything = {"engine": self.engine, "cache": self.cache, **request}
        outcome, _ = play(answers, *args, **everything)  # type: ignore[arg-type]
        assert outcome.preflight_spared is (not outcome.preflights)
        return len(outcome.preflights)


def session(
    preflight: Received, engine: Engine = STANDARD, **request: object
) -> Session:
    """Return a session that has made one PUT with X-A, allowed by *preflight*."""
    result = Session(engine)
    with_credentials = request.get("credentials") == "include"
    actual = CREDENTIALED if with_credentials else GOOD
    headers = {"X-A": "1"}
    assert result.fetch([preflight, actual], API, "PUT", headers, **request) == 1
    return result


KEPT = granted("PUT, PATCH", "X-A, X-B", max_age="60")
KEPT_WITH_CREDENTIALS = granted(
    "PUT, PATCH", "X-A, X-B", max_age="60", allow_credentials="true"
)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("PUT", {"X-A": "1"}),
        ("PUT", {}),
        ("PATCH", {"x-b": "1", "X-a": "1"}),
        ("GET", {"X-B": "1"}),
    ],
)
def test_complete_answer_spares_the_preflights_of_all_it_lists(
    method: str, headers: dict[str, str]
) -> None:
    assert session(KEPT).fetch([GOOD], API, method, headers) == 0


@pytest.mark.parametrize(
    ("url", "method", "headers"),
    [
        (API, "DELETE", {}),
        (API, "PUT", {"X-C": "1"}),
        (API + "/?page=2", "PUT", {}),
        (API + "/other", "PUT", {}),
        (OTHER, "PUT", {}),
    ],
)
def test_what_is_not_listed_or_not_at_this_url_is_asked_for(
    url: str, method: str, headers: dict[str, str]
) -> None:
    again = granted("DELETE, PUT", "X-C")
    assert session(KEPT).fetch([again, GOOD], url, method, headers) == 1


def test_page_of_another_origin_asks_for_itself() -> None:
    opened = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "PUT"}
    answers: list[Answer] = [answer(204, opened), answer(200, opened)]
    assert session(KEPT).fetch(answers, API, "PUT", origin="https://b.example") == 1


def test_simple_request_has_no_preflight_to_spare() -> None:
    outcome, _ = play([GOOD], cache=session(KEPT).cache)
    assert not outcome.preflight_spared


@pytest.mark.parametrize(
    ("max_age", "passed", "spared"),
    [
        ("60", 59.9, True),
        ("60", 60, False),
        (" 60\t", 59.9, True),
        ("060", 59.9, True),
        (None, 4.9, True),
        (None, 5, False),
        ("", 4.9, True),
        ("", 5, False),
        ("0", 0, False),
        ("00", 0, False),
        ("1" * 5000, 10.0**17, True),
    ],
)
def test_answer_is_kept_for_its_max_age_and_for_5_seconds_without_one(
    max_age: str | None, passed: float, spared: bool
) -> None:
    more = {} if max_age is None else {"max_age": max_age}
    seen = session(granted("PUT", "X-A", **more))
    seen.clock.now += passed
    answers: list[Answer] = [GOOD] if spared else [granted("PUT"), GOOD]
    assert seen.fetch(answers, API, "PUT") == (not spared)


# value -> seconds, in the standard, Chromium, Firefox, WebKitGTK and WPE
MAX_AGES: list[tuple[list[str], list[int]]] = [
    (["86401"], [86401, 7200, 86400, 600, 600]),
    (["600"], [600, 600, 600, 600, 600]),
    (["601"], [601, 601, 601, 600, 600]),
    (["abc"], [5, 5, 0, 5, 5]),
    (["60s"], [5, 5, 0, 5, 5]),
    (["60.9"], [5, 5, 0, 5, 5]),
    (["60, 0"], [5, 5, 0, 5, 5]),
    (["60", "0"], [5, 5, 0, 5, 5]),
    (["-1"], [5, 0, 0, 0, 0]),
    ([str(-(2**63))], [5, 0, 0, 0, 0]),
    ([str(-(2**63) - 1)], [5, 5, 0, 5, 5]),
    (["+60"], [5, 60, 0, 60, 60]),
    (["+"], [5, 5, 0, 5, 5]),
    ([str(2**63 - 1)], [922337203685477580, 7200, 86400, 600, 600]),
    ([str(2**63)], [922337203685477580, 5, 86400, 5, 5]),
    (["0" * 30 + "7"], [7, 7, 7, 7, 7]),
    (["\u0667"], [5, 5, 0, 5, 5]),
]


@pytest.mark.parametrize(("values", "seconds"), MAX_AGES)
def test_max_age_in_each_engine(values: list[str], seconds: list[int]) -> None:
    response = answer(204, [("Access-Control-Max-Age", value) for value in values])
    found = [PreflightCache(engine).max_age(response) for engine in ENGINES]
    assert found == seconds


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_entry_made_with_credentials_serves_without_them_but_in_firefox(
    engine: Engine,
) -> None:
    seen = session(KEPT_WITH_CREDENTIALS, engine, credentials="include")
    answers: list[Answer] = [KEPT, GOOD] if engine is FIREFOX else [GOOD]
    assert seen.fetch(answers, API, "PUT") == (engine is FIREFOX)


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_entry_made_without_credentials_does_not_serve_with_them(
    engine: Engine,
) -> None:
    answers: list[Answer] = [KEPT_WITH_CREDENTIALS, CREDENTIALED]
    seen = session(KEPT, engine)
    assert seen.fetch(answers, API, "PUT", credentials="include") == 1


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_wildcard_is_kept_as_such_but_in_firefox(engine: Engine) -> None:
    wildcards = granted("*", "*", max_age="60")
    seen = session(wildcards, engine)
    answers: list[Answer] = [wildcards, GOOD] if engine is FIREFOX else [GOOD]
    assert seen.fetch([*answers], API, "PUT", {"X-A": "1"}) == (engine is FIREFOX)
    assert seen.fetch([*answers], API, "DELETE", {"X-C": "1"}) == (engine is FIREFOX)


@pytest.mark.parametrize(
    ("engine", "spared"),
    [(STANDARD, False), (CHROMIUM, False), (WEBKITGTK, True), (WPE, True)],
    ids=str,
)
def test_wildcard_entry_covers_authorization_in_webkit_only(
    engine: Engine, spared: bool
) -> None:
    seen = session(granted("*", "*", max_age="60"), engine)
    named = granted("PUT", "Authorization")
    answers: list[Answer] = [GOOD] if spared else [named, GOOD]
    headers = {"Authorization": "t"}
    assert seen.fetch(answers, API, "PUT", headers) == (not spared)


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_failed_response_makes_the_standard_and_firefox_forget(engine: Engine) -> None:
    forgets = engine in (STANDARD, FIREFOX)
    seen = session(KEPT, engine)
    outcome, _ = play([answer()], API, "PUT", engine=engine, cache=seen.cache)
    assert reason(outcome) == "allow-origin-missing"
    answers: list[Answer] = [KEPT, GOOD] if forgets else [GOOD]
    assert seen.fetch(answers, API, "PUT") == forgets


def test_forgetting_is_about_one_page_and_one_url() -> None:
    seen = session(KEPT)
    assert seen.fetch([KEPT, GOOD], API + "/other", "PUT") == 1
    play([answer()], API, "PUT", cache=seen.cache)
    assert seen.fetch([GOOD], API + "/other", "PUT") == 0


def test_refused_preflight_is_not_kept() -> None:
    seen = Session()
    refused = granted("GET", max_age="60")
    play([refused], API, "PUT", cache=seen.cache)
    assert seen.fetch([KEPT, GOOD], API, "PUT") == 1


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_no_store_asks_again_in_chromium_and_firefox(engine: Engine) -> None:
    asks = engine in (CHROMIUM, FIREFOX)
    answers: list[Answer] = [KEPT, GOOD] if asks else [GOOD]
    seen = session(KEPT, engine)
    assert seen.fetch(answers, API, "PUT", cache_mode="no-store") == asks


def test_upload_listener_is_spared_where_its_method_is_kept() -> None:
    seen = Session()
    upload = {"method": "POST", "upload_listener": True}
    bare = answer(204, {"Access-Control-Allow-Origin": A})
    assert seen.fetch([bare, GOOD], API, **upload) == 1
    assert seen.fetch([GOOD], API, **upload) == 0
    assert seen.fetch([bare, GOOD], API + "/other", **upload) == 1


def test_without_a_clock_no_time_passes() -> None:
    cache = PreflightCache()
    play([granted("PUT"), GOOD], method="PUT", cache=cache)
    outcome, _ = play([GOOD], method="PUT", cache=cache)
    assert outcome.preflight_spared
