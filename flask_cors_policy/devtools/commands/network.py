"""Carries messages to a server over HTTP, and to no other host than the first.

What goes out is what the browser model sends, and two headers that every client adds.
Nothing is followed, retried or repaired here; certificates are checked.
"""

from __future__ import annotations

import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final

from ...core.errors import plain
from ..browser.requests import Received, Sent
from ..browser.urls import URL

MAX_BODY: Final = 1 << 20
"""Bytes that are read of a body."""
USER_AGENT: Final = "flask_cors_policy"


class NoAnswer(ValueError):
    """The server did not answer, or not in HTTP."""


class Network:
    """Carries messages, one connection each.

    :param timeout: seconds for each step of an answer.
    :param host: the only host that is asked; left out, that of the first message.
    :ivar failure: why the last message was not answered, for people.
    """

    def __init__(self, timeout: float, host: str = "") -> None:
        self._timeout = timeout
        self._host = host
        self.failure = ""

    def send(self, sent: Sent) -> Received | None:
        """Return the answer; ``None`` if none came, and for another host."""
        self._host = self._host or sent.url.host
        if sent.url.host != self._host:
            self.failure = f"{sent.url.host} is another host, and was not asked"
            return None
        try:
            return self._exchange(sent)
        except (OSError, HTTPException) as error:
            self.failure = f"{type(error).__name__}: {plain(str(error), 200)}"
            return None

    def must_send(self, sent: Sent) -> Received:
        """Return the answer.

        :raises NoAnswer: if none came.
        """
        received = self.send(sent)
        if received is None:
            raise NoAnswer(f"no answer from {sent.url.origin}: {self.failure}")
        return received

    def _exchange(self, sent: Sent) -> Received:
        connection = _connection(sent.url, self._timeout)
        try:
            connection.putrequest(
                sent.method, sent.url.target, skip_host=True, skip_accept_encoding=True
            )
            connection.putheader("Host", sent.url.authority)
            connection.putheader("User-Agent", USER_AGENT)
            connection.putheader("Connection", "close")
            for name, value in sent.headers:
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
