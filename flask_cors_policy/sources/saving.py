"""When the last-known-good file is read and written.

It is read by the first request of a process, and again when the breaker opens. It is
written in the background, ``DELAY`` seconds after there is something new, so that many
changes make one file, and when the process ends.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Hashable
from os import PathLike
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from .answers import Answers
from .lookups import Later
from .status import StatusLog

if TYPE_CHECKING:
    from .schedule import Schedule

DELAY: Final = 1.0

_all: WeakSet[Saving] = WeakSet()


@atexit.register
def _at_exit() -> None:
    """Save what a worker has learned that lives for less than ``DELAY``."""
    for saving in list(_all):
        if saving.is_waiting:
            saving.flush()


class Saving:
    """Keeps one file up to date, in one process.

    Times in the file are those of ``time.time()``, because the timers of two processes
    need not agree; within the process they are those of *timer*.

    :param trusts_failing_for: seconds for which another process is believed that the
        store fails.
    :ivar is_unread: whether the file must be read.
    :ivar is_waiting: whether there is something new to save.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        source: str,
        *,
        keeps: float,
        maxsize: int,
        keyed: bool,
        status: StatusLog,
        trusts_failing_for: float,
        timer: Callable[[], float],
    ) -> None:
        from .known_good import KnownGoodFile  # It needs filelock, others do not.

        self._file = KnownGoodFile(
            path, source, keeps=keeps, maxsize=maxsize, keyed=keyed, status=status
        )
        self._maxsize = maxsize
        self._trusts_failing_for = trusts_failing_for
        self._timer = timer
        _all.add(self)

    def begin_anew(
        self, lock: threading.Lock, answers: Answers, schedule: Schedule
    ) -> None:
        """Begin with an empty cache."""
        self.is_unread = True
        self._lock, self._answers, self._schedule = lock, answers, schedule
        self._reading = threading.Lock()
        self._new: dict[Hashable, tuple[bool, float]] = {}
        self._forgotten: dict[str | None, float] = {}
        self.is_waiting = False
        self._was_open = False

    def read(self) -> None:
        """Take over what the file says; without the lock of the cache."""
        with self._reading:
            if not self.is_unread:
                return
            saved = self._file.read()
            with self._lock:
                now, wall = self._timer(), time.time()
                for key, (allowed, began) in saved.answers.items():
                    ago = max(0.0, wall - began)
                    self._answers.take_over(key, allowed, now - ago)
                failing = saved.failing
                if failing is not None and wall - failing < self._trusts_failing_for:
                    self._schedule.unheard()
                self.is_unread = False

    # Under the lock of the cache

    def keep(self, key: Hashable, allowed: bool, began: float, later: Later) -> None:
        """Have an answer saved."""
        if len(self._new) < self._maxsize:
            self._new[key] = allowed, time.time() - (self._timer() - began)
        self._save_later(later)

    def forget(self, origin: str | None, later: Later) -> None:
        """Have *origin* count as denied; all of them if it is ``None``."""
        if len(self._forgotten) < self._maxsize:
            self._forgotten[origin] = time.time()
        self._save_later(later)

    def note(self, later: Later) -> None:
        """Have it saved whether the store fails, where that has changed or lasts."""
        is_open = self._schedule.breaker.is_open
        if is_open and not self._was_open:
            self.is_unread = True  # Others may know more by now.
        if is_open or self._was_open:
            self._save_later(later)
        self._was_open = is_open

    def _save_later(self, later: Later) -> None:
        if not self.is_waiting:
            self.is_waiting = True
            later.append(self._start)

    # In the background

    def _start(self) -> None:
        try:
            threading.Thread(target=self._save, name="cors-save", daemon=True).start()
        except RuntimeError:  # No more threads: the next change tries again.
            self.is_waiting = False

    def _save(self) -> None:
        time.sleep(DELAY)
        self.flush()

    def flush(self) -> None:
        """Save what is new; without the lock."""
        with self._lock:
            new, self._new = self._new, {}
            forgotten, self._forgotten = self._forgotten, {}
            self.is_waiting = False
            failing = time.time() if self._schedule.breaker.is_open else None
        if not self._file.write(new, forgotten, failing):
            with self._lock:
                self._new = {**new, **self._new}
                self._forgotten = {**forgotten, **self._forgotten}
