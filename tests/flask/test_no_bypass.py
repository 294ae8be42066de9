"""Requests that do not come through the middleware around ``app.wsgi_app``."""

from __future__ import annotations

import flask
import pytest
from flask import Response
from flask.views import MethodView

from flask_cors_policy import CORS, cors_exempt, cross_origin

from .helpers import EVIL, MISS, A
from .sites import Site


def log_in() -> str:
    flask.session["user"] = "attacker"
    return "logged in"


@pytest.mark.parametrize("bypasses", [False, True])
def test_an_answer_that_is_withheld_sets_no_cookie(bypasses: bool) -> None:
    """With a session that another site began, its user would work as somebody else."""
    site = Site()
    CORS(site.app, origins=A)

    class Login(MethodView):
        @cors_exempt
        def get(self) -> str:
            return "form"

        @cross_origin(enforce=True)
        def post(self) -> str:
            return log_in()

    site.app.add_url_rule("/x", view_func=Login.as_view("login"))

    @site.app.before_request
    def override() -> None:
        flask.request.method = flask.request.args.get("_method", flask.request.method)

    through = site.plain if bypasses else None
    response = site.send("/x?_method=POST", "GET", EVIL, through=through)
    assert (response.status_code, response.data) == (403, b"")
    assert "Set-Cookie" not in response.headers
    assert response.headers["Vary"] == "Origin"


def test_a_refused_request_does_not_renew_a_permanent_session() -> None:
    site = Site()
    CORS(site.app, origins=A, enforce=True)

    @site.app.post("/x")
    def view() -> str:
        flask.session.permanent = True
        return log_in()

    cookie = site.send("/x", "POST", None).headers["Set-Cookie"]
    response = site.send("/x", "POST", EVIL, {"Cookie": cookie.partition(";")[0]})
    assert response.status_code == 403
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("bypasses", [False, True])
def test_a_response_that_switches_protocols_is_left_alone(bypasses: bool) -> None:
    site = Site()
    CORS(site.app, origins=A)

    @site.app.get("/x")
    def view() -> Response:
        headers = {"Access-Control-Allow-Origin": "own", "Upgrade": "websocket"}
        return Response(status=101, headers=headers)

    through = site.plain if bypasses else None
    own = {"Access-Control-Allow-Origin": "own"}
    assert site.visit("/x", through=through) == (101, own, [])
    assert site.visit("/x", origin=EVIL, through=through) == (101, own, [])


def test_the_first_bypassed_answer_has_its_headers_even_if_no_function_ran() -> None:
    site = Site()

    @site.app.url_value_preprocessor
    def failing(*_: object) -> None:
        raise LookupError

    CORS(site.app, origins=A)
    site.add("/x", "x")
    for _ in range(2):
        assert site.visit("/x", origin=EVIL, through=site.plain) == (500, MISS, [])
