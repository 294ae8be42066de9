"""CachedOrigins against a naive model, and under threads that switch freely."""

from __future__ import annotations

import random
import time
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from flask_cors_policy.sources import CachedOrigins
from flask_cors_policy.sources.breaker import FAILURES
from tests.threads import in_threads

from .helpers import A, B, C, Clock, Store, ask

ORIGINS = (A, B, C, "https://d.example", "https://e.example")
SECONDS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0, 30.0])


class Known(NamedTuple):
    """What the model keeps of one answer."""

    allowed: bool
    began: float


class CacheMachine(RuleBasedStateMachine):
    """Every question is answered as a list of all that was ever said tells.

    The model has room for everything; where the cache has not, it may only ask the
    store more often, and where the store fails, deny.

    What the model knows of the breaker: after three failures in a row the store is not
    asked until ``retry_after`` is over (here without jitter), and a success closes it.
    """

    @initialize(
        ttl=SECONDS,
        negative_ttl=SECONDS,
        stale=SECONDS,
        retry_after=st.sampled_from([0.5, 2.0, 30.0]),
        maxsize=st.sampled_from([1, 2, 100]),
    )
    def begin(
        self,
        ttl: float,
        negative_ttl: float,
        stale: float,
        retry_after: float,
        maxsize: int,
    ) -> None:
        self.clock = Clock()
        self.store = Store(A)
        self.ttl, self.negative_ttl, self.stale = ttl, negative_ttl, stale
        self.retry_after, self.maxsize = retry_after, maxsize
        self.cache = CachedOrigins(
            self.store,
            ttl=ttl,
            negative_ttl=negative_ttl,
            stale_if_error=stale,
            retry_after=retry_after,
            maxsize=maxsize,
            timeout=None,
            timer=self.clock,
        )
        # No jitter: the model cannot know it.
        self.cache._schedule.breaker._chance = lambda least, most: 1.0
        self.known: dict[str, Known] = {}
        self.failures = 0
        self.not_before = 0.0
        self.rechecked = 0.0

    @rule(origin=st.sampled_from(ORIGINS))
    def change(self, origin: str) -> None:
        self.store.allowed ^= {origin}

    @rule()
    def break_or_mend(self) -> None:
        self.store.failure = None if self.store.failure else OSError("down")

    @rule(seconds=st.sampled_from([0.25, 1.0, 3.0, 20.0, 100.0]))
    def wait(self, seconds: float) -> None:
        self.clock.pass_(seconds)

    @rule(origin=st.sampled_from([*ORIGINS, None]))
    def forget(self, origin: str | None) -> None:
        self.cache.forget(origin)
        for name in ORIGINS if origin is None else [origin]:
            self.known.pop(name, None)

    @rule()
    def recheck(self) -> None:
        self.cache.recheck()
        self.rechecked = self.clock.now

    @rule(origin=st.sampled_from(ORIGINS))
    def question(self, origin: str) -> None:
        now = self.clock.now
        before = len(self.store.asked)
        answer = ask(self.cache, origin)
        asked = len(self.store.asked) > before
        known = self.known.get(origin)
        age = now - known.began if known else 0.0
        counts = (
            known is not None
            and age < (self.ttl if known.allowed else self.negative_ttl)
            and known.began > self.rechecked
        )
        is_open = self.failures >= FAILURES and now < self.not_before
        if self.maxsize >= len(ORIGINS):
            assert asked is not (counts or is_open)
        elif counts or is_open:
            # An answer may have been pushed out, and may not be asked for while open.
            assert not (asked and is_open)
        else:
            assert asked
        if asked:
            self._says(origin, answer, known, age)
        elif counts and answer != "OSError: down":
            assert known is not None
            assert answer is known.allowed
        else:
            self._falls_back(answer, known, age)

    def _says(
        self, origin: str, answer: object, known: Known | None, age: float
    ) -> None:
        if self.store.failure is not None:
            self.failures += 1
            if self.failures >= FAILURES:
                self.not_before = self.clock.now + self.retry_after
            self._falls_back(answer, known, age)
            return
        assert answer is (origin in self.store.allowed)
        self.known[origin] = Known(origin in self.store.allowed, self.clock.now)
        self.failures = 0

    def _falls_back(self, answer: object, known: Known | None, age: float) -> None:
        may = known is not None and known.allowed and age < self.ttl + self.stale
        may = may and self.stale > 0
        if may and self.maxsize >= len(ORIGINS):
            assert answer is True
        assert (answer is True and may) or answer == "OSError: down"

    @invariant()
    def there_is_room(self) -> None:
        counters = self.cache.counters
        assert counters.allowed <= self.maxsize
        assert counters.denied <= self.maxsize


TestCacheMachine = CacheMachine.TestCase


def test_threads_that_switch_freely_never_get_a_wrong_answer() -> None:
    """Whatever interleaves: who is never allowed is never let in, and nothing tears."""
    allowed = set(ORIGINS[:2])
    failing = False
    FULL = "too many look-ups are under way"

    def lookup(origin: str) -> bool:
        if failing:
            raise OSError("down")
        return origin in allowed

    cache = CachedOrigins(
        lookup,
        ttl=0.002,
        negative_ttl=0.001,
        stale_if_error=0.002,
        retry_after=0.001,
        timeout=5,
        maxsize=3,
        max_lookups=4,
    )
    end = time.monotonic() + 0.8

    def work(number: int) -> None:
        nonlocal failing
        chance = random.Random(number)
        while time.monotonic() < end:
            origin = chance.choice(ORIGINS)
            answer = ask(cache, origin)
            if origin in allowed:
                assert answer in (True, "OSError: down", FULL)
            else:
                assert answer in (False, "OSError: down", FULL)
            if number == 0:
                failing = chance.random() < 0.1
                if chance.random() < 0.2:
                    cache.forget(chance.choice([*ORIGINS, None]))
            assert cache.counters.allowed <= 3

    in_threads(8, work)

    counters = cache.counters
    assert counters.misses > 10
    assert counters.hits + counters.joined > 0
    failing = False
    time.sleep(0.2)
    assert [ask(cache, origin) for origin in ORIGINS] == [
        origin in allowed for origin in ORIGINS
    ]
