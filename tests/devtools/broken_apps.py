"""Broken Flask applications: how they are built, and how a fix is applied to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import flask_cors
from flask import Flask, Response, abort, redirect, request, session
from werkzeug import Response as BaseResponse

from flask_cors_policy import CORS, cross_origin
from flask_cors_policy.devtools.app_explain import explain
from flask_cors_policy.devtools.browser import Body, Page, PageRequest
from flask_cors_policy.devtools.explaining import Explanation, Fix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

A = "https://app.example.com"
API = "https://api.example.com"
JSON = Body(b"{}", "application/json")
Options = dict[str, Any]
Middleware = Callable[["WSGIApplication"], "WSGIApplication"]


@dataclass(frozen=True)
class Broken:
    """An application that does not do what its page wants.

    :param views: adds the views.
    :param cause: the code of the true cause.
    :param says: a part of the explanation.
    :param ask: the request of the page, if it is not a GET of /items.
    :param options: those of ``CORS(app)``; ``None`` leaves it out.
    :param view_options: those of ``@cross_origin``; ``None`` leaves it out.
    :param flask_cors: those of Flask-CORS; ``None`` leaves it out.
    :param config: of the application.
    :param wrap: middleware in front of the policy.
    :param corrected: applies the first fix, if it is not data; gets the broken one.
    :param allowed: whether the page can read the response, and that is wrong.
    :param origin: of the page.
    :param cookie: what the browser holds.
    """

    views: Callable[[Flask], None]
    cause: str
    says: str
    ask: Options = field(default_factory=dict)
    options: Options | None = None
    view_options: Options | None = None
    flask_cors: Options | None = None
    config: Options = field(default_factory=dict)
    wrap: Middleware | None = None
    corrected: Callable[[Broken], Broken] | None = None
    allowed: bool = False
    origin: str = A
    cookie: str = ""


def build(broken: Broken) -> Flask:
    """Return the application."""
    app = Flask("shop", static_folder=None)
    app.secret_key = "secret"
    app.config.update(broken.config)
    broken.views(app)
    if broken.view_options is not None:
        for view in app.view_functions.values():
            cross_origin(**broken.view_options)(view)
    if broken.flask_cors is not None:
        flask_cors.CORS(app, **broken.flask_cors)
    if broken.options is not None:
        CORS(app, **broken.options)
    if broken.wrap is not None:
        app.wsgi_app = broken.wrap(app.wsgi_app)  # type: ignore[method-assign, assignment]
    return app


def page_request(broken: Broken) -> PageRequest:
    """Return the request of the page."""
    return PageRequest(**{"url": f"{API}/items", **broken.ask})


def explained(broken: Broken, app: Flask | None = None) -> Explanation:
    """Return the explanation of the page's request."""
    page = Page(broken.origin)
    asked = page_request(broken)
    return explain(app or build(broken), page, asked, cookie=broken.cookie)


def repaired(broken: Broken, fix: Fix) -> Broken:
    """Return the application, or its page, after *fix* was applied to the letter."""
    if broken.corrected is not None:
        return broken.corrected(broken)
    broken = replace(broken, ask={**broken.ask, **fix.page})
    if fix.at.startswith("@cross_origin"):
        return replace(
            broken, view_options={**(broken.view_options or {}), **fix.policy}
        )
    if fix.policy:
        options = {**(broken.options or {}), **fix.policy}
        if "resources" in fix.policy:
            known = (broken.options or {}).get("resources", {})
            options["resources"] = {**known, **fix.policy["resources"]}
        return replace(broken, options=options)
    if any(fix.headers):
        return replace(broken, wrap=sending(*fix.headers))
    return broken


def sending(preflight: Any, actual: Any) -> Middleware:
    """Return middleware that sends the headers that an advice names."""

    def wrap(app: WSGIApplication) -> WSGIApplication:
        def call(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            if "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ:
                start_response("204 No Content", list(preflight))
                return [b""]
            own = {name.lower() for name, _ in actual}

            def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
                kept = [each for each in headers if each[0].lower() not in own]
                return start_response(status, [*kept, *actual], *more)

            return app(environ, start)

        return call

    return wrap


# Views.


def items(app: Flask) -> None:
    @app.route("/items", methods=["GET", "POST", "PUT"])
    def items() -> Response:
        return Response("[]", headers={"X-Total": "0"})


def beside_a_decorated_view(app: Flask) -> None:
    items(app)
    app.add_url_rule("/other", "other", cross_origin(origins=A)(lambda: "[]"))


def failing(app: Flask) -> None:
    @app.get("/items")
    def items() -> str:
        raise KeyError("price")


def headers_by_hand(response: Response) -> Response:
    """Set the headers as answers on the web suggest."""
    response.headers["Access-Control-Allow-Origin"] = A
    response.headers["Access-Control-Allow-Headers"] = "Content-Type, Authorization"
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT"
    return response


def by_hand(app: Flask) -> None:
    app.after_request(headers_by_hand)


def items_by_hand(app: Flask) -> None:
    """Allow every origin by hand, and no headers."""
    items(app)

    @app.after_request
    def allow(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response


def login_first(app: Flask) -> None:
    """Let nobody in without Authorization: not even preflights, which never have it."""
    items(app)
    by_hand(app)

    @app.before_request
    def authenticate() -> None:
        if "Authorization" not in request.headers:
            abort(401)


def login_by_redirect(app: Flask) -> None:
    items(app)

    @app.before_request
    def authenticate() -> BaseResponse | None:
        return None if "Authorization" in request.headers else redirect("/login")


def without_options(app: Flask) -> None:
    app.add_url_rule(
        "/items",
        "items",
        lambda: "[]",
        methods=["PUT"],
        provide_automatic_options=False,
    )


def to_https(app: Flask) -> None:
    items(app)

    @app.before_request
    def secure() -> BaseResponse | None:
        if request.is_secure:
            return None
        return redirect(request.url.replace("http:", "https:", 1))


def with_slash(app: Flask) -> None:
    app.add_url_rule("/items/", "items", lambda: "[]", methods=["GET", "PUT"])


def with_slash_by_hand(app: Flask) -> None:
    with_slash(app)
    by_hand(app)


def login_elsewhere(app: Flask) -> None:
    app.add_url_rule(
        "/items", "items", lambda: redirect("https://sso.example.org/login")
    )


def with_an_old_url(app: Flask) -> None:
    """Redirect to the absolute URL that the application believes to have."""
    items(app)

    @app.get("/old")
    def old() -> BaseResponse:
        return redirect(f"{request.host_url}items")


def private(app: Flask) -> None:
    @app.get("/items")
    def items() -> str:
        if "user" not in session:
            abort(401)
        return "[]"


def public(app: Flask) -> None:
    app.add_url_rule("/items", "items", lambda: "[]")


def with_token(app: Flask) -> None:
    @app.get("/items")
    def items() -> str:
        if request.headers.get("Authorization") != "Bearer new":
            abort(401)
        return "[]"


def sign_in(app: Flask) -> None:
    @app.post("/items")
    def login() -> str:
        session["user"] = "ada"
        return "{}"


def decorated_above_the_route(app: Flask) -> None:
    flask_cors.cross_origin(origins=A)(app.get("/items")(lambda: "[]"))


def for_partners(app: Flask) -> None:
    """Have a blueprint with a policy of its own."""
    from flask import Blueprint

    partners = Blueprint("partners", __name__)
    partners.add_url_rule("/items", "items", lambda: "[]")
    CORS(partners, origins=["https://partner.example"])
    app.register_blueprint(partners)
