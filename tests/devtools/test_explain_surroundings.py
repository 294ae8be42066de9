"""Causes that lie around the policy: proxies, mounted applications, functions."""

from __future__ import annotations

import re
from types import FunctionType
from typing import TYPE_CHECKING, Any

import flask_cors
import pytest
from flask import Flask, Response, redirect
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from flask_cors_policy import CORS, CORSMiddleware, Policy, cross_origin
from flask_cors_policy.devtools.app_explain import explain
from flask_cors_policy.devtools.browser import Body, Page, PageRequest
from flask_cors_policy.devtools.explaining import Diagnosis, Explanation
from flask_cors_policy.devtools.playing import Knowledge, Player
from flask_cors_policy.testing import Browser, CORSBlocked
from tests.helpers import Spy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

A = "https://app.example.com"
API = "https://api.example.com"


def shop(**options: Any) -> Flask:
    app = Flask("shop")
    app.config["SERVER_NAME"] = None
    app.route("/items", endpoint="items", methods=["GET", "POST"])(lambda: "items")
    if options:
        CORS(app, **options)
    return app


def behind(app: Flask, **changes: str) -> None:
    """Put a proxy in front of *app*, which sends no Sec-Fetch-Site."""
    inner = app.wsgi_app

    def proxy(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        environ.pop("HTTP_SEC_FETCH_SITE", None)
        return inner({**environ, **changes}, start_response)

    app.wsgi_app = proxy  # type: ignore[method-assign]


def posted(app: Flask, origin: str, url: str, **parts: Any) -> Explanation:
    body = Body.text("x")
    return explain(app, Page(origin), PageRequest(url, "POST", body=body, **parts))


def cause(explanation: Explanation) -> Diagnosis:
    assert explanation.diagnosis is not None
    return explanation.diagnosis


def test_an_own_page_that_enforce_refuses_behind_tls_needs_proxy_fix() -> None:
    app = shop(origins=[A], enforce=True)
    behind(app, **{"wsgi.url_scheme": "http"})
    explanation = posted(app, API, f"{API}/items")
    assert explanation.allowed
    assert explanation.is_error
    found = cause(explanation)
    assert found.cause.value == "origin-not-allowed"
    assert "the application does not know that it is served there" in found.found
    assert "ProxyFix(app.wsgi_app, x_proto=1)" in found.fixes[0].text

    app = shop(origins=[A], enforce=True)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1)  # type: ignore[method-assign]
    behind(app, **{"wsgi.url_scheme": "http", "HTTP_X_FORWARDED_PROTO": "https"})
    assert posted(app, API, f"{API}/items").diagnosis is None


def test_an_own_page_behind_a_proxy_that_drops_the_port_needs_the_whole_host() -> None:
    own = "http://intranet.example:8080"
    app = shop(origins=[A], enforce=True)
    behind(app, HTTP_HOST="intranet.example")
    (fix,) = cause(posted(app, own, f"{own}/items")).fixes
    assert fix.text == (
        "Have the proxy pass on Host, with the port (nginx: proxy_set_header Host "
        "$http_host)."
    )
    app = shop(origins=[A], enforce=True)
    behind(app, HTTP_HOST="intranet.example:8080")
    assert posted(app, own, f"{own}/items").diagnosis is None


@pytest.mark.parametrize("policy", ["application", "middleware"])
def test_an_own_page_that_hides_its_origin_needs_another_referrer_policy(
    policy: str,
) -> None:
    own = "http://intranet.example"
    request = PageRequest(
        f"{own}/items",
        "POST",
        body=Body.text("x"),
        referrer_policy="no-referrer",
        mode="same-origin",
    )
    if policy == "application":
        app = shop(origins=[A], enforce=True)
        explanation = explain(app, Page(own), request)
    else:
        wrapped = CORSMiddleware(Spy(), Policy(origins=[A], enforce=True))
        player = Player(wrapped, Knowledge(wrapped))
        explanation = player.explain(Page(own), request)
    found = cause(explanation)
    assert found.cause.value == "origin-null"
    assert found.fixes[0].text.startswith(
        "Send Referrer-Policy: strict-origin-when-cross-origin with the page"
    )


def test_an_own_page_that_a_view_refuses_is_not_refused_by_the_policy() -> None:
    app = shop(origins=[A], enforce=True)
    app.post("/private", endpoint="private")(lambda: ("no", 403))
    found = cause(posted(app, API, f"{API}/private"))
    assert found.cause.value == "client-error"


