"""One look-up in a store: what it may answer, and how it ends.

Rule 1. Only ``True`` allows. ``False`` and ``None`` deny; whatever else comes back is a
        failure of the store, as an exception is.
Rule 2. A look-up that has not answered in time has failed, whatever it answers later.
Rule 3. All requests that wait for one look-up get its one outcome.
"""

from __future__ import annotations

import contextvars
import math
import sys
import threading
import traceback
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, NamedTuple

from ..core.errors import shown
from .cancellation import Cancellation

Later = list[Callable[[], object]]
"""What is called once the lock of the cache is released."""

CUT_OFF: Final = "the look-up was cut off before it had answered"


class OriginLookupError(Exception):
    """No answer, and no earlier one may be used: the origin is denied.

    Its text says what happened; ``__cause__`` is what the look-up raised, where this
    very request had begun it. A look-up may raise it to say that it cannot answer this
    one question although the store works.

    :param text: what happened.
    :param is_logged: whether the log says already that the store fails.
    """

    def __init__(self, text: str = "", is_logged: bool = False) -> None:
        super().__init__(text)
        self.is_logged = is_logged


class Question(NamedTuple):
    """Whether an origin is allowed, asked by a request.

    :param key: what the answer is remembered by.
    :param is_known: whether the origin was allowed before.
    """

    key: Hashable
    origin: str
    environ: Mapping[str, Any]
    is_known: bool

    @property
    def may_wait(self) -> bool:
        """Whether the process can serve other requests while this one waits."""
        return bool(self.environ.get("wsgi.multithread", True))


class Outcome(NamedTuple):
    """How a look-up ended.

    :param answer: ``True``, ``False``, or ``None`` where it failed.
    :param failure: how it failed, in one line.
    :param error: what it raised.
    :param blames_store: whether a failure is one of the store.
    :param timed_out: whether it had not answered in time.
    """

    answer: bool | None
    failure: str = ""
    error: Exception | None = None
    blames_store: bool = True
    timed_out: bool = False


class Lookup:
    """A look-up that is queued, under way, or finished.

    :ivar began: when, by the timer of the cache.
    :ivar deadline: when it has failed if it is not finished.
    :ivar counts: whether its answer may be remembered.
    :ivar has_started: whether the store is being asked.
    :ivar has_place: whether it takes one of the places.
    :ivar event: set when there is something new to see for those who wait.
    """

    __slots__ = (
        "_context",
        "began",
        "cancellation",
        "counts",
        "deadline",
        "event",
        "has_place",
        "has_started",
        "outcome",
        "question",
    )

    def __init__(self, question: Question, began: float, timeout: float | None) -> None:
        self.question = question
        self.began = began
        self.deadline = math.inf if timeout is None else began + timeout
        self.outcome: Outcome | None = None
        self.counts = True
        self.has_started = False
        self.has_place = False
        self.event = threading.Event()
        self.cancellation = Cancellation()
        self._context = contextvars.copy_context()

    def wake(self) -> None:
        """Have those who wait look again at whether they may."""
        event, self.event = self.event, threading.Event()
        event.set()

    def start(self, ask: Asks, finish: Finishes) -> None:
        """Ask in a thread of its own, in the context of the request.

        :raises RuntimeError: where the process may not have more threads.
        """
        threading.Thread(
            target=self._context.run,
            args=(self._in_context, ask, finish),
            name="cors-lookup",
            daemon=True,
        ).start()

    def _in_context(self, ask: Asks, finish: Finishes) -> None:
        self.cancellation.enter()

        def ask_beside(question: Question) -> object:
            with _app_context():
                return ask(question)

        self.run(ask_beside, finish)

    def run(self, ask: Asks, finish: Finishes) -> None:
        """Ask in this thread; raise nothing of Exception's.

        :param finish: called once, with the outcome.
        """
        outcome = Outcome(None, CUT_OFF)
        try:
            outcome = _outcome(ask, self.question)
        finally:
            # Also where a greenlet or the process is being ended.
            finish(self, outcome)


def _app_context() -> AbstractContextManager[object]:
    """Return an application context of Flask for a look-up, if its request has one.

    That of the request holds what one thread may use at a time, as a connection of a
    database in ``flask.g``, and the request goes on.
    """
    flask: Any = sys.modules.get("flask")
    if flask is None or not flask.has_app_context():
        return nullcontext()
    context: AbstractContextManager[object] = flask.current_app.app_context()
    return context


Asks = Callable[[Question], object]
Finishes = Callable[[Lookup, Outcome], None]


def _outcome(ask: Asks, question: Question) -> Outcome:
    try:
        found = ask(question)
    except OriginLookupError as error:
        return Outcome(None, shown_line(str(error)), error, blames_store=False)
    except Exception as error:
        return Outcome(None, described(innermost(error)), error)
    if found is None or isinstance(found, bool):
        return Outcome(found is True)
    return Outcome(None, f"the look-up answered {shown(found)}, not True or False")


def work_off(later: Later) -> None:
    """Do what was put off until a lock was released."""
    for action in later:
        action()


def innermost(error: BaseException) -> BaseException:
    """Return the first cause of *error*, which drivers wrap more than once."""
    seen = {id(error)}
    while True:
        cause = error.__cause__
        if cause is None and not error.__suppress_context__:
            cause = error.__context__
        if cause is None or id(cause) in seen:
            return error
        seen.add(id(cause))
        error = cause


def described(error: BaseException) -> str:
    """Return one short line about *error*, whose text may be anything."""
    return shown_line(traceback.format_exception_only(error)[-1].strip())


def shown_line(text: str, limit: int = 200) -> str:
    """Return *text* as one line that is safe to print, cut after *limit*."""
    line = ascii(text)[1:-1]
    return line if len(line) <= limit else line[:limit] + "..."
