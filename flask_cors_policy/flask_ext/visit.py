"""``Visit``: one request as Flask serves it, and how its answer is known outside.

Between the middleware around ``app.wsgi_app`` and Flask there may be other middleware:
it may change paths, ask for several things, keep responses, or answer by itself. So the
response itself says which request it answers: inside of Flask it gets a header, the
stamp, and the middleware takes that off again. A response without one was not made by
Flask.
"""

from __future__ import annotations

from contextvars import ContextVar
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from ..handler import VISIT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import WSGIEnvironment
    from flask import Request
    from werkzeug.routing import Rule

    from ..core.answer import Decision, HeaderList, Headers
    from ..core.decision import URLMethods
    from ..handler import PolicyHandler
    from .table import PolicyTable

STAMP: Final = VISIT.title()
"""The response header that tells which visit a response belongs to."""
CALL: Final = "flask_cors_policy.call"
"""Key in environ where others may stand between the middleware and Flask."""
DIRECT: Final = "flask_cors_policy.direct"
"""Key in environ where nothing stands between the middleware and Flask."""


class Call:
    """One call of the middleware, if others may stand between it and Flask.

    :param table: the policies that the request began with.
    :param environ: of the call.
    :param preflight: whether it is a preflight, whatever its method becomes.
    :ivar outer: the call around this one, perhaps of another application.
    :ivar early: what was decided of a preflight before Flask was reached.
    :ivar visits: how often Flask has been reached.
    :ivar last: the last of these visits.
    :ivar stamps: those whose responses were stamped, until the response starts.
    :ivar started: whether the response has started.
    :ivar ended: whether it has returned.
    :ivar replaced: the body that is sent in the place of the application's.
    """

    def __init__(
        self, table: PolicyTable, environ: WSGIEnvironment, preflight: bool
    ) -> None:
        self.table = table
        self.preflight = preflight
        self.early: Visit | None = None
        self.visits = 0
        self.stamps: dict[str, Visit] = {}
        self.last: Visit | None = None
        self.started = self.ended = False
        self.replaced: Iterable[bytes] = ()
        self._script_name = environ.get("SCRIPT_NAME", "")
        self._path = environ.get("PATH_INFO", "")
        # A call of another middleware of this kind, perhaps another application's.
        self.outer = open_call(environ)

    def stamp(self, visit: Visit) -> str:
        """Return a value for the header that names *visit* of this call."""
        # It names nothing in another call, where a kept response may turn up.
        stamp = token_hex(8)
        self.stamps[stamp] = visit
        return stamp

    def outer_stamp(self, visit: Visit) -> Headers:
        """Return the header that tells the call around this one whose answer it is."""
        if self.outer is None:
            return ()
        outer = Visit(visit.table, self.outer)
        outer.known = True
        outer.handler, outer.decision = visit.handler, visit.decision
        outer.refusal = visit.refusal
        return ((STAMP, self.outer.stamp(outer)),)

    def take_stamp(self, headers: HeaderList) -> tuple[HeaderList, Visit | None]:
        """Return *headers* without stamps, and the visit of this call that they name.

        Middleware may hand on the headers of several responses; then they name none.
        """
        stamps = [value for name, value in headers if is_stamp(name)]
        if not stamps:
            return headers, None
        headers = [header for header in headers if not is_stamp(header[0])]
        visits = {self.stamps[stamp] for stamp in stamps if stamp in self.stamps}
        visit = visits.pop() if len(visits) == 1 else None
        return headers, visit if visit is not None and visit.known else None

    def is_elsewhere(self, environ: WSGIEnvironment) -> bool:
        """Say whether another application, mounted here, serves the request.

        A prefix that a proxy tells changes SCRIPT_NAME only.
        """
        script, path = environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", "")
        return not self.visits and script != self._script_name and path != self._path


present_call: Final[ContextVar[Call | None]] = ContextVar("present_call", default=None)
"""The call that is under way."""


def open_call(environ: WSGIEnvironment) -> Call | None:
    """Return the call that is under way.

    Middleware may hand *environ* on to another thread, or ask with a new one in this
    thread. A copied context may hold a call that has ended.
    """
    call: Call | None = environ.get(CALL) or present_call.get()
    while call is not None and call.ended:
        call = call.outer
    return call


class Visit:
    """One request as Flask serves it.

    :param table: the policies that the request began with.
    :param call: the call of a middleware, perhaps another application's, that it is
        part of.
    :ivar direct: whether nothing stands between its middleware and Flask.
    :ivar preflight: whether it is answered as a preflight.
    :ivar known: whether it is known which policy applies.
    :ivar handler: that policy; ``None`` leaves the response as it is.
    :ivar decision: what it says.
    :ivar rule: the rule of the route that serves the request, if one does.
    :ivar url: the methods of the URL of a preflight.
    :ivar answered: whether the request was answered before any view.
    :ivar refusal: headers and body of that answer, if the application makes them.
    """

    direct = False
    preflight = False
    known = False
    handler: PolicyHandler | None = None
    decision: Decision | None = None
    rule: Rule | None = None
    url: URLMethods | None = None
    answered = False
    refusal: tuple[HeaderList, bytes] | None = None
    _method = ""
    _facts: tuple[Any, ...] = ()

    def __init__(self, table: PolicyTable, call: Call | None) -> None:
        self.table = table
        self.call = call

    @property
    def bypassed(self) -> bool:
        """Whether it has not come through the middleware of its application."""
        call = self.call
        return not self.direct and (
            call is None or call.table.app is not self.table.app
        )

    @property
    def replaces(self) -> bool:
        """Whether the decision takes the place of the application's answer."""
        return self.decision is not None and self.decision.status is not None

    @property
    def is_nowhere(self) -> bool:
        """Whether no route of the application has the URL of a preflight."""
        url = self.url
        return url is not None and not (self.rule or url.own or url.others)

    def decide(
        self,
        handler: PolicyHandler | None,
        environ: WSGIEnvironment,
        method: str,
        late: bool = False,
    ) -> None:
        """Note what *handler* says of the request.

        :param method: the method, or the one that a preflight asks for.
        :param late: whether a view may have run.
        """
        self.known, self.handler, self.decision = True, handler, None
        self._method = method
        if handler is None:
            return
        if self.preflight:
            self.decision = handler.decide_preflight(environ, self.url, self.route)
        else:
            self.decision = handler.decide_actual(environ, method, self.route, late)

    def remember(self, request: Request, generation: int) -> None:
        """Remember what the decision depends on."""
        self._facts = method_of(request), request.url_rule, generation

    def has_changed(self, request: Request, generation: int) -> bool:
        """Say whether that has changed since.

        Rules count as equal if their URLs are.
        """
        return not self._facts or (
            self._facts[0] != method_of(request)
            or self._facts[1] is not request.url_rule
            or self._facts[2] != generation
        )

    def route(self) -> str:
        """Return the route of the request, for the log."""
        return route_name(self.rule, self._method)


def is_stamp(name: str) -> bool:
    """Say whether a header of this *name* holds a stamp."""
    return name.lower() == VISIT


def method_of(request: Request) -> str:
    """Return the method of *request*; an application's own may read the body for it."""
    try:
        return request.method
    except Exception:
        method: str = request.environ["REQUEST_METHOD"]
        return method


def route_name(rule: Rule | None, method: str) -> str:
    """Return a method and a URL rule, one of few; "" if no rule serves the request."""
    if rule is None:
        return ""
    # A route may take any method: then only the rule is named.
    known = method.upper() in (rule.methods or ())
    return f"{method.upper()} {rule.rule}" if known else rule.rule
