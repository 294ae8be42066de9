"""Whatever an application does or is asked, nothing here raises, hangs or is forged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import flask
import pytest
from flask import Blueprint, current_app
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, Rule, ValidationError

from flask_cors_policy import CORS, cross_origin

from .helpers import MISS, A, B, allowed
from .sites import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@pytest.mark.parametrize("marked", [False, True])
def test_a_rule_that_only_redirects_needs_no_endpoint(marked: bool) -> None:
    site = Site()
    site.add("/new/<name>", "new", mark=cross_origin(origins=B) if marked else None)
    site.app.url_map.add(Rule("/old/<name>", redirect_to="/new/<name>"))
    CORS(site.app, origins=A)
    origin = B if marked else A
    assert site.visit("/new/x", origin=origin) == (200, allowed(origin), ["new"])
    assert site.visit("/old/x", origin=origin) == (308, allowed(origin), [])


def looked_up() -> Callable[[], str]:
    view: Callable[[], str] = current_app.config["VIEW"]
    return view


class Odd:
    """A view that takes any question for one that it cannot answer."""

    __name__ = "odd"

    def __call__(self) -> str:
        return "odd"

    def __getattr__(self, name: str) -> object:
        if name.startswith("__flask_cors"):
            raise RuntimeError(f"what is {name}?")
        raise AttributeError(name)


@pytest.mark.parametrize("view", [LocalProxy(looked_up), Odd()], ids=["proxy", "odd"])
def test_a_view_may_be_an_object_that_cannot_be_asked(view: Any) -> None:
    site = Site()
    site.app.config["VIEW"] = site.view("x")
    site.app.add_url_rule("/x", "x")  # Flask itself would ask the view.
    site.app.view_functions["x"] = view
    site.add("/y", "y", mark=cross_origin(origins=B))
    CORS(site.app, origins=A)
    assert site.visit("/x")[:2] == (200, allowed(A))


@pytest.mark.parametrize("error", [RuntimeError, KeyError])
def test_a_view_that_cannot_be_loaded_is_an_error_of_the_application(
    error: type[Exception],
) -> None:
    """Nothing is granted: what is behind it may have a mark."""
    site = Site()

    def load() -> Callable[[], str]:
        if is_gone:
            raise error
        return site.view("x")

    is_gone: list[bool] = []
    site.app.add_url_rule("/x", "x")
    site.app.view_functions["x"] = LocalProxy(load)
    site.add("/y", "y", mark=cross_origin(origins=B))
    CORS(site.app, origins=A)
    assert site.visit("/y", origin=B) == (200, allowed(B), ["y"])
    is_gone.append(True)
    assert site.visit("/x") == (500, MISS, [])


def test_a_route_that_the_application_makes_up_for_a_request() -> None:
    site = Site()

    @site.app.url_value_preprocessor
    def make_up(*_: object) -> None:
        flask.request.url_rule = Rule("/x", endpoint="elsewhere", methods=["FOO"])

    site.add("/x", "x", "FOO")
    site.add("/y", "y", mark=cross_origin(origins=B))
    site.app.view_functions["elsewhere"] = site.view("elsewhere")
    CORS(site.app, origins=A)
    for _ in range(2):
        assert site.visit("/x", "FOO") == (200, allowed(A), ["elsewhere"])


def test_what_a_blueprint_installed_is_gone_when_the_application_is_configured() -> (
    None
):
    """Also where a layer was put around it in between."""
    site = Site()
    blueprint = Blueprint("bp", __name__, url_prefix="/bp")
    blueprint.add_url_rule("/x", "x", site.view("x"))
    CORS(blueprint, max_age=5)
    site.app.register_blueprint(blueprint)
    site.wrap(ProxyFix)
    CORS(site.app, origins=A)
    assert site.visit("/bp/x") == (200, allowed(A), ["x"])


def endless(read: list[int]) -> Callable[[WSGIApplication], WSGIApplication]:
    """Return a layer that answers by itself, with a body that does not end."""

    def around(_: WSGIApplication) -> WSGIApplication:
        def layer(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterator[bytes]:
            start_response("200 OK", [("Content-Type", "text/event-stream")])
            for number in range(100_000):
                read.append(number)
                yield b"data: x\n\n"

        return layer

    return around


def test_a_preflight_does_not_wait_for_a_stream() -> None:
    read: list[int] = []
    site = Site()
    site.wrap(endless(read))
    CORS(site.app, origins=A)
    assert site.ask("/x", "PUT") == (204, allowed(A, methods="PUT"), [])
    assert len(read) <= 1


class FailingBody(list[bytes]):
    """A body that cannot be closed."""

    def close(self) -> None:
        raise OSError("gone")


def test_a_discarded_body_that_cannot_be_closed_changes_no_preflight(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refusing(_: WSGIApplication) -> WSGIApplication:
        def layer(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            start_response("401 Unauthorized", [])
            return FailingBody([b"who are you?"])

        return layer

    site = Site()
    site.wrap(refusing)
    CORS(site.app, origins=A)
    for _ in range(2):
        assert site.ask("/x", "PUT") == (204, allowed(A, methods="PUT"), [])
    assert len(caplog.records) == 1


class Unreadable(Exception):
    """An exception that has no text."""

    def __str__(self) -> str:
        raise ValueError("no text")


@pytest.mark.parametrize(
    "error", [Unreadable(), FileNotFoundError("no file: \udcff.txt")], ids=repr
)
def test_debug_mode_shows_that_a_view_failed_whatever_it_raised(
    error: Exception,
) -> None:
    site = Site()
    site.app.debug = True

    @site.app.get("/x")
    def view() -> str:
        raise error

    CORS(site.app, origins=A)
    response = site.send("/x")
    assert response.status_code == 500
    assert response.headers["Access-Control-Allow-Origin"] == A
    assert type(error).__name__ in response.text


def test_a_path_forges_no_line_of_the_log_in_debug_mode() -> None:
    site = Site()
    site.app.debug = True
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler = Lines()
    site.app.logger.addHandler(handler)

    @site.app.before_request
    def failing() -> None:
        raise LookupError

    CORS(site.app, origins=A)
    try:
        assert site.visit("/x%0AERROR forged%1B[31m") == (500, allowed(A), [])
    finally:
        site.app.logger.removeHandler(handler)
    assert len(lines) == 1
    assert "\n" not in lines[0]
    assert "\x1b" not in lines[0]


class Failing(BaseConverter):
    """A converter that always raises."""

    def to_python(self, value: str) -> str:
        raise KeyError(value)


class ByCookie(BaseConverter):
    """A converter that only knows who has logged in."""

    def to_python(self, value: str) -> str:
        if "user" not in flask.request.cookies:
            raise ValidationError
        return value


class OwnRule(Rule):
    """A rule that brings its converter, which the URL map does not know."""

    def get_converter(
        self, variable_name: str, converter_name: str, args: Any, kwargs: Any
    ) -> BaseConverter:
        if converter_name == "mine":
            assert self.map is not None
            return ByCookie(self.map)
        return super().get_converter(variable_name, converter_name, args, kwargs)


def test_a_url_that_may_exist_for_others_is_granted_nothing() -> None:
    site = Site()
    site.app.url_rule_class = OwnRule
    site.add("/<mine:name>", "x", "PUT", mark=cross_origin(origins=B))
    CORS(site.app, origins="*")
    assert site.ask("/name", "PUT", A) == (403, MISS, [])
    cookies = {"Cookie": "user=1"}
    assert site.visit("/name", "PUT", A, cookies) == (200, MISS, ["x"])


@pytest.mark.parametrize("bypass", [False, True])
def test_a_preflight_that_cannot_be_matched_is_refused(bypass: bool) -> None:
    site = Site()
    plain = site.app.wsgi_app
    site.app.url_map.converters["user"] = Failing
    CORS(site.app, origins=A)
    site.add("/x/<user:name>", "x", "POST")

    @site.app.errorhandler(500)
    def page(_error: Exception) -> flask.Response:
        return flask.Response("oops", 500, {"Access-Control-Allow-Origin": B})

    if bypass:
        site.app.wsgi_app = plain  # type: ignore[method-assign]
    assert site.ask("/x/1", "POST", B) == (403, MISS, [])
