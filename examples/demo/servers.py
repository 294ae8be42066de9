"""Two servers on loopback, on two origins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler

from ..serve import listen_both, page_of
from .api import create_api
from .wire import Wire

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PAGE = Path(__file__).with_name("page.html")


class _QuietHandler(WSGIRequestHandler):
    """Serve without a line in the log for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: the demo prints the exchanges itself."""


@contextmanager
def demo_servers(
    page_port: int = 0, api_port: int = 0
) -> Iterator[tuple[BaseWSGIServer, BaseWSGIServer]]:
    """Run the page and the API while the block runs; yield their servers.

    :param page_port: port of the page; 0 takes a free one.
    :param api_port: port of the API; 0 takes a free one.
    :raises SystemExit: where a port is taken (Werkzeug says which).
    """
    wire = Wire()

    def api_app(page_origin: str) -> WSGIApplication:
        return wire.around(create_api(page_origin))

    def page_app(api_origin: str) -> WSGIApplication:
        return create_page(api_origin, wire)

    api, page = listen_both(api_app, page_app, api_port, page_port)
    for server in (page, api):
        server.RequestHandlerClass = _QuietHandler
    threads = [threading.Thread(target=server.serve_forever) for server in (page, api)]
    for thread in threads:
        thread.start()
    try:
        yield page, api
    finally:
        for server in (page, api):
            server.shutdown()
        for thread in threads:
            thread.join()
        for server in (page, api):
            server.server_close()


def create_page(api_origin: str, wire: Wire) -> Flask:
    """Return the application that serves the page, and what went over the wire."""
    app = page_of(PAGE, api_origin)

    @app.get("/wire")
    def exchanges() -> dict[str, Any]:
        count, found = wire.since(request.args.get("since", 0, type=int))
        return {"count": count, "exchanges": found}

    return app
