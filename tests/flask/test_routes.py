"""How a URL finds its route: converters, hosts, subdomains, static files."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, current_app
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter, Rule, RuleFactory
from werkzeug.test import EnvironBuilder, run_wsgi_app

from flask_cors_policy import CORS

from .helpers import (
    EVIL,
    MISS,
    NOTHING,
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


def test_a_failing_converter_is_the_application_s_own_affair() -> None:
    app = make_app()
    app.url_map.converters["failing"] = Failing
    app.add_url_rule("/x/<failing:item>", view_func=marked(A), methods=["PUT"])
    assert preflight(app, "/x/1", "PUT", C) == (204, allowed(C, methods="PUT"))
    assert request(app, "/x/1", "PUT", C) == (500, allowed(C))


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


def test_a_host_that_is_not_trusted_has_no_route() -> None:

    class Untrusting(Flask):
        def create_url_adapter(self, request: Any) -> Any:
            raise NotFound

    app = Untrusting(__name__)
    CORS(app, origins=C)
    app.add_url_rule("/x", view_func=marked(A))
    assert preflight(app, "/x", "GET", C) == (204, allowed(C, methods="GET"))


def test_without_a_url_adapter_there_is_no_route() -> None:
    class Unbound(Flask):
        def create_url_adapter(self, request: Any) -> Any:
            return None

    app = Unbound(__name__)
    CORS(app, origins=C)
    app.add_url_rule("/x", view_func=marked(A))
    assert preflight(app, "/x", "GET", C) == (204, allowed(C, methods="GET"))


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


def test_a_rule_that_takes_any_method_keeps_no_record_of_those_it_met() -> None:
    app = make_app("*")
    rule: RuleFactory = Rule("/x", endpoint="x")
    app.url_map.add(rule)
    app.view_functions["x"] = marked(A)
    for number in range(50):
        assert preflight(app, "/x", f"M{number}", A) == (
            204,
            allowed(A, methods=f"M{number}"),
        )
        assert request(app, "/x", f"M{number}", B) == (200, MISS)
    known = app.extensions["flask_cors_policy"].policies._known
    assert len(known) <= 3


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


def test_a_websocket_upgrade_passes_untouched() -> None:
    app = make_app(A)
    app.add_url_rule("/ws", view_func=ok, websocket=True)
    app.add_url_rule("/x", view_func=ok)
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    assert request(app, "/ws", headers=upgrade) == (200, NOTHING)
    assert request(app, "/x") == (200, allowed(A))
