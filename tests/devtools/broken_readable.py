"""Broken applications whose responses a page can read: CORS is not what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, redirect, request, session
from werkzeug import Response as BaseResponse

from flask_cors_policy.devtools.browser import Body

from .broken_apps import API, JSON, Broken, items, public, with_token
from .broken_cases import OTHER_SITE, OURS, WITH, now
from .broken_in_front import FORM, POST, SIGNED_IN, at_another_host, seeing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HTTP_PAGE = "http://app.example.com"


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


def lost_elsewhere(app: Flask) -> None:
    items(app)

    @app.errorhandler(404)
    def lost(error: Exception) -> BaseResponse:
        return redirect("https://www.example.com/404")


def stricter(app: WSGIApplication) -> WSGIApplication:
    """Have all cookies stay on one site, as proxies can be told to."""

    def call(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            changed = [
                (name, value.replace("SameSite=None", "SameSite=Strict"))
                for name, value in headers
            ]
            return start_response(status, changed, *more)

        return app(environ, start)

    return call


def with_cookie(app: Flask) -> None:
    @app.get("/items")
    def items() -> str:
        if "session" not in request.cookies:
            abort(401)
        return "[]"


def login_over_http(app: Flask) -> None:
    @app.get("/items")
    def items() -> BaseResponse:
        return redirect("http://api.example.com/login")


def asking(**ask: Any) -> Callable[[Broken], Broken]:
    return lambda broken: replace(broken, ask={**broken.ask, **ask})


READABLE: Mapping[str, Broken] = {
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
    "something removes the body": Broken(
        reads_json,
        "changed-in-front",
        "does not pass on the body as the page has sent it. The response (400 Bad",
        {"method": "POST", "body": JSON},
        OURS,
        wrap=seeing(lambda environ: environ.update(CONTENT_LENGTH="0")),
        corrected=now(wrap=None),
        allowed=True,
    ),
    "the page for errors has another origin": Broken(
        lost_elsewhere,
        "no-route",
        "No route of the application serves GET /itmes, and https://api.example.com/itm",
        {"url": f"{API}/itmes"},
        OURS,
        corrected=now(ask={}),
    ),
    "something changes the cookie": Broken(
        signs_in,
        "changed-in-front",
        "The application sets it with SameSite=None: something in front of it changes",
        {"method": "POST", **WITH},
        {"origins": [OTHER_SITE], "supports_credentials": True},
        config={"SESSION_COOKIE_SAMESITE": "None", "SESSION_COOKIE_SECURE": True},
        wrap=stricter,
        corrected=now(wrap=None),
        allowed=True,
        origin=OTHER_SITE,
    ),
    "the session cookie is for another path": Broken(
        with_cookie,
        "cookie-not-sent",
        "The cookie session is for the path /admin: no browser sends it there.",
        WITH,
        SIGNED_IN,
        config={"SESSION_COOKIE_PATH": "/admin"},
        corrected=now(config={"SESSION_COOKIE_PATH": "/"}),
        allowed=True,
        cookie="session=x",
    ),
    "the session cookie is Secure, and the API is not": Broken(
        with_cookie,
        "cookie-not-sent",
        "is Secure, and the URL is plain http: no browser sends it there. Serve the",
        {"url": "http://api.example.com/items", **WITH},
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
        cookie="session=x",
    ),
    "a login page is named with plain http": Broken(
        login_over_http,
        "not-signed-in",
        "The request is redirected to a login page (http://api.example.com/login).",
        options=OURS,
        corrected=now(views=items),
    ),
}
