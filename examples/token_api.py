"""An API whose clients send a token in the Authorization header.

``python -m examples.token_api`` serves it. It uses no cookies, so the policy does not
set ``supports_credentials``. Authorization is a header like others, and is listed.
"""

from __future__ import annotations

import hmac
from typing import Any

from flask import Flask, Response, jsonify, request

from flask_cors_policy import CORS

TOKENS = {"t0ken-of-ada": "Ada"}

app = Flask(__name__)
CORS(
    app,
    origins=["https://app.example.com", "http://localhost:*"],
    allow_headers=["Authorization", "Content-Type"],
    expose_headers="WWW-Authenticate",
    max_age=7200,
)


def user() -> str | None:
    """Return the user that the token names."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    for token, name in TOKENS.items():
        if hmac.compare_digest(token.encode(), sent.encode()):
            return name
    return None


@app.before_request
def authenticate() -> Response | None:
    """Refuse requests without a token. Preflights do not run this."""
    if user() is not None:
        return None
    response = jsonify(error="a token is needed")
    response.status_code = 401
    response.headers["WWW-Authenticate"] = 'Bearer realm="items"'
    return response


@app.get("/items")
def get_items() -> dict[str, Any]:
    """Return the items of the user."""
    return {"owner": user(), "items": ["a hammer"]}


@app.delete("/items/<int:item>")
def delete_item(item: int) -> dict[str, Any]:
    """Delete an item."""
    return {"deleted": item}


if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/items", headers=("Authorization: Bearer t0ken-of-ada",)))
