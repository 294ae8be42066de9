"""A WSGI application called without a socket, strictly as PEP 3333 has servers do it.

What goes in is a request as the browser model sends it, what comes out is a response
as the model reads it: nothing is added to it, repaired or interpreted.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from ..core.fetch_standard import DEFAULT_PORTS
from .browser.requests import Received, Sent

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

BASE_URL: Final = "https://api.example.com"

# RFC 9110, 6.4.1: responses that have no body, whatever the application returns.
_BODILESS: Final = frozenset({204, 304})
# https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch, step 8: these say
# that they have no body.
_SAY_EMPTY: Final = frozenset({"POST", "PUT"})
# What servers answer with when the application fails before it has said anything.
_FAILURE: Final = (500, [("Content-Type", "text/plain")], b"Internal Server Error")


class WSGIError(AssertionError):
    """The application breaks PEP 3333, so that no server could answer for it."""


def send_to(
    app: WSGIApplication, *, raise_exceptions: bool = True
) -> Callable[[Sent], Received]:
    """Return what carries a message to *app* and its answer back.

    :param raise_exceptions: whether what *app* raises is raised to the caller, and a
        breach of PEP 3333 as a :class:`WSGIError`. If not, the answer is a 500 without
        any header of the application, as that of a server.
    :raises TypeError: if *app* cannot be called.
    """
    if not callable(app):
        raise TypeError(f"not a WSGI application: {app!r}")

    def send(sent: Sent) -> Received:
        try:
            status, headers, body = _run(app, environ_of(sent))
        except Exception:
            if raise_exceptions:
                raise
            status, headers, body = _FAILURE
        if sent.method == "HEAD" or status in _BODILESS:
            body = b""
        return Received(status, tuple(headers), body)

    return send


def environ_of(sent: Sent) -> WSGIEnvironment:
    """Return the environ in which a server hands *sent* to its application."""
    url = sent.url
    # A server compares and stores paths as bytes; PEP 3333 carries them as Latin-1.
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1"),
        "QUERY_STRING": url.query or "",
        "SERVER_NAME": url.host,
        "SERVER_PORT": str(url.port or DEFAULT_PORTS[url.scheme]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": url.authority,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(sent.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if sent.body or sent.method in _SAY_EMPTY:
        environ["CONTENT_LENGTH"] = str(len(sent.body))
    for name in dict.fromkeys(name.lower() for name, _ in sent.headers):
        # "X_Token" would be taken for "X-Token": servers of today drop it.
        if "_" in name:
            continue
        key = environ_key(name)
        separator = "; " if name == "cookie" else ", "  # RFC 6265, 5.4; RFC 9110, 5.3
        environ[key] = separator.join(sent.values(name))
    return environ


def environ_key(name: str) -> str:
    """Return the key of the header *name* in environ."""
    key = name.upper().replace("-", "_")
    return key if key == "CONTENT_TYPE" else f"HTTP_{key}"


def _run(
    app: WSGIApplication, environ: WSGIEnvironment
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Call *app* once; return status, headers and the whole body."""
    response = _Response()
    iterable = app(environ, response.start)
    try:
        for chunk in iterable:
            response.write(chunk)
    finally:
        close = getattr(iterable, "close", None)
        if close is not None:
            close()
    return response.status, response.sent_headers(), b"".join(response.chunks)


class _Response:
    """What an application answers; the state that a server keeps of it."""

    def __init__(self) -> None:
        self.status = 0
        self.chunks: list[bytes] = []
        self._headers: list[tuple[str, str]] | None = None

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        """PEP 3333, "The start_response() Callable"."""
        if exc_info is not None:
            if self.chunks:  # The headers are on their way: too late to change them.
                raise exc_info[1].with_traceback(exc_info[2])
        elif self._headers is not None:
            raise WSGIError("start_response was called a second time, without exc_info")
        if type(status) is not str or not _is_status(status):
            raise WSGIError(f'not a status such as "200 OK": {status!a}')
        for header in headers:
            _check_header(header)
        self.status, self._headers = int(status[:3]), list(headers)
        return self.write

    def write(self, chunk: bytes) -> None:
        """Send a part of the body, and the headers before the first of them."""
        if not isinstance(chunk, bytes):
            raise WSGIError(f"a body is made of bytes, not of {type(chunk).__name__}")
        if chunk:  # An empty part sends nothing, not even the headers.
            self.sent_headers()
            self.chunks.append(chunk)

    def sent_headers(self) -> list[tuple[str, str]]:
        """Return the headers, which must be there by now."""
        if self._headers is None:
            raise WSGIError("start_response was not called before the body")
        return self._headers


def _is_status(status: str) -> bool:
    code, space = status[:3], status[3:4]
    return code.isdecimal() and code.isascii() and len(code) == 3 and space in ("", " ")


def _check_header(header: object) -> None:
    """Refuse what no server can send (PEP 3333: native strings, Latin-1, no controls).

    A line break in a value would be a header of somebody else's choice.
    """
    parts: Iterable[object] = header if isinstance(header, tuple) else ()
    texts = [part for part in parts if type(part) is str]
    if len(texts) != 2 or any(set(text) & set("\r\n\0") for text in texts):
        raise WSGIError(f"not a header that can be sent: {header!a}")
    if any(ord(character) > 0xFF for text in texts for character in text):
        raise WSGIError(f"a header holds bytes as Latin-1: {header!a}")
