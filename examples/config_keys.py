"""A Flask application whose policy stands in its config.

``python -m examples.config_keys`` serves it. The keys could as well come from the
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
    """Return an item; the page can read the 404 of one that is not there."""
    if item not in ITEMS:
        abort(404)
    return {"item": item, "name": ITEMS[item]}


@app.put("/items/<int:item>")
def put_item(item: int) -> dict[str, Any]:
    """Take an item. PUT is listed to preflights because this view is here."""
    return {"item": item, "saved": True}


if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/items/1"))
