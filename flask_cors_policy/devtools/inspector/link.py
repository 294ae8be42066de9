"""What the inspector and the process that runs the application say to each other.

Lines of JSON over a socket on loopback. The process that runs the application is told
by its environment where to call, and begins with a key, so that nobody else is heard.
When one end is gone the other one notices: no process is left behind.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from hmac import compare_digest
from typing import Any, Final, NamedTuple

from ...core.errors import plain

LOOPBACK: Final = "127.0.0.1"
_TIMEOUT: Final = 10.0
"""Seconds that it may take to begin a call."""
_LOOK: Final = 0.2
"""Seconds between two looks whether there is still somebody to wait for."""

Message = dict[str, Any]


class Link:
    """One end of a connection; several threads may send."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(None)
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Send *message*; to an end that is gone, nothing."""
        line = json.dumps(message).encode() + b"\n"
        with self._lock, suppress(OSError):
            self._connection.sendall(line)

    def messages(self) -> Iterator[Message]:
        """Yield what comes, until the other end is gone."""
        with suppress(OSError, ValueError):
            for line in self._lines:
                message = json.loads(line)
                if isinstance(message, dict):
                    yield message

    def first(self, timeout: float) -> Message | None:
        """Return the first message; ``None`` if it does not come.

        :param timeout: in seconds; after it the connection is of no use.
        """
        self._connection.settimeout(timeout)
        message = next(self.messages(), None)
        self._connection.settimeout(None)
        return message

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._lines.close()
        self._connection.close()


class Address(NamedTuple):
    """Where to call, and what to say first."""

    port: int
    key: str

    def __str__(self) -> str:
        return f"{self.port}:{self.key}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Return what ``str`` was made of.

        :raises ValueError: if *text* is nothing of the kind.
        """
        port, _, key = text.partition(":")
        if not (port.isdecimal() and key):
            raise ValueError(f"not an address: {plain(text)}")
        return cls(int(port), key)

    def call(self) -> Link:
        """Return the calling end of a connection."""
        link = Link(socket.create_connection((LOOPBACK, self.port), timeout=_TIMEOUT))
        link.send({"key": self.key})
        return link


class Switchboard:
    """Waits for calls, one after another."""

    def __init__(self) -> None:
        self._socket = socket.create_server((LOOPBACK, 0))
        self._socket.settimeout(_LOOK)
        self.address = Address(self._socket.getsockname()[1], secrets.token_urlsafe())

    def answer(self, is_coming: Callable[[], bool]) -> Link | None:
        """Return the answering end of the next connection with the right key.

        :param is_coming: asked now and then; once it says no, ``None`` is returned.
        """
        while True:
            try:
                connection = self._socket.accept()[0]
            except TimeoutError:
                if not is_coming():
                    return None
                continue
            link = Link(connection)
            key = (link.first(_TIMEOUT) or {}).get("key")
            if isinstance(key, str) and compare_digest(key, self.address.key):
                return link
            link.close()

    def close(self) -> None:
        """Wait no longer."""
        self._socket.close()
