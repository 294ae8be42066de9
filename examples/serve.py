"""How the examples are served: on loopback, until Ctrl-C.

``python -m examples.NAME`` takes ``--port``; 0 takes a free one.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response
from werkzeug.serving import BaseWSGIServer, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
API_PORT = 5000
PAGE_PORT = 5001


def serve(
    app: WSGIApplication,
    page: WSGIApplication | None = None,
    arguments: Sequence[str] | None = None,
) -> None:
    """Serve *app*, and a *page* that talks to it from another origin.

    :param app: the API, on port 5000 or what ``--port`` says.
    :param page: the front end, on port 5001 or what ``--page-port`` says.
    :param arguments: of the command line; those of the process where left out.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=API_PORT)
    parser.add_argument("--page-port", type=int, default=PAGE_PORT)
    options = parser.parse_args(arguments)
    api = listen(app, options.port)
    print(f"The API:  {origin_of(api)}/", flush=True)
    servers = [api]
    if page is not None:
        servers.append(listen(page, options.page_port))
        print(f"The page: {origin_of(servers[1])}/", flush=True)
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


def origin_of(server: BaseWSGIServer) -> str:
    """Return the origin of what *server* serves."""
    return f"http://{HOST}:{server.port}"
