"""Requests from many pages at once, over kept-alive connections, each answer noted."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

ALLOWED = "access-control-allow-origin"
KEPT = 50
"""Questions over one connection. (One worker may happen to have all of them.)"""
SECONDS = 60.0
"""After so long a client gives up: far above what any answer may take."""


class Asked(NamedTuple):
    """What a client asks.

    :param origin: of the page; empty for a request without one.
    :param preflight: whether it is a preflight.
    :param path: what it asks for.
    """

    origin: str
    preflight: bool = False
    path: str = "/"


class Answer(NamedTuple):
    """One answer.

    :param asked: what it answers.
    :param began: when that was asked (``time.monotonic``).
    :param seconds: how long the answer took.
    :param allowed: whether the page may read it, or may go on after its preflight.
    :param wrong: what is wrong with the answer itself; empty if nothing is.
    :param process: who answered.
    """

    asked: Asked
    began: float
    seconds: float
    allowed: bool
    wrong: str
    process: str

    @property
    def ended(self) -> float:
        """When it had come."""
        return self.began + self.seconds


class Client:
    """A browser's connection: kept alive, and opened again where the server closes."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._rest = b""

    def ask(self, asked: Asked) -> Answer:
        """Ask, and check what holds for every answer."""
        began = time.monotonic()
        try:
            status, headers, body = self._exchange(_request(asked))
        except OSError as error:
            self.close()
            seconds = time.monotonic() - began
            return Answer(asked, began, seconds, False, repr(error), "")
        seconds = time.monotonic() - began
        allowed = [value for name, value in headers if name == ALLOWED]
        process = next((value for name, value in headers if name == "x-process"), "")
        wrong = _wrong(asked, status, headers, body)
        return Answer(asked, began, seconds, bool(allowed), wrong, process)

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._rest = b""

    def _exchange(self, request: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        fresh = self._socket is None
        try:
            return self._once(request)
        except OSError:
            self.close()
            if fresh:
                raise
        return self._once(request)  # It was closed while nothing was asked.

    def _once(self, request: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), SECONDS)
        self._socket.sendall(request)
        head, self._rest = self._until(self._rest, b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = [(name.lower(), value.strip()) for name, _, value in pairs]
        status, found = int(first.split()[1]), dict(headers)
        length = 0 if status in (204, 304) else int(found.get("content-length", 0))
        while len(self._rest) < length:
            self._rest += self._more()
        body, self._rest = self._rest[:length], self._rest[length:]
        if found.get("connection", "").lower() == "close":
            self.close()
        return status, headers, body

    def _until(self, data: bytes, end: bytes) -> tuple[bytes, bytes]:
        while end not in data:
            data += self._more()
        before, _, after = data.partition(end)
        return before, after

    def _more(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionResetError("the server has closed the connection")
        return data


def _request(asked: Asked) -> bytes:
    method = "OPTIONS" if asked.preflight else "GET"
    lines = [f"{method} {asked.path} HTTP/1.1", "Host: api.example"]
    if asked.origin:
        lines.append(f"Origin: {asked.origin}")
    if asked.preflight:
        lines.append("Access-Control-Request-Method: PUT")
    return "\r\n".join([*lines, "", ""]).encode()


def _wrong(
    asked: Asked, status: int, headers: list[tuple[str, str]], body: bytes
) -> str:
    allowed = [value for name, value in headers if name == ALLOWED]
    if allowed not in ([], [asked.origin]):
        return f"{ALLOWED} {allowed}"
    if [value for name, value in headers if name == "vary"] != ["Origin"]:
        return "Vary"
    if asked.preflight:
        right = status == (204 if allowed else 403) and not body
    else:
        right = status == 200 and body == asked.path.encode()
    return "" if right else f"status {status}, {body[:40]!r}"


class Load:
    """Ask a server, as *clients* clients, until the block ends.

    :param asks: called with a number that never comes twice; returns what is asked.
    :param pause: seconds between an answer and the client's next question.
    :param kept_alive: whether a client keeps its connection, and with it its worker,
        for ``KEPT`` questions.
    :ivar answers: those that have come so far.
    """

    def __init__(
        self,
        port: int,
        asks: Callable[[int], Asked],
        clients: int = 8,
        pause: float = 0.002,
        kept_alive: bool = True,
    ) -> None:
        self.answers: list[Answer] = []
        self._port = port
        self._asks = asks
        self._pause = pause
        self._kept_alive = kept_alive
        self._numbers = itertools.count()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def since(self, moment: float) -> list[Answer]:
        """Return the answers to what was asked after *moment*."""
        return [answer for answer in list(self.answers) if answer.began >= moment]

    def _run(self) -> None:
        client = Client(self._port)
        kept = 0
        while not self._ended.is_set():
            self.answers.append(client.ask(self._asks(next(self._numbers))))
            kept += 1
            if kept == KEPT or not self._kept_alive:
                client.close()
                kept = 0
            self._ended.wait(self._pause)
        client.close()


def ask(port: int, origin: str, **asked: object) -> Answer:
    """Ask once, over a connection of its own, so that any worker may answer."""
    client = Client(port)
    try:
        return client.ask(Asked(origin, **asked))  # type: ignore[arg-type]
    finally:
        client.close()
