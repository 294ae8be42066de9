"""A plain WSGI application with two policies.

``python -m examples.plain_wsgi`` serves it. Requests to a path
without a rule, such as /login, pass unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask_cors_policy import CORSMiddleware, Policy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def application(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer with the path of the request."""
    body = json.dumps({"path": environ["PATH_INFO"]}).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
    ]
    start_response("200 OK", headers)
    return [body]


app = CORSMiddleware(
    application,
    {
        "/public/*": Policy(origins="*"),
        "/api/*": Policy(
            origins="https://app.example.com",
            methods=["PUT", "DELETE"],
            allow_headers=["Content-Type"],
            supports_credentials=True,
        ),
    },
)

if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/api/items"))
