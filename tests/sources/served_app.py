"""An application for gunicorn whose origins live in the store that ``STORE`` names.

Other variables set what the source is given; the log goes to stderr.
"""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING, Any

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.sources import RedisOrigins, SQLAlchemyOrigins, status

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TIMEOUT = float(os.environ.get("LOOKUP_TIMEOUT", "1.5"))
RETRY_AFTER = float(os.environ.get("RETRY_AFTER", "1"))
STALE_IF_ERROR = 60.0
SQL_TTL = float(os.environ.get("SQL_TTL", "2"))
NEGATIVE_TTL = min(SQL_TTL, 0.5)
OPTIONS: dict[str, Any] = json.loads(os.environ.get("SOURCE_OPTIONS", "{}"))


def source(url: str) -> RedisOrigins | SQLAlchemyOrigins:
    """Return the source of origins at *url*."""
    options: dict[str, Any] = {
        "timeout": TIMEOUT,
        "stale_if_error": STALE_IF_ERROR,
        "retry_after": RETRY_AFTER,
        **OPTIONS,
    }
    if url.startswith("redis:"):
        return RedisOrigins(url, **options)
    options = {"ttl": SQL_TTL, "negative_ttl": NEGATIVE_TTL, **options}
    return SQLAlchemyOrigins(url, **options)


def inner(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Say what was asked for."""
    body = environ["PATH_INFO"].encode()
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]


def create_app() -> Any:
    """Return the application. Each answer, also a preflight's, names its process."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    status.MOST_LINES = int(os.environ.get("LOG_LINES", status.MOST_LINES))  # type: ignore[misc]
    policy = Policy(origins=source(os.environ["STORE"]), methods="PUT")
    app = CORSMiddleware(inner, policy)

    def named(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            process = ("X-Process", str(os.getpid()))
            return start_response(status, [*headers, process], *more)

        return app(environ, start)

    return named
