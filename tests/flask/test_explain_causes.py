"""Broken applications, for each common cause: it is named, and its fix works."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import flask_cors
import pytest
from flask import Flask, Response, abort, request, session

from flask_cors_policy import CORS, cross_origin
from flask_cors_policy.browser import Body, Page, PageRequest
from flask_cors_policy.explaining import Explanation, Fix
from flask_cors_policy.flask_ext.explain import explain

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

A = "https://app.example.com"
API = "https://api.example.com"
JSON = Body(b"{}", "application/json")
Options = dict[str, Any]


@dataclass(frozen=True)
class Broken:
    """An application that does not do what its page wants.

    :param views: adds the views; takes the options of the policy on the view.
    :param ask: what the page asks for, beside the path /items.
    :param cause: the true one.
    :param says: what the explanation has to say of it.
    :param options: those of ``CORS(app)``; ``None`` leaves it out.
    :param view_options: those of ``@cross_origin``; ``None`` leaves it out.
    :param mended: what is done by hand, where the fix is not in the policy.
    :param allowed: whether it is the response itself that is wrong.
    :param origin: of the page.
    """

    views: Callable[[Flask], None]
    cause: str
    says: str
    ask: Options = field(default_factory=dict)
    options: Options | None = None
    view_options: Options | None = None
    mended: Callable[[Flask], None] | None = None
    allowed: bool = False
    origin: str = A


def build(broken: Broken) -> Flask:
    """Return the application."""
    app = Flask("shop", static_folder=None)
    app.secret_key = "secret"
    broken.views(app)
    if broken.view_options is not None:
        for view in app.view_functions.values():
            cross_origin(**broken.view_options)(view)
    if broken.options is not None:
        CORS(app, **broken.options)
    return app


def explained(broken: Broken, app: Flask | None = None) -> Explanation:
    """Return what is said of the application."""
    asked = {"url": f"{API}/items", **broken.ask}
    return explain(app or build(broken), Page(broken.origin), PageRequest(**asked))


def repaired(broken: Broken, fix: Fix) -> Broken:
    """Return the application, or its page, as *fix* has it."""
    broken = replace(broken, ask={**broken.ask, **fix.page})
    if fix.at.startswith("@cross_origin"):
        return replace(
            broken, view_options={**(broken.view_options or {}), **fix.policy}
        )
    if not fix.policy:
        return broken
    options = {**(broken.options or {}), **fix.policy}
    if "resources" in fix.policy:
        known = (broken.options or {}).get("resources", {})
        options["resources"] = {**known, **fix.policy["resources"]}
    return replace(broken, options=options)


def items(app: Flask) -> None:
    @app.route("/items", methods=["GET", "POST", "PUT"])
    def items() -> Response:
        return Response("[]", headers={"X-Total": "0"})


def failing(app: Flask) -> None:
    @app.get("/items")
    def items() -> str:
        raise KeyError("price")


def working_again(app: Flask) -> None:
    app.view_functions["items"] = lambda: "[]"


def working_again_with_policy(app: Flask) -> None:
    working_again(app)
    CORS(app, **OURS)


def by_hand(app: Flask) -> None:
    """Set the headers as one reads it in answers on the web."""

    @app.after_request
    def allow(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = A
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, Authorization"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT"
        return response


def login_first(app: Flask) -> None:
    """Let nobody in without Authorization: not even preflights, which never have it."""
    items(app)
    by_hand(app)

    @app.before_request
    def authenticate() -> None:
        if "Authorization" not in request.headers:
            abort(401)


def without_options(app: Flask) -> None:
    app.add_url_rule(
        "/items",
        "items",
        lambda: "[]",
        methods=["PUT"],
        provide_automatic_options=False,
    )


def with_slash(app: Flask) -> None:
    app.add_url_rule("/items/", "items", lambda: "[]", methods=["GET", "PUT"])


def with_slash_by_hand(app: Flask) -> None:
    with_slash(app)
    by_hand(app)


def layered(
    layer: Callable[[WSGIApplication], WSGIApplication],
) -> Callable[[Flask], None]:
    """Return what puts *layer* around an application, CORS(app) or not."""

    def wrap(app: Flask) -> None:
        app.wsgi_app = layer(app.wsgi_app)  # type: ignore[method-assign, assignment]

    return wrap


def proxy(app: WSGIApplication) -> WSGIApplication:
    """Add the header once more, as proxies are configured to."""

    def call(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            added = ("Access-Control-Allow-Origin", A)
            return start_response(status, [*headers, added], *more)

        return app(environ, start)

    return call


def gate(app: WSGIApplication) -> WSGIApplication:
    """Ask for a password in front of the application."""

    def call(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if "HTTP_AUTHORIZATION" in environ:
            return app(environ, start_response)
        start_response("401 Unauthorized", [("Content-Length", "0")])
        return []

    return call


def private(app: Flask) -> None:
    @app.get("/items")
    def items() -> str:
        if "user" not in session:
            abort(401)
        return "[]"


OPEN: Options = {"origins": "*"}
OURS: Options = {"origins": [A]}
SIGNED: Options = {"headers": (("Authorization", "Bearer t"),)}
WITH_AUTHORIZATION: Options = {**OURS, "allow_headers": ["Authorization"]}

CASES: Mapping[str, Broken] = {
    "1 an error behind it, and the policy shows it": Broken(
        failing,
        "server-error",
        "KeyError: 'price' (test_explain_causes.py:",
        options=OURS,
        mended=working_again,
        allowed=True,
    ),
    "1 an error behind it, and no policy": Broken(
        failing,
        "server-error",
        "The server failed (500 Internal Server Error): KeyError",
        mended=working_again_with_policy,
    ),
    "2 a login answers the preflight": Broken(
        login_first,
        "preflight-authenticated",
        "A policy answers preflights before authentication:",
        {"method": "PUT", **SIGNED},
    ),
    "2 a login in front of the policy answers the preflight": Broken(
        items,
        "preflight-authenticated",
        "before it reached the policy (the application)",
        {"method": "PUT", **SIGNED},
        WITH_AUTHORIZATION,
    ),
    "2 nothing answers the preflight": Broken(
        without_options,
        "preflight-unhandled",
        "405 Method Not Allowed",
        {"method": "PUT"},
    ),
    "3 a missing slash redirects the preflight": Broken(
        with_slash_by_hand,
        "trailing-slash",
        "The route is /items/, the page asks for /items: the preflight is redirected",
        {"method": "PUT"},
    ),
    "3 a missing slash leads past the path rule": Broken(
        with_slash,
        "trailing-slash",
        "the request is redirected (308)",
        options={**OURS, "resources": {"/items/": {}}},
    ),
    "4 everybody, with credentials": Broken(
        items,
        "wildcard-with-credentials",
        "No browser takes * together with credentials.",
        {"credentials": "include"},
        OPEN,
    ),
    "5 another port": Broken(
        items,
        "origin-differs",
        "which differs in the port (3000)",
        options={"origins": ["http://localhost:5173"]},
        ask={"url": "http://localhost:5000/items"},
        origin="http://localhost:3000",
    ),
    "5 another scheme": Broken(
        items,
        "origin-differs",
        "which differs in the scheme (https)",
        options={"origins": ["http://app.example.com"]},
    ),
    "5 another name of this machine": Broken(
        items,
        "origin-differs",
        "differs in the name of this machine (127.0.0.1)",
        options={"origins": ["http://localhost:3000"], "supports_credentials": True},
        ask={"url": "http://localhost:5000/items", "credentials": "include"},
        origin="http://127.0.0.1:3000",
    ),
    "5 a pattern that leaves out the apex": Broken(
        items,
        "origin-differs",
        "a pattern does not cover its own apex",
        options={"origins": ["https://*.example.com"]},
        origin="https://example.com",
    ),
    "6 a proxy adds the header again": Broken(
        items,
        "header-twice",
        f"Access-Control-Allow-Origin 2 times: {A} and {A}",
        options=OURS,
    ),
    "7 the view's own policy wins": Broken(
        items,
        "overridden",
        "What is around it (the application) would allow this, but the nearest wins",
        options=OURS,
        view_options={"origins": ["https://partner.example"]},
    ),
    "8 JSON": Broken(
        items,
        "json-not-allowed",
        "A JSON content type is not among those that go without a preflight",
        {"method": "POST", "body": JSON},
        OURS,
    ),
    "9 a decorator without CORS(app)": Broken(
        items,
        "no-policy",
        "Without it these do nothing: @cross_origin on",
        view_options=OURS,
    ),
    "10 a header that is not allowed": Broken(
        items,
        "header-not-allowed",
        "The page sets x-token",
        {"headers": (("X-Token", "t"),)},
        OURS,
    ),
    "a method that is not listed": Broken(
        items,
        "method-not-allowed",
        "The page asks for PUT",
        {"method": "PUT"},
        {**OURS, "methods": ["DELETE"]},
    ),
    "a method in lower case": Broken(
        lambda app: app.add_url_rule(
            "/items", "items", lambda: "[]", methods=["PATCH"]
        ),
        "method-case",
        "browsers do not do it for 'patch'",
        {"method": "patch"},
        OURS,
    ),
    "credentials": Broken(
        items,
        "credentials-not-allowed",
        "has no Access-Control-Allow-Credentials",
        {"credentials": "include"},
        OURS,
    ),
    "everything at once": Broken(
        items,
        "origin-not-allowed",
        "does not list https://app.example.com",
        {
            "method": "PUT",
            "body": JSON,
            "credentials": "include",
            "headers": (("X-Token", "t"), ("Authorization", "Bearer t")),
        },
        {"origins": ["https://partner.example"], "methods": ["DELETE"]},
    ),
    "no policy at all": Broken(
        items,
        "no-policy",
        "The application has no CORS(app).",
        {"method": "PUT", "body": JSON, "credentials": "include"},
    ),
    "a path that no rule covers": Broken(
        items,
        "path-not-governed",
        "No path rule of resources covers /items",
        options={**OURS, "resources": {"/api/*": {}}},
    ),
    "a page that leaves its cookie out": Broken(
        private,
        "not-signed-in",
        "The page leaves out cookies, as fetch does",
        options={**OURS, "supports_credentials": False},
        mended=working_again,
        allowed=True,
    ),
}
"""What is wrong -> the application. Those with a layer around them are in LAYERS."""

LAYERS = {
    "2 a login in front of the policy answers the preflight": gate,
    "6 a proxy adds the header again": proxy,
}


def broken_app(name: str) -> Flask:
    app = build(CASES[name])
    if name in LAYERS:
        layered(LAYERS[name])(app)
    return app


def text(explanation: Explanation) -> str:
    assert explanation.diagnosis is not None
    return " ".join(
        [
            explanation.diagnosis.found,
            *(fix.text for fix in explanation.diagnosis.fixes),
        ]
    )


@pytest.mark.parametrize("name", CASES)
def test_the_true_cause_is_named(name: str) -> None:
    broken = CASES[name]
    explanation = explained(broken, broken_app(name))
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == broken.cause
    assert broken.says in text(explanation)
    assert explanation.allowed is broken.allowed


@pytest.mark.parametrize(
    "name", [name for name in CASES if name not in LAYERS and not CASES[name].mended]
)
def test_the_fix_works(name: str) -> None:
    broken = CASES[name]
    diagnosis = explained(broken).diagnosis
    assert diagnosis is not None
    again = explained(repaired(broken, diagnosis.fixes[0]))
    assert again.allowed
    assert again.diagnosis is None


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].mended])
def test_what_is_not_the_policy_is_to_be_mended_where_it_is(name: str) -> None:
    broken = CASES[name]
    app = build(broken)
    assert broken.mended is not None
    broken.mended(app)
    again = explained(broken, app)
    assert again.allowed
    assert again.diagnosis is None


@pytest.mark.parametrize("name", LAYERS)
def test_what_is_in_front_of_the_policy_belongs_behind_it(name: str) -> None:
    broken = CASES[name]
    app = build(replace(broken, options=None))
    layered(LAYERS[name])(app)
    options: Options = broken.options or {}
    CORS(app, **options)
    again = explained(broken, app)
    assert again.allowed
    assert again.diagnosis is None


def test_the_policy_of_another_extension_is_told_from_what_it_sends() -> None:
    broken = Broken(items, "", "", {"credentials": "include"})
    app = build(broken)
    flask_cors.CORS(app, send_wildcard=True)
    explanation = explained(broken, app)
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == "wildcard-with-credentials"
