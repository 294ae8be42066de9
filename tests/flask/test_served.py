"""Real servers on loopback: ``app.run(debug=True)`` and ``flask run``."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from ..processes import listening
from .helpers import EVIL, NOTHING, A, B, Headers, allowed

ROOT = Path(__file__).parents[2]
PREFLIGHT_VARY = {"vary": "Origin, Access-Control-Request-Method"}
LIFETIME = 60  # Seconds after which a server is ended, whatever happens.


class Reply(NamedTuple):
    status: int
    cors: Headers
    body: str


class Server(NamedTuple):
    port: int
    log: list[str]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            response = connection.getresponse()
            body = response.read().decode()
        finally:
            connection.close()
        cors = {
            name: value
            for name, value in response.getheaders()
            if name.lower().startswith("access-control-") or name == "Vary"
        }
        return Reply(response.status, cors, body)


@contextmanager
def served(*arguments: str, **environment: str) -> Iterator[Server]:
    """Run ``python -m *arguments*``, on a port of the system's choice."""
    with subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        end = threading.Timer(LIFETIME, process.kill)
        end.start()
        try:
            port, log, reader = listening(process, "Running on ")
            yield Server(port, log)
        finally:
            end.cancel()
            process.kill()
        reader.join()


@pytest.fixture(scope="module")
def debug_server() -> Iterator[Server]:
    with served("tests.flask.served_app") as server:
        yield server


def is_readable_error(reply: Reply) -> bool:
    return reply.body == (
        "500 Internal Server Error\n\n"
        "LookupError: the cupboard is bare\n\n"
        "The traceback is in the server's log.\n"
    )


def is_debugger(reply: Reply) -> bool:
    return "Werkzeug Debugger" in reply.body and "__debugger__" in reply.body


def test_an_allowed_page_reads_the_error(debug_server: Server) -> None:
    reply = debug_server.ask("GET", "/crash", {"Origin": A})
    assert (reply.status, reply.cors) == (500, allowed(A))
    assert is_readable_error(reply)
    reply = debug_server.ask("GET", "/strict-crash", {"Origin": B})
    assert (reply.status, reply.cors) == (500, allowed(B))
    assert is_readable_error(reply)


def test_anybody_else_gets_the_debugger(debug_server: Server) -> None:
    own = {"Origin": debug_server.origin}
    for method, path, headers in [
        ("GET", "/crash", {}),
        ("POST", "/crash", own),
        ("POST", "/crash", {"Origin": A, "Sec-Fetch-Site": "same-origin"}),
        ("GET", "/crash", {"Origin": EVIL}),
        ("GET", "/strict-crash", {"Origin": A}),
    ]:
        reply = debug_server.ask(method, path, headers)
        assert (reply.status, reply.cors) == (500, NOTHING)
        assert is_debugger(reply)


def test_what_does_not_fail_is_as_ever(debug_server: Server) -> None:
    reply = debug_server.ask("GET", "/ok", {"Origin": A})
    assert reply == (200, allowed(A), "fine")
    asked = {"Origin": A, "Access-Control-Request-Method": "PUT"}
    reply = debug_server.ask("OPTIONS", "/ok", asked)
    listed = allowed(A, methods="GET, HEAD, OPTIONS, PUT", **PREFLIGHT_VARY)
    assert reply == (204, listed, "")
    asked["Origin"] = EVIL
    reply = debug_server.ask("OPTIONS", "/ok", asked)
    assert reply == (403, {"Vary": PREFLIGHT_VARY["vary"]}, "")


def test_the_traceback_is_in_the_log() -> None:
    with served("tests.flask.served_app") as server:
        server.ask("GET", "/crash?from=page", {"Origin": A})
    log = "".join(server.log)
    assert "Exception on /crash [GET]" in log
    assert "LookupError: the cupboard is bare" in log


def test_under_testing_the_exception_propagates_to_the_debugger() -> None:
    with served("tests.flask.served_app", SERVED_TESTING="1") as server:
        reply = server.ask("GET", "/crash", {"Origin": A})
        assert (reply.status, reply.cors) == (500, NOTHING)
        assert is_debugger(reply)


def test_flask_run_serves_an_application_made_in_a_factory() -> None:
    app = ("flask", "--app", "tests.flask.served_app", "run", "--port", "0")
    with served(*app) as server:
        assert server.ask("GET", "/ok", {"Origin": A}) == (200, allowed(A), "fine")
        reply = server.ask("GET", "/crash", {"Origin": A})
        assert (reply.status, reply.cors) == (500, allowed(A))
        assert "cupboard" not in reply.body
        asked = {"Origin": B, "Access-Control-Request-Method": "GET"}
        reply = server.ask("OPTIONS", "/strict-crash", asked)
        listed = allowed(B, methods="GET, HEAD, OPTIONS", **PREFLIGHT_VARY)
        assert (reply.status, reply.cors) == (204, listed)
