"""An application for gunicorn whose origins live in the store that ``STORE`` names."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.sources import RedisOrigins, SQLAlchemyOrigins

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TIMEOUT = float(os.environ.get("LOOKUP_TIMEOUT", "0.4"))
STALE_IF_ERROR = 60.0
SQL_TTL = 0.5
MAXSIZE = int(os.environ.get("CACHE_MAXSIZE", "10000"))

# The faults are wanted; what else goes wrong shall stand alone in the server's log.
logging.getLogger("flask_cors_policy").addHandler(logging.NullHandler())
logging.getLogger("flask_cors_policy").propagate = False


def source(url: str) -> RedisOrigins | SQLAlchemyOrigins:
    """Return the source of origins at *url*."""
    if url.startswith("redis:"):
        return RedisOrigins(
            url,
            timeout=TIMEOUT,
            stale_if_error=STALE_IF_ERROR,
            retry_after=0.2,
            maxsize=MAXSIZE,
        )
    return SQLAlchemyOrigins(
        url,
        ttl=SQL_TTL,
        negative_ttl=SQL_TTL,
        timeout=TIMEOUT,
        stale_if_error=STALE_IF_ERROR,
        retry_after=0.2,
        maxsize=MAXSIZE,
    )


def inner(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Say which process answers."""
    body = str(os.getpid()).encode()
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]


def create_app() -> CORSMiddleware:
    """Return the application."""
    return CORSMiddleware(inner, Policy(origins=source(os.environ["STORE"])))
