"""Middleware in front of broken applications."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

A = "https://app.example.com"


def proxy(app: WSGIApplication) -> WSGIApplication:
    """Add the header once more, as proxies are often configured to."""

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
        return [b""]

    return call


def open_gate(app: WSGIApplication) -> WSGIApplication:
    """Let preflights pass, as the fix says."""
    gated = gate(app)

    def call(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ:
            return app(environ, start_response)
        return gated(environ, start_response)

    return call


def too_many(app: WSGIApplication) -> WSGIApplication:
    """Limit the rate in front of the policy."""

    def call(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        start_response("429 Too Many Requests", [("Content-Length", "0")])
        return [b""]

    return call


def tls_proxy(app: WSGIApplication) -> WSGIApplication:
    """End TLS in front of the application, which sees plain http."""

    def call(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        forwarded = environ["wsgi.url_scheme"]
        told = {"wsgi.url_scheme": "http", "HTTP_X_FORWARDED_PROTO": forwarded}
        return app({**environ, **told}, start_response)

    return call


def tls_proxy_with_fix(app: WSGIApplication) -> WSGIApplication:
    return tls_proxy(ProxyFix(app))
