"""What lists, sets and generators hold is taken over once and for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Blueprint, Flask

from flask_cors_policy import CORS, Policy, cross_origin

from .helpers import EVIL, MISS, A, allowed, ok, preflight, problems, request

LISTED = (204, allowed(A, methods="PUT, DELETE", headers="X-One"))


def generated(*items: str) -> Iterator[str]:
    yield from items


def once() -> dict[str, Any]:
    """Return options that can be read only once."""
    return {
        "origins": generated(A),
        "methods": generated("PUT", "DELETE"),
        "allow_headers": generated("X-One"),
    }


def on_an_application(app: Flask) -> None:
    CORS(app, **once())


def in_its_config(app: Flask) -> None:
    app.config.update({f"CORS_{key.upper()}": value for key, value in once().items()})
    CORS(app)


def beside_resources(app: Flask) -> None:
    CORS(app, resources=generated("/x", "/y"), **once())


def in_a_named_policy(app: Flask) -> None:
    named: Any = {"p": once()}
    CORS(app, resources={"/x": "p", "/y": "p"}, policies=named)


def on_a_blueprint(app: Flask) -> None:
    blueprint = Blueprint("api", __name__)
    CORS(blueprint, **once())
    blueprint.add_url_rule("/x", "x", ok, methods=["GET", "PUT"])
    blueprint.add_url_rule("/y", "y", ok, methods=["GET", "PUT"])
    app.register_blueprint(blueprint)
    CORS(app, resources={})


def on_views(app: Flask) -> None:
    mark = cross_origin(**once())
    for rule in ("/x", "/y"):
        view: Callable[..., str] = mark(lambda **_: "ok")
        app.add_url_rule(rule, rule[1:], view, methods=["GET", "PUT"])
    CORS(app, resources={})


def in_two_applications(app: Flask) -> None:
    cors = CORS(**once())
    cors.init_app(Flask("another"))
    cors.init_app(app)


@pytest.mark.parametrize(
    "place",
    [
        on_an_application,
        in_its_config,
        beside_resources,
        in_a_named_policy,
        on_a_blueprint,
        on_views,
        in_two_applications,
    ],
    ids=lambda place: place.__name__,
)
def test_a_generator_serves_all_that_inherit_it(place: Callable[[Flask], None]) -> None:
    app = Flask(__name__, static_folder=None)
    place(app)
    if not app.view_functions:
        app.add_url_rule("/x", "x", ok, methods=["GET", "PUT"])
        app.add_url_rule("/y", "y", ok, methods=["GET", "PUT"])
    for path in ("/x", "/y"):
        assert preflight(app, path, "PUT") == LISTED
        assert request(app, path) == (200, allowed(A))


def test_a_container_that_changes_later_changes_no_policy() -> None:
    """Decorated views get their policy at the first request."""
    listed, names, keys = [A], {A}, {A: None}
    containers: list[Any] = [listed, names, keys.keys()]
    apps = [Flask(__name__, static_folder=None) for _ in containers]
    for app, origins in zip(apps, containers, strict=True):
        CORS(app, origins=origins)
        app.add_url_rule("/x", "x", cross_origin(max_age=5)(lambda: "ok"))
    listed.append(EVIL)
    names.add(EVIL)
    keys[EVIL] = None
    for app in apps:
        assert request(app, "/x", origin=EVIL) == (200, MISS)
        assert request(app, "/x", origin=A) == (200, allowed(A))


class Column:
    """Compares item by item, as columns of tables do."""

    def __init__(self, *items: str) -> None:
        self.items = list(items)

    def __iter__(self) -> Iterator[str]:
        return iter(self.items)

    def __eq__(self, other: object) -> Any:
        raise ValueError("the truth of a column is ambiguous")

    __hash__ = None  # type: ignore[assignment]


def test_a_column_of_a_table_is_a_list_of_origins() -> None:
    app = Flask(__name__, static_folder=None)
    column = app.config["CORS_ORIGINS"] = Column(A)
    CORS(app)
    app.add_url_rule("/x", "x", cross_origin(methods=Column("PUT"))(lambda: "ok"))
    assert preflight(app, "/x", "PUT") == (204, allowed(A, methods="PUT"))
    later = Flask(__name__)
    later.config["CORS_ORIGINS"] = column
    CORS(later)
    column.items.append(EVIL)
    assert problems(lambda: request(later, "/")) == [
        ("CORS_ORIGINS", "setting-changed")
    ]


def test_a_frozen_set_is_in_the_same_order_in_every_process() -> None:
    names = frozenset(f"X-{letter}" for letter in "edcba")
    policy = Policy(origins=A, expose_headers=names)
    assert policy.expose_headers == ("X-a", "X-b", "X-c", "X-d", "X-e")
