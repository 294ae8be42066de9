"""The application that real servers serve: bare, or in two ways with CORS headers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from flask_cors_policy import CORSMiddleware

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

VARIANT: Final = "BENCHMARK_VARIANT"
"""The environment variable that says which of ``VARIANTS`` to serve."""
ALLOWED: Final = tuple(f"https://tenant-{number}.example.com" for number in range(50))


def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with the origin that the request came from, as the application saw it."""
    body = environ.get("HTTP_ORIGIN", "none").encode()
    start_response(
        "200 OK",
        [
            ("Content-Type", "text/plain"),
            ("Content-Length", str(len(body))),
            ("Vary", "Accept-Encoding"),
            ("X-Seen-Origin", body.decode()),
        ],
    )
    return [body]


def by_hand(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Do what ``answer`` does, and send the headers of an allowed origin.

    So it is known what a server takes for longer headers, whoever has put them there.
    """
    origin: str = environ.get("HTTP_ORIGIN", "none")
    start_response(
        "200 OK",
        [
            ("Content-Type", "text/plain"),
            ("Content-Length", str(len(origin))),
            ("Vary", "Accept-Encoding, Origin"),
            ("X-Seen-Origin", origin),
            ("Access-Control-Allow-Origin", origin),
        ],
    )
    return [origin.encode()]


def with_policy(app: WSGIApplication) -> WSGIApplication:
    """Put the policy that is measured around *app*."""
    return CORSMiddleware(
        app, origins=ALLOWED, methods="PUT", allow_headers="X-Token", max_age=600
    )


VARIANTS: Final[Mapping[str, WSGIApplication]] = {
    "bare": answer,
    "bare again": answer,
    "by hand": by_hand,
    "middleware": with_policy(answer),
}
app: Final = VARIANTS[os.environ.get(VARIANT, "bare")]
