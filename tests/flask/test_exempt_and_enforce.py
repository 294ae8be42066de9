"""``@cors_exempt``, and policies that refuse requests."""

from __future__ import annotations

import pytest
from flask import Response
from flask.views import MethodView

from flask_cors_policy import cors_exempt, cross_origin

from .helpers import (
    ASKED,
    EVIL,
    MISS,
    NOTHING,
    OPEN,
    A,
    C,
    allowed,
    make_app,
    marked,
    ok,
    preflight,
    request,
)

# Exempt


def test_an_exempt_view_is_left_alone_in_every_respect() -> None:
    app = make_app()

    @app.route("/x", methods=["GET", "OPTIONS"])
    @cors_exempt
    def x() -> Response:
        headers = {"Access-Control-Allow-Origin": "own", "Vary": "Own"}
        return Response("x", headers=headers)

    own = {"Access-Control-Allow-Origin": "own", "Vary": "Own"}
    assert request(app, "/x", origin=C) == (200, own)
    assert request(app, "/x", "OPTIONS", C, {ASKED: "GET"}) == (200, own)


def test_one_method_of_a_class_may_be_exempt_or_the_only_one_with_a_policy() -> None:
    """Browsers keep no answer of such a URL: they would use it for both methods."""
    app = make_app()

    @cors_exempt
    class Item(MethodView):
        def get(self) -> str:
            return "x"

        @cross_origin(origins=A)
        def put(self) -> str:
            return "x"

    class Other(MethodView):
        @cors_exempt
        def get(self) -> str:
            return "x"

        def put(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Item.as_view("item"))
    app.add_url_rule("/y", view_func=Other.as_view("other"))
    assert request(app, "/x", "GET", C) == (200, NOTHING)
    assert preflight(app, "/x", "PUT", A) == (
        204,
        allowed(A, methods="PUT", max_age="0"),
    )
    assert request(app, "/y", "GET", C) == (200, NOTHING)
    assert preflight(app, "/y", "PUT", C) == (
        204,
        allowed(C, methods="OPTIONS, PUT", max_age="0"),
    )


def test_each_route_enforces_its_own_policy() -> None:
    app = make_app()
    served: list[str] = []

    @app.route("/strict", methods=["POST"])
    @cross_origin(origins=A, enforce=True)
    def strict() -> str:
        served.append("strict")
        return "x"

    @app.route("/lax", methods=["POST"])
    def lax() -> str:
        served.append("lax")
        return "x"

    own = "http://localhost"
    same_site = {"Sec-Fetch-Site": "same-site"}
    assert request(app, "/strict", "POST", EVIL) == (403, MISS)
    assert request(app, "/strict", "POST", own, same_site) == (403, MISS)
    assert served == []
    assert request(app, "/lax", "POST", EVIL) == (200, MISS)
    assert request(app, "/strict", "POST", A) == (200, allowed(A))
    assert request(app, "/strict", "POST", own) == (200, MISS)
    assert request(app, "/strict", "POST", None) == (200, MISS)
    assert served == ["lax", "strict", "strict", "strict"]
    # What no view serves at the URL has the policy of its routes.
    assert request(app, "/strict", "PUT", EVIL) == (403, MISS)
    assert request(app, "/strict", "PUT", A) == (405, allowed(A))


AMBIGUOUS = ["/api/./x", "/api/../x", "/api/x/..", "/api/x/./y"]


@pytest.mark.parametrize("path", AMBIGUOUS)
def test_no_spelling_of_a_path_leads_past_rules_that_enforce(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Flask matches an ambiguous path with a route, but no policy applies to it."""
    app = make_app(resources={"/api/*": {"enforce": True}, "/*": {}}, origins=A)
    served: list[str] = []
    accepted = ["POST", "OPTIONS"]

    @app.route("/api/<path:rest>", methods=accepted, provide_automatic_options=False)
    def view(rest: str) -> str:
        served.append(rest)
        return rest

    @app.route("/api/own/<path:rest>", methods=["POST"])
    @cross_origin(origins=C, enforce=True)
    def marked_view(rest: str) -> str:
        return rest

    @app.route("/api/inheriting/<path:rest>", methods=["POST"])
    @cross_origin(max_age=5)
    def inheriting(rest: str) -> str:
        return rest

    sent = {"environ_overrides": {"PATH_INFO": path}}
    for origin in (A, EVIL):
        assert request(app, "/", "POST", origin, **sent) == (403, MISS)
        assert preflight(app, "/", "POST", origin, **sent) == (403, MISS)
    assert served == []
    assert {record.__dict__["cors_reason"] for record in caplog.records} == {
        "path-ambiguous"
    }
    for own in (None, "http://localhost"):
        assert request(app, "/", "POST", own, **sent) == (200, MISS)
    assert len(served) == 2
    # A policy of the view's own does not apply either: it inherits from path rules,
    # and which of them applies cannot be told.
    for own_path, origin in [("own", C), ("own", EVIL), ("inheriting", A)]:
        sent = {"environ_overrides": {"PATH_INFO": f"/api/{own_path}/./x"}}
        assert preflight(app, "/", "POST", origin, **sent) == (403, MISS)
        assert request(app, "/", "POST", origin, **sent) == (403, MISS)
    assert len(served) == 2


@pytest.mark.parametrize("path", AMBIGUOUS)
def test_a_view_that_enforces_is_enough_to_refuse_such_a_path(path: str) -> None:
    app = make_app(resources={"/api/*": {}}, origins=A)
    app.add_url_rule("/api/<path:rest>", view_func=ok, methods=["POST"])
    app.add_url_rule("/x", "x", marked(C, enforce=True))
    sent = {"environ_overrides": {"PATH_INFO": path}}
    assert request(app, "/", "POST", A, **sent) == (403, MISS)
    assert preflight(app, "/", "POST", A, **sent) == (403, MISS)


@pytest.mark.parametrize("path", AMBIGUOUS)
def test_such_a_path_gets_nothing_where_no_policy_enforces(path: str) -> None:
    app = make_app(resources={"/api/*": {}}, origins=A)

    @app.route("/api/<path:rest>", methods=["POST"])
    @app.route("/exempt/<path:rest>", endpoint="exempt", methods=["POST"])
    def view(rest: str) -> Response:
        return Response(rest, headers={"Access-Control-Allow-Origin": "*"})

    @cors_exempt
    def exempt(rest: str) -> Response:
        return view(rest)

    app.view_functions["exempt"] = exempt
    sent = {"environ_overrides": {"PATH_INFO": path}}
    assert request(app, "/", "POST", A, **sent) == (200, MISS)
    assert preflight(app, "/", "POST", A, **sent) == (403, MISS)
    sent = {"environ_overrides": {"PATH_INFO": "/exempt/./x"}}
    assert request(app, "/", "POST", A, **sent) == (200, OPEN)


def test_enforcement_covers_websocket_handshakes() -> None:
    app = make_app(enforce=True, origins=A)
    app.add_url_rule("/ws", "ws", lambda: "x", websocket=True)
    app.add_url_rule("/own", "own", cors_exempt(lambda: "x"))
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    assert request(app, "/ws", origin=EVIL, headers=upgrade) == (403, MISS)
    assert request(app, "/ws", origin=A, headers=upgrade) == (200, allowed(A))
    assert request(app, "/own", origin=EVIL) == (200, NOTHING)
