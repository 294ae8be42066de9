"""``enforce`` where nothing stands between the middleware and Flask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from flask import Request, abort, current_app, request_started
from werkzeug.local import LocalProxy
from werkzeug.test import create_environ, run_wsgi_app

from flask_cors_policy import CORS, cors_refused, cross_origin

from .helpers import EVIL, MISS, A, B, allowed
from .sites import LateResponse, Site

pytestmark = pytest.mark.usefixtures("no_marks")


def aborting(*_: object) -> None:
    abort(404)


def test_nothing_is_sent_of_a_withheld_answer_that_starts_late() -> None:
    site = Site()
    site.app.response_class = LateResponse
    site.app.url_value_preprocessor(aborting)  # It runs before anything of ours.
    site.app.register_error_handler(404, lambda _: ("secret", 404))
    CORS(site.app, origins=A, enforce="unsafe")
    response = site.send("/x", "POST", EVIL)
    assert (response.status_code, response.data) == (403, b"")
    response = site.send("/x", "POST", A)
    assert (response.status_code, response.data) == (404, b"secret")


def test_a_view_that_cannot_be_loaded_is_refused_at_an_ambiguous_path() -> None:
    site = Site()
    is_gone: list[bool] = []

    def load() -> Any:
        if is_gone:
            raise RuntimeError("gone")
        return site.view("x")

    site.app.add_url_rule("/api/<path:path>", "x")
    site.app.view_functions["x"] = LocalProxy(load)
    site.add("/y", "y", mark=cross_origin(origins=B))
    CORS(site.app, origins=A, resources="/api/*", enforce=True)
    assert site.visit("/api/a") == (200, allowed(A), ["x"])
    is_gone.append(True)
    assert site.visit("/api/a/../b") == (403, MISS, [])


@pytest.mark.parametrize("debug", [False, True])
def test_a_function_is_asked_in_the_context_of_the_application(debug: bool) -> None:
    site = Site()
    site.app.debug = debug
    site.app.config["ALLOWED"] = A
    site.add("/x", "x", "POST")

    def is_allowed(origin: str, _: object) -> bool:
        is_it: bool = origin == current_app.config["ALLOWED"]
        return is_it

    CORS(site.app, origins=is_allowed, enforce=True)
    assert site.visit("/x", "POST", A) == (200, allowed(A), ["x"])
    assert site.visit("/x", "POST", EVIL) == (403, MISS, [])


class Reading(Request):
    """Its method is a field of the form, which may be too long."""

    @property
    def method(self) -> str:
        name: str = self.form.get("_method") or self.environ["REQUEST_METHOD"]
        return name

    @method.setter
    def method(self, _: str) -> None:
        """Werkzeug sets it."""


@pytest.mark.parametrize("enforce", [False, True])
@pytest.mark.parametrize("is_marked", [False, True])
def test_a_method_that_cannot_be_read_is_that_of_the_request(
    enforce: bool, is_marked: bool
) -> None:
    site = Site()
    site.app.request_class = Reading
    site.app.config["MAX_CONTENT_LENGTH"] = 5
    mark = cross_origin(max_age=5) if is_marked else None
    site.add("/x", "x", "POST", mark=mark)
    CORS(site.app, origins=A, enforce=enforce)
    form = {"name": "too long"}
    assert site.visit("/x", "POST", data=form) == (413, allowed(A), [])
    status = 403 if enforce else 413
    assert site.visit("/x", "POST", EVIL, data=form) == (status, MISS, [])


class Lowering(Request):
    """Its method is what the query says; Flask matches that of the request."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.method = self.args.get("_method", self.method)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"resources": "/*"},
        {"refusal_response": lambda: "no"},
    ],
    ids=["one policy", "a path rule", "a response of its own"],
)
@pytest.mark.parametrize("is_marked", [False, True])
def test_no_client_makes_an_unsafe_request_a_safe_one(
    options: dict[str, Any], is_marked: bool
) -> None:
    site = Site()
    site.app.request_class = Lowering
    mark = cross_origin(max_age=5) if is_marked else None
    site.add("/x", "x", "GET", "POST", mark=mark)
    CORS(site.app, origins=A, enforce="unsafe", **options)
    assert site.visit("/x?_method=GET", "POST", EVIL).ran == []
    handshake = {"Upgrade": "websocket", "Connection": "Upgrade"}
    assert site.visit("/x?_method=HEAD", "GET", EVIL, handshake).ran == []
    assert site.visit("/x", "GET", EVIL).ran == ["x"]
    assert site.visit("/x?_method=GET", "POST", A).ran == ["x"]


def test_a_mark_that_comes_before_the_view_counts_at_once() -> None:
    site = Site()
    site.add("/x", "x")

    def mark(*_: object, **__: object) -> None:
        cross_origin(origins=B, enforce=True)(site.app.view_functions["x"])

    CORS(site.app, origins=A, enforce="unsafe")
    with request_started.connected_to(mark, site.app):
        assert site.visit("/x", origin=A) == (403, MISS, [])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_denied_request_is_told_once(method: str) -> None:
    site = Site()
    site.app.url_value_preprocessor(aborting)
    CORS(site.app, origins=A, enforce="unsafe")
    refusals: list[object] = []

    def note(_: object, **told: object) -> None:
        refusals.append(told)

    with cors_refused.connected_to(note, site.app):
        site.visit("/x", method, EVIL)
    assert len(refusals) == 1


class Copying(Request):
    """It has an environ of its own."""

    def __init__(self, environ: Any, *args: Any, **more: Any) -> None:
        super().__init__(dict(environ), *args, **more)


def test_nothing_of_ours_stays_in_the_environ_of_the_server() -> None:
    site = Site()
    site.app.request_class = Copying
    site.add("/x", "x")
    CORS(site.app, origins=A, enforce=True)
    environ = create_environ("/x", headers={"Origin": A})
    body: Iterable[bytes]
    body, status, _ = run_wsgi_app(site.app.wsgi_app, environ)
    assert (b"".join(body), status) == (b"x", "200 OK")
    assert [key for key in environ if key.startswith("flask_cors")] == []
