"""Plays the cases of ``docs.ext.console_cases`` in real browsers.

``python -m tests.docs.console_messages`` writes down what their consoles say.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast

from docs.ext.console_cases import API, CASES, OTHER, PAGE, Answer
from examples.behind_nginx.servers import free_port

PAUSE: Final = 150
"""Milliseconds after a case, in which the console gets its message."""

_RUN: Final = """
<!doctype html><title>cases</title><script>
const run = async () => {
  for (const [name, url, init] of CASES) {
    console.log("case " + name);
    await fetch(url, init).catch(() => {});
    await new Promise((done) => setTimeout(done, PAUSE));
  }
  console.log("case end");
};
onload = run;
</script>"""

# Where WebKit says that a message is from, and of what kind it is.
_PLACE: Final = re.compile(r"^(\S+:\d+:\d+: )?CONSOLE (SECURITY ERROR|JS ERROR|LOG) ")
# What an engine says of each failure, whatever it was.
_ALWAYS: Final = re.compile(
    r"Failed to load resource|due to access control checks"
    r"|Reason: CORS request did not succeed\). Status code: \(null\)"
)


class _Server(ThreadingHTTPServer):
    """A server that answers as its cases say."""

    daemon_threads = True
    real: dict[str, str]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""

    def answer(self) -> None:
        """Answer a request of a page, or send the page."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        real = cast("_Server", self.server).real
        name = self.path.strip("/")
        body = b"" if name else page_html(real).encode()
        answer = Answer(200, {"Content-Type": "text/html; charset=utf-8"})
        if name == "landed":
            answer = Answer(200, {"Access-Control-Allow-Origin": PAGE})
        elif name not in CASES:
            answer = Answer(404 if name else 200, answer.headers)
        else:
            case = CASES[name]
            answer = case.preflight if self.command == "OPTIONS" else case.actual
        self.send_response(answer.status)
        for header, values in answer.headers.items():
            for value in (values,) if isinstance(values, str) else values:
                for shown, origin in real.items():
                    value = value.replace(shown, origin)
                self.send_header(header, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_OPTIONS = do_PATCH = do_POST = do_PUT = answer
    do_patch = answer


def page_html(real: dict[str, str]) -> str:
    """Return the page that runs into each case in turn."""
    calls = []
    for name, case in CASES.items():
        origin = real[API] if case.listens else f"http://127.0.0.1:{free_port()}"
        calls.append((name, f"{origin}/{name}", dict(case.init)))
    text = _RUN.replace("CASES", json.dumps(calls)).replace("PAUSE", str(PAUSE))
    return text.strip()


@contextmanager
def serving() -> Iterator[dict[str, str]]:
    """Run three servers while the block runs.

    :return: what stands for an origin -> the real one.
    """
    servers = [_Server(("127.0.0.1", 0), _Handler) for _ in range(3)]
    origins = [f"http://127.0.0.1:{server.server_port}" for server in servers]
    shown: tuple[str, ...] = (PAGE, API, OTHER)
    real: dict[str, str] = dict(zip(shown, origins, strict=True))
    for server in servers:
        server.real = real
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield real
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def sort_lines(lines: list[str], real: dict[str, str]) -> dict[str, str]:
    """Return the message of each case; what a console had to say between two of them.

    The first that is not said of every failure; where there is no other, that one.

    :param lines: of the console, ``case NAME`` among them.
    """
    said: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        for shown, origin in real.items():
            line = line.replace(origin, shown)
        line = _PLACE.sub("", line.strip())
        line = re.sub(r"http://127\.0\.0\.1:\d+", API, line)
        begun = re.fullmatch(r"case ([a-z0-9-]+)", line)
        if begun:
            name = begun[1]
        elif name in CASES and line:
            line = line.replace(f"{API}/{name}", f"{API}/items")
            said.setdefault(name, []).append(line)
    return {
        name: next((line for line in lines if not _ALWAYS.search(line)), lines[0])
        for name, lines in said.items()
    }
