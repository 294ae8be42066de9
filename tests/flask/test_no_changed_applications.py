"""Applications that are changed by others: subclasses, extensions, tests."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from typing import Any

import flask
import pytest
from flask import Flask, Response
from flask.ctx import RequestContext
from flask.views import MethodView

from flask_cors_policy import CORS, cors_exempt, cross_origin
from tests.threads import in_threads

from .helpers import EVIL, MISS, A, B, allowed
from .places import StrictSite, names_of, strict
from .sites import Site, Visit


def cleared(app: Flask) -> None:
    app.before_request_funcs.clear()


def replaced(app: Flask) -> None:
    app.before_request_funcs = defaultdict(list)


def emptied(app: Flask) -> None:
    app.before_request_funcs[None] = []


def put_before(app: Flask) -> None:
    app.before_request_funcs[None].insert(0, lambda: None)


LISTS: list[tuple[str, Callable[[Flask], None]]] = [
    ("cleared", cleared),
    ("replaced", replaced),
    ("emptied", emptied),
    ("got another first function", put_before),
]


@pytest.mark.parametrize("change", [each for _, each in LISTS], ids=names_of(LISTS))
@pytest.mark.parametrize("bypasses", [False, True])
def test_a_refused_view_does_not_run_though_the_functions_are_changed(
    place: str, change: Callable[[Flask], None], bypasses: bool
) -> None:
    """Tests do so, to leave authentication out for a while."""
    site = StrictSite(place, enforce=True)
    site.protect("/admin/x", "x")
    site.start()
    through = site.plain if bypasses else None
    assert site.outcomes("/admin/x", through=through) == strict("x", enforce=True)
    change(site.app)
    for _ in range(2):
        found = site.outcomes("/admin/x", through=through)
        assert found == strict("x", enforce=True)


@pytest.mark.parametrize("enforce", [False, True])
def test_so_are_the_functions_that_run_after_a_view(place: str, enforce: bool) -> None:
    site = StrictSite(place, enforce=enforce)
    site.protect("/admin/x", "x")
    site.start()
    for _ in range(2):
        found = site.outcomes("/admin/x", through=site.plain)
        assert found == strict("x", enforce=enforce)
        site.app.after_request_funcs.clear()


class OwnContext(Flask):
    """An application with a context of its own."""

    def request_context(self, environ: Any) -> RequestContext:
        environ["own.context"] = True
        return super().request_context(environ)


class OwnWSGI(Flask):
    """An application that does something around each request."""

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        environ["own.wsgi"] = True
        return super().wsgi_app(environ, start_response)


class Copying(Flask):
    """An application that serves a copy of environ."""

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        return super().wsgi_app({**environ}, start_response)


class Short(Flask):
    """An application that answers some requests without a view."""

    def full_dispatch_request(self) -> Response:
        if flask.request.path == "/health":
            return self.make_response("healthy")
        return super().full_dispatch_request()


@pytest.mark.parametrize("kind", [OwnContext, OwnWSGI, Copying, Short])
@pytest.mark.parametrize("enforce", [False, True])
@pytest.mark.parametrize("bypasses", [False, True])
def test_a_subclass_has_the_same_policies(
    place: str, kind: type[Flask], enforce: bool, bypasses: bool
) -> None:
    site = StrictSite(place, enforce=enforce)
    site.app = kind("site", static_folder=None)
    site.plain = site.app.wsgi_app
    site.protect("/admin/x", "x")
    site.start()
    through = site.plain if bypasses else None
    found = site.outcomes("/admin/x", through=through)
    assert found == strict("x", enforce=enforce)


@pytest.mark.parametrize("enforce", [False, True])
def test_what_a_subclass_answers_without_a_view_has_a_policy(enforce: bool) -> None:
    site = Site()
    site.app = Short("site", static_folder=None)
    CORS(site.app, origins=A, enforce=enforce)
    site.add("/health", "health", mark=cross_origin(origins=B))
    found = site.send("/health", origin=EVIL)
    assert "Access-Control-Allow-Origin" not in found.headers
    assert (found.status_code, found.text) == (
        (403, "") if enforce else (200, "healthy")
    )


def wrapping(app: Flask) -> None:
    inner = app.request_context

    def request_context(environ: Any) -> RequestContext:
        environ["another.extension"] = True
        return inner(environ)

    app.request_context = request_context  # type: ignore[method-assign]


def replacing(app: Flask) -> None:
    app.request_context = lambda environ: RequestContext(app, environ)  # type: ignore[method-assign]


# What replaces the method afterwards and bypasses the middleware as well leaves nothing
# of ours that is called: that cannot be noticed.
CONTEXTS = [
    (wrapping, False, False),
    (wrapping, False, True),
    (wrapping, True, False),
    (wrapping, True, True),
    (replacing, False, False),
    (replacing, True, False),
    (replacing, True, True),
]


@pytest.mark.parametrize(("change", "first", "bypasses"), CONTEXTS)
@pytest.mark.parametrize("enforce", [False, True])
def test_another_extension_may_make_the_contexts(
    place: str,
    change: Callable[[Flask], None],
    first: bool,
    enforce: bool,
    bypasses: bool,
) -> None:
    site = StrictSite(place, enforce=enforce)
    site.protect("/admin/x", "x")
    if first:
        change(site.app)
    site.start()
    if not first:
        change(site.app)
    through = site.plain if bypasses else None
    for _ in range(2):
        found = site.outcomes("/admin/x", through=through)
        assert found == strict("x", enforce=enforce)


def test_a_blueprint_s_own_functions_run_for_no_refused_request(place: str) -> None:
    site = StrictSite(place, enforce=True)
    ran: list[str] = []
    site._blueprint.before_request(lambda: ran.append("before"))
    site.app.before_request(lambda: ran.append("before the application"))
    site.protect("/admin/x", "x")
    site.start()
    for through in (None, site.plain):
        assert site.visit("/admin/x", "POST", EVIL, through=through) == (403, MISS, [])
        assert site.ask("/admin/x", "POST", B, through=through).status == 204
        assert ran == []


def test_a_shallow_copy_of_an_application_has_its_policies(place: str) -> None:
    site = StrictSite(place, enforce=True)
    site.protect("/admin/x", "x")
    site.start()
    twin = copy.copy(site.app)
    found = site.outcomes("/admin/x", through=twin)
    assert found == strict("x", enforce=True)


@pytest.mark.parametrize("bypasses", [False, True])
def test_a_withheld_answer_is_closed(bypasses: bool) -> None:
    """What it holds, a file or a connection, is given back, and it is not read."""
    site = Site()
    events: list[str] = []

    def body() -> Any:
        events.append("read")
        yield b"secret"

    class Item(MethodView):
        @cors_exempt
        def get(self) -> str:
            return "form"

        def post(self) -> Response:
            response = Response(body())
            response.call_on_close(lambda: events.append("closed"))
            return response

    site.app.add_url_rule("/x", view_func=Item.as_view("item"))

    @site.app.before_request
    def override() -> None:
        flask.request.method = "POST"

    CORS(site.app, origins=A, enforce=True)
    through = site.plain if bypasses else None
    assert site.visit("/x", "GET", EVIL, through=through) == (403, MISS, [])
    assert events == ["closed"]


@pytest.mark.parametrize("bypasses", [False, True])
def test_a_request_under_way_keeps_its_policy(place: str, bypasses: bool) -> None:
    site = StrictSite(place)
    ours: dict[str, Any] = {"origins": B} if site.place == "application" else {}

    def reconfiguring() -> str:
        site.ran.append("x")
        cors.reconfigure(enforce=True, **ours)
        return "x"

    site.protect("/admin/x", "x", view=reconfiguring)
    cors = site.start()
    through = site.plain if bypasses else None
    found = site.visit("/admin/x", "POST", EVIL, through=through)
    assert found == Visit(200, MISS, ["x"])
    for _ in range(2):  # Now it enforces.
        assert site.visit("/admin/x", "POST", EVIL, through=through) == (403, MISS, [])


LOADED = """
from flask import Blueprint, Flask
from werkzeug.local import LocalProxy
from flask_cors_policy import CORS, cross_origin

