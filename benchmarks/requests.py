"""The requests that are measured: one environ for each row of the tables."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

ALLOWED: Final = (
    "https://app.example.com",
    "https://admin.example.com",
    "https://shop.example.com",
)
DENIED: Final = "https://evil.example"
METHODS: Final = ("GET", "PUT", "DELETE")
NAMES: Final = ("X-Request-Id", "X-Token")


def environ(
    method: str = "GET",
    origin: str | None = None,
    asked: str | None = None,
    names: str | None = None,
    path: str = "/",
) -> WSGIEnvironment:
    """Return the environ of a request as a server would make it.

    :param asked: the Access-Control-Request-Method header.
    :param names: the Access-Control-Request-Headers header.
    """
    headers = {
        "HTTP_ORIGIN": origin,
        "HTTP_ACCESS_CONTROL_REQUEST_METHOD": asked,
        "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": names,
    }
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "api.example.com",
        "HTTP_USER_AGENT": "Mozilla/5.0",
        "HTTP_ACCEPT": "*/*",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{name: value for name, value in headers.items() if value is not None},
    }


ROWS: Final[Mapping[str, WSGIEnvironment]] = {
    "not CORS": environ(),
    "allowed": environ(origin=ALLOWED[0]),
    "denied": environ(origin=DENIED),
    "preflight": environ("OPTIONS", ALLOWED[0], "PUT", "x-request-id,x-token"),
}


def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
    """Take a response, and keep nothing of it."""


def serve(app: WSGIApplication, sent: WSGIEnvironment) -> None:
    """Serve one request to the end, as a server does."""
    body = app(sent, start_response)
    for _ in body:
        pass
    close = getattr(body, "close", None)
    if close is not None:
        close()


def headers_of(app: WSGIApplication, sent: WSGIEnvironment) -> list[tuple[str, str]]:
    """Return those headers of the response that CORS is about, sorted."""
    started: list[tuple[str, str]] = []

    def note(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        started[:] = headers

    list(app(dict(sent), note))
    return sorted(
        (name.lower(), value)
        for name, value in started
        if name.lower().startswith("access-control-") or name.lower() == "vary"
    )
