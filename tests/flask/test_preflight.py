"""Preflights are decided by the route that will serve the asked method."""

from __future__ import annotations

import pytest
from flask import Flask, abort, redirect
from flask.views import MethodView
from werkzeug.routing import Rule

from flask_cors_policy import cors_exempt, cross_origin

from .helpers import (
    DEFAULT_HEADERS,
    EVIL,
    MISS,
    NOTHING,
    OPEN,
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
        ("GET", A, 204, allowed(A, methods="GET, HEAD, OPTIONS", max_age="0")),
        ("HEAD", A, 204, allowed(A, methods="GET, HEAD, OPTIONS", max_age="0")),
        ("PUT", B, 204, allowed(B, methods="DELETE, PUT", max_age="0")),
        ("DELETE", B, 204, allowed(B, methods="DELETE, PUT", max_age="0")),
        ("PATCH", C, 204, allowed(C, methods="PATCH", max_age="0")),
        ("GET", B, 403, MISS),
        ("PUT", A, 403, MISS),
        ("PATCH", A, 403, MISS),
        # No route has it: the page shall see the 405 that follows.
        ("POST", C, 204, allowed(C, methods="PATCH, POST", max_age="0")),
        ("POST", A, 403, MISS),
    ],
)
def test_two_views_on_one_url_each_answer_for_their_methods(
    method: str, origin: str, status: int, headers: dict[str, str]
) -> None:
    assert preflight(two_views(), "/x", method, origin) == (status, headers)


@pytest.mark.parametrize(
    ("method", "origin", "status"),
    [("GET", A, 200), ("PUT", B, 200), ("PATCH", C, 200), ("POST", C, 405)],
)
def test_the_actual_request_has_the_policy_its_preflight_had(
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
    assert preflight(app, "/x", "PUT", B) == (
        204,
        allowed("*", methods="PUT, PATCH", max_age="0"),
    )
    assert preflight(app, "/x", "DELETE", A) == (
        204,
        allowed(A, methods="DELETE, PATCH", max_age="0"),
    )
    assert preflight(app, "/x", "DELETE", B) == (403, MISS)


def test_a_wildcard_stands_for_the_method_asked_for_beside_another_policy() -> None:
    app = make_app("*", methods="*")
    app.add_url_rule("/x", "lax", ok, methods=["PUT"])
    app.add_url_rule("/x", "strict", marked(A, methods="*"), methods=["DELETE"])
    app.add_url_rule("/y", "other", ok, methods=["PUT"])
    for method, origin, sent in [
        ("PUT", B, "*"),
        ("LOCK", B, "*"),
        ("DELETE", A, A),
    ]:
        assert preflight(app, "/x", method, origin) == (
            204,
            allowed(sent, methods=method, max_age="0"),
        )
    assert preflight(app, "/y", "PUT") == (204, allowed("*", methods="*"))


def test_asking_for_a_wildcard_opens_no_stricter_view() -> None:
    """A page may ask for a method "*"; browsers would keep it as any method."""
    app = make_app([A, B])
    app.add_url_rule("/x", "lax", ok, methods=["PUT"])
    app.add_url_rule("/x", "strict", marked(B), methods=["DELETE"])
    assert preflight(app, "/x", "*") == (
        204,
        allowed(A, methods="OPTIONS, PUT", max_age="0"),
    )
    assert preflight(app, "/none", "*") == (204, allowed(A, headers=DEFAULT_HEADERS))
    every = make_app([A, B], methods="*", supports_credentials=True)
    every.add_url_rule("/x", "lax", ok, methods=["PUT"])
    every.add_url_rule("/x", "strict", marked(B), methods=["DELETE"])
    assert preflight(every, "/x", "*") == (
        204,
        allowed(
            A,
            headers=DEFAULT_HEADERS,
            credentials="true",
            max_age="0",
        ),
    )


def test_another_spelling_of_a_method_opens_no_stricter_view() -> None:
    """Flask reads "patch", which browsers do send, as PATCH."""
    app = make_app(A, methods=["PUT", "PATCH", "patch"])
    app.add_url_rule("/x", "lax", ok, methods=["PUT"])
    app.add_url_rule("/x", "strict", marked(B), methods=["PATCH"])
    assert preflight(app, "/x", "PUT") == (
        204,
        allowed(A, methods="PUT", max_age="0"),
    )
    assert preflight(app, "/x", "patch") == (403, MISS)


def test_an_exempt_view_beside_one_with_a_policy_stays_untouched() -> None:
    app = make_app(A)
    app.add_url_rule("/x", "write", ok, methods=["PUT"])
    app.add_url_rule("/x", "own", cors_exempt(lambda: "own"), methods=["GET"])
    assert preflight(app, "/x", "PUT") == (
        204,
        allowed(A, methods="OPTIONS, PUT", max_age="0"),
    )
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
def test_methods_are_those_of_the_routes(methods: list[str], listed: str) -> None:
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
        # As an answer it would stand for every method, those of other views too.
        ("*", "GET, HEAD, OPTIONS"),
        ("__init__", "GET, HEAD, OPTIONS, __init__"),
        ("X" * 64, f"GET, HEAD, OPTIONS, {'X' * 64}"),
    ],
)
def test_only_a_plausible_method_is_listed_beside_those_of_the_routes(
    asked: str, listed: str
) -> None:
    app = make_app(A)
    app.add_url_rule("/x", view_func=ok)
    assert preflight(app, "/x", asked) == (204, allowed(A, methods=listed))


