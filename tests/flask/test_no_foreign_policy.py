"""Several applications, or several requests, behind one middleware.

The headers are those of the policy of what was served, whatever else was asked on the
way there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from flask_cors_policy import CORS, cross_origin

from .helpers import EVIL, MISS, A, B, allowed
from .sites import Layer, Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def falling_back_to(other: WSGIApplication, copies: bool) -> Layer:
    """Return a layer that asks *other* where the application answers 404."""

    def around(wsgi_app: WSGIApplication) -> WSGIApplication:
        def layer(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            sent = {**environ} if copies else environ
            body, status, headers = run_wsgi_app(wsgi_app, sent, buffered=True)
            if status.startswith("404"):
                return other(environ, start_response)
            start_response(status, list(headers))
            return body

        return layer

    return around


@pytest.mark.parametrize("copies", [True, False])
def test_an_application_that_is_asked_next_keeps_its_own_policy(copies: bool) -> None:
    """As a cascade does it: the first application that knows the path answers."""
    site, next_one = Site(), Site("next")
    next_one.add("/x", "x", "GET", "PUT")
    CORS(next_one.app, origins=B, enforce=True)
    site.wrap(falling_back_to(next_one.app, copies))
    CORS(site.app, origins="*")
    assert site.visit("/none", origin=EVIL)[:2] == (403, MISS)
    assert site.visit("/x", origin=B)[:2] == (200, allowed(B))
    assert site.visit("/x", origin=EVIL)[:2] == (403, MISS)
    assert next_one.ran == ["x"]
    methods = "GET, HEAD, OPTIONS, PUT"
    assert site.ask("/x", "PUT", B) == (204, allowed(B, methods=methods), [])
    assert site.ask("/x", "PUT", EVIL) == (403, MISS, [])


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
