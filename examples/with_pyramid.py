"""A Pyramid application with a policy.

``python -m examples.with_pyramid`` serves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPForbidden
from pyramid.request import Request

from flask_cors_policy import CORSMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def item(request: Request) -> dict[str, Any]:
    """Return or save an item."""
    return {"item": int(request.matchdict["item"]), "method": request.method}


def secret(request: Request) -> None:
    """Answer 403, which the page can read."""
    raise HTTPForbidden


def create_application() -> WSGIApplication:
    """Return the Pyramid application."""
    with Configurator() as config:
        config.add_route("item", "/items/{item}")
        config.add_view(item, route_name="item", renderer="json")
        config.add_route("secret", "/secret")
        config.add_view(secret, route_name="secret")
        application: WSGIApplication = config.make_wsgi_app()
    return application


app = CORSMiddleware(
    create_application(),
    origins=["https://app.example.com", "https://*.preview.example.com"],
    methods=["PUT", "DELETE"],
    allow_headers="Content-Type",
)

if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/items/1"))
