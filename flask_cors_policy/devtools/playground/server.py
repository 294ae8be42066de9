"""The API of a case: an application under a policy, with what stands in front of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from ...core.decision import URLMethods
from ...core.policy import Policy
from ...handler import PolicyHandler
from ...log import RefusalLog
from ...wsgi import is_preflight, merged, send
from ..browser.requests import HeaderPairs, status_text
from .fields import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_BODY: Final = b"{}\n"


def served(
    server: Server, policy: Policy | None, url: URLMethods | None, path: str
) -> WSGIApplication:
    """Return the application that *server* describes.

    :param policy: the policy of the URL; ``None`` where there is none.
    :param url: the methods of its routes in Flask; ``None`` for a middleware.
    :param path: that the page asks for, as an environ has it: what redirects does so
        only there.
    """
    app = _api(server, path)
    if policy is not None:
        app = _under_policy(app, policy, url)
    return _in_front(app, server, path)


def _api(server: Server, path: str) -> WSGIApplication:
    """Answer as a view does, and as Flask does for a method that no route has."""
    allow = ("Allow", ", ".join(server.methods))
    json = (("Content-Type", "application/json"), ("Content-Length", str(len(_BODY))))
    html = (("Content-Type", "text/html; charset=utf-8"),)

    def api(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        method, here = environ["REQUEST_METHOD"], environ["PATH_INFO"] == path
        if method not in server.methods:
            return _send(start, 405, (*html, allow))
        if method == "OPTIONS":
            return _send(start, 200, (*html, allow))
        if not here and 300 <= server.status < 400:
            return _send(start, 200, json, _BODY)
        own = {name.lower() for name, _ in server.headers}
        headers = tuple(pair for pair in json if pair[0].lower() not in own)
        return _send(start, server.status, (*headers, *server.headers), _BODY)

    return api


def _under_policy(
    app: WSGIApplication, policy: Policy, url: URLMethods | None
) -> WSGIApplication:
    """Apply *policy* as the middleware does, but with the methods of the URL."""
    handler = PolicyHandler(policy, "the policy", RefusalLog())

    def under_policy(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if is_preflight(environ):
            return send(handler.decide_preflight(environ, url), start)
        decision = handler.decide_actual(environ)
        if decision.status is not None:
            return send(decision, start)

        def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
            headers = merged(status, headers, handler, decision.headers)
            return start(status, headers, exc_info)

        return app(environ, start_response)

    return under_policy


def _in_front(app: WSGIApplication, server: Server, path: str) -> WSGIApplication:
    """Put around *app* what answers before it, or adds to its answers."""
    if not server.front:
        return app

    def front(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if server.front == "adds":

            def adding(status: str, headers: Any, exc_info: Any = None) -> Any:
                return start(status, [*headers, *server.front_headers], exc_info)

            return app(environ, adding)
        preflight = is_preflight(environ)
        redirects = 300 <= server.front_status < 400
        here = environ["PATH_INFO"] == path
        if (redirects and not here) or (server.front == "preflights" and not preflight):
            return app(environ, start)
        return _send(start, server.front_status, server.front_headers)

    return front


def _send(
    start: StartResponse, status: int, headers: HeaderPairs, body: bytes = b""
) -> Iterable[bytes]:
    start(status_text(status), list(headers))
    return [body]
