"""The contestants on plain WSGI: by hand, with this library, with its peers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import wsgi_cors_middleware
import wsgicors

from flask_cors_policy import CORSMiddleware

from .requests import ALLOWED, METHODS, NAMES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OURS: Final = "flask_cors_policy"
HEADERS: Final = [
    ("Content-Type", "application/json"),
    ("Content-Length", "2"),
    ("Cache-Control", "no-store"),
    ("ETag", '"1"'),
    ("Last-Modified", "Mon, 01 Jun 2026 00:00:00 GMT"),
    ("X-Request-Id", "8c1f"),
    ("X-Frame-Options", "DENY"),
    ("Set-Cookie", "session=1; Secure; HttpOnly"),
]
_PREFLIGHT: Final = [
    ("Access-Control-Allow-Methods", ", ".join(METHODS)),
    ("Access-Control-Allow-Headers", ", ".join(NAMES)),
]
_OWNED: Final = frozenset(
    f"access-control-{name}"
    for name in (
        "allow-origin",
        "allow-credentials",
        "allow-methods",
        "allow-headers",
        "expose-headers",
        "max-age",
    )
)


def bare(headers: int) -> WSGIApplication:
    """Return an application that sends the first few of ``HEADERS``."""
    sent = HEADERS[:headers]

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", list(sent))
        return [b"{}"]

    return app


def careless(app: WSGIApplication) -> WSGIApplication:
    """Wrap *app* as people do by hand, with no eye on the headers there are already."""
    allowed = frozenset(ALLOWED)

    def middleware(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN")

        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            headers.append(("Vary", "Origin"))
            if origin in allowed:
                headers.append(("Access-Control-Allow-Origin", origin))
            return start_response(status, headers, exc_info)

        if environ["REQUEST_METHOD"] == "OPTIONS":
            start("204 No Content", [*_PREFLIGHT])
            return []
        return app(environ, start)

    return middleware


def floor(app: WSGIApplication) -> WSGIApplication:
    """Wrap *app* by hand, and do the whole duty: a special case for three origins."""
    allowed = frozenset(ALLOWED)

    def middleware(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN")
        if (
            environ["REQUEST_METHOD"] == "OPTIONS"
            and origin is not None
            and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        ):
            if origin not in allowed:
                empty = [("Content-Type", "text/plain"), ("Content-Length", "0")]
                start_response("403 Forbidden", [*empty, ("Vary", "Origin")])
                return []
            granted = ("Access-Control-Allow-Origin", origin)
            vary = ("Vary", "Origin")
            start_response("204 No Content", [vary, granted, *_PREFLIGHT])
            return []

        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            kept = []
            vary = ""
            for header in headers:
                name = header[0].lower()
                if name == "vary":
                    vary = f"{vary}, {header[1]}" if vary else header[1]
                elif name not in _OWNED:
                    kept.append(header)
            kept.append(("Vary", f"{vary}, Origin" if vary else "Origin"))
            if origin in allowed:
                kept.append(("Access-Control-Allow-Origin", origin))
            if exc_info is None:
                return start_response(status, kept)
            return start_response(status, kept, exc_info)

        return app(environ, start)

    return middleware


def builders(headers: int) -> dict[str, Callable[[], WSGIApplication]]:
    """Return what makes each contestant.

    :param headers: how many the application sends that they are around.
    """
    app = bare(headers)
    return {
        "bare": lambda: app,
        "careless": lambda: careless(app),
        "floor": lambda: floor(app),
        OURS: lambda: CORSMiddleware(
            app, origins=ALLOWED, methods=METHODS, allow_headers=NAMES
        ),
        "wsgicors": lambda: wsgicors.CORS(
            app,
            origin=" ".join(ALLOWED),
            methods=", ".join(METHODS),
            headers=", ".join(NAMES),
        ),
        # It knows one origin only.
        "wsgi-cors-middleware": lambda: wsgi_cors_middleware.CorsMiddleware(
            app, origin=ALLOWED[0], methods=list(METHODS), headers=list(NAMES)
        ),
    }


def contestants(headers: int) -> dict[str, WSGIApplication]:
    """Return every contestant, around an application that sends *headers* headers."""
    return {name: build() for name, build in builders(headers).items()}
