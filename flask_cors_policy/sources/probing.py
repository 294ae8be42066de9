"""Probes: look-ups in the background that tell whether a store works again."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .breaker import Breaker
from .lookups import Question


class Prober:
    """Probes one store while its breaker is open, one probe at a time.

    :param breaker: says when a probe is due.
    :param probe: asks the store, waits for the outcome, and notes it.
    :param lock: the lock of the breaker.
    :ivar is_probing: whether there is a thread that probes, or a request that does.
    :ivar question: what probes ask.
    """

    def __init__(
        self,
        breaker: Breaker,
        probe: Callable[[Question], object],
        lock: threading.Lock,
    ) -> None:
        self.is_probing = False
        self.question: Question | None = None
        self._breaker, self._probe, self._lock = breaker, probe, lock
        self._wake = threading.Event()

    def offer(self, question: Question) -> None:
        """Take *question*, unless there is a better one; under the lock.

        The best is one that the store has answered before: a question that makes the
        look-up raise whenever it is asked must not keep the breaker open.
        """
        if self.question is None or question.is_known or not self.question.is_known:
            self.question = question

    def wake(self, forget: bool = False) -> None:
        """Have the thread look at the breaker again; under the lock.

        :param forget: whether the breaker is closed. (A question holds a request.)
        """
        if forget:
            self.question = None
        self._wake.set()

    def start(self) -> None:
        """Start the thread, if it is needed; without the lock."""
        with self._lock:
            if self.is_probing or not self._breaker.is_open:
                return
            self.is_probing = True
        try:
            threading.Thread(
                target=self._probe_while_open, name="cors-probe", daemon=True
            ).start()
        except RuntimeError:  # No more threads: the next request tries again.
            self.is_probing = False

    def _probe_while_open(self) -> None:
        try:
            while True:
                with self._lock:
                    self._wake.clear()
                    question = self.question
                    if not self._breaker.is_open or question is None:
                        self.is_probing = False
                        return
                    pause = self._breaker.pause
                if pause:
                    self._wake.wait(pause)
                else:
                    self._probe(question)
        except BaseException:  # Where a greenlet is being ended.
            self.is_probing = False
            raise
