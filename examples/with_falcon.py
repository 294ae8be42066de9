"""A Falcon application with a policy.

``python -m examples.with_falcon`` serves it. Leave ``cors_enable=True`` out of
``falcon.App``: only the policy may set CORS headers.
"""

from __future__ import annotations

import falcon

from flask_cors_policy import CORSMiddleware


class Item:
    """One item."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Return it, with an ETag that pages can read."""
        response.media = {"item": 1}
        response.etag = "v1"

    def on_patch(self, request: falcon.Request, response: falcon.Response) -> None:
        """Change it."""
        response.media = {"item": 1, "saved": True}


api = falcon.App()
api.add_route("/items/1", Item())

app = CORSMiddleware(
    api,
    origins="https://app.example.com",
    methods="PATCH",
    allow_headers="Content-Type",
    expose_headers="ETag",
)

if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/items/1"))
