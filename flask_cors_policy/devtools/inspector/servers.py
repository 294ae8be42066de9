"""Servers on loopback, in threads of this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from werkzeug.serving import WSGIRequestHandler, make_server

from .link import LOOPBACK

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_LOOK: Final = 0.05
"""Seconds between two looks whether a server is to end."""


def bind(port: int) -> socket.socket:
    """Return a socket that listens on loopback.

    :param port: 0 for any that is free.
    :raises OSError: if the port is taken; it says which.
    """
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        message = f"port {port} of {LOOPBACK} cannot be used: {error.strerror}"
        raise OSError(error.errno, message) from None


def port_of(bound: socket.socket) -> int:
    """Return the port of a socket."""
    port: int = bound.getsockname()[1]
    return port


def origin_of(port: int) -> str:
    """Return the origin of what is served at a port."""
    return f"http://{LOOPBACK}:{port}"


@contextmanager
def listening(
    app: WSGIApplication,
    bound: socket.socket,
    handler: type[WSGIRequestHandler] | None = None,
) -> Iterator[None]:
    """Serve *app* from a thread, on the socket, which is closed afterwards.

    :param handler: of requests; left out, each is logged to the terminal.
    """
    with bound:
        server = make_server(
            LOOPBACK,
            port_of(bound),
            app,
            threaded=True,
            request_handler=handler,
            fd=bound.fileno(),
        )
    thread = threading.Thread(target=server.serve_forever, args=(_LOOK,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class QuietHandler(WSGIRequestHandler):
    """Logs no request: the inspector's page asks all the time."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""
