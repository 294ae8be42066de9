"""The nearest policy wins, and inherits from all around it."""

from __future__ import annotations

from typing import ClassVar

import pytest
from flask import Flask
from flask.views import MethodView, View

from flask_cors_policy import CORS, cross_origin

from .helpers import (
    MISS,
    A,
    B,
    C,
    allowed,
    first_request,
    hiding,
    make_app,
    preflight,
    problems,
    request,
)

# Inheritance


def test_the_nearest_policy_wins_and_inherits_from_all_around_it() -> None:
    app = make_app(
        max_age=1, expose_headers="X-App", resources={"/x": {"max_age": 2}, "/*": {}}
    )

    @cross_origin(origins=[A, B], max_age=3)
    class Item(MethodView):
        decorators: ClassVar = [cross_origin(allow_headers="X-View")]

        @cross_origin(origins=B)
        def get(self) -> str:
            return "x"

        def put(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Item.as_view("item"))
    app.add_url_rule("/alone", view_func=Item.as_view("alone"), methods=["PUT"])
    assert preflight(app, "/x", "GET", B) == (
        204,
        allowed(B, methods="GET, HEAD", headers="X-View", max_age="0"),
    )
    assert preflight(app, "/x", "PUT", A) == (
        204,
        allowed(A, methods="OPTIONS, PUT", headers="X-View", max_age="0"),
    )
    # Two policies at one URL: browsers must not keep the answers. Here is one alone.
    assert preflight(app, "/alone", "PUT", A) == (
        204,
        allowed(A, methods="OPTIONS, PUT", headers="X-View", max_age="3"),
    )
    assert request(app, "/x", "PUT", A) == (200, allowed(A, expose="X-App"))
    assert request(app, "/x", "GET", A) == (200, MISS)


def test_a_method_decorator_may_be_for_one_method_only() -> None:
    app = make_app()

    class Resource(MethodView):
        method_decorators: ClassVar = {"get": [cross_origin(origins=A)]}

        def get(self) -> str:
            return "x"

        def put(self) -> str:
            return "x"

    app.add_url_rule("/x", view_func=Resource.as_view("resource"))
    assert request(app, "/x", "GET", A) == (200, allowed(A))
    assert request(app, "/x", "PUT", A) == (200, MISS)
    assert request(app, "/x", "PUT", C) == (200, allowed(C))


def test_an_invalid_combination_names_both_places() -> None:
    app = make_app(origins="*")

    @app.route("/x")
    @cross_origin(supports_credentials=True)
    def x() -> str:
        return "x"

    with pytest.raises(ValueError, match="problem") as caught:
        request(app, "/")
    text = str(caught.value)
    assert "CORS(app): origins = '*'" in text
    place = test_an_invalid_combination_names_both_places.__name__
    assert (
        f"@cross_origin on {__name__}.{place}.<locals>.x: supports_credentials" in text
    )


def test_a_view_that_a_class_was_made_into_goes_by_its_endpoint() -> None:
    class Page(View):
        decorators: ClassVar = [cross_origin("unknown")]

    app = make_app()
    app.add_url_rule("/x", view_func=Page.as_view("my_page"))
    assert problems(first_request(app)) == [
        (f"@cross_origin on {__name__}.my_page", "unknown-policy")
    ]


def test_every_mistake_of_every_view_is_reported_at_once() -> None:
    app = make_app(origins=A)
    app.config["CORS_POLICIES"] = {}

    def x() -> str:
        return "x"

    app.add_url_rule("/x", "x", cross_origin("partner")(x))
    app.add_url_rule("/y", "y", cross_origin("*.y")(lambda: "y"))
    app.add_url_rule("/z", "z", hiding(cross_origin(origins=A)(lambda: "z")))
    assert sorted(reason for _, reason in problems(first_request(app))) == [
        "mark-without-effect",
        "setting-changed",
        "unknown-policy",
        "unknown-policy",
    ]


def test_an_unknown_named_policy_gets_a_did_you_mean() -> None:
    app = make_app(policies={"partners": {"origins": A}})
    app.add_url_rule("/x", "x", cross_origin("partner")(lambda: "x"))
    with pytest.raises(ValueError, match='Did you mean "partners"\\?'):
        request(app, "/")


def test_a_view_without_origins_anywhere_is_named() -> None:
    app = make_app(resources={"/other": {"origins": A}})
    app.add_url_rule("/other", "other", lambda: "x")
    no_origins = Flask(__name__)
    CORS(no_origins, resources={})

    @no_origins.route("/x")
    @cross_origin()
    def view() -> str:
        return "x"

    ((setting, reason),) = problems(first_request(no_origins))
    assert setting.endswith(".view: origins")
    assert reason == "origins-required"
