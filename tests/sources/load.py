"""Requests from many threads at once, and a note of every single answer."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Callable
from typing import NamedTuple


class Answer(NamedTuple):
    """One answer.

    :param origin: of the page that asked.
    :param began: when it asked (``time.monotonic``).
    :param seconds: how long the answer took.
    :param allowed: whether the page may read it.
    :param wrong: what is wrong with the answer itself; empty if nothing is.
    :param process: who answered.
    """

    origin: str
    began: float
    seconds: float
    allowed: bool
    wrong: str
    process: str


class Load:
    """Ask a server, in *threads* threads, until the block ends.

    :param origins: called with a number that never comes twice; returns who asks.
    """

    def __init__(
        self, port: int, origins: Callable[[int], str], threads: int = 8
    ) -> None:
        self.answers: list[Answer] = []
        self._port = port
        self._origins = origins
        self._numbers = itertools.count()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]

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
        while not self._ended.is_set():
            self.answers.append(ask(self._port, self._origins(next(self._numbers))))
            time.sleep(0.002)


def ask(port: int, origin: str) -> Answer:
    """Ask once, over a connection of its own, so that any worker may answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    began = time.monotonic()
    try:
        connection.request("GET", "/", headers={"Origin": origin})
        response = connection.getresponse()
        process = response.read().decode()
    except (OSError, http.client.HTTPException) as error:
        seconds = time.monotonic() - began
        return Answer(origin, began, seconds, False, repr(error), "")
    finally:
        connection.close()
    seconds = time.monotonic() - began
    allowed = response.headers.get_all("Access-Control-Allow-Origin") or []
    wrong = ""
    if response.status != 200 or not process.isdigit():
        wrong = f"status {response.status}"
    elif response.headers.get_all("Vary") != ["Origin"]:
        wrong = f"Vary {response.headers.get_all('Vary')}"
    elif allowed not in ([], [origin]):
        wrong = f"Access-Control-Allow-Origin {allowed}"
    return Answer(origin, began, seconds, bool(allowed), wrong, process)
