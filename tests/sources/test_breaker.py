"""A store that fails: the breaker, its probes, and the few requests that wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from flask_cors_policy.sources import CachedOrigins
from flask_cors_policy.sources.breaker import (
    FAILURES,
    JITTER,
    MANY_LEFT_BEHIND,
    Breaker,
)
from flask_cors_policy.sources.lookups import Question
from flask_cors_policy.sources.probing import Prober
from flask_cors_policy.sources.waiting import MOST
from tests.threads import in_threads

from .helpers import EVIL, A, B, C, Clock, SlowStore, Store, ask, cached
from .test_waiting import FOREVER, Asking, until

DOWN = "OSError: down"


class Sick(SlowStore):
    """A store that can be told to hang, to fail, and to work."""

    def __init__(self, *allowed: str) -> None:
        super().__init__(*allowed)
        self.gate.set()

    def hang(self) -> None:
        self.gate.clear()

    def work(self) -> None:
        self.failure = None
        self.gate.set()


@pytest.fixture
def sick() -> Iterator[Sick]:
    store = Sick(A)
    yield store
    store.work()


def opened(cache: CachedOrigins) -> bool:
    return cache.health().breaker == "open"


# When it opens and closes


def test_three_failures_in_a_row_open_it_and_nobody_asks_any_more() -> None:
    store = Store(A)
    cache = cached(store, retry_after=5)
    store.failure = OSError("down")
    for number, origin in enumerate((A, B, A)):
        assert not opened(cache), number
        assert ask(cache, origin) == DOWN
    assert opened(cache)
    for origin in (A, B, C):
        assert ask(cache, origin) == DOWN
    assert store.asked == [A, B, A]


def test_two_failures_and_a_success_do_not_open_it() -> None:
    store = Store(A)
    cache = cached(store, ttl=0, negative_ttl=0, stale_if_error=0)
    for _ in range(5):
        store.failure = OSError("down")
        assert [ask(cache), ask(cache)] == [DOWN] * 2
        store.failure = None
        assert ask(cache) is True
        assert not opened(cache)


def test_garbage_opens_it_too() -> None:
    store = Store()
    store.answer = "yes"
    cache = cached(store)
    for _ in range(3):
        ask(cache)
    assert opened(cache)


def test_question_that_the_store_cannot_answer_does_not_open_it() -> None:
    """Or whoever chooses the question (a tenant, say) could close it to others."""
    from flask_cors_policy.sources import OriginLookupError

    store = Store(A)
    store.failure = OriginLookupError("no such tenant")
    cache = cached(store)
    for _ in range(10):
        ask(cache, EVIL)
    assert not opened(cache)


def test_while_it_is_open_what_is_known_counts() -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock, ttl=10, negative_ttl=10, stale_if_error=100)
    assert [ask(cache, A), ask(cache, EVIL)] == [True, False]
    store.failure = OSError("down")
    for _ in range(3):
        ask(cache, B)
    assert [ask(cache, A), ask(cache, EVIL), ask(cache, B)] == [True, False, DOWN]
    clock.pass_(10)
    store.asked.clear()
    clock.now += 0.0
    assert ask(cache, EVIL) == DOWN
    assert ask(cache, A) is True
    assert len(store.asked) <= 1  # A probe was due.


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_probe_is_due_after_a_while_that_chance_makes_longer_or_shorter(
    chance: float,
) -> None:
    clock = Clock()
    breaker = Breaker(5, clock, lambda least, most: least + chance * (most - least))
    for _ in range(FAILURES):
        breaker.failed(timed_out=False)
    assert breaker.pause == pytest.approx(5 * (1 - JITTER + chance * 2 * JITTER))
    clock.pass_(100)
    assert breaker.pause == 0
    breaker.probed(left_behind=MANY_LEFT_BEHIND - 1)
    assert breaker.pause == pytest.approx(5 * (1 - JITTER + chance * 2 * JITTER))


def test_probes_get_rarer_where_each_may_leave_a_thread_behind() -> None:
    breaker = Breaker(5, Clock(), lambda least, most: 1.0)
    breaker.open()
    breaker.probed(left_behind=3 * MANY_LEFT_BEHIND)
    assert breaker.pause == 20


def test_without_a_time_out_one_request_is_the_probe() -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock, retry_after=5)
    store.failure = OSError("down")
    for _ in range(3):
        ask(cache)
    store.asked.clear()
    clock.pass_(5 * (1 - JITTER) - 0.01)
    assert ask(cache) == DOWN
    assert store.asked == []
    clock.pass_(5 * 2 * JITTER + 0.01)
    assert [ask(cache), ask(cache)] == [DOWN] * 2
    assert store.asked == [A]
    store.failure = None
    clock.pass_(5 * (1 + JITTER))
    assert [ask(cache), ask(cache, B)] == [True, False]
    assert not opened(cache)


def test_probe_that_is_cut_off_is_not_the_last_one() -> None:
    class CutOff(BaseException):
        pass

    store, clock = Store(A), Clock()
    cache = cached(store, clock)
    store.failure = OSError("down")
    for _ in range(3):
        ask(cache)
    store.failure = CutOff()
    clock.pass_(6)
    with pytest.raises(CutOff):
        ask(cache)
    store.failure = None
    clock.pass_(6)
    assert ask(cache) is True


def test_probes_are_made_in_the_background_one_at_a_time(sick: Sick) -> None:
    cache = CachedOrigins(sick, timeout=0.05, retry_after=0.05, stale_if_error=0)
    sick.hang()
    until(lambda: isinstance(ask(cache), str) and opened(cache))
    sick.asked.clear()
    until(lambda: len(sick.asked) == 2)  # Without a request.
    assert cache.health().places_taken == 0
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("cors-probe") == 1
    sick.work()
    until(lambda: not opened(cache))
    assert cache.health().failing_since is None
    assert ask(cache) is True
    until(lambda: "cors-probe" not in [t.name for t in threading.enumerate()])


def test_thread_that_is_ended_while_it_probes_is_not_the_last_one() -> None:
    def ended(question: Question) -> None:
        raise SystemExit

    breaker = Breaker(5, Clock())
    breaker.open()
    breaker.hurry()
    prober = Prober(breaker, ended, threading.Lock())
    prober.offer(Question(A, A, {}, True))
    prober.is_probing = True
    with pytest.raises(SystemExit):
        prober._probe_while_open()
    assert not prober.is_probing


def test_probe_asks_what_the_store_has_answered_before(sick: Sick) -> None:
    """Or a question that makes every look-up raise would keep the breaker open."""

    def lookup(origin: str) -> object:
        if origin == EVIL:
            raise ValueError("whenever it is asked")
        return sick(origin)

    cache = CachedOrigins(lookup, timeout=FOREVER, retry_after=0.05, ttl=0.01)
    assert ask(cache, A) is True
    for _ in range(3):
        assert ask(cache, EVIL) == "ValueError: whenever it is asked"
    assert opened(cache)
    for _ in range(20):
        ask(cache, EVIL)
        ask(cache, A)
        ask(cache, EVIL)
    until(lambda: not opened(cache))


def test_store_that_is_heard_again_is_probed_at_once(sick: Sick) -> None:
    cache = CachedOrigins(sick, timeout=FOREVER, retry_after=1000)
    sick.failure = OSError("down")
    for _ in range(3):
        ask(cache)
    sick.work()
    assert opened(cache)
    cache.heard(True)
    until(lambda: not opened(cache))
    cache.heard(True)
    assert ask(cache) is True


def test_process_without_threads_to_spare_tries_again(
    sick: Sick, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    cache = CachedOrigins(sick, timeout=FOREVER, retry_after=0.05)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        for _ in range(4):
            assert ask(cache) == "RuntimeError: can't start new thread"
        assert opened(cache)
    until(lambda: ask(cache) is True)


# Who waits for a store that hangs


def test_while_it_is_open_nobody_waits(sick: Sick) -> None:
    cache = CachedOrigins(sick, timeout=0.05, retry_after=1000)
    sick.hang()
    until(lambda: isinstance(ask(cache), str) and opened(cache))
    waiting = CachedOrigins(sick, timeout=FOREVER)
    assert not opened(waiting)
    began = time.monotonic()
    for number in range(1000):
        assert isinstance(ask(cache, f"https://{number}.example"), str)
    assert time.monotonic() - began < FOREVER
    assert cache.health().waiting == 0
    assert cache.counters.refused >= 1000


@contextmanager
def waiting_for_a_store_that_hangs(
    sick: Sick, timeout: float, asked: list[str], **options: Any
) -> Iterator[tuple[CachedOrigins, list[Asking]]]:
    """Have requests for *asked* wait, all of them before the first time-out."""
    clock = Clock()
    cache = CachedOrigins(sick, timeout=timeout, timer=clock, **options)
    for origin in (A, B):
        assert ask(cache, origin) is (origin in sick.allowed)
    clock.pass_(options.get("ttl", 60) + 0.001)
    sick.hang()
    sick.asked.clear()
    askers = [Asking(cache, origin) for origin in asked]
    until(lambda: len(sick.asked) == len(asked))
    yield cache, askers
    sick.work()
    for asker in askers:
        asker.end()


def test_from_a_time_out_on_two_requests_wait_and_others_do_without(
    sick: Sick,
) -> None:
    sick.allowed = {f"https://{n}.example" for n in range(8)} | {A}
    known = sorted(sick.allowed)
    clock = Clock()
    cache = CachedOrigins(sick, timeout=FOREVER, ttl=10, timer=clock)
    assert [ask(cache, origin) for origin in known] == [True] * 9
    clock.pass_(10)
    sick.hang()
    askers = [Asking(cache, origin) for origin in known]
    until(lambda: cache.health().places_taken == 9)
    clock.pass_(0)
    cache.heard(False)  # As after a time-out.

    until(lambda: cache.health().waiting == MOST)
    until(lambda: sum(asker.answer is True for asker in askers) == 9 - MOST)
    assert ask(cache, known[0]) is True  # From before, and at once.
    assert isinstance(ask(cache, EVIL), str)
    sick.work()
    assert [asker.end() for asker in askers] == [True] * 9
    until(lambda: cache.health().waiting == 0)
    clock.pass_(10)
    assert ask(cache, EVIL) is False


def test_time_out_of_one_look_up_frees_the_requests_that_wait_for_others(
    sick: Sick,
) -> None:
    clock = Clock()
    cache = CachedOrigins(sick, timeout=1.0, timer=clock)
    assert ask(cache, A) is True
    sick.hang()
    clock.pass_(100)
    askers = [Asking(cache, f"https://{n}.example") for n in range(6)]
    until(lambda: len(sick.asked) == 7)
    clock.pass_(0.9999)
    late = [Asking(cache, A) for _ in range(6)]  # Known, so that they wait.
    until(lambda: len(sick.asked) == 8)
    began = time.monotonic()
    assert [isinstance(asker.end(), str) for asker in askers] == [True] * 6
    assert [asker.end() for asker in late] == [True] * 6
    assert time.monotonic() - began < FOREVER


def test_process_with_one_thread_waits_for_the_first_time_out_only(
    sick: Sick,
) -> None:
    alone = {"wsgi.multithread": False}
    cache = CachedOrigins(sick, timeout=0.1, retry_after=1000)
    sick.hang()
    held = []
    for number in range(50):
        began = time.monotonic()
        with pytest.raises(Exception, match="no"):
            cache(f"https://{number}.example", alone)
        held.append(time.monotonic() - began)
        time.sleep(0.01)
    assert held[0] >= 0.1
    assert sum(seconds >= 0.1 for seconds in held) < 10  # A busy machine adds some.
    assert opened(cache)  # By look-ups in the background.


def test_strangers_do_not_wait_for_a_store_that_has_fallen_silent(sick: Sick) -> None:
    """Long before the time-out, and unlike origins that were allowed before."""
    cache = CachedOrigins(sick, timeout=FOREVER, ttl=0.05, stale_if_error=100)
    for _ in range(3):
        assert ask(cache, A) is True
        time.sleep(0.05)
    sick.hang()
    strangers = [Asking(cache, f"https://{n}.example") for n in range(6)]
    known = Asking(cache, A)
    until(lambda: sum(isinstance(s.answer, str) for s in strangers) == 6 - MOST)
    assert isinstance(ask(cache, EVIL), str)
    assert known.answer is ...
    assert not opened(cache)
    sick.work()
    assert known.end() is True
    ended = [stranger.end() for stranger in strangers]
    assert ended.count(False) == MOST


def test_strangers_wait_for_a_store_that_has_never_answered_yet(sick: Sick) -> None:
    """Connections that are made for the first time take longer."""
    sick.hang()
    cache = CachedOrigins(sick, timeout=1.2)
    strangers = [Asking(cache, f"https://{n}.example") for n in range(6)]
    until(lambda: len(sick.asked) == 6)
    time.sleep(0.6)
    sick.work()
    assert [stranger.end() for stranger in strangers] == [False] * 6


def test_strangers_wait_where_the_store_is_slow_as_ever(sick: Sick) -> None:
    def slow(origin: str) -> bool:
        time.sleep(0.15)
        return False

    cache = CachedOrigins(slow, timeout=FOREVER, negative_ttl=0)
    assert ask(cache, EVIL) is False
    strangers = [Asking(cache, f"https://{n}.example") for n in range(8)]
    assert [stranger.end() for stranger in strangers] == [False] * 8
    assert cache.counters.refused == 0


# Places


def test_some_places_are_kept_for_origins_allowed_before(sick: Sick) -> None:
    clock = Clock()
    cache = CachedOrigins(sick, timeout=FOREVER, max_lookups=4, ttl=10, timer=clock)
    assert ask(cache, A) is True
    clock.pass_(10)
    sick.hang()
    strangers = [Asking(cache, f"https://{n}.example") for n in range(3)]
    until(lambda: len(sick.asked) == 4)
    assert ask(cache, EVIL) == "too many look-ups are under way"
    known = Asking(cache, A)
    until(lambda: sick.asked[-1] == A)
    assert cache.health().places_taken == 4
    sick.work()
    assert known.end() is True
    assert [stranger.end() for stranger in strangers] == [False] * 3


def test_origin_allowed_before_waits_for_a_place(sick: Sick) -> None:
    sick.allowed = {A, B}
    clock = Clock()
    cache = CachedOrigins(sick, timeout=FOREVER, max_lookups=1, ttl=10, timer=clock)
    assert [ask(cache, A), ask(cache, B)] == [True, True]
    clock.pass_(10)
    sick.hang()
    first = Asking(cache, A)
    until(lambda: len(sick.asked) == 3)
    second = Asking(cache, B)
    until(lambda: cache.counters.misses == 4)
    assert len(sick.asked) == 3
    sick.work()
    assert [first.end(), second.end()] == [True, True]
    assert sorted(sick.asked[2:]) == [A, B]


def test_who_gets_no_place_in_time_is_answered_from_before(
    sick: Sick, caplog: pytest.LogCaptureFixture
) -> None:
    sick.allowed = {A, B}
    clock = Clock()
    cache = CachedOrigins(sick, timeout=0.2, max_lookups=1, ttl=10, timer=clock)
    assert [ask(cache, A), ask(cache, B)] == [True, True]
    clock.pass_(10)
    # As if something else held it.
    cache._schedule.places.taken += 1
    assert ask(cache, B) is True
    assert cache.counters.stale == 1
    assert cache.health().failing_since is None
    reasons = [record.__dict__["cors_reason"] for record in caplog.records]
    assert reasons == ["origin-lookups-full"]


def test_cancelled_look_up_gives_its_place_back(sick: Sick) -> None:
    cache = CachedOrigins(sick, timeout=0.05, max_lookups=1, retry_after=1000)
    sick.hang()
    assert ask(cache, B) == "no answer in 0.05 s"
    health = cache.health()
    assert (health.places_taken, health.left_behind) == (0, 1)
    sick.gate.set()
    until(lambda: cache.health().left_behind == 0)
    assert ask(cache, A) is True


def test_threads_that_switch_freely_leave_nothing_taken() -> None:
    """Whatever interleaves: no place, and nobody who waits, stays on the books."""
    hangs = False
    end = time.monotonic() + 1.5

    def lookup(origin: str) -> bool:
        if hangs:
            time.sleep(0.03)
        return origin == A

    cache = CachedOrigins(
        lookup,
        ttl=0.002,
        negative_ttl=0.001,
        timeout=0.01,
        retry_after=0.005,
        max_lookups=3,
    )

    def work(number: int) -> None:
        nonlocal hangs
        while time.monotonic() < end:
            if number == 0:
                hangs = not hangs
                time.sleep(0.02)
                cache.heard(hangs)
            assert ask(cache, EVIL) is not True
            ask(cache, A)
            if number == 1:
                cache.forget(A)
            health = cache.health()
            assert 0 <= health.places_taken <= 3
            assert 0 <= health.waiting <= MOST + 8

    in_threads(8, work)
    hangs = False
    until(lambda: ask(cache, A) is True)
    until(lambda: cache.health().left_behind == 0)
    health = cache.health()
    assert (health.places_taken, health.waiting) == (0, 0)
    assert health.counters.timeouts > 0
