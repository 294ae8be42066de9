"""How the examples are served: on loopback, until Ctrl-C.

Each prints a command to try. ``python -m examples.NAME`` takes ``--port``; 0 takes a
free one.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flask import Flask, Response
from werkzeug.serving import BaseWSGIServer, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"
API_PORT = 5000
PAGE_PORT = 5001
APP_ORIGIN = "https://app.example.com"
"""The origin that most of the examples allow."""


class Attempt(NamedTuple):
    """A request to try, as a page of another origin sends it.

    :param path: a URL of the API that answers.
    :param origin: the origin of the page.
    :param headers: what else the page sends.
    """

    path: str
    origin: str = APP_ORIGIN
    headers: tuple[str, ...] = ()

    def command(self, api_origin: str) -> str:
        """Return the request as a command of curl."""
        words = ["curl", "-i"]
        for header in (f"Origin: {self.origin}", *self.headers):
            words += ["-H", header]
        return shlex.join([*words, api_origin + self.path])


def serve(
    app: WSGIApplication, attempt: Attempt, arguments: Sequence[str] | None = None
) -> None:
    """Serve *app*, and print how to try it.

    :param app: the API, on port 5000 or what ``--port`` says.
    :param attempt: a request that it allows.
    :param arguments: of the command line; those of the process where left out.
    """
    options = parser().parse_args(arguments)
    api = listen(app, options.port)
    _announce(api, attempt)
    _run([api])


def serve_both(
    create_api: Callable[[str], WSGIApplication],
    create_page: Callable[[str], WSGIApplication],
    path: str,
    options: argparse.Namespace,
) -> None:
    """Serve an API, and a page of another origin that talks to it.

    :param create_api: returns the API, given the origin of the page.
    :param create_page: returns the front end, given the origin of the API.
    :param path: a URL of the API to try.
    :param options: what ``parser(page=True)`` has read.
    """
    api, page = listen_both(create_api, create_page, options.port, options.page_port)
    print(f"Open the page:  {origin_of(page)}/")
    _announce(api, Attempt(path, origin_of(page)))
    _run([api, page])


def parser(page: bool = False) -> argparse.ArgumentParser:
    """Return what reads the command line of an example.

    :param page: whether it serves a page, too.
    """
    reader = argparse.ArgumentParser(
        description=sys.modules["__main__"].__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_port(reader, "--port", API_PORT, "the API")
    if page:
        add_port(reader, "--page-port", PAGE_PORT, "the page")
    return reader


def add_port(reader: argparse.ArgumentParser, name: str, default: int, of: str) -> None:
    """Have *reader* take a port."""
    text = f"the port of {of}; 0 takes a free one (default: %(default)s)"
    reader.add_argument(name, type=int, default=default, metavar="PORT", help=text)


def wait() -> None:
    """Wait until the user has had enough."""
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print()


def page_of(path: Path, api_origin: str) -> Flask:
    """Return an application that serves one page, of the file *path*.

    :param api_origin: of the API that the page talks to, put where it says ``{{api}}``.
    """
    app = Flask(__name__)
    html = path.read_text(encoding="utf-8").replace("{{api}}", api_origin)

    @app.get("/")
    def index() -> Response:
        return Response(html, mimetype="text/html")

    return app


def listen(app: WSGIApplication, port: int = 0) -> BaseWSGIServer:
    """Return a server of *app* on loopback, which does not serve yet."""
    return make_server(HOST, port, app, threaded=True)


def listen_both(
    create_api: Callable[[str], WSGIApplication],
    create_page: Callable[[str], WSGIApplication],
    api_port: int = 0,
    page_port: int = 0,
) -> tuple[BaseWSGIServer, BaseWSGIServer]:
    """Return servers of an API and of a page, each of which knows the other's origin.

    :raises SystemExit: where a port is taken (Werkzeug says which).
    """
    # Each needs the other's address, so the servers get their applications late.
    api, page = listen(_starting, api_port), listen(_starting, page_port)
    api.app = create_api(origin_of(page))
    page.app = create_page(origin_of(api))
    return api, page


def origin_of(server: BaseWSGIServer) -> str:
    """Return the origin of what *server* serves."""
    return f"http://{HOST}:{server.port}"


def _announce(api: BaseWSGIServer, attempt: Attempt) -> None:
    print(f"The API serves: {origin_of(api)}")
    print(f"Try:            {attempt.command(origin_of(api))}")
    print("Change the Origin, and compare the headers of the answers.")
    print("Ctrl-C ends this.", flush=True)


def _run(servers: Iterable[BaseWSGIServer]) -> None:
    threads = [
        threading.Thread(target=server.serve_forever, daemon=True) for server in servers
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        print()


def _starting(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
    return [b"starting\n"]
