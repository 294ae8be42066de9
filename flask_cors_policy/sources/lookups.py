"""One look-up in a store: what it may answer, and how long it may take.

Rule 1. Only ``True`` allows. ``False`` and ``None`` deny; whatever else comes back is a
        failure of the store, as an exception is.
Rule 2. A look-up that has not answered in time has failed, whatever it answers later.
Rule 3. All requests that wait for one look-up get the one outcome.
"""

from __future__ import annotations

import contextvars
import threading
import traceback
from collections.abc import Callable
from typing import Final

from ..core.errors import shown

NEVER: Final = "the look-up was cut off before it had answered"


class OriginLookupError(Exception):
    """The store gave no answer, and no earlier one may be used: the origin is denied.

    Its text says what happened; ``__cause__`` is what the look-up raised, where this
    very request had begun it.
    """


class Lookup:
    """A look-up under way, or done.

    :ivar began: when, by the timer of who began it.
    :ivar answer: ``True``, ``False``, or ``None`` where it failed (or is under way).
    :ivar failure: how it failed.
    :ivar error: what it raised. Taken out by who raises it again: it refers to whatever
        the look-up had in its hands.
    """

    __slots__ = ("_done", "_lock", "answer", "began", "error", "failure")

    def __init__(self, began: float) -> None:
        self.began = began
        self.answer: bool | None = None
        self.failure = ""
        self.error: Exception | None = None
        self._done = threading.Event()
        self._lock = threading.Lock()

    def run(self, ask: Callable[[], object], finish: Callable[[Lookup], None]) -> None:
        """Ask, in this thread, and settle on the outcome; raise nothing of Exception's.

        :param finish: called with this, once, by whoever settles first.
        """
        answer, failure, error = None, NEVER, None
        try:
            found = ask()
            if found is None or isinstance(found, bool):
                answer, failure = found is True, ""
            else:
                failure = f"the look-up answered {shown(found)}, not True or False"
        except Exception as raised:
            failure, error = described(raised), raised
        finally:
            # Also where a greenlet or the process is being ended.
            self.settle(answer, failure, error, finish)

    def settle(
        self,
        answer: bool | None,
        failure: str,
        error: Exception | None,
        finish: Callable[[Lookup], None],
    ) -> None:
        """Take an outcome, unless there is one already."""
        with self._lock:
            if self._done.is_set():
                return
            self.answer, self.failure, self.error = answer, failure, error
            finish(self)
            self._done.set()

    def wait(self, seconds: float | None) -> bool:
        """Wait for the outcome; say whether there is one."""
        return self._done.wait(seconds)


class Runner:
    """Runs look-ups in threads of their own, a limited number at once.

    A look-up in the request's own thread cannot be given up: Python cannot interrupt a
    call into a driver that waits for a store which has stopped. So that is left to
    itself, in a daemon thread, and takes one of ``limit`` places until it ends.
    """

    def __init__(self, limit: int) -> None:
        self._places = threading.BoundedSemaphore(limit)

    def start(
        self,
        lookup: Lookup,
        ask: Callable[[], object],
        finish: Callable[[Lookup], None],
        seconds: float,
    ) -> None:
        """Begin a look-up; settle it as failed if it cannot begin in time.

        :param seconds: how long to wait for a place at most.
        """
        # No "with": what takes the place gives it back, in another thread.
        if not self._places.acquire(timeout=seconds):
            full = f"no place to begin a look-up became free in {seconds:g} s"
            lookup.settle(None, full, None, finish)
            return
        context = contextvars.copy_context()

        def run() -> None:
            try:
                context.run(lookup.run, ask, finish)
            finally:
                self._places.release()

        try:
            threading.Thread(target=run, name="cors-lookup", daemon=True).start()
        except RuntimeError as error:  # The process may not have more threads.
            self._places.release()
            lookup.settle(None, described(error), error, finish)


def described(error: BaseException) -> str:
    """Return one short line about *error*, whose text may be anything."""
    return shown_line(traceback.format_exception_only(error)[-1].strip())


def shown_line(text: str, limit: int = 200) -> str:
    """Return *text* as one line that is safe to print, cut after *limit*."""
    line = ascii(text)[1:-1]
    return line if len(line) <= limit else line[:limit] + "..."
