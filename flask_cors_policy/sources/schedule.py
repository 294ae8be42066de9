"""Which look-ups run, which requests wait for them, and for how long.

Rule 1. One look-up at a time for each key; other requests wait for its outcome.
Rule 2. No request waits longer than ``timeout``. A look-up that takes longer is
        cancelled, and gives its place and its connection back.
Rule 3. Places bound the look-ups that are under way (``places``), and a store that may
        hang the requests that wait for it (``waiting``).
Rule 4. While the breaker is open no request waits. Probes run in threads of their own.

Everything here but ``wait`` and what is called *later* happens under the lock of the
cache. What must not happen under it (threads that start, sockets that are shut down,
lines of the log) is put into a list, which is worked off after the lock is released.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable
from functools import partial
from typing import Final, NamedTuple

from .breaker import Breaker
from .lookups import Asks, Later, Lookup, Outcome, Question, described, work_off
from .places import Places
from .probing import Prober
from .status import StatusLog
from .waiting import Waiting

BUSY: Final = "the store does not answer, and enough requests wait for it"


class Entry(NamedTuple):
    """What a request that needs the store does now.

    :param lookup: the look-up to wait for; ``None`` where it does not wait.
    :param leads: whether the request has begun it.
    :param is_counted: whether it is one of the few that may wait.
    :param is_probe: whether the request makes a probe, in its own thread.
    :param refusal: why it does not wait.
    """

    lookup: Lookup | None
    leads: bool = False
    is_counted: bool = False
    is_probe: bool = False
    refusal: str = ""


class Schedule:
    """The look-ups of one cache in one process.

    :param ask: asks the store.
    :param keep: called under the lock with each look-up that is finished.
    :param lock: held by whoever calls, where a method does not say otherwise.
    :param count: where things are counted.
    :ivar by_key: the look-up for each key that requests may join.
    :ivar left_behind: cancelled look-ups whose threads have not ended.
    :ivar waiting: the requests that wait.
    :ivar places: the look-ups that are under way.
    """

    def __init__(
        self,
        ask: Asks,
        keep: Callable[[Lookup, Later], None],
        *,
        timeout: float | None,
        limit: int,
        breaker: Breaker,
        status: StatusLog,
        timer: Callable[[], float],
        lock: threading.Lock,
        count: Counter[str],
    ) -> None:
        self.by_key: dict[Hashable, Lookup] = {}
        self.left_behind = 0
        self.breaker = breaker
        self.places = Places(limit)
        self._ask, self._keep = ask, keep
        self._timeout, self._timer = timeout, timer
        self._status, self._lock, self._count = status, lock, count
        self.waiting = Waiting(breaker, timeout)
        self._prober = Prober(breaker, self._probe, lock)

    # What requests do

    def enter(
        self, question: Question, joinable: Callable[[float], bool], later: Later
    ) -> Entry:
        """Join a look-up, or begin one, or do without.

        :param joinable: says whether a look-up that began then answers the question.
        """
        now = self._timer()
        if self.breaker.is_open:
            return self._while_open(question, now, later)
        lookup = self.by_key.get(question.key)
        if lookup is not None and not joinable(lookup.began):
            lookup = None
        counted = self._is_limited(question)
        if counted and not self.waiting.has_room(question):
            if self.breaker.is_suspect and not self.places.started:
                # Or nobody would ever know whether it works again.
                self._begin(question, now, later)
            return self._refuse(BUSY)
        leads = lookup is None
        if lookup is None:
            lookup = self._begin(question, now, later)
        else:
            self._count["joined"] += 1
        if lookup is None:
            later += self._status.is_full(self.places.limit)
            return self._refuse("too many look-ups are under way")
        self.waiting.counted += counted
        return Entry(lookup, leads, counted)

    def wait(self, entry: Entry) -> str:
        """Wait for a look-up, without the lock; return why not, if not to its end."""
        lookup, counted = entry.lookup, entry.is_counted
        assert lookup is not None
        if entry.leads and self._timeout is None:
            self._run_here(lookup, entry.is_probe)
        end = math.inf
        if self._timeout is not None:
            end = time.monotonic() + max(0.0, lookup.deadline - self._timer())
        try:
            while True:
                with self._lock:
                    if lookup.outcome is not None:
                        return ""
                    refusal, counted = self._may_go_on(lookup.question, counted)
                    if refusal:
                        return refusal
                    event = lookup.event
                    again = self._look_again(lookup.question, counted)
                    pause = min(end - time.monotonic(), again)
                event.wait(None if pause == math.inf else max(0.0, pause))
                if time.monotonic() >= end:
                    self.cancel(lookup)
        finally:
            if counted:
                with self._lock:
                    self.waiting.counted -= 1

    def _may_go_on(self, question: Question, counted: bool) -> tuple[str, bool]:
        """Return why a request must stop waiting, and whether it is counted now."""
        if self.breaker.is_open:
            return self._refuse(self._status.failure).refusal, counted
        if counted or not self._is_limited(question):
            return "", counted
        if not self.waiting.has_room(question):
            return self._refuse(BUSY).refusal, False
        self.waiting.counted += 1
        return "", True

    def _run_here(self, lookup: Lookup, is_probe: bool) -> None:
        """Ask in the thread of the request, which trusts the look-up to end."""
        try:
            lookup.run(self._ask, self.finish)
        finally:
            if is_probe:
                self._probed()
                self._prober.is_probing = False

    def use(self, question: Question, later: Later) -> None:
        """Renew an answer in the background, if there is a place; or probe with it."""
        if self.breaker.is_open:
            self._prober.offer(question)
        elif question.key not in self.by_key and self.places.taken < self.places.limit:
            self._count["renewals"] += 1
            self._begin(question, self._timer(), later)

    def cancel_late(self, now: float, later: Later) -> None:
        """Cancel the look-ups that have not answered in time, also unattended ones."""
        for lookup in list(self.places.started):
            if lookup.deadline > now:
                break
            self._cancel(lookup, later)

    def cancel(self, lookup: Lookup) -> None:
        """Cancel a look-up, unless it is finished; without the lock."""
        later: Later = []
        with self._lock:
            if lookup.outcome is None:
                self._cancel(lookup, later)
        work_off(later)

    def unheard(self) -> None:
        """Note that the store is silent elsewhere: on another channel, for others."""
        if not self.breaker.is_suspect:
            self.breaker.is_suspect = True
            self._wake_all()

    def hurry(self) -> None:
        """Have a probe made at once, because the store may work again."""
        if self.breaker.is_open:
            self.breaker.hurry()
            self._prober.wake()

    def forget(self, matches: Callable[[Hashable], bool]) -> None:
        """Let no request join the look-ups of some keys, nor keep their answers."""
        for lookup in self._unsettled():
            if matches(lookup.question.key):
                lookup.counts = False
                if self.by_key.get(lookup.question.key) is lookup:
                    del self.by_key[lookup.question.key]

    # What becomes of look-ups

    def finish(self, lookup: Lookup, outcome: Outcome) -> None:
        """Take the outcome of a look-up that has run; without the lock."""
        later: Later = []
        with self._lock:
            if lookup.outcome is None:
                self._settle(lookup, outcome, later)
            else:
                self.left_behind -= 1
        work_off(later)

    def _begin(self, question: Question, now: float, later: Later) -> Lookup | None:
        lookup = Lookup(question, now, self._timeout)
        if self._timeout is None:
            lookup.has_started = True
        elif not self.places.admit(lookup):
            return None
        elif lookup.has_started:
            later.append(partial(self._run, lookup))
        self._count["misses"] += 1
        self.by_key[question.key] = lookup
        return lookup

    def _run(self, lookup: Lookup) -> None:
        try:
            lookup.start(self._ask, self.finish)
        except RuntimeError as error:  # The process may not have more threads.
            self.finish(lookup, Outcome(None, described(error), error))

    def _cancel(self, lookup: Lookup, later: Later) -> None:
        if lookup.has_started:
            late = Outcome(None, f"no answer in {self._timeout:g} s", timed_out=True)
            self.left_behind += 1
            self._count["timeouts"] += 1
            later.append(lookup.cancellation.start)
        else:
            full = f"no place to begin a look-up became free in {self._timeout:g} s"
            late = Outcome(None, full, blames_store=False)
            later += self._status.is_full(self.places.limit)
        self._settle(lookup, late, later)

    def _settle(self, lookup: Lookup, outcome: Outcome, later: Later) -> None:
        lookup.outcome = outcome
        if self.by_key.get(lookup.question.key) is lookup:
            del self.by_key[lookup.question.key]
        following = self.places.leave(lookup)
        if following is not None:
            later.append(partial(self._run, following))
        if outcome.answer is not None:
            self._succeeded(lookup, later)
        else:
            self._count["errors"] += 1
            if outcome.blames_store:
                self._failed(lookup, outcome, later)
        self._keep(lookup, later)
        lookup.event.set()

    def _succeeded(self, lookup: Lookup, later: Later) -> None:
        self.waiting.succeeded(lookup.began, self._timer())
        self.breaker.succeeded()
        self._prober.wake(forget=True)
        later += self._status.succeeded()

    def _failed(self, lookup: Lookup, outcome: Outcome, later: Later) -> None:
        before = self.breaker.is_suspect
        opened = self.breaker.failed(outcome.timed_out)
        later += self._status.failed(outcome.failure)
        if opened:
            self._prober.offer(lookup.question)
            if self._timeout is not None:
                later.append(self._prober.start)
        if opened or self.breaker.is_suspect != before:
            self._wake_all()

    def _wake_all(self) -> None:
        for lookup in self._unsettled():
            lookup.wake()

    def _unsettled(self) -> list[Lookup]:
        return list({*self.places.all, *self.by_key.values()})

    # Who may wait

    def _is_limited(self, question: Question) -> bool:
        return self.waiting.is_limited(question, self._timer(), self.places.oldest)

    def _look_again(self, question: Question, counted: bool) -> float:
        """Return the seconds after which a request looks again at whether it waits."""
        if counted or question.is_known:
            return math.inf
        limited_from = self.waiting.limited_from(self.places.oldest)
        return max(0.01, limited_from - self._timer())

    def _refuse(self, why: str) -> Entry:
        self._count["refused"] += 1
        return Entry(None, refusal=why)

    # While the breaker is open

    def _while_open(self, question: Question, now: float, later: Later) -> Entry:
        self._prober.offer(question)
        if self._timeout is None:
            # There is no thread to probe in: this request probes in its own.
            if self.breaker.pause == 0 and not self._prober.is_probing:
                self._prober.is_probing = True
                self._count["misses"] += 1
                lookup = Lookup(question, now, None)
                lookup.has_started = True
                return Entry(lookup, leads=True, is_probe=True)
        elif not self._prober.is_probing:
            later.append(self._prober.start)
        return self._refuse(self._status.failure)

    def _probe(self, question: Question) -> None:
        """Ask the store in another thread, and wait; without the lock."""
        with self._lock:
            lookup = Lookup(question, self._timer(), self._timeout)
            self.places.add_probe(lookup)
            self._count["misses"] += 1
        self._run(lookup)
        end = time.monotonic() + (self._timeout or 0.0)
        while lookup.outcome is None and time.monotonic() < end:
            lookup.event.wait(end - time.monotonic())
        self.cancel(lookup)
        self._probed()

    def _probed(self) -> None:
        with self._lock:
            if self.breaker.is_open:
                self.breaker.probed(self.left_behind)
