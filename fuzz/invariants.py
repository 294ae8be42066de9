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
_METHOD: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}", re.ASCII)
_OWN_SITES: Final = ("same-origin", "none")
_OTHER_SITES: Final = ("cross-site", "same-site")
_OWN_HEADER: Final = "Access-Control-Max-Age"
"""The application sets it, and no policy does."""
AMBIGUOUS: Final = "ambiguous"
"""In the place of a path rule: none can apply, and one of the policies enforces."""


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
        headers = [
            ("Content-Type", "text/plain"),
            ("Vary", "Accept"),
            (_OWN_HEADER, "1"),
        ]
        start_response("200 OK", headers)
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
    rule = _rule(environ.get("PATH_INFO", ""))
    if rule is None:
        cors = [name for name in values if name.startswith("access-control-")]
        require(reached and cors == [_OWN_HEADER.lower()], "no path rule", headers)
        return
    preflight, refused = _is_preflight(environ), _is_refused(rule, environ)
    if refused is None:
        refused = status[:3] == "403"
    require(reached == (not preflight and not refused), "reached", reached)
    expected = "403" if refused else "204" if preflight else "200"
    require(status[:3] == expected, status, expected)
    require(not refused or values.get("cache-control") == "no-store", headers)
    require(_OWN_HEADER.lower() not in values, "not removed", headers)
    if rule != "/open":
        vary = {part.strip().lower() for part in values.get("vary", "").split(",")}
        require("origin" in vary, "Vary", headers)
    granted = None if refused else _granted(rule, environ)
    allow_origin = values.get("access-control-allow-origin")
    require(allow_origin == granted, "ACAO", granted, headers)
    credentials = "true" if granted and rule == "/echo" else None
    require(values.get("access-control-allow-credentials") == credentials, headers)


def _rule(path: str) -> str | None:
    """Return the path rule that applies, or ``AMBIGUOUS``, or ``None``."""
    path = path or "/"
    if not path.startswith("/") or re.search(r"/\.{0,2}/|/\.{1,2}\Z", path):
        return AMBIGUOUS
    first = f"/{path.split('/')[1]}"
    return first if first in ALLOWS else None


def _granted(rule: str, environ: WSGIEnvironment) -> str | None:
    """Return the origin that a request which is not refused is granted."""
    origin: str | None = environ.get("HTTP_ORIGIN")
    if rule == "/open":
        return "*"
    if rule == AMBIGUOUS or origin is None or not ALLOWS[rule](origin):
        return None
    return origin


def _is_refused(rule: str, environ: WSGIEnvironment) -> bool | None:
    """Say whether a request is answered 403; ``None`` if this cannot be told here."""
    granted = _granted(rule, environ)
    if _is_preflight(environ):
        asked = environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"]
        if granted is None or _METHOD.fullmatch(asked) is None:
            return True
        # What an origin is, only those that are listed say without the library.
        return None if rule == "/open" else False
    if rule not in ("/enforced", AMBIGUOUS):
        return False
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if "HTTP_ORIGIN" not in environ:
        return site in _OTHER_SITES and _may_write(environ)
    if granted is not None and "HTTP_COOKIE" not in environ:
        return False
    return site in _OTHER_SITES or not (site in _OWN_SITES or _is_same(environ))


def _is_preflight(environ: WSGIEnvironment) -> bool:
    return (
        environ["REQUEST_METHOD"] == "OPTIONS"
        and "HTTP_ORIGIN" in environ
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    )


def _may_write(environ: WSGIEnvironment) -> bool:
    upgrades = environ.get("HTTP_UPGRADE", "").lower().split(",")
    websocket = "websocket" in [item.strip() for item in upgrades]
    method = environ["REQUEST_METHOD"]
    return method not in ("GET", "HEAD", "OPTIONS") or (method == "GET" and websocket)


def _is_same(environ: WSGIEnvironment) -> bool:
    origin = environ["HTTP_ORIGIN"]
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
