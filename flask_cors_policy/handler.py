"""``PolicyHandler``: a policy at the place where it applies."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Final

from .core.answer import Decision, HeaderList, Headers, Memo, merge
from .core.decision import Enforce, URLMethods, decide, decide_denied
from .core.fetch_standard import CORS_RESPONSE_HEADERS
from .core.policy import Policy
from .core.reasons import Reason
from .core.request import SAFE_METHODS, CORSRequest
from .log import RefusalLog

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Route = Callable[[], str]
"""Returns a name of the route of a request, one of few; "" if it is not known."""


VISIT: Final = "flask-cors-policy-visit"
"""A response header, in lower case, that never leaves (``flask_ext.visit``)."""


class PolicyHandler:
    """A policy at the place where it applies: asks it, and logs what it denies.

    :param policy: the policy.
    :param place: the path rule or the route, for people. It is one of few.
    :param log: where refusals and removed headers go.
    :ivar memo: the decisions of the policy that are kept.
    :ivar watched: response headers, in lower case, that ``merge`` has to see.
    """

    __slots__ = (
        "_log",
        "_muted_until",
        "_owned",
        "memo",
        "place",
        "policy",
        "watched",
    )

    def __init__(self, policy: Policy | None, place: str, log: RefusalLog) -> None:
        compiled = None if policy is None else policy.compiled
        self.policy = policy
        self.place = place
        self.memo = Memo() if compiled is None else compiled.memo
        self._log = log
        self._muted_until = 0.0
        self._owned = CORS_RESPONSE_HEADERS if compiled is None else compiled.owned
        self.watched = _watched(self._owned)

    def decide_actual(
        self,
        environ: WSGIEnvironment,
        method: str = "",
        route: Route = str,
        late: bool = False,
    ) -> Decision:
        """Decide about a request that is no preflight.

        :param method: the method, if it is not that of *environ*.
        :param route: returns the route, for the log.
        :param late: whether the application has run, so that its answer is withheld
            if the policy refuses the request.
        """
        origin = environ.get("HTTP_ORIGIN")
        decision = self.memo.actual.get(origin)
        if decision is None:
            request = cors_request(environ, method)
            decision = self._decide(request, None)
            if decision.is_constant:
                self.memo.keep_actual(origin, decision)
            elif decision.reason.denied or decision.error is not None:
                self._note(decision, request, route, late)
        return decision

    def decide_preflight(
        self,
        environ: WSGIEnvironment,
        url: URLMethods | None = None,
        route: Route = str,
    ) -> Decision:
        """Decide about a preflight.

        :param url: the methods of its URL, where the routes are known.
        :param route: returns the route, for the log.
        """
        key = (
            environ["HTTP_ORIGIN"],
            environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"],
            environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS"),
            url,
        )
        decision = self.memo.preflights.get(key)
        if decision is None:
            # Middleware inside may have made another method of it.
            request = cors_request(environ, preflight=True)
            decision = self._decide(request, url)
            if decision.is_constant:
                self.memo.keep_preflight(key, key[:3], decision)
            elif decision.reason.denied or decision.error is not None:
                self._note(decision, request, route, late=False)
        return decision

    def merge(self, headers: HeaderList, added: Headers) -> HeaderList:
        """Return the headers of a response under a decision; report removed ones."""
        headers = [header for header in headers if header[0].lower() != VISIT]
        merged, removed = merge(headers, added, self._owned)
        if removed:
            self._log.removed(removed, self.place)
        return merged

    def _decide(self, request: CORSRequest, url: URLMethods | None) -> Decision:
        assert self.policy is not None
        return decide(self.policy, request, url)

    def _note(
        self, decision: Decision, request: CORSRequest, route: Route, late: bool
    ) -> None:
        """Report a decision that denies; log it unless this place is muted."""
        withheld = late and decision.status is not None
        if self._log.on_refused:
            self._log.notify(decision, request, self.place, route(), withheld)
        if decision.error is not None or monotonic() >= self._muted_until:
            self._muted_until = self._log.refused(
                decision,
                request,
                self.place,
                policy=self.policy,
                route=route(),
                withheld=withheld,
            )


class DenyingHandler(PolicyHandler):
    """Takes the place of a policy where none can be found: nothing is granted.

    :param reason: why none can be found.
    :param place: what that is, for people.
    :param log: where refusals and removed headers go.
    :ivar enforced: which requests of other origins are refused, because a policy of
        the application enforces.
    """

    __slots__ = ("_reason", "enforced")

    def __init__(self, reason: Reason, place: str, log: RefusalLog) -> None:
        super().__init__(None, place, log)
        self.enforced: Enforce = False
        self._reason = reason

    def _decide(self, request: CORSRequest, url: URLMethods | None) -> Decision:
        return decide_denied(request, self._reason, self.enforced)


@cache
def _watched(owned: frozenset[str]) -> frozenset[str]:
    return owned | {"vary", VISIT}


def cors_request(
    environ: WSGIEnvironment, method: str = "", preflight: bool = False
) -> CORSRequest:
    """Return the facts of a request that CORS depends on.

    :param method: the method, if it is not that of *environ*.
    :param preflight: whether it is a preflight. Another request may look like one:
        middleware can make the method OPTIONS of it.
    """
    get = environ.get
    sent: str = environ["REQUEST_METHOD"]
    if preflight:
        method = "OPTIONS"
    elif not method or (method in SAFE_METHODS and sent not in SAFE_METHODS):
        method = sent  # Which of two an application obeys, nobody can tell.
    upgrade = environ["HTTP_UPGRADE"].lower() if "HTTP_UPGRADE" in environ else ""
    return CORSRequest(
        method,
        get("HTTP_ORIGIN"),
        get("HTTP_ACCESS_CONTROL_REQUEST_METHOD") if preflight else None,
        get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS") if preflight else None,
        get("HTTP_SEC_FETCH_SITE"),
        environ["wsgi.url_scheme"],
        get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}",
        "HTTP_COOKIE" in environ,
        sent == "GET" and "websocket" in map(str.strip, upgrade.split(",")),
        environ,
    )
