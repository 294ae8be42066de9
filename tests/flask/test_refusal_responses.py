"""``refusal_response``: the application's own answer to what ``enforce`` refuses."""

from __future__ import annotations

import logging
from typing import Any

import flask
import pytest
from werkzeug.exceptions import Conflict

from flask_cors_policy import CORS, cross_origin

from .helpers import EVIL, MISS, A, B, allowed
from .sites import Site

PAGE = {"error": "not from here"}


def page() -> Any:
    return PAGE, 500, {"X-Own": "1", "Access-Control-Allow-Origin": "*"}


@pytest.fixture(params=["application", "view", "behind a layer", "bypass", "in config"])
def site(request: pytest.FixtureRequest) -> Site:
    site = Site()
    own: dict[str, Any] = {"refusal_response": page}
    if request.param == "in config":
        site.app.config["CORS_REFUSAL_RESPONSE"] = own.pop("refusal_response")
    if request.param == "view":
        CORS(site.app, origins=B, **own)
        site.add("/x", "x", "POST", mark=cross_origin(origins=A, enforce=True))
    else:
        CORS(site.app, origins=A, enforce=True, **own)
        site.add("/x", "x", "POST")
    if request.param == "behind a layer":
        site.wrap(lambda app: lambda environ, start: app(environ, start))
    if request.param == "bypass":
        site.app.wsgi_app = site.plain  # type: ignore[assignment, method-assign]
    return site


def test_a_refused_request_gets_its_body_and_none_of_its_cors_headers(
    site: Site,
) -> None:
    response = site.send("/x", "POST", EVIL)
    assert (response.status_code, response.get_json()) == (403, PAGE)
    assert response.headers["X-Own"] == "1"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Type"] == "application/json"
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert site.visit("/x", "POST", EVIL) == (403, MISS, [])


def test_other_requests_are_answered_as_without_it(site: Site) -> None:
    assert site.visit("/x", "POST", A) == (200, allowed(A), ["x"])
    refused = site.ask("/x", "POST", EVIL)
    assert (refused.status, refused.ran) == (403, [])
    assert (
        site.send("/x", "OPTIONS", EVIL, {"Access-Control-Request-Method": "PUT"}).data
        == b""
    )


def test_a_head_request_gets_the_length_and_no_body() -> None:
    site = Site()
    site.add("/x", "x")
    CORS(site.app, origins=A, enforce=True, refusal_response=page)
    headers = {"Sec-Fetch-Site": "cross-site"}
    response = site.send("/x", "HEAD", EVIL, headers)
    assert (response.status_code, response.data) == (403, b"")
    assert int(response.headers["Content-Length"]) > 0


@pytest.mark.parametrize("error", [RuntimeError("no"), Conflict()])
def test_a_refusal_response_that_raises_leaves_the_empty_answer(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> str:
        raise error

    site = Site()
    site.add("/x", "x", "POST")
    CORS(site.app, origins=A, enforce=True, refusal_response=fails)
    with caplog.at_level(logging.ERROR, "flask_cors_policy"):
        response = site.send("/x", "POST", EVIL)
    assert (response.status_code, response.data) == (403, b"")
    assert [each.__dict__["cors_reason"] for each in caplog.records[-1:]] == [
        "refusal-response-failed"
    ]


def test_it_knows_the_request_that_it_answers() -> None:
    site = Site()
    site.add("/items/<int:item>", "items", "POST")

    def about() -> dict[str, Any]:
        return {"path": flask.request.path, "endpoint": flask.request.endpoint}

    CORS(site.app, origins=A, enforce=True, refusal_response=about)
    answer = site.send("/items/7", "POST", EVIL).get_json()
    assert answer == {"path": "/items/7", "endpoint": "items"}


def test_it_sets_no_cookie_and_later_functions_do_not_change_it() -> None:
    site = Site()
    site.add("/x", "x", "POST")

    @site.app.after_request
    def opens(response: flask.Response) -> flask.Response:
        response.status_code = 200
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def logs_in() -> str:
        flask.session["user"] = 1
        return "no"

    CORS(site.app, origins=A, enforce=True, refusal_response=logs_in)
    response = site.send("/x", "POST", EVIL)
    assert (response.status_code, response.data) == (403, b"no")
    assert "Set-Cookie" not in response.headers
    assert site.visit("/x", "POST", EVIL) == (403, MISS, [])


def test_it_may_be_asynchronous() -> None:
    async def page() -> str:
        return "no"

    site = Site()
    site.add("/x", "x", "POST")
    CORS(site.app, origins=A, enforce=True, refusal_response=page)
    assert site.send("/x", "POST", EVIL).data == b"no"


def test_a_withheld_answer_stays_empty() -> None:
    site = Site()

    def view() -> str:
        cross_origin(origins=B, enforce=True)(site.app.view_functions["late"])
        return "secret"

    site.app.add_url_rule("/late", "late", view)
    CORS(site.app, origins=A, refusal_response=page)
    response = site.send("/late", "GET", A)
    assert (response.status_code, response.data) == (403, b"")
