"""The parts of random applications, which note down what happens to a request."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Response, abort, redirect, request, session
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, ValidationError

from tests.flask.differential.words import FUNCTIONS, VERSION

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from tests.flask.differential.describe import Layer

# Headers that only a policy should set.
STRAYS = [
    ("Access-Control-Allow-Origin", "https://stray.example"),
    ("Access-Control-Allow-Credentials", "true"),
    ("access-control-expose-headers", "X-Stray"),
]


class OwnError(Exception):
    """Raised by applications themselves."""


class Ran(NamedTuple):
    """A view that ran: the method of a class that was called, or nothing."""

    app: str
    endpoint: str
    handler: str = ""


class Reached(NamedTuple):
    """A request as it reaches Flask, or the place of ``CORS(app)``: in the twin only.

    :param before: a copy of environ as it came.
    :param environ: the same object, as layers leave it.
    """

    app: str
    before: WSGIEnvironment
    environ: WSGIEnvironment


@dataclass
class Journal:
    """The notes on one request.

    :ivar started: the applications that have matched it without an error.
    :ivar methods: which it had when it ended.
    :ivar bodies: streams that are not closed yet.
    """

    arrivals: list[Reached] = field(default_factory=list)
    matches: list[Reached] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    views: list[Ran] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def take(self) -> Journal:
        """Return a copy of the notes, and forget them."""
        kept = copy.copy(self)
        vars(self).update(vars(Journal()))
        return kept


@cache
def origin_function(name: str) -> Callable[[str, WSGIEnvironment], Any]:
    """Return the function of a name; ``True`` allows an origin, what is true does not.

    It is one function each time: policies with equal options are equal.
    """
    return lambda origin, environ: origin in FUNCTIONS[name] or "almost"


def stream(journal: Journal, name: str) -> Response:
    """Give a body in parts, and note whether it is closed."""
    journal.bodies.append(name)
    response = Response(iter([b"first ", b"second"]), headers={"X-View": name})
    response.call_on_close(journal.bodies.clear)
    return response


def perform(does: str, journal: Journal, name: str) -> Any:
    """Answer as a view that is described as *does*."""
    if does == "stream":
        return stream(journal, name)
    if does == "abort":
        abort(418)
    if does == "raise":
        raise OwnError(name)
    if does == "redirect":
        return redirect("/elsewhere")
    if does == "session":
        session["seen"] = name
    response = Response(f"view {name}", headers={"X-View": name})
    if does in ("strays", "upgrade"):
        response.headers.extend(STRAYS)
        response.headers["Vary"] = "Accept-Language"
    if does == "upgrade":
        response.status_code = 101
    if does == "vary-all":
        response.headers["Vary"] = "*"
    if does == "cookie":
        response.set_cookie("kept", name)
    return response


def view_function(
    app: str, does: str, journal: Journal, method: str = ""
) -> Callable[..., Any]:
    """Return a new view, or a new method of a class-based view."""

    def view(*_: object, **__: object) -> Any:
        endpoint = request.endpoint or ""
        journal.views.append(Ran(app, endpoint, method))
        return perform(does, journal, f"{endpoint}.{method}")

    return view


def login() -> None:
    """Let nobody in without a cookie."""
    if "Cookie" not in request.headers:
        abort(401)


def override() -> None:
    """Let a header say another method."""
    if "X-HTTP-Method-Override" in request.headers:
        request.method = request.headers["X-HTTP-Method-Override"]


def answer() -> Response | None:
    """Answer in the place of the view, where the request says so."""
    if "X-Answer" not in request.headers:
        return None
    return Response("from before_request", headers=[("X-Before", "1"), *STRAYS])


def boom(*_: object) -> None:
    """Fail where the request says so."""
    if "X-Boom" in request.headers:
        raise OwnError("boom")


BEFORE: dict[str, Callable[[], Any]] = {
    "login": login,
    "override": override,
    "answer": answer,
    "boom": boom,
}


def noting(name: str, function: Callable[[], Any], journal: Journal) -> Any:
    """Return *function*, noting that it ran."""

    def noted() -> Any:
        journal.functions.append(name)
        return function()

    return noted


def error_page(error: HTTPException) -> Response:
    """Set CORS headers by hand, on errors."""
    return Response(f"error {error.code}", error.code, STRAYS)


def strays(response: Response) -> Response:
    """Set CORS headers by hand."""
    response.headers.extend(STRAYS)
    return response


def after(response: Response) -> Response:
    """Add a header and a cookie."""
    response.headers["X-After"] = "yes"
    response.set_cookie("after", "1")
    return response


AFTER = {"strays": strays, "after": after}


class Digits(BaseConverter):
    regex = "[0-9]+"


class Cookie(BaseConverter):
    def to_python(self, value: str) -> str:
        if request.cookies.get("user") != "1":
            raise ValidationError
        return value


class Boom(BaseConverter):
    def to_python(self, value: str) -> str:
        if value == "boom" or (value == "users" and not request.cookies):
            raise RuntimeError("converter")
        return value


CONVERTERS: dict[str, type[BaseConverter]] = {
    "digits": Digits,
    "cookie": Cookie,
    "boom": Boom,
}


def put_around(
    app: WSGIApplication, layer: Layer, mounted: WSGIApplication | None
) -> WSGIApplication:
    """Return *app* with *layer* around it; *mounted* is the layer's application."""
    if layer.kind == "proxy":
        return ProxyFix(app, x_for=0, x_proto=0, x_host=0, x_prefix=1)
    if layer.kind == "dispatcher" and mounted is not None:
        return DispatcherMiddleware(app, {layer.path: mounted})

    def around(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if layer.kind == "own" and mounted and path.startswith(f"{layer.path}/"):
            return mounted(environ, start)
        if layer.kind == "answers" and path == layer.path:
            start("200 OK", [("X-Layer", "yes"), *STRAYS])
            return [b"from a layer"]
        if layer.kind == "adds":
            return app(environ, adding(start))
        change = CHANGES.get(layer.kind)
        return app(change(environ, path) if change else environ, start)

    return around


def overridden(environ: WSGIEnvironment, path: str) -> WSGIEnvironment:
    """Let a header say another method."""
    said = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE")
    environ["REQUEST_METHOD"] = said or environ["REQUEST_METHOD"]
    return environ


def stripped(environ: WSGIEnvironment, path: str) -> WSGIEnvironment:
    """Take a prefix off the path."""
    if path.startswith(f"{VERSION}/"):
        environ["PATH_INFO"] = path.removeprefix(VERSION)
    return environ


def moved(environ: WSGIEnvironment, path: str) -> WSGIEnvironment:
    """Move a prefix of the path to SCRIPT_NAME, in a copy of environ."""
    if not path.startswith(f"{VERSION}/"):
        return dict(environ)
    name = environ["SCRIPT_NAME"] + VERSION
    return {**environ, "PATH_INFO": path.removeprefix(VERSION), "SCRIPT_NAME": name}


CHANGES = {"override": overridden, "strips": stripped, "moves": moved}


def adding(start_response: StartResponse) -> StartResponse:
    """Return what starts a response with more headers, CORS headers as well."""

    def start(status: str, headers: Any, exc_info: Any = None) -> Any:
        more = [*headers, ("X-Added", "yes"), *STRAYS]
        return start_response(status, more, exc_info)

    return start
