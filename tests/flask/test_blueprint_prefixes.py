"""The errors under the prefix of a blueprint have its policy.

They do if it was marked before it was registered: the registration tells the prefix.
Marked later, its routes have its policy all the same, but a 404 has the application's.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Blueprint, Flask, abort

from flask_cors_policy import CORS

from .helpers import (
    MISS,
    A,
    B,
    C,
    allowed,
    first_request,
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


ORDERS = ["before", "after", "long after"]


def register(
    app: Flask, blueprint: Blueprint, order: str, options: dict[str, Any], **more: Any
) -> None:
    """Register *blueprint* and give it a policy, in this order or that."""
    if order == "before":
        CORS(blueprint, **options)
    app.register_blueprint(blueprint, **more)
    if order == "after":
        CORS(blueprint, **options)
    app.add_url_rule("/", "root", lambda: "root")
    app.add_url_rule("/about/us", "about", lambda: "us")
    if order == "long after":
        CORS(blueprint, **options)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("own", "registered"),
    [({"url_prefix": "/api"}, {}), ({}, {"url_prefix": "/api"})],
    ids=["prefix of its own", "prefix from the registration"],
)
def test_a_blueprint_has_its_policy_in_any_order(
    order: str, own: dict[str, Any], registered: dict[str, Any]
) -> None:
    app = make_app(max_age=5)
    register(app, make_blueprint(**own), order, {"origins": A}, **registered)
    assert request(app, "/api/items", origin=A) == (200, allowed(A))
    assert request(app, "/api/items", origin=C) == (200, MISS)
    assert request(app, "/", origin=C) == (200, allowed(C))
    assert preflight(app, "/api/items/1", "PUT", A) == (
        204,
        allowed(A, methods="OPTIONS, PUT", max_age="5"),
    )
    assert preflight(app, "/api/items/1", "PUT", C) == (403, MISS)
    # Errors of its routes and under its prefix are its own.
    assert request(app, "/api/items/7", "PUT", A) == (418, allowed(A))
    assert request(app, "/api/items", "DELETE", A) == (405, allowed(A))
    its_own = A if order == "before" else C
    assert request(app, "/api/none", origin=its_own) == (404, allowed(its_own))
    assert request(app, "/api", origin=its_own) == (404, allowed(its_own))
    assert request(app, "/api/items/x", "PUT", its_own) == (404, allowed(its_own))
    assert request(app, "/apis", origin=A) == (404, MISS)
    assert request(app, "/about/them", origin=C) == (404, allowed(C))
    assert preflight(app, "/api/none", "PUT", its_own) == (
        204,
        allowed(its_own, methods="PUT", max_age="5"),
    )


@pytest.mark.parametrize("order", ORDERS)
def test_the_prefix_counts_as_the_registration_tells_it(order: str) -> None:
    app = make_app()
    blueprint = Blueprint("api", __name__)
    blueprint.add_url_rule("/items/<int:item>", "item", lambda item: str(item))
    blueprint.add_url_rule("/items/<int:item>/all", "all", lambda item: str(item))
    other = Blueprint("other", __name__)
    other.add_url_rule("/x", "x", lambda: "x")
    register(app, blueprint, order, {"origins": A}, url_prefix="/api/v1")
    app.register_blueprint(other, url_prefix="/api/v2")
    its_own = A if order == "before" else C
    assert request(app, "/api/v1/none", origin=its_own) == (404, allowed(its_own))
    assert request(app, "/api/v1/items/x", origin=its_own) == (404, allowed(its_own))
    assert request(app, "/api/v2/none", origin=C) == (404, allowed(C))
    assert request(app, "/api/none", origin=C) == (404, allowed(C))


def test_a_blueprint_may_be_registered_twice() -> None:
    app = make_app()
    blueprint = make_blueprint()
    CORS(blueprint, origins=A)
    app.register_blueprint(blueprint, url_prefix="/one")
    app.register_blueprint(blueprint, url_prefix="/two", name="second")
    for prefix in ("/one", "/two"):
        assert request(app, f"{prefix}/items", origin=A) == (200, allowed(A))
        assert request(app, f"{prefix}/none", origin=A) == (404, allowed(A))
        assert preflight(app, f"{prefix}/items/1", "PUT", A) == (
            204,
            allowed(A, methods="OPTIONS, PUT"),
        )
    assert request(app, "/three/none", origin=A) == (404, MISS)


def test_a_blueprint_may_serve_several_applications() -> None:
    blueprint = make_blueprint()
    CORS(blueprint, origins=A)
    first, second = make_app(), make_app(origins=B, max_age=9)
    first.register_blueprint(blueprint, url_prefix="/one")
    second.register_blueprint(blueprint, url_prefix="/two")
    assert request(first, "/one/none", origin=A) == (404, allowed(A))
    assert request(first, "/two/none", origin=A) == (404, MISS)
    assert request(second, "/two/items", origin=A) == (200, allowed(A))
    assert preflight(second, "/two/none", "GET", A) == (
        204,
        allowed(A, methods="GET", max_age="9"),
    )


def test_a_blueprint_without_a_prefix_owns_its_routes_only() -> None:
    app = make_app()
    blueprint = make_blueprint()
    CORS(blueprint, origins=A)
    app.register_blueprint(blueprint)
    assert request(app, "/items", origin=A) == (200, allowed(A))
    assert request(app, "/items", "DELETE", A) == (405, allowed(A))
    assert request(app, "/none", origin=C) == (404, allowed(C))


def test_a_prefix_with_a_converter_covers_any_segment() -> None:
    app = make_app()
    blueprint = Blueprint("tenant", __name__, url_prefix="/<tenant>/api")
    blueprint.add_url_rule("/x", "x", lambda tenant: tenant)
    CORS(blueprint, origins=A)
    app.register_blueprint(blueprint)
    assert request(app, "/acme/api/x") == (200, allowed(A))
    assert request(app, "/acme/api/none") == (404, allowed(A))
    assert request(app, "/acme/none", origin=C) == (404, allowed(C))


@pytest.mark.parametrize("path", ["/api/../x", "/api//x/y", "/api/./none"])
def test_an_ambiguous_path_is_under_no_blueprint(path: str) -> None:
    app = make_app()
    CORS(blueprint := make_blueprint(url_prefix="/api"), origins=A)
    app.register_blueprint(blueprint)
    overrides = {"PATH_INFO": path}
    assert request(app, "/", origin=C, environ_overrides=overrides).cors == allowed(C)


def test_a_path_that_is_not_utf_8_is_no_error_of_ours() -> None:
    app = make_app()
    CORS(blueprint := make_blueprint(url_prefix="/api"), origins=A)
    app.register_blueprint(blueprint)
    overrides = {"PATH_INFO": "/api/\xff"}
    assert request(app, "/", environ_overrides=overrides) == (404, allowed(A))


def test_blueprints_meet_path_rules_at_the_start() -> None:
    app = make_app(resources={"/*": {}, "/api/open/*": {"origins": "*"}})
    blueprint = make_blueprint(url_prefix="/api")
    CORS(blueprint, supports_credentials=True)
    app.register_blueprint(blueprint)
    # No route of it is there, but 404s under its prefix are its own.
    assert problems(first_request(app)) == [
        (
            "CORS(app): resources['/api/open/*']['origins']",
            "origin-wildcard-credentials",
        )
    ]
