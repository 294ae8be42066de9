"""Keeps what went over the wire, so that the page can show it.

A page may read only a few headers of a response, and nothing of a preflight or of what
is blocked. So the API's server keeps them, and the page asks its own server for them.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEPT = 50

# What CORS is about; the rest would hide it.
_REQUEST = ("Origin", "Cookie", "X-Pingother", "X-Other", "Sec-Fetch-Site")
_RESPONSE = ("vary", "set-cookie", "cache-control", "content-type")
_CORS = "Access-Control-"


class Wire:
    """What went over the wire since the server was started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exchanges: deque[str] = deque(maxlen=KEPT)
        self._count = 0

    def around(self, app: WSGIApplication) -> WSGIApplication:
        """Return *app*, keeping what it is asked and what it answers."""

        def kept(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            asked = _request(environ)

            def start(
                status: str, headers: list[tuple[str, str]], *more: Any
            ) -> Callable[[bytes], object]:
                self._keep(f"{asked}\n\n{_response(status, headers)}")
                return start_response(status, headers, *more)

            return app(environ, start)

        return kept

    def since(self, number: int) -> tuple[int, list[str]]:
        """Return how many exchanges there were, and those after the first *number*."""
        with self._lock:
            first = self._count - len(self._exchanges)
            found = islice(self._exchanges, max(0, number - first), None)
            return self._count, list(found)

    def _keep(self, exchange: str) -> None:
        with self._lock:
            self._exchanges.append(exchange)
            self._count += 1


def _request(environ: WSGIEnvironment) -> str:
    lines = [f"> {environ['REQUEST_METHOD']} {environ['PATH_INFO']}"]
    for key, value in sorted(environ.items()):
        name = key.removeprefix("HTTP_").replace("_", "-").title()
        if key.startswith("HTTP_") and (name in _REQUEST or name.startswith(_CORS)):
            lines.append(f"> {name}: {value}")
    return "\n".join(lines)


def _response(status: str, headers: list[tuple[str, str]]) -> str:
    lines = [f"< {status}"]
    for name, value in headers:
        if name.lower() in _RESPONSE or name.startswith(_CORS):
            lines.append(f"< {name}: {value}")
    return "\n".join(lines)
