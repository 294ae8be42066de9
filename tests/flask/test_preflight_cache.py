"""What browsers keep of a preflight opens nothing under another policy.

Several views share one URL, and browsers keep methods and headers by URL. Each page
here is played by the browser model.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.views import MethodView

from flask_cors_policy import cors_exempt, cross_origin
from flask_cors_policy.devtools.browser import (
    ENGINES,
    Engine,
    Outcome,
    Page,
    PageRequest,
    PreflightCache,
    Received,
    Sent,
    drive,
    fetch,
)

from .helpers import EVIL, MISS, A, B, allowed, make_app, marked, ok, preflight

URL = "https://api.example/x"
JSON = (("Content-Type", "application/json"),)
ASKED = {"Access-Control-Request-Headers": "content-type"}


class Tab:
    """A page that is open in a browser, and what that keeps of preflights."""

    def __init__(self, app: Flask, origin: str, engine: Engine) -> None:
        self._client = app.test_client()
        self._page = Page(origin, engine)
        self._cache = PreflightCache(engine)

    def fetch(self, method: str) -> Outcome:
        request = PageRequest(URL, method, JSON)
        return drive(fetch(self._page, request, self._cache), self._send)

    def _send(self, sent: Sent) -> Received:
        response = self._client.open(
            "/x",
            method=sent.method,
            headers=list(sent.headers),
            base_url="https://api.example",
        )
        return Received(response.status_code, tuple(response.headers), response.data)


def strict_view() -> Callable[..., str]:
    return marked(B)


def exempt_view() -> Callable[..., str]:
    return cors_exempt(lambda: "own")


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize("first", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("view", [strict_view, exempt_view])
def test_a_header_that_one_view_allows_opens_no_other(
    view: Callable[[], Callable[..., str]], first: str, engine: Engine
) -> None:
    """JSON cannot be posted to a strict view because a lax one takes it.

    POST need not be in any list; only the header stops it. No route serves DELETE.
    """
    app = make_app("*", allow_headers="Content-Type", max_age=600)
    posted: list[str] = []

    def post() -> str:
        posted.append("posted")
        return "x"

    inner = view()
    post.__dict__.update(inner.__dict__)
    app.add_url_rule("/x", "lax", ok, methods=["GET", "PUT"])
    app.add_url_rule("/x", "strict", post, methods=["POST"])
    tab = Tab(app, EVIL, engine)
    assert tab.fetch(first).failure is None
    assert tab.fetch("POST").failure is not None
    assert posted == []
    assert tab.fetch(first).preflight_spared is False


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize("second", [strict_view, lambda: marked("*")])
def test_an_answer_is_kept_only_where_the_url_has_one_policy(
    second: Callable[[], Callable[..., str]], engine: Engine
) -> None:
    app = make_app("*", allow_headers="Content-Type", max_age=600)
    app.add_url_rule("/x", "lax", ok, methods=["GET", "PUT"])
    app.add_url_rule("/x", "second", second(), methods=["POST"])
    is_one = second is not strict_view
    tab = Tab(app, B, engine)  # Both policies allow this origin.
    assert tab.fetch("GET").preflight_spared is False
    assert tab.fetch("POST").failure is None
    assert tab.fetch("GET").preflight_spared is is_one


def test_no_origin_may_keep_an_answer_of_a_url_with_two_policies() -> None:
    app = make_app([A, B], allow_headers="Content-Type", max_age=600)
    app.add_url_rule("/x", "lax", ok, methods=["PUT"])
    app.add_url_rule("/x", "strict", marked(B), methods=["POST"])
    app.add_url_rule("/y", "other", ok, methods=["PUT"])
    app.add_url_rule("/y", "listed", marked(B), methods=["DELETE", "GET"])
    app.add_url_rule("/z", "plain", ok, methods=["PUT"])
    app.add_url_rule("/z", "exempt", exempt_view(), methods=["GET"])
    for path in ("/x", "/y", "/z"):
        for origin in (A, B):
            assert preflight(app, path, "PUT", origin, ASKED) == (
                204,
                allowed(
                    origin,
                    methods="OPTIONS, PUT",
                    headers="Content-Type",
                    max_age="0",
                ),
            )
    assert preflight(app, "/x", "POST", A, ASKED) == (403, MISS)


def test_what_flask_itself_answers_is_no_second_policy() -> None:
    """OPTIONS of a class has no mark of its own here, and HEAD is GET's."""
    app = make_app([A, B], max_age=600)

    class Item(MethodView):
        @cross_origin(origins=B)
        def get(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Item.as_view("item"))
    assert preflight(app, "/x", "GET", B) == (
        204,
        allowed(B, methods="GET, HEAD", max_age="600"),
    )
    assert preflight(app, "/x", "GET", A) == (403, MISS)
