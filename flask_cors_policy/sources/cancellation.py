"""Cancel a look-up that nobody waits for any more.

Python cannot interrupt a driver that waits for a store which has stopped. But another
thread can shut down the socket that the driver waits at: the call then returns at once,
with an error, and its thread and its connection are free again.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Final

from ..log import logger

_current: Final[ContextVar[Cancellation | None]] = ContextVar(
    "cors_lookup", default=None
)


class Cancellation:
    """What to do if one look-up is cancelled."""

    def __init__(self) -> None:
        self.is_cancelled = False
        self._lock = threading.Lock()
        self._actions: list[Callable[[], object]] = []

    def cancel(self) -> None:
        """Call the actions that are registered now. Raises nothing."""
        with self._lock:
            self.is_cancelled = True
            for action in self._actions:
                _call(action)
            self._actions.clear()

    def start(self) -> None:
        """Cancel in a thread of its own: an action may take its time."""
        with self._lock:
            self.is_cancelled = True
            if not self._actions:
                return
        with suppress(RuntimeError):  # No more threads: the driver's time-out is left.
            threading.Thread(
                target=self.cancel, name="cors-cancel", daemon=True
            ).start()

    def enter(self) -> None:
        """Make this the cancellation of the look-up in the present context."""
        _current.set(self)

    @contextmanager
    def registered(self, action: Callable[[], object]) -> Iterator[None]:
        """Call *action* on a cancellation before the end of the block, or at once."""
        with self._lock:
            if self.is_cancelled:
                _call(action)
            else:
                self._actions.append(action)
        try:
            yield
        finally:
            # The lock also makes this wait for an action that runs.
            with self._lock, suppress(ValueError):
                self._actions.remove(action)


def _call(action: Callable[[], object]) -> None:
    try:
        action()
    except Exception:
        logger.exception(
            "CORS origins: a function given to on_cancel raised",
            extra={"cors_reason": "origin-cancel-failed"},
        )


@contextmanager
def on_cancel(action: Callable[[], object]) -> Iterator[None]:
    """Call *action*, in another thread, if the look-up is cancelled in the block.

    A look-up that takes longer than ``timeout`` is cancelled. Use this in a look-up of
    your own, to make the driver stop waiting:

    .. code-block:: python

        def allowed(origin: str) -> bool:
            with connect() as connection, on_cancel(connection.cancel):
                return connection.has(origin)

    Outside a look-up that has a time-out, it does nothing.
    """
    current = _current.get()
    if current is None:
        yield
    else:
        with current.registered(action):
            yield


def is_cancelled() -> bool:
    """Say whether the look-up that runs in this thread was cancelled."""
    current = _current.get()
    return current is not None and current.is_cancelled


@contextmanager
def disconnect_on_cancel(connection: object) -> Iterator[None]:
    """Shut down the socket of *connection* if the look-up is cancelled in the block.

    :param connection: a socket, or a driver's connection with a method ``fileno``.
        Others are left alone.
    """
    duplicate = _duplicate(connection)
    if duplicate is None:
        yield
        return
    try:
        with on_cancel(lambda: _shut_down(duplicate)):
            yield
    finally:
        os.close(duplicate)


def _duplicate(connection: object) -> int | None:
    """Return a descriptor of one's own for the socket of *connection*.

    The driver may close its own at any time, and the system then gives the number to
    another socket.
    """
    try:
        return os.dup(connection.fileno())  # type: ignore[attr-defined]
    except Exception:
        return None


def _shut_down(descriptor: int) -> None:
    connection = socket.socket(fileno=descriptor)
    try:
        with suppress(OSError):  # The other side may have closed it.
            connection.shutdown(socket.SHUT_RDWR)
    finally:
        connection.detach()
