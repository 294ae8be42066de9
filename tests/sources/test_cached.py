"""CachedOrigins: what is remembered and for how long, and what a failure comes to."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from flask_cors_policy.sources import CachedOrigins, Counters, OriginLookupError

from .helpers import EVIL, A, B, C, Clock, Store, ask, cached

# How long answers count


@pytest.mark.parametrize(
    ("origin", "lasts"), [(A, 60), (EVIL, 10)], ids=["allowed", "denied"]
)
def test_answer_counts_for_its_time_and_no_longer(origin: str, lasts: float) -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock, ttl=60, negative_ttl=10)
    first = ask(cache, origin)
    store.allowed ^= {origin}

    clock.pass_(lasts - 0.01)
    assert ask(cache, origin) is first
    clock.pass_(0.01)

    assert ask(cache, origin) is not first
    assert store.asked == [origin] * 2


def test_answer_counts_from_when_its_look_up_began() -> None:
    clock = Clock()

    def slow(origin: str) -> bool:
        clock.pass_(7)
        return True

    cache = cached(slow, clock, ttl=10)
    assert ask(cache) is True
    clock.pass_(2.9)
    assert cache.counters.hits == 0
    assert ask(cache) is True
    assert cache.counters.hits == 1
    clock.pass_(0.1)
    ask(cache)
    assert cache.counters.misses == 2


def test_answer_that_took_longer_than_it_counts_is_not_remembered() -> None:
    clock = Clock()

    def slow(origin: str) -> bool:
        clock.pass_(10)
        return True

    cache = cached(slow, clock, ttl=10, stale_if_error=0)
    assert [ask(cache), ask(cache)] == [True, True]
    assert cache.counters == Counters(misses=2)


@pytest.mark.parametrize("origin", [A, EVIL])
def test_without_time_nothing_is_remembered(origin: str) -> None:
    store = Store(A)
    cache = cached(store, ttl=0, negative_ttl=0)
    for _ in range(3):
        assert ask(cache, origin) is (origin == A)
    assert store.asked == [origin] * 3


def test_source_that_hears_of_changes_may_limit_what_counts() -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock, ttl=60, negative_ttl=60)
    for origin in (A, EVIL):
        ask(cache, origin)
    clock.pass_(1)
    for origin in (A, EVIL):
        assert cache.ask(origin, {}, 1.5) is (origin == A)
    assert store.asked == [A, EVIL]
    for origin in (A, EVIL):
        assert cache.ask(origin, {}, 1.0) is (origin == A)
    assert store.asked == [A, EVIL, A, EVIL]


# What look-ups may answer


@pytest.mark.parametrize("answer", [False, None])
def test_false_and_none_deny(answer: object) -> None:
    store = Store()
    store.answer = answer
    cache = cached(store)
    assert ask(cache) is False
    assert cache.counters.denied == 1


@pytest.mark.parametrize(
    "garbage", [1, 0, "yes", "", b"\x00\xff", [True], {"a": 1}, object, 0.0, ...]
)
def test_garbage_never_allows_and_is_a_failure(garbage: object) -> None:
    clock = Clock()
    cache = cached(lambda origin: garbage, clock)
    answer = ask(cache)
    assert isinstance(answer, str)
    assert answer.startswith("the look-up answered")
    assert cache.counters.errors == 1
    assert cache.counters.allowed == cache.counters.denied == 0


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (LookupError("gone"), "LookupError: gone"),
        (ValueError("a\nb\x1b[1m"), r"ValueError: a\nb\x1b[1m"),
        (OSError("x" * 1000), "OSError: " + "x" * 191 + "..."),
        (Unprintable(), "<exception str() failed>"),
    ],
    ids=["plain", "control characters", "long", "unprintable"],
)
def test_failure_is_told_in_one_safe_line(error: Exception, text: str) -> None:
    store = Store()
    store.failure = error
    assert str(ask(cached(store))).endswith(text)


def test_request_that_began_the_look_up_is_told_what_it_raised() -> None:
    store = Store()
    store.failure = LookupError("gone")
    cache = cached(store)
    with pytest.raises(OriginLookupError) as caught:
        cache(A, {})
    assert caught.value.__cause__ is store.failure
    assert caught.value.is_logged


def test_innermost_cause_is_told_and_no_other() -> None:
    def lookup(origin: str) -> bool:
        try:
            try:
                raise ConnectionRefusedError(111, "Connection refused")
            except OSError as error:
                raise LookupError("the pool\nsays") from error
        except LookupError:
            raise ValueError("what a driver makes of it")  # noqa: B904

    told = "ConnectionRefusedError: [Errno 111] Connection refused"
    assert ask(cached(lookup)) == told


def test_cause_that_leads_back_to_itself_is_told_once() -> None:
    error, other = OSError("one"), OSError("two")
    error.__cause__, other.__cause__ = other, error
    store = Store()
    store.failure = error
    assert ask(cached(store)) == "OSError: two"


def test_look_up_may_say_that_it_cannot_answer_one_question() -> None:
    """Then this origin is denied, and the store does not count as failing."""
    store, clock = Store(A), Clock()
    cache = cached(store, clock)
    store.failure = OriginLookupError("no such tenant")
    for _ in range(5):
        with pytest.raises(OriginLookupError, match="no such tenant") as caught:
            cache(B, {})
        assert not caught.value.is_logged
    store.failure = None
    assert ask(cache, A) is True
    assert cache.health().failing_since is None


# A store that fails


def test_origin_allowed_before_stays_allowed_for_the_stated_time() -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock, ttl=10, stale_if_error=30)
    ask(cache)
    store.failure = OSError("down")

    clock.pass_(10)
    assert ask(cache) is True
    clock.pass_(29.99)
    assert ask(cache) is True
    assert cache.counters.stale == 2
    clock.pass_(0.01)

    assert ask(cache) == "OSError: down"


def test_origin_stays_allowed_for_five_minutes_unless_told_otherwise() -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock)
    ask(cache)
    store.failure = OSError("down")
    clock.pass_(359.99)
    assert ask(cache) is True
    clock.pass_(0.01)
    assert ask(cache) == "OSError: down"


def test_no_answer_older_than_its_ttl_is_used_where_this_is_switched_off() -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock, ttl=10, stale_if_error=0)
    ask(cache)
    store.failure = OSError("down")
    clock.pass_(9.99)
    assert ask(cache) is True
    clock.pass_(0.01)
    assert ask(cache) == "OSError: down"


def test_nor_one_that_is_older_than_a_source_trusts_it() -> None:
    """As a worker that cannot hear of changes, and cannot ask."""
    store, clock = Store(A), Clock()
    cache = cached(store, clock, ttl=60, stale_if_error=0)
    ask(cache)
    store.failure = OSError("down")
    clock.pass_(1.0)
    with pytest.raises(OriginLookupError):
        cache.ask(A, {}, 1.0)
    cache.recheck()
    assert ask(cache) == "OSError: down"


def test_store_that_works_again_is_believed_at_once() -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock, ttl=10, stale_if_error=100)
    ask(cache)
    store.failure = OSError("down")
    clock.pass_(10)
    assert ask(cache) is True
    store.failure = None
    store.allowed.clear()

    assert ask(cache) is False
    store.failure = OSError("down")
    clock.pass_(10)
    assert ask(cache) == "OSError: down"


def test_denied_origin_gains_nothing_from_a_failing_store() -> None:
    store, clock = Store(), Clock()
    cache = cached(store, clock, negative_ttl=10, stale_if_error=1000)
    assert ask(cache) is False
    store.failure = OSError("down")
    clock.pass_(10)
    assert ask(cache) == "OSError: down"


# Room


def test_million_origins_that_do_not_exist_push_none_out_that_does() -> None:
    store = Store(A, B)
    cache = cached(store, maxsize=2)
    ask(cache, A)
    ask(cache, B)
    for number in range(1000):
        assert ask(cache, f"https://{number}.evil.example") is False
    store.allowed.clear()
    assert [ask(cache, A), ask(cache, B)] == [True, True]
    assert cache.counters == Counters(2, 1002, evictions=998, allowed=2, denied=2)


def test_the_origin_not_asked_for_longest_makes_room() -> None:
    store = Store(A, B, C)
    cache = cached(store, maxsize=2)
    for origin in (A, B, A, C):
        ask(cache, origin)
    assert store.asked == [A, B, C]
    assert ask(cache, A) is True
    assert store.asked == [A, B, C]
    ask(cache, B)
    assert store.asked == [A, B, C, B]


def test_flood_of_origins_takes_no_more_memory_than_there_is_room_for() -> None:
    store, clock = Store(), Clock()
    cache = CachedOrigins(
        lambda origin: store.failure is not None and 1 / 0,
        maxsize=200,
        timeout=None,
        timer=clock,
    )
    held: list[int] = []
    tracemalloc.start()
    try:
        for number in range(3000):
            store.failure = OSError() if number % 2 else None
            ask(cache, f"https://{number}.evil.example")
            clock.pass_(0.001)
            if number in (999, 2999):
                gc.collect()
                held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[1] < held[0] * 1.5
