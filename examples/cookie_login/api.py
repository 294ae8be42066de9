"""An API with a login by cookie that refuses forged requests.

It needs a policy and a cookie with the right attributes:

- The policy lets one origin read responses with credentials. ``enforce="unsafe"`` also
  refuses requests of other origins that may change data, so forms need no token.
- The cookie is sent over HTTPS only (``Secure``), scripts cannot read it
  (``HttpOnly``), and it is sent to another site (``SameSite=None``). If page and API
  are below one registrable domain, use ``SameSite=Lax`` instead.

``enforce="unsafe"`` lets GET pass, so no view changes data for GET.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from flask import Flask, abort, request, session

from flask_cors_policy import CORS

USERS = {"ada": "analytical"}


def create_api(page_origin: str) -> Flask:
    """Return the API.

    :param page_origin: the only origin whose pages may use the API.
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_NAME="__Host-session",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="None",
        CORS_ORIGINS=page_origin,
        CORS_SUPPORTS_CREDENTIALS=True,
        CORS_ALLOW_HEADERS="Content-Type",
        CORS_ENFORCE="unsafe",
        CORS_MAX_AGE=600,
    )
    CORS(app)

    @app.post("/login")
    def login() -> dict[str, Any]:
        sent = request.get_json()
        name, password = str(sent.get("name", "")), str(sent.get("password", ""))
        known = USERS.get(name, "")
        if not known or not hmac.compare_digest(known.encode(), password.encode()):
            abort(401)
        session.clear()  # Its content may be another user's.
        session["name"] = name
        return {"name": name}

    @app.get("/me")
    def me() -> dict[str, Any]:
        if "name" not in session:
            abort(401)
        return {"name": session["name"], "notes": session.get("notes", [])}

    @app.post("/notes")
    def write_note() -> dict[str, Any]:
        if "name" not in session:
            abort(401)
        text = str(request.get_json().get("text", ""))
        session["notes"] = [*session.get("notes", []), text]
        return {"notes": session["notes"]}

    @app.post("/logout")
    def logout() -> dict[str, Any]:
        session.clear()
        return {}

    return app
