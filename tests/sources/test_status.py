"""What operators see of a store: lines of the log, ``health()``, ``on_health``."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.sources import CachedOrigins, Health, status
from flask_cors_policy.sources.status import MOST_LINES, REMINDER
from tests.helpers import Spy, call

from .helpers import EVIL, A, B, Clock, Store, ask, cached
from .test_breaker import DOWN, Sick, sick
from .test_waiting import FOREVER, until

__all__ = ["sick"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the log."""
    clock = Clock()
    found = SimpleNamespace(monotonic=clock, time=clock)
    monkeypatch.setattr(status, "time", found)
    return clock


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log says of the store, without what all lines begin with."""
    return [
        record.getMessage().removeprefix("CORS origins: ")
        for record in caplog.records
        if record.getMessage().startswith("CORS origins: ")
    ]


def test_one_line_says_that_a_store_fails_and_one_that_it_works_again(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    store, timer = Store(A), Clock()
    cache = cached(store, timer, ttl=10, stale_if_error=100, store_name="the store")
    assert ask(cache) is True
    store.failure = OSError("down")
    timer.pass_(10)
    for _ in range(50):
        ask(cache)
        ask(cache, EVIL)
        timer.pass_(1)
        clock.pass_(1)
    store.failure = None
    timer.pass_(10)
    ask(cache)
    assert lines(caplog) == [
        f"the store fails ({DOWN}): origins allowed before stay allowed for 110 s, "
        "others are denied",
        "the store works again after 50.0 s",
    ]
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert not any(record.exc_info for record in caplog.records)


def test_log_reminds_of_a_store_that_goes_on_to_fail_once_a_minute(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    store, timer = Store(A), Clock()
    cache = cached(store, timer, stale_if_error=0, store_name="the store")
    store.failure = OSError("down")
    for second in range(200):
        store.failure = OSError(f"down for {second} s")
        ask(cache)
        timer.pass_(10)
        clock.pass_(1)
    assert [line.partition(":")[0] for line in lines(caplog)] == [
        "the store fails (OSError",
        "the store has failed for 60 s (OSError",
        "the store has failed for 120 s (OSError",
        "the store has failed for 180 s (OSError",
    ]
    assert "origins are denied" in lines(caplog)[0]
    assert "down for 180 s); 181 failures so far" in lines(caplog)[-1]


def test_store_that_keeps_changing_does_not_fill_the_log(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(A)
    cache = cached(store, ttl=0, negative_ttl=0, stale_if_error=0)
    for _ in range(100):
        store.failure = OSError("down")
        ask(cache)
        store.failure = None
        ask(cache)
    assert len(lines(caplog)) == MOST_LINES
    clock.pass_(REMINDER)
    caplog.clear()
    store.failure = OSError("down")
    ask(cache)
    store.failure = None
    ask(cache)
    assert len(lines(caplog)) == 2


def test_end_that_had_no_line_left_is_told_when_there_is_one(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(A)
    cache = cached(store, ttl=0, negative_ttl=0, stale_if_error=0, store_name="it")
    store.failure = OSError("down")
    ask(cache)
    clock.pass_(REMINDER)
    for _ in range(MOST_LINES // 2):
        store.failure = None
        ask(cache)
        store.failure = OSError("down")
        ask(cache)
        clock.pass_(0.5)
    store.failure = None
    ask(cache)
    assert len(lines(caplog)) == 1 + MOST_LINES
    assert lines(caplog)[-1] == f"it fails ({DOWN}): origins are denied"
    clock.pass_(REMINDER)
    ask(cache)
    ask(cache)
    assert lines(caplog)[1 + MOST_LINES :] == ["it works again after 0.5 s"]


def test_refusals_cannot_hide_that_a_store_fails(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Store(A)
    cache = cached(store, stale_if_error=0, store_name="the store")
    app = CORSMiddleware(Spy(), Policy(origins=cache))
    for number in range(500):
        call(app, headers={"Origin": f"https://{number}.example"})
        call(app, headers={"Origin": "null"})
    store.failure = OSError("down")
    caplog.clear()
    for number in range(500):
        call(app, headers={"Origin": "null"})
        denied = call(app, headers={"Origin": f"https://{number}.new.example"})
        assert "Access-Control-Allow-Origin" not in dict(denied.headers)
    assert lines(caplog) == [f"the store fails ({DOWN}): origins are denied"]
    assert not any(record.exc_info for record in caplog.records)


def test_error_of_many_lines_and_causes_is_one_line(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def lookup(origin: str) -> bool:
        try:
            raise OSError("refused\nCORS: all is well" + 500 * "x")
        except OSError as error:
            raise RuntimeError("wrapped\n" * 40) from error

    ask(cached(lookup))
    (line,) = lines(caplog)
    assert "OSError: refused\\nCORS: all is well" in line
    assert "wrapped" not in line
    assert "\n" not in line
    assert len(line) < 400


def test_health_is_the_state_of_the_store(clock: Clock) -> None:
    store, timer = Store(A), Clock()
    cache = cached(store, timer, retry_after=5, store_name="the store", max_lookups=7)
    assert cache.health() == Health("the store", places=7)
    ask(cache)
    assert cache.health().last_answer == 1000
    store.failure = OSError("down")
    clock.pass_(1)
    for _ in range(3):
        ask(cache, B)
        clock.pass_(1)
    found = cache.health()
    assert found[:5] == ("the store", 1001, DOWN, 1000, "open")
    assert found.counters == cache.counters
    assert found.counters.errors == 3
    store.failure = None
    timer.pass_(10)
    ask(cache, B)
    assert cache.health()[:5] == ("the store", None, "", 1004, "closed")


def test_function_of_yours_is_told_when_a_store_begins_to_fail_and_works_again(
    clock: Clock,
) -> None:
    said: list[Health] = []
    store, timer = Store(A), Clock()
    cache = cached(store, timer, on_health=said.append, ttl=0, stale_if_error=0)
    ask(cache)
    for _ in range(2):
        store.failure = OSError("down")
        for _ in range(5):
            ask(cache)
        store.failure = None
        timer.pass_(10)
        ask(cache)
        ask(cache)
    assert [health.failure for health in said] == [DOWN, ""] * 2
    assert [health.failing_since for health in said] == [1000, None] * 2


def test_what_that_function_raises_is_told_once_and_hinders_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def on_health(health: Health) -> None:
        raise ValueError("no such metric\n")

    store = Store(A)
    cache = cached(store, on_health=on_health, ttl=0, stale_if_error=0)
    for _ in range(3):
        store.failure = OSError("down")
        assert ask(cache) == DOWN
        store.failure = None
        assert ask(cache) is True
    told = [line for line in lines(caplog) if "on_health" in line]
    assert len(told) == 1
    assert "ValueError('no such metric\\\\n')" in told[0]


def test_that_look_ups_are_refused_is_told_once_a_minute(
    clock: Clock, caplog: pytest.LogCaptureFixture, sick: Sick
) -> None:
    cache = CachedOrigins(sick, timeout=FOREVER, max_lookups=1, store_name="the store")
    cache._schedule.places.taken += 1  # As if one were under way.
    for _ in range(5):
        assert isinstance(ask(cache, EVIL), str)
    clock.pass_(REMINDER)
    for _ in range(5):
        assert isinstance(ask(cache, EVIL), str)
    said = "the store: 1 look-ups (max_lookups) are under way; more are refused"
    assert lines(caplog) == [said] * 2


def test_origin_is_renewed_before_a_request_must_wait(sick: Sick) -> None:
    timer = Clock()
    cache = CachedOrigins(sick, timeout=FOREVER, ttl=100, timer=timer)
    assert ask(cache) is True
    timer.pass_(74)
    assert ask(cache) is True
    assert cache.counters.renewals == 0
    timer.pass_(1)
    sick.hang()
    began = time.monotonic()
    assert [ask(cache) for _ in range(20)] == [True] * 20
    assert time.monotonic() - began < FOREVER
    assert cache.counters.renewals == 1
    sick.work()
    until(lambda: cache.health().places_taken == 0)
    timer.pass_(74)
    assert ask(cache) is True
    assert (cache.counters.misses, cache.counters.renewals) == (2, 1)


def test_renewal_that_denies_is_believed_at_once(sick: Sick) -> None:
    timer = Clock()
    cache = CachedOrigins(sick, timeout=FOREVER, ttl=100, timer=timer)
    assert ask(cache) is True
    sick.allowed.clear()
    timer.pass_(80)
    assert ask(cache) is True
    until(lambda: ask(cache) is False)


def test_renewals_take_no_place_that_is_not_there(sick: Sick) -> None:
    timer = Clock()
    cache = CachedOrigins(sick, timeout=FOREVER, ttl=100, timer=timer, max_lookups=2)
    assert ask(cache) is True
    timer.pass_(80)
    cache._schedule.places.taken += 2
    assert ask(cache) is True
    assert cache.counters.renewals == 0


def test_log_and_health_begin_anew_in_a_forked_worker(clock: Clock) -> None:
    cache = cached(Store())
    cache._lookup = lambda origin: 1 / 0
    ask(cache)
    assert cache.health().failing_since is not None
    cache.begin_anew()
    found: Any = cache.health()
    assert (found.failing_since, found.failure, found.last_answer) == (None, "", None)
