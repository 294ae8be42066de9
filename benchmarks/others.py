"""Peers of other frameworks, for scale: in a Django application, and on ASGI."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from .requests import ALLOWED, METHODS, NAMES

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


def _view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"ok", content_type="text/plain")


urlpatterns = [path("", _view)]


def django_contestants() -> dict[str, WSGIApplication]:
    """Return Django's handler without and with django-cors-headers."""
    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"],
            ROOT_URLCONF=__name__,
            MIDDLEWARE=[],
            CORS_ALLOWED_ORIGINS=list(ALLOWED),
            CORS_ALLOW_METHODS=METHODS,
            CORS_ALLOW_HEADERS=NAMES,
            INSTALLED_APPS=["corsheaders"],
        )
        django.setup()
    settings.MIDDLEWARE = []  # Read by a handler when it is made.
    bare: Any = WSGIHandler()
    settings.MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware"]
    with_cors: Any = WSGIHandler()
    return {"bare": bare, "django-cors-headers": with_cors}


def starlette_calls() -> dict[str, Callable[[WSGIEnvironment], object]]:
    """Return calls of Starlette without and with its middleware, by an environ."""

    async def view(request: Any) -> PlainTextResponse:
        return PlainTextResponse("ok")

    app = Starlette(routes=[Route("/", view, methods=["GET", "PUT"])])
    with_cors = CORSMiddleware(
        app,
        allow_origins=list(ALLOWED),
        allow_methods=list(METHODS),
        allow_headers=list(NAMES),
    )
    return {"bare": _on_asgi(app), "Starlette": _on_asgi(with_cors)}


def _on_asgi(app: Any) -> Callable[[WSGIEnvironment], object]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        pass

    def call(environ: WSGIEnvironment) -> None:
        names = {
            "HTTP_ORIGIN": b"origin",
            "HTTP_ACCESS_CONTROL_REQUEST_METHOD": b"access-control-request-method",
            "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": b"access-control-request-headers",
            "HTTP_HOST": b"host",
        }
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": environ["REQUEST_METHOD"],
            "path": "/",
            "root_path": "",
            "query_string": b"",
            "headers": [
                (name, environ[key].encode())
                for key, name in names.items()
                if key in environ
            ],
        }
        finished: Coroutine[Any, Any, None] = app(scope, receive, send)
        try:
            finished.send(None)  # Nothing in it ever waits.
        except StopIteration:
            return
        raise RuntimeError("the application waits for something")

    return call
