"""What is wrong with applications, and which cause explain has to name."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from .broken_apps import (
    JSON,
    A,
    Broken,
    Options,
    beside_a_decorated_view,
    build,
    failing,
    gate,
    items,
    login_first,
    private,
    proxy,
    to_https,
    with_slash,
    with_slash_by_hand,
    without_options,
    working_again,
    working_again_with_policy,
    wrapped,
)

OPEN: Options = {"origins": "*"}
OURS: Options = {"origins": [A]}
SIGNED: Options = {"headers": (("Authorization", "Bearer t"),)}
WITH_AUTHORIZATION: Options = {**OURS, "allow_headers": ["Authorization"]}

CASES: Mapping[str, Broken] = {
    "1 an error behind it, and the policy shows it": Broken(
        failing,
        "server-error",
        "KeyError: 'price' (broken_apps.py:",
        options=OURS,
        corrected=working_again,
        allowed=True,
    ),
    "1 an error behind it, and no policy": Broken(
        failing,
        "server-error",
        "The server failed (500 Internal Server Error): KeyError",
        corrected=working_again_with_policy,
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
        "The route is /items/, and the page requests /items: the preflight is",
        {"method": "PUT"},
    ),
    "3 a missing slash leads past the path rule": Broken(
        with_slash,
        "trailing-slash",
        "the request is redirected (308)",
        options={**OURS, "resources": {"/items/": {}}},
    ),
    "3 a redirect to https in front of the preflight": Broken(
        to_https,
        "preflight-redirected",
        "leads to https://api.example.com/items",
        {"method": "PUT", "url": "http://api.example.com/items"},
        origin="http://app.example.com",
    ),
    "3 a redirect to https behind the preflight": Broken(
        to_https,
        "redirected-away",
        "http://api.example.com/items redirects to https://api.example.com.",
        {"method": "PUT", "url": "http://api.example.com/items"},
        {"origins": ["http://app.example.com"]},
        origin="http://app.example.com",
    ),
    "4 everybody, with credentials": Broken(
        items,
        "wildcard-with-credentials",
        "Browsers do not accept * together with credentials.",
        {"credentials": "include"},
        OPEN,
    ),
    "5 another port": Broken(
        items,
        "origin-not-allowed",
        "which differs in the port (3000)",
        options={"origins": ["http://localhost:5173"]},
        ask={"url": "http://localhost:5000/items"},
        origin="http://localhost:3000",
    ),
    "5 another scheme": Broken(
        items,
        "origin-not-allowed",
        "which differs in the scheme (https)",
        options={"origins": ["http://app.example.com"]},
    ),
    "5 another name of this machine": Broken(
        items,
        "origin-not-allowed",
        "differs in the name of this machine (127.0.0.1)",
        options={"origins": ["http://localhost:3000"], "supports_credentials": True},
        ask={"url": "http://localhost:5000/items", "credentials": "include"},
        origin="http://127.0.0.1:3000",
    ),
    "5 a pattern that leaves out the apex": Broken(
        items,
        "origin-not-allowed",
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
        "origin-not-allowed",
        "An outer policy (the application) would allow this, but the nearest policy",
        options=OURS,
        view_options={"origins": ["https://partner.example"]},
    ),
    "8 JSON": Broken(
        items,
        "header-not-allowed",
        "Only the content types of forms and text/plain need no preflight; JSON does.",
        {"method": "POST", "body": JSON},
        OURS,
    ),
    "9 a decorator on another view": Broken(
        beside_a_decorated_view,
        "no-policy",
        "The application has no CORS(app)",
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
        "method-not-allowed",
        "browsers send 'patch' as it is",
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
        "no-path-rule",
        "No path rule of resources covers /items",
        options={**OURS, "resources": {"/api/*": {}}},
    ),
    "a page that leaves its cookie out": Broken(
        private,
        "not-signed-in",
        "The page leaves out cookies, as fetch does",
        options={**OURS, "supports_credentials": False},
        corrected=working_again,
        allowed=True,
    ),
}
"""What is wrong -> the application. Those with middleware are in MIDDLEWARE."""

MIDDLEWARE = {
    "2 a login in front of the policy answers the preflight": gate,
    "6 a proxy adds the header again": proxy,
}


def broken_app(name: str) -> Flask:
    app = build(CASES[name])
    if name in MIDDLEWARE:
        wrapped(MIDDLEWARE[name])(app)
    return app
