"""The API: one path for each tenant, open to the origins of that tenant."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, request

from flask_cors_policy import CORS

from .store import TENANTS, Store, open_store


def create_app(store: Store | None = None) -> Flask:
    """Return the API.

    :param store: where the origins are; by default, where the environment says.
    """
    app = Flask(__name__)
    CORS(app, origins=store or open_store(), allow_headers="Content-Type")
    items: dict[str, list[str]] = {tenant: ["a first item"] for tenant in TENANTS}

    @app.get("/<any(acme, globex):tenant>/items")
    def list_items(tenant: str) -> dict[str, Any]:
        return {"tenant": tenant, "items": items[tenant], "worker": os.getpid()}

    @app.put("/<any(acme, globex):tenant>/items")
    def put_items(tenant: str) -> dict[str, Any]:
        """Change nothing: a demo has no memory that its workers share."""
        return {"tenant": tenant, "items": request.get_json(), "worker": os.getpid()}

    return app
