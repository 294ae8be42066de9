"""``CORS(blueprint)``: policies of blueprints, nested, exempt, inherited."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Blueprint, abort
from flask.views import MethodView

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
    make_app,
    preflight,
    problems,
    request,
)


def make_blueprint(name: str = "api", **options: Any) -> Blueprint:
    blueprint = Blueprint(name, __name__, **options)

    @blueprint.route("/items")
    @blueprint.route("/items/<int:item>", methods=["PUT"])
    def items(item: int = 0) -> str:
        if item == 7:
            abort(418)
        return "x"

    return blueprint


@pytest.mark.parametrize("order", ["before", "after"])
def test_nested_blueprints_inherit_from_outer_ones(order: str) -> None:
    app = make_app(max_age=1, expose_headers="X-App")
    outer, middle, inner = (
        Blueprint(name, __name__, url_prefix=f"/{name}")
        for name in ("outer", "middle", "inner")
    )
    for blueprint in (outer, middle, inner):
        blueprint.add_url_rule("/x", "x", lambda: "x", methods=["GET", "PUT"])
    policies: list[tuple[Blueprint, dict[str, Any]]] = [
        (outer, {"origins": A, "max_age": 2}),
        (inner, {"origins": [A, B], "max_age": 3}),
    ]
    if order == "before":
        for blueprint, options in policies:
            CORS(blueprint, **options)
    middle.register_blueprint(inner)
    outer.register_blueprint(middle)
    app.register_blueprint(outer)
    if order == "after":
        for blueprint, options in policies:
            CORS(blueprint, **options)
    listed = "GET, HEAD, OPTIONS, PUT"
    for prefix, origin, age in [
        ("/outer", A, "2"),
        ("/outer/middle", A, "2"),
        ("/outer/middle/inner", B, "3"),
    ]:
        assert preflight(app, f"{prefix}/x", "PUT", origin) == (
            204,
            allowed(origin, methods=listed, max_age=age),
        )
        exposed = allowed(origin, expose="X-App")
        assert request(app, f"{prefix}/x", "PUT", origin) == (200, exposed)
        assert request(app, f"{prefix}/x", "POST", origin) == (405, exposed)
        if order == "before":  # Later, the prefix is not known any more.
            assert request(app, f"{prefix}/none", "GET", origin) == (404, exposed)
        assert request(app, f"{prefix}/x", "PUT", C) == (200, MISS)
    assert request(app, "/outer/middle/x", "PUT", B) == (200, MISS)


def test_views_win_over_their_blueprint_and_inherit_from_it() -> None:
    app = make_app()
    blueprint = make_blueprint(url_prefix="/api")
    CORS(blueprint, origins=A, max_age=2)

    @blueprint.route("/own")
    @cross_origin(origins=B)
    def own() -> str:
        return "own"

    @blueprint.route("/exempt")
    @cors_exempt
    def exempt() -> str:
        return "exempt"

    app.register_blueprint(blueprint)
    assert preflight(app, "/api/own", "GET", B) == (
        204,
        allowed(B, methods="GET, HEAD, OPTIONS", max_age="2"),
    )
    # No view serves POST: the URL has the policy of its only view.
    assert preflight(app, "/api/own", "POST", B) == (
        204,
        allowed(B, methods="GET, HEAD, OPTIONS, POST", max_age="2"),
    )
    assert request(app, "/api/own", "POST", B) == (405, allowed(B))
    assert request(app, "/api/own", "POST", A) == (405, MISS)
    assert request(app, "/api/exempt", origin=A) == (200, NOTHING)


def test_routes_of_two_blueprints_on_one_url() -> None:
    app = make_app()
    one = Blueprint("one", __name__, url_prefix="/api")
    two = Blueprint("two", __name__, url_prefix="/api")
    one.add_url_rule("/x", "read", lambda: "x", methods=["GET"])
    two.add_url_rule("/x", "write", lambda: "x", methods=["PUT"])
    CORS(one, origins=A)
    CORS(two, origins=B)
    app.register_blueprint(one)
    app.register_blueprint(two)
    assert preflight(app, "/api/x", "GET", A) == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS", max_age="0"),
    )
    assert preflight(app, "/api/x", "PUT", B) == (
        204,
        allowed(B, methods="PUT", max_age="0"),
    )
    # The URL has two policies, so what no view serves has the application's.
    assert preflight(app, "/api/x", "POST", C) == (
        204,
        allowed(C, methods="POST", max_age="0"),
    )
    assert request(app, "/api/x", "POST", C) == (405, allowed(C))


def test_nested_blueprints_on_one_url_share_the_policy_of_the_application() -> None:
    app = make_app()
    outer = Blueprint("outer", __name__, url_prefix="/api")
    inner = Blueprint("inner", __name__)
    outer.add_url_rule("/x", "read", lambda: "x", methods=["GET"])
    inner.add_url_rule("/x", "write", lambda: "x", methods=["PUT"])
    CORS(outer, origins=A)
    CORS(inner, origins=B)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    assert request(app, "/api/x", "GET", A) == (200, allowed(A))
    assert request(app, "/api/x", "PUT", B) == (200, allowed(B))
    assert request(app, "/api/x", "POST", A) == (405, MISS)
    assert request(app, "/api/x", "POST", C) == (405, allowed(C))


def test_a_blueprint_with_a_policy_inside_an_exempt_one() -> None:
    app = make_app()
    outer = cors_exempt(make_blueprint("outer", url_prefix="/outer"))
    inner = make_blueprint("inner", url_prefix="/inner")
    CORS(inner, origins=A)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    assert request(app, "/outer/items") == (200, NOTHING)
    assert request(app, "/outer/none") == (404, NOTHING)
    assert request(app, "/outer/items", "DELETE") == (405, NOTHING)
    assert preflight(app, "/outer/items/1", "PUT") == (200, NOTHING)
    assert request(app, "/outer/inner/items") == (200, allowed(A))
    assert request(app, "/outer/inner/none") == (404, allowed(A))


def test_a_blueprint_never_falls_back_to_the_defaults_of_the_library() -> None:
    """CVE-2015-9243, and CORS(bp) of Flask-CORS: there it means any origin."""
    app = make_app(supports_credentials=True)
    CORS(blueprint := make_blueprint(url_prefix="/api"))
    app.register_blueprint(blueprint)
    assert request(app, "/api/items", origin=EVIL) == (200, MISS)
    assert request(app, "/api/items", origin=C) == (200, allowed(C, credentials="true"))


def test_a_blueprint_open_to_everyone_in_a_strict_application() -> None:
    app = make_app(enforce=True)
    blueprint = make_blueprint(url_prefix="/public")
    CORS(blueprint, origins="*")
    app.register_blueprint(blueprint)
    assert request(app, "/public/items", origin=EVIL) == (200, OPEN)
    assert request(app, "/other", origin=EVIL) == (403, MISS)


def test_a_blueprint_marked_by_the_decorator_may_use_a_named_policy() -> None:
    app = make_app(policies={"partners": {"origins": B}})
    blueprint = cross_origin("partners")(make_blueprint())
    app.register_blueprint(blueprint, url_prefix="/api")
    assert request(app, "/api/items", origin=B) == (200, allowed(B))
    assert request(app, "/api/none", origin=B) == (404, allowed(B))


def test_init_app_takes_a_blueprint_too() -> None:
    app = make_app()
    cors = CORS(origins=A, max_age=1)
    cors.init_app(blueprint := make_blueprint(url_prefix="/api"), max_age=2)
    app.register_blueprint(blueprint)
    assert preflight(app, "/api/none", "PUT", A) == (
        204,
        allowed(A, methods="PUT", max_age="2"),
    )


def test_two_policies_on_one_blueprint_are_refused() -> None:
    blueprint = make_blueprint()
    CORS(blueprint, origins=A)
    assert problems(lambda: CORS(blueprint, origins=B)) == [
        ("CORS(...) on blueprint 'api'", "marked-twice")
    ]
    assert problems(lambda: cors_exempt(blueprint)) == [
        ("@cors_exempt on blueprint 'api'", "marked-twice")
    ]


def test_a_method_view_in_a_nested_blueprint() -> None:
    app = make_app()
    outer = Blueprint("outer", __name__, url_prefix="/outer")
    inner = Blueprint("inner", __name__, url_prefix="/inner")

    class Item(MethodView):
        def get(self) -> str:
            return "x"

        @cross_origin(origins=B)
        def put(self) -> str:
            return "x"

    inner.add_url_rule("/x", view_func=Item.as_view("item"))
    CORS(outer, origins=A)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    assert preflight(app, "/outer/inner/x", "PUT", B) == (
        204,
        allowed(B, methods="PUT", max_age="0"),
    )
    assert preflight(app, "/outer/inner/x", "GET", A) == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS", max_age="0"),
    )


def test_static_files_of_a_blueprint_are_under_its_policy() -> None:
    app = make_app()
    blueprint = Blueprint(
        "files", __name__, static_folder=".", static_url_path="/s", url_prefix="/files"
    )
    CORS(blueprint, origins=A)
    app.register_blueprint(blueprint)
    assert request(app, "/files/s/helpers.py") == (200, allowed(A))
    assert request(app, "/files/s/none") == (404, allowed(A))
