"""The front end: one page, from an origin of its own."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response


def create_page(api_origin: str) -> Flask:
    """Return the application that serves the page.

    :param api_origin: of the API that the page talks to.
    """
    app = Flask(__name__)
    html = Path(__file__).with_name("page.html").read_text(encoding="utf-8")

    @app.get("/")
    def index() -> Response:
        return Response(html.replace("{{api}}", api_origin), mimetype="text/html")

    return app
