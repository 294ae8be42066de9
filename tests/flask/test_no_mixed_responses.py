"""A response has the policy of what made it, whatever handed it on or kept it."""

from __future__ import annotations

import contextvars
import io
import pickle
from collections.abc import Callable, Iterable
from contextvars import copy_context
from typing import TYPE_CHECKING, Any
from wsgiref.headers import Headers
from wsgiref.validate import validator

import flask
import pytest
from flask import Response
from flask.wrappers import Request
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import EnvironBuilder, run_wsgi_app

from flask_cors_policy import CORS, CORSMiddleware, cross_origin

from .helpers import ASKED, EVIL, MISS, OPEN, A, B, allowed
from .sites import OVERRIDE, Site, overriding

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def sent_as(app: WSGIApplication, method: str) -> str:
    """Send what asks for a method in *method*, and return the status."""
    headers = [("Origin", A), (ASKED, "PUT")]
    environ = EnvironBuilder(headers=headers).get_environ()
    environ["REQUEST_METHOD"] = method
    body, status, _ = run_wsgi_app(app, environ)
    list(body)
    return status[:3]


@pytest.mark.parametrize("enforce", [False, True])
@pytest.mark.parametrize("resources", [None, {"/*": {}}])
def test_what_only_looks_like_a_preflight_is_decided_and_kept_as_no_preflight(
    enforce: bool, resources: Any
) -> None:
    site = Site()
    more = {} if resources is None else {"resources": resources}
    CORS(site.app, origins=A, enforce=enforce, **more)
    site.add("/", "x")
    assert sent_as(site.app, "options") == "200"
    assert site.visit("/") == (200, allowed(A), ["x"])


def test_neither_does_middleware_that_makes_options_of_a_request() -> None:
    site = Site()
    site.wrap(overriding)
    CORS(site.app, origins=A)
    site.add("/", "x", "GET", "POST")
    asked = {ASKED: "PUT", OVERRIDE: "OPTIONS"}
    assert site.visit("/", "POST", A, asked).ran == []
    assert site.visit("/") == (200, allowed(A), ["x"])


def test_so_does_the_middleware_without_flask() -> None:
    site = Site()
    site.add("/", "x")
    app = CORSMiddleware(site.app, origins=A)
    assert sent_as(app, "options") == "200"
    assert site.visit("/", through=app) == (200, allowed(A), ["x"])


def test_enforce_refuses_what_a_request_class_makes_of_a_request() -> None:
    """The policy is known before Flask, and the method only in it."""

    class Overriding(Request):
        def __init__(self, environ: WSGIEnvironment, *args: Any, **more: Any) -> None:
            if "_method=" in environ["QUERY_STRING"]:
                environ["REQUEST_METHOD"] = "DELETE"
            super().__init__(environ, *args, **more)

    site = Site()
    site.app.request_class = Overriding
    CORS(site.app, origins=A, supports_credentials=True, enforce=True)
    site.add("/x", "x", "GET", "DELETE")
    link = {"Sec-Fetch-Site": "cross-site", "Cookie": "a=b"}
    assert site.visit("/x?_method=DELETE", "GET", None, link) == (403, MISS, [])


