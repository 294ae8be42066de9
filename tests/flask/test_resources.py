"""``resources`` and named policies."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from flask_cors_policy import CORS, Policy, cross_origin

from .helpers import (
    DEFAULT_HEADERS,
    MISS,
    NOTHING,
    OPEN,
    A,
    B,
    C,
    allowed,
    app_of_routes,
    preflight,
    request,
)

# Resources


def test_policies_apply_only_to_what_resources_name() -> None:
    app = app_of_routes()
    CORS(app, resources={"/api/*": {"origins": A}})
    assert request(app, "/api") == (200, allowed(A))
    assert request(app, "/api/items") == (200, allowed(A))
    assert request(app, "/api/none") == (404, allowed(A))
    assert request(app, "/apis") == (404, NOTHING)
    assert request(app, "/") == (200, NOTHING)
    assert preflight(app, "/", "PUT") == (200, NOTHING)


def test_resources_inherit_the_options_beside_them() -> None:
    app = app_of_routes()
    CORS(
        app,
        origins=A,
        max_age=5,
        resources={"/api/*": {"max_age": 9}, "/public/*": {"origins": "*"}, "/*": {}},
    )
    verbs = "GET, HEAD, OPTIONS"
    assert preflight(app, "/api", "GET") == (
        204,
        allowed(A, methods=verbs, max_age="9"),
    )
    assert preflight(app, "/public/x", "GET") == (
        204,
        allowed("*", methods=verbs, max_age="5"),
    )
    assert preflight(app, "/", "GET") == (204, allowed(A, methods=verbs, max_age="5"))


@pytest.mark.parametrize(
    "resources",
    ["/api/*, /public/*", ["/api/*", "/public/*"], ("/api/*", "/public/*")],
    ids=["string", "list", "tuple"],
)
def test_paths_alone_inherit_everything(resources: Any) -> None:
    app = app_of_routes()
    CORS(app, origins=A, resources=resources)
    assert request(app, "/api") == (200, allowed(A))
    assert request(app, "/public/x") == (200, allowed(A))
    assert request(app, "/") == (200, NOTHING)


def test_a_resource_may_be_a_named_policy_or_a_ready_one() -> None:
    app = app_of_routes()
    CORS(
        app,
        policies={"partners": {"origins": B}},
        resources={"/api/*": "partners", "/public/*": Policy(origins="*")},
    )
    assert request(app, "/api", origin=B) == (200, allowed(B))
    assert preflight(app, "/api/items", "PUT", B) == (
        204,
        allowed(B, methods="GET, HEAD, OPTIONS, PUT"),
    )
    assert request(app, "/public/x") == (200, OPEN)


def test_with_empty_resources_policies_apply_only_to_marked_views() -> None:
    app = app_of_routes()
    CORS(app, resources={})

    @app.route("/me")
    @cross_origin(origins=A)
    def me() -> str:
        return "me"

    assert request(app, "/me") == (200, allowed(A))
    assert request(app, "/") == (200, NOTHING)
    assert preflight(app, "/", "GET") == (200, NOTHING)


@pytest.mark.parametrize(
    "path", ["/api/../public/x", "/public/../api", "/public/./x", "/public//x"]
)
def test_no_path_rule_applies_to_an_ambiguous_path(path: str) -> None:
    app = app_of_routes()
    CORS(app, resources={"/public/*": {"origins": "*"}, "/api/*": {"origins": A}})
    sent: dict[str, Any] = {"environ_overrides": {"PATH_INFO": path}}
    assert request(app, "/", **sent).cors == MISS
    assert preflight(app, "/", "PUT", **sent) == (403, MISS)


def test_leading_slashes_are_one_as_for_flask() -> None:
    app = app_of_routes()
    CORS(app, resources={"/*": {"origins": "*"}, "/api/*": {"origins": A}})
    for path in ("//api", "///api/items"):
        sent: dict[str, Any] = {"environ_overrides": {"PATH_INFO": path}}
        assert request(app, "/", **sent) == (200, allowed(A))
        assert preflight(app, "/", "PUT", B, **sent) == (403, MISS)


def test_an_escaped_path_is_decoded_once_only() -> None:
    """The server has decoded it; CVE-2024-6844 decoded it again."""
    app = app_of_routes()
    CORS(app, resources={"/ä/*": {"origins": A}})
    assert request(app, "/%C3%A4/x") == (404, allowed(A))
    assert request(app, "/%25C3%25A4/x") == (404, NOTHING)


# Named policies


def test_named_policies_serve_decorators_and_inherit_the_application_s() -> None:
    app = app_of_routes(
        CORS_POLICIES={"partners": {"origins": B}, "web": Policy(origins=C)}
    )
    CORS(app, origins=A, max_age=3)

    @app.route("/partners")
    @cross_origin("partners")
    def partners() -> str:
        return "x"

    @app.route("/web")
    @cross_origin("web", expose_headers="X-Own")
    def web() -> str:
        return "x"

    assert preflight(app, "/partners", "GET", B) == (
        204,
        allowed(B, methods="GET, HEAD, OPTIONS", max_age="3"),
    )
    assert request(app, "/web", origin=C) == (200, allowed(C, expose="X-Own"))
    assert request(app, "/web", origin=A) == (200, MISS)
    # A ready policy has all its settings: max_age None is one of them.
    assert preflight(app, "/web", "GET", C) == (
        204,
        allowed(C, methods="GET, HEAD, OPTIONS"),
    )


def test_named_policies_apply_only_where_they_are_named() -> None:
    app = app_of_routes()
    CORS(app, policies={"partners": {"origins": B}})

    @app.route("/partners")
    @cross_origin("partners")
    def partners() -> str:
        return "x"

    assert request(app, "/partners", origin=B) == (200, allowed(B))
    assert request(app, "/", origin=B) == (200, NOTHING)


def test_a_ready_policy_does_not_inherit_methods() -> None:
    """Its default is what the routes accept, not what the application lists."""
    app = app_of_routes()
    CORS(app, origins=A, methods=["DELETE"], resources={"/api/*": Policy(origins=B)})
    assert preflight(app, "/api/items", "PUT", B) == (
        204,
        allowed(B, methods="GET, HEAD, OPTIONS, PUT"),
    )


def test_an_empty_list_of_methods_is_not_the_default() -> None:
    app = app_of_routes()
    CORS(app, origins=A, methods=[])
    assert preflight(app, "/api/items", "PUT") == (
        204,
        allowed(A, headers=DEFAULT_HEADERS),
    )


def test_a_path_rule_refuses_an_origin_after_it_has_allowed_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask(__name__, static_folder=None)
    CORS(app, resources={"/x": {"origins": [A]}})
    app.add_url_rule("/x", view_func=lambda: "x")
    assert request(app, "/x") == (200, allowed(A))
    assert request(app, "/x", origin="https://evil.example") == (200, MISS)
    assert [r.__dict__["cors_reason"] for r in caplog.records] == ["origin-not-allowed"]
