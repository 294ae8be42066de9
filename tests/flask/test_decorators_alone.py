"""Marks without ``CORS(app)``: they install what they need at the first request."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from flask import Blueprint, Flask, Request
from flask.sessions import SecureCookieSessionInterface
from flask.views import MethodView
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_cors_policy import CORS, PolicyError, cross_origin

from .helpers import EVIL, MISS, NOTHING, A, B, allowed
from .places import names_of
from .sites import Site, Visit, lazily, without_prefix

pytestmark = pytest.mark.usefixtures("no_marks")


def on_a_view(site: Site, mark: Any) -> None:
    site.add("/admin/x", "x", "POST", mark=mark)


def on_a_class(site: Site, mark: Any) -> None:
    @mark
    class Item(MethodView):
        post = staticmethod(site.view("x"))

    site.app.add_url_rule("/admin/x", view_func=Item.as_view("item"))


def on_a_method(site: Site, mark: Any) -> None:
    class Item(MethodView):
        post = staticmethod(mark(site.view("x")))

    site.app.add_url_rule("/admin/x", view_func=Item.as_view("item"))


def in_a_list(site: Site, mark: Any) -> None:
    class Item(MethodView):
        decorators: ClassVar[list[Any]] = [mark]
        post = staticmethod(site.view("x"))

    site.app.add_url_rule("/admin/x", view_func=Item.as_view("item"))


def on_a_blueprint(site: Site, mark: Any) -> None:
    blueprint = Blueprint("bp", __name__, url_prefix="/admin")
    blueprint.add_url_rule("/x", "x", site.view("x"), methods=["POST"])
    mark(blueprint)
    site.app.register_blueprint(blueprint)


def on_a_registered_blueprint(site: Site, mark: Any) -> None:
    blueprint = Blueprint("bp", __name__, url_prefix="/admin")
    blueprint.add_url_rule("/x", "x", site.view("x"), methods=["POST"])
    site.app.register_blueprint(blueprint)
    mark(blueprint)


def on_a_nested_blueprint(site: Site, mark: Any) -> None:
    outer = Blueprint("outer", __name__, url_prefix="/admin")
    inner = Blueprint("inner", __name__)
    inner.add_url_rule("/x", "x", site.view("x"), methods=["POST"])
    mark(inner)
    outer.register_blueprint(inner)
    site.app.register_blueprint(outer)


MARKED: list[tuple[str, Callable[[Site, Any], None]]] = [
    ("on a view", on_a_view),
    ("on a class", on_a_class),
    ("on a method", on_a_method),
    ("in a list", in_a_list),
    ("on a blueprint", on_a_blueprint),
    ("on a registered blueprint", on_a_registered_blueprint),
    ("on a nested blueprint", on_a_nested_blueprint),
]
parametrize_marked = pytest.mark.parametrize(
    "build", [each for _, each in MARKED], ids=names_of(MARKED)
)
FIRST: list[tuple[str, Callable[[Site], Visit]]] = [
    ("theirs", lambda site: site.visit("/admin/x", "POST", EVIL)),
    ("ours", lambda site: site.visit("/admin/x", "POST", B)),
    ("own", lambda site: site.visit("/admin/x", "POST", None)),
    ("a preflight", lambda site: site.ask("/admin/x", "POST", EVIL)),
    ("our preflight", lambda site: site.ask("/admin/x", "POST", B)),
    ("a 405", lambda site: site.visit("/admin/x", "PUT", EVIL)),
]


def assert_marked(site: Site, enforce: bool, through: Any = None) -> None:
    refused = Visit(403, MISS, [])
    theirs = refused if enforce else Visit(200, MISS, ["x"])
    more = {"through": through}
    for _ in range(2):
        assert site.visit("/admin/x", "POST", EVIL, **more) == theirs
        assert site.visit("/admin/x", "POST", B, **more) == (200, allowed(B), ["x"])
        assert site.ask("/admin/x", "POST", EVIL, **more) == refused
        asked = site.ask("/admin/x", "POST", B, **more)
        assert (asked.status, asked.ran) == (204, [])
        assert asked.cors["Access-Control-Allow-Origin"] == B


@parametrize_marked
@pytest.mark.parametrize("first", [each for _, each in FIRST], ids=names_of(FIRST))
@pytest.mark.parametrize("enforce", [False, True])
def test_the_first_request_is_answered_as_the_next_ones(
    build: Callable[[Site, Any], None], first: Callable[[Site], Visit], enforce: bool
) -> None:
    site = Site()
    build(site, cross_origin(origins=B, enforce=enforce))
    site.add("/other", "other")
    assert first(site) == first(site)
    assert_marked(site, enforce)
    assert_marked(site, enforce, site.plain)
    assert site.visit("/other", origin=EVIL) == (200, NOTHING, ["other"])
    assert site.visit("/none", origin=EVIL) == (404, NOTHING, [])


@parametrize_marked
@pytest.mark.parametrize("layer", [ProxyFix, lazily, without_prefix("/v1")])
def test_they_take_effect_through_layers(
    build: Callable[[Site, Any], None], layer: Any
) -> None:
    """Also those that are put around an application whose first request is over."""
    site = Site()
    build(site, cross_origin(origins=B, enforce=True))
    site.wrap(layer)
    assert_marked(site, enforce=True)
    site.wrap(layer)
    assert_marked(site, enforce=True)


@parametrize_marked
def test_so_they_do_in_the_next_application_of_a_factory(
    build: Callable[[Site, Any], None],
) -> None:
    """The marked functions are the same, and no mark is new."""
    first, second = Site(), Site()
    build(first, cross_origin(origins=B, enforce=True))
    assert_marked(first, enforce=True)
    for blueprint in first.app.blueprints.values():
        if "." not in blueprint.name and blueprint.name != "inner":
            second.app.register_blueprint(blueprint)
    if not first.app.blueprints:
        for rule in first.app.url_map.iter_rules():
            view = first.app.view_functions[rule.endpoint]
            second.app.add_url_rule(rule.rule, rule.endpoint, view, methods=["POST"])
    for _ in range(2):
        assert second.send("/admin/x", "POST", EVIL).status_code == 403
        answer = second.send("/admin/x", "POST", B)
        assert answer.headers["Access-Control-Allow-Origin"] == B


@parametrize_marked
def test_a_later_cors_is_an_error_that_names_the_mark(
    build: Callable[[Site, Any], None],
) -> None:
    site = Site()
    build(site, cross_origin(origins=B))
    site.visit("/admin/x", "POST", B)
    with pytest.raises(RuntimeError, match="@cross_origin on"):
        CORS(site.app, origins=A)


def test_cors_on_a_blueprint_is_enough() -> None:
    site = Site()
    on_a_blueprint(site, lambda blueprint: CORS(blueprint, origins=B, enforce=True))
    assert_marked(site, enforce=True)
    assert site.visit("/admin/none", origin=EVIL) == (403, MISS, [])


def test_config_keys_are_read_at_the_first_request() -> None:
    site = Site()
    on_a_view(site, cross_origin(enforce=True))
    site.app.config["CORS_ORIGINS"] = B
    assert_marked(site, enforce=True)


@parametrize_marked
def test_a_mistake_is_raised_by_every_request(
    build: Callable[[Site, Any], None],
) -> None:
    site = Site()
    build(site, cross_origin(max_age=5))  # Of no origin at all.
    site.app.testing = True
    for _ in range(2):
        with pytest.raises(PolicyError, match="origins-required"):
            site.send("/admin/x", "POST", B)
    assert site.ran == []


@parametrize_marked
def test_an_application_without_marks_stays_as_it_is(
    build: Callable[[Site, Any], None],
) -> None:
    """Although another application of the process has some."""
    site, other = Site(), Flask("other")
    build(site, cross_origin(origins=B))
    other.add_url_rule("/x", "x", lambda: "x")
    before = other.wsgi_app
    response = other.test_client().get("/x", headers={"Origin": EVIL})
    assert "Vary" not in response.headers
    assert other.wsgi_app == before
    assert not other.before_request_funcs
    assert not other.extensions


class Waiting(SecureCookieSessionInterface):
    """Has a request wait while its session is opened.

    :ivar opened: set when it waits.
    :ivar goes_on: ends that.
    """

    def __init__(self) -> None:
        self.opened, self.goes_on = threading.Event(), threading.Event()

    def open_session(self, app: Flask, request: Request) -> Any:
        if "X-Wait" in request.headers:
            self.opened.set()
            assert self.goes_on.wait(10)
        return super().open_session(app, request)


class Telling(dict[str, Any]):
    """The extensions of an application: lets another request go on at the first."""

    def __init__(self, sessions: Waiting, other: threading.Thread) -> None:
        super().__init__()
        self._sessions, self._other = sessions, other

    def __setitem__(self, key: str, value: object) -> None:
        super().__setitem__(key, value)
        self._sessions.goes_on.set()
        self._other.join(10)


def test_a_request_that_came_before_the_first_is_refused_as_well() -> None:
    """The policies are being installed by another one when it reaches the view."""
    site = Site()
    site.add("/x", "x", "POST", mark=cross_origin(origins=B, enforce=True))
    sessions = Waiting()
    site.app.session_interface = sessions
    found: list[int] = []

    def early() -> None:
        found.append(site.send("/x", "POST", EVIL, {"X-Wait": "1"}).status_code)

    thread = threading.Thread(target=early)
    site.app.extensions = Telling(sessions, thread)
    thread.start()
    assert sessions.opened.wait(10)
    site.send("/x", "POST", EVIL)
    thread.join(10)
    assert (found, site.ran) == ([403], [])


def test_a_view_that_is_loaded_may_configure_its_application() -> None:
    site = Site()
    site.add("/x", "x")

    def load() -> Callable[..., str]:
        if not cors:
            cors.append(CORS(site.app, origins=A))
        return cross_origin(origins=B)(site.view("late"))

    cors: list[CORS] = []
    site.app.add_url_rule("/late", "late")
    site.app.view_functions["late"] = LocalProxy(load)
    other = cross_origin(origins=B)(site.view("other"))
    assert other() == "other"
    assert site.visit("/x").status == 200
    assert cors
    assert site.visit("/x") == (200, allowed(A), ["x"])
