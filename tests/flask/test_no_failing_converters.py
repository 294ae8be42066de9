"""URL converters that need a request: Flask matches, or nothing is granted."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import flask
import pytest
from flask import current_app
from werkzeug.routing import ValidationError

from flask_cors_policy import CORS

from .helpers import EVIL, MISS, B, allowed
from .places import NO_MARKS, PATH_RULE, VIEW, StrictSite, names_of, strict
from .sites import Visit, without_prefix

users: ContextVar[str] = ContextVar("users", default="nobody")


def of_request(value: str) -> str:
    return f"{value} for {flask.request.host}"


def of_session(value: str) -> str:
    return f"{value} for {flask.session.get('user')}"


def of_environ(value: str) -> str:
    return f"{value} from {flask.request.environ['SERVER_NAME']}"


def of_application(value: str) -> str:
    return f"{value} in {current_app.name}"


def of_g(value: str) -> str:
    flask.g.value = value
    return value


def of_method(value: str) -> str:
    if flask.request.method not in ("POST", "GET"):
        raise ValidationError
    return value


READING = [
    ("the request", of_request),
    ("the session", of_session),
    ("environ", of_environ),
    ("the application", of_application),
    ("g", of_g),
    ("the method", of_method),
]


@pytest.mark.parametrize("read", [read for _, read in READING], ids=names_of(READING))
@pytest.mark.parametrize("enforce", [False, True])
def test_a_converter_has_what_it_has_in_a_request(
    place: str, read: Callable[[str], Any], enforce: bool
) -> None:
    site = StrictSite(place, enforce=enforce)
    site.add_converter("own", read)
    site.protect("/admin/<own:value>", "x")
    site.start()
    assert site.outcomes("/admin/a") == strict("x", enforce=enforce)
    assert site.ask("/admin/a", "POST", B)[0] == 204


def missing_key(_: str) -> str:
    value: str = flask.session["user"]
    return value


def missing_argument(_: str) -> str:
    return flask.request.args["tenant"]


def broken(_: str) -> str:
    raise RuntimeError("no database")


def aborting(_: str) -> str:
    flask.abort(401)


FAILING = [
    ("a key that is missing", missing_key, 500),
    ("an argument that is missing", missing_argument, 400),
    ("a broken store", broken, 500),
    ("an abort", aborting, 401),
]


@pytest.mark.parametrize(
    ("read", "status"),
    [(read, status) for _, read, status in FAILING],
    ids=[name for name, _, _ in FAILING],
)
@pytest.mark.parametrize("enforce", [False, True])
def test_what_cannot_be_matched_is_granted_nothing(
    place: str, read: Callable[[str], Any], status: int, enforce: bool
) -> None:
    site = StrictSite(place, enforce=enforce)
    site.add_converter("own", read)
    site.protect("/admin/<own:value>", "x")
    site.start()
    assert site.ask("/admin/a", "POST", EVIL) == (403, MISS, [])
    found = site.visit("/admin/a", "POST", EVIL)
    assert found.cors == MISS
    assert found.status == (403 if enforce else status)
    assert found.ran == []
    if NO_MARKS not in place and not place.startswith(PATH_RULE):
        assert site.ask("/admin/a", "POST", B) == (403, MISS, [])


def by_cookie(value: str) -> str:
    if "user" not in flask.request.cookies:
        raise ValidationError
    return value


def by_session(value: str) -> str:
    if "user" not in flask.session:
        raise ValidationError
    return value


def by_header(value: str) -> str:
    if "Authorization" not in flask.request.headers:
        raise ValidationError
    return value


BY_USER = [("a cookie", by_cookie), ("a header", by_header), ("a session", by_session)]


@pytest.mark.parametrize("read", [read for _, read in BY_USER], ids=names_of(BY_USER))
@pytest.mark.parametrize("layered", [False, True])
def test_a_url_that_exists_for_some_is_granted_nothing_as_a_404(
    place: str, read: Callable[[str], Any], layered: bool
) -> None:
    """A preflight carries no cookies, and the view is served to those who have them."""
    site = StrictSite(place)
    site.add_converter("own", read)
    site.protect("/admin/<own:value>", "x", "PUT")
    if layered:
        site.wrap(without_prefix("/v1", copies=True))
    site.start()
    path = "/v1/admin/a" if layered else "/admin/a"
    assert site.ask(path, "PUT", EVIL) == (403, MISS, [])
    with site.app.test_request_context():
        flask.session["user"] = "me"
        response = site.app.process_response(flask.Response())
    session = response.headers["Set-Cookie"].partition(";")[0]
    cookie = f"user=1; {session}"
    sent = {"Cookie": cookie, "Authorization": "Basic x"}
    assert site.visit(path, "PUT", EVIL, sent) == (200, MISS, ["x"])
    assert site.visit(path, "PUT", B, sent) == (200, allowed(B), ["x"])


@pytest.mark.parametrize("enforce", [False, True])
def test_a_converter_may_look_at_what_a_layer_has_found_out(
    place: str, enforce: bool
) -> None:
    """Its variable is there when Flask matches, and not when a policy is asked."""
    site = StrictSite(place, enforce=enforce)
    site.add_converter("own", lambda value: f"{value} of {tenants[users.get()]}")
    tenants = {"someone": "her tenant"}
    site.protect("/admin/<own:value>", "x", "PUT")

    def logging_in(wsgi_app: Any) -> Any:
        def layer(environ: Any, start_response: Any) -> Any:
            token = users.set("someone")
            try:
                return wsgi_app(environ, start_response)
            finally:
                users.reset(token)

        return layer

    site.wrap(logging_in)
    site.start()
    assert site.outcomes("/admin/a", "PUT") == strict("x", enforce=enforce)
    assert site.ask("/admin/a", "PUT", B).status == 204


def test_a_converter_that_fails_is_no_error_of_a_preflight(
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = StrictSite(VIEW)
    site.app.testing = True  # Exceptions propagate.

    site.add_converter("own", broken)
    site.add("/<own:value>", "x", "PUT")
    CORS(site.app, origins=B)
    for _ in range(3):
        found = site.ask("/a", "PUT", EVIL)
        assert found == Visit(403, MISS, [])
    messages = [record.getMessage() for record in caplog.records]
    assert sum("matching-failed" in message for message in messages) == 1
