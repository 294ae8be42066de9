"""Rights per origin, asked by real pages of several origins."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request

from flask_cors_policy import CORS
from tests.browsers.page import Page

from .test_in_browsers import served, window  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browsers

ASK = """(url, method, credentials) => {
  window.told = "";
  fetch(url, {method, credentials}).then((response) => response.text())
    .then((text) => { window.told = text; }, (error) => { window.told = error.name; });
}"""


def api_of(front: str, partner: str) -> Flask:
    """Return an API with a front end, a partner that writes, and readers."""
    app = Flask("api")

    @app.route("/x", methods=["GET", "PUT"])
    def x() -> str:
        return f"{request.method} with cookie: {'login' in request.cookies}"

    origins: dict[str, Any] = {
        front: {"supports_credentials": True, "methods": ["PUT"]},
        partner: {"methods": ["PUT"]},
        "*": {"methods": []},
    }
    CORS(app, origins=origins, max_age=600)
    return app


def test_pages_may_do_what_the_item_of_their_origin_says(
    window: Page,  # noqa: F811
) -> None:
    api_app = Flask("api")
    with (
        served(Flask("front")) as front,
        served(Flask("partner")) as partner,
        served(Flask("reader")) as reader,
        served(api_app) as api,
    ):
        api_app.wsgi_app = api_of(front, partner).wsgi_app  # type: ignore[method-assign]
        found = []
        for page in (front, partner, reader, front):
            window.goto(f"{page}/")
            window.evaluate("() => { document.cookie = 'login=ada; path=/'; }")
            for method in ("GET", "PUT"):
                for credentials in ("omit", "include"):
                    window.evaluate(ASK, f"{api}/x", method, credentials)
                    window.wait_for("() => window.told !== ''")
                    found.append(window.evaluate("() => window.told"))
    plain = ["GET with cookie: False", "PUT with cookie: False"]
    both = ["GET with cookie: True", "PUT with cookie: True"]
    by_front = [plain[0], both[0], plain[1], both[1]]
    blocked = "TypeError"
    assert found == [
        *by_front,
        *(plain[0], blocked, plain[1], blocked),
        *(plain[0], blocked, blocked, blocked),
        *by_front,
    ]
