"""What the middleware and the Flask half have in common: PEP 3333 on both sides.

This module and those two are the only ones that know environ and ``start_response``.
They translate; what is answered is decided in ``core.decision``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from .core.compiled import Headers
from .core.decision import Decision, decide
from .core.fetch_standard import ALLOW_ORIGIN
from .core.headers import (
    PLAIN_NAMES,
    HeaderList,
    additions,
    merge,
)
from .core.origin import MAX_ORIGIN
from .core.paths import PathRules
from .core.policy import Policy
from .core.request import CORSRequest
from .core.usual import VARY_ORIGIN, Usual, UsualPreflight
from .log import RefusalLog

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A 204 has no body and so no Content-Length (RFC 9110, 8.6); an empty body has a type
# all the same, because PEP 3333's checkers ask for one.
_EMPTY: Final = (("Content-Type", "text/plain"), ("Content-Length", "0"))
ANSWERS: Final[Mapping[int, tuple[str, Headers]]] = {
    200: ("200 OK", _EMPTY),
    204: ("204 No Content", ()),
    403: ("403 Forbidden", _EMPTY),
}


class Governing(Usual):
    """A policy where it governs.

    :param policy: the policy.
    :param place: the path rule or route, for people.
    :param log: where refusals and mended responses go.
    :ivar preflight: the usual answer to a preflight.
    :ivar quiet_until: until when (of ``time.monotonic``) nothing more is logged here.
    :ivar alike_until: until when every origin that is not ``listed`` gets what a
        request without Origin gets, and nothing is logged.
    """

    __slots__ = (
        "_answer",
        "_log",
        "alike_until",
        "place",
        "preflight",
        "quiet_until",
    )

    def __init__(self, policy: Policy, place: str, log: RefusalLog) -> None:
        super().__init__(policy)
        self._log = log
        self.place = place
        self.preflight = UsualPreflight(policy)
        self._answer = ANSWERS[policy.preflight_status]
        self.quiet_until = 0.0
        self.alike_until = float("inf") if self.everyone else 0.0

    def decide(
        self, request: CORSRequest, methods: tuple[str, ...] | None = None
    ) -> Decision:
        """Ask the policy; log it if the policy says no."""
        decision = decide(self.policy, request, methods)
        refused = decision.reason.refused or decision.error is not None
        if refused and monotonic() >= self.quiet_until:
            self.quiet_until = self._log.refused(decision, request, self.place)
            origins = self.policy.compiled.origins
            if self.denied_alike and origins is not None and origins.only_exact:
                self.alike_until = self.quiet_until
        return decision

    def unlisted(self, origin: str, environ: Mapping[str, Any]) -> Headers | None:
        """Return what the response to an origin that is not ``listed`` gets.

        ``None`` where that is not usual, and ``decide`` has to say.

        :param origin: the Origin header of the request, which is no preflight.
        """
        if self.allows(origin):
            return (VARY_ORIGIN, (ALLOW_ORIGIN, origin), *self.after_origin)
        if self.denied_alike and (
            environ.get("HTTP_SEC_FETCH_SITE") == "same-origin"
            or monotonic() < self.quiet_until
        ):
            return self.without_origin
        return None

    def merged(self, added: Headers, headers: HeaderList) -> HeaderList:
        """Return the response headers under the policy; report what was taken out."""
        for name, _ in headers:
            if name not in PLAIN_NAMES:
                return self.mended(added, headers)
        return [*headers, *added]

    def mended(self, added: Headers, headers: HeaderList) -> HeaderList:
        """Do what ``merged`` does, where some header is not plain."""
        merged, removed = merge(added, headers, self.policy.compiled.owned)
        if removed:
            self._log.removed(removed, self.place)
        return merged

    def start_response(
        self, start_response: StartResponse, added: Headers
    ) -> StartResponse:
        """Return a ``start_response`` that puts the policy's headers on a response."""

        def governed_start_response(
            status: str, headers: HeaderList, exc_info: Any = None
        ) -> Callable[[bytes], object]:
            headers = self.merged(added, headers)
            if exc_info is None:
                return start_response(status, headers)
            return start_response(status, headers, exc_info)

        return governed_start_response

    def answer_preflight(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        preflight: UsualPreflight | None = None,
    ) -> Iterable[bytes]:
        """Answer a preflight.

        :param preflight: the usual answer, where its methods are not the policy's own.
        """
        origin = environ["HTTP_ORIGIN"]
        preflight = preflight or self.preflight
        after_origin = preflight.after_origin
        if after_origin is not None:
            if (len(origin) <= MAX_ORIGIN and origin in self.listed) or (
                self.allows(origin)
            ):
                names = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS")
                if (
                    preflight.suffices(
                        environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"], names
                    )
                    or monotonic() < self.quiet_until
                ):
                    line, own = self._answer
                    allowed = (ALLOW_ORIGIN, origin)
                    start_response(line, [*own, VARY_ORIGIN, allowed, *after_origin])
                    return []
            elif self.denied_alike and monotonic() < self.quiet_until:
                return answer(403, (VARY_ORIGIN,), start_response)
        decision = self.decide(cors_request(environ), preflight.methods)
        return answer_decided(decision, start_response)


