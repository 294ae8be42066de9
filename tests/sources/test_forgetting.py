"""CachedOrigins: answers for each tenant, and what is forgotten or asked anew."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from flask_cors_policy.sources import CachedOrigins

from .helpers import EVIL, A, B, C, Clock, Store, ask, cached, tenant_of
from .test_waiting import FOREVER, Asking, until

# Tenants


def by_tenant(origin: str, environ: Mapping[str, Any]) -> bool:
    return origin in {"one": {A}, "two": {B}}[environ["tenant"]]


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
    clock.pass_(7)
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


def test_answer_of_a_look_up_that_began_earlier_replaces_no_younger_one() -> None:
    gates = [threading.Event(), threading.Event()]
    answers = [True, False]
    asked: list[int] = []

    def lookup(origin: str) -> bool:
        number = len(asked)
        asked.append(number)
        assert gates[number].wait(FOREVER)
        return answers[number]

    cache = CachedOrigins(lookup, timeout=FOREVER)
    first = Asking(cache)
    until(lambda: len(asked) == 1)
    cache.recheck()
    second = Asking(cache)
    until(lambda: len(asked) == 2)
    gates[1].set()
    assert second.end() is False
    gates[0].set()
    assert first.end() is True  # It was asked before the change.
    assert ask(cache) is False
