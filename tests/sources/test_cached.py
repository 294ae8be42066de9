"""CachedOrigins: what is remembered and for how long, and what a failure comes to."""

from __future__ import annotations

import gc
import logging
import re
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.sources import CachedOrigins, Counters, OriginLookupError
from tests.helpers import Spy, call

from .helpers import EVIL, A, B, C, Clock, Store, ask


def cached(
    store: Callable[..., object], clock: Clock | None = None, **options: Any
) -> CachedOrigins:
    """Return a cache in front of *store*, asked in this very thread."""
    chosen = {"timeout": None, "timer": clock or Clock(), **options}
    return CachedOrigins(store, **chosen)


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

    cache = cached(slow, clock, ttl=10)
    assert [ask(cache), ask(cache)] == [True, True]
    assert cache.counters == Counters(0, 2, 0, 0, 0, 0, 0, 0)


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


def test_first_to_ask_is_told_what_the_look_up_raised() -> None:
    store = Store()
    store.failure = LookupError("gone")
    cache = cached(store)
    with pytest.raises(OriginLookupError) as caught:
        cache(A, {})
    assert caught.value.__cause__ is store.failure
    with pytest.raises(OriginLookupError) as caught:
        cache(A, {})
    assert caught.value.__cause__ is None


# A store that fails


def test_failure_is_remembered_for_a_while_so_that_nobody_waits_for_it() -> None:
    store, clock = Store(A), Clock()
    store.failure = TimeoutError("slow")
    cache = cached(store, clock, retry_after=5)
    ask(cache)
    store.failure = None

    clock.pass_(4.99)
    assert ask(cache) == "TimeoutError: slow"
    assert ask(cache, B) is False
    clock.pass_(0.01)

    assert ask(cache) is True
    assert store.asked == [A, B, A]


def test_allowed_origin_survives_a_failing_store_for_the_stated_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
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
    assert [(r.levelno, r.__dict__["cors_reason"]) for r in caplog.records] == [
        (logging.WARNING, "origin-stale")
    ]
    assert "OSError: down" in caplog.text


def test_stale_answers_are_logged_again_after_a_while(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock, ttl=1, stale_if_error=1000)
    ask(cache)
    store.failure = OSError("down")
    for _ in range(130):
        clock.pass_(1)
        assert ask(cache) is True
    assert len(caplog.records) == 3


def test_store_that_works_again_is_believed_at_once() -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock, ttl=10, stale_if_error=100, retry_after=1)
    ask(cache)
    store.failure = OSError("down")
    clock.pass_(10)
    assert ask(cache) is True
    store.failure = None
    store.allowed.clear()
    clock.pass_(1)

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
    assert cache.counters == Counters(2, 1002, 0, 0, 0, 998, 2, 2)


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
    assert held[1] < held[0] * 1.2


# Tenants


def by_tenant(origin: str, environ: Mapping[str, Any]) -> bool:
    return origin in {"one": {A}, "two": {B}}[environ["tenant"]]


def tenant_of(origin: str, environ: Mapping[str, Any]) -> str:
    tenant: str = environ["tenant"]
    return tenant


def test_answer_for_one_tenant_is_never_given_to_another() -> None:
    cache = cached(by_tenant, key=tenant_of)
    for _ in range(2):
        assert ask(cache, A, tenant="one") is True
        assert ask(cache, A, tenant="two") is False
        assert ask(cache, B, tenant="one") is False
        assert ask(cache, B, tenant="two") is True
    assert cache.counters.misses == 4


def test_key_cannot_leave_the_origin_out() -> None:
    cache = cached(by_tenant, key=lambda origin, environ: "same")
    assert ask(cache, A, tenant="one") is True
    assert ask(cache, B, tenant="one") is False


def test_what_the_key_function_raises_is_raised() -> None:
    cache = cached(by_tenant, key=tenant_of)
    with pytest.raises(KeyError):
        cache(A, {})


# Forgetting


def test_forgotten_origin_is_asked_for_again_for_every_tenant() -> None:
    allowed = {A, B}
    cache = cached(lambda origin, environ: origin in allowed, key=tenant_of)
    for origin in (A, B):
        for tenant in ("one", "two"):
            ask(cache, origin, tenant=tenant)
    allowed.clear()

    cache.forget(A)

    for tenant in ("one", "two"):
        assert ask(cache, A, tenant=tenant) is False
        assert ask(cache, B, tenant=tenant) is True
    cache.forget()
    assert ask(cache, B, tenant="one") is False


def test_denial_failure_and_stale_answer_are_forgotten_too() -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock, ttl=1, negative_ttl=1000, stale_if_error=1000)
    ask(cache, A)
    ask(cache, B)
    clock.pass_(1)
    store.failure = OSError("down")
    assert ask(cache, A) is True
    ask(cache, C)
    for origin in (A, B, C):
        cache.forget(origin)
    assert ask(cache, A) == "OSError: down"
    store.failure = None
    store.allowed = {B, C}
    assert [ask(cache, B), ask(cache, C)] == [True, True]


