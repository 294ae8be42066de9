"""``@cors_exempt``, and policies that refuse requests."""

from __future__ import annotations

from flask import Response
from flask.views import MethodView

from flask_cors_policy import cors_exempt, cross_origin

from .helpers import (
    EVIL,
    MISS,
    NOTHING,
    A,
    C,
    allowed,
    make_app,
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
    assert preflight(app, "/x", "GET", C) == (200, own)


def test_one_method_of_a_class_may_be_exempt_or_the_only_one_governed() -> None:
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
    assert preflight(app, "/x", "PUT", A) == (204, allowed(A, methods="PUT"))
    assert request(app, "/y", "GET", C) == (200, NOTHING)
    assert preflight(app, "/y", "PUT", C) == (
        204,
        allowed(C, methods="OPTIONS, PUT"),
    )


def test_enforcement_is_a_matter_of_each_route() -> None:
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
    # A missing slash or a wrong method does not lead around it.
    assert request(app, "/strict", "PUT", EVIL) == (405, MISS)


def test_enforcement_covers_websocket_upgrades() -> None:
    app = make_app(enforce=True, origins=A)
    app.add_url_rule("/ws", "ws", lambda: "x", websocket=True)
    app.add_url_rule("/own", "own", cors_exempt(lambda: "x"))
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    assert request(app, "/ws", origin=EVIL, headers=upgrade) == (403, MISS)
    assert request(app, "/ws", origin=A, headers=upgrade) == (200, NOTHING)
    assert request(app, "/own", origin=EVIL) == (200, NOTHING)
