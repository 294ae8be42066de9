"""What the tests of the test client share: an application that echoes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask_cors_policy.testing import CORSBlocked

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

APP = "https://app.example.com"
OTHER_SITE = "https://other.example"


def told(error: CORSBlocked) -> str:
    """Return what an error says, before the messages that were exchanged."""
    return str(error).partition("\n\n")[0]


@dataclass
class Open:
    """Allow every page everything; answer with what was received, as JSON.

    :param headers: what is added to each response.
    :param statuses: status and headers by path, for other answers.
    """

    headers: list[tuple[str, str]] = field(default_factory=list)
    statuses: dict[str, tuple[str, list[tuple[str, str]]]] = field(default_factory=dict)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        status, own = self.statuses.get(path, ("200 OK", []))
        headers = [("Content-Type", "application/json"), *own, *self.headers]
        if "HTTP_ORIGIN" in environ:
            headers += [
                ("Access-Control-Allow-Origin", environ["HTTP_ORIGIN"]),
                ("Access-Control-Allow-Credentials", "true"),
                ("Access-Control-Allow-Methods", "PUT, DELETE"),
                ("Access-Control-Allow-Headers", "Content-Type, X-Token"),
                ("Access-Control-Expose-Headers", "X-Shown, Set-Cookie"),
                ("Access-Control-Max-Age", "60"),
            ]
        start_response(status, headers)
        body = environ["wsgi.input"].read().decode("latin-1")
        echo = {
            "url": f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{path}",
            "method": environ["REQUEST_METHOD"],
            "type": environ.get("CONTENT_TYPE"),
            "cookie": environ.get("HTTP_COOKIE"),
            "token": environ.get("HTTP_X_TOKEN"),
            "body": body,
        }
        return [json.dumps(echo).encode()]
