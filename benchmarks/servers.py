"""Real servers, each started for real and loaded: with the middleware and without.

``make bench-servers`` runs it all; one of its tests is in tests/test_servers.py.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from . import results
from .serving import ALLOWED, VARIANT, VARIANTS

MODULE: Final = "benchmarks.serving"
ROOT: Final = Path(__file__).parents[1]
_BIN: Final = Path(sys.executable).parent
_GUNICORN: Final = (
    f"{_BIN}/gunicorn", "--bind", "127.0.0.1:{port}", "--log-level", "warning",
    "--no-control-socket", f"{MODULE}:app", "--workers", "1", "--worker-class",
)  # fmt: skip

COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "gunicorn sync": (*_GUNICORN, "sync"),
    "gunicorn gthread": (*_GUNICORN, "gthread", "--threads", "4"),
    "gunicorn gevent": (*_GUNICORN, "gevent"),
    "waitress": (
        f"{_BIN}/waitress-serve", "--listen", "127.0.0.1:{port}", f"{MODULE}:app",
    ),
    "uWSGI": (
        f"{_BIN}/uwsgi", "--http11-socket", "127.0.0.1:{port}", "--module",
        f"{MODULE}:app", "--master", "--processes", "1", "--disable-logging",
        "--die-on-term", "--need-app", "--home", sys.prefix,
    ),
    "granian": (
        f"{_BIN}/granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port",
        "{port}", "--workers", "1", "--no-access-log", f"{MODULE}:app",
    ),
    "cheroot": (
        f"{_BIN}/cheroot", "--bind", "127.0.0.1:{port}", f"{MODULE}:app",
    ),
    "Werkzeug": (
        sys.executable, "-c",
        "import logging, werkzeug.serving as s, benchmarks.serving as b; "
        "logging.getLogger('werkzeug').setLevel(logging.ERROR); "
        "s.run_simple('127.0.0.1', {port}, b.app, threaded=True)",
    ),
}  # fmt: skip
"""Server -> the command that starts it."""
NOT_MEASURED: Final[Mapping[str, tuple[str, ...]]] = {
    "Hypercorn": (
        f"{_BIN}/hypercorn", "--bind", "127.0.0.1:{port}", "--workers", "1",
        "--log-level", "error", f"wsgi:{MODULE}:app",
    ),
    "a2wsgi under uvicorn": (
        sys.executable, "-c",
        "import uvicorn, a2wsgi, benchmarks.serving as b; "
        "uvicorn.run(a2wsgi.WSGIMiddleware(b.app), host='127.0.0.1', "
        "port={port}, log_level='error')",
    ),
}  # fmt: skip
"""The same, for servers of ASGI: they are tested, and not measured."""

_START: Final = 30.0
"""Seconds within which a server must answer."""


class Load(NamedTuple):
    """What ``wrk`` saw.

    :param per_second: requests.
    :param processor: microseconds of processor time that the server took for one.
    :param errors: answers that were none, or no 2xx.
    """

    per_second: float
    processor: float
    errors: int


class Running(NamedTuple):
    """A server that was started: the port it listens at, and its process."""

    port: int
    process: int


@contextmanager
def started(
    server: str, variant: str = "middleware", module: str = MODULE
) -> Iterator[Running]:
    """Run *server* as long as the block lasts.

    :param variant: what it serves, one of ``VARIANTS``.
    :param module: another one whose ``app`` it serves.
    :raises RuntimeError: where it does not answer, with what it wrote.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        part.replace("{port}", str(port)).replace(MODULE, module)
        for part in (COMMANDS.get(server) or NOT_MEASURED[server])
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), VARIANT: variant}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            if not _answers(port, process):
                _end(process)
                output.seek(0)
                said = output.read().decode(errors="replace")
                raise RuntimeError(f"{server} does not answer: {said[-2000:]}")
            yield Running(port, process.pid)
        finally:
            _end(process)


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + _START
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return True
        except OSError:
            time.sleep(0.05)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a server and what it has started: they are a session of their own."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, ending)
        except ProcessLookupError:
            break
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            continue
    process.wait(5)


# Every answer checked


class Mistake(NamedTuple):
    """An answer that was not as it should be."""

    origin: str | None
    status: int
    headers: list[tuple[str, str]]


CHECKED: Final = (3200, 8)
"""Answers that are checked for each server, and connections they come over."""
ORIGINS: Final = (None, *ALLOWED, "https://evil.example", "null")


def mistakes(port: int, requests: int, connections: int) -> list[Mistake]:
    """Send requests of different origins in parallel; return the wrong answers.

    :param requests: how many each connection sends.
    """

    def client(number: int) -> list[Mistake]:
        return list(_client(port, number, requests))

    with ThreadPoolExecutor(connections) as pool:
        return [
            wrong for found in pool.map(client, range(connections)) for wrong in found
        ]


