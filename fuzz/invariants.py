"""What must be true of every response, whatever bytes the request was made of.

The policies are told a second time here, in the plainest way there is, so that the
middleware is held against something that does not share its code.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.sources import CachedOrigins

from .servers import Answerer, werkzeug_server, wsgiref_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LISTED: Final = frozenset({"https://a.example", "http://localhost:8000"})
STORED: Final = frozenset({"https://stored.example"})
_SUBDOMAIN: Final = re.compile(r"https://([a-z0-9_-]{1,63}\.)+b\.example", re.ASCII)
_SAFE_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")


def _nobody(origin: str) -> bool:
    return False


def _listed(origin: str) -> bool:
    return origin in LISTED


def _subdomain(origin: str) -> bool:
    return len(origin) <= 326 and _SUBDOMAIN.fullmatch(origin) is not None


def _stored(origin: str) -> bool:
    return origin in STORED


POLICIES: Final[Mapping[str, Policy]] = {
    "/listed/*": Policy(origins=LISTED, methods="PUT", allow_headers="X-A"),
    "/enforced/*": Policy(origins=LISTED, enforce=True),
    "/subdomains/*": Policy(origins="https://*.b.example", timing_allow_origin=True),
    "/stored/*": Policy(origins=CachedOrigins(_stored, timeout=None, maxsize=100)),
    "/echo/*": Policy(
        origins=LISTED, methods="*", allow_headers="*", supports_credentials=True
    ),
    "/open/*": Policy(origins="*", expose_headers="X-A"),
}
ALLOWS: Final[Mapping[str, Callable[[str], bool]]] = {
    "/listed": _listed,
    "/enforced": _listed,
    "/subdomains": _subdomain,
    "/stored": _stored,
    "/echo": _listed,
    "/open": _nobody,
}


class Broken(AssertionError):
    """Something is not as it must be."""


def require(condition: bool, *details: object) -> None:
    """Raise :class:`Broken` unless *condition* holds."""
    if not condition:
        raise Broken(*details)


class Checked:
    """The middleware, watched from both sides."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        """What went wrong last; some servers answer 500 and go on."""
        self._reached = False
        self._middleware = CORSMiddleware(self._inner, POLICIES)

    def _inner(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> list[bytes]:
        self._reached = True
        start_response("200 OK", [("Content-Type", "text/plain"), ("Vary", "Accept")])
        return [b"inner"]

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Serve a request, and check what comes of it.

        :raises Broken: where it is not as it must be.
        """
        try:
            return self._serve(environ, start_response)
        except BaseException as error:
            self.error = error
            raise

    def _serve(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        self._reached = False
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def watched(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            started.append((status, headers))
            return start_response(status, headers, *more)

        body = self._middleware(environ, watched)
        require(len(started) == 1, started)
        check(environ, *started[0], self._reached)
        return body


def check(
    environ: WSGIEnvironment,
    status: str,
    headers: list[tuple[str, str]],
    reached: bool,
) -> None:
    """Check one exchange.

    :raises Broken: where it is not as it must be.
    """
    values: dict[str, str] = {}
    for name, value in headers:
        require(name.lower() not in values, "twice", headers)
        require(_SAFE_VALUE.fullmatch(value) is not None, "unsafe", headers)
        values[name.lower()] = value
    allow_origin = values.get("access-control-allow-origin")
    origin: str | None = environ.get("HTTP_ORIGIN")
    rule = _rule(environ.get("PATH_INFO", ""))
    if rule is None:
        foreign = [name for name in values if name.startswith("access-control-")]
        require(not foreign, "ungoverned", headers)
        return
    allowed = origin is not None and ALLOWS[rule](origin)
    preflight = (
        environ["REQUEST_METHOD"] == "OPTIONS"
        and origin is not None
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    )
    require(not (preflight and reached), "a preflight got through")
    if rule == "/enforced" and origin is not None and not allowed and reached:
        own = environ.get("HTTP_SEC_FETCH_SITE") in ("same-origin", "none")
        require(own or _same(environ, origin), "enforced", origin)
    upgrade = environ.get("HTTP_UPGRADE", "").strip().lower() == "websocket"
    if upgrade and environ["REQUEST_METHOD"] == "GET" and reached:
        return  # Which passes untouched.
    if rule == "/open":
        require(allow_origin == ("*" if status[:3] != "403" else None), headers)
        require("access-control-allow-credentials" not in values, headers)
        return
    vary = {part.strip().lower() for part in values.get("vary", "").split(",")}
    require("origin" in vary, "Vary", headers)
    require(allow_origin == (origin if allowed else None), "ACAO", origin, headers)
    credentials = "true" if allowed and rule == "/echo" else None
    require(values.get("access-control-allow-credentials") == credentials, headers)
    if preflight:
        require(status[:3] == ("204" if allowed else "403"), status)


def _rule(path: str) -> str | None:
    if not path.startswith("/") or re.search(r"/\.{0,2}/|/\.{1,2}\Z", path):
        return None
    first = f"/{path.split('/')[1]}"
    return first if first in ALLOWS else None


def _same(environ: WSGIEnvironment, origin: str) -> bool:
    server = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    host = (environ.get("HTTP_HOST") or server).lower()
    return origin in (f"http://{host}", f"http://{host.removesuffix(':80')}")


def servers() -> list[Answerer]:
    """Return the servers, the watched middleware behind each.

    They raise what their server would hide: :class:`Broken`, and whatever else leaves
    the middleware.
    """
    logger = logging.getLogger("flask_cors_policy")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return [_strict(werkzeug_server), _strict(wsgiref_server)]


def _strict(make: Callable[[Checked], Answerer]) -> Answerer:
    app = Checked()
    serve = make(app)

    def answer(received: bytes) -> bytes:
        app.error = None
        sent = b""
        with suppress(Exception):  # A parser may stumble too, before it asks the app.
            sent = serve(received)
        if app.error is not None:
            raise app.error
        return sent

    return answer
