"""Browsers keep an answer for a URL only where one policy applies to all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.views import MethodView
from werkzeug.routing import Rule

from flask_cors_policy import CORS, cors_exempt, cross_origin

from .helpers import EVIL, A, B, allowed
from .places import StrictSite, names_of
from .sites import Site


def rule_without_methods(app: Flask, path: str, endpoint: str) -> None:
    app.url_map.add(Rule(path, endpoint=endpoint))


@pytest.mark.parametrize("first", ["strict", "any"])
def test_a_route_that_takes_any_method_does_not_hide_the_others(first: str) -> None:
    """Kept for one method, the names would be allowed for the stricter view too."""
    site = Site()
    if first == "any":
        rule_without_methods(site.app, "/x", "any")
    mark = cross_origin(origins=A, allow_headers=["X-A"])
    site.add("/x", "strict", "POST", mark=mark)
    if first == "strict":
        rule_without_methods(site.app, "/x", "any")
    site.app.view_functions["any"] = site.view("any")
    CORS(site.app, origins="*", allow_headers=["X-B"], max_age=600)
    serves_post = site.visit("/x", "POST", A).ran
    granted = allowed("*", methods="PUT", headers="X-B")
    if serves_post == ["strict"]:  # Then POST has another policy than PUT has.
        granted["Access-Control-Max-Age"] = "0"
        kept = site.ask("/x", "POST", A).cors["Access-Control-Max-Age"]
        assert kept == "0"
    else:
        granted["Access-Control-Max-Age"] = "600"
    assert site.ask("/x", "PUT", EVIL) == (204, granted, [])


def two_views(site: Site, other: Any) -> None:
    site.add("/x", "get", "GET")
    site.add("/x", "put", "PUT", mark=other)


def two_methods(site: Site, other: Any) -> None:
    class Item(MethodView):
        def get(self) -> str:
            return "get"

        @other  # type: ignore[untyped-decorator]
        def put(self) -> str:
            return "put"

    site.app.add_url_rule("/x", view_func=Item.as_view("item"))


def view_and_blueprint(site: Site, other: Any) -> None:
    site.add("/x", "get", "GET")
    blueprint = Blueprint("bp", __name__)
    blueprint.add_url_rule("/x", "put", site.view("put"), methods=["PUT"])
    other(blueprint)
    site.app.register_blueprint(blueprint)


def two_blueprints(site: Site, other: Any) -> None:
    for name, method, mark in (("one", "GET", None), ("two", "PUT", other)):
        blueprint = Blueprint(name, __name__, url_prefix="/x")
        blueprint.add_url_rule("", name, site.view(name), methods=[method])
        if mark is not None:
            mark(blueprint)
        site.app.register_blueprint(blueprint)


def converters(site: Site, other: Any) -> None:
    site.add("/<name>", "get", "GET")
    site.add("/<any(x, y):name>", "put", "PUT", mark=other)


def slashes(site: Site, other: Any) -> None:
    site.app.url_map.strict_slashes = False
    site.add("/x/", "get", "GET")
    site.add("/x", "put", "PUT", mark=other)


SHARED: list[tuple[str, Callable[[Site, Any], None]]] = [
    ("two views", two_views),
    ("two methods of a class", two_methods),
    ("a view and a blueprint", view_and_blueprint),
    ("two blueprints", two_blueprints),
    ("two rules", converters),
    ("two spellings", slashes),
]
OTHERS: list[tuple[str, Any]] = [
    ("origins", cross_origin(origins=B)),
    ("credentials", cross_origin(supports_credentials=True)),
    ("headers", cross_origin(allow_headers=["X-Own"])),
    ("a longer time", cross_origin(max_age=900)),
    ("no policy", cors_exempt),
]


@pytest.mark.parametrize("share", [each for _, each in SHARED], ids=names_of(SHARED))
@pytest.mark.parametrize("other", [each for _, each in OTHERS], ids=names_of(OTHERS))
@pytest.mark.parametrize("options", [{}, {"resources": "/*"}], ids=["", "rules"])
def test_an_answer_is_not_kept_where_another_policy_is_on_the_url(
    share: Callable[[Site, Any], None], other: Any, options: dict[str, Any]
) -> None:
    site = Site()
    share(site, other)
    CORS(site.app, origins=A, max_age=600, **options)
    for through in (None, site.plain):
        found = site.ask("/x", "GET", A, through=through)
        methods = found.cors["Access-Control-Allow-Methods"]
        assert (found.status, found.ran) == (204, [])
        assert "PUT" not in methods.split(", ")
        assert found.cors["Access-Control-Max-Age"] == "0"
        if other is cors_exempt:
            continue
        asked = site.ask("/x", "PUT", B if other is OTHERS[0][1] else A)
        assert asked.cors["Access-Control-Max-Age"] == "0"
        methods = asked.cors["Access-Control-Allow-Methods"]
        assert methods.removeprefix("OPTIONS, ") == "PUT"


def test_an_answer_is_kept_where_one_policy_is_on_the_url(place: str) -> None:
    """Also where it was written twice, with equal options."""
    site = StrictSite(place, max_age=600)
    site.protect("/admin/x", "get", "GET")
    site.protect("/admin/x", "put", "PUT")
    site.start()
    for method in ("GET", "PUT", "DELETE"):
        found = site.ask("/admin/x", method, B)
        if method == "DELETE":  # No view serves it, and no view is opened by it.
            assert found.cors["Access-Control-Max-Age"] in ("0", "600")
        else:
            listed = "GET, HEAD, OPTIONS, PUT"
            kept = allowed(B, methods=listed, max_age="600")
            assert found == (204, kept, [])
