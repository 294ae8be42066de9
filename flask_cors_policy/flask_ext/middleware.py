"""The layer around ``app.wsgi_app`` that answers preflights and governs responses.

It asks the application's URL map which route a request is for, and ``core.decision``
what its policy says. Nothing of Flask is patched: the layer wraps ``wsgi_app``, as
Flask's documentation has it, so that errors, redirects and streams pass through it
like everything else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import flask

from ..core.decision import Decision, decide, decide_unsettled
from ..core.fetch_standard import WILDCARD, is_forbidden_method, is_token
from ..core.headers import HeaderList, apply
from ..core.paths import is_unsettled
from ..core.request import CORSRequest, RequestKind
from ..wsgi import UNSETTLED_PATHS, answer, cors_request, is_websocket_upgrade
from .policies import Governing, RoutePolicies
from .routing import Matched, match

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from ..core.policy import Policy
    from .state import CORSState

MAX_METHOD: Final = 64
"""Characters of the longest method repeated to a preflight."""


class FlaskCORS:
    """Put the policies of *state* around *wsgi_app*, which serves ``state.app``."""

    def __init__(self, wsgi_app: WSGIApplication, state: CORSState) -> None:
        self.wsgi_app = wsgi_app
        self._state = state

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request (PEP 3333).

        :raises PolicyError: where the policies of the application's routes, which
            the first request completes, hold a mistake.
        """
        # Read once: they may be replaced while this request is under way.
        policies = self._state.checked_policies()
        request = cors_request(environ)
        exchange = Exchange(self._state, policies, environ, request)
        kind = request.kind
        if kind is RequestKind.PREFLIGHT:
            decision = exchange.preflight()
            if decision is None:  # Nothing governs what is asked for.
                return self.wsgi_app(environ, start_response)
            return answer(decision, start_response)
        if kind is RequestKind.ACTUAL and policies.enforces:
            decision = exchange.before_the_application()
            if decision is not None and decision.status is not None:
                return answer(decision, start_response)
        if is_websocket_upgrade(environ):
            return self.wsgi_app(environ, start_response)
        try:
            return self.wsgi_app(environ, exchange.governed(start_response))
        except Exception:
            if not exchange.shows_errors_to_page():
                raise
            return exchange.readable_error(start_response)


