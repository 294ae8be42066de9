"""``DirectCall``: a request that is served where nothing stands before Flask.

Then the response that starts is Flask's own, while the context of the request is open:
it needs no stamp, and no function inside of Flask unless a policy may refuse requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..wsgi import REFUSED, merged, send, with_refusal
from .marks import register
from .responses import Begun, close_unsent
from .visit import DIRECT, Call, Visit, is_stamp, method_of, route_name

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask.ctx import RequestContext

    from ..core.answer import Decision, HeaderList, Headers
    from ..handler import PolicyHandler
    from .request_functions import RequestFunctions


def serve_directly(
    flask: WSGIApplication,
    functions: RequestFunctions,
    environ: WSGIEnvironment,
    start_response: StartResponse,
) -> Iterable[bytes]:
    """Have Flask answer; put the headers of its route's policy onto the response."""
    call = DirectCall(functions, environ, start_response)
    # The table may have been replaced since the call began.
    if call.table.enforced or functions.may_enforce:
        functions.decide_before()
        call.visit = Visit(call.table, None)
        call.visit.direct = True
    environ[DIRECT] = call
    body = flask(environ, call.start)
    environ.pop(DIRECT, None)  # It refers to environ.
    if not call.started:
        body = Begun(body)
    if call.replaced is not None:
        close_unsent(body, call.table.log)
        return call.replaced
    return body


class DirectCall:
    """One call of the middleware, with nothing between it and Flask.

    :param functions: of the application.
    :param environ: of the call.
    :param start_response: of the call.
    :ivar table: the policies that it began with.
    :ivar context: the context in which Flask serves it, once there is one.
    :ivar visit: what is decided inside, if some policy may refuse the request.
    :ivar started: whether the response has started.
    :ivar replaced: the body that is sent in the place of Flask's.
    """

    __slots__ = (
        "_environ",
        "_start_response",
        "context",
        "functions",
        "replaced",
        "started",
        "table",
        "visit",
    )

    def __init__(
        self,
        functions: RequestFunctions,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> None:
        self.functions = functions
        self.table = functions.active
        self.context: RequestContext | None = None
        self.visit: Visit | None = None
        self.started = False
        self.replaced: Iterable[bytes] | None = None
        self._environ = environ
        self._start_response = start_response

    def start(
        self, status: str, headers: HeaderList, exc_info: Any = None
    ) -> Callable[[bytes], object]:
        """Start the response, with the headers of the policy (PEP 3333)."""
        if self.replaced is not None:
            return drop
        self.started = True
        handler = None if register.generation else self.table.paths.default
        decision = None
        if handler is not None:
            decision = handler.memo.actual.get(self._environ.get("HTTP_ORIGIN"))
        if decision is None:
            handler, decision = self._decide()
            if decision is not None and decision.status is not None:
                refusal = None if self.visit is None else self.visit.refusal
                self.replaced = _answer(decision, refusal, self._start_response)
                return drop
        if handler is not None and decision is not None:
            headers = merged(status, headers, handler, decision.headers)
        else:
            headers = [header for header in headers if not is_stamp(header[0])]
        if exc_info is None:
            return self._start_response(status, headers)
        return self._start_response(status, headers, exc_info)

    def _decide(self) -> tuple[PolicyHandler | None, Decision | None]:
        """Return the policy of the route that Flask has matched, and what it says."""
        functions, environ, visit = self.functions, self._environ, self.visit
        functions.checked = True
        if self.context is None:
            visit = functions.ask(Call(self.table, environ, preflight=False), environ)
            return visit.handler, visit.decision
        if visit is not None:
            functions.decide_matched(visit, self.context, late=True)
            return visit.handler, visit.decision
        handler, rule = functions.match(self.table, self.context)
        if handler is None:
            return None, None
        decision = handler.memo.actual.get(environ.get("HTTP_ORIGIN"))
        if decision is None:
            method = method_of(self.context.request)
            route = partial(route_name, rule, method)
            decision = handler.decide_actual(environ, method, route, late=True)
        return handler, decision


def send_visit(
    visit: Visit, start_response: StartResponse, call: Call | None = None
) -> Iterable[bytes]:
    """Answer in the application's place, as was decided."""
    more = () if call is None else call.outer_stamp(visit)
    return _answer(visit.decision, visit.refusal, start_response, more)


def drop(_data: bytes) -> None:
    """Take what the application writes of an answer that is withheld."""


def _answer(
    decision: Decision | None,
    refusal: tuple[HeaderList, bytes] | None,
    start_response: StartResponse,
    more: Headers = (),
) -> Iterable[bytes]:
    """Answer as *decision* says, with the application's *refusal* if it made one."""
    if decision is None or refusal is None:
        return send(decision, start_response, more)
    headers, body = refusal
    start_response(REFUSED, [*with_refusal(headers, decision.headers), *more])
    return [body]
