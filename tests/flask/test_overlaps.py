"""Which routes can share a URL, and what is kept of those that cannot."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Map, PathConverter, Rule

from flask_cors_policy.flask_ext.overlaps import Overlaps
from flask_cors_policy.flask_ext.routing import Routes
from tests.helpers import environ

from .helpers import A, B, allowed, make_app, marked, ok, preflight


def rules(*written: str, **options: Any) -> list[Rule]:
    made = [Rule(rule, endpoint=str(at)) for at, rule in enumerate(written)]
    return list(Map(made, **options).iter_rules())


APART = [
    ("/a", "/b"),
    ("/a", "/a/b"),
    ("/a/<x>", "/b/<x>"),
    ("/a/<x>", "/a/<x>/b"),
    ("/a/<int:x>/b", "/a/<x>/c"),
    ("/a", "/b/<path:rest>"),
    ("/a", "/A"),
]
SHARED = [
    ("/a", "/a/"),
    ("/a", "/<x>"),
    ("/a/<int:x>", "/a/<x>"),
    ("/a/<x>", "/<x>/a"),
    ("/a/b/c", "/a/<path:rest>"),
    ("/a/<path:rest>", "/a/<x>/c"),
    ("/a/<path:rest>", "/<path:rest>"),
    ("/a/v<x>", "/a/v1"),
    ("/<custom:x>", "/a/b"),
]


class Custom(PathConverter):
    pass


@pytest.mark.parametrize(("one", "other"), APART)
def test_routes_that_are_apart(one: str, other: str) -> None:
    first, second = rules(one, other)
    overlaps = Overlaps([first, second])
    assert not overlaps.shares_urls(first)
    assert not overlaps.shares_urls(second)


@pytest.mark.parametrize(("one", "other"), SHARED)
def test_routes_that_may_share_urls(one: str, other: str) -> None:
    first, second = rules(one, other, converters={"custom": Custom})
    overlaps = Overlaps([first, second])
    assert overlaps.shares_urls(first)
    assert overlaps.shares_urls(second)


def test_routes_of_one_pattern_are_as_one() -> None:
    both = rules("/a/<x>", "/a/<x>")
    overlaps = Overlaps(both)
    assert not any(map(overlaps.shares_urls, both))


@pytest.mark.parametrize(
    ("hosts", "shared"),
    [
        (("a.example", "b.example"), False),
        (("a.example", "<host>"), True),
        (("a.example", "a.example"), False),
    ],
)
def test_hosts_are_told_apart(hosts: tuple[str, str], shared: bool) -> None:
    made = [Rule("/x", endpoint=host, host=host) for host in hosts]
    both = list(Map(made, host_matching=True).iter_rules())
    overlaps = Overlaps(both)
    assert [overlaps.shares_urls(rule) for rule in both] == [shared, shared]


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/alone/<int:x>", "alone", ok, methods=["GET", "PUT"])
    app.add_url_rule("/pages/<x>", "page", ok, methods=["GET", "PUT"])
    app.add_url_rule("/pages/new", "new", ok)
    app.add_url_rule("/numbers", "numbers", ok, defaults={"page": 1})
    app.add_url_rule("/numbers/<int:page>", "numbers", ok)
    return app


@pytest.mark.parametrize(
    ("path", "is_general"),
    [
        ("/alone/1", True),
        ("/pages/1", False),
        ("/pages/new", False),
        ("/numbers/2", False),  # /numbers/1 is redirected.
    ],
)
def test_what_is_true_of_all_urls_of_a_route_is_asked_once(
    app: Flask, path: str, is_general: bool
) -> None:
    routes = Routes(app)
    first = routes.match(environ("OPTIONS", path), "GET")
    again = routes.match(environ("OPTIONS", path), "GET")
    assert first == again
    assert first.is_general is is_general
    assert (first is again) is is_general


def test_nothing_is_general_where_converters_mean_something_else(app: Flask) -> None:
    app.url_map.converters["string"] = Custom
    assert not Routes(app).match(environ("OPTIONS", "/alone/1"), "GET").is_general


def test_overlapping_routes_answer_preflights_each_for_its_own_methods() -> None:
    app = make_app()
    app.add_url_rule("/items/<int:x>", "one", marked(A), methods=["DELETE"])
    app.add_url_rule("/items/<x>", "any", marked(B), methods=["DELETE", "PUT"])
    for _ in range(2):
        assert preflight(app, "/items/x", "PUT", B) == (
            204,
            allowed(B, methods="DELETE, OPTIONS, PUT"),
        )
        assert preflight(app, "/items/5", "PUT", B) == (
            204,
            allowed(B, methods="PUT"),
        )
        assert preflight(app, "/items/5", "DELETE", A) == (
            204,
            allowed(A, methods="DELETE, OPTIONS"),
        )
