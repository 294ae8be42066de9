"""The state of a store as operators see it: in the log, and as data.

The log has one line when a store begins to fail, one when it works again, and a
reminder each minute between them. They have a budget of their own, which neither
refusals nor other failures can use up. A line shows the innermost cause only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Literal, NamedTuple

from ..log import logger
from .lookups import Later, shown_line

REMINDER: Final = 60.0
MOST_LINES: Final = 10
"""Lines in a window of ``REMINDER`` seconds, for a store that keeps changing."""

FAILING: Final = "origin-store-failing"
WORKS: Final = "origin-store-works"


class Counters(NamedTuple):
    """What a cache has done since it was made, and what it holds.

    :param hits: answers that came from the cache.
    :param misses: look-ups begun.
    :param joined: requests that waited for a look-up that another one had begun.
    :param errors: look-ups that failed, time-outs included.
    :param timeouts: look-ups that did not answer in time.
    :param renewals: look-ups begun in the background, before an answer was too old.
    :param stale: requests allowed by an answer older than its ``ttl``.
    :param refused: requests denied because the store was not asked for them: the
        breaker was open, or too many waited for the store.
    :param evictions: entries pushed out by newer ones.
    :param allowed: origins now remembered as allowed (for each key).
    :param denied: origins now remembered as denied.
    """

    hits: int = 0
    misses: int = 0
    joined: int = 0
    errors: int = 0
    timeouts: int = 0
    renewals: int = 0
    stale: int = 0
    refused: int = 0
    evictions: int = 0
    allowed: int = 0
    denied: int = 0


class Health(NamedTuple):
    """The state of a source in this process.

    :param store: its name in the log.
    :param failing_since: ``time.time()`` when it began to fail; ``None`` if it works.
    :param failure: the last failure, in one line; empty if it works.
    :param last_answer: ``time.time()`` of its last answer; ``None`` before the first.
    :param breaker: ``open`` while the store is asked by probes only.
    :param listener: ``heard`` or ``unheard``, for a source that listens for changes;
        ``none`` for others, and before the first request.
    :param places: look-ups that may be under way at once.
    :param places_taken: look-ups under way.
    :param waiting: requests that wait for the store although it may hang.
    :param left_behind: cancelled look-ups whose threads have not ended.
    :param counters: what has happened so far.
    """

    store: str
    failing_since: float | None = None
    failure: str = ""
    last_answer: float | None = None
    breaker: Literal["closed", "open"] = "closed"
    listener: Literal["heard", "unheard", "none"] = "none"
    places: int = 0
    places_taken: int = 0
    waiting: int = 0
    left_behind: int = 0
    counters: Counters = Counters()


class StatusLog:
    """Writes the state of one store to the log; safe with threads.

    :param store: the name of the store.
    :param outcome: what requests get while it fails.
    :param on_change: called after it has begun to fail, and after it works again.
    :ivar failing_since: as in ``Health``; so are *failure* and *last_answer*.
    """

    def __init__(
        self, store: str, outcome: str, on_change: Callable[[], object] | None = None
    ) -> None:
        self.store = store
        self._outcome = outcome
        self._on_change = on_change
        self.begin_anew()

    def begin_anew(self) -> None:
        """Begin with an empty log, as in a forked worker."""
        self._lock = threading.Lock()
        self.failing_since: float | None = None
        self.last_answer: float | None = None
        self.failure = ""
        self._failures = 0
        self._outage = 0.0
        self._logged_failing = False
        self._logged_at = self._window = time.monotonic() - REMINDER
        self._lines = 0
        self._once: set[str] = set()

    def failed(self, failure: str) -> Later:
        """Note a failure; return what is left to do, which takes longer."""
        with self._lock:
            begins = self.failing_since is None
            if begins:
                self.failing_since = time.time()
                self._failures = 0
            self.failure = failure
            self._failures += 1
            return self._later(begins)

    def succeeded(self) -> Later:
        """Note a success; return what is left to do, which takes longer."""
        now = time.time()
        self.last_answer = now
        if self.failing_since is None and not self._logged_failing:
            return []
        with self._lock:
            ends = self.failing_since is not None
            if self.failing_since is not None:
                self._outage = now - self.failing_since
            self.failing_since, self.failure = None, ""
            return self._later(ends)

    def is_full(self, places: int) -> Later:
        """Note that look-ups were refused; return what is left to do."""
        sentence = f"{places} look-ups (max_lookups) are under way; more are refused"
        return [partial(self.each_minute, "origin-lookups-full", sentence)]

    def once(self, code: str, sentence: str, key: str) -> None:
        """Log something else, the first time only, until ``again``.

        :param key: tells what is the same.
        """
        with self._lock:
            is_new = key not in self._once
            self._once.add(key)
        if is_new:
            logger.warning(
                "CORS origins: %s: %s",
                self.store,
                sentence,
                extra={"cors_reason": code},
            )

    def again(self, key: str) -> None:
        """Let ``once`` log *key* again."""
        with self._lock:
            self._once.discard(key)

    def each_minute(self, code: str, sentence: str) -> None:
        """Log something else, once in a minute."""
        now = time.monotonic()
        minute = f"{code} {now // REMINDER:.0f}"
        with self._lock:
            self._once -= {key for key in self._once if key.startswith(code)} - {minute}
        self.once(code, sentence, minute)

    def _line(self) -> tuple[Any, ...] | None:
        """Return the line that is due, if one is: its code, text and values."""
        now = time.monotonic()
        failing = self.failing_since is not None
        reminds = failing and self._logged_failing
        if failing == self._logged_failing and not reminds:
            return None
        if reminds and now - self._logged_at < REMINDER:
            return None
        if now - self._window >= REMINDER:
            self._window, self._lines = now, 0
        if self._lines >= MOST_LINES:
            return None
        self._lines += 1
        self._logged_failing = failing
        self._logged_at = now
        if reminds:
            seconds = time.time() - (self.failing_since or 0.0)
            text = "CORS origins: %s has failed for %.0f s (%s); %d failures so far"
            return FAILING, text, seconds, self.failure, self._failures
        if failing:
            text = "CORS origins: %s fails (%s): %s"
            return FAILING, text, self.failure, self._outcome
        return WORKS, "CORS origins: %s works again after %.1f s", self._outage

    def _later(self, changed: bool) -> Later:
        line = self._line()
        later: Later = [] if line is None else [partial(self._write, *line)]
        if changed and self._on_change is not None:
            later.append(self._call_on_change)
        return later

    def _write(self, code: str, text: str, *values: object) -> None:
        write = logger.error if code == FAILING else logger.warning
        write(text, self.store, *values, extra={"cors_reason": code})

    def _call_on_change(self) -> None:
        assert self._on_change is not None
        try:
            self._on_change()
        except Exception as error:
            sentence = f"on_health raised {shown_line(repr(error))}"
            self.once("origin-health-failed", sentence, "on_health")
