"""Marks, rules and views that are added while the application serves."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import cached_property

import pytest
from flask.views import MethodView
from werkzeug.routing import Rule

from flask_cors_policy import (
    CORS,
    cross_origin,
)
from tests.threads import in_threads

from .helpers import EVIL, MISS, NOTHING, A, B, allowed
from .sites import Site, View, lazily

strict = cross_origin(origins=B, enforce=True)


def test_a_view_that_is_added_with_enforce_does_not_run_for_other_sites() -> None:
    """The first time counts: what the view does is done."""
    site = Site()
    CORS(site.app, origins=A)
    site.add("/x", "x", "POST")
    assert site.visit("/x", "POST") == (200, allowed(A), ["x"])
    site.app.view_functions["x"] = strict(site.view("late"))
    for _ in range(2):
        assert site.visit("/x", "POST", EVIL) == (403, MISS, [])
    assert site.visit("/x", "POST", B) == (200, allowed(B), ["late"])


def test_nor_does_one_that_is_added_with_a_rule_of_its_own() -> None:
    site = Site()
    CORS(site.app, resources={"/api/*": {"origins": A}})
    site.add("/api/x", "x", "POST")
    assert site.visit("/api/x", "POST") == (200, allowed(A), ["x"])
    site.app.view_functions["late"] = strict(site.view("late"))
    site.app.url_map.add(Rule("/api/late", endpoint="late", methods=["POST"]))
    assert site.visit("/api/late", "POST", EVIL) == (403, MISS, [])


def test_nor_does_one_whose_late_policy_is_invalid() -> None:
    site = Site()
    CORS(site.app, resources={})
    site.add("/x", "x", "POST")
    assert site.visit("/x", "POST") == (200, NOTHING, ["x"])
    site.app.view_functions["x"] = cross_origin(enforce=True)(site.view("late"))
    assert site.visit("/x", "POST", EVIL) == (403, MISS, [])


def test_the_body_of_an_answer_is_withheld_with_it_however_late_it_starts() -> None:
    site = Site()
    site.wrap(lazily)
    CORS(site.app, origins=A)
    site.add("/x", "x")
    assert site.visit("/x") == (200, allowed(A), ["x"])
    site.app.view_functions["x"] = strict(site.view("late"))
    response = site.send("/x", origin=EVIL)
    assert (response.status_code, response.data) == (403, b"")


def test_decorators_alone_take_effect_on_a_view_that_replaces_another() -> None:
    """There is no ``CORS(app)``, and the application had no marked view before."""
    site = Site()
    marked = strict(site.view("marked"))
    site.add("/x", "x")
    assert site.visit("/x") == (200, NOTHING, ["x"])
    site.app.view_functions["x"] = marked
    assert site.visit("/x", origin=B) == (200, allowed(B), ["marked"])
    assert site.visit("/x", origin=EVIL) == (403, MISS, [])


def test_a_marked_method_takes_effect_when_its_class_gets_it() -> None:
    site = Site()
    marked = strict(site.view("marked"))

    class Item(MethodView):
        put = site.view("put")

    CORS(site.app, origins="*")
    site.app.add_url_rule("/x", view_func=Item.as_view("item"))
    assert site.visit("/x", "PUT", EVIL).ran == ["put"]
    Item.put = marked
    assert site.visit("/x", "PUT", EVIL) == (403, MISS, [])


class LazyView:
    """A view that is imported when it is called first, as Flask's docs show."""

    def __init__(self, name: str, load: Callable[[], View]) -> None:
        self.__name__ = name
        self.load = load

    @cached_property
    def view(self) -> View:
        return self.load()

    def __call__(self, **values: object) -> str:
        return self.view(**values)


def test_a_view_that_is_imported_late_is_not_served_under_a_laxer_policy() -> None:
    """Its mark is there after the first call only; nothing is granted without it."""
    site = Site()
    CORS(site.app, origins="*")

    def load() -> View:
        return strict(site.view("lazy"))

    site.app.add_url_rule("/x", view_func=LazyView("lazy", load))
    for _ in range(2):
        headers = site.visit("/x", origin=EVIL).cors
        assert "Access-Control-Allow-Origin" not in headers
    assert site.visit("/x", origin=EVIL) == (403, MISS, [])


@pytest.mark.parametrize("has_cors", [True, False])
def test_marks_are_added_in_one_thread_while_another_serves(has_cors: bool) -> None:
    served = threading.Event()

    def add_marks() -> None:
        views: deque[View] = deque(maxlen=1000)
        while not served.is_set():
            views.append(cross_origin(origins=A)(lambda: "x"))

    def serve() -> None:
        try:
            for _ in range(60):
                site = Site()
                site.add("/x", "x", mark=strict)
                if has_cors:
                    CORS(site.app, origins=A)
                assert site.visit("/x", origin=B) == (200, allowed(B), ["x"])
        finally:
            served.set()

    in_threads(2, lambda number: add_marks() if number else serve())
