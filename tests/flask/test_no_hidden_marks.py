"""A mark that cannot take effect is an error, wherever a view hides it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.views import MethodView

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
