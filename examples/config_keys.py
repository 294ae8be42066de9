"""A Flask application with a policy in its config.

``python -m examples.config_keys`` serves it. The keys can also come from the
environment (``app.config.from_prefixed_env()``) or from a file.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, abort

from flask_cors_policy import CORS

app = Flask(__name__)
app.config.update(
    CORS_ORIGINS=["https://app.example.com", "http://localhost:*"],
    CORS_ALLOW_HEADERS=["Content-Type"],
    CORS_MAX_AGE=600,
)
CORS(app)

ITEMS = {1: "a hammer", 2: "a saw"}


@app.get("/items/<int:item>")
def get_item(item: int) -> dict[str, Any]:
    """Return an item. The page can read a 404, too."""
    if item not in ITEMS:
        abort(404)
    return {"item": item, "name": ITEMS[item]}


@app.put("/items/<int:item>")
def put_item(item: int) -> dict[str, Any]:
    """Save an item. The policy allows PUT because of this view."""
    return {"item": item, "saved": True}


if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/items/1"))
