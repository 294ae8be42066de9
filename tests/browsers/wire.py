"""Servers on loopback that answer as cases say, and log each request as it came.

HTTP/1.1 over plain sockets, because a case may ask for what no library sends: several
lines of one header, none where one belongs, bytes that no header may have.
"""

from __future__ import annotations

import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from io import BufferedIOBase
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from tempfile import TemporaryDirectory
from typing import Any, Final

from flask_cors_policy.devtools.browser.reachable import BLOCKED_PORTS
from tests.needs import program

from .answers import Programs, status_line
from .cases import HOSTS, VISIT, Answer, Case, Headers, Seen, Sent

IDLE: Final = 60.0
"""Seconds after which a connection without a request is closed."""

# What a page's own origin gets as Referer is the page's whole URL. (To other origins it
# is the origin and a slash, which the model takes for both.)
RUNNER: Final = "/"
_NOTHING: Final = Answer(404, (("Content-Length", "0"),), "")
_NEXT: Final = Answer(204, (), "")


@dataclass
class _Served:
    """A case that is being played: its answers, and its requests fetch by fetch."""

    programs: Programs
    log: list[list[Sent]] = field(default_factory=lambda: [[]])


class Wire:
    """The servers: what they answer, and what they were asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._served: dict[str, _Served] = {}
        runner = Path(__file__).with_name("runner.html").read_text("utf-8")
        headers: Headers = (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(runner.encode()))),
        )
        self._runner = Answer(200, headers, runner)
        self._servers = {
            name: _blocked(self) if name == "blocked" else _Server(self, name)
            for name in HOSTS
        }
        self.origins: Mapping[str, str] = {
            name: f"{HOSTS[name]}:{server.server_address[1]}"
            for name, server in self._servers.items()
        }
        with TemporaryDirectory() as folder:
            context = _tls(Path(folder))
        for name, server in self._servers.items():
            if HOSTS[name].startswith("https:"):
                server.tls = context

    def add(self, cases: Iterable[Case]) -> list[Case]:
        """Serve *cases* from now on; return them with their placeholders filled in."""
        added = [case.at(self.origins) for case in cases]
        for case in added:
            self._served[case.id] = _Served(Programs(case))
        return added

    def seen(self, case: Case, outcomes: list[dict[str, Any]]) -> list[Seen]:
        """Return what became of each fetch of *case*; forget the case.

        :param outcomes: what the page saw.
        """
        with self._lock:
            log = self._served.pop(case.id).log
        seen = []
        for number, outcome in enumerate(outcomes):
            sent = log[number] if number < len(log) else []
            outcome = {"headers": (), **outcome, "sent": ()}
            seen.append(replace(Seen.from_json(outcome), sent=tuple(sent)))
        return seen

    def answer(self, server: str, target: str, sent: Sent) -> Answer:
        """Log a request and return the response."""
        if target == RUNNER:
            return self._runner
        _, case, *rest = target.partition("?")[0].split("/", 2)
        with self._lock:
            served = self._served.get(case)
            if served is None or not rest:
                return _NOTHING
            if rest[0] == "-next":
                served.log.append([])
                return _NEXT
            answer = served.programs.answer(server, rest[0], sent)
            if answer is None:
                return _NOTHING
            if rest[0] != VISIT:
                served.log[-1].append(sent)
            return answer

    def serve(self) -> None:
        """Begin to answer."""
        for server in self._servers.values():
            threading.Thread(target=server.serve_forever, args=(0.05,)).start()

    def close(self) -> None:
        """End the servers, and what is left of their connections."""
        for server in self._servers.values():
            server.shutdown()
            server.server_close()


@contextmanager
def serving() -> Iterator[Wire]:
    """Run the servers while the block runs."""
    wire = Wire()
    wire.serve()
    try:
        yield wire
    finally:
        wire.close()


def _read(origin: str, stream: BufferedIOBase) -> tuple[str, Sent]:
    """Read a request; return its target, and all of it.

    :raises ConnectionError: where the connection has ended.
    """
    first = stream.readline(65537).decode("latin-1").split()
    if len(first) != 3:
        raise ConnectionError
    method, target, _ = first
    headers = []
    while line := stream.readline(65537).decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(":")
        headers.append((name, value.strip(" \t")))
    sent = Sent(origin + target, method, tuple(headers))
    if sent.value("transfer-encoding") is None:
        stream.read(int(sent.value("content-length") or 0))
    else:
        while size := int(stream.readline().split(b";")[0], 16):
            stream.read(size + 2)
        stream.readline()
    return target, sent


def _written(answer: Answer) -> bytes:
    """Return *answer* as bytes of HTTP/1.1."""
    lines = [f"HTTP/1.1 {status_line(answer.status)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body.encode()


def _blocked(wire: Wire) -> _Server:
    """Return a server at a port that browsers block, one that is free."""
    for port in sorted(BLOCKED_PORTS, reverse=True):
        with suppress(OSError):
            return _Server(wire, "blocked", port)
    raise OSError("All ports are in use that browsers block.")


def _tls(folder: Path) -> SSLContext:
    """Return what a server over TLS needs: a certificate that nobody has signed."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = [program("openssl", "browsers"), "req", "-x509", "-newkey", "rsa:2048"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=example.test"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class _Server(socketserver.ThreadingTCPServer):
    """One port; a thread for each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, wire: Wire, name: str, port: int = 0) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Connection)
        self.wire = wire
        self.name = name
        self.tls: SSLContext | None = None

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Keep account of the connections, so as to end them."""
        if self.tls is not None:
            try:
                request = self.tls.wrap_socket(request, server_side=True)
            except OSError:
                return
        self._open.add(request)
        super().process_request_thread(request, client_address)
        self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that browsers drop; report the rest."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """Stop listening, and end the connections."""
        super().server_close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Connection(socketserver.StreamRequestHandler):
    """Requests, one after the other."""

    timeout = IDLE
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the connection ends."""
        server = self.server
        assert isinstance(server, _Server)
        while True:
            target, sent = _read(server.wire.origins[server.name], self.rfile)
            answer = server.wire.answer(server.name, target, sent)
            self.connection.sendall(_written(answer))