def test_what_is_forgotten_during_a_look_up_is_not_put_back() -> None:
    store = Store(A)

    def lookup(origin: str) -> object:
        answer = store(origin)
        if len(store.asked) == 1:
            store.allowed.clear()
            cache.forget(origin)
        return answer

    cache = cached(lookup)
    assert ask(cache) is True  # It asked before the change was known.
    assert ask(cache) is False
    assert cache.counters.allowed == 0


@pytest.mark.parametrize("origin", [A, EVIL])
def test_every_origin_is_asked_for_again_when_something_may_have_changed(
    origin: str,
) -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock)
    for _ in range(2):
        ask(cache, origin)
    store.allowed ^= {origin}
    cache.recheck()
    clock.pass_(1)
    for _ in range(2):
        assert ask(cache, origin) is (origin != A)
    assert store.asked == [origin] * 2


def test_what_was_said_before_stands_where_the_store_fails_after_a_change() -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock, ttl=10, stale_if_error=10)
    assert [ask(cache, A), ask(cache, EVIL)] == [True, False]
    cache.recheck()
    store.failure = OSError("down")
    clock.pass_(19.99)
    assert [ask(cache, A), ask(cache, EVIL)] == [True, "OSError: down"]
    clock.pass_(0.01)
    assert ask(cache, A) == "OSError: down"


def test_look_up_under_way_at_a_change_does_not_count_afterwards() -> None:
    store, clock = Store(A), Clock()

    def lookup(origin: str) -> object:
        answer = store(origin)
        if len(store.asked) == 1:
            store.allowed.clear()
            cache.recheck()
        return answer

    cache = cached(lookup, clock)
    assert ask(cache) is True
    clock.pass_(0.01)
    assert ask(cache) is False


# In a policy


def test_it_is_a_function_for_origins(caplog: pytest.LogCaptureFixture) -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock)
    policy = Policy(origins=cache, enforce=True)
    app = CORSMiddleware(Spy(), policy)

    assert call(app, headers={"Origin": A}).status == "200 OK"
    assert call(app, headers={"Origin": EVIL}).status == "403 Forbidden"
    store.failure = OSError("down")
    assert call(app, headers={"Origin": B}).status == "403 Forbidden"
    assert call(app, headers={"Origin": "https://no.example/"}).status[:3] == "403"

    assert store.asked == [A, EVIL, B]
    assert caplog.records[-2].exc_info is not None
    assert "OSError: down" in caplog.text
    assert policy == Policy(**policy.as_settings())
    assert repr(policy).startswith("Policy(origins=(<CachedOrigins of")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lookup": None}, "lookup must be a function that can be called as (origin)"),
        ({"lookup": lambda: True}, "can be called as (origin)"),
        ({"lookup": lambda origin, environ: True}, "give key="),
        ({"lookup": lambda origin, environ: True, "key": "tenant"}, "key must be"),
        ({"lookup": lambda origin, environ: True, "key": lambda environ: 1},
         "key must be a function that can be called as (origin, environ)"),
        ({"lookup": lambda origin: True, "key": tenant_of},
         "lookup must be a function that can be called as (origin, environ)"),
        ({"ttl": "60"}, "ttl is a number of seconds, not '60'"),
        ({"ttl": True}, "ttl is a number of seconds"),
        ({"ttl": None}, "ttl is a number of seconds"),
        ({"maxsize": 1.5}, "maxsize is a whole number"),
        ({"max_lookups": True}, "max_lookups is a whole number"),
    ],
)  # fmt: skip
def test_arguments_of_the_wrong_type_are_refused(
    arguments: dict[str, Any], message: str
) -> None:
    given = {"lookup": Store(), **arguments}
    with pytest.raises(TypeError, match=re.escape(message)):
        CachedOrigins(**given)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ttl": -1}, "ttl is 0 or more seconds, not -1"),
        ({"negative_ttl": float("nan")}, "negative_ttl is 0 or more seconds"),
        ({"stale_if_error": float("inf")}, "stale_if_error is 0 or more"),
        ({"retry_after": -0.1}, "retry_after is 0 or more"),
        ({"timeout": 0}, "timeout is more than 0 seconds, not 0"),
        ({"maxsize": 0}, "maxsize is 1 or more, not 0"),
        ({"max_lookups": -3}, "max_lookups is 1 or more"),
    ],
)
def test_arguments_out_of_range_are_refused(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        CachedOrigins(Store(), **arguments)


def test_coroutine_functions_are_refused() -> None:
    async def lookup(origin: str) -> bool:
        return True

    with pytest.raises(TypeError, match="coroutine"):
        CachedOrigins(lookup)


def test_function_without_a_signature_is_taken_at_its_word() -> None:
    assert ask(cached(frozenset({A}).__contains__)) is True
    without: Any = getattr
    cache = CachedOrigins(without, key=tenant_of, timeout=None)
    assert str(ask(cache, A, tenant="one")).startswith("TypeError")


def test_environ_is_optional_for_a_look_up_that_can_do_without() -> None:
    def lookup(origin: str, environ: object = None) -> bool:
        assert environ is None
        return True

    assert ask(cached(lookup)) is True
