"""CachedOrigins among threads: who asks the store, who waits, and for how long."""

from __future__ import annotations

import contextvars
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from flask_cors_policy.sources import CachedOrigins, OriginLookupError, forks

from .helpers import A, B, C, Clock, SlowStore, Store, ask

FOREVER = 20.0
"""Seconds that are not over within any of these tests."""


class Asking:
    """A question asked in a thread of its own."""

    def __init__(self, cache: CachedOrigins, origin: str = A) -> None:
        self.answer: object = ...
        self._cache = cache
        self._origin = origin
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.answer = ask(self._cache, self._origin)

    def end(self) -> object:
        """Wait for the answer."""
        self._thread.join(FOREVER)
        assert not self._thread.is_alive()
        return self.answer


def until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds."""
    end = time.monotonic() + FOREVER
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.fixture(params=[None, FOREVER], ids=["own thread", "with a time-out"])
def timeout(request: pytest.FixtureRequest) -> float | None:
    """Both ways in which a look-up may run."""
    time_out: float | None = request.param
    return time_out


def test_many_ask_and_one_look_up_answers_all(timeout: float | None) -> None:
    store = SlowStore(A)
    cache = CachedOrigins(store, timeout=timeout)
    askers = [Asking(cache) for _ in range(20)]
    until(lambda: cache.counters.joined == 19)
    store.gate.set()
    assert [asker.end() for asker in askers] == [True] * 20
    assert store.asked == [A]
    assert cache.counters[:4] == (0, 1, 19, 0)


def test_one_failure_is_the_failure_of_all_who_wait(timeout: float | None) -> None:
    store = SlowStore()
    store.failure = OSError("down")
    gate = threading.Event()

    def lookup(origin: str) -> object:
        assert gate.wait(FOREVER)
        return store(origin)

    cache = CachedOrigins(lookup, timeout=timeout)
    askers = [Asking(cache) for _ in range(5)]
    until(lambda: cache.counters.joined == 4)
    gate.set()
    assert [asker.end() for asker in askers] == ["OSError: down"] * 5
    assert store.asked == [A]
    assert cache.counters.errors == 1


def test_slow_look_up_holds_up_nobody_who_asks_for_something_else(
    timeout: float | None,
) -> None:
    store = SlowStore(A)

    def lookup(origin: str) -> object:
        return store(origin) if origin == A else True

    cache = CachedOrigins(lookup, timeout=timeout)
    slow = Asking(cache, A)
    assert store.reached.wait(FOREVER)
    assert ask(cache, B) is True
    store.gate.set()
    assert slow.end() is True


@pytest.mark.parametrize("change", [CachedOrigins.forget, CachedOrigins.recheck])
def test_who_asks_after_a_change_does_not_get_the_answer_from_before(
    timeout: float | None, change: Callable[[CachedOrigins], None]
) -> None:
    store = SlowStore(A)
    cache = CachedOrigins(store, timeout=timeout)
    before = Asking(cache)
    assert store.reached.wait(FOREVER)
    store.allowed.clear()
    change(cache)
    after = Asking(cache)
    until(lambda: len(store.asked) == 2)
    store.gate.set()
    assert (before.end(), after.end()) == (True, False)
    assert ask(cache) is False


def test_who_may_trust_young_answers_only_does_not_wait_for_an_old_one() -> None:
    store, clock = SlowStore(A), Clock()
    cache = CachedOrigins(store, timeout=FOREVER, timer=clock)
    before = Asking(cache)
    assert store.reached.wait(FOREVER)
    store.allowed.clear()
    clock.pass_(1)
    after: list[bool] = []
    thread = threading.Thread(target=lambda: after.append(cache.ask(A, {}, 1.0)))
    thread.start()
    until(lambda: len(store.asked) == 2)
    store.gate.set()
    thread.join(FOREVER)
    assert (before.end(), after) == (True, [False])


def test_look_up_that_takes_too_long_is_given_up_and_its_answer_ignored() -> None:
    store = SlowStore(A)
    cache = CachedOrigins(store, timeout=0.02)
    assert ask(cache) == "no answer in 0.02 s"
    store.gate.set()
    store.allowed.clear()
    until(lambda: ask(cache) is False)
    assert cache.counters.allowed == 0


def test_all_who_wait_are_held_no_longer_than_the_look_up_may_take() -> None:
    store = SlowStore(A)
    cache = CachedOrigins(store, timeout=0.05)
    askers = [Asking(cache) for _ in range(10)]
    assert [asker.end() for asker in askers] == ["no answer in 0.05 s"] * 10
    assert store.asked == [A]
    assert cache.counters.errors == 1
    store.gate.set()


def test_allowed_origin_survives_a_store_that_does_not_answer() -> None:
    store, clock = SlowStore(A), Clock()
    store.gate.set()
    cache = CachedOrigins(store, ttl=1, timeout=0.02, stale_if_error=9, timer=clock)
    assert ask(cache) is True
    store.gate.clear()
    clock.pass_(1)
    assert ask(cache) is True
    assert cache.counters.stale == cache.counters.errors == 1
    store.gate.set()


def test_only_so_many_look_ups_are_under_way_at_once() -> None:
    store = SlowStore(A, B, C)
    cache = CachedOrigins(store, timeout=FOREVER, max_lookups=2)
    askers = [Asking(cache, origin) for origin in (A, B)]
    until(lambda: len(store.asked) == 2)
    assert ask(cache, C) == "too many look-ups are under way"
    assert sorted(store.asked) == [A, B]
    assert cache.health().places_taken == 2
    store.gate.set()
    assert [asker.end() for asker in askers] == [True, True]
    assert ask(cache, C) is True
    assert cache.health().places_taken == 0


def test_place_is_given_back_after_every_end(monkeypatch: pytest.MonkeyPatch) -> None:
    store, clock = Store(A), Clock()
    cache = CachedOrigins(
        store,
        timeout=FOREVER,
        max_lookups=1,
        ttl=1,
        stale_if_error=0,
        timer=clock,
    )
    for failure in (None, OSError("down"), None):
        store.failure = failure
        assert (ask(cache) is True) is (failure is None)
        clock.pass_(1)

    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        assert ask(cache) == "RuntimeError: can't start new thread"
    clock.pass_(1)
    assert ask(cache) is True


def test_look_up_sees_the_context_of_the_request() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set(A)
    cache = CachedOrigins(lambda origin: origin == variable.get())
    assert ask(cache) is True


class CutOff(BaseException):
    """What gevent and servers end a request with."""


def test_look_up_that_is_cut_off_has_failed_for_all_who_wait() -> None:
    store = Store(A)
    store.failure = CutOff()
    clock = Clock()
    cache = CachedOrigins(store, timeout=None, timer=clock)
    with pytest.raises(CutOff):
        cache(A, {})
    assert cache.health().failure == "the look-up was cut off before it had answered"
    store.failure = None
    assert ask(cache) is True


def test_look_up_that_asks_itself_fails_and_does_not_hang() -> None:
    def lookup(origin: str) -> bool:
        return cache(origin, {})

    cache = CachedOrigins(lookup, timeout=0.05)
    with pytest.raises(OriginLookupError):
        cache(A, {})


# Forked workers


def child_answers(cache: CachedOrigins, origin: str) -> Any:
    """Return what *cache* says in a forked child, as text."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:  # No exception, and no fixture of pytest, may go on from here.
        try:
            os.write(into, str(ask(cache, origin)).encode())
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return answer


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_forked_worker_takes_over_no_lock_and_no_look_up() -> None:
    store = SlowStore(A)
    cache = CachedOrigins(store, timeout=FOREVER, max_lookups=1)
    asker = Asking(cache)
    assert store.reached.wait(FOREVER)
    locked = threading.Event()
    release = threading.Event()

    def hold() -> None:
        with cache._lock:
            locked.set()
            release.wait(FOREVER)

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(FOREVER)
    store.gate.set()

    assert child_answers(cache, A) == "True"

    release.set()
    holder.join()
    assert asker.end() is True


def test_cache_begins_empty_in_a_forked_worker_and_goes_on_counting() -> None:
    store = Store(A)
    cache = CachedOrigins(store)
    assert ask(cache) is True
    forks._after_fork()
    assert ask(cache) is True
    assert store.asked == [A, A]
    assert cache.counters[:2] == (0, 2)
