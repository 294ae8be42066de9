"""Serves the site, and opens it in browsers that write down what they ask for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final, cast

from tests.browsers.bidi import FirefoxPage
from tests.browsers.engines import chromium, firefox
from tests.browsers.page import Page

ENGINES: Final = ("chromium", "firefox")


@dataclass
class Site:
    """A site that is served.

    :ivar paths: what was asked for, with the status of each answer.
    :ivar missing: paths that are answered 404 for the time being.
    """

    origin: str
    paths: list[tuple[str, int]] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)

    def loaded(self, part: str) -> bool:
        """Say whether a path that contains *part* was asked for."""
        return any(part in path for path, _ in self.paths)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Site


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send a file, unless it is missing for the time being."""
        if self.path.partition("?")[0] in cast("_Server", self.server).site.missing:
            self.send_error(404)
        else:
            super().do_GET()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep the path and the status."""
        site = cast("_Server", self.server).site
        site.paths.append((self.path, int(code)))

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """Serve *folder* on this machine alone."""
    handler = partial(_Handler, directory=str(folder))
    with _Server(("127.0.0.1", 0), handler) as server:
        server.site = Site(f"http://127.0.0.1:{server.server_address[1]}")
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.site
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def opened(name: str, folder: Path) -> Iterator[tuple[Page, list[str]]]:
    """Open the browser *name*; yield its page, and the URLs that it asks for.

    The URLs of Chromium are there once it is closed, from its own log of the network.
    No name of a host can be resolved there.
    """
    requested: list[str] = []
    if name == "firefox":
        with firefox() as page:
            watched = cast("FirefoxPage", page)
            watched.watch_requests()
            yield page, requested
            page.evaluate("() => 0")  # What is told before an answer has been heard.
            requested += watched.requested
        return
    log = folder / "network.json"
    rules = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with chromium(f"--log-net-log={log}", rules) as page:
        yield page, requested
    requested += _logged(log)


def _logged(log: Path) -> list[str]:
    """Return the URLs that pages and workers asked for, from Chromium's log.

    The browser also makes requests of its own, which no page initiates. Nor does a page
    initiate what is typed into the address bar: requests to this machine count, too.
    """
    content = json.loads(log.read_text("utf-8"))
    begun = content["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    return [
        event["params"]["url"]
        for event in content["events"]
        if event["type"] == begun and _is_of_a_page(event.get("params", {}))
    ]


def _is_of_a_page(params: dict[str, Any]) -> bool:
    url = params.get("url", "")
    here = url.startswith("http://127.0.0.1:")
    return bool(url) and (here or params["initiator"] != "not an origin")
