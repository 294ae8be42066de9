"""Real servers' request handlers, on pairs of sockets that leave the process never."""

from __future__ import annotations

import io
import socket
import wsgiref.simple_server
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import werkzeug.serving

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

CLIENT: Final = ("127.0.0.1", 50000)
Answerer = Callable[[bytes], bytes]
"""Takes what a client sends (less than a socket's buffer), returns what it gets."""


class _Quiet:
    """Keeps a handler from logging to the terminal."""

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing."""


class _WerkzeugHandler(_Quiet, werkzeug.serving.WSGIRequestHandler):
    pass


class _WsgirefHandler(_Quiet, wsgiref.simple_server.WSGIRequestHandler):
    def get_stderr(self) -> Any:
        """Return where the errors of the application would go."""
        return io.StringIO()


def werkzeug_server(app: WSGIApplication) -> Answerer:
    """Return Werkzeug's development server, fed by hand."""
    server = werkzeug.serving.make_server("127.0.0.1", 0, app, passthrough_errors=True)
    server.server_close()  # It is only asked what it is called.
    return _fed(_WerkzeugHandler, server)


def wsgiref_server(app: WSGIApplication) -> Answerer:
    """Return the server of the standard library, fed by hand."""
    server = wsgiref.simple_server.make_server("127.0.0.1", 0, app)
    server.server_close()
    return _fed(_WsgirefHandler, server)


def _fed(handler: Callable[..., object], server: object) -> Answerer:
    def answer(received: bytes) -> bytes:
        client, connection = socket.socketpair()
        with client, connection:
            client.sendall(received)
            client.shutdown(socket.SHUT_WR)
            handler(connection, CLIENT, server)
            connection.close()
            return b"".join(iter(lambda: client.recv(65536), b""))

    return answer
