"""``CachedOrigins``: a store's answers, remembered, and a store's failures, survived.

.. code-block:: python

    def allowed(origin: str) -> bool:
        return database.has(origin)

    Policy(origins=CachedOrigins(allowed, ttl=60))

Rule 1. Answers count for a time (``answers``), which for origins that are asked for is
        renewed in the background: from a part of ``ttl`` on, a request begins a look-up
        and does not wait for it. Past ``ttl`` a request waits.
Rule 2. No request waits longer than ``timeout``, and few wait for a store that may hang
        (``schedule``). After three failures in a row none does (``breaker``).
Rule 3. Where a look-up fails, or is not waited for, an origin that the store allowed
        before stays allowed until ``stale_if_error`` seconds after its ``ttl``; any
        other is denied.
Rule 4. What is forgotten while a look-up is under way is not put back by its answer.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from os import PathLike
from typing import Any

from .answers import Answers
from .arguments import check_count, check_lookup, check_seconds
from .breaker import Breaker
from .forks import anew_after_fork
from .lookups import Later, Lookup, OriginLookupError, Question, work_off
from .saving import Saving
from .schedule import Entry, Schedule
from .status import Counters, Health, StatusLog

Lookup1 = Callable[[str], object]
Lookup2 = Callable[[str, Mapping[str, Any]], object]
KeyFunction = Callable[[str, Mapping[str, Any]], Hashable]


class CachedOrigins:
    """Ask *lookup* which origins are allowed, and remember what it says.

    What it makes is a function for ``origins=``, and safe among threads, greenlets and
    forked workers.

    :param lookup: ``(origin) -> bool``; or, together with *key*, ``(origin, environ)
        -> bool``. Only ``True`` allows, ``False`` and ``None`` deny, and whatever else
        it answers counts as a failure. If it raises ``OriginLookupError``, this one
        origin is denied, and the store does not count as failing.
    :param ttl: seconds for which an allowed origin counts as allowed: so long may a
        removed origin go on.
    :param negative_ttl: seconds for which a denied origin counts as denied: so long may
        a new origin have to wait.
    :param maxsize: origins (for each key) remembered as allowed; as many again as
        denied. The ones not asked for longest make room.
    :param stale_if_error: seconds, after its *ttl*, for which an allowed origin stays
        allowed where the store fails. 0 switches this off.
    :param timeout: seconds that a request waits for a look-up at most. Each look-up
        then runs in a thread of its own, in a copy of the request's ``contextvars``
        context and, in Flask, an application context of its own; it may go on after
        the request has ended. ``None`` runs it in the request's own thread, and trusts
        it to end by itself.
    :param retry_after: seconds between two probes of a store that fails.
    :param max_lookups: look-ups that may be under way at once. A quarter of them is
        kept for origins that were allowed before.
    :param key: ``(origin, environ) -> Hashable``: what, beside the origin, the answer
        depends on: the tenant. Answers are remembered for each (origin, key). A
        *lookup* that takes environ must have one, since the answer for one tenant must
        never be given to another.
    :param known_good: the path of a file that all processes of the application share:
        one that starts while the store fails reads there what others were told.
    :param store_name: what the log calls the store; its file belongs to that name.
    :param on_health: called with a ``Health`` when the store has begun to fail, and
        when it works again.
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
        stale_if_error: float = 300.0,
        timeout: float | None = 2.0,
        retry_after: float = 5.0,
        max_lookups: int = 32,
        key: KeyFunction | None = None,
        known_good: str | PathLike[str] | None = None,
        store_name: str = "",
        on_health: Callable[[Health], object] | None = None,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        check_lookup(lookup, key)
        self._lookup: Callable[..., object] = lookup
        self._key = key
        self._ttl = check_seconds("ttl", ttl)
        self._negative_ttl = check_seconds("negative_ttl", negative_ttl)
        self._stale_if_error = check_seconds("stale_if_error", stale_if_error)
        self._retry_after = check_seconds("retry_after", retry_after, zero=False)
        self._timeout = (
            None if timeout is None else check_seconds("timeout", timeout, zero=False)
        )
        self._maxsize = check_count("maxsize", maxsize)
        self._max_lookups = check_count("max_lookups", max_lookups)
        self._timer = timer
        self._on_health = on_health
        self._name = store_name or getattr(
            lookup, "__qualname__", type(lookup).__name__
        )
        self._status = StatusLog(
            self._name,
            f"origins allowed before stay allowed for {self._kept:g} s, others are "
            "denied"
            if stale_if_error
            else "origins are denied",
            None if on_health is None else self._tell_health,
        )
        self._saving = self._saving_in(known_good)
        self._hits = 0
        self._count: Counter[str] = Counter()
        self.begin_anew()
        anew_after_fork(self)

    def begin_anew(self) -> None:
        """Begin empty, as in a forked worker; the counters go on."""
        self._lock = threading.Lock()
        self._status.begin_anew()
        self._answers = Answers(
            self._ttl,
            self._negative_ttl,
            self._stale_if_error,
            self._maxsize,
            self._timer,
        )
        self._schedule = Schedule(
            self._ask_store,
            self._keep,
            timeout=self._timeout,
            limit=self._max_lookups,
            breaker=Breaker(self._retry_after, self._timer),
            status=self._status,
            timer=self._timer,
            lock=self._lock,
            count=self._count,
        )
        if self._saving is not None:
            self._saving.begin_anew(self._lock, self._answers, self._schedule)

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
        later: Later = []
        entry = None
        if self._saving is not None and self._saving.is_unread:
            self._saving.read()
        with self._lock:
            now = self._timer()
            self._schedule.cancel_late(now, later)
            fresh = self._answers.fresh(key, now, trusted_for)
            if fresh is not None:
                self._hits += 1
                if fresh and self._is_due(key, now, trusted_for):
                    question = Question(key, origin, environ, True)
                    self._schedule.use(question, later)
            else:
                question = Question(key, origin, environ, self._answers.is_known(key))
                entry = self._schedule.enter(
                    question,
                    lambda began: self._answers.is_recent(began, now, trusted_for),
                    later,
                )
        if later:
            work_off(later)
        if entry is None:
            return fresh is True
        return self._outcome(entry, key)

    def health(self) -> Health:
        """Return the state of the store, as this process sees it."""
        with self._lock:
            status, schedule = self._status, self._schedule
            return Health(
                self._name,
                status.failing_since,
                status.failure,
                status.last_answer,
                "open" if schedule.breaker.is_open else "closed",
                "none",
                schedule.places.limit,
                schedule.places.taken,
                schedule.waiting.counted,
                schedule.left_behind,
                self._counters(),
            )

    @property
    def counters(self) -> Counters:
        """What has happened so far."""
        with self._lock:
            return self._counters()

    def forget(self, origin: str | None = None) -> None:
        """Know nothing of *origin*, for every key; of any origin if left out.

        Look-ups under way are for those who wait for them already, and for nobody else.
        """
        later: Later = []

        def matches(key: Hashable) -> bool:
            return origin is None or origin == self._origin_of(key)

        with self._lock:
            self._answers.forget(matches)
            self._schedule.forget(matches)
            if self._saving is not None:
                self._saving.forget(origin, later)
        work_off(later)

    def recheck(self) -> None:
        """Ask the store again about every origin, because something may have changed.

        Unlike what is forgotten, what it said before stands where it now fails.
        """
        with self._lock:
            self._answers.recheck(self._timer())

    def heard(self, hears: bool) -> None:
        """Note that the store is heard on another channel again, or no longer."""
        with self._lock:
            if hears:
                self._schedule.hurry()
            else:
                self._schedule.unheard()

    def __repr__(self) -> str:
        return f"<CachedOrigins of {self._name}>"

    @property
    def _kept(self) -> float:
        return self._ttl + self._stale_if_error

    def _saving_in(self, known_good: str | PathLike[str] | None) -> Saving | None:
        if known_good is None:
            return None
        if not self._stale_if_error:
            raise ValueError("known_good is of no use where stale_if_error is 0")
        return Saving(
            known_good,
            self._name,
            keeps=self._kept,
            maxsize=self._maxsize,
            keyed=self._key is not None,
            status=self._status,
            trusts_failing_for=4 * (self._retry_after + (self._timeout or 0.0)),
            timer=self._timer,
        )

    def _origin_of(self, key: Any) -> object:
        return key if self._key is None else key[0]

    def _is_due(self, key: Hashable, now: float, trusted_for: float) -> bool:
        """Say whether a question about *key* is of use, besides its answer."""
        breaker = self._schedule.breaker
        if self._timeout is None or not breaker.is_well:
            return breaker.is_open
        lasts = min(self._ttl, trusted_for)
        # Early enough for a store that hangs to be noticed before a request must wait.
        due = min(0.75 * lasts, max(0.5 * lasts, lasts - 1.25 * self._timeout))
        return self._answers.age(key, now) >= due

    def _ask_store(self, question: Question) -> object:
        if self._key is None:
            return self._lookup(question.origin)
        return self._lookup(question.origin, question.environ)

    def _outcome(self, entry: Entry, key: Hashable) -> bool:
        """Return the answer, waiting for it if the request is to wait."""
        failure, error, is_logged = entry.refusal, None, True
        if entry.lookup is not None:
            failure = self._schedule.wait(entry)
            outcome = entry.lookup.outcome
            if not failure:
                assert outcome is not None
                if outcome.answer is not None:
                    return outcome.answer
                failure = outcome.failure
                is_logged = not isinstance(outcome.error, OriginLookupError)
                error = outcome.error if entry.leads else None
        with self._lock:
            # If the store works, there is no failure to survive.
            if is_logged and self._answers.old(key):
                self._count["stale"] += 1
                return True
        raise OriginLookupError(failure, is_logged) from error

    def _keep(self, lookup: Lookup, later: Later) -> None:
        """Remember the outcome of a look-up, unless it was forgotten meanwhile."""
        assert lookup.outcome is not None
        answer, key = lookup.outcome.answer, lookup.question.key
        if answer is not None and lookup.counts:
            was_known = self._answers.is_known(key)
            self._answers.keep(key, answer, lookup.began)
            if self._saving is not None and (answer or was_known):
                self._saving.keep(key, answer, lookup.began, later)
        if self._saving is not None and lookup.outcome.blames_store:
            self._saving.note(later)

    def _counters(self) -> Counters:
        count = self._count
        return Counters(
            hits=self._hits,
            misses=count["misses"],
            joined=count["joined"],
            errors=count["errors"],
            timeouts=count["timeouts"],
            renewals=count["renewals"],
            stale=count["stale"],
            refused=count["refused"],
            evictions=self._answers.evictions,
            allowed=self._answers.sizes[0],
            denied=self._answers.sizes[1],
        )

    def _tell_health(self) -> None:
        assert self._on_health is not None
        self._on_health(self.health())
