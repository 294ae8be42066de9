"""Several applications, mounts, proxies, and applications without ``CORS(app)``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import flask
import pytest
from flask import Blueprint, Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Map, Rule
from werkzeug.test import Client

from flask_cors_policy import CORS, cors_exempt, cross_origin

from .helpers import (
    ASKED,
    MISS,
    NOTHING,
    A,
    B,
    C,
    allowed,
    answer,
    preflight,
    preflight_answer,
    request,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


def make_app(name: str = __name__, **options: Any) -> Flask:
    app = Flask(name)
    if options:
        CORS(app, **options)
    app.add_url_rule("/x", "x", lambda: "x", methods=["GET", "PUT", "POST"])
    app.add_url_rule(
        "/own", "own", cross_origin(origins=B)(lambda: "x"), methods=["GET", "PUT"]
    )
    app.add_url_rule("/slash/", "slash", cross_origin(origins=B)(lambda: "x"))
    return app


def test_one_extension_may_serve_several_applications() -> None:
    cors = CORS(origins=A)
    first, second = make_app("first"), make_app("second")
    cors.init_app(first)
    cors.init_app(second, origins=C)
    assert request(first, "/x", origin=A) == (200, allowed(A))
    assert request(second, "/x", origin=C) == (200, allowed(C))
    assert request(second, "/x", origin=A) == (200, MISS)


def test_a_factory_makes_applications_that_do_not_know_of_each_other() -> None:
    def create_app(origins: str) -> Flask:
        app = Flask(__name__)
        CORS(blueprint := Blueprint("api", __name__, url_prefix="/api"), max_age=5)
        blueprint.add_url_rule("/x", "x", lambda: "x")
        app.config["CORS_ORIGINS"] = origins
        CORS(app)
        app.register_blueprint(blueprint)
        return app

    for origin in (A, B):
        app = create_app(origin)
        assert preflight(app, "/api/x", "GET", origin) == (
            204,
            allowed(origin, methods="GET, HEAD, OPTIONS", max_age="5"),
        )


def test_one_view_may_serve_several_applications() -> None:
    @cross_origin(max_age=3)
    def view() -> str:
        return "x"

    for origin in (A, B):
        app = Flask(__name__)
        CORS(app, origins=origin)
        app.add_url_rule("/x", view_func=view)
        assert preflight(app, "/x", "GET", origin) == (
            204,
            allowed(origin, methods="GET, HEAD, OPTIONS", max_age="3"),
        )


# Mounts


def ask(app: WSGIApplication, method: str, path: str, origin: str, **more: Any) -> Any:
    """Send a request through whatever is around the application."""
    headers = {"Origin": origin, **more.pop("headers", {})}
    return answer(Client(app).open(path, method=method, headers=headers, **more))


def ask_put(app: WSGIApplication, path: str, origin: str) -> Any:
    return preflight_answer(
        ask(app, "OPTIONS", path, origin, headers={ASKED: "PUT"}),
    )


def mounted_around(admin: Flask) -> WSGIApplication:
    return DispatcherMiddleware(make_app("main", origins=A), {"/admin": admin})


def mount_inside(main: Flask, admin: Flask) -> None:
    main.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        main.wsgi_app, {"/admin": admin.wsgi_app}
    )


def mounted_on_wsgi_app(admin: Flask) -> WSGIApplication:
    main = make_app("main", origins=A)
    mount_inside(main, admin)
    return main


def mounted_on_wsgi_app_first(admin: Flask) -> WSGIApplication:
    """``CORS(main)`` comes after the mount, so that admin is inside its middleware."""
    main = make_app("main")
    mount_inside(main, admin)
    CORS(main, origins=A)
    return main


@pytest.mark.parametrize(
    "mounted", [mounted_around, mounted_on_wsgi_app, mounted_on_wsgi_app_first]
)
def test_mounted_applications_each_have_their_own_policy(
    mounted: Callable[[Flask], WSGIApplication],
) -> None:
    app = mounted(make_app("admin", origins=C))
    listed = "GET, HEAD, OPTIONS, POST, PUT"
    for path, origin in [("/x", A), ("/admin/x", C)]:
        assert ask(app, "GET", path, origin) == (200, allowed(origin))
        assert ask(app, "GET", path, B) == (200, MISS)
        assert ask_put(app, path, origin) == (204, allowed(origin, methods=listed))
        assert ask_put(app, path, B) == (403, MISS)
    for prefix, outer in [("", A), ("/admin", C)]:
        assert ask(app, "GET", f"{prefix}/own", B) == (200, allowed(B))
        assert ask(app, "GET", f"{prefix}/slash", B) == (308, allowed(B))
        assert ask_put(app, f"{prefix}/own", B) == (
            204,
            allowed(B, methods="GET, HEAD, OPTIONS, PUT"),
        )
        assert ask(app, "GET", f"{prefix}/none", outer) == (404, allowed(outer))


def test_a_mounted_application_without_a_policy_is_left_alone() -> None:
    plain = Flask("plain")
    plain.add_url_rule("/x", "x", lambda: "x")
    for mounted in (mounted_around, mounted_on_wsgi_app_first):
        app = mounted(plain)
        assert ask(app, "GET", "/admin/x", A) == (200, NOTHING)
        assert ask(app, "GET", "/x", A) == (200, allowed(A))


def test_an_application_behind_a_home_made_dispatcher_has_its_own_policy() -> None:
    main, other = make_app("main"), make_app("other")
    inner = main.wsgi_app

    def dispatch(environ: WSGIEnvironment, start_response: Any) -> Any:
        app = other if environ["PATH_INFO"] == "/x" else inner
        return app(environ, start_response)

    main.wsgi_app = dispatch  # type: ignore[method-assign]
    CORS(main, origins=A)
    main.view_functions["x"] = cross_origin(origins=C)(lambda: "x")
    other.view_functions["x"] = cross_origin(origins=B)(lambda: "x")
    for _ in range(2):  # At its first request, the other installs its policies.
        assert request(main, "/x", origin=B) == (200, allowed(B))
        assert request(main, "/x", origin=C) == (200, MISS)
        assert preflight(main, "/x", "PUT", B) == (
            204,
            allowed(B, methods="GET, HEAD, OPTIONS, POST, PUT"),
        )
        assert preflight(main, "/x", "PUT", C) == (403, MISS)


def test_the_path_rules_are_those_within_the_mount() -> None:
    api = make_app(resources={"/x": {"origins": A}})
    app = DispatcherMiddleware(Flask("main"), {"/api": api})
    assert ask(app, "GET", "/api/x", A) == (200, allowed(A))
    assert ask(app, "GET", "/api/none", A) == (404, NOTHING)


def test_a_missing_slash_under_a_script_name() -> None:
    app = make_app(origins=A)
    overrides = {"SCRIPT_NAME": "/deep/app"}
    assert preflight(app, "/slash", "GET", B, environ_overrides=overrides) == (
        204,
        allowed(B, methods="GET, HEAD, OPTIONS"),
    )
    assert request(app, "/slash", "GET", B, environ_overrides=overrides) == (
        308,
        allowed(B),
    )


# Proxies

BEHIND_PROXY = {
    "X-Forwarded-Host": "api.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/v1",
}


@pytest.mark.parametrize("order", ["before CORS(app)", "after CORS(app)", "twice"])
def test_proxy_fix_may_be_put_around_the_application_at_any_time(order: str) -> None:
    """What it tells of host and scheme decides who is the API's own origin."""
    app = Flask(__name__, host_matching=True, static_folder=None)

    def fix() -> None:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_host=1, x_proto=1, x_prefix=1
        )

    if order != "after CORS(app)":
        fix()
    CORS(app, origins=A, enforce=True)
    if order != "before CORS(app)":
        fix()

    @app.route("/x", methods=["POST", "PUT"], host="api.example")
    @cross_origin(origins=B)
    def view() -> str:
        return flask.request.root_url

    response = app.test_client().post(
        "/x", headers={"Origin": "https://api.example", **BEHIND_PROXY}
    )
    assert answer(response) == (200, MISS)
    assert response.text == "https://api.example/v1/"
    assert request(app, "/x", "POST", A, BEHIND_PROXY) == (403, MISS)
    assert request(app, "/x", "POST", B, BEHIND_PROXY) == (200, allowed(B))
    assert preflight(app, "/x", "PUT", B, BEHIND_PROXY) == (
        204,
        allowed(B, methods="OPTIONS, POST, PUT"),
    )


