"""Preflights are decided by the route that will serve the asked method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response, abort, current_app, redirect
from flask.views import MethodView
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter, Rule, RuleFactory
from werkzeug.test import EnvironBuilder, run_wsgi_app

from flask_cors_policy import CORS, cors_exempt, cross_origin

from .helpers import (
    EVIL,
    MISS,
    NOTHING,
    OPEN,
    A,
    B,
    C,
    allowed,
    preflight,
    problems,
    request,
)


def make_app(origins: str = C, **options: Any) -> Flask:
    app = Flask(__name__, static_folder=None)
    CORS(app, origins=origins, **options)
    return app


def ok(**_: object) -> str:
    return "ok"


def marked(origins: str, **options: Any) -> Callable[..., str]:
    """Return a new view with a policy of its own."""

    @cross_origin(origins=origins, **options)
    def view(**_: object) -> str:
        return "ok"

    return view


# Two views on one URL


def two_views() -> Flask:
    app = make_app()
    app.add_url_rule("/x", "read", marked(A), methods=["GET"])
    app.add_url_rule("/x", "write", marked(B), methods=["PUT", "DELETE"])
    app.add_url_rule("/x", "plain", ok, methods=["PATCH"])
    return app


@pytest.mark.parametrize(
    ("method", "origin", "status", "headers"),
    [
        ("GET", A, 204, allowed(A, methods="GET, HEAD, OPTIONS")),
        ("HEAD", A, 204, allowed(A, methods="GET, HEAD, OPTIONS")),
        ("PUT", B, 204, allowed(B, methods="DELETE, PUT")),
        ("DELETE", B, 204, allowed(B, methods="DELETE, PUT")),
        ("PATCH", C, 204, allowed(C, methods="PATCH")),
        ("GET", B, 403, MISS),
        ("PUT", A, 403, MISS),
        ("PATCH", A, 403, MISS),
        # No route has it: the page shall see the 405 that follows.
        ("POST", C, 204, allowed(C, methods="PATCH, POST")),
        ("POST", A, 403, MISS),
    ],
)
def test_p1_two_views_on_one_url_each_answer_for_their_methods(
    method: str, origin: str, status: int, headers: dict[str, str]
) -> None:
    assert preflight(two_views(), "/x", method, origin) == (status, headers)


@pytest.mark.parametrize(
    ("method", "origin", "status"),
    [("GET", A, 200), ("PUT", B, 200), ("PATCH", C, 200), ("POST", C, 405)],
)
def test_p1_the_actual_request_has_the_policy_its_preflight_had(
    method: str, origin: str, status: int
) -> None:
    app = two_views()
    assert request(app, "/x", method, origin) == (status, allowed(origin))
    assert request(app, "/x", method, EVIL) == (status, MISS)


def test_a_written_list_leaves_out_methods_of_stricter_views() -> None:
    """Browsers keep the list for the URL, whichever method was asked for."""
    app = make_app("*", methods=["PUT", "DELETE", "PATCH"])
    app.add_url_rule("/x", "lax", ok, methods=["PUT"])
    app.add_url_rule("/x", "strict", marked(A), methods=["DELETE"])
    assert preflight(app, "/x", "PUT", B) == (204, allowed("*", methods="PUT, PATCH"))
    assert preflight(app, "/x", "DELETE", A) == (
        204,
        allowed(A, methods="DELETE, PATCH"),
    )
    assert preflight(app, "/x", "DELETE", B) == (403, MISS)


def test_a_wildcard_is_spelled_out_where_another_policy_is_on_the_url() -> None:
    app = make_app("*", methods="*")
    app.add_url_rule("/x", "lax", ok, methods=["PUT"])
    app.add_url_rule("/x", "strict", marked(A, methods="*"), methods=["DELETE"])
    app.add_url_rule("/y", "other", ok, methods=["PUT"])
    assert preflight(app, "/x", "PUT") == (204, allowed("*", methods="OPTIONS, PUT"))
    assert preflight(app, "/x", "LOCK", B) == (
        204,
        allowed("*", methods="OPTIONS, PUT, LOCK"),
    )
    assert preflight(app, "/x", "DELETE", A) == (204, allowed(A, methods="DELETE"))
    assert preflight(app, "/y", "PUT") == (204, allowed("*", methods="*"))


def test_an_exempt_view_beside_a_governed_one_stays_untouched() -> None:
    app = make_app(A)
    app.add_url_rule("/x", "write", ok, methods=["PUT"])
    app.add_url_rule("/x", "own", cors_exempt(lambda: "own"), methods=["GET"])
    assert preflight(app, "/x", "PUT") == (204, allowed(A, methods="OPTIONS, PUT"))
    assert preflight(app, "/x", "GET") == (200, NOTHING)
    assert request(app, "/x") == (200, NOTHING)


# Methods derived from the routes


@pytest.mark.parametrize(
    ("methods", "listed"),
    [
        (["GET"], "GET, HEAD, OPTIONS"),
        (["POST"], "OPTIONS, POST"),
        (["GET", "DELETE"], "DELETE, GET, HEAD, OPTIONS"),
    ],
)
def test_p27_methods_are_those_of_the_routes(methods: list[str], listed: str) -> None:
    app = make_app(A)
    app.add_url_rule("/x", view_func=ok, methods=methods)
    assert preflight(app, "/x", methods[0]) == (204, allowed(A, methods=listed))


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("PATCH", "GET, HEAD, OPTIONS, PATCH"),
        # Browsers do not put this one in upper case: it is not the route's PATCH.
        ("patch", "GET, HEAD, OPTIONS, patch"),
        ("get", "GET, HEAD, OPTIONS"),
        ("TRACE", "GET, HEAD, OPTIONS"),
        ("T, ", "GET, HEAD, OPTIONS"),
        ("", "GET, HEAD, OPTIONS"),
        ("X" * 65, "GET, HEAD, OPTIONS"),
        ("\xe9", "GET, HEAD, OPTIONS"),
        ("__init__", "GET, HEAD, OPTIONS, __init__"),
    ],
)
def test_p29_only_a_plausible_method_is_listed_beside_those_of_the_routes(
    asked: str, listed: str
) -> None:
    app = make_app(A)
    app.add_url_rule("/x", view_func=ok)
    assert preflight(app, "/x", asked) == (204, allowed(A, methods=listed))


def test_p2_a_path_without_a_route_lets_the_page_see_the_404() -> None:
    app = make_app(A)
    assert preflight(app, "/none", "PUT") == (204, allowed(A, methods="PUT"))
    assert request(app, "/none", "PUT") == (404, allowed(A))


def test_p2_a_method_without_a_route_lets_the_page_see_the_405() -> None:
    app = make_app(A)
    app.add_url_rule("/x", view_func=marked(B))
    assert preflight(app, "/x", "PUT") == (204, allowed(A, methods="PUT"))
    assert request(app, "/x", "PUT") == (405, allowed(A))
    assert request(app, "/x", "PUT", B) == (405, MISS)


@pytest.mark.parametrize("how", ["view", "route", "config"])
def test_p30_a_preflight_is_answered_without_automatic_options(how: str) -> None:
    app = make_app(A)
    if how == "config":
        app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    automatic = False if how == "route" else None

    def view() -> str:
        return "x"

    if how == "view":
        view.provide_automatic_options = False  # type: ignore[attr-defined]
    app.add_url_rule(
        "/x",
        view_func=view,
        methods=["GET", "PUT"],
        provide_automatic_options=automatic,
    )
    status, headers = preflight(app, "/x", "PUT")
    assert status == 204
    # Flask 2.3 and 3.0 do not know the key of the config.
    listed = headers.pop("Access-Control-Allow-Methods").replace("OPTIONS, ", "")
    assert listed == "GET, HEAD, PUT"
    assert headers == allowed(A)


# Before everything else


def test_p6_a_preflight_is_answered_before_authentication() -> None:
    app = make_app(A)
    calls: list[str] = []

    @app.before_request
    def refuse() -> None:
        calls.append("before_request")
        abort(401)

    app.add_url_rule("/x", view_func=ok, methods=["PUT"])
    assert preflight(app, "/x", "PUT") == (204, allowed(A, methods="OPTIONS, PUT"))
    assert calls == []
    assert request(app, "/x", "PUT") == (401, allowed(A))
    assert calls == ["before_request"]


def test_p6_a_login_redirect_does_not_meet_a_preflight() -> None:
    app = make_app(A)
    app.before_request(lambda: redirect("/login", 302))
    app.add_url_rule("/x", view_func=marked(B), methods=["PUT"])
    assert preflight(app, "/x", "PUT", B) == (204, allowed(B, methods="OPTIONS, PUT"))
    assert request(app, "/x", "PUT", B) == (302, allowed(B))


def test_p7_only_real_preflights_are_kept_from_the_view() -> None:
    app = make_app(A)
    seen: list[str] = []

    @app.route("/x", methods=["OPTIONS", "GET"])
    def view() -> str:
        seen.append("view")
        return "secret"

    assert request(app, "/x", "OPTIONS") == (200, allowed(A))
    assert request(app, "/x", "OPTIONS", None, {"Access-Control-Request-Method": "GET"})
    assert seen == ["view", "view"]
    assert preflight(app, "/x", "GET").status == 204
    assert seen == ["view", "view"]


@pytest.mark.parametrize("path", ["/x", "/x//", "/old"])
def test_p8_a_routing_redirect_does_not_meet_a_preflight(path: str) -> None:
    """It is decided by the route the redirect leads to, and so is the redirect."""
    app = make_app()
    app.add_url_rule("/x/", "x", marked(A), methods=["PUT"])
    app.url_map.add(Rule("/old", endpoint="x", methods=["PUT"], redirect_to="/x/"))
    path_info = {"PATH_INFO": path}
    assert preflight(app, "/", "PUT", A, environ_overrides=path_info) == (
        204,
        allowed(A, methods="OPTIONS, PUT"),
    )
    assert request(app, "/", "PUT", A, environ_overrides=path_info) == (
        308,
        allowed(A),
    )


def test_a_redirect_that_leads_in_circles_is_no_route() -> None:
    app = make_app()
    app.add_url_rule("/x", "x", marked(A))
    app.url_map.add(Rule("/a", endpoint="x", redirect_to="/b"))
    app.url_map.add(Rule("/b", endpoint="x", redirect_to="/a"))
    assert preflight(app, "/a", "GET", C) == (204, allowed(C, methods="GET"))


@pytest.mark.parametrize(
    "target", ["https://other.example/x", "//[/x"], ids=["elsewhere", "to no host"]
)
def test_a_redirect_out_of_the_application_is_no_route(target: str) -> None:
    app = make_app()
    app.add_url_rule("/x", "x", marked(A))
    app.url_map.add(Rule("/go", endpoint="x", redirect_to=lambda *_: target))
    answer = preflight(app, "/go", "GET", C)
    assert answer == (204, allowed(C, methods="GET"))


def test_an_alias_has_the_policy_of_its_route() -> None:
    app = make_app()
    app.add_url_rule("/x", "x", marked(A), defaults={"page": 1})
    app.add_url_rule("/x/<int:page>", "x")
    assert preflight(app, "/x/1", "GET", A).status == 204
    assert request(app, "/x/1") == (308, allowed(A))
    assert request(app, "/x/2") == (200, allowed(A))


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


# Where a route meets path rules


def path_routes(*rules: str) -> Callable[[], object]:
    """Return a start of an app whose marked routes conflict with "/open/*"."""

    def start() -> object:
        app = Flask(__name__)
        CORS(app, resources={"/*": {"origins": A}, "/open/*": {"origins": "*"}})
        for number, rule in enumerate(rules):
            view = cross_origin(supports_credentials=True)(lambda **_: "x")
            app.add_url_rule(rule, f"view{number}", view)
        return request(app, "/")

    return start


@pytest.mark.parametrize(
    "rule",
    ["/open/x", "/open/<x>", "/<x>/y", "/<path:x>", "/<path:x>/z", "/open", "/open/"],
)
def test_a_route_that_may_meet_a_path_rule_is_checked_with_it(rule: str) -> None:
    """It is an error at the start, not at the request where they meet."""
    assert problems(path_routes(rule)) == [
        (
            "CORS(app): resources['/open/*']['origins']",
            "origin-wildcard-credentials",
        )
    ]


@pytest.mark.parametrize("rule", ["/", "/x", "/x/<path:y>", "/opened", "/x/open/y"])
def test_a_route_that_cannot_meet_a_path_rule_is_not(rule: str) -> None:
    assert path_routes(rule)()


def test_an_exact_path_rule_meets_routes_of_the_same_length_only() -> None:
    app = Flask(__name__)
    CORS(app, resources={"/*": {"origins": A}, "/a/b": {"origins": "*"}})
    strict = cross_origin(supports_credentials=True)
    app.add_url_rule("/<x>", view_func=strict(lambda x: x))
    app.add_url_rule("/a/b/<x>", "deep", strict(lambda x: x))
    assert request(app, "/a") == (200, allowed(A, credentials="true"))
    assert request(app, "/a/b/c") == (200, allowed(A, credentials="true"))


def test_no_request_can_bring_layers_together_that_were_not_checked() -> None:
    """No path rule governs "/a/./b": nothing does, where the view needs one."""
    app = Flask(__name__)
    CORS(app, resources={"/*": {"origins": A}})

    @app.route("/<path:rest>")
    @cross_origin(max_age=1)
    def view(rest: str) -> Response:
        return Response(rest)

    assert request(app, "/a/b") == (200, allowed(A))
    for path in ("/a/./b", "/a/../b"):
        overrides = {"PATH_INFO": path}
        assert request(app, "/", environ_overrides=overrides) == (200, NOTHING)
        assert preflight(app, "/", "GET", environ_overrides=overrides) == (200, NOTHING)


def test_method_views_have_a_policy_for_each_method() -> None:
    app = make_app()

    class Item(MethodView):
        @cross_origin(origins=A)
        def get(self) -> str:
            return "x"

        @cross_origin(origins=B)
        def put(self) -> str:
            return "x"

        def delete(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Item.as_view("item"))
    assert preflight(app, "/x", "GET", A) == (204, allowed(A, methods="GET, HEAD"))
    assert preflight(app, "/x", "HEAD", A) == (204, allowed(A, methods="GET, HEAD"))
    assert preflight(app, "/x", "PUT", B) == (204, allowed(B, methods="PUT"))
    assert preflight(app, "/x", "DELETE", C) == (
        204,
        allowed(C, methods="DELETE, OPTIONS"),
    )
    assert preflight(app, "/x", "PUT", A) == (403, MISS)
    assert request(app, "/x", "HEAD", A) == (200, allowed(A))
    assert request(app, "/x", "PUT", B) == (200, allowed(B))
    assert request(app, "/x", "PUT", A) == (200, MISS)
    assert request(app, "/x", "OPTIONS", C) == (200, allowed(C))


def test_a_public_policy_serves_preflights_without_vary() -> None:
    app = make_app("*", allow_headers="*")
    app.add_url_rule("/x", view_func=ok, methods=["PUT"])
    asked = {"Access-Control-Request-Headers": "x-one"}
    assert preflight(app, "/x", "PUT", EVIL, asked) == (
        204,
        allowed("*", methods="OPTIONS, PUT", headers="*"),
    )
    assert preflight(app, "/x", "PUT", "null") == (
        204,
        allowed("*", methods="OPTIONS, PUT", headers="*"),
    )
    assert request(app, "/x", "PUT", None) == (200, OPEN)
