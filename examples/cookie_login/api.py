"""The API: a login by cookie, and no forged requests.

Two things go together:

- The policy lets one origin, and no other, read responses with credentials. With
  ``enforce="unsafe"`` it also refuses, before a view runs, what other origins send to
  change something: no form needs a token.
- The cookie is for HTTPS only (``Secure``), out of reach of scripts (``HttpOnly``),
  and is sent across sites (``SameSite=None``), because that is where the page is. Where
  page and API are below one registrable domain, ``SameSite=Lax`` does, and is better.

No view changes anything for GET, which ``enforce="unsafe"`` lets pass.
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

    :param page_origin: the one origin whose pages may use it.
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
        session.clear()  # What was stored before the login may be of somebody else.
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
