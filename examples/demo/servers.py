"""Two servers on loopback, on two origins."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from ..serve import HOST, origin_of, page_of
from .api import create_api

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

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
    # Each needs the other's address, so the servers get their applications late.
    page, api = _listen(page_port), _listen(api_port)
    page.app = page_of(PAGE, origin_of(api))
    api.app = create_api(origin_of(page))
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


def _listen(port: int) -> BaseWSGIServer:
    return make_server(
        HOST, port, _starting, threaded=True, request_handler=_QuietHandler
    )


def _starting(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
    return [b"starting\n"]
