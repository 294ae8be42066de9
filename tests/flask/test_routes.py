"""How a URL finds its route: converters, hosts, subdomains, static files."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import pytest
from flask import Flask, current_app
from werkzeug.exceptions import SecurityError
from werkzeug.routing import BaseConverter, Rule, RuleFactory
from werkzeug.test import EnvironBuilder, run_wsgi_app

from flask_cors_policy import CORS

from .helpers import (
    EVIL,
    MISS,
    A,
    B,
    C,
    allowed,
    make_app,
    marked,
    ok,
    preflight,
    request,
)

# How a URL finds its route


def test_converters_tell_routes_apart() -> None:
    app = make_app()
    app.add_url_rule("/x/<int:number>", "number", marked(A), methods=["PUT"])
    app.add_url_rule("/x/<string:word>", "word", marked(B), methods=["PUT"])
    app.add_url_rule("/x/<path:rest>", "rest", ok, methods=["PUT"])
    for path, origin in [("/x/1", A), ("/x/one", B), ("/x/one/two", C)]:
        assert preflight(app, path, "PUT", origin).status == 204
        assert preflight(app, path, "PUT", EVIL) == (403, MISS)
        assert request(app, path, "PUT", origin) == (200, allowed(origin))


class InDatabase(BaseConverter):
    """Needs the application context, as a look-up in a database does."""

    def to_python(self, value: str) -> str:
        return f"{current_app.name} {value}"


class Failing(BaseConverter):
    def to_python(self, value: str) -> str:
        raise LookupError(value)


def test_a_converter_gets_the_application_context_it_needs() -> None:
    app = make_app("*")
    app.url_map.converters["db"] = InDatabase
    app.add_url_rule("/x/<db:item>", view_func=marked(A), methods=["PUT"])
    assert preflight(app, "/x/1", "PUT", A) == (
        204,
        allowed(A, methods="OPTIONS, PUT"),
    )
    assert preflight(app, "/x/1", "PUT", B) == (403, MISS)


def test_nothing_is_granted_where_a_converter_fails() -> None:
    """Then Flask cannot tell which view serves the request."""
    app = make_app()
    app.url_map.converters["failing"] = Failing
    app.add_url_rule("/x/<failing:item>", view_func=marked(A), methods=["PUT"])
    for origin in (A, C):
        assert preflight(app, "/x/1", "PUT", origin) == (403, MISS)
        assert request(app, "/x/1", "PUT", origin) == (500, MISS)


@pytest.mark.parametrize(
    ("base", "origin"),
    [("http://a.test", A), ("http://b.test", B), ("http://none.test", C)],
)
def test_host_matching(base: str, origin: str) -> None:
    app = Flask(__name__, host_matching=True, static_folder=None)
    CORS(app, origins=C)
    app.add_url_rule("/x", "a", marked(A), methods=["PUT"], host="a.test")
    app.add_url_rule("/x", "b", marked(B), methods=["PUT"], host="b.test")
    status = 404 if origin == C else 200
    assert preflight(app, "/x", "PUT", origin, base_url=base).status == 204
    assert preflight(app, "/x", "PUT", EVIL, base_url=base) == (403, MISS)
    assert request(app, "/x", "PUT", origin, base_url=base) == (status, allowed(origin))


@pytest.mark.parametrize(
    ("base", "origin"), [("http://api.main.test", A), ("http://main.test", B)]
)
def test_subdomain_matching(base: str, origin: str) -> None:
    app = Flask(__name__, subdomain_matching=True)
    app.config["SERVER_NAME"] = "main.test"
    CORS(app, origins=C)
    app.add_url_rule("/x/", "api", marked(A), methods=["PUT"], subdomain="api")
    app.add_url_rule("/x/", "main", marked(B), methods=["PUT"])
    for path in ("/x/", "/x"):
        assert preflight(app, path, "PUT", origin, base_url=base) == (
            204,
            allowed(origin, methods="OPTIONS, PUT"),
        )
        assert preflight(app, path, "PUT", EVIL, base_url=base) == (403, MISS)


def test_nothing_is_granted_to_a_host_that_is_not_trusted() -> None:
    """As Flask does where TRUSTED_HOSTS does not list the host."""

    class Untrusting(Flask):
        def create_url_adapter(self, request: Any) -> Any:
            if request is not None:
                raise SecurityError
            return super().create_url_adapter(request)

    app = Untrusting(__name__)
    CORS(app, origins=C)
    app.add_url_rule("/x", view_func=marked(A))
    for origin in (A, C):
        assert preflight(app, "/x", "GET", origin) == (403, MISS)
        assert request(app, "/x", "GET", origin) == (400, MISS)


def test_nothing_is_granted_without_a_url_adapter() -> None:
    class Unbound(Flask):
        def create_url_adapter(self, request: Any) -> Any:
            return None

    app = Unbound(__name__)
    CORS(app, origins=C)
    app.add_url_rule("/x", view_func=marked(A))
    for origin in (A, C):
        assert preflight(app, "/x", "GET", origin) == (403, MISS)
        assert request(app, "/x", "GET", origin) == (500, MISS)


def test_a_strange_host_header_is_no_error_of_ours() -> None:
    app = make_app(A)
    app.add_url_rule("/x/", view_func=ok, methods=["PUT"])
    headers = [("Origin", A), ("Access-Control-Request-Method", "PUT")]
    builder = EnvironBuilder("/x", method="OPTIONS", headers=headers)
    for host in ("[x", "a b", "", "x:y:z"):
        # Not through the test client: that one cannot take such a host.
        environ = {**builder.get_environ(), "HTTP_HOST": host}
        _, status, _ = run_wsgi_app(app, environ)
        assert status == "204 No Content"


def test_methods_that_requests_make_up_take_no_memory() -> None:
    app = make_app("*")
    rule: RuleFactory = Rule("/x", endpoint="x")
    app.url_map.add(rule)
    app.view_functions["x"] = marked(A)

    def ask_with(numbers: range) -> None:
        for number in numbers:
            assert preflight(app, "/x", f"M{number}", A) == (
                204,
                allowed(A, methods=f"M{number}"),
            )
            assert request(app, "/x", f"M{number}", B) == (200, MISS)

    ask_with(range(300))  # Some answers are kept, up to a limit.
    gc.collect()
    tracemalloc.start()
    try:
        ask_with(range(300, 900))
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert grown < 100_000


def test_static_files_are_under_the_policy() -> None:
    app = Flask(__name__, static_folder=".", static_url_path="/static")
    CORS(app, origins=A)
    assert preflight(app, "/static/helpers.py", "GET") == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS"),
    )
    assert request(app, "/static/helpers.py") == (200, allowed(A))
    assert request(app, "/static/none") == (404, allowed(A))
    assert request(app, "/static/helpers.py", headers={"Range": "bytes=0-1"}) == (
        206,
        allowed(A),
    )


def test_routes_added_after_a_preflight_are_looked_at() -> None:
    """Flask lets routes be added until it has served a request itself."""
    app = make_app("*")
    assert preflight(app, "/x", "PUT", A) == (204, allowed("*", methods="PUT"))
    app.add_url_rule("/x", view_func=marked(B), methods=["PUT"])
    assert preflight(app, "/x", "PUT", A) == (403, MISS)
    assert request(app, "/x", "PUT", A) == (200, MISS)


def test_only_a_response_that_is_101_passes_untouched() -> None:
    """A request can ask for an upgrade of any URL: that alone changes nothing."""
    own = {"Access-Control-Allow-Origin": "*"}
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    for headers in ({}, upgrade):
        app = make_app(A)
        websocket = headers == upgrade
        app.add_url_rule("/x", "x", lambda: ("", 200, own), websocket=websocket)
        app.add_url_rule("/switch", "y", lambda: ("", 101, own), websocket=websocket)
        assert request(app, "/x", headers=headers) == (200, allowed(A))
        assert request(app, "/x", "GET", B, headers) == (200, MISS)
        assert request(app, "/switch", headers=headers) == (101, own)
