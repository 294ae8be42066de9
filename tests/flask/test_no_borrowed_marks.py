"""A view has the marks that were put on it, and not those of a method beside it.

Classes have methods that are named like methods of HTTP for other reasons than to serve
this route.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from flask.views import MethodView, View

from flask_cors_policy import CORS, PolicyError, cors_exempt, cross_origin

from .helpers import EVIL, MISS, A, request

pytestmark = pytest.mark.usefixtures("no_marks")

MARKS: list[Callable[[Any], Any]] = [
    cors_exempt,
    lambda view: cross_origin(origins="*", enforce=False)(view),
]


class Orders:
    """An object whose methods are views; ``post`` is open to other sites."""

    def __init__(self) -> None:
        self.paid: list[str] = []

    def post(self) -> str:
        return "notified"

    def pay(self) -> str:
        self.paid.append("paid")
        return "paid"


@pytest.mark.parametrize("mark", MARKS, ids=["exempt", "lax"])
@pytest.mark.parametrize("enforce", [True, "unsafe"])
def test_a_bound_method_has_no_mark_of_another_method_of_its_object(
    mark: Callable[[Any], Any], enforce: Any
) -> None:
    kind = type("Orders", (Orders,), {"post": mark(lambda self: "notified")})
    orders = kind()
    app = Flask(__name__, static_folder=None)
    CORS(app, origins=A, enforce=enforce)
    app.add_url_rule("/notify", "notify", orders.post, methods=["POST"])
    app.add_url_rule("/pay", "pay", orders.pay, methods=["POST"])
    assert request(app, "/notify", "POST", EVIL).status == 200
    assert request(app, "/pay", "POST", EVIL) == (403, MISS)
    assert orders.paid == []


def test_a_page_reads_no_bound_method_because_it_may_read_another() -> None:
    class Reports:
        @cross_origin(origins="*")
        def get(self) -> str:
            return "public"

        def secret(self) -> str:
            return "secret"

    reports = Reports()
    app = Flask(__name__, static_folder=None)
    CORS(app, origins=A)
    app.add_url_rule("/public", "public", reports.get)
    app.add_url_rule("/secret", "secret", reports.secret)
    assert request(app, "/secret", origin=EVIL) == (200, MISS)


def test_a_method_that_is_a_view_itself_has_no_mark_of_the_handlers_beside_it() -> None:
    served: list[str] = []

    class Orders(MethodView):
        @cors_exempt
        def post(self) -> str:
            return "notified"

        def pay(self) -> str:
            served.append("paid")
            return "paid"

    app = Flask(__name__, static_folder=None)
    CORS(app, origins=A, enforce=True)
    app.add_url_rule("/notify", view_func=Orders.as_view("notify"))
    app.add_url_rule("/pay", "pay", Orders().pay, methods=["POST"])
    assert request(app, "/notify", "POST", EVIL).status == 200
    assert request(app, "/pay", "POST", EVIL) == (403, MISS)
    assert served == []


@pytest.mark.parametrize("mark", MARKS, ids=["exempt", "lax"])
def test_a_class_that_dispatches_itself_has_no_mark_of_a_method_it_never_calls(
    mark: Callable[[Any], Any],
) -> None:
    served: list[str] = []

    class Order(View):
        methods = ("POST",)

        def dispatch_request(self) -> str:
            served.append("served")
            return "x"

        @mark
        def post(self) -> str:
            return "never called"

    app = Flask(__name__, static_folder=None)
    CORS(app, origins=A, enforce=True)
    app.add_url_rule("/x", view_func=Order.as_view("order"))
    with suppress(PolicyError):  # The mark has no effect: that may be an error.
        assert request(app, "/x", "POST", EVIL) == (403, MISS)
    assert served == []
