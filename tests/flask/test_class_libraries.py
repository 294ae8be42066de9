"""Marks through libraries with views of their own kind: an effect, or an error.

B alone may use what is marked, and the view does not run for others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import flask_restful
import flask_restx
import pytest
from flask import Blueprint, Flask
from flask_admin import Admin, BaseView, expose
from flask_classful import FlaskView, route
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from flask_openapi3.view import APIView

from flask_cors_policy import CORS, cors_exempt, cross_origin

from .helpers import EVIL, MISS, NOTHING, B, allowed, first_request, problems
from .sites import Site, Visit


def mark() -> Any:
    return cross_origin(origins=B, enforce=True)


def same(target: Any) -> Any:
    return target


def chosen(where: str, *places: str) -> list[Any]:
    """Return for each of *places* the mark, if it is *where*, or nothing."""
    return [mark() if place == where else same for place in places]


REFUSED = Visit(403, MISS, [])


def assert_marked(site: Site, path: str, method: str, ran: str) -> None:
    """Assert that the mark of the view at *path* has effect, twice and preflighted."""
    for _ in range(2):
        assert site.visit(path, method, EVIL) == REFUSED
        assert site.visit(path, method, B) == (200, allowed(B), [ran])
    assert site.ask(path, method, EVIL) == REFUSED
    asked = site.ask(path, method, B)
    assert (asked.status, asked.ran) == (204, [])
    assert method in asked.cors["Access-Control-Allow-Methods"].split(", ")
    plain = site.plain
    assert site.visit(path, method, EVIL, through=plain) == REFUSED
    assert site.visit(path, method, B, through=plain) == (200, allowed(B), [ran])


def assert_open(site: Site, path: str, method: str, ran: str) -> None:
    """Assert that the view at *path* has the policy of the application."""
    assert site.visit(path, method, EVIL) == (200, allowed("*"), [ran])


def told(app: Flask) -> list[str]:
    """Return the reasons of the mistakes that the first request tells."""
    return [reason for _, reason in problems(first_request(app))]


# Flask-Classful


def classful(site: Site, where: str) -> Any:
    on_index, on_post, on_own = chosen(where, "method", "method", "method")

    class Items(FlaskView):
        decorators: ClassVar[Any] = [mark()] if where == "decorators" else []

        @on_index
        def index(self) -> str:
            site.ran.append("index")
            return "index"

        @on_post
        def post(self) -> str:
            site.ran.append("post")
            return "post"

        @on_own
        @route("/own", methods=["GET", "PUT"])
        def own(self) -> str:
            site.ran.append("own")
            return "own"

    return Items


@pytest.mark.parametrize("where", ["method", "decorators"])
def test_flask_classful(where: str) -> None:
    site = Site()
    CORS(site.app, origins="*")
    classful(site, where).register(site.app, route_base="/items")
    others = type("Others", (classful(site, "nowhere"),), {})
    others.register(site.app, route_base="/open")  # type: ignore[attr-defined]
    assert_marked(site, "/items/", "GET", "index")
    assert_marked(site, "/items/", "POST", "post")
    assert_marked(site, "/items/own", "PUT", "own")
    assert_open(site, "/open/", "POST", "post")


def test_flask_classful_on_a_blueprint() -> None:
    site = Site()
    CORS(site.app, origins="*")
    blueprint = Blueprint("bp", __name__, url_prefix="/bp")
    classful(site, "nowhere").register(blueprint, route_base="/items")
    mark()(blueprint)
    site.app.register_blueprint(blueprint)
    assert_marked(site, "/bp/items/", "POST", "post")
    assert_marked(site, "/bp/items/own", "PUT", "own")
    assert site.visit("/bp/none", origin=EVIL) == REFUSED


def test_flask_classful_on_the_class_is_an_error() -> None:
    """Its views are functions that know nothing of the class."""
    site = Site()
    CORS(site.app, origins="*")
    mark()(classful(site, "nowhere")).register(site.app, route_base="/items")
    assert told(site.app) == ["mark-without-effect"]


# Flask-OpenAPI3


def openapi3(site: Site) -> OpenAPI:
    app = OpenAPI("site", info=Info(title="x", version="1"), static_folder=None)
    site.app, site.plain = app, app.wsgi_app
    CORS(app, origins="*")
    return app


def test_flask_openapi3_below_its_route() -> None:
    site = Site()
    app = openapi3(site)

    @app.post("/x")
    @mark()
    def x() -> str:
        site.ran.append("x")
        return "x"

    @app.post("/open")
    def open_to_all() -> str:
        site.ran.append("open")
        return "open"

    assert_marked(site, "/x", "POST", "x")
    assert_open(site, "/open", "POST", "open")


def test_flask_openapi3_above_its_route_is_an_error() -> None:
    """The route has taken a copy of the function, without a mark yet."""
    site = Site()
    app = openapi3(site)

    @mark()
    @app.post("/x")
    def x() -> str:
        return "x"

    assert told(app) == ["mark-without-effect"]


def test_flask_openapi3_on_a_blueprint() -> None:
    site = Site()
    app = openapi3(site)
    blueprint = APIBlueprint("bp", __name__, url_prefix="/bp")

    @blueprint.post("/x")
    def x() -> str:
        site.ran.append("x")
        return "x"

    CORS(blueprint, origins=B, enforce=True)
    app.register_api(blueprint)
    assert_marked(site, "/bp/x", "POST", "x")
    assert site.visit("/bp/none", origin=EVIL) == REFUSED


def openapi3_view(site: Site, where: str) -> OpenAPI:
    app = openapi3(site)
    view = APIView(url_prefix="/api")
    above, below, on_post = chosen(where, "above", "below", "method")

    @above
    @view.route("/items")
    @below
    class Items:
        @view.doc(summary="read")
        def get(self) -> str:
            site.ran.append("get")
            return "get"

        @on_post
        @view.doc(summary="write")
        def post(self) -> str:
            site.ran.append("post")
            return "post"

    assert Items is not None
    app.register_api_view(view)
    return app


def test_flask_openapi3_on_a_method() -> None:
    site = Site()
    openapi3_view(site, "method")
    assert_marked(site, "/api/items", "POST", "post")
    assert_open(site, "/api/items", "GET", "get")


@pytest.mark.parametrize("where", ["above", "below"])
def test_flask_openapi3_on_a_class_is_an_error(where: str) -> None:
    assert told(openapi3_view(Site(), where)) == ["mark-without-effect"]


# Flask-Admin


def admin(site: Site, where: str) -> BaseView:
    above, below = chosen(where, "above", "below")

    class Things(BaseView):
        @above
        @expose("/", methods=["GET", "POST"])
        @below
        def index(self) -> str:
            site.ran.append("index")
            return "index"

    if where == "class":
        mark()(Things)
    view = Things(name="things", endpoint="things")
    if where == "object":
        mark()(view)
    site.app.static_folder = None
    Admin(site.app).add_view(view)
    if where == "blueprint":
        CORS(view.blueprint, origins=B, enforce=True)
    return view


@pytest.mark.parametrize("where", ["above", "below", "class", "blueprint"])
def test_flask_admin(where: str) -> None:
    site = Site()
    CORS(site.app, origins="*")
    admin(site, where)
    assert_marked(site, "/admin/things/", "POST", "index")
    assert_marked(site, "/admin/things/", "GET", "index")
    assert site.visit("/admin/", origin=EVIL)[:2] == (200, allowed("*"))


def test_flask_admin_on_the_object_is_an_error() -> None:
    """Its methods are the views: they read no mark from the object they belong to."""
    site = Site()
    CORS(site.app, origins="*")
    admin(site, "object")
    assert told(site.app) == ["mark-without-effect"]


# Flask-RESTful and Flask-RESTX


def restful(site: Site, base: type, decorators: Any = ()) -> type:
    """Return a resource of either library."""

    class Item(base):
        method_decorators: ClassVar[Any] = decorators

        def get(self) -> str:
            site.ran.append("get")
            return "get"

        def post(self) -> str:
            site.ran.append("post")
            return "post"

    return Item


RESTFUL: list[Any] = [
    (flask_restful.Api, flask_restful.Resource),
    (flask_restx.Api, flask_restx.Resource),
]


def in_a_list(site: Site, make_api: Any, base: type) -> None:
    item = restful(site, base, [mark()])
    make_api(site.app).add_resource(item, "/item")


def of_the_api(site: Site, make_api: Any, base: type) -> None:
    make_api(site.app, decorators=[mark()]).add_resource(restful(site, base), "/item")


def on_the_class(site: Site, make_api: Any, base: type) -> None:
    make_api(site.app).add_resource(mark()(restful(site, base)), "/item")


def inherited(site: Site, make_api: Any, base: type) -> None:
    class Own(mark()(restful(site, base))):  # type: ignore[misc]
        pass

    make_api(site.app).add_resource(Own, "/item")


@pytest.mark.parametrize(("make_api", "base"), RESTFUL, ids=["RESTful", "RESTX"])
@pytest.mark.parametrize("place", [in_a_list, of_the_api, on_the_class, inherited])
def test_flask_restful_and_restx(
    place: Callable[..., None], make_api: Any, base: type
) -> None:
    site = Site()
    CORS(site.app, origins="*")
    place(site, make_api, base)
    assert_marked(site, "/item", "POST", "post")
    assert_marked(site, "/item", "GET", "get")


def test_flask_restful_for_one_method() -> None:
    """A mapping of methods; Flask-RESTX has none."""
    site = Site()
    CORS(site.app, origins="*")
    item = restful(site, flask_restful.Resource, {"post": [mark()]})
    flask_restful.Api(site.app).add_resource(item, "/item")
    assert_marked(site, "/item", "POST", "post")
    assert_open(site, "/item", "GET", "get")


@pytest.mark.parametrize(("make_api", "base"), RESTFUL, ids=["RESTful", "RESTX"])
def test_the_class_s_own_mark_is_nearer_than_that_of_its_api(
    make_api: Any, base: type
) -> None:
    site = Site()
    CORS(site.app, origins="*")
    api = make_api(site.app, decorators=[cross_origin(origins=EVIL)])
    api.add_resource(mark()(restful(site, base)), "/item")
    api.add_resource(cors_exempt(restful(site, base)), "/exempt", endpoint="exempt")
    assert_marked(site, "/item", "POST", "post")
    assert site.visit("/exempt", "POST", EVIL) == (200, NOTHING, ["post"])
