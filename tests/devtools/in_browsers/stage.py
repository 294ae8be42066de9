"""Plays applications under any host name, over http and https, in a real Chromium."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server

from flask_cors_policy.devtools.browser import PageRequest
from tests.browsers.engines import chromium
from tests.browsers.page import Page
from tests.needs import program

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PAGE_PATH = "/__page"

# What fetch() gives, or the error that it throws.
FETCH = """async (url, init) => {
  try {
    const response = await fetch(url, init);
    return {allowed: true, status: response.status, text: await response.text()};
  } catch (error) {
    return {allowed: false, status: 0, text: String(error)};
  }
}"""
# The same from a page whose origin is null.
SANDBOXED = """(url, init) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  window.addEventListener("message", (event) => resolve(event.data), {once: true});
  const call = `(FETCH)(${JSON.stringify(url)}, ${JSON.stringify(init)})`;
  frame.srcdoc = `<script>${call}.then((r) => parent.postMessage(r, "*"))</script>`;
  document.body.append(frame);
})""".replace("FETCH", FETCH.replace("`", "\\`").replace("${", "\\${"))


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None: ...


class Stage:
    """Serves pages everywhere, and otherwise the application of the moment."""

    def __init__(self, window: Page) -> None:
        self._window = window
        self.app: WSGIApplication | None = None
        self._plays = 0

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PAGE_PATH or self.app is None:
            start_response("200 OK", [("Content-Type", "text/html")])
            return [b"<!doctype html><title>page</title><body>"]
        return self.app(environ, start_response)

    def play(
        self, app: WSGIApplication, origin: str, request: PageRequest, cookie: str = ""
    ) -> dict[str, Any]:
        """Return what a page of *origin* gets for *request*."""
        self.app = app
        window = self._window
        for pair in filter(None, cookie.split("; ")):
            host = "/".join(request.url.split("/")[:3])
            window.goto(f"{host}{PAGE_PATH}")
            window.evaluate("pair => { document.cookie = pair }", pair)
        sandboxed = origin == "null"
        window.goto(f"{'https://app.example.com' if sandboxed else origin}{PAGE_PATH}")
        script = SANDBOXED if sandboxed else FETCH
        # Answers to preflights are kept by URL; the fragment tells plays apart.
        self._plays += 1
        url = f"{request.url}#{self._plays}"
        found: dict[str, Any] = window.evaluate(script, url, init_of(request))
        return found


def init_of(request: PageRequest) -> dict[str, Any]:
    """Return the second argument of ``fetch()``."""
    headers = [list(header) for header in request.headers]
    init: dict[str, Any] = {
        "method": request.method,
        "mode": request.mode,
        "credentials": request.credentials,
        "redirect": request.redirect,
    }
    if request.body is not None:
        init["body"] = request.body.content.decode()
        content_type = request.body.content_type
        if content_type is not None:
            headers.append(["Content-Type", content_type])
    return {**init, "headers": headers}


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Open Chromium, with every host name served from here."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = [program("openssl", "browsers"), "req", "-x509", "-newkey", "rsa:2048"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=example.com"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    holder: list[Stage] = []

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        return holder[0](environ, start_response)

    with ExitStack() as stack:
        tls = stack.enter_context(listening(app, (str(certificate), str(key))))
        plain = stack.enter_context(listening(app, None))
        rules = f"MAP *:443 127.0.0.1:{tls}, MAP * 127.0.0.1:{plain}"
        flags = (
            "--ignore-certificate-errors",
            f"--host-resolver-rules={rules}",
            "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
        )
        holder.append(Stage(stack.enter_context(chromium(*flags))))
        yield holder[0]


@contextmanager
def listening(app: WSGIApplication, tls: tuple[str, str] | None) -> Iterator[int]:
    """Serve *app* from a thread; yield the port."""
    server = make_server(
        "127.0.0.1", 0, app, threaded=True, ssl_context=tls, request_handler=Quiet
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
