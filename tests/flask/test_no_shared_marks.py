"""One function with a mark that serves several endpoints: the warning names them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Blueprint

from flask_cors_policy import CORS, PolicyWarning, cross_origin

from .helpers import B
from .places import names_of
from .sites import Site

pytestmark = pytest.mark.usefixtures("no_marks")


def two_endpoints(site: Site) -> str:
    view = site.view("view")
    site.app.add_url_rule("/a", "first", cross_origin(origins=B)(view))
    site.app.add_url_rule("/b", "second", view)
    return "first, second"


def marked_last(site: Site) -> str:
    view = site.view("view")
    site.app.add_url_rule("/b", "second", view)
    site.app.add_url_rule("/a", "first", cross_origin(origins=B)(view))
    return "second, first"


def view_and_blueprint(site: Site) -> str:
    view = site.view("view")
    site.app.add_url_rule("/a", "first", view)
    blueprint = Blueprint("bp", __name__)
    blueprint.add_url_rule("/b", "second", cross_origin(origins=B)(view))
    site.app.register_blueprint(blueprint)
    return "first, bp.second"


def two_blueprints(site: Site) -> str:
    view = site.view("view")
    for name in ("one", "two"):
        blueprint = Blueprint(name, __name__)
        blueprint.add_url_rule(f"/{name}", name, cross_origin(origins=B)(view))
        site.app.register_blueprint(blueprint)
    return "one.one, two.two"


def three_endpoints(site: Site) -> str:
    view = site.view("view")
    for name in ("a", "b", "c"):
        site.app.add_url_rule(f"/{name}", name, view)
    cross_origin(origins=B)(view)
    return "a, b, c"


SHARED: list[tuple[str, Callable[[Site], str]]] = [
    ("two endpoints", two_endpoints),
    ("the mark comes last", marked_last),
    ("a view and a blueprint", view_and_blueprint),
    ("two blueprints", two_blueprints),
    ("three endpoints", three_endpoints),
]


@pytest.mark.parametrize("share", [each for _, each in SHARED], ids=names_of(SHARED))
@pytest.mark.parametrize("how", ["check", "request"])
def test_a_mark_on_a_function_that_serves_several_endpoints_is_told(
    share: Callable[[Site], str], how: str
) -> None:
    """Who decorates inline, for one of them, has opened the others too."""
    site = Site()
    endpoints = share(site)
    cors = CORS(site.app, resources={})

    def look() -> None:
        if how == "check":
            cors.check()
        else:
            site.visit("/none")

    with pytest.warns(PolicyWarning, match=endpoints):
        look()
    if how == "request":
        look()  # It is told once.


def one_endpoint(site: Site) -> None:
    view = cross_origin(origins=B)(site.view("view"))
    for path in ("/a", "/b"):
        site.app.add_url_rule(path, "view", view)


def same_blueprint_twice(site: Site) -> None:
    blueprint = Blueprint("bp", __name__)
    mark = cross_origin(origins=B)
    blueprint.add_url_rule("/x", "view", mark(site.view("view")))
    for name in ("one", "two"):
        site.app.register_blueprint(blueprint, name=name, url_prefix=f"/{name}")


def one_decorator(site: Site) -> None:
    mark = cross_origin(origins=B)
    for name in ("a", "b"):
        site.add(f"/{name}", name, mark=mark)


NOT_SHARED: list[tuple[str, Callable[[Site], None]]] = [
    ("one endpoint of two rules", one_endpoint),
    ("a blueprint that is registered twice", same_blueprint_twice),
    ("one decorator on two functions", one_decorator),
]


@pytest.mark.parametrize(
    "build", [each for _, each in NOT_SHARED], ids=names_of(NOT_SHARED)
)
def test_nothing_is_told_of(build: Callable[[Site], None]) -> None:
    site = Site()
    build(site)
    CORS(site.app, resources={}).check()
    assert site.visit("/none").status == 404
