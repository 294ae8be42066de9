"""Broken applications: the cause is in front of the policy, or not in CORS at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import flask_cors
from flask import Flask, request

from flask_cors_policy.devtools.browser import Body

from .broken_apps import API, JSON, A, Broken, items, with_slash, with_token
from .broken_cases import OURS, WITH, now

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Change = Callable[["WSGIEnvironment"], None]
FORM = "application/x-www-form-urlencoded"
HTTP_PAGE = "http://app.example.com"
SIGNED_IN = {**OURS, "supports_credentials": True}


def seeing(change: Change) -> Callable[[WSGIApplication], WSGIApplication]:
    """Return middleware that changes environ."""

    def wrap(app: WSGIApplication) -> WSGIApplication:
        def call(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            environ = dict(environ)
            change(environ)
            return app(environ, start_response)

        return call

    return wrap


def without(key: str) -> Callable[[WSGIApplication], WSGIApplication]:
    return seeing(lambda environ: environ.pop(key, None))


def shifted(environ: WSGIEnvironment) -> None:
    """Remove the first segment of the path, as a proxy does that routes by it."""
    path = environ["PATH_INFO"]
    environ["PATH_INFO"] = path[path.index("/", 1) :]


def mounted(environ: WSGIEnvironment) -> None:
    before = environ["PATH_INFO"]
    shifted(environ)
    environ["SCRIPT_NAME"] = before.removesuffix(environ["PATH_INFO"])


def dropping(name: str) -> Callable[[WSGIApplication], WSGIApplication]:
    """Return middleware that removes a header from responses."""

    def wrap(app: WSGIApplication) -> WSGIApplication:
        def call(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
                kept = [each for each in headers if each[0] != name]
                return start_response(status, kept, *more)

            return app(environ, start)

        return call

    return wrap


def answering(
    status: str, body: bytes, method: str = ""
) -> Callable[[WSGIApplication], WSGIApplication]:
    """Return middleware that answers itself, or only what has *method*."""

    def wrap(app: WSGIApplication) -> WSGIApplication:
        def call(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            if method not in ("", environ["REQUEST_METHOD"]):
                return app(environ, start_response)
            length = ("Content-Length", str(len(body)))
            start_response(status, [("Content-Type", "text/html"), length])
            return [body]

        return call

    return wrap


def decorated_by_flask_cors(app: Flask) -> None:
    decorate = flask_cors.cross_origin(origins=A, methods=["GET"])
    view = decorate(lambda: "[]")
    app.add_url_rule("/items", "items", view, methods=["GET", "PUT"])


def with_capitals(app: Flask) -> None:
    app.add_url_rule("/Items", "items", lambda: "[]")


def searching(app: Flask) -> None:
    app.add_url_rule("/items", "items", lambda: request.args["q"])


def at_one_host(app: Flask) -> None:
    app.url_map.host_matching = True
    app.add_url_rule("/items", "items", lambda: "[]", host="api.example.com")


def at_another_host(app: Flask) -> None:
    app.subdomain_matching = True
    app.add_url_rule("/items", "items", lambda: "[]", subdomain="api")


POST: dict[str, Any] = {"method": "POST", "body": Body(b"x" * 500, FORM)}

IN_FRONT: Mapping[str, Broken] = {
    "something removes Origin from requests": Broken(
        items,
        "changed-in-front",
        "Something in front of the application does not pass on Origin as the page has",
        options=OURS,
        wrap=without("HTTP_ORIGIN"),
        corrected=now(wrap=None),
    ),
    "something removes the announced method from preflights": Broken(
        items,
        "changed-in-front",
        "does not pass on Access-Control-Request-Method as the page has sent it.",
        {"method": "PUT"},
        OURS,
        wrap=without("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
        corrected=now(wrap=None),
    ),
    "something removes Authorization from requests": Broken(
        with_token,
        "changed-in-front",
        "Have it pass on Authorization (Apache with mod_wsgi: WSGIPassAuthorization",
        {"headers": (("Authorization", "Bearer new"),)},
        OURS,
        wrap=without("HTTP_AUTHORIZATION"),
        corrected=now(wrap=None),
        allowed=True,
    ),
    "something removes a header from responses": Broken(
        items,
        "changed-in-front",
        "The policy sends Access-Control-Allow-Credentials: true.",
        WITH,
        SIGNED_IN,
        wrap=dropping("Access-Control-Allow-Credentials"),
        corrected=now(wrap=None),
    ),
    "a path rule has the prefix that is removed in front": Broken(
        items,
        "no-path-rule",
        "covers /items, which is what the application sees of /v1/items.",
        {"url": f"{API}/v1/items"},
        {"resources": {"/v1/*": OURS}},
        wrap=seeing(shifted),
    ),
    "a path rule has the prefix that the application is mounted at": Broken(
        items,
        "no-path-rule",
        "covers /items, which is what the application sees of /api/items.",
        {"url": f"{API}/api/items", "method": "PUT", "body": JSON},
        {"resources": {"/api/*": OURS}},
        wrap=seeing(mounted),
    ),
    "a proxy does not take a large body": Broken(
        items,
        "changed-in-front",
        "The status says that the body is larger than the server accepts.",
        POST,
        OURS,
        wrap=answering("413 Content Too Large", b"<h1>413</h1>", "POST"),
        corrected=now(wrap=None),
    ),
    "a login page answers instead": Broken(
        items,
        "changed-in-front",
        "It is an HTML page: where the URL should give data, a login page",
        options=OURS,
        wrap=answering("200 OK", b"<html>Sign in</html>"),
        corrected=now(wrap=None),
    ),
    "a firewall answers the preflight": Broken(
        items,
        "changed-in-front",
        "The response (403 Forbidden) is not the answer of the policy",
        {"method": "PUT"},
        OURS,
        wrap=answering("403 Forbidden", b"<h1>403</h1>", "OPTIONS"),
        corrected=now(wrap=None),
    ),
    "the service is in maintenance": Broken(
        items,
        "server-error",
        "the service is stopped, overloaded or in maintenance",
        options=OURS,
        wrap=answering("503 Service Unavailable", b"<h1>503</h1>"),
        corrected=now(wrap=None),
    ),
    "Flask-CORS is for other paths": Broken(
        items,
        "no-path-rule",
        "No path in the resources of Flask-CORS covers /items: they are for /api/*.",
        flask_cors={"resources": {"/api/*": {"origins": "*"}}},
        corrected=now(flask_cors={"resources": {"/items": OURS}}),
    ),
    "Flask-CORS is for other paths, and the page sends cookies": Broken(
        items,
        "no-path-rule",
        '{"/items": {"origins": "https://app.example.com", "supports_credentials": Tr',
        WITH,
        flask_cors={"resources": ["/api/*", "+a", "/items/"]},
        corrected=now(flask_cors={"resources": {"/items": SIGNED_IN}}),
    ),
    "something changes the host that decides about the route": Broken(
        at_one_host,
        "changed-in-front",
        "changes api.example.com to backend:5000, and no route serves that.",
        options=OURS,
        wrap=seeing(lambda environ: environ.update(HTTP_HOST="backend:5000")),
        corrected=now(wrap=None),
        allowed=True,
    ),
    "something changes the method": Broken(
        items,
        "changed-in-front",
        "changes POST to DELETE, and no route serves that.",
        {"method": "POST"},
        OURS,
        wrap=seeing(lambda environ: environ.update(REQUEST_METHOD="DELETE")),
        corrected=now(wrap=None),
        allowed=True,
    ),
    "something changes the path": Broken(
        with_capitals,
        "changed-in-front",
        "changes /Items to /items, and no route serves that.",
        {"url": f"{API}/Items"},
        OURS,
        wrap=seeing(lambda environ: environ.update(PATH_INFO="/items")),
        corrected=now(wrap=None),
        allowed=True,
    ),
    "something removes the query": Broken(
        searching,
        "changed-in-front",
        "does not pass on the query as the page has sent it. The response (400 Bad",
        {"url": f"{API}/items?q=1"},
        OURS,
        wrap=seeing(lambda environ: environ.update(QUERY_STRING="")),
        corrected=now(wrap=None),
        allowed=True,
    ),
    "Flask-CORS lists another port": Broken(
        items,
        "origin-not-allowed",
        "It lists https://app.example.com:8443, which differs in the port",
        flask_cors={"origins": [f"{A}:8443", r"https://.*\.example\.org"]},
        corrected=now(flask_cors={"origins": A}),
    ),
    "Flask-CORS lists other origins": Broken(
        items,
        "origin-not-allowed",
        "CORS(app) of Flask-CORS, /* does not list https://app.example.com.",
        flask_cors={"origins": ["https://shop.example.org", "https://b.example"]},
        corrected=now(flask_cors={"origins": A}),
    ),
    "a redirect leads to the host by which the proxy asks": Broken(
        with_slash,
        "changed-in-front",
        "redirects to http://backend:5000/items/, a host that only the network of the",
        options=OURS,
        wrap=seeing(
            lambda environ: environ.update(
                {"HTTP_HOST": "backend:5000", "wsgi.url_scheme": "http"}
            )
        ),
        corrected=now(wrap=None),
    ),
    "a decorator of Flask-CORS lists another method": Broken(
        decorated_by_flask_cors,
        "method-not-allowed",
        "The page asks for PUT",
        {"method": "PUT"},
    ),
    "a proxy writes its own Origin": Broken(
        items,
        "changed-in-front",
        "does not pass on Origin as the page has sent it.",
        options=OURS,
        wrap=seeing(lambda environ: environ.update(HTTP_ORIGIN=API)),
        corrected=now(wrap=None),
    ),
}
