"""Mistakes with marks: twice, on what takes none, where they have no effect."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar
from unittest.mock import Mock

import flask
import pytest
from flask import Flask
from flask.views import MethodView, View
from werkzeug.local import LocalProxy

from flask_cors_policy import cors_exempt, cross_origin

from .helpers import (
    A,
    B,
    C,
    allowed,
    copying,
    first_request,
    hiding,
    make_app,
    problems,
    request,
)

# Mistakes at the decorator


def test_an_option_that_is_wrong_by_itself_stops_the_import() -> None:
    def view() -> None: ...

    place = f"@cross_origin on {__name__}.{view.__qualname__}"
    options: dict[str, Any] = {"origin": A, "max_age": "600", "always_send": True}
    assert sorted(problems(lambda: cross_origin(**options)(view))) == [
        (f"{place}: always_send", "unknown-option"),
        (f"{place}: max_age", "wrong-type"),
        (f"{place}: origin", "unknown-option"),
    ]


@pytest.mark.parametrize("outer", [cross_origin(origins=A), cors_exempt])
@pytest.mark.parametrize("between", [lambda view: view, copying])
def test_two_marks_on_one_view_are_refused(outer: Any, between: Any) -> None:
    def view() -> None: ...

    inner = between(cross_origin(origins=B)(view))
    assert [reason for _, reason in problems(lambda: outer(inner))] == ["marked-twice"]


def test_one_decorator_may_mark_many_views() -> None:
    strict = cross_origin(origins=A)
    app = make_app()
    app.add_url_rule("/x", "x", strict(lambda: "x"))
    app.add_url_rule("/y", "y", strict(lambda: "y"))
    assert request(app, "/x") == request(app, "/y") == (200, allowed(A))


def test_what_cannot_be_marked_is_refused() -> None:
    class Views:
        def view(self) -> None: ...

    for target in (Views().view, len):
        with pytest.raises(TypeError, match="this object cannot be marked"):
            cross_origin(origins=A)(target)
    number: Any = 7
    with pytest.raises(TypeError, match="takes the name of a policy, not 7"):
        cross_origin(number)


def test_within_a_request_what_cannot_be_marked_is_passed_on() -> None:
    """Flask-RESTful applies its method_decorators to bound methods, at each request."""
    app = make_app()

    class Resource(View):
        method_decorators: ClassVar = [cross_origin(origins=A)]

        @cross_origin(origins=B)
        def dispatch_request(self) -> Any:
            method: Callable[[], str] = self.get
            for decorator in self.method_decorators:
                method = decorator(method)
            return method()

        def get(self) -> str:
            return flask.request.path

    app.add_url_rule("/x", view_func=Resource.as_view("resource"))
    assert request(app, "/x", "GET", A) == (200, allowed(A))


# Marks without effect


def hidden_by_a_decorator(app: Flask) -> None:
    @app.route("/x")
    @hiding
    @cross_origin(origins=A)
    def view() -> str:
        return "x"


def hidden_by_two_decorators(app: Flask) -> None:
    @app.route("/x")
    @copying
    @hiding
    @cross_origin(origins=A)
    def view() -> str:
        return "x"


def hidden_in_a_partial(app: Flask) -> None:
    @cross_origin(origins=A)
    def view(word: str) -> str:
        return word

    app.add_url_rule("/x", "x", functools.partial(view, "x"))


def hidden_by_a_decorator_on_a_method(app: Flask) -> None:
    class Item(MethodView):
        @hiding
        @cross_origin(origins=A)
        def get(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Item.as_view("item"))


def on_a_method_that_serves_nothing(app: Flask) -> None:
    class Item(MethodView):
        def get(self) -> str:
            return self.helper()

        @cross_origin(origins=A)
        def helper(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Item.as_view("item"))


def exempt_and_hidden(app: Flask) -> None:
    @app.route("/x")
    @hiding
    @cors_exempt
    def view() -> str:
        return "x"


@pytest.mark.parametrize(
    "register",
    [
        hidden_by_a_decorator,
        hidden_by_two_decorators,
        hidden_in_a_partial,
        hidden_by_a_decorator_on_a_method,
        on_a_method_that_serves_nothing,
        exempt_and_hidden,
    ],
)
def test_a_mark_that_can_never_take_effect_is_reported(
    register: Callable[[Flask], None],
) -> None:
    app = make_app()
    register(app)
    ((setting, reason),) = problems(first_request(app))
    assert register.__name__ in setting
    assert reason == "mark-without-effect"


def test_a_view_that_refers_to_another_view_hides_nothing() -> None:
    app = make_app()

    @app.route("/x")
    @cross_origin(origins=A)
    def x() -> str:
        return "x"

    @app.route("/y")
    def y() -> str:
        return x()

    assert request(app, "/y", origin=C) == (200, allowed(C))


def test_a_closure_that_is_not_filled_yet_is_no_error() -> None:
    app = make_app()

    @app.route("/x")
    @cross_origin(origins=A)
    def x() -> str:
        return later()

    assert request(app, "/x", "PUT", A) == (405, allowed(A))

    def later() -> str:
        return "later"

    assert request(app, "/x") == (200, allowed(A))


def test_a_view_may_be_any_object_at_all() -> None:
    app = make_app()
    view = Mock(return_value="x", spec=["__call__", "view_class"])
    app.add_url_rule("/x", "x", view)
    app.add_url_rule("/y", "y", cross_origin(origins=A)(lambda: "y"))
    assert request(app, "/x", origin=C) == (200, allowed(C))


def test_wrappers_are_looked_through_however_deep() -> None:
    app = make_app()
    view: Callable[..., Any] = cross_origin(origins=A)(lambda: "x")
    for _ in range(2000):
        view = hiding(view)
    app.add_url_rule("/x", "x", view)
    ((_, reason),) = problems(first_request(app))
    assert reason == "mark-without-effect"


@pytest.mark.parametrize("helper_is_marked", [False, True])
def test_functions_of_a_factory_may_all_call_each_other(helper_is_marked: bool) -> None:
    """Each is looked at once: one for every way through them would never end."""
    app = make_app()
    helpers: list[Callable[[int], object]] = []

    def factory(one: Any, two: Any, three: Any) -> Callable[[int], object]:
        return lambda depth: (one, two, three) if depth else None

    for number in range(60):
        known = helpers[-3:] if number > 2 else [len, len, len]
        helpers.append(factory(*known))
    if helper_is_marked:
        cross_origin(origins=A)(helpers[0])

    @app.get("/x")
    def view() -> str:
        return str(helpers_of_view(0))

    helpers_of_view = helpers[-1]
    if helper_is_marked:
        ((_, reason),) = problems(first_request(app))
        assert reason == "mark-without-effect"
    else:
        assert request(app, "/x", origin=C) == (200, allowed(C))


def failing(*_: object) -> object:
    raise LookupError("no database yet")


class Failing:
    """Computes an attribute of a class, and cannot yet."""

    __get__ = failing


def test_nothing_is_asked_of_what_is_no_function() -> None:
    """What a proxy stands for, and a computed attribute, may only exist later."""
    app = make_app()
    database: Any = LocalProxy(failing)

    class Item(MethodView):
        computed = Failing()
        proxy = database

        def get(self) -> str:
            return "x"

    @app.get("/x")
    def view() -> str:
        return "x" if app else str(database)

    app.add_url_rule("/item", view_func=Item.as_view("item"))
    assert request(app, "/x", origin=C) == (200, allowed(C))
    assert request(app, "/item", origin=C) == (200, allowed(C))