def mounted(api: WSGIApplication) -> Flask:
    front = shop(origins=[A])
    front.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        front.wsgi_app, {"/v1": api}
    )
    return front


def test_a_mounted_application_needs_a_policy_of_its_own() -> None:
    request = PageRequest(f"{API}/v1/items")
    found = cause(explain(mounted(shop()), Page(A), request))
    assert found.cause.value == "changed-in-front"
    assert "another application, which is mounted there" in found.found
    assert found.fixes[0].text.startswith(
        "If another application is mounted there, give it a policy of its own"
    )
    with pytest.raises(CORSBlocked, match="mounted there"):
        Browser(mounted(shop()), A, API).fetch("/v1/items")
    assert explain(mounted(shop(origins=[A])), Page(A), request).diagnosis is None
    other = shop(origins=["https://b.example"])
    found = cause(explain(mounted(other), Page(A), request))
    assert found.fixes[0].text == f"List {A} in the policy of that application."
    spy = CORSMiddleware(Spy(), Policy(origins=[A]))
    assert explain(mounted(spy), Page(A), request).diagnosis is None


def test_a_function_that_returns_no_boolean_is_named() -> None:
    def ours(origin: str, environ: WSGIEnvironment) -> Any:
        return re.match("https://app", origin)

    app = shop(origins=ours)
    found = cause(explain(app, Page(A), PageRequest(f"{API}/items")))
    assert found.cause.value == "origin-not-allowed"
    assert found.found.endswith(
        "The function ours returned an object of type Match, and only True allows an "
        "origin: have it return bool(...)."
    )
    fixed = shop(origins=lambda origin, environ: bool(ours(origin, environ)))
    assert explain(fixed, Page(A), PageRequest(f"{API}/items")).diagnosis is None
    denied = shop(origins=["https://b.example", lambda origin, environ: False])
    found = cause(explain(denied, Page(A), PageRequest(f"{API}/items")))
    assert found.found.endswith(f"does not list {A}.")


def test_a_method_in_lower_case_gets_one_fix_and_not_the_wish_to_list_it() -> None:
    app = shop(origins=[A])
    app.patch("/items", endpoint="patch")(lambda: "patched")
    (fix,) = cause(explain(app, Page(A), PageRequest(f"{API}/items", "patch"))).fixes
    assert fix.page == {"method": "PATCH"}


def test_a_path_that_no_route_serves_is_corrected_before_it_gets_a_rule() -> None:
    app = Flask("shop")
    CORS(app, resources={"/api/*": {"origins": [A]}})
    found = cause(explain(app, Page(A), PageRequest(f"{API}/itemz")))
    assert found.cause.value == "no-route"
    assert found.found.startswith(
        "No route of the application serves the request. No path rule of resources "
        "covers /itemz."
    )
    first, second = found.fixes
    assert first.text == "Correct the path or the method in the page, or add the route."
    assert second.policy == {"resources": {"/itemz": {"origins": (A,)}}}


