"""A way to a store that can be made slow, garbled, deaf or dead."""

from __future__ import annotations

import random
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Mode = Literal["pass", "slow", "dribble", "garbage", "deaf", "refuse"]


class Proxy:
    """Passes bytes between clients and a store on loopback.

    :ivar mode: ``pass`` them on; ``slow``: what the store says comes ``delay`` seconds
        late; ``dribble``: one byte each tenth of a second; ``garbage``: random bytes
        come in its place; ``deaf``: nothing comes; ``refuse``: connections are cut.
    """

    def __init__(self, port: int) -> None:
        self.mode: Mode = "pass"
        self.delay = 0.0
        self._store = ("127.0.0.1", port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._open = True
        self._chance = random.Random(port)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def wait_until_cut(self) -> None:
        """Wait until connections that ``refuse`` cuts are gone."""
        for thread in self._threads[1:]:
            thread.join()

    def close(self) -> None:
        """Cut every connection."""
        self._open = False
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def _accept(self) -> None:
        while self._open:
            client, _ = self._listening.accept()
            thread = threading.Thread(target=self._serve, args=[client], daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if self.mode == "refuse":
                return
            with socket.create_connection(self._store, 5) as store:
                self._pass_on(client, store)

    def _pass_on(self, client: socket.socket, store: socket.socket) -> None:
        while self._open and self.mode != "refuse":
            for source in select.select([client, store], [], [], 0.05)[0]:
                data = source.recv(65536)
                if not data:
                    return
                if source is client:
                    store.sendall(data)
                elif self.mode == "garbage":
                    client.sendall(self._chance.randbytes(len(data)))
                elif self.mode == "dribble":
                    self._dribble(client, data)
                elif self.mode != "deaf":
                    if self.mode == "slow":
                        time.sleep(self.delay)
                    client.sendall(data)

    def _dribble(self, client: socket.socket, data: bytes) -> None:
        for at in range(len(data)):
            client.sendall(data[at : at + 1])
            if self.mode == "dribble":
                time.sleep(0.1)


@contextmanager
def proxy(port: int) -> Iterator[Proxy]:
    """Run a proxy in front of what listens at *port*."""
    running = Proxy(port)
    try:
        yield running
    finally:
        running.close()