def _client(port: int, number: int, requests: int) -> Iterator[Mistake]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    for at in range(requests):
        origin = ORIGINS[(number + at) % len(ORIGINS)]
        preflight = at % 5 == 4 and origin is not None
        headers = {} if origin is None else {"Origin": origin}
        if preflight:
            headers["Access-Control-Request-Method"] = "PUT"
        connection.request("OPTIONS" if preflight else "GET", "/", headers=headers)
        response = connection.getresponse()
        body = response.read()
        if not _is_right(
            origin, preflight, response.status, body, response.getheaders()
        ):
            yield Mistake(origin, response.status, response.getheaders())
    connection.close()


def _is_right(
    origin: str | None,
    preflight: bool,
    status: int,
    body: bytes,
    headers: list[tuple[str, str]],
) -> bool:
    allowed = origin in ALLOWED
    found = sorted(
        (name.lower(), value)
        for name, value in headers
        if name.lower().startswith(("access-control-", "vary", "x-seen-"))
    )
    granted = [("access-control-allow-origin", str(origin))] if allowed else []
    if preflight:
        if allowed:
            granted += [
                ("access-control-allow-methods", "PUT"),
                ("access-control-allow-headers", "X-Token"),
                ("access-control-max-age", "600"),
            ]
        expected = sorted([*granted, ("vary", "Origin")])
        return (status, body, found) == (204 if allowed else 403, b"", expected)
    seen = origin or "none"
    theirs = [("vary", "Accept-Encoding, Origin"), ("x-seen-origin", seen)]
    return (status, body, found) == (200, seen.encode(), sorted([*granted, *theirs]))


# Load


def load(server: Running, seconds: int) -> Load:
    """Load the server with ``wrk`` for *seconds*, by requests of an allowed origin."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError('wrk is not installed: "make servers" installs it')
    before = _processor_seconds(server.process)
    output = subprocess.run(
        [
            wrk, "--threads", "1", "--connections", "4", "--duration", f"{seconds}s",
            "--header", f"Origin: {ALLOWED[0]}", f"http://127.0.0.1:{server.port}/",
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=seconds + 30,
    ).stdout  # fmt: skip
    used = _processor_seconds(server.process) - before
    served = re.search(r"(\d+) requests in", output)
    per_second = re.search(r"Requests/sec:\s+([\d.]+)", output)
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    sockets = re.findall(r"(?:connect|read|write|timeout) (\d+)", output)
    assert per_second is not None, output
    assert served is not None, output
    return Load(
        float(per_second[1]),
        used * 1e6 / max(1, int(served[1])),
        sum(map(int, sockets)) + int(errors[1] if errors else 0),
    )


def _processor_seconds(session: int) -> float:
    """Return the processor time of all processes of a session so far (proc(5))."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # It has just ended.
            continue
        if int(fields[3]) == session:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(server: str, rounds: int, seconds: int) -> dict[str, Any]:
    """Measure one server with each variant, each started anew in each round.

    (Two processes of one server that serve the same may differ by a tenth, for as long
    as they run: how they lie in memory is drawn when they start.)
    """
    with started(server) as under:
        wrong = mistakes(under.port, CHECKED[0] // CHECKED[1], CHECKED[1])
    loads: list[dict[str, Load]] = []
    names = list(VARIANTS)
    for _ in range(rounds):
        random.shuffle(names)
        loads.append({})
        for name in names:
            with started(server, name) as running:
                load(running, 1)  # What is done once is no part of it.
                loads[-1][name] = load(running, seconds)
    return {
        "checked": CHECKED[0],
        "wrong": len(wrong),
        "errors": sum(of[name].errors for of in loads for name in names),
        **{name: _summary(name, loads) for name in VARIANTS},
    }


def _summary(name: str, loads: Sequence[Mapping[str, Load]]) -> dict[str, float]:
    """Return the medians of one variant, and how it compares with the bare one."""
    taken = [of[name] for of in loads]
    bare = [of["bare"] for of in loads]
    pairs = list(zip(taken, bare, strict=True))
    return {
        "requests a second": median(one.per_second for one in taken),
        "processor": median(one.processor for one in taken),
        "throughput beside bare": median(
            one.per_second / other.per_second for one, other in pairs
        ),
        "processor added": median(
            one.processor - other.processor for one, other in pairs
        ),
    }


def main() -> None:
    """Measure every server, print it, and keep it in docs."""
    measured = {}
    for server in COMMANDS:
        measured[server] = found = measure(server, rounds=5, seconds=2)
        print(f"{server}: {found['wrong']} wrong, {found['errors']} errors")
        for name in VARIANTS:
            figures = ", ".join(f"{of} {v:.3f}" for of, v in found[name].items())
            print(f"  {name}: {figures}", flush=True)
    results.save(measured, results.DOCS / "servers.json")


if __name__ == "__main__":
    main()
