"""Applications whose views note that they ran, and requests to them.

What a test says of an answer is all that a policy is about: its status, its CORS
headers, and which views ran for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Flask, Response
from werkzeug.test import Client, run_wsgi_app

from .helpers import ASKED, A, Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.test import TestResponse

Layer = Callable[["WSGIApplication"], "WSGIApplication"]
View = Callable[..., str]

OVERRIDE = "X-HTTP-Method-Override"


class Visit(NamedTuple):
    """The status of an answer, its CORS headers, and the views that ran for it."""

    status: int
    cors: Headers
    ran: list[str]


class LateResponse(Response):
    """A response that starts when its body is read."""

    def __call__(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        yield from super().__call__(environ, start_response)


class Site:
    """An application, and a list of the views that ran.

    :ivar plain: the application as it is without what was put around it since.
    """

    def __init__(self, name: str = "site") -> None:
        self.app = Flask(name, static_folder=None)
        self.app.secret_key = "not a secret"
        self.ran: list[str] = []
        self.plain: WSGIApplication = self.app.wsgi_app

    def view(self, name: str) -> View:
        """Return a new view that answers its name."""

        def view(*_: object, **__: object) -> str:
            self.ran.append(name)
            return name

        view.__name__ = view.__qualname__ = name
        return view

    def add(self, path: str, name: str, *methods: str, mark: Any = None) -> None:
        """Add a view of this *name* at *path*, with *mark* on it."""
        view = self.view(name)
        methods = methods or ("GET",)
        self.app.add_url_rule(
            path, name, mark(view) if mark else view, methods=[*methods]
        )

    def wrap(self, layer: Layer) -> None:
        """Put *layer* around the application."""
        self.app.wsgi_app = layer(  # type: ignore[assignment, method-assign]
            self.app.wsgi_app
        )

    def send(
        self,
        path: str,
        method: str = "GET",
        origin: str | None = A,
        headers: Mapping[str, str] | None = None,
        through: WSGIApplication | None = None,
        **more: Any,
    ) -> TestResponse:
        """Send the request of a page of *origin*; ``None`` sends no Origin.

        :param through: what to call in the place of the application.
        :param more: for Werkzeug's ``EnvironBuilder``.
        """
        sent = {**(headers or {}), **({} if origin is None else {"Origin": origin})}
        client = Client(through or self.app, use_cookies=False)
        return client.open(path, method=method, headers=sent, **more)

    def visit(self, path: str, *args: Any, **more: Any) -> Visit:
        """Send such a request, and return what came of it."""
        before = len(self.ran)
        response = self.send(path, *args, **more)
        response.close()
        return Visit(response.status_code, cors_of(response), self.ran[before:])

    def ask(
        self,
        path: str,
        method: str,
        origin: str = A,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Visit:
        """Ask, as a browser does, whether a page of *origin* may send *method*."""
        asked = {ASKED: method, **(headers or {})}
        return self.visit(path, "OPTIONS", origin, asked, **more)


def cors_of(response: TestResponse) -> Headers:
    """Return every header of *response* that CORS is about, each at most once.

    Whatever a policy answers to a preflight varies with the method asked for, because
    another method may have another policy; that is left out. So is Cookie, which Flask
    adds where the session was read.
    """
    found = [
        (name, value)
        for name, value in response.headers
        if name.lower().startswith("access-control-")
        or name.lower() in ("vary", "timing-allow-origin")
    ]
    assert len({name.lower() for name, _ in found}) == len(found), found
    headers = dict(found)
    varies = headers.pop("Vary", "").split(", ")
    varies = [name for name in varies if name not in (ASKED, "Cookie")]
    return {**headers, **({"Vary": ", ".join(varies)} if any(varies) else {})}


def overriding(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Return a layer that lets a header override the method, as Flask's docs show."""

    def layer(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        method = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
        if method:
            environ["REQUEST_METHOD"] = method
        return wsgi_app(environ, start_response)

    return layer


def without_prefix(prefix: str, copies: bool = False, buffers: bool = False) -> Layer:
    """Return a layer that takes *prefix* off each path.

    :param copies: whether it leaves the environ that it was given as it is.
    :param buffers: whether it starts the response when the application is done.
    """

    def around(wsgi_app: WSGIApplication) -> WSGIApplication:
        def layer(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            inner = {**environ} if copies else environ
            inner["PATH_INFO"] = environ["PATH_INFO"].removeprefix(prefix)
            if not buffers:
                return wsgi_app(inner, start_response)
            body, status, headers = run_wsgi_app(wsgi_app, inner, buffered=True)
            start_response(status, list(headers))
            return body

        return layer

    return around


def lazily(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Return a layer that calls the application when its body is read."""

    def layer(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        yield from wsgi_app(environ, start_response)

    return layer
