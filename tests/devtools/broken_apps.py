"""Broken applications, one or more for each common cause, and how to repair them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

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


@dataclass(frozen=True)
class Broken:
    """An application that does not do what its page wants.

    :param views: adds the views; takes the options of the policy on the view.
    :param ask: what the page asks for, beside the path /items.
    :param cause: the true one.
    :param says: what the explanation has to say of it.
    :param options: those of ``CORS(app)``; ``None`` leaves it out.
    :param view_options: those of ``@cross_origin``; ``None`` leaves it out.
    :param corrected: what is done by hand, if the fix is not in the policy.
    :param allowed: whether it is the response itself that is wrong.
    :param origin: of the page.
    """

    views: Callable[[Flask], None]
    cause: str
    says: str
    ask: Options = field(default_factory=dict)
    options: Options | None = None
    view_options: Options | None = None
    corrected: Callable[[Flask], None] | None = None
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


def beside_a_decorated_view(app: Flask) -> None:
    items(app)
    app.add_url_rule("/other", "other", cross_origin(origins=A)(lambda: "[]"))


def failing(app: Flask) -> None:
    @app.get("/items")
    def items() -> str:
        raise KeyError("price")


def working_again(app: Flask) -> None:
    app.view_functions["items"] = lambda: "[]"


def working_again_with_policy(app: Flask) -> None:
    working_again(app)
    CORS(app, origins=[A])


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


def wrapped(
    middleware: Callable[[WSGIApplication], WSGIApplication],
) -> Callable[[Flask], None]:
    """Return what puts *middleware* around an application, CORS(app) or not."""

    def wrap(app: Flask) -> None:
        app.wsgi_app = middleware(app.wsgi_app)  # type: ignore[method-assign, assignment]

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
