"""34 broken Flask applications, and the cause that explain has to name first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .broken_apps import (
    API,
    JSON,
    A,
    Broken,
    Options,
    beside_a_decorated_view,
    decorated_above_the_route,
    failing,
    for_partners,
    items,
    items_by_hand,
    login_by_redirect,
    login_elsewhere,
    login_first,
    private,
    public,
    sign_in,
    to_https,
    with_an_old_url,
    with_slash,
    with_slash_by_hand,
    with_token,
    without_options,
)
from .broken_middleware import (
    gate,
    open_gate,
    proxy,
    tls_proxy,
    tls_proxy_with_fix,
    too_many,
)

OPEN: Options = {"origins": "*"}
OURS: Options = {"origins": [A]}
SIGNED: Options = {"headers": (("Authorization", "Bearer t"),)}
WITH: Options = {"credentials": "include"}
HTTP = "http://app.example.com"
OTHER_SITE = "https://shop.example.org"


def now(**changes: Any) -> Callable[[Broken], Broken]:
    """Return what corrects an application by hand."""
    return lambda broken: replace(broken, **changes)


CASES: Mapping[str, Broken] = {
    "an error behind it, and the policy shows it": Broken(
        failing,
        "server-error",
        "KeyError: 'price' (broken_apps.py:",
        options=OURS,
        corrected=now(views=public),
        allowed=True,
    ),
    "an error behind it, and no policy": Broken(
        failing,
        "server-error",
        "The server failed (500 Internal Server Error): KeyError",
        corrected=now(views=public, options=OURS),
    ),
    "a login answers the preflight": Broken(
        login_first,
        "preflight-authenticated",
        "A policy answers preflights before authentication:",
        {"method": "PUT", **SIGNED},
    ),
    "a login in front of the policy answers the preflight": Broken(
        items,
        "preflight-authenticated",
        "before it reached the policy (the application)",
        {"method": "PUT", **SIGNED},
        {**OURS, "allow_headers": ["Authorization"]},
        wrap=gate,
        corrected=now(wrap=open_gate),
    ),
    "a login redirects the preflight": Broken(
        login_by_redirect,
        "preflight-authenticated",
        "A policy answers preflights before authentication:",
        {"method": "PUT", **SIGNED},
    ),
    "nothing answers the preflight": Broken(
        without_options,
        "preflight-unhandled",
        "405 Method Not Allowed",
        {"method": "PUT"},
    ),
    "a limit in front of the policy answers": Broken(
        items,
        "changed-in-front",
        "The response (429 Too Many Requests) is not the answer of the policy",
        options=OURS,
        wrap=too_many,
        corrected=now(wrap=None),
    ),
    "a missing slash redirects the preflight": Broken(
        with_slash_by_hand,
        "trailing-slash",
        "The route is /items/, and the page requests /items: the preflight",
        {"method": "PUT"},
    ),
    "a missing slash leads past the path rule": Broken(
        with_slash,
        "trailing-slash",
        "the request is redirected (308)",
        options={**OURS, "resources": {"/items/": {}}},
    ),
    "a missing slash leads to plain http behind TLS": Broken(
        with_slash,
        "trailing-slash",
        "the application does not know that it is served over https",
        options=OURS,
        wrap=tls_proxy,
    ),
    "a redirect to plain http behind TLS": Broken(
        with_an_old_url,
        "redirect-to-http",
        "ProxyFix(app.wsgi_app, x_proto=1)",
        {"url": f"{API}/old"},
        OURS,
        wrap=tls_proxy,
        corrected=now(wrap=tls_proxy_with_fix),
    ),
    "a redirect to https in front of the preflight": Broken(
        to_https,
        "preflight-redirected",
        "leads to https://api.example.com/items",
        {"method": "PUT", "url": "http://api.example.com/items"},
        origin=HTTP,
    ),
    "a redirect to https behind the preflight": Broken(
        to_https,
        "redirected-away",
        "http://api.example.com/items redirects to https://api.example.com.",
        {"method": "PUT", "url": "http://api.example.com/items"},
        {"origins": [HTTP]},
        origin=HTTP,
    ),
    "a redirect to a login elsewhere": Broken(
        login_elsewhere,
        "redirected-away",
        "redirects to a login page, https://sso.example.org/login.",
        options=OURS,
        corrected=now(views=public),
    ),
    "every origin, with credentials": Broken(
        items,
        "wildcard-with-credentials",
        "Browsers do not accept * together with credentials.",
        WITH,
        OPEN,
    ),
    "another port": Broken(
        items,
        "origin-not-allowed",
        "which differs in the port (3000)",
        options={"origins": ["http://localhost:5173"]},
        ask={"url": "http://localhost:5000/items"},
        origin="http://localhost:3000",
    ),
    "another scheme": Broken(
        items,
        "origin-not-allowed",
        "which differs in the scheme (https)",
        options={"origins": [HTTP]},
    ),
    "another name of this machine": Broken(
        items,
        "origin-not-allowed",
        "differs in the name of this machine (127.0.0.1)",
        options={"origins": ["http://localhost:3000"], "supports_credentials": True},
        ask={"url": "http://localhost:5000/items", **WITH},
        origin="http://127.0.0.1:3000",
    ),
    "a pattern that leaves out the apex": Broken(
        items,
        "origin-not-allowed",
        "a pattern does not cover its own apex",
        options={"origins": ["https://*.example.com"]},
        origin="https://example.com",
    ),
    "a page of a file": Broken(
        items,
        "origin-null",
        "The page's origin is null",
        options=OURS,
        origin="null",
        corrected=now(origin=A),
    ),
    "a proxy adds the header again": Broken(
        items,
        "header-twice",
        f"Access-Control-Allow-Origin 2 times: {A} and {A}",
        options=OURS,
        wrap=proxy,
        corrected=now(wrap=None),
    ),
    "the view's own policy applies": Broken(
        items,
        "origin-not-allowed",
        "The policy (the application) would allow this, but the nearest one",
        options=OURS,
        view_options={"origins": ["https://partner.example"]},
    ),
    "the blueprint's own policy applies": Broken(
        for_partners,
        "origin-not-allowed",
        "The policy (CORS(...) on blueprint 'partners') does not list",
        options=OURS,
        corrected=now(views=public),
    ),
    "JSON": Broken(
        items,
        "header-not-allowed",
        "Only the content types of forms and text/plain need no preflight; JSON does.",
        {"method": "POST", "body": JSON},
        {**OURS, "allow_headers": []},
    ),
    "JSON, and headers set by hand": Broken(
        items_by_hand,
        "header-not-allowed",
        "The application sets the headers itself. A policy sets them right: Write",
        {"method": "POST", "body": JSON},
    ),
    "a decorator of Flask-CORS above the route": Broken(
        decorated_above_the_route,
        "no-policy",
        "A decorator of Flask-CORS above @app.route has no effect.",
    ),
    "a decorator on another view": Broken(
        beside_a_decorated_view,
        "no-policy",
        "The application has no CORS(app)",
    ),
    "Flask-CORS, and an origin with a slash": Broken(
        items,
        "origin-not-allowed",
        f"It lists {A}/. Browsers compare it with {A}, byte for byte.",
        flask_cors={"origins": [f"{A}/"]},
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
    "a path that no rule covers": Broken(
        items,
        "no-path-rule",
        "No path rule of resources covers /items",
        options={**OURS, "resources": {"/api/*": {}}},
    ),
    "a doubled slash": Broken(
        items,
        "path-ambiguous",
        "a doubled slash or a dot segment",
        {"url": f"{API}/api//items"},
        {**OURS, "resources": {"/*": {}}},
        corrected=now(ask={"url": f"{API}/items"}),
    ),
    "an expired token": Broken(
        with_token,
        "token-rejected",
        "The page sent Authorization, and the API did not accept it",
        {"headers": (("Authorization", "Bearer old"),)},
        {**OURS, "allow_headers": ["Authorization"]},
        corrected=now(ask={"headers": (("Authorization", "Bearer new"),)}),
        allowed=True,
    ),
    "a cookie of another site": Broken(
        private,
        "cookie-not-sent",
        "Serve page and API from one site",
        WITH,
        {"origins": [OTHER_SITE, A], "supports_credentials": True},
        origin=OTHER_SITE,
        allowed=True,
        corrected=now(origin=A, views=public),
    ),
    "a login without credentials": Broken(
        sign_in,
        "cookie-not-stored",
        "The response sets the cookie session, and the browser drops it",
        {"method": "POST"},
        {**OURS, "supports_credentials": True},
        allowed=True,
    ),
}
"""What is wrong -> the application."""