def test_layers_of_the_user_are_not_changed() -> None:
    app = Flask(__name__)
    inner = app.wsgi_app
    fix = app.wsgi_app = ProxyFix(inner)  # type: ignore[method-assign]
    CORS(app, origins=A)
    assert fix.app == inner
    assert app.wsgi_app is not fix


# Many requests at once


class SlowMap(Map):
    """A URL map that counts how often all its rules are looked at."""

    looks = 0

    def iter_rules(self, endpoint: str | None = None) -> Iterator[Rule]:
        self.looks += 1
        time.sleep(0.02)
        return super().iter_rules(endpoint)


class SlowApp(Flask):
    url_map_class = SlowMap


def test_the_routes_are_checked_once_however_many_requests_come_first() -> None:
    looks: list[int] = []
    for threads in (1, 4):
        app = SlowApp(__name__, static_folder=None)
        CORS(app, origins=A)
        app.add_url_rule("/x", "x", lambda: "x")
        with ThreadPoolExecutor(threads) as pool:
            futures = [pool.submit(request, app, "/") for _ in range(threads)]
            answers = [future.result() for future in futures]
        assert answers == [(404, allowed(A))] * threads
        assert isinstance(app.url_map, SlowMap)
        looks.append(app.url_map.looks)
    assert looks[0] == looks[1] > 0


# Without CORS(app)


@pytest.mark.parametrize("order", ["first", "last"])
def test_marks_work_without_cors_whatever_other_applications_there_are(
    order: str,
) -> None:
    other, marked = make_app("other", origins=A), make_app("marked")
    CORS(blueprint := Blueprint("api", __name__, url_prefix="/api"), origins=C)
    blueprint.add_url_rule("/y", "y", lambda: "y")
    marked.register_blueprint(blueprint)
    for app in [marked, other] if order == "first" else [other, marked]:
        for _ in range(2):
            assert request(app, "/own", origin=B) == (200, allowed(B))
            assert request(app, "/own", origin=C) == (200, MISS)
    assert request(marked, "/api/y", origin=C) == (200, allowed(C))
    assert request(marked, "/api/none", origin=C) == (404, allowed(C))
    # No policy applies to a view without a mark.
    assert request(marked, "/x", origin=A) == (200, NOTHING)
    assert request(other, "/x", origin=A) == (200, allowed(A))


def test_an_application_without_marks_is_left_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask(__name__)
    app.add_url_rule("/x", "x", lambda: "x")
    kept: Callable[[], str] = cors_exempt(lambda: "elsewhere")
    assert request(app, "/x") == (200, NOTHING)
    assert app.before_request_funcs == {}
    assert caplog.messages == []
    assert kept() == "elsewhere"
