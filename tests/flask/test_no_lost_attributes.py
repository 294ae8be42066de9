"""Responses of an application's own class are served behind layers as without them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Response

from flask_cors_policy import CORS

from .helpers import A, request


class Timed(Response):
    """A response that keeps what it knows in a slot."""

    __slots__ = ("seconds",)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.seconds = 3

    def get_wsgi_headers(self, environ: Any) -> Any:
        headers = super().get_wsgi_headers(environ)
        headers["Server-Timing"] = f"view;dur={self.seconds}"
        return headers


@pytest.mark.parametrize("how", ["directly", "behind a layer", "bypass"])
def test_a_response_with_slots_keeps_what_is_in_them(how: str) -> None:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/x", view_func=lambda: Timed("x"), endpoint="x")
    flask_app = app.wsgi_app
    if how == "behind a layer":
        app.wsgi_app = lambda *call: flask_app(*call)  # type: ignore[method-assign]
    CORS(app, origins=A)
    if how == "bypass":
        app.wsgi_app = flask_app  # type: ignore[method-assign]
    response = app.test_client().get("/x", headers={"Origin": A})
    assert response.headers["Server-Timing"] == "view;dur=3"
    assert request(app, "/x").status == 200
