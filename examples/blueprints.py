"""Blueprints with different policies: a shop, its partners, and its staff.

``python -m examples.blueprints`` serves it. A blueprint inherits the options that it
omits from the application, here ``max_age``.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask

from flask_cors_policy import CORS, cors_exempt

shop = Blueprint("shop", __name__, url_prefix="/shop")
partners = Blueprint("partners", __name__, url_prefix="/partners")
staff = Blueprint("staff", __name__, url_prefix="/staff")
internal = cors_exempt(Blueprint("internal", __name__, url_prefix="/internal"))

CORS(
    partners,
    origins="https://*.partner.example",
    allow_headers="Authorization",
)
CORS(
    staff,
    origins="https://staff.example.com",
    supports_credentials=True,
)


@shop.get("/items")
def items() -> dict[str, Any]:
    """The policy of the application applies."""
    return {"items": ["a hammer"]}


@partners.get("/orders")
def orders() -> dict[str, Any]:
    """Partners send a token."""
    return {"orders": []}


@staff.delete("/items/<int:item>")
def delete_item(item: int) -> dict[str, Any]:
    """The page of the staff sends cookies."""
    return {"deleted": item}


@internal.get("/metrics")
def metrics() -> str:
    """No page may read this."""
    return "requests 1\n"


def create_app() -> Flask:
    """Return the application."""
    app = Flask(__name__)
    CORS(app, origins="https://shop.example.com", max_age=600)
    for blueprint in (shop, partners, staff, internal):
        app.register_blueprint(blueprint)
    return app


app = create_app()

if __name__ == "__main__":
    from .serve import Attempt, serve

    serve(app, Attempt("/partners/orders", "https://a.partner.example"))
