"""Policies through the real libraries that people build APIs with."""

from __future__ import annotations

from typing import Any, ClassVar

import flask_restful
import flask_restx
import flask_smorest
import pytest
from apiflask import APIBlueprint, APIFlask, Schema
from apiflask.fields import String
from apiflask.views import MethodView as APIMethodView
from flask import Blueprint, Flask, abort
from flask.views import MethodView
from flask_httpauth import HTTPBasicAuth
from flask_login import LoginManager, UserMixin, login_required
from flask_restful.reqparse import RequestParser

from flask_cors_policy import CORS, cors_exempt, cross_origin

from .helpers import (
    MISS,
    NOTHING,
    A,
    B,
    C,
    Headers,
    allowed,
    first_request,
    preflight,
    problems,
    request,
)


def make_app() -> Flask:
    app = Flask(__name__, static_folder=None)
    CORS(app, origins=C)
    return app


# Flask-RESTful


@pytest.mark.parametrize("where", ["class", "methods", "method_decorators", "api"])
def test_a_resource_of_flask_restful_has_the_policy_of_its_mark(where: str) -> None:
    app = make_app()
    mark = cross_origin(origins=A)
    api = flask_restful.Api(app, decorators=[mark] if where == "api" else [])

    class Item(flask_restful.Resource):
        method_decorators: ClassVar[Any] = []

        def get(self, item: str) -> dict[str, str]:
            if item == "none":
                flask_restful.abort(404, message="no such item")
            return {"item": item}

        def put(self, item: str) -> tuple[dict[str, str], int]:
            parser = RequestParser()
            parser.add_argument("size", type=int, required=True, location="args")
            return parser.parse_args(), 201

        def delete(self, item: str) -> str:
            raise LookupError(item)

    marked: dict[str, list[Any]] = {
        "class": [Item],
        "methods": [Item.get, Item.put, Item.delete],
    }
    for target in marked.get(where, []):
        mark(target)
    if where == "method_decorators":
        Item.method_decorators = [mark]
    api.add_resource(Item, "/items/<item>", endpoint="item")

    listed = "DELETE, GET, HEAD, PUT"
    if where != "methods":  # OPTIONS has no method of its own.
        listed = "DELETE, GET, HEAD, OPTIONS, PUT"
    assert preflight(app, "/items/x", "PUT", A) == (204, allowed(A, methods=listed))
    assert preflight(app, "/items/x", "PUT", C) == (403, MISS)
    for path, method, status in [
        ("/items/x", "GET", 200),
        ("/items/x", "HEAD", 200),
        ("/items/none", "GET", 404),
        ("/items/x?size=1", "PUT", 201),
        ("/items/x?size=big", "PUT", 400),
        ("/items/x", "DELETE", 500),
    ]:
        assert request(app, path, method, A) == (status, allowed(A))
        assert request(app, path, method, C) == (status, MISS)
    # The methods of the class have one policy, and so has the URL.
    assert request(app, "/items/x", "PATCH", A) == (405, allowed(A))
    assert request(app, "/items/x", "PATCH", C) == (405, MISS)
    assert request(app, "/none", origin=C) == (404, allowed(C))


def test_flask_restful_on_a_blueprint_has_the_policy_of_the_blueprint() -> None:
    app = make_app()
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    api = flask_restful.Api(blueprint)

    class Item(flask_restful.Resource):
        @cross_origin(origins=B)
        def put(self) -> str:
            return "put"

        def get(self) -> str:
            return "got"

    api.add_resource(Item, "/item")
    CORS(blueprint, origins=A)
    app.register_blueprint(blueprint)
    assert preflight(app, "/api/item", "PUT", B) == (
        204,
        allowed(B, methods="PUT", max_age="0"),
    )
    assert preflight(app, "/api/item", "GET", A) == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS", max_age="0"),
    )
    assert request(app, "/api/item", "PATCH", C) == (405, allowed(C))
    assert request(app, "/api/none", origin=A) == (404, allowed(A))


# Flask-RESTX


