"""Round trips: how many preflights a real browser sends in one and the same session.

``make bench-browser`` runs it in Chromium. Every request is counted where it arrives.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any, Final

import flask_cors
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from flask_cors_policy import CORS

from . import results

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
PATHS: Final = ("/users", "/items", "/orders")
SESSION: Final = [
    {"method": METHODS[at % len(METHODS)], "path": PATHS[at % len(PATHS)]}
    for at in range(12)
]
"""The requests of the session, no two alike; each has two headers of its own."""
NAMES: Final = ("X-Request-Id", "X-Token")
_SECONDS: Final = 600
_PATIENCE: Final = 90.0
"""Seconds for the whole session, in which a browser must have started too."""

_PAGE: Final = """<!doctype html><title>session</title><script>
(async () => {
  const {session, apis} = await (await fetch("/session")).json();
  const failed = {};
  for (const [name, api] of Object.entries(apis)) {
    failed[name] = 0;
    for (const {method, path} of session) {
      const headers = {"X-Request-Id": "1", "X-Token": "t"};
      try {
        if (!(await fetch(api + path, {method, headers})).ok) failed[name] += 1;
      } catch { failed[name] += 1; }
    }
  }
  await fetch("/done", {method: "POST", body: JSON.stringify(failed)});
})();
</script>"""


@dataclass
class Counted:
    """An application, and the requests that have arrived at it."""

    app: WSGIApplication
    preflights: int = 0
    others: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Count a request and hand it on."""
        with self._lock:
            if environ["REQUEST_METHOD"] == "OPTIONS":
                self.preflights += 1
            else:
                self.others += 1
        return self.app(environ, start_response)


def _api(set_up: Callable[[Flask], object]) -> Counted:
    app = Flask("api", static_folder=None)
    for path in PATHS:
        app.add_url_rule(path, path, lambda: "ok", methods=METHODS)
    set_up(app)
    return Counted(app)


def _listing_what_is_asked_for(origin: str) -> Callable[[Flask], None]:
    def set_up(app: Flask) -> None:
        inner: Any = app.wsgi_app

        def answer(environ: Any, start_response: Any) -> Any:
            asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")
            allowed = [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
            if asked is None:
                return inner(
                    environ,
                    lambda status, headers, *_: start_response(
                        status, [*headers, *allowed]
                    ),
                )
            allowed += [
                ("Access-Control-Allow-Methods", asked),
                ("Access-Control-Allow-Headers", ", ".join(NAMES)),
                ("Access-Control-Max-Age", str(_SECONDS)),
            ]
            start_response("204 No Content", allowed)
            return []

        app.wsgi_app = answer  # type: ignore[method-assign]

    return set_up


def contestants(origin: str) -> dict[str, Counted]:
    """Return the interfaces that the page of *origin* uses."""
    options: Any = {"origins": origin, "allow_headers": NAMES, "max_age": _SECONDS}
    return {
        "flask_cors_policy": _api(lambda app: CORS(app, **options)),
        "flask-cors": _api(lambda app: flask_cors.CORS(app, **options)),
        "a server that lists the asked method": _api(
            _listing_what_is_asked_for(origin)
        ),
    }


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def _served(app: WSGIApplication) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _chromium(program: str, url: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [
                program, "--headless", "--no-sandbox", "--disable-gpu",
                "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
                f"--user-data-dir={folder}", url,
            ],
            env={**os.environ, "HOME": folder, "TMPDIR": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # What it has started, too.
            process.wait(10)


def round_trips(program: str) -> dict[str, dict[str, int]]:
    """Play the session in Chromium; return what arrived at each interface.

    :raises TimeoutError: where the browser does not end the session in time.
    """
    done: Queue[Mapping[str, int]] = Queue()
    served: dict[str, str] = {}
    page = Flask("page", static_folder=None)
    page.add_url_rule("/", "page", lambda: _PAGE)
    page.add_url_rule(
        "/session", "session", lambda: {"session": SESSION, "apis": served}
    )

    @page.post("/done")
    def finish() -> str:
        from flask import request

        done.put(json.loads(request.get_data()))
        return "ok"

    with _served(page) as origin:
        apis = contestants(origin)
        with ExitStack() as servers:
            for name, api in apis.items():
                served[name] = servers.enter_context(_served(api))
            servers.enter_context(_chromium(program, f"{origin}/"))
            try:
                failed = done.get(timeout=_PATIENCE)
            except Empty:
                raise TimeoutError("the session has not ended") from None
    return {
        name: {
            "requests": api.others,
            "preflights": api.preflights,
            "failed": failed[name],
        }
        for name, api in apis.items()
    }


def main() -> None:
    """Play the session, print what arrived, and keep it in docs."""
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit('chromium is not installed: "make browsers" installs it')
    found = round_trips(program)
    for name, counts in found.items():
        print(f"{name}: {counts}")
    results.save(found, results.DOCS / "round_trips.json")


if __name__ == "__main__":
    main()
