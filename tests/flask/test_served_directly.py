"""Where nothing stands between, and nothing may enforce, Flask is served directly."""

from __future__ import annotations

import sys
from typing import Any

import flask
import pytest
from flask import Response
from werkzeug.test import create_environ

from flask_cors_policy import CORS, cors_exempt, cross_origin

from .helpers import EVIL, MISS, NOTHING, A, B, allowed
from .sites import LateResponse, Site

ACAO = "Access-Control-Allow-Origin"

pytestmark = pytest.mark.usefixtures("no_marks")


def test_a_path_without_policy_is_left_alone() -> None:
    site = Site()
    site.add("/other", "other")
    site.add("/api/x", "x")
    CORS(site.app, origins=A, resources="/api/*")
    for _ in range(2):
        assert site.visit("/other") == (200, NOTHING, ["other"])
        assert site.visit("/api/x") == (200, allowed(A), ["x"])


def test_an_exempt_view_is_left_alone_beside_others() -> None:
    site = Site()
    site.add("/exempt", "exempt", mark=cors_exempt)
    site.add("/own", "own", mark=cross_origin(origins=B))
    site.add("/x", "x")
    CORS(site.app, origins=A)
    for _ in range(2):
        assert site.visit("/exempt") == (200, NOTHING, ["exempt"])
        assert site.visit("/own", origin=B) == (200, allowed(B), ["own"])
        assert site.visit("/x", origin=EVIL) == (200, MISS, ["x"])
        assert site.visit("/none") == (404, allowed(A), [])


@pytest.mark.parametrize("response_class", [Response, LateResponse])
def test_a_mark_that_comes_while_a_view_runs_withholds_its_answer(
    response_class: type[Response],
) -> None:
    site = Site()
    site.app.response_class = response_class

    def late() -> str:
        cross_origin(origins=B, enforce=True)(site.app.view_functions["late"])
        return "secret"

    site.app.add_url_rule("/late", "late", late)
    CORS(site.app, origins=A)
    response = site.send("/late")
    assert (response.status_code, response.data) == (403, b"")


def test_an_error_before_flask_has_a_context_has_the_policy_of_the_application() -> (
    None
):
    """Flask cannot open one: its own answer is a 400."""

    class Failing(flask.Request):
        def __init__(self, environ: Any, *args: Any, **more: Any) -> None:
            raise ValueError("no")

    site = Site()
    CORS(site.app, origins=A)
    site.app.request_class = Failing
    with pytest.raises(ValueError, match="no"):
        site.visit("/x")


def test_a_decorator_that_is_applied_in_a_request_raises_nothing() -> None:
    site = Site()
    wrong = cross_origin(origins="no origin at all")

    def view() -> str:
        return "x"

    with site.app.test_request_context("/"):
        assert wrong(view) is view


def unclosable() -> None:
    raise OSError("gone")


def test_a_body_that_cannot_be_closed_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def page() -> Response:
        response = Response("no")
        response.call_on_close(unclosable)
        return response

    site = Site()
    site.add("/x", "x", "POST")
    CORS(site.app, origins=A, enforce=True, refusal_response=page)
    assert site.send("/x", "POST", EVIL).status_code == 403
    codes = [each.__dict__["cors_reason"] for each in caplog.records]
    assert "close-failed" in codes


def starts_of(site: Site, origin: str) -> list[tuple[str, list[str]]]:
    """Return each status that a response starts with, and the origins it allows."""
    starts: list[tuple[str, list[str]]] = []

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        starts.append((status[:3], [value for name, value in headers if name == ACAO]))

    environ = create_environ("/x", headers={"Origin": origin})
    list(site.app.wsgi_app(environ, start))
    return starts


class Replacing(Response):
    """A response that starts again, as PEP 3333 lets it do on an error."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        try:
            raise LookupError("gone")
        except LookupError:
            headers = [("Content-Type", "text/plain"), ("Content-Length", "4")]
            start_response("500 Internal Server Error", headers, sys.exc_info())
        return [b"gone"]


@pytest.mark.parametrize("enforce", [False, True])
def test_a_response_that_starts_again_has_the_headers_too(enforce: bool) -> None:
    site = Site()
    site.app.add_url_rule("/x", "x", Replacing)
    CORS(site.app, origins=A, enforce=enforce)
    assert starts_of(site, A) == [("200", [A]), ("500", [A])]
    statuses = ["403"] if enforce else ["200", "500"]
    assert starts_of(site, EVIL) == [(status, []) for status in statuses]


def test_a_withheld_response_that_starts_again_is_withheld() -> None:
    site = Site()

    def late() -> Response:
        cross_origin(origins=B, enforce=True)(site.app.view_functions["late"])
        return Replacing()

    site.app.add_url_rule("/x", "late", late)
    CORS(site.app, origins=A)
    assert starts_of(site, A) == [("403", [])]


class Failing:
    """A body that fails before its first chunk."""

    def __init__(self, events: list[str]) -> None:
        self._events = events

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> bytes:
        raise LookupError("gone")

    def close(self) -> None:
        self._events.append("closed")


def test_a_body_that_fails_before_the_response_starts_is_closed() -> None:
    events: list[str] = []
    site = Site()
    site.wrap(lambda _: lambda *_: Failing(events))
    CORS(site.app, origins=A)
    with pytest.raises(LookupError):
        site.visit("/x")
    assert events == ["closed"]
