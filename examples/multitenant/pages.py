"""The front ends: the same page for each tenant, each on an origin of its own."""

from __future__ import annotations

from flask import Flask, render_template

from .store import TENANTS


def create_page(tenant: str, api: str) -> Flask:
    """Return the front end of *tenant*, which asks the API at *api*."""
    app = Flask(__name__)
    (other,) = (name for name in TENANTS if name != tenant)

    @app.get("/")
    def index() -> str:
        return render_template("page.html", tenant=tenant, other=other, api=api)

    return app
