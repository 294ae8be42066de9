"""Several applications behind one middleware: the one that answers has its policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import run_wsgi_app

from flask_cors_policy import CORS, cors_exempt

from .helpers import EVIL, MISS, OPEN, A, B, allowed
from .places import StrictSite, names_of, strict
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


def by_prefix(inner: Site) -> Layer:
    """Return a layer that sends what is under /admin to *inner*, as it is."""

    def around(wsgi_app: WSGIApplication) -> WSGIApplication:
        def layer(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            own = environ["PATH_INFO"].startswith("/admin")
            return (inner.app if own else wsgi_app)(environ, start_response)

        return layer

    return around


def by_prefix_in_a_copy(inner: Site) -> Layer:
    around = by_prefix(inner)

    def copying(wsgi_app: WSGIApplication) -> WSGIApplication:
        layer = around(wsgi_app)
        return lambda environ, start_response: layer({**environ}, start_response)

    return copying


def by_prefix_later(inner: Site) -> Layer:
    around = by_prefix(inner)

    def buffering(wsgi_app: WSGIApplication) -> WSGIApplication:
        inside = around(wsgi_app)

        def layer(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            body, status, headers = run_wsgi_app(inside, environ, buffered=True)
            start_response(status, list(headers))
            return body

        return layer

    return buffering


def taken_before(inner: Site) -> Layer:
    """Return a dispatcher that knows the other application without its middleware."""
    plain = Site()
    plain.app.wsgi_app = inner.plain  # type: ignore[assignment, method-assign]
    return by_prefix(plain)


DISPATCHERS = [
    ("by prefix", by_prefix),
    ("by prefix in a copy of environ", by_prefix_in_a_copy),
    ("by prefix and later", by_prefix_later),
    ("by prefix past its middleware", taken_before),
]


@pytest.mark.parametrize(
    "dispatch", [each for _, each in DISPATCHERS], ids=names_of(DISPATCHERS)
)
@pytest.mark.parametrize("enforce", [False, True])
@pytest.mark.parametrize("outer", ["*", "rules", "enforcing"])
def test_the_policy_is_that_of_the_application_that_served(
    place: str, dispatch: Callable[[Site], Layer], enforce: bool, outer: str
) -> None:
    site, inner = Site(), StrictSite(place, enforce=enforce)
    inner.protect("/admin/x", "x")
    inner.start()
    site.add("/x", "outer")
    site.wrap(dispatch(inner))
    options: dict[str, Any] = {"resources": {"/*": {}}} if outer == "rules" else {}
    origins = A if outer == "enforcing" else "*"
    CORS(site.app, origins=origins, enforce=outer == "enforcing", **options)
    for _ in range(2):
        assert site.visit("/x", origin=A)[:2] == (
            200,
            allowed(A if origins == A else "*"),
        )
        inner.ran.clear()
        theirs = site.visit("/admin/x", "POST", EVIL)
        assert theirs[:2] == strict("x", enforce=enforce).theirs[:2]
        assert inner.ran == strict("x", enforce=enforce).theirs.ran
        assert site.ask("/admin/x", "POST", EVIL) == (403, MISS, [])
        assert site.visit("/admin/x", "POST", B)[:2] == (200, allowed(B))


def test_a_mount_has_its_own_policy(place: str) -> None:
    site, inner = Site(), StrictSite(place, enforce=True)
    inner.protect("/admin/x", "x")
    inner.start()
    site.wrap(lambda app: DispatcherMiddleware(app, {"/inner": inner.app}))
    CORS(site.app, origins="*")
    assert site.visit("/inner/admin/x", "POST", EVIL) == (403, MISS, [])
    assert site.ask("/inner/admin/x", "POST", EVIL) == (403, MISS, [])
    assert site.visit("/inner/admin/x", "POST", B)[:2] == (200, allowed(B))
    assert site.visit("/none", origin=EVIL) == (404, OPEN, [])


@pytest.mark.parametrize("copies", [False, True])
def test_an_exempt_view_there_is_left_alone_by_both(copies: bool) -> None:
    site, inner = Site(), Site()
    own = {"Access-Control-Allow-Origin": "https://own.example"}
    inner.app.add_url_rule("/admin/x", "x", cors_exempt(lambda: ("x", own)))
    CORS(inner.app, origins=B)
    site.wrap((by_prefix_in_a_copy if copies else by_prefix)(inner))
    CORS(site.app, origins="*")
    assert site.visit("/admin/x", origin=EVIL) == (200, own, [])