app = Flask("app")

def load():
    blueprint = Blueprint("bp", "bp", url_prefix="/bp")
    CORS(blueprint, origins="https://a.example")
    Flask("another").register_blueprint(blueprint)
    return lambda: "late"

app.add_url_rule("/late", "late")
app.view_functions["late"] = LocalProxy(load)

@app.get("/x")
@cross_origin(origins="https://b.example")
def view():
    return "x"

response = app.test_client().get("/x", headers={"Origin": "https://b.example"})
print(response.headers["Access-Control-Allow-Origin"])
"""


def test_a_view_that_is_loaded_while_marks_are_looked_for_may_bring_a_blueprint() -> (
    None
):
    """It installs policies in its own application, which must not wait for this one."""
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.stdout.strip() == B, done.stderr


def test_applications_may_be_installed_in_one_thread_while_another_checks() -> None:
    sites = [[Site() for _ in range(100)] for _ in range(4)]
    for site in chain(*sites):  # Rules are compiled in one thread: see CPython 106905.
        site.add("/x", "x", mark=cross_origin(origins=B))

    def work(number: int) -> None:
        for site in sites[number]:
            if number % 2:
                CORS(site.app, origins=A)
            assert site.visit("/x", origin=B) == (200, allowed(B), ["x"])

    in_threads(4, work)
