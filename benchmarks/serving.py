"""The application that real servers serve, with the middleware or without it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from flask_cors_policy import CORSMiddleware

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

GOVERNED: Final = "BENCHMARK_GOVERNED"
"""The environment variable that says whether the middleware is to be there."""
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


def governed(app: WSGIApplication) -> WSGIApplication:
    """Put the policy that is measured around *app*."""
    return CORSMiddleware(
        app, origins=ALLOWED, methods="PUT", allow_headers="X-Token", max_age=600
    )


app: WSGIApplication = governed(answer) if os.environ.get(GOVERNED) else answer
