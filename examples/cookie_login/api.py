"""The API: a login by cookie, and a token against forged requests.

Three things go together, and none of them replaces another:

- The policy lets one origin, and no other, read responses with credentials, and
  ``enforce`` refuses what other origins send before a view runs.
- The cookie is for HTTPS only (``Secure``), out of reach of scripts (``HttpOnly``),
  and is sent across sites (``SameSite=None``), because that is where the page is. Where
  page and API are below one registrable domain, ``SameSite=Lax`` does, and is better.
- Every request that changes something carries a token, which only a page that may
  read responses can know. It holds where an Origin header is missing as well.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from flask import Flask, abort, request, session

from flask_cors_policy import CORS

USERS = {"ada": "analytical"}
CSRF_HEADER = "X-CSRF-Token"


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
        CORS_ALLOW_HEADERS=["Content-Type", CSRF_HEADER],
        CORS_ENFORCE=True,
        CORS_MAX_AGE=600,
    )
    CORS(app)
    app.before_request(_check_token)

    @app.post("/login")
    def login() -> dict[str, Any]:
        sent = request.get_json()
        name, password = str(sent.get("name", "")), str(sent.get("password", ""))
        known = USERS.get(name, "")
        if not known or not hmac.compare_digest(known.encode(), password.encode()):
            abort(401)
        session.clear()  # A session of before the login must not become the user's.
        session["name"] = name
        session["csrf"] = secrets.token_urlsafe(32)
        return {"name": name, "csrf": session["csrf"]}

    @app.get("/me")
    def me() -> dict[str, Any]:
        if "name" not in session:
            abort(401)
        return {"name": session["name"], "csrf": session["csrf"]}

    @app.post("/notes")
    def write_note() -> dict[str, Any]:
        session["notes"] = [*session.get("notes", []), request.get_json()["text"]]
        return {"notes": session["notes"]}

    @app.post("/logout")
    def logout() -> dict[str, Any]:
        session.clear()
        return {}

    return app


def _check_token() -> None:
    """Refuse what would change something without the session's token."""
    if request.method in ("GET", "HEAD", "OPTIONS") or request.endpoint == "login":
        return
    known = session.get("csrf", "")
    sent = request.headers.get(CSRF_HEADER, "")
    if not known or not hmac.compare_digest(known.encode(), sent.encode()):
        abort(403)
