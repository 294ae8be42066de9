"""Broken applications: the cause is in front of the policy, or not in CORS at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, redirect, request, session
from werkzeug import Response as BaseResponse

from flask_cors_policy.devtools.browser import Body

from .broken_apps import API, JSON, Broken, items, public, with_token
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


def at_another_host(app: Flask) -> None:
    app.subdomain_matching = True
    app.add_url_rule("/items", "items", lambda: "[]", subdomain="api")


def moved(app: Flask) -> None:
    """Redirect with 302, after which a POST becomes a GET."""
    app.post("/old")(lambda: redirect("/new"))
    app.add_url_rule("/new", "new", lambda: "[]", methods=["POST"])


def fails_with(status: int, text: str, **headers: str) -> Callable[[Flask], None]:
    def views(app: Flask) -> None:
        @app.get("/items")
        def items() -> BaseResponse:
            return Response(text, status, headers, mimetype="text/plain")

    return views


def reads_json(app: Flask) -> None:
    app.add_url_rule(
        "/items", "items", lambda: {"item": request.json}, methods=["POST"]
    )


def reads_name(app: Flask) -> None:
    app.add_url_rule("/items", "items", lambda: request.form["name"], methods=["POST"])


def signs_in(app: Flask) -> None:
    @app.post("/items")
    def login() -> str:
        session["user"] = "ada"
        return "{}"


def sets(cookie: str) -> Callable[[Flask], None]:
    def views(app: Flask) -> None:
        app.post("/items", endpoint="login")(
            lambda: Response("{}", headers=[("Set-Cookie", cookie)])
        )

    return views


def asking(**ask: Any) -> Callable[[Broken], Broken]:
    return lambda broken: replace(broken, ask={**broken.ask, **ask})


POST: dict[str, Any] = {"method": "POST", "body": Body(b"x" * 500, FORM)}

IN_FRONT: Mapping[str, Broken] = {
    "something removes Origin from requests": Broken(
        items,
        "changed-in-front",
        "Something in front of the application removes Origin from the request.",
        options=OURS,
        wrap=without("HTTP_ORIGIN"),
        corrected=now(wrap=None),
    ),
    "something removes the announced method from preflights": Broken(
        items,
        "changed-in-front",
        "removes Access-Control-Request-Method from the request",
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
    "the route has another host": Broken(
        at_another_host,
        "no-route",
        "serves GET /items at www.example.com, but one does at api.example.com.",
        {"url": "https://www.example.com/items"},
        OURS,
        config={"SERVER_NAME": "example.com"},
        allowed=True,
    ),
    "a redirect makes a GET of a POST": Broken(
        moved,
        "no-route",
        "No route of the application serves GET /new. A redirect has turned POST into",
        {**POST, "url": f"{API}/old"},
        OURS,
        allowed=True,
    ),
    "a variable of the page has no value": Broken(
        items,
        "no-route",
        "The path has undefined: a variable of the page has no value.",
        {"url": f"{API}/items/undefined"},
        OURS,
        corrected=now(ask={}),
        allowed=True,
    ),
    "a token of the page has no value": Broken(
        with_token,
        "token-rejected",
        "Authorization has undefined: a variable of the page has no value.",
        {"headers": (("Authorization", "Bearer undefined"),)},
        OURS,
        corrected=now(ask={"headers": (("Authorization", "Bearer new"),)}),
        allowed=True,
    ),
    "a view permits nobody": Broken(
        fails_with(403, "admins only"),
        "client-error",
        "says that the server does not permit this request. It says: admins only.",
        options=OURS,
        corrected=now(views=public),
        allowed=True,
    ),
    "a view has been asked too often": Broken(
        fails_with(429, "", **{"Retry-After": "60"}),
        "client-error",
        "wait as long as Retry-After says",
        options={**OURS, "expose_headers": ["Retry-After"]},
        corrected=now(views=public),
        allowed=True,
    ),
    "a body is too large for Flask": Broken(
        reads_name,
        "client-error",
        "raise the limit (MAX_CONTENT_LENGTH in Flask",
        POST,
        OURS,
        config={"MAX_CONTENT_LENGTH": 100},
        corrected=asking(body=Body(b"name=a", FORM)),
        allowed=True,
    ),
    "a form lacks a field": Broken(
        reads_name,
        "client-error",
        "the request is not as the API expects it",
        POST,
        OURS,
        corrected=asking(body=Body(b"name=a", FORM)),
        allowed=True,
    ),
    "JSON is sent as text": Broken(
        reads_json,
        "client-error",
        "for JSON application/json",
        {"method": "POST", "body": Body(b"{}", "text/plain")},
        OURS,
        corrected=asking(body=JSON),
        allowed=True,
    ),
    "a Secure cookie is set over plain http": Broken(
        signs_in,
        "cookie-not-stored",
        "it is Secure, and the URL is plain http. Serve the API over https.",
        {"method": "POST", "url": "http://api.example.com/items", **WITH},
        {
            "origins": [HTTP_PAGE],
            "supports_credentials": True,
            "accept_risks": ["insecure-origin"],
        },
        config={"SESSION_COOKIE_SECURE": True},
        corrected=lambda broken: replace(
            asking(url=f"{API}/items")(broken),
            origin=OURS["origins"][0],
            options=SIGNED_IN,
        ),
        allowed=True,
        origin=HTTP_PAGE,
    ),
    "a cookie is for another domain": Broken(
        signs_in,
        "cookie-not-stored",
        "Leave Domain out, or name a domain above the API's.",
        {"method": "POST", **WITH},
        SIGNED_IN,
        config={"SESSION_COOKIE_DOMAIN": "example.org"},
        corrected=now(config={}),
        allowed=True,
    ),
    "a cookie has a name that allows no Domain": Broken(
        sets("__Host-s=1; Secure; Path=/; Domain=example.com"),
        "cookie-not-stored",
        "the cookie __Host-s: by its name it must have Path=/ and no Domain.",
        {"method": "POST", **WITH},
        SIGNED_IN,
        corrected=now(views=sets("__Host-s=1; Secure; Path=/")),
        allowed=True,
    ),
}