class Exchange:
    """One request, and the policy that governs it once its route is known."""

    def __init__(
        self,
        state: CORSState,
        policies: RoutePolicies,
        environ: WSGIEnvironment,
        request: CORSRequest,
    ) -> None:
        self._state = state
        self._policies = policies
        self._environ = environ
        self._request = request
        self._started = False
        self._decided: tuple[Policy, Decision] | None = None
        # What is mounted further in may move these on while it runs.
        self._path: str = environ.get("PATH_INFO", "")
        self._script_name: str = environ.get("SCRIPT_NAME", "")

    def preflight(self) -> Decision | None:
        """Decide a preflight; ``None`` leaves it to the application."""
        policies = self._policies
        asked = self._request.requested_method or ""
        methods: tuple[str, ...] | None = None
        governing = policies.outer(self._path)
        if policies.marked or (governing is not None and governing.derive_methods):
            url = match(self._state.app, self._environ, asked)
            governing = self._of(url, asked)
            if governing is not None:
                methods = self._governed_methods(governing, url.methods)
        if governing is None:
            return self._unsettled()
        decision = decide(governing.policy, self._request, methods)
        self._log(decision, governing)
        return decision

    def before_the_application(self) -> Decision | None:
        """Decide an actual request by its route, before the application has run."""
        governing = self._governing_by_url()
        if governing is None or not governing.policy.enforce:
            return self._unsettled()
        decision = self._decide(governing.policy)
        if decision.status is not None:
            self._log(decision, governing)
        return decision

    def _unsettled(self) -> Decision | None:
        """Decide a request whose path leads past path rules that enforce."""
        if not (self._policies.rules_enforce and is_unsettled(self._path or "/")):
            return None
        decision = decide_unsettled(self._request)
        if decision.status is None:
            return None
        self._state.log.refused(decision, self._request, UNSETTLED_PATHS)
        return decision

    def governed(self, start_response: StartResponse) -> StartResponse:
        """Return a ``start_response`` that puts the policy's headers on a response."""

        def governed_start_response(
            status: str, headers: HeaderList, exc_info: Any = None, /
        ) -> Callable[[bytes], object]:
            self._started = True
            governing = self._governing()
            if governing is not None:
                decision = self._decide(governing.policy)
                self._log(decision, governing)
                owned = governing.policy.compiled.owned
                headers, removed = apply(decision, headers, owned)
                if removed:
                    self._state.log.removed(removed, governing.place)
            if exc_info is None:
                return start_response(status, headers)
            return start_response(status, headers, exc_info)

        return governed_start_response

    def shows_errors_to_page(self) -> bool:
        """Say whether an exception that leaves the application is for the page to see.

        So it is in debug mode, when a page of an allowed origin has asked: browsers
        would hide the debugger's answer, which has no CORS headers, behind a "CORS
        error". Where the user wants exceptions to propagate, they do.
        """
        app = self._state.app
        if self._started or not app.debug or app.testing:
            return False
        if app.config["PROPAGATE_EXCEPTIONS"] is not None:
            return False
        if self._request.kind is not RequestKind.ACTUAL or self._request.is_same_origin:
            return False
        governing = self._governing_by_url()
        if governing is None:
            return False
        return not self._decide(governing.policy).reason.refused

    def readable_error(self, start_response: StartResponse) -> Iterable[bytes]:
        """Answer 500 in plain text, in the place of the debugger; log the traceback."""
        error = sys.exc_info()[1]
        method, path = self._request.method, self._path
        self._state.app.logger.error(
            "Exception on %s [%s]", path, method, exc_info=True
        )
        body = (
            f"500 Internal Server Error\n\n{type(error).__name__}: {error}\n\n"
            "The traceback is in the server's log.\n"
        ).encode()
        self.governed(start_response)(
            "500 Internal Server Error",
            [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Length", str(len(body))),
            ],
        )
        return [body]

    def _governing(self) -> Governing | None:
        """Return what governs the response, by the route that Flask has matched."""
        policies = self._policies
        if not policies.marked:
            return policies.outer(self._path)
        if flask.has_request_context():
            request = flask.request
            if request.environ is self._environ and request.url_rule is not None:
                rule, method = request.url_rule, request.method
                if flask.current_app == self._state.app:
                    return policies.of_route(rule.endpoint, method, self._path)
        return self._governing_by_url()

    def _governing_by_url(self) -> Governing | None:
        """Return what governs the response, by asking the URL map ourselves.

        For what never got as far as a route: 404, 405, redirects, and answers of
        layers in front of the application.
        """
        if not self._policies.marked:
            return self._policies.outer(self._path)
        environ = {
            **self._environ,
            "PATH_INFO": self._path,
            "SCRIPT_NAME": self._script_name,
        }
        method = self._request.method
        return self._of(match(self._state.app, environ, method), method)

    def _of(self, url: Matched, method: str) -> Governing | None:
        """Return what governs *method* of a URL."""
        policies = self._policies
        if url.endpoint is None:
            return policies.of_no_route(url.methods.values(), self._path)
        return policies.of_route(url.endpoint, method.upper(), self._path)

    def _governed_methods(
        self, governing: Governing, routes: Mapping[str, str]
    ) -> tuple[str, ...]:
        """Return the methods of the URL that the answering policy governs.

        Browsers keep the list for the whole URL: a method in it that another policy
        governs would be open under this one.
        """
        policies = self._policies
        policy = governing.policy
        own: list[str] = []
        others: set[str] = set()
        for method, endpoint in routes.items():
            found = policies.of_route(endpoint, method, self._path)
            if found is not None and found.policy is policy:
                own.append(method)
            else:
                others.add(method)
        written = policy.methods
        if not governing.derive_methods and WILDCARD not in written:
            # Flask reads a method in any case.
            return tuple(name for name in written if name.upper() not in others)
        if not governing.derive_methods and not others:
            return written
        # The asked method is governed by this policy, even where no route serves it:
        # the page shall see the 404 or 405 that comes then.
        asked = self._request.requested_method or ""
        known = asked.upper() in {*own, *others} or len(asked) > MAX_METHOD
        if not known and is_token(asked) and not is_forbidden_method(asked):
            # A page may well ask for "*", which in the answer would mean all methods.
            own += [] if asked == WILDCARD else [asked]
        return tuple(own)

    def _decide(self, policy: Policy) -> Decision:
        """Decide an actual request; once, since a function may have to be asked."""
        if self._decided is None or self._decided[0] is not policy:
            self._decided = policy, decide(policy, self._request)
        return self._decided[1]

    def _log(self, decision: Decision, governing: Governing) -> None:
        if decision.reason.refused or decision.error:
            self._state.log.refused(decision, self._request, governing.place)