@pytest.mark.parametrize("asked", ["T, ", "", "X" * 65, "\xe9"])
def test_a_preflight_for_what_is_no_method_is_refused(
    asked: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(A)
    app.add_url_rule("/x", view_func=ok)
    assert preflight(app, "/x", asked) == (403, MISS)
    (record,) = caplog.records
    assert record.__dict__["cors_reason"] == "method-malformed"


def test_a_path_without_a_route_lets_the_page_see_the_404() -> None:
    app = make_app(A)
    assert preflight(app, "/none", "PUT") == (204, allowed(A, methods="PUT"))
    assert request(app, "/none", "PUT") == (404, allowed(A))


def test_a_method_without_a_route_lets_the_page_see_the_405() -> None:
    app = make_app(A)
    app.add_url_rule("/x", view_func=ok)
    app.add_url_rule("/strict", view_func=marked(B), endpoint="strict")
    for path, origin, other in [("/x", A, B), ("/strict", B, A)]:
        # All routes of the URL have one policy, and so has its 405.
        assert preflight(app, path, "PUT", origin) == (
            204,
            allowed(origin, methods="GET, HEAD, OPTIONS, PUT"),
        )
        assert request(app, path, "PUT", origin) == (405, allowed(origin))
        assert preflight(app, path, "PUT", other) == (403, MISS)
        assert request(app, path, "PUT", other) == (405, MISS)


@pytest.mark.parametrize("how", ["view", "route", "config"])
def test_a_preflight_is_answered_without_automatic_options(how: str) -> None:
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
    assert headers == allowed(A, headers=DEFAULT_HEADERS)


# Before everything else


def test_a_preflight_is_answered_before_authentication() -> None:
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


def test_a_login_redirect_does_not_meet_a_preflight() -> None:
    app = make_app(A)
    app.before_request(lambda: redirect("/login", 302))
    app.add_url_rule("/x", view_func=marked(B), methods=["PUT"])
    assert preflight(app, "/x", "PUT", B) == (204, allowed(B, methods="OPTIONS, PUT"))
    assert request(app, "/x", "PUT", B) == (302, allowed(B))


def test_only_real_preflights_are_kept_from_the_view() -> None:
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
def test_a_routing_redirect_does_not_meet_a_preflight(path: str) -> None:
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


def redirecting(target: str) -> Flask:
    app = make_app()
    app.add_url_rule("/x", "x", marked(A))
    app.url_map.add(Rule("/go", endpoint="x", redirect_to=lambda *_: target))
    return app


def test_a_redirect_out_of_the_application_is_no_route() -> None:
    app = redirecting("https://other.example/x")
    assert preflight(app, "/go", "GET", C) == (204, allowed(C, methods="GET"))
    assert request(app, "/go", "GET", C) == (308, allowed(C))


def test_a_redirect_that_cannot_be_read_grants_nothing() -> None:
    """The matching itself raises, so that Flask cannot tell the route."""
    app = redirecting("//[/x")
    for origin in (A, C):
        assert preflight(app, "/go", "GET", origin) == (403, MISS)
        assert request(app, "/go", "GET", origin) == (500, MISS)


def test_an_alias_has_the_policy_of_its_route() -> None:
    app = make_app()
    app.add_url_rule("/x", "x", marked(A), defaults={"page": 1})
    app.add_url_rule("/x/<int:page>", "x")
    assert preflight(app, "/x/1", "GET", A).status == 204
    assert request(app, "/x/1") == (308, allowed(A))
    assert request(app, "/x/2") == (200, allowed(A))


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
    for method, origin, listed in [
        ("GET", A, "GET, HEAD"),
        ("HEAD", A, "GET, HEAD"),
        ("PUT", B, "PUT"),
        ("DELETE", C, "DELETE, OPTIONS"),
    ]:
        assert preflight(app, "/x", method, origin) == (
            204,
            allowed(origin, methods=listed, max_age="0"),
        )
    assert preflight(app, "/x", "PUT", A) == (403, MISS)
    assert request(app, "/x", "HEAD", A) == (200, allowed(A))
    assert request(app, "/x", "PUT", B) == (200, allowed(B))
    assert request(app, "/x", "PUT", A) == (200, MISS)
    assert request(app, "/x", "OPTIONS", C) == (200, allowed(C))


def test_options_that_flask_answers_is_no_other_policy_beside_a_marked_method() -> None:
    app = make_app(methods="*")

    class Item(MethodView):
        @cross_origin(max_age=60)
        def get(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Item.as_view("item"))
    listed = allowed(C, methods="*", max_age="60")
    assert preflight(app, "/x", "GET", C) == (204, listed)


def test_a_public_policy_answers_preflights_of_all_origins_alike() -> None:
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