def test_a_resource_of_flask_restx_has_the_policy_of_its_mark() -> None:
    app = make_app()
    api = flask_restx.Api(app, doc="/doc", prefix="/api")
    namespace = api.namespace("things", path="/things")

    @cross_origin(origins=A)
    @namespace.route("/above/<int:number>")
    class Above(flask_restx.Resource):
        @namespace.doc("get")
        def get(self, number: int) -> dict[str, int]:
            if number == 0:
                namespace.abort(404, "no such thing")
            return {"number": 1 // (number - 1)}

    @namespace.route("/below")
    @cross_origin(origins=A)
    class Below(flask_restx.Resource):
        def get(self) -> str:
            return "x"

        @namespace.expect(namespace.model("Thing", {}), validate=True)
        @cross_origin(origins=B)
        def put(self) -> str:
            return "x"

    @namespace.route("/decorated")
    class Decorated(flask_restx.Resource):
        method_decorators: ClassVar[Any] = [cross_origin(origins=A)]

        def get(self) -> str:
            return "x"

    for path, status in [
        ("above/2", 200),
        ("above/0", 404),
        ("above/1", 500),
        ("below", 200),
        ("decorated", 200),
    ]:
        assert request(app, f"/api/things/{path}", origin=A) == (status, allowed(A))
        assert request(app, f"/api/things/{path}", origin=C) == (status, MISS)
    assert preflight(app, "/api/things/below", "PUT", B) == (
        204,
        allowed(B, methods="PUT", max_age="0"),
    )
    bad = {"Content-Type": "application/json"}
    answer = request(app, "/api/things/below", "PUT", B, bad, data="{")
    assert answer == (400, allowed(B))
    assert request(app, "/swagger.json", origin=C).cors == allowed(C)
    assert request(app, "/api/none", origin=C) == (404, allowed(C))


# Flask-Smorest


class SizeSchema(Schema):
    size = String(required=True)


def test_a_view_of_flask_smorest_has_the_policy_of_its_mark() -> None:
    app = make_app()
    app.config.update(API_TITLE="x", API_VERSION="1", OPENAPI_VERSION="3.0.3")
    blueprint = flask_smorest.Blueprint("api", "api", url_prefix="/api")

    @blueprint.route("/function")
    @cross_origin(origins=A)
    @blueprint.response(200)
    def function() -> dict[str, str]:
        return {}

    @blueprint.route("/below")
    @blueprint.arguments(SizeSchema, location="query")
    @blueprint.response(200, SizeSchema)
    @cross_origin(origins=A)
    def below(arguments: dict[str, str]) -> dict[str, str]:
        return arguments

    @blueprint.route("/class")
    class Item(MethodView):
        @blueprint.response(200)
        def get(self) -> dict[str, str]:
            abort(409)

        @blueprint.arguments(SizeSchema)
        @blueprint.response(200)
        @cross_origin(origins=A)
        def put(self, arguments: object) -> dict[str, str]:
            return {}

    CORS(blueprint, origins=B)
    flask_smorest.Api(app).register_blueprint(blueprint)
    assert request(app, "/api/function", origin=A) == (200, allowed(A))
    assert request(app, "/api/below?size=1", origin=A) == (200, allowed(A))
    assert request(app, "/api/below", origin=A) == (422, allowed(A))
    assert request(app, "/api/class", origin=B) == (409, allowed(B))
    assert request(app, "/api/class", "PUT", A, json={}) == (422, allowed(A))
    assert request(app, "/api/class", "PATCH", C) == (405, allowed(C))
    assert request(app, "/api/none", origin=B) == (404, allowed(B))
    assert preflight(app, "/api/class", "PUT", A) == (
        204,
        allowed(A, methods="PUT", max_age="0"),
    )
    assert preflight(app, "/api/class", "GET", B) == (
        204,
        allowed(B, methods="GET, HEAD, OPTIONS", max_age="0"),
    )


# APIFlask


def test_a_view_of_apiflask_has_the_policy_of_its_mark() -> None:
    app = APIFlask(__name__)
    CORS(app, origins=C)
    blueprint = APIBlueprint("api", __name__, url_prefix="/api")

    @app.get("/function")
    @app.input(SizeSchema, location="query")
    @app.output(SizeSchema)
    @cross_origin(origins=A)
    def function(query_data: dict[str, str]) -> dict[str, str]:
        return query_data

    @cross_origin(origins=A)
    @app.post("/above")
    @app.input(SizeSchema)
    def above(json_data: dict[str, str]) -> dict[str, str]:
        raise LookupError

    class Item(APIMethodView):
        @blueprint.output(SizeSchema)
        def get(self) -> dict[str, str]:
            return {"size": "1"}

        @blueprint.doc(summary="x")
        @cross_origin(origins=A)
        def put(self) -> dict[str, str]:
            return {}

    blueprint.add_url_rule("/class", view_func=Item.as_view("item"))
    CORS(blueprint, origins=B)
    app.register_blueprint(blueprint)
    assert request(app, "/function?size=1", origin=A) == (200, allowed(A))
    assert request(app, "/function", origin=A) == (422, allowed(A))
    assert request(app, "/above", "POST", A, json={"size": "1"}) == (500, allowed(A))
    assert request(app, "/above", "POST", A) == (422, allowed(A))
    assert request(app, "/api/class", origin=B) == (200, allowed(B))
    assert request(app, "/api/none", origin=B) == (404, allowed(B))
    assert request(app, "/openapi.json", origin=C) == (200, allowed(C))
    assert preflight(app, "/api/class", "PUT", A) == (
        204,
        allowed(A, methods="PUT", max_age="0"),
    )
    assert preflight(app, "/above", "POST", A) == (
        204,
        allowed(A, methods="OPTIONS, POST"),
    )


# Authentication


def test_flask_httpauth_does_not_meet_preflights() -> None:
    app = make_app()
    auth = HTTPBasicAuth()

    @app.route("/x", methods=["PUT"])
    @auth.login_required
    @cross_origin(origins=A, allow_headers="Authorization")
    def x() -> str:
        return "x"

    @app.route("/y", methods=["PUT"])
    @cross_origin(origins=A, allow_headers="Authorization")
    @auth.login_required
    def y() -> str:
        return "y"

    for path in ("/x", "/y"):
        assert preflight(app, path, "PUT", A) == (
            204,
            allowed(A, methods="OPTIONS, PUT", headers="Authorization"),
        )
        assert request(app, path, "PUT", A) == (401, allowed(A))
        assert request(app, path, "PUT", C) == (401, MISS)


def test_flask_login_does_not_meet_preflights() -> None:
    app = make_app()
    app.secret_key = "test"
    LoginManager(app).user_loader(lambda _: UserMixin())

    @app.route("/x", methods=["GET", "PUT"])
    @cross_origin(origins=A, supports_credentials=True)
    @login_required
    def x() -> str:
        return "secret"

    class Item(MethodView):
        decorators: ClassVar[Any] = [login_required]

        @cross_origin(origins=A)
        def put(self) -> str:
            return "secret"

    app.add_url_rule("/item", view_func=Item.as_view("item"))
    credentials: Headers = allowed(A, credentials="true")
    assert preflight(app, "/x", "PUT", A) == (
        204,
        allowed(A, methods="GET, HEAD, OPTIONS, PUT", credentials="true"),
    )
    answer = request(app, "/x", "PUT", A)
    assert answer.status == 401
    # Flask-Login adds Cookie for the session it looked into.
    assert {**answer.cors, "Vary": "Origin"} == credentials
    assert "Origin" in answer.cors["Vary"].split(", ")
    assert preflight(app, "/item", "PUT", A) == (204, allowed(A, methods="PUT"))
    assert request(app, "/item", "PUT", A).status == 401


def test_an_exempt_resource_is_left_alone() -> None:
    app = make_app()
    api = flask_restful.Api(app)

    @cors_exempt
    class Item(flask_restful.Resource):
        def get(self) -> str:
            return "x"

    api.add_resource(Item, "/item")
    assert request(app, "/item", origin=C) == (200, NOTHING)
    assert preflight(app, "/item", "GET", C) == (200, NOTHING)


def test_an_ineffective_mark_is_found_in_a_resource_too() -> None:
    app = make_app()

    class Item(flask_restful.Resource):
        def get(self) -> str:
            return "x"

        @cross_origin(origins=A)
        def helper(self) -> str:
            return "x"

    flask_restful.Api(app).add_resource(Item, "/item")
    ((setting, reason),) = problems(first_request(app))
    assert setting.endswith("Item.helper")
    assert reason == "mark-without-effect"
