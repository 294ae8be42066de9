"""A request that is not quite as usual, and the policy that governs it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..core.compiled import Headers
from ..core.decision import Decision, decide_unsettled
from ..core.headers import additions
from ..core.paths import is_unsettled
from ..core.request import RequestKind
from ..serving import cors_request
from ..wsgi import UNSETTLED_PATHS
from .policies import Governing, RoutePolicies

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask import Flask


Seen = tuple[str, str, str]
"""REQUEST_METHOD, PATH_INFO and SCRIPT_NAME, before anything further in moved on."""


class Exchange:
    """One request to an application.

    :param app: the application.
    :param policies: what it is under.
    :param environ: its environ.
    :param seen: what that was, where it may have been changed in place since.
    """

    def __init__(
        self,
        app: Flask,
        policies: RoutePolicies,
        environ: WSGIEnvironment,
        seen: Seen,
    ) -> None:
        self._app = app
        self._policies = policies
        self._environ = environ
        self._method, self._path, self._script_name = seen
        self._request = cors_request(environ)._replace(method=self._method)
        self._decided: tuple[Governing, Decision] | None = None

    def governing(self) -> Governing | None:
        """Return what governs the request, by asking the URL map ourselves.

        For what is not at its route yet, and what never gets there: 404, 405,
        redirects, and answers of layers in front of the application.
        """
        policies = self._policies
        if not policies.marked:
            return policies.outer(self._path)
        environ = {
            **self._environ,
            "PATH_INFO": self._path,
            "SCRIPT_NAME": self._script_name,
        }
        url = policies.routes.match(environ, self._method)
        return policies.of_url(url, self._method, self._path)

    def at_response(self) -> tuple[Governing | None, Headers]:
        """Return what governs the response, and what is added to it."""
        policies = self._policies
        request = self._environ.get("werkzeug.request")
        rule = getattr(request, "url_rule", None)
        if request is not None and rule is not None and rule.map is policies.url_map:
            governing = policies.of_route(rule.endpoint, request.method, self._path)
        else:
            governing = self.governing()
        if governing is None:
            return None, ()
        return governing, additions(self.decide(governing))

    def decide(self, governing: Governing) -> Decision:
        """Decide an actual request; once, since a function may have to be asked."""
        if self._decided is None or self._decided[0] is not governing:
            self._decided = governing, governing.decide(self._request)
        return self._decided[1]

    def before_the_application(self) -> Decision | None:
        """Decide a request before the application has run, if any policy enforces."""
        if not self._policies.enforces or self._request.kind is RequestKind.NOT_CORS:
            return None
        governing = self.governing()
        if governing is None or not governing.policy.enforce:
            return decide_past_rules(self._policies, self._environ)
        return self.decide(governing)

    def shows_error_to_page(self) -> bool:
        """Say whether an exception that leaves the application is for the page to see.

        So it is in debug mode, when a page of an allowed origin has asked: browsers
        would hide the debugger's answer, which has no CORS headers, behind a "CORS
        error". Where the user wants exceptions to propagate, they do.
        """
        app = self._app
        if not app.debug or app.testing:
            return False
        if app.config["PROPAGATE_EXCEPTIONS"] is not None:
            return False
        if self._request.kind is not RequestKind.ACTUAL or self._request.is_same_origin:
            return False
        governing = self.governing()
        return governing is not None and not self.decide(governing).reason.refused

    def readable_error(self, start_response: StartResponse) -> Iterable[bytes]:
        """Answer 500 in plain text, in the place of the debugger; log the traceback."""
        error = sys.exc_info()[1]
        self._app.logger.error(
            "Exception on %s [%s]", self._path, self._method, exc_info=True
        )
        body = (
            f"500 Internal Server Error\n\n{type(error).__name__}: {error}\n\n"
            "The traceback is in the server's log.\n"
        ).encode()
        start_response(
            "500 Internal Server Error",
            [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Length", str(len(body))),
            ],
        )
        return [body]


def decide_past_rules(
    policies: RoutePolicies, environ: WSGIEnvironment
) -> Decision | None:
    """Decide a request whose path leads past path rules that enforce."""
    if not (policies.rules_enforce and is_unsettled(environ.get("PATH_INFO") or "/")):
        return None
    request = cors_request(environ)
    decision = decide_unsettled(request)
    if decision.status is None:
        return None
    policies.log.refused(decision, request, UNSETTLED_PATHS)
    return decision
