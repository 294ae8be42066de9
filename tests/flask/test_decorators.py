"""``@cross_origin``: marks on views of every kind, in any order."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import ClassVar

import pytest
from flask import Flask
from flask.views import MethodView, View

from flask_cors_policy import Policy, cors_exempt, cross_origin

from .helpers import (
    DEFAULT_HEADERS,
    EVIL,
    MISS,
    A,
    B,
    C,
    allowed,
    copying,
    hiding,
    make_app,
    preflight,
    request,
)

# In any order


def below_the_route(app: Flask) -> None:
    @app.route("/x", methods=["GET", "PUT"])
    @cross_origin(origins=A)
    def view() -> str:
        return "x"


def above_the_route(app: Flask) -> None:
    @cross_origin(origins=A)
    @app.route("/x", methods=["GET", "PUT"])
    def view() -> str:
        return "x"


def below_a_copying_decorator(app: Flask) -> None:
    @app.route("/x", methods=["GET", "PUT"])
    @copying
    @cross_origin(origins=A)
    def view() -> str:
        return "x"


def above_a_copying_decorator(app: Flask) -> None:
    @app.route("/x", methods=["GET", "PUT"])
    @cross_origin(origins=A)
    @copying
    def view() -> str:
        return "x"


def above_a_hiding_decorator(app: Flask) -> None:
    @app.route("/x", methods=["GET", "PUT"])
    @cross_origin(origins=A)
    @hiding
    def view() -> str:
        return "x"


def after_registration(app: Flask) -> None:
    def view() -> str:
        return "x"

    app.add_url_rule("/x", view_func=view, methods=["GET", "PUT"])
    cross_origin(origins=A)(view)


def on_an_async_view(app: Flask) -> None:
    @app.route("/x", methods=["GET", "PUT"])
    @cross_origin(origins=A)
    async def view() -> str:
        return "x"


def on_a_generator_s_view(app: Flask) -> None:
    @app.route("/x", methods=["GET", "PUT"])
    @cross_origin(origins=A)
    def view() -> Iterator[str]:
        yield "x"


def on_a_partial(app: Flask) -> None:
    def view(word: str) -> str:
        return word

    partial = functools.partial(view, "x")
    cross_origin(origins=A)(partial)
    app.add_url_rule("/x", "x", partial, methods=["GET", "PUT"])


def on_a_callable_object(app: Flask) -> None:
    @cross_origin(origins=A)
    class Callable_:
        def __call__(self) -> str:
            return "x"

    app.add_url_rule("/x", "x", Callable_(), methods=["GET", "PUT"])


def on_the_function_of_a_bound_method(app: Flask) -> None:
    class Views:
        @cross_origin(origins=A)
        def view(self) -> str:
            return "x"

    app.add_url_rule("/x", "x", Views().view, methods=["GET", "PUT"])


def on_a_view_class(app: Flask) -> None:
    @cross_origin(origins=A)
    class Page(View):
        methods: ClassVar = ["GET", "PUT"]

        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Page.as_view("page"))


def on_a_view_class_after_as_view(app: Flask) -> None:
    class Page(View):
        methods: ClassVar = ["GET", "PUT"]

        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Page.as_view("page"))
    cross_origin(origins=A)(Page)


def on_dispatch_request(app: Flask) -> None:
    class Page(View):
        methods: ClassVar = ["GET", "PUT"]

        @cross_origin(origins=A)
        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Page.as_view("page"))


def in_the_decorators_of_a_class(app: Flask) -> None:
    class Page(View):
        methods: ClassVar = ["GET", "PUT"]
        decorators: ClassVar = [copying, cross_origin(origins=A), copying]

        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Page.as_view("page"))
    app.add_url_rule("/y", view_func=Page.as_view("another"))


def on_what_as_view_returns(app: Flask) -> None:
    class Page(View):
        methods: ClassVar = ["GET", "PUT"]
        init_every_request = False

        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=cross_origin(origins=A)(Page.as_view("page")))


def inherited_from_a_base_class(app: Flask) -> None:
    @cross_origin(origins=A)
    class Base(View):
        methods: ClassVar = ["GET", "PUT"]

    class Page(Base):
        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Page.as_view("page"))


def nearer_than_that_of_a_base_class(app: Flask) -> None:
    @cross_origin(origins=B)
    class Base(View):
        methods: ClassVar = ["GET", "PUT"]

    @cross_origin(origins=A)
    class Page(Base):
        def dispatch_request(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Page.as_view("page"))


def in_method_decorators(app: Flask) -> None:
    """As Flask-RESTful and Flask-RESTX have them."""

    class Resource(MethodView):
        method_decorators: ClassVar = [copying, cross_origin(origins=A)]

        def get(self) -> str:
            return "x"

        def put(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Resource.as_view("resource"))


@pytest.mark.parametrize(
    "register",
    [
        below_the_route,
        above_the_route,
        below_a_copying_decorator,
        above_a_copying_decorator,
        above_a_hiding_decorator,
        after_registration,
        on_an_async_view,
        on_a_generator_s_view,
        on_a_partial,
        on_a_callable_object,
        on_the_function_of_a_bound_method,
        on_a_view_class,
        on_a_view_class_after_as_view,
        on_dispatch_request,
        in_the_decorators_of_a_class,
        on_what_as_view_returns,
        inherited_from_a_base_class,
        nearer_than_that_of_a_base_class,
        in_method_decorators,
    ],
)
def test_a_mark_takes_effect_wherever_it_stands(
    register: Callable[[Flask], None],
) -> None:
    app = make_app()
    register(app)
    for origin, headers in [(A, allowed(A)), (EVIL, MISS), (C, MISS), (None, MISS)]:
        assert request(app, "/x", "GET", origin) == (200, headers)
    status, headers = preflight(app, "/x", "PUT", A)
    methods = set(headers.pop("Access-Control-Allow-Methods").split(", "))
    assert (status, headers) == (204, allowed(A, headers=DEFAULT_HEADERS))
    assert methods | {"OPTIONS"} == {"GET", "HEAD", "PUT", "OPTIONS"}
    assert preflight(app, "/x", "PUT", C) == (403, MISS)


def test_a_decorator_returns_the_very_object_it_was_given() -> None:
    def function() -> None: ...

    async def coroutine() -> AsyncIterator[None]:
        yield

    class Page(View): ...

    for target in (function, coroutine, Page, functools.partial(function)):
        assert cross_origin(origins=A)(target) is target


def test_so_do_the_decorator_without_brackets_and_the_exemption() -> None:
    def view() -> None: ...

    def exempt() -> None: ...

    assert cross_origin(view) is view
    assert cors_exempt(exempt) is exempt


def test_a_decorator_without_arguments_or_brackets_inherits_everything() -> None:
    app = make_app(max_age=4)

    @app.route("/x")
    @cross_origin
    def x() -> str:
        return "x"

    @app.route("/y")
    @cross_origin()
    def y() -> str:
        return "y"

    for path in ("/x", "/y"):
        assert preflight(app, path, "GET", C) == (
            204,
            allowed(C, methods="GET, HEAD, OPTIONS", max_age="4"),
        )


def test_a_ready_policy_and_options_beside_it() -> None:
    app = make_app(max_age=4)

    @app.route("/x", methods=["PUT"])
    @cross_origin(Policy(origins=A, allow_headers="X-One"), expose_headers="X-Two")
    def x() -> str:
        return "x"

    assert preflight(app, "/x", "PUT", A) == (
        204,
        allowed(A, methods="OPTIONS, PUT", headers="X-One"),
    )
    assert request(app, "/x", "PUT", A) == (200, allowed(A, expose="X-Two"))
