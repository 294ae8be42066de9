"""An application for the tests that need a server of its own.

``python -m tests.flask.served_app`` serves it with ``app.run(debug=True)``;
``flask --app tests.flask.served_app run`` makes it in a factory.
"""

from __future__ import annotations

import os

from flask import Flask

from flask_cors_policy import CORS, cross_origin

from .helpers import A, B


def create_app() -> Flask:
    """Return the application; ``TESTING`` is on where the environment says so."""
    app = Flask(__name__)
    app.config["TESTING"] = os.environ.get("SERVED_TESTING") == "1"
    app.config["CORS_ORIGINS"] = A
    CORS(app)

    @app.route("/ok", methods=["GET", "PUT"])
    def ok() -> str:
        return "fine"

    @app.route("/crash", methods=["GET", "POST"])
    def crash() -> str:
        raise LookupError("the cupboard is bare")

    @app.route("/strict-crash")
    @cross_origin(origins=B)
    def strict_crash() -> str:
        raise LookupError("the cupboard is bare")

    return app


if __name__ == "__main__":
    create_app().run("127.0.0.1", 0, debug=True, use_reloader=False)
