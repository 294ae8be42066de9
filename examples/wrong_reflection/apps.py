"""WRONG: do not copy. An API that trusts every origin, and the page of an attacker.

Much code looks like ``allow_every_origin`` below, because every "CORS error" goes away.
But then any page that the user opens can read the API as the user.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, jsonify, request

from examples.serve import page_of
from flask_cors_policy import CORS

SESSION = "session-of-ada"


def create_api() -> Flask:
    """Return an API with a login by cookie. It has no policy yet."""
    app = Flask(__name__)

    @app.post("/login")
    def login() -> Response:
        response = jsonify(name="Ada")
        response.set_cookie("session", SESSION, secure=True, samesite="None")
        return response

    @app.get("/me")
    def me() -> tuple[Response, int]:
        if request.cookies.get("session") != SESSION:
            return jsonify(error="not logged in"), 401
        return jsonify(name="Ada", iban="XX00 1234 5678"), 200

    return app


def create_wrong_api() -> Flask:
    """Return the API with a hole."""
    app = create_api()

    @app.after_request
    def allow_every_origin(response: Response) -> Response:
        origin = request.headers.get("Origin")
        if origin is not None:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
        return response

    return app


def create_right_api() -> Flask:
    """Return the same API with a policy."""
    app = create_api()
    CORS(app, origins="https://app.example.com", supports_credentials=True)
    return app


def create_attackers_page(api_origin: str) -> Flask:
    """Return the page of the attacker.

    :param api_origin: of the API to read.
    """
    return page_of(Path(__file__).with_name("attack.html"), api_origin)
