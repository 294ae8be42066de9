"""A Bottle application with a policy.

``python -m examples.with_bottle`` serves it.
"""

from __future__ import annotations

from typing import Any

from bottle import Bottle, HTTPError

from flask_cors_policy import CORSMiddleware

bottle = Bottle()


@bottle.get("/items/<item:int>")
def get_item(item: int) -> dict[str, Any]:
    """Return an item. The page can read a 404, too."""
    if item > 1:
        raise HTTPError(404, "no such item")
    return {"item": item}


@bottle.put("/items/<item:int>")
def put_item(item: int) -> dict[str, Any]:
    """Save an item."""
    return {"item": item, "saved": True}


app = CORSMiddleware(
    bottle,
    origins="https://app.example.com",
    methods="PUT",
    allow_headers="Content-Type",
)

if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/items/1"))
