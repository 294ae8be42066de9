"""Carries messages to a server over HTTP, and to no other host than the first.

What goes out is what the browser model sends, and two headers that every client adds.
Nothing is followed, retried or repaired here; certificates are checked. A server that
sends a byte now and then, or interim responses without end, is given up at the
deadline.
"""

from __future__ import annotations

import socket
import ssl
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPSConnection,
    IncompleteRead,
)
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Final

from ...core.errors import plain
from ..attacks.target import OutOfTime
from ..browser.requests import Received, Sent
from ..browser.urls import URL
from ..explaining import Unanswered

MAX_BODY: Final = 1 << 20
"""Bytes that are read of a body."""
USER_AGENT: Final = "flask_cors_policy"
DEADLINE: Final = 30.0
"""Seconds for all answers together, if nothing else is said."""


_OF_ERRORS: Final[tuple[tuple[type[Exception], Unanswered], ...]] = (
    (socket.gaierror, Unanswered.NAME),
    (ConnectionRefusedError, Unanswered.REFUSED),
    (ssl.SSLCertVerificationError, Unanswered.CERTIFICATE),
    (ssl.SSLError, Unanswered.TLS),
    (TimeoutError, Unanswered.TIMEOUT),
    (ConnectionError, Unanswered.CLOSED),
    (IncompleteRead, Unanswered.CLOSED),
    (HTTPException, Unanswered.NOT_HTTP),
)


class NoAnswer(ValueError):
    """The server did not answer, or not in HTTP."""


class Network:
    """Carries messages, one connection each.

    :param timeout: seconds for each step of an answer.
    :param host: the only host that is asked; left out, that of the first message.
    :param deadline: seconds for all answers together.
    :ivar failure: why the last message was not answered, for people.
    :ivar reason: the same as one of those known, if the host was asked.
    """

    def __init__(
        self, timeout: float, host: str = "", deadline: float = DEADLINE
    ) -> None:
        self._timeout = timeout
        self._host = host
        self._deadline = deadline
        self._end = monotonic() + deadline
        self.failure = ""
        self.reason: Unanswered | None = None

    def send(self, sent: Sent) -> Received | None:
        """Return the answer; ``None`` if none came, and for another host.

        :raises OutOfTime: at the deadline.
        """
        self._host = self._host or sent.url.host
        if sent.url.host != self._host:
            self.failure = f"{sent.url.host} is another host, and was not asked"
            return None
        try:
            return self._before_the_deadline(sent)
        except (OSError, HTTPException) as error:
            self.failure = f"{type(error).__name__}: {plain(str(error), 200)}"
            self.reason = unanswered(error)
            return None

    def must_send(self, sent: Sent) -> Received:
        """Return the answer.

        :raises NoAnswer: if none came.
        :raises OutOfTime: at the deadline.
        """
        received = self.send(sent)
        if received is None:
            raise self.no_answer(sent)
        return received

    def no_answer(self, sent: Sent) -> NoAnswer:
        """Return the error that says why the last message was not answered."""
        return NoAnswer(f"no answer from {sent.url.origin}: {self.failure}")

    def _before_the_deadline(self, sent: Sent) -> Received:
        """Return the answer, if it is whole in time.

        Timeouts of sockets begin anew with every byte, and name servers have none. So
        another thread waits, and is left to itself when the time is over.
        """
        results: SimpleQueue[Received | Exception] = SimpleQueue()
        left = self._end - monotonic()
        connection = _connection(sent.url, max(0.01, min(self._timeout, left)))

        def ask() -> None:
            try:
                results.put(_exchange(connection, sent))
            except Exception as error:
                results.put(error)

        Thread(target=ask, daemon=True).start()
        try:
            result = results.get(timeout=max(0.0, left))
        except Empty:
            raise OutOfTime(
                f"{sent.url.origin} had {self._deadline:g} s to answer; --deadline "
                "gives it more time"
            ) from None
        if isinstance(result, Exception):
            raise result
        return result


def _exchange(connection: HTTPConnection, sent: Sent) -> Received:
    try:
        connection.putrequest(
            sent.method, sent.url.target, skip_host=True, skip_accept_encoding=True
        )
        connection.putheader("Host", *(sent.values("Host") or [sent.url.authority]))
        connection.putheader("User-Agent", USER_AGENT)
        connection.putheader("Connection", "close")
        for name, value in sent.headers:
            if name.lower() == "host":
                continue
            connection.putheader(name, value.encode("latin-1"))
        if sent.body or sent.method in ("POST", "PUT"):
            connection.putheader("Content-Length", str(len(sent.body)))
        connection.endheaders(sent.body or None)
        response = connection.getresponse()
        body = response.read(MAX_BODY)
        return Received(response.status, tuple(response.getheaders()), body)
    finally:
        connection.close()


def _connection(url: URL, timeout: float) -> HTTPConnection:
    host = url.host.strip("[]")
    if url.scheme == "http":
        return HTTPConnection(host, url.port, timeout=timeout)
    context = ssl.create_default_context()
    return HTTPSConnection(host, url.port, timeout=timeout, context=context)


def unanswered(error: Exception) -> Unanswered:
    """Return why there is no answer, from what a client has raised."""
    for kind, reason in _OF_ERRORS:
        if isinstance(error, kind):
            return reason
    return Unanswered.UNREACHABLE
