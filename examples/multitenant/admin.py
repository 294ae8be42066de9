"""The admin page: which origins each tenant has. For people at this machine only."""

from __future__ import annotations

import ipaddress
import secrets
from urllib.parse import urlsplit

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from flask_wtf import CSRFProtect
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from flask_cors_policy import PolicyError

from .store import TENANTS, Store, open_store


def create_app(store: Store | None = None) -> Flask:
    """Return the admin page.

    It answers to loopback only: the address it is asked from must be one, and so must
    the host that it is asked for, or else any site could lead a name of its own here
    (DNS rebinding). Each form carries a token (Flask-WTF), or else any site could send
    it in the user's name. It has no CORS policy: no other origin has business here.

    :param store: where the origins are; by default, where the environment says.
    """
    app = Flask(__name__)
    app.config["SECRET_KEY"] = secrets.token_bytes()
    app.config["SESSION_COOKIE_NAME"] = "multitenant_admin"
    app.config["SESSION_COOKIE_SAMESITE"] = "Strict"
    CSRFProtect(app)
    origins = store or open_store()

    @app.before_request
    def only_from_this_machine() -> None:
        host = urlsplit(f"//{request.host}").hostname or ""
        if not (is_loopback(request.remote_addr or "") and is_loopback(host)):
            abort(403)

    @app.errorhandler(RedisError)
    @app.errorhandler(SQLAlchemyError)
    def store_fails(error: Exception) -> tuple[str, int]:
        return "The store does not answer. Try again later.\n", 503

    @app.get("/")
    def index() -> str:
        listed = {tenant: origins.origins(tenant) for tenant in TENANTS}
        return render_template("admin.html", tenants=listed)

    @app.post("/<any(acme, globex):tenant>/add")
    def add(tenant: str) -> Response:
        try:
            origins.add(request.form["origin"].strip(), tenant)
        except PolicyError as error:
            for problem in error.problems:
                flash(f"{problem.message} {problem.hint}")
        return redirect(url_for("index"))

    @app.post("/<any(acme, globex):tenant>/remove")
    def remove(tenant: str) -> Response:
        origins.remove(request.form["origin"], tenant)
        return redirect(url_for("index"))

    return app


def is_loopback(host: str) -> bool:
    """Say whether *host* is this machine, whoever answers for names."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
