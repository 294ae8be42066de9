"""A preflight that announces no method is refused, whatever stands before Flask."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_cors_policy import CORS, cors_exempt

from .helpers import ASKED, EVIL, A, request


@pytest.mark.parametrize("how", ["directly", "behind a layer", "bypass"])
def test_a_view_for_options_serves_no_preflight_without_a_method(how: str) -> None:
    """No browser sends one. Werkzeug takes an empty method for that of the request."""
    served: list[str] = []
    app = Flask(__name__, static_folder=None)

    @app.route("/x", methods=["OPTIONS"], provide_automatic_options=False)
    @cors_exempt
    def options() -> str:
        served.append("options")
        return "x"

    @app.get("/x")
    def get() -> str:
        return "x"

    flask_app = app.wsgi_app
    if how == "behind a layer":
        app.wsgi_app = lambda *call: flask_app(*call)  # type: ignore[method-assign]
    CORS(app, origins=A, enforce=True)
    if how == "bypass":
        app.wsgi_app = flask_app  # type: ignore[method-assign]
    assert request(app, "/x", "OPTIONS", EVIL, {ASKED: ""}).status == 403
    assert served == []
