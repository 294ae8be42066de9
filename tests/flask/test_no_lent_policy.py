"""Several requests within one: each answer has the policy of what it answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import flask
import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from flask_cors_policy import CORS, cross_origin

from .helpers import EVIL, MISS, A, B, allowed
from .places import StrictSite, strict
from .sites import Layer, Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def asking_first(path: str, copies: bool) -> Layer:
    """Return a layer that sends a request of its own before each other one."""

    def around(wsgi_app: WSGIApplication) -> WSGIApplication:
        def layer(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            own = {**environ, "PATH_INFO": path}
            run_wsgi_app(wsgi_app, own, buffered=True)
            sent = {**environ} if copies else environ
            return wsgi_app(sent, start_response)

        return layer

    return around


@pytest.mark.parametrize("copies", [True, False])
def test_a_layer_that_asks_another_view_first_does_not_lend_its_policy(
    copies: bool,
) -> None:
    """As for a token: /auth is open to all, what it guards is not."""
    site = Site()
    site.add("/auth", "auth", mark=cross_origin(origins="*"))
    site.add("/x", "x", "GET", "PUT", mark=cross_origin(origins=B))
    site.wrap(asking_first("/auth", copies))
    CORS(site.app, origins=A)
    assert site.visit("/x", origin=EVIL) == (200, MISS, ["auth", "x"])
    assert site.visit("/x", origin=B) == (200, allowed(B), ["auth", "x"])


def test_a_preflight_is_answered_by_what_it_asks_for_not_by_what_was_asked_first() -> (
    None
):
    site = Site()
    site.add("/auth", "auth", "GET", "PUT", mark=cross_origin(origins="*"))
    site.add("/x", "x", "GET", "PUT", mark=cross_origin(origins=B))
    site.wrap(asking_first("/auth", copies=True))
    CORS(site.app, origins=A)
    assert site.ask("/x", "PUT", EVIL) == (403, MISS, [])


def with_an_environ_of_its_own(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Return a layer that passes on a request that it builds anew."""

    def layer(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        builder = EnvironBuilder.from_environ(environ)
        builder.path = builder.path.removeprefix("/v1")
        return wsgi_app(builder.get_environ(), start_response)

    return layer


def test_a_layer_that_builds_the_request_anew_brings_no_laxer_policy() -> None:
    site = Site()
    site.add("/x", "x", "PUT", mark=cross_origin(origins=B))
    site.wrap(with_an_environ_of_its_own)
    CORS(site.app, origins="*")
    assert site.visit("/v1/x", "PUT", EVIL) == (200, MISS, ["x"])
    assert site.visit("/v1/x", "PUT", B) == (200, allowed(B), ["x"])
    assert site.ask("/v1/x", "PUT", EVIL) == (403, MISS, [])


def asking_last(path: str, copies: bool) -> Layer:
    """Return a layer that reports each request to *path* once it has the answer."""

    def around(wsgi_app: WSGIApplication) -> WSGIApplication:
        def layer(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            sent = {**environ} if copies else environ
            body, status, headers = run_wsgi_app(wsgi_app, sent, buffered=True)
            run_wsgi_app(wsgi_app, {**environ, "PATH_INFO": path}, buffered=True)
            start_response(status, list(headers))
            return body

        return layer

    return around


@pytest.mark.parametrize("copies", [False, True])
@pytest.mark.parametrize("enforce", [False, True])
def test_a_layer_that_asks_another_view_last_does_not_lend_its_policy(
    place: str, copies: bool, enforce: bool
) -> None:
    site = StrictSite(place, enforce=enforce)
    site.protect("/admin/x", "x")
    mark = None
    if site.has_marks:
        mark = cross_origin(origins="*", enforce=False)
    site.add("/log", "log", "GET", "POST", mark=mark)
    site.wrap(asking_last("/log", copies))
    site.start()
    theirs = site.visit("/admin/x", "POST", EVIL)
    assert "Access-Control-Allow-Origin" not in theirs.cors
    assert theirs.status == (403 if enforce else 200)
    assert ("x" in theirs.ran) is not enforce


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("bypasses", [False, True])
def test_a_view_that_asks_its_own_application_keeps_its_policy(
    place: str, same: bool, bypasses: bool
) -> None:
    """Some redirect so within the application, without the browser."""
    site = StrictSite(place)

    def redirecting() -> str:
        environ = flask.request.environ
        sent = environ if same else {**environ}
        sent["PATH_INFO"] = "/lax"
        return b"".join(site.app(sent, lambda *_: lambda _: None)).decode()

    site.protect("/admin/x", "x", view=redirecting)
    mark = cross_origin(origins="*") if site.has_marks else None
    site.add("/lax", "lax", "GET", "POST", mark=mark)
    site.start()
    through = site.plain if bypasses else None
    for origin in (EVIL, B):
        found = site.visit("/admin/x", "POST", origin, through=through)
        assert found == (200, allowed(B) if origin == B else MISS, ["lax"])


@pytest.mark.parametrize("bypasses", [False, True])
@pytest.mark.parametrize("has_policy", [False, True])
def test_a_view_that_asks_another_application_keeps_its_policy(
    place: str, bypasses: bool, has_policy: bool
) -> None:
    """Although an endpoint there has the name of one that is lax here."""
    site, other = StrictSite(place), Site()
    other.add("/admin/x", "lax", "GET", "POST")
    if has_policy:
        CORS(other.app, origins=A)

    def asking() -> str:
        environ = flask.request.environ
        return b"".join(other.app(environ, lambda *_: lambda _: None)).decode()

    site.protect("/admin/x", "x", view=asking)
    mark = cross_origin(origins="*") if site.has_marks else None
    site.add("/lax", "lax", "GET", "POST", mark=mark)
    site.start()
    through = site.plain if bypasses else None
    for origin in (EVIL, A, B):
        found = site.visit("/admin/x", "POST", origin, through=through)
        assert found == (200, allowed(B) if origin == B else MISS, [])
    assert other.ran == ["lax"] * 3


def test_a_layer_that_opens_a_context_of_its_own_keeps_the_policy(place: str) -> None:
    """As for a URL in what it answers by itself."""
    site = StrictSite(place)
    site.protect("/admin/x", "x")
    mark = cross_origin(origins="*") if site.has_marks else None
    site.add("/lax", "lax", "GET", "POST", mark=mark)

    def refusing(_: WSGIApplication) -> WSGIApplication:
        def layer(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            with site.app.test_request_context("/lax"):
                start_response("401 Unauthorized", [])
                return [b"who are you?"]

        return layer

    site.wrap(refusing)
    site.start()
    assert site.outcomes("/admin/x") == strict(status=401)


def test_a_view_that_asks_by_a_client_keeps_its_policy(place: str) -> None:
    site = StrictSite(place, enforce=True)

    def asking() -> str:
        with site.app.test_client() as client:
            sent = {"Origin": EVIL}
            inner = client.post("/admin/inner", headers=sent)
            lax = client.post("/lax", headers=sent)
        return f"{inner.status_code} {lax.status_code}"

    site.protect("/admin/x", "x", view=asking)
    site.protect("/admin/inner", "inner")
    mark = cross_origin(origins="*", enforce=False) if site.has_marks else None
    site.add("/lax", "lax", "GET", "POST", mark=mark)
    site.start()
    response = site.send("/admin/x", "POST", B)
    assert response.headers["Access-Control-Allow-Origin"] == B
    assert response.text.startswith("403 ")
    assert "inner" not in site.ran
    assert site.outcomes("/admin/inner") == strict("inner", enforce=True)


def twice(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Return a layer that tries again with the same environ, as for a lost database."""

    def layer(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        first = wsgi_app(environ, lambda *_: lambda _: None)
        for _ in first:
            pass
        getattr(first, "close", lambda: None)()
        return wsgi_app(environ, start_response)

    return layer


def once_busy(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Return a layer that answers the first time itself."""

    def layer(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if not environ.get("tried"):
            environ["tried"] = True
            start_response("503 Service Unavailable", [])
            return [b""]
        return wsgi_app(environ, start_response)

    return layer


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize("enforce", [False, True])
def test_a_second_try_has_the_same_policy(
    place: str, busy: bool, enforce: bool
) -> None:
    """It comes with the environ in which the first try left its notes."""
    site = StrictSite(place, enforce=enforce)
    own = {"Access-Control-Allow-Origin": "*"}
    site.protect("/admin/x", "x", view=lambda: ("x", own))
    if busy:
        site.wrap(once_busy)
    site.start()
    site.wrap(twice)
    assert site.outcomes("/admin/x") == strict(enforce=enforce)
    assert site.ask("/admin/x", "POST", B).status == 204
