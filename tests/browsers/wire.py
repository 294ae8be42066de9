"""Servers on loopback that answer as cases say, and log each request as it came.

HTTP/1.1 over plain sockets, because a case may ask for what no library sends: several
lines of one header, none where one belongs, bytes that no header may have.
"""

from __future__ import annotations

import io
import socket
import socketserver
import sys
import threading
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from io import BufferedIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from flask_cors_policy import CORSMiddleware
from flask_cors_policy.core.errors import PolicyWarning

from .cases import HOSTS, Answer, Case, Headers, Resource, Seen, Sent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

IDLE: Final = 60.0
"""Seconds after which a connection without a request is closed."""

RUNNER: Final = "/runner"
_NO_BODY: Final = (204, 205, 304)


class Wire:
    """The servers: what they answer, and what they were asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._programs: dict[tuple[str, str, str], _Program] = {}
        self._logs: dict[str, list[list[Sent]]] = defaultdict(lambda: [[]])
        self._runner = Path(__file__).with_name("runner.html").read_text("utf-8")
        self._servers = {
            name: _Server((_address(host), 0), self, name)
            for name, host in HOSTS.items()
        }
        self.origins: Mapping[str, str] = {
            name: f"http://{HOSTS[name]}:{server.server_address[1]}"
            for name, server in self._servers.items()
        }

    @property
    def runner(self) -> str:
        """The URL of the page that plays cases."""
        return self.origins["page"] + RUNNER

    def add(self, cases: Iterable[Case]) -> list[Case]:
        """Serve *cases* from now on; return them with their placeholders filled in."""
        added = [case.at(self.origins) for case in cases]
        for case in added:
            for place, resource in case.resources.items():
                server, _, name = place.partition("/")
                self._programs[server, case.id, name] = _Program(resource)
        return added

    def seen(self, case: Case, outcomes: list[dict[str, Any]]) -> list[Seen]:
        """Return what became of each fetch of *case*; forget the case.

        :param outcomes: what the page saw.
        """
        with self._lock:
            log = self._logs.pop(case.id, [[]])
            for place in case.resources:
                server, _, name = place.partition("/")
                del self._programs[server, case.id, name]
        seen = []
        for number, outcome in enumerate(outcomes):
            sent = log[number] if number < len(log) else []
            outcome = {"headers": (), **outcome, "sent": ()}
            seen.append(replace(Seen.from_json(outcome), sent=tuple(sent)))
        return seen

    def answer(self, server: str, request: Request) -> bytes:
        """Return the bytes of the response, and log the request."""
        if request.target == RUNNER:
            runner: Headers = (("Content-Type", "text/html; charset=utf-8"),)
            return _response(request, Answer(200, runner, self._runner))
        path, _, _ = request.target.partition("?")
        _, case, *rest = path.split("/", 2)
        name = rest[0] if rest else ""
        sent = Sent(
            self.origins[server] + request.target, request.method, request.headers
        )
        with self._lock:
            if name == "-next":
                self._logs[case].append([])
                return _response(request, Answer(204, (), ""))
            program = self._programs.get((server, case, name))
            if program is None:
                return _response(request, Answer(404, (), "nothing here"))
            self._logs[case][-1].append(sent)
            if program.app is None:
                return _response(request, program.next(sent.is_preflight))
        return _from_app(program.app, request)

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


class Request:
    """A request, read from a connection, its header lines as they came."""

    def __init__(self, stream: BufferedIOBase) -> None:
        first = stream.readline(65537).decode("latin-1").split()
        if len(first) != 3:
            raise ConnectionError
        self.method, self.target, _ = first
        headers = []
        while line := stream.readline(65537).decode("latin-1").rstrip("\r\n"):
            name, _, value = line.partition(":")
            headers.append((name, value.strip(" \t")))
        self.headers: Headers = tuple(headers)
        self.body = self._read_body(stream)

    def value(self, name: str) -> str | None:
        """Return the value of the header *name*; its lines joined."""
        return Sent("", "", self.headers).value(name)

    def _read_body(self, stream: BufferedIOBase) -> bytes:
        if self.value("transfer-encoding") is None:
            return stream.read(int(self.value("content-length") or 0))
        body = b""
        while size := int(stream.readline().split(b";")[0], 16):
            body += stream.read(size)
            stream.readline()
        stream.readline()
        return body


class _Program:
    """What one resource answers; the answers that are used up."""

    def __init__(self, resource: Resource) -> None:
        self._next = {
            True: [*resource.preflights],
            False: [*resource.actuals],
        }
        self.app: WSGIApplication | None = None
        if resource.policy is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PolicyWarning)
                self.app = CORSMiddleware(self._actual, **resource.policy)

    def next(self, preflight: bool) -> Answer:
        """Return what is answered now."""
        answers = self._next[preflight]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def _actual(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        answer = self.next(False)
        start_response(_status(answer.status), list(answer.headers))
        return [answer.body.encode()]


def _response(request: Request, answer: Answer) -> bytes:
    """Return *answer* as bytes of HTTP/1.1."""
    body = answer.body.encode()
    lines = [f"HTTP/1.1 {_status(answer.status)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    if answer.status in _NO_BODY:
        body = b""
    else:
        lines.append(f"Content-Length: {len(body)}")
    if request.method == "HEAD":
        body = b""
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _from_app(app: WSGIApplication, request: Request) -> bytes:
    """Return what a WSGI application answers (PEP 3333), as bytes of HTTP/1.1."""
    path, _, query = request.target.partition("?")
    host, _, port = (request.value("host") or "").partition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, _ in request.headers:
        key = name.upper().replace("-", "_")
        environ[f"HTTP_{key}"] = request.value(name.lower())
    started: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        started[:] = [int(status[:3]), tuple(headers)]

    body = b"".join(app(environ, start_response)).decode()
    status, headers = started
    kept = tuple(pair for pair in headers if pair[0] != "Content-Length")
    return _response(request, Answer(status, kept, body))


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unnamed"


def _address(host: str) -> str:
    return "127.0.0.1" if host == "localhost" else host


class _Server(socketserver.ThreadingTCPServer):
    """One port; a thread for each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], wire: Wire, name: str) -> None:
        super().__init__(address, _Connection)
        self.wire = wire
        self.name = name
        self._open: set[socket.socket] = set()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Keep account of the connections, so as to end them."""
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
            request = Request(self.rfile)
            self.connection.sendall(server.wire.answer(server.name, request))
