"""Serves the examples, on loopback, until Ctrl-C."""

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
    :param headers: other headers of the request.
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

    :param attempt: a request that the policy allows.
    :param arguments: of the command line; by default those of the process.
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
    """Serve an API with a login, and a page of another origin that uses it.

    :param create_api: returns the API, given the origin of the page.
    :param create_page: returns the front end, given the origin of the API.
    :param path: a URL of the API, which answers 401 before the login.
    :param options: the arguments as ``parser(page=True)`` reads them.
    """
    api, page = listen_both(create_api, create_page, options.port, options.page_port)
    print(f"Open the page:  {origin_of(page)}/")
    _announce(
        api,
        Attempt(path, origin_of(page)),
        "It answers 401, because curl is not logged in.",
    )
    _run([api, page])


def parser(page: bool = False) -> argparse.ArgumentParser:
    """Return the parser of the command line of an example.

    :param page: whether the example serves a page, too.
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
    """Add an option for a port to *reader*."""
    text = f"the port of {of}; 0 takes a free one (default: %(default)s)"
    reader.add_argument(name, type=int, default=default, metavar="PORT", help=text)


def wait() -> None:
    """Wait for Ctrl-C."""
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print()


def page_of(path: Path, api_origin: str) -> Flask:
    """Return an application that serves one page, of the file *path*.

    :param api_origin: of the API, put in place of ``{{api}}``.
    """
    app = Flask(__name__)
    html = path.read_text(encoding="utf-8").replace("{{api}}", api_origin)

    @app.get("/")
    def index() -> Response:
        return Response(html, mimetype="text/html")

    return app


def listen(app: WSGIApplication, port: int = 0) -> BaseWSGIServer:
    """Return a server of *app* on loopback, not yet started."""
    return make_server(HOST, port, app, threaded=True)


def listen_both(
    create_api: Callable[[str], WSGIApplication],
    create_page: Callable[[str], WSGIApplication],
    api_port: int = 0,
    page_port: int = 0,
) -> tuple[BaseWSGIServer, BaseWSGIServer]:
    """Return servers of an API and of a page, each of which knows the other's origin.

    :raises SystemExit: if a port is taken (Werkzeug prints which).
    """
    # Each application needs the other's address.
    api, page = listen(_starting, api_port), listen(_starting, page_port)
    api.app = create_api(origin_of(page))
    page.app = create_page(origin_of(api))
    return api, page


def origin_of(server: BaseWSGIServer) -> str:
    """Return the origin of *server*."""
    return f"http://{HOST}:{server.port}"


def _announce(api: BaseWSGIServer, attempt: Attempt, *notes: str) -> None:
    print(f"The API:        {origin_of(api)}")
    print(f"Try:            {attempt.command(origin_of(api))}", *notes, sep="\n")
    print("Send another Origin, and compare the headers. Ctrl-C ends this.", flush=True)


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
