"""Layers that change the path: what counts is the path as Flask routes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import EnvironBuilder, run_wsgi_app

from flask_cors_policy import CORS, cross_origin

from .helpers import EVIL, MISS, B
from .places import StrictSite, names_of, strict
from .sites import Layer, Site, without_prefix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@pytest.mark.parametrize("copies", [False, True])
@pytest.mark.parametrize("buffers", [False, True])
@pytest.mark.parametrize("marks", [False, True])
@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/admin/x", "POST", 200),
        ("/admin/x", "PUT", 405),
        ("/admin/none", "GET", 404),
        ("/admin/x/", "POST", 404),
    ],
)
def test_the_rule_of_the_path_inside_answers(
    path: str, method: str, status: int, marks: bool, buffers: bool, copies: bool
) -> None:
    site = Site()
    site.wrap(without_prefix("/v1", copies=copies, buffers=buffers))
    if marks:
        site.add("/marked", "marked", mark=cross_origin(origins=B))
    site.add("/admin/x", "x", "POST")
    rules = {"/v1/*": {"origins": "*"}, "/admin/*": {"origins": B}}
    CORS(site.app, resources=rules)
    ran = ["x"] if status == 200 else []
    assert site.visit(f"/v1{path}", method, EVIL) == (status, MISS, ran)
    assert site.ask(f"/v1{path}", method, EVIL) == (403, MISS, [])


def building_anew(buffers: bool) -> Layer:
    """Return a layer that passes on a request of its own, without the prefix /v1."""

    def around(wsgi_app: WSGIApplication) -> WSGIApplication:
        def layer(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            builder = EnvironBuilder.from_environ(environ)
            builder.path = builder.path.removeprefix("/v1")
            if not buffers:
                return wsgi_app(builder.get_environ(), start_response)
            body, status, headers = run_wsgi_app(wsgi_app, builder.get_environ())
            start_response(status, list(headers))
            return body

        return layer

    return around


def mounting(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Return a layer under which the application is mounted at /v1 as well."""
    return DispatcherMiddleware(wsgi_app, {"/v1": wsgi_app})


def by_script_name(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Return a layer that moves a prefix into SCRIPT_NAME, as a proxy names it."""
    fixed = ProxyFix(wsgi_app, x_prefix=1)

    def layer(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        environ["HTTP_X_FORWARDED_PREFIX"] = "/v1"
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/v1")
        return fixed(environ, start_response)

    return layer


LAYERS: list[tuple[str, Layer]] = [
    ("in environ", without_prefix("/v1")),
    ("in a copy of environ", without_prefix("/v1", copies=True)),
    ("and answers later", without_prefix("/v1", buffers=True)),
    ("in a copy and answers later", without_prefix("/v1", copies=True, buffers=True)),
    ("in an environ of its own", building_anew(buffers=False)),
    ("in an environ of its own and answers later", building_anew(buffers=True)),
    ("by a mount", mounting),
    ("by a proxy's prefix", by_script_name),
]


@pytest.mark.parametrize("layer", [each for _, each in LAYERS], ids=names_of(LAYERS))
@pytest.mark.parametrize("enforce", [False, True])
def test_the_policy_is_that_of_the_route_behind_a_layer_that_changes_the_path(
    place: str, layer: Layer, enforce: bool
) -> None:
    site = StrictSite(place, enforce=enforce)
    site.protect("/admin/x", "x")
    site.wrap(layer)
    site.start()
    for _ in range(2):
        found = site.outcomes("/v1/admin/x")
        assert found == strict("x", enforce=enforce)


@pytest.mark.parametrize("layer", [each for _, each in LAYERS], ids=names_of(LAYERS))
def test_its_preflight_is_granted_as_the_request_will_be(
    place: str, layer: Layer
) -> None:
    site = StrictSite(place)
    site.protect("/admin/x", "x", "PUT")
    site.wrap(layer)
    site.start()
    asked = site.ask("/v1/admin/x", "PUT", B)
    assert (asked.status, asked.ran) == (204, [])
    assert asked.cors["Access-Control-Allow-Origin"] == B
    assert asked.cors["Access-Control-Allow-Methods"] == "OPTIONS, PUT"


@pytest.mark.parametrize("layer", [each for _, each in LAYERS], ids=names_of(LAYERS))
def test_a_layer_that_changes_the_path_lets_no_header_of_the_application_pass(
    place: str, layer: Layer
) -> None:
    own = {"Access-Control-Allow-Origin": "*"}
    site = StrictSite(place)
    site.protect("/admin/x", "x", view=lambda: ("x", own))
    site.wrap(layer)
    site.start()
    assert site.outcomes("/v1/admin/x") == strict()
