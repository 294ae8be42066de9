"""The API: one part for everybody, one for two origins, both cacheable."""

from __future__ import annotations

from itertools import count
from typing import Any

from flask import Flask, Response

from flask_cors_policy import CORS, cross_origin

app = Flask(__name__)
CORS(app, origins="*", expose_headers="X-Cache", max_age=7200)

_served = count(1)


@app.after_request
def let_caches_keep_it(response: Response) -> Response:
    """Let shared caches, as nginx, keep what is served here for a minute."""
    response.headers.setdefault("Cache-Control", "public, max-age=60")
    return response


@app.get("/public/rates")
def rates() -> dict[str, Any]:
    """Serve everybody the same: ``*``, and no Vary."""
    return {"served": next(_served), "rates": {"EUR": 1.0, "KRW": 1598.4} | _MORE}


@app.get("/members/rates")
@cross_origin(origins=["https://a.example.com", "https://b.example.com"])
def members_rates() -> dict[str, Any]:
    """Serve two origins: each gets its own answer, and caches keep them apart."""
    return {"served": next(_served)}


# So that a response is worth compressing.
_MORE = {f"X{number:02}": number / 7 for number in range(60)}
