"""``CachedOrigins``: a store's answers, remembered, and a store's failures, survived.

.. code-block:: python

    def allowed(origin: str) -> bool:
        return database.has(origin)

    Policy(origins=CachedOrigins(allowed, ttl=60, stale_if_error=600))

Rule 1. An answer counts for ``ttl`` seconds (a denial for ``negative_ttl``) from when
        the look-up that found it *began*: what the store said may have been true then,
        and no longer when it had finished saying it.
Rule 2. One look-up at a time for each key; the others wait for its outcome.
Rule 3. No request waits longer than ``timeout``, whatever the store does.
Rule 4. Where the store fails, an origin that it allowed before stays allowed until
        ``stale_if_error`` seconds after its ``ttl`` (RFC 5861, 4); any other is denied.
        That key is not looked up again for ``retry_after`` seconds.
Rule 5. What is forgotten while a look-up is under way is not put back by its answer.
Rule 6. Denials have a table of their own: a million origins that do not exist push
        none out that does.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final, NamedTuple

from cachetools import TLRUCache

from ..log import logger
from .arguments import check_count, check_lookup, check_seconds
from .forks import anew_after_fork
from .lookups import Lookup, OriginLookupError, Runner

Lookup1 = Callable[[str], object]
Lookup2 = Callable[[str, Mapping[str, Any]], object]
KeyFunction = Callable[[str, Mapping[str, Any]], Hashable]

_STALE_LOG_EVERY: Final = 60.0


class Counters(NamedTuple):
    """What a cache has done since it was made, and what it holds.

    :param hits: answers that came from the cache.
    :param misses: look-ups begun.
    :param joined: requests that waited for a look-up another one had begun.
    :param errors: look-ups that failed.
    :param stale: failures answered by what the store had said before its ``ttl``.
    :param evictions: entries pushed out by newer ones.
    :param allowed: origins now remembered as allowed (for each key).
    :param denied: as denied.
    """

    hits: int
    misses: int
    joined: int
    errors: int
    stale: int
    evictions: int
    allowed: int
    denied: int


class CachedOrigins:
    """Ask *lookup* which origins are allowed, and remember what it says.

    What it makes is a function for ``origins=``, and safe among threads, greenlets and
    forked workers.

    :param lookup: ``(origin) -> bool``; or, together with *key*, ``(origin, environ)
        -> bool``. Only ``True`` allows, ``False`` and ``None`` deny, and whatever else
        it answers counts as a failure.
    :param ttl: seconds for which an allowed origin counts as allowed: so long may a
        removed origin go on.
    :param negative_ttl: seconds for which a denied origin counts as denied: so long may
        a new origin have to wait.
    :param maxsize: origins (for each key) remembered as allowed; as many again as
        denied, and as failed. The ones not asked for longest make room.
    :param stale_if_error: seconds, after its *ttl*, for which an allowed origin stays
        allowed where the store fails.
    :param timeout: seconds that a request waits for a look-up at most. Each look-up
        then runs in a thread of its own, in the request's ``contextvars`` context, and
        after that time it is left to itself and has failed. ``None`` runs it in the
        request's own thread, and trusts it to end by itself.
    :param retry_after: seconds for which a failed look-up is not tried again.
    :param max_lookups: look-ups that may be under way at once (those that were left to
        themselves included); the next ones wait, within their time.
    :param key: ``(origin, environ) -> Hashable``: what, beside the origin, the answer
        depends on: the tenant. Answers are remembered for each (origin, key). A
        *lookup* that takes environ must have one, since the answer for one tenant must
        never be given to another.
    :param timer: a clock in seconds that never goes back.
    :raises TypeError: where an argument is of the wrong type, or *lookup* and *key* do
        not go together.
    :raises ValueError: where an argument is out of range.
    """

    def __init__(
        self,
        lookup: Lookup1 | Lookup2,
        *,
        ttl: float = 60.0,
        negative_ttl: float = 10.0,
        maxsize: int = 10_000,
        stale_if_error: float = 0.0,
        timeout: float | None = 2.0,
        retry_after: float = 1.0,
        max_lookups: int = 32,
        key: KeyFunction | None = None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        check_lookup(lookup, key)
        self._lookup: Callable[..., object] = lookup
        self._key = key
        self._ttl = check_seconds("ttl", ttl)
        self._negative_ttl = check_seconds("negative_ttl", negative_ttl)
        self._stale_if_error = check_seconds("stale_if_error", stale_if_error)
        self._retry_after = check_seconds("retry_after", retry_after)
        self._timeout = (
            None if timeout is None else check_seconds("timeout", timeout, zero=False)
        )
        self._maxsize = check_count("maxsize", maxsize)
        self._max_lookups = check_count("max_lookups", max_lookups)
        self._timer = timer
        self._hits = self._misses = self._joined = self._errors = self._stale = 0
        self._stale_logged = -math.inf
        self._rechecked = -math.inf
        self.begin_anew()
        anew_after_fork(self)

    def begin_anew(self) -> None:
        """Begin empty, as in a forked worker; the counters go on."""
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, Lookup] = {}
        self._runner = Runner(self._max_lookups)
        # When the look-up began that allowed, or denied; what failed, for a while.
        kept = self._ttl + self._stale_if_error
        self._allowed = _Table(self._maxsize, _until(kept), self._timer)
        self._denied = _Table(self._maxsize, _until(self._negative_ttl), self._timer)
        self._failed = _Table(self._maxsize, self._retry_at, self._timer)

    def _retry_at(self, _key: Hashable, _failure: object, now: float) -> float:
        return now + self._retry_after

    def __call__(self, origin: str, environ: Mapping[str, Any]) -> bool:
        """Say whether *origin* is allowed.

        :raises OriginLookupError: where neither the store nor the cache can say.
        :raises Exception: whatever *key* raises.
        """
        return self.ask(origin, environ, math.inf)

    def ask(self, origin: str, environ: Mapping[str, Any], trusted_for: float) -> bool:
        """Do what a call does, with the answers of the last *trusted_for* seconds only.

        For sources that hear of changes, while they do not.
        """
        key: Hashable = origin
        if self._key is not None:
            key = origin, self._key(origin, environ)
        with self._lock:
            now = self._timer()
            known = self._known(key, now, trusted_for)
            if known is not None:
                self._hits += 1
                return known
            failure: str | None = self._failed.get(key)
            lookup = self._under_way.get(key)
            if lookup and not self._counts(lookup.began, math.inf, now, trusted_for):
                lookup = None
            leads = failure is None and lookup is None
            if leads:
                lookup = self._under_way[key] = Lookup(now)
                self._misses += 1
            elif failure is None:
                self._joined += 1
        if failure is not None or lookup is None:
            return self._without_the_store(key, failure or "", None)
        if leads:
            self._begin(lookup, key, origin, environ)
        return self._outcome(lookup, key, leads)

    @property
    def counters(self) -> Counters:
        """What has happened so far."""
        with self._lock:
            tables = (self._allowed, self._denied, self._failed)
            return Counters(
                self._hits,
                self._misses,
                self._joined,
                self._errors,
                self._stale,
                sum(table.evictions for table in tables),
                len(self._allowed),
                len(self._denied),
            )

    def forget(self, origin: str | None = None) -> None:
        """Know nothing of *origin*, for every key; of any origin if left out.

        Look-ups under way are for those who wait for them already, and for nobody else.
        """
        with self._lock:
            for table in (
                self._allowed,
                self._denied,
                self._failed,
                self._under_way,
            ):
                for key in list(table):
                    if origin is None or origin == self._origin_of(key):
                        table.pop(key, None)

    def recheck(self) -> None:
        """Ask the store again about every origin, because something may have changed.

        Unlike what is forgotten, what it said before stands where it now fails.
        """
        with self._lock:
            self._rechecked = self._timer()

    def __repr__(self) -> str:
        name = getattr(self._lookup, "__qualname__", repr(self._lookup))
        return f"<CachedOrigins of {name}>"

    def _origin_of(self, key: Any) -> object:
        return key if self._key is None else key[0]

    def _known(self, key: Hashable, now: float, trusted_for: float) -> bool | None:
        """Return an answer that still counts."""
        began: float | None = self._allowed.get(key)
        if began is not None:
            return True if self._counts(began, self._ttl, now, trusted_for) else None
        began = self._denied.get(key)
        if began is None or not self._counts(
            began, self._negative_ttl, now, trusted_for
        ):
            return None
        return False

    def _counts(self, began: float, ttl: float, now: float, trusted_for: float) -> bool:
        return now - began < min(ttl, trusted_for) and began > self._rechecked

    def _begin(
        self, lookup: Lookup, key: Hashable, origin: str, environ: Mapping[str, Any]
    ) -> None:
        def ask() -> object:
            if self._key is None:
                return self._lookup(origin)
            return self._lookup(origin, environ)

        def finish(done: Lookup) -> None:
            self._keep(key, done)

        if self._timeout is None:
            lookup.run(ask, finish)
        else:
            self._runner.start(lookup, ask, finish, self._timeout)

    def _outcome(self, lookup: Lookup, key: Hashable, leads: bool) -> bool:
        """Wait for a look-up, and return what it comes to."""
        left = self._timeout
        if left is not None:
            left = max(0.0, lookup.began + left - self._timer())
        if not lookup.wait(left):
            late = f"no answer in {self._timeout:g} s"
            lookup.settle(None, late, None, lambda done: self._keep(key, done))
        if lookup.answer is not None:
            return lookup.answer
        cause = None
        if leads:
            cause, lookup.error = lookup.error, None
        return self._without_the_store(key, lookup.failure, cause)

    def _keep(self, key: Hashable, done: Lookup) -> None:
        """Remember the outcome of a look-up, unless it was forgotten meanwhile."""
        with self._lock:
            if done.answer is None:
                self._errors += 1
            if self._under_way.get(key) is not done:
                return
            del self._under_way[key]
            if done.answer is None:
                self._failed[key] = done.failure
                return
            self._allowed.pop(key, None)
            self._denied.pop(key, None)
            (self._allowed if done.answer else self._denied)[key] = done.began

    def _without_the_store(
        self, key: Hashable, failure: str, cause: Exception | None
    ) -> bool:
        """Return what the store said before it failed, if that may be used."""
        with self._lock:
            if key not in self._allowed:
                raise OriginLookupError(failure) from cause
            self._stale += 1
            now = self._timer()
            logs = now - self._stale_logged >= _STALE_LOG_EVERY
            if logs:
                self._stale_logged = now
        if logs:
            logger.warning(
                "CORS origins: the store fails (%s); an origin that it allowed before "
                "stays allowed for %g s from then: %r (no more of these for %.0f s)",
                failure,
                self._ttl + self._stale_if_error,
                self,
                _STALE_LOG_EVERY,
                extra={"cors_reason": "origin-stale"},
            )
        return True


class _Table(TLRUCache[Hashable, Any]):
    """A table that counts what it pushes out."""

    evictions = 0

    def popitem(self) -> tuple[Hashable, Any]:
        """Make room for something newer."""
        self.evictions += 1
        return super().popitem()


def _until(seconds: float) -> Callable[[Hashable, float, float], float]:
    """Return when an answer is to go whose look-up began at a certain time."""
    return lambda _key, began, _now: began + seconds