class InForce:
    """All that depends on the policies: one object, so that they change as one.

    :ivar everywhere: what governs each request, where that is one and the same.
    :ivar by_path: what governs each, where that depends on its path alone.
    :ivar routes_known: whether the methods that a preflight lists depend on its route.
    """

    __slots__ = ("by_path", "everywhere", "routes_known")

    def __init__(self, *, routes_known: bool = False) -> None:
        self.routes_known = routes_known
        self.everywhere: Governing | None = None
        self.by_path: PathRules[Governing] | None = None


P = TypeVar("P", bound=InForce)


class PolicyLayer(Generic[P]):
    """A WSGI application around another one, under policies.

    The usual requests are served here, where their policy depends on their path at
    most; all other requests are for the subclass.

    :param app: the application inside.
    :param in_force: the policies. A request reads them once, and keeps what it has
        read: others may be put there while it is under way.
    """

    def __init__(self, app: WSGIApplication, in_force: P) -> None:
        self.app = app
        self.in_force = in_force

    # One flat function: each call within would cost every request 40 ns, of 500. (Tests
    # hold what comes out against what ``decide`` says.)
    def __call__(  # noqa: C901
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        in_force = self.in_force
        governing = in_force.everywhere
        if governing is None:
            if in_force.by_path is None:
                return self._serve(in_force, environ, start_response)
            governed = in_force.by_path.governing(environ.get("PATH_INFO", ""))
            if governed is None:
                return self._serve(in_force, environ, start_response)
            governing = governed.value
        origin = environ.get("HTTP_ORIGIN")
        if "HTTP_UPGRADE" in environ:
            return self._serve(in_force, environ, start_response)
        if origin is None:
            added = governing.without_origin
        elif (
            "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
            and environ["REQUEST_METHOD"] == "OPTIONS"
        ):
            if in_force.routes_known:  # They tell which methods are listed.
                return self._serve(in_force, environ, start_response)
            return governing.answer_preflight(environ, start_response)
        elif len(origin) <= MAX_ORIGIN and origin in governing.listed:
            granted = VARY_ORIGIN, (ALLOW_ORIGIN, origin)
            added = granted + governing.after_origin  # Mostly (): that costs nothing.
        elif monotonic() < governing.alike_until:
            added = governing.without_origin
        else:
            return self._serve(in_force, environ, start_response)

        # What it needs is bound as defaults: as variables of the function around it,
        # each in a cell of its own, it would cost every request another 60 ns.
        def governed_start_response(
            status: str,
            headers: HeaderList,
            exc_info: Any = None,
            start_response: StartResponse = start_response,
            governing: Governing = governing,
            added: Headers = added,
        ) -> Callable[[bytes], object]:
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

    @abstractmethod
    def _serve(
        self, in_force: P, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Serve a request of any kind under the policies *in_force*."""


def cors_request(environ: WSGIEnvironment) -> CORSRequest:
    """Return the facts of a request that CORS depends on."""
    get = environ.get
    return CORSRequest(
        environ["REQUEST_METHOD"],
        get("HTTP_ORIGIN"),
        get("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
        get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS"),
        get("HTTP_SEC_FETCH_SITE"),
        environ["wsgi.url_scheme"],
        get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}",
        environ,
    )


def is_preflight(environ: WSGIEnvironment) -> bool:
    """Say whether a request is a CORS-preflight request.

    https://fetch.spec.whatwg.org/#http-requests
    """
    return (
        "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        and "HTTP_ORIGIN" in environ
        and environ["REQUEST_METHOD"] == "OPTIONS"
    )


def is_websocket_upgrade(environ: WSGIEnvironment) -> bool:
    """Say whether a WebSocket is asked for (RFC 6455, 4.1)."""
    upgrade: str | None = environ.get("HTTP_UPGRADE")
    return (
        upgrade is not None
        and upgrade.strip().lower() == "websocket"
        and environ["REQUEST_METHOD"] == "GET"
    )


def answer_decided(
    decision: Decision, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer in the application's place, as *decision* says, without a body."""
    assert decision.status is not None
    return answer(decision.status, additions(decision), start_response)


def answer(
    status: int, added: Headers, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer in the application's place without a body.

    :param added: all headers of the answer that CORS is about.
    """
    line, own = ANSWERS[status]
    start_response(line, [*own, *added])
    return []