BY_HAND: dict[str, tuple[dict[str, str], dict[str, Any], str, str]] = {
    "the wildcard with credentials": (
        {"Access-Control-Allow-Origin": "*"},
        {"credentials": "include"},
        "wildcard-with-credentials",
        ", supports_credentials=True)",
    ),
    "a list": (
        {"Access-Control-Allow-Origin": f"{A}, https://b.example"},
        {},
        "allow-origin-list",
        ")",
    ),
    "no methods": (
        {"Access-Control-Allow-Origin": "*"},
        {"method": "PUT"},
        "method-not-allowed",
        ")",
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_a_header_set_by_hand_has_the_cause_that_it_has_at_other_servers(
    name: str,
) -> None:
    headers, parts, code, end = BY_HAND[name]
    app = shop()
    app.put("/items", endpoint="put")(lambda: "put")

    @app.after_request
    def by_hand(response: Response) -> Response:
        response.headers.update(headers)
        return response

    found = cause(explain(app, Page(A), PageRequest(f"{API}/items", **parts)))
    assert found.cause.value == code
    assert found.fixes[0].text == (
        "The application sets the headers itself. A policy sets them right: Write "
        f'CORS(app, origins=["{A}"]{end}.'
    )
    CORS(app, **found.fixes[0].policy)
    request = PageRequest(f"{API}/items", **parts)
    assert explain(app, Page(A), request).diagnosis is None


def test_a_page_without_an_origin_is_not_helped_by_headers_set_by_hand() -> None:
    app = shop()

    @app.after_request
    def by_hand(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = A
        return response

    found = cause(explain(app, Page("null"), PageRequest(f"{API}/items")))
    assert found.cause.value == "no-policy"
    assert found.fixes[0].text.startswith("Serve the page from an origin of its own")


def test_a_converter_that_raises_has_the_code_of_the_log() -> None:
    class Broken(BaseConverter):
        def to_python(self, value: str) -> Any:
            raise RuntimeError("no database")

    app = shop(origins=[A])
    app.url_map.converters["broken"] = Broken
    app.get("/items/<broken:item>", endpoint="one")(lambda item: "one")

    @app.get("/other")  # Only the route tells which policy applies.
    @cross_origin(origins=["https://b.example"])
    def other() -> str:
        return "other"

    found = cause(explain(app, Page(A), PageRequest(f"{API}/items/1")))
    assert found.cause.value == "route-unknown"
    assert found.fixes[0].text.startswith("Correct the error: RuntimeError: no data")


@pytest.mark.parametrize("host", ["login.example.net", "sso.example.net"])
def test_a_redirect_to_a_host_for_logins_needs_a_401(host: str) -> None:
    app = shop(origins=[A])
    app.get("/me", endpoint="me")(lambda: redirect(f"https://{host}/"))
    found = cause(explain(app, Page(A), PageRequest(f"{API}/me")))
    assert found.cause.value == "redirected-away"
    assert found.fixes[0].text == (
        "Have the API answer 401 when nobody is signed in, not redirect."
    )


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("/API/*", "The rule /API/* differs in upper and lower case."),
        ("/API/items", "The rule /API/items differs in upper and lower case."),
        ("/api", "The rule /api covers that path only; /api/* covers all below."),
        ("/api/items/", "The rule /api/items/ differs in the slash at the end."),
        ("/other/*", ""),
        ("/", ""),
    ],
)
def test_a_path_rule_that_is_nearly_right_is_named(rule: str, says: str) -> None:
    app = Flask("shop")
    CORS(app, resources={rule: {"origins": [A]}})
    app.get("/api/items")(lambda: "items")
    request = PageRequest(f"{API}/api/items")
    found = cause(explain(app, Page(A), request))
    assert found.cause.value == "no-path-rule"
    response = "The response (200 OK) has no Access-Control-Allow-Origin."
    covers = "No path rule of resources covers /api/items."
    assert found.found == " ".join(filter(None, [covers, says, response]))
    wrapped = CORSMiddleware(Spy(), {rule: Policy(origins=[A])})
    played = Player(wrapped, Knowledge(wrapped)).explain(Page(A), request)
    assert says in cause(played).found


def test_a_header_that_the_policy_exposes_may_be_removed_in_front() -> None:
    app = shop(origins=[A], expose_headers=["X-Total"])
    app.get("/total", endpoint="total")(lambda: ("7", {"X-Total": "7", "X-Own": "1"}))
    inner = app.wsgi_app

    def proxy(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            name = "Access-Control-Expose-Headers"
            kept = [header for header in headers if header[0] != name]
            return start_response(status, kept, *more)

        return inner(environ, start)

    def note() -> str:
        explanation = explain(app, Page(A), PageRequest(f"{API}/total"))
        (text,) = [
            f"{note.text} {note.fix and note.fix.text}"
            for note in explanation.notes
            if note.code.value == "header-not-exposed"
        ]
        return text

    assert "In CORS(app) write expose_headers=" in note()
    app.wsgi_app = proxy  # type: ignore[method-assign]
    assert note().endswith(
        "The policy exposes it: something in front of the policy removes "
        "Access-Control-Expose-Headers. Have it pass on Access-Control-Expose-Headers."
    )


def test_a_decorator_of_flask_cors_is_seen_by_its_name_in_the_module() -> None:
    names = {"cross_origin": flask_cors.cross_origin}
    app = Flask("shop")
    app.add_url_rule("/items", "items", FunctionType((lambda: "x").__code__, names))
    found = cause(explain(app, Page(A), PageRequest(f"{API}/items")))
    assert found.cause.value == "no-policy"
    assert "decorator of Flask-CORS above @app.route has no effect" in found.found
    names.clear()
    found = cause(explain(app, Page(A), PageRequest(f"{API}/items")))
    assert "Flask-CORS" not in found.found
