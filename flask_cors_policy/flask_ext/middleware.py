"""The layer around ``app.wsgi_app`` that answers preflights and governs responses.

It asks the application's URL map which route a request is for, and ``core.decision``
what its policy says. Nothing of Flask is patched: the layer wraps ``wsgi_app``, as
Flask's documentation has it, so that errors, redirects and streams pass through it
like everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from time import monotonic
from typing import TYPE_CHECKING, Any

import flask

from ..core.fetch_standard import ALLOW_ORIGIN
from ..core.headers import PLAIN_NAMES, HeaderList
from ..core.origin import MAX_ORIGIN
from ..core.usual import VARY_ORIGIN
from ..serving import PolicyLayer, answer_decided, is_preflight, is_websocket_upgrade
from .exchange import Exchange, Seen, decide_past_rules
from .policies import Governing, RoutePolicies
from .preflights import decide_apart, find_preflight

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from ..core.compiled import Headers
    from .state import CORSState

_ALL_SEEN: Callable[[WSGIEnvironment], Seen] = itemgetter(
    "REQUEST_METHOD", "PATH_INFO", "SCRIPT_NAME"
)


class FlaskCORS(PolicyLayer[RoutePolicies]):
    """Put policies around a WSGI application that serves ``state.app``.

    :param wsgi_app: what was ``app.wsgi_app`` before.
    :param policies: the policies to begin with.
    """

    def __init__(
        self, wsgi_app: WSGIApplication, state: CORSState, policies: RoutePolicies
    ) -> None:
        super().__init__(wsgi_app, policies)
        self._state = state
        # Whether something that is not ours stands between here and the application.
        self._layered = getattr(wsgi_app, "__self__", None) is not state.app

    # As flat as ``PolicyLayer.__call__``, for the same reason.
    def _serve(  # noqa: C901
        self,
        in_force: RoutePolicies,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Serve a request; here the usual ones to routes with policies of their own."""
        if self._layered:
            start_response = self._watched(environ, start_response)
        if (
            not in_force.by_route
            or "HTTP_UPGRADE" in environ
            or "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        ):
            return self._serve_otherwise(in_force, environ, start_response)
        origin, seen = environ.get("HTTP_ORIGIN"), _seen(environ)

        def governed_start_response(  # noqa: C901
            status: str,
            headers: HeaderList,
            exc_info: Any = None,
            start_response: StartResponse = start_response,
            app: flask.Flask = self._state.app,
            in_force: RoutePolicies = in_force,
            environ: WSGIEnvironment = environ,
            origin: str | None = origin,
            seen: Seen = seen,
        ) -> Callable[[bytes], object]:
            governing: Governing | None = None
            added: Headers | None = None
            # What Flask has matched: to match the URL again takes 10 microseconds. (The
            # request may be of another application, which this one is mounted in.)
            rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
            if rule is not None and rule.map is in_force.url_map:
                governing = in_force.by_endpoint.get(rule.endpoint)
            if governing is not None:
                if origin is None:
                    added = governing.without_origin
                elif len(origin) <= MAX_ORIGIN and origin in governing.listed:
                    granted = VARY_ORIGIN, (ALLOW_ORIGIN, origin)
                    added = granted + governing.after_origin
                elif monotonic() < governing.alike_until:
                    added = governing.without_origin
                else:
                    added = governing.unlisted(origin, environ)
            if added is None:
                exchange = Exchange(app, in_force, environ, seen)
                governing, added = exchange.at_response()
            if governing is not None:
                for name, _ in headers:
                    if name not in PLAIN_NAMES:
                        headers = governing.mended(added, headers)
                        break
                else:
                    headers = [*headers, *added]
            if exc_info is None:
                return start_response(status, headers)
            return start_response(status, headers, exc_info)

        return self.app(environ, governed_start_response)

    def _serve_otherwise(
        self,
        in_force: RoutePolicies,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Serve any request under the policy of its route.

        :raises PolicyError: where the policies of the application's routes, which
            the first request completes, hold a mistake.
        """
        if not in_force.settled:
            self._state.check(in_force)
        if is_preflight(environ):
            return self._answer_preflight(in_force, environ, start_response)
        exchange = Exchange(self._state.app, in_force, environ, _seen(environ))
        decision = exchange.before_the_application()
        if decision is not None and decision.status is not None:
            return answer_decided(decision, start_response)
        if is_websocket_upgrade(environ):
            return self.app(environ, start_response)
        return self._serve_exchange(exchange, environ, start_response)

    def _serve_exchange(
        self,
        exchange: Exchange,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Have the application serve a request that is not a usual one."""
        started = False

        def governed_start_response(
            status: str, headers: HeaderList, exc_info: Any = None
        ) -> Callable[[bytes], object]:
            nonlocal started
            started = True
            self._state.note_served(environ)
            governing, added = exchange.at_response()
            if governing is not None:
                headers = governing.merged(added, headers)
            if exc_info is None:
                return start_response(status, headers)
            return start_response(status, headers, exc_info)

        try:
            return self.app(environ, governed_start_response)
        except Exception:
            if started or not exchange.shows_error_to_page():
                raise
            return exchange.readable_error(governed_start_response)

    def _answer_preflight(
        self,
        in_force: RoutePolicies,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Answer a preflight by the route that will serve what it asks for."""
        self._state.check(in_force)
        found = find_preflight(in_force, environ)
        if found is None or not found.governing.policy.enforce:
            decision = decide_past_rules(in_force, environ)
            if decision is not None:
                return answer_decided(decision, start_response)
        if found is None:  # Nothing governs what is asked for.
            return self.app(environ, start_response)
        if found.post_apart:
            return answer_decided(decide_apart(found, environ), start_response)
        return found.governing.answer_preflight(environ, start_response, found.usual)

    def _watched(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> StartResponse:
        """Report, with the response, a layer that changed the path on its way in."""
        path = environ.get("PATH_INFO", "")

        def watched_start_response(
            status: str, headers: HeaderList, exc_info: Any = None
        ) -> Callable[[bytes], object]:
            if flask.has_request_context() and flask.current_app == self._state.app:
                served = flask.request.environ.get("PATH_INFO", "")
                if served != path:
                    self._state.log.moved(path, served)
            if exc_info is None:
                return start_response(status, headers)
            return start_response(status, headers, exc_info)

        return watched_start_response


def _seen(environ: WSGIEnvironment) -> Seen:
    """Return of a request what may change in place, further in, while it runs."""
    try:
        return _ALL_SEEN(environ)
    except KeyError:  # Empty ones may be left out (PEP 3333).
        get = environ.get
        return environ["REQUEST_METHOD"], get("PATH_INFO", ""), get("SCRIPT_NAME", "")
