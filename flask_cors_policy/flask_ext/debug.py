"""Debug mode: an unhandled exception as an answer that the page can read.

Werkzeug's debugger answers without CORS headers, so that browsers hide what it says
behind a "CORS error".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..core.errors import plain
from ..handler import cors_request
from ..wsgi import is_preflight

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask import Flask

    from .visit import Visit


def readable_error(
    app: Flask,
    visit: Visit,
    environ: WSGIEnvironment,
    start_response: StartResponse,
    error: Exception,
) -> Iterable[bytes]:
    """Answer 500 in plain text if a page may read it, and log the traceback.

    :param visit: what was decided about the request.
    :raises Exception: *error*, if no page may read it, or if exceptions propagate
        because the application says so.
    """
    propagates = app.testing or app.config["PROPAGATE_EXCEPTIONS"] is not None
    decision = visit.decision
    if propagates or decision is None or decision.reason.denied:
        raise error
    request = cors_request(environ)
    if request.origin is None or request.is_same_origin or is_preflight(environ):
        raise error
    path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
    app.logger.error("Exception on %s [%s]", plain(path), plain(method), exc_info=error)
    body = (
        f"500 Internal Server Error\n\n{_text(error)}\n\n"
        "The traceback is in the server's log.\n"
    ).encode(errors="backslashreplace")
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
    ]
    start_response("500 Internal Server Error", headers)
    return [body]


def _text(error: Exception) -> str:
    name = type(error).__name__
    try:
        return f"{name}: {error}"
    except Exception:  # It cannot even say what it is.
        return name