def with_headers(app: WSGIApplication) -> WSGIApplication:
    """Add a header as middleware of the standard library does."""

    def around(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            Headers(headers)["X-Own"] = "1"
            return start_response(status, headers, *more)

        return app(environ, start)

    return around


def pickling(app: WSGIApplication) -> WSGIApplication:
    """Keep responses as a cache on a disk does."""

    def around(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            kept = pickle.loads(pickle.dumps((status, headers)))
            return start_response(*kept, *more)

        return app(environ, start)

    return around


@pytest.mark.parametrize("layer", [validator, with_headers, pickling])
def test_other_middleware_finds_headers_as_pep_3333_has_them(
    layer: Callable[[Any], Any],
) -> None:
    site = Site()
    site.wrap(layer)
    CORS(site.app, origins=A)
    site.add("/x", "x")
    assert site.visit("/x") == (200, allowed(A), ["x"])


def test_a_response_that_the_application_keeps_stays_its_own() -> None:
    site = Site()
    kept = Response("kept")
    before = list(kept.headers)
    CORS(site.app, origins=A)
    site.app.add_url_rule("/x", "x", lambda: kept)
    for headers in ({ASKED: "x"}, {}):
        response = site.send("/x", headers=headers)
        names = {name for name, _ in response.headers}
        assert names == {
            *("Access-Control-Allow-Origin", "Content-Length", "Content-Type", "Vary")
        }
    assert list(kept.headers) == before


def test_so_does_what_a_refusal_is_answered_with() -> None:
    site = Site()
    login = Response("please log in")
    site.app.add_url_rule("/login", "login", lambda: login)
    site.add("/x", "x", "POST")
    CORS(site.app, origins=A, enforce=True, refusal_response=lambda: login)
    assert site.send("/x", "POST", EVIL).status_code == 403
    assert site.visit("/login") == (200, allowed(A), [])


def test_a_file_answers_a_refusal() -> None:
    def page() -> Response:
        return flask.send_file(io.BytesIO(b"<h1>no</h1>"), mimetype="text/html")

    site = Site()
    site.add("/x", "x", "POST")
    CORS(site.app, origins=A, enforce=True, refusal_response=page)
    response = site.send("/x", "POST", EVIL)
    assert (response.status_code, response.data) == (403, b"<h1>no</h1>")


def asking(path: str, keeps: bool) -> Callable[[WSGIApplication], WSGIApplication]:
    """Return middleware that asks for *path* before it passes a request on.

    :param keeps: whether it hands the headers of that answer on.
    """

    def layer(app: WSGIApplication) -> WSGIApplication:
        def around(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            body, status, more = run_wsgi_app(app, EnvironBuilder(path).get_environ())
            assert (status, b"".join(body)) == ("200 OK", path[1:].encode())

            def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
                own = list(more) if keeps else []
                return start_response(status, [*headers, *own])

            return app(environ, start)

        return around

    return layer


def test_headers_of_two_responses_are_not_mixed_up() -> None:
    site = Site()
    site.add("/open", "open", mark=cross_origin(origins="*"))
    site.add("/private", "private", mark=cross_origin(origins=B))
    site.wrap(asking("/open", keeps=True))
    CORS(site.app, origins=A)
    found = site.visit("/private", origin=EVIL)
    assert (found.status, found.ran) == (200, ["open", "private"])
    assert OPEN.keys().isdisjoint(found.cors)


def test_middleware_may_ask_for_something_else_before_a_preflight() -> None:
    site = Site()
    site.add("/auth", "auth")
    site.add("/x", "x", "PUT")
    site.wrap(asking("/auth", keeps=False))
    CORS(site.app, origins=A)
    assert site.ask("/x", "PUT") == (
        204,
        allowed(A, methods="OPTIONS, PUT"),
        ["auth"],
    )


def test_the_answer_to_a_refusal_comes_through_an_application_in_itself() -> None:
    site = Site()
    site.add("/", "x", "POST")
    site.app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        site.app.wsgi_app, {"/self": site.app}
    )
    CORS(site.app, origins=A, enforce=True, refusal_response=lambda: "sorry")
    for path in ("/", "/self/"):
        response = site.send(path, "POST", EVIL)
        assert (response.status_code, response.data) == (403, b"sorry")


class Versioned(flask.Flask):
    """An application that changes paths in a copy of what the server has sent."""

    def request_context(self, environ: WSGIEnvironment) -> Any:
        path = environ["PATH_INFO"].replace("/public", "/private")
        return super().request_context({**environ, "PATH_INFO": path})


@pytest.mark.parametrize("later", [False, True])
def test_a_path_that_is_changed_inside_of_flask_is_the_path(later: bool) -> None:
    site = Site()
    if not later:
        site.app.__class__ = Versioned
    resources = {"/public/*": {"origins": EVIL}, "/private/*": {"origins": A}}
    CORS(site.app, resources=resources)
    site.add("/private/x", "x")
    if later:
        old = site.app.request_context
        site.app.request_context = lambda environ: old(  # type: ignore[method-assign]
            {**environ, "PATH_INFO": "/private/x"}
        )
    assert site.visit("/public/x", origin=EVIL) == (200, MISS, ["x"])
    assert site.visit("/public/x", origin=A) == (200, allowed(A), ["x"])


def test_no_mark_of_ours_leaves_where_a_request_is_over() -> None:
    site = Site()
    contexts: list[contextvars.Context] = []

    def keep() -> str:
        contexts.append(copy_context())
        return ""

    site.app.add_url_rule("/keep", "keep", keep)
    site.add("/x", "x")
    site.wrap(lambda app: lambda environ, start: app(environ, start))
    CORS(site.app, origins=A)
    site.visit("/keep")
    response = contexts[0].run(site.send, "/x")
    assert {name for name, _ in response.headers} == {
        *("Access-Control-Allow-Origin", "Content-Length", "Content-Type", "Vary")
    }
