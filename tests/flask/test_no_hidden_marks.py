"""A mark that cannot take effect is an error, wherever a view hides it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from flask.views import MethodView
from flask.views import View as FlaskView

from flask_cors_policy import CORS, cross_origin

from .helpers import EVIL, problems
from .sites import Site, View


class Calling:
    """A class that decorates, and keeps the view in an attribute."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.__name__ = "calling"

    def __call__(self, **values: object) -> str:
        return self.view(**values)


class Slotted:
    """One that has slots."""

    __slots__ = ("__name__", "view")

    def __init__(self, view: View) -> None:
        self.view = view
        self.__name__ = "slotted"

    def __call__(self, **values: object) -> str:
        return self.view(**values)


class Holding:
    """One that keeps views in a container."""

    def __init__(self, views: Any, key: Any) -> None:
        self.views = views
        self.key = key
        self.__name__ = "holding"

    def __call__(self, **values: object) -> str:
        result: str = self.views[self.key](**values)
        return result

    def method(self, **values: object) -> str:
        return self(**values)


def in_a_default(view: View) -> View:
    def of_default(wrapped: View = view) -> str:
        return wrapped()

    return of_default


def in_a_keyword_default(view: View) -> View:
    def of_keyword_default(*, wrapped: View = view) -> str:
        return wrapped()

    return of_keyword_default


def in_nested_containers(view: View) -> View:
    views = {"api": [(view,)]}

    def of_containers() -> str:
        return views["api"][0][0]()

    return of_containers


def in_a_deque(view: View) -> View:
    views = deque([view])

    def of_deque() -> str:
        return views[0]()

    return of_deque


def in_a_read_only_mapping(view: View) -> View:
    views = MappingProxyType({"GET": view})

    def of_mapping() -> str:
        return views["GET"]()

    return of_mapping


def in_an_attribute(view: View) -> View:
    def of_attribute() -> str:
        result: str = vars(of_attribute)["view"]()
        return result

    vars(of_attribute)["view"] = view
    return of_attribute


def in_a_namespace(view: View) -> View:
    views = SimpleNamespace(view=view)

    def of_namespace() -> str:
        result: str = views.view()
        return result

    return of_namespace


def of_one_object(view: View) -> View:
    class Item(FlaskView):
        init_every_request = False

        def __init__(self) -> None:
            self.view = view

        def dispatch_request(self) -> str:
            return self.view()

    return Item.as_view("item")  # type: ignore[return-value]


def of_a_class(view: View) -> View:
    class Item(MethodView):
        def __init__(self, wrapped: View) -> None:
            self.wrapped = wrapped

        def get(self) -> str:
            return self.wrapped()

    return Item.as_view("item", view)  # type: ignore[return-value]


HIDDEN: dict[str, Callable[[View], View]] = {
    "a class that decorates": Calling,
    "two classes that decorate": lambda view: Calling(Calling(view)),
    "a class with slots": Slotted,
    "a dict of a class that decorates": lambda view: Holding({"GET": view}, "GET"),
    "a tuple of a class that decorates": lambda view: Holding((view,), 0),
    "a method of an object": lambda view: Holding([view], 0).method,
    "the default of an argument": in_a_default,
    "the default of a keyword": in_a_keyword_default,
    "containers in containers": in_nested_containers,
    "an argument of as_view": of_a_class,
    "an object that a class is made of once": of_one_object,
    "a namespace": in_a_namespace,
    "a deque": in_a_deque,
    "a mapping that is read only": in_a_read_only_mapping,
    "an attribute of the function": in_an_attribute,
}


@pytest.mark.parametrize("hide", HIDDEN.values(), ids=HIDDEN)
def test_a_mark_is_not_ignored_behind(hide: Callable[[View], View]) -> None:
    site = Site()
    CORS(site.app, origins="*")
    hidden = cross_origin(origins="https://b.example", enforce=True)(site.view("x"))
    site.app.add_url_rule("/x", "x", hide(hidden))
    ((setting, reason),) = problems(lambda: site.visit("/x", origin=EVIL))
    assert setting.endswith(".x")
    assert reason == "mark-without-effect"
    assert site.ran == []


def test_a_mark_on_the_object_whose_method_is_the_view_is_not_ignored() -> None:
    site = Site()
    CORS(site.app, origins="*")
    holding = cross_origin(origins="https://b.example")(Holding([site.view("x")], 0))
    site.app.add_url_rule("/x", "x", holding.method)
    ((_, reason),) = problems(lambda: site.visit("/x", origin=EVIL))
    assert reason == "mark-without-effect"
    assert site.ran == []
