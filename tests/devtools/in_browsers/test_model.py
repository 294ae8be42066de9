"""What the model says of posts and of ports, asked of real browsers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from flask_cors_policy.devtools.browser import ENGINES, Body, PageRequest, Received
from flask_cors_policy.devtools.browser import Page as ModelPage
from flask_cors_policy.devtools.browser.cache import PreflightCache
from flask_cors_policy.devtools.browser.fetching import drive, fetch
from flask_cors_policy.devtools.browser.requests import REFERRER_POLICIES, Sent
from tests.browsers import engines
from tests.browsers.page import Page

pytestmark = pytest.mark.browsers

OPEN: dict[str, Callable[[], AbstractContextManager[Page]]] = {
    "chromium": engines.chromium,
    "firefox": engines.firefox,
    "webkitgtk": engines.webkitgtk,
    "wpe": engines.wpe,
}
BLOCKED = 10080
FETCH = """async (cases) => {
    for (const [url, mode, referrerPolicy] of cases) {
        try { await fetch(url, {method: "POST", body: "x", mode, referrerPolicy}); }
        catch (error) { }
    }
}"""


class Server:
    """Notes the Origin of each request, by its path."""

    def __init__(self, port: int = 0) -> None:
        self.origins: dict[str, str | None] = {}
        origins = self.origins

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None: ...

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                origins[self.path] = self.headers.get("Origin")
                self._answer()

            def _answer(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Content-Length", "0")
                self.end_headers()

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[Server]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(60)


def expected(engine: str, page: str, url: str, mode: str, policy: str) -> str | None:
    """Return the Origin that the model sends; ``None`` if it sends nothing."""
    request = PageRequest(
        url, "POST", body=Body.text("x"), mode=mode, referrer_policy=policy
    )
    sent: list[Sent] = []

    def send(message: Sent) -> Received:
        sent.append(message)
        return Received(200, (("Access-Control-Allow-Origin", "*"),))

    model = ModelPage(page, ENGINES[engine])
    drive(fetch(model, request, PreflightCache(model.engine)), send)
    return sent[-1].values("Origin")[0] if sent else None


@pytest.mark.parametrize("engine", OPEN)
def test_posts_carry_the_origin_that_the_model_says(engine: str) -> None:
    with ExitStack() as stack:
        own = stack.enter_context(Server().running())
        far = stack.enter_context(Server().running())
        blocked = stack.enter_context(Server(BLOCKED).running())
        page = stack.enter_context(OPEN[engine]())
        page.goto(f"{own.origin}/")
        wanted: dict[tuple[Server, str], str | None] = {}
        cases: list[tuple[str, str, str]] = []
        for server in (own, far, blocked):
            for mode in ("cors", "no-cors", "same-origin"):
                for policy in REFERRER_POLICIES:
                    path = f"/{mode}/{policy}"
                    url = f"{server.origin}{path}"
                    cases.append((url, mode, policy))
                    origin = expected(engine, own.origin, url, mode, policy)
                    wanted[server, path] = origin
        page.evaluate(FETCH, cases)
        seen = {(server, path): server.origins.get(path) for server, path in wanted}
    assert seen == wanted
    assert blocked.origins == {}
    assert "null" in far.origins.values() or engine == "chromium"
