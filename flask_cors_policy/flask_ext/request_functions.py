"""What happens to a request inside of Flask: Flask itself says which route it has.

``request_context`` takes the place of the application's method of that name, which
Flask calls for every request that it serves: there a ``Visit`` begins.

``before_request`` is the first function of ``app.before_request_funcs[None]``. It
answers preflights that pass through middleware, and what ``enforce`` refuses. (A
receiver of the signal ``request_started`` would run earlier, but it costs twice as
much, has no fixed place among others, and cannot answer.) ``after_request`` is the
first function of ``app.after_request_funcs[None]``; Flask runs that list backwards. It
decides what was not decided before, and stamps the response. Neither is there, and no
visit begins, where nothing stands between the middleware and Flask.

A request that has bypassed the middleware gets its headers from ``after_request``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from flask import Flask
from flask.globals import request_ctx

from ..wsgi import is_preflight, path_of
from .marks import app_marks, register
from .matching import match_preflight, match_response
from .responses import answer_refused, twin, with_headers
from .table import same_policy
from .visit import DIRECT, STAMP, Call, Visit, open_call, route_name

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Request, Response
    from flask.ctx import RequestContext
    from werkzeug.routing import MapAdapter, Rule

    from ..core.answer import Decision
    from ..handler import PolicyHandler
    from .marks import Mark
    from .table import PolicyTable


ASKED: Final = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"
_NO_VISIT: Final[Any] = object()


class RequestFunctions:
    """Decides the requests of one application, in Flask's own request context.

    :param app: the application.
    :param active: its policies; replaced as a whole while requests are served.
    :param check: called before each request until Flask has served one. It raises
        PolicyError if the policies of the routes hold a mistake.
    :param loose_marks: returns the marks that apply to no view yet.
    :ivar active: its policies, as they are now.
    :ivar checked: whether Flask has served a request, so that there is no more to
        check.
    """

    def __init__(
        self,
        app: Flask,
        active: PolicyTable,
        check: Callable[[], None],
        loose_marks: Callable[[], Iterable[Mark]],
    ) -> None:
        self.app = app
        self.active = active
        self.check = check
        self._loose_marks = loose_marks
        self._may_enforce = False
        self._generation = 0
        self.checked = False
        self._request_context = app.request_context
        self._lock = threading.Lock()

    @property
    def may_enforce(self) -> bool:
        """Whether some policy may refuse a request, so that it is decided beforehand.

        That a mark may be put on a view later counts as well.
        """
        generation = register.generation
        if self._generation != generation:
            self._may_enforce = False
            if register.may_enforce:
                self.active.builder.look_for_enforce(app_marks(self.app))
                loose = self._loose_marks()
                self._may_enforce = any(mark.may_enforce for mark in loose)
            self._generation = generation
        return self._may_enforce or bool(self.active.builder.enforced)

    def install(self) -> None:
        """Have Flask call ``request_context`` for every request."""
        self.app.request_context = self.request_context  # type: ignore[method-assign]

    def uninstall(self) -> None:
        """Undo ``install``, and what was put into the lists of the application."""
        app = self.app
        app.request_context = self._request_context  # type: ignore[method-assign]
        _take_out(app.before_request_funcs, self.before_request)
        _take_out(app.after_request_funcs, self.after_request)

    def decide_inside(self) -> None:
        """Have Flask call ``before_request`` and ``after_request`` from now on.

        The lists are looked at each time: others may have changed them.
        """
        app = self.app
        with self._lock:
            _put_first(app.before_request_funcs, self.before_request)
            _put_first(app.after_request_funcs, self.after_request)

    def request_context(self, environ: WSGIEnvironment) -> RequestContext:
        """Open a request context as Flask does; a visit begins with it."""
        context = self._request_context(environ)
        direct = environ.pop(DIRECT, None)
        if direct is not None and direct[0] is self:
            direct[1].append(context)
            context.cors_visit = None  # type: ignore[attr-defined]
        elif self.begin(context).bypassed:
            self.decide_inside()
        return context

    def begin(self, context: RequestContext) -> Visit:
        """Begin a visit, and note it in the context of its request."""
        call = open_call(context.request.environ)
        if call is not None and call.table.app is self.app:
            visit = call.early or Visit(call.table, call)
            # Middleware may ask for something else before it passes a preflight on.
            visit.preflight = call.preflight and ASKED in context.request.environ
            call.early, call.last = None, visit
            call.visits += 1
        else:
            visit = Visit(self.active, call)
            visit.preflight = is_preflight(context.request.environ)
        context.cors_visit = visit  # type: ignore[attr-defined]
        return visit

    def begin_late(self, context: RequestContext) -> None:
        """Begin a visit unless it has, for a request that came before ``install``."""
        environ = context.request.environ
        if not hasattr(context, "cors_visit") and DIRECT not in environ:
            self.decide_inside()
            self.begin(context)

    def before_request(self) -> Response | None:
        """Decide what is decided before the application's own functions run."""
        visit, request = self._visit(), request_ctx.request
        if visit is None:
            return None
        if not self.checked:
            self.check()
            self.checked = True
        if visit.known:  # It makes no difference what Flask has matched.
            if visit.is_for(request.method):
                visit.remember(request, register.generation)
        elif visit.preflight:
            self._decide_preflight(visit, request, request.environ)
        if visit.preflight and visit.decision is None:
            # It is passed on to a view without policy, with the method it has here.
            visit.preflight = request.method == "OPTIONS"
        if not visit.preflight and (visit.table.enforced or self.may_enforce):
            self._decide_matched(visit, request)
        if not visit.replaces or (visit.is_nowhere and not visit.bypassed):
            return None  # After a 404, middleware may ask another application.
        visit.answered = True
        return answer_refused(visit, request)

    def after_request(self, response: Response) -> Response:
        """Decide what is not decided yet; stamp the response, or set its headers."""
        visit, request = self._visit(), request_ctx.request
        if visit is None:
            return response
        if visit.bypassed and visit.preflight and not visit.known:  # Flask failed.
            self._decide_preflight(visit, request, request.environ)
        if not (visit.preflight and visit.replaces):
            visit.preflight = visit.preflight and request.method == "OPTIONS"
            if not visit.preflight:
                self._decide_matched(visit, request, late=True)
        if visit.bypassed:
            response = with_headers(visit, response)
        if visit.call is not None:
            response = twin(response)
            response.headers[STAMP] = visit.call.stamp(visit)
        return response

    def decide_direct(
        self,
        table: PolicyTable,
        environ: WSGIEnvironment,
        opened: list[RequestContext],
    ) -> tuple[PolicyHandler | None, Decision | None]:
        """Return the policy of a direct call, and what it says.

        :param environ: of the request whose response starts now.
        :param opened: the context in which Flask serves it, if it could open one.
        """
        self.checked = True
        if not opened:
            visit = self._ask(Call(table, environ, preflight=False), environ)
            return visit.handler, visit.decision
        request = opened[-1].request
        handler, rule = self.match(table, request, opened[-1].url_adapter)
        if handler is None:
            return None, None
        decision = handler.memo.actual.get(environ.get("HTTP_ORIGIN"))
        if decision is None:
            route = partial(route_name, rule, request.method)
            decision = handler.decide_actual(environ, request.method, route, late=True)
        return handler, decision

    def match(
        self, table: PolicyTable, request: Request, adapter: MapAdapter | None
    ) -> tuple[PolicyHandler | None, Rule | None]:
        """Return the policy of the request that Flask serves, and its route."""
        rule = request.url_rule
        if not register.generation:
            return table.paths.default or table.paths.find(request.path), rule
        if rule is not None:
            return table.find(rule.endpoint, request.method, request.path), rule
        try:
            match = match_response(table, request, adapter)
        except Exception:  # A converter may raise anything.
            return table.unknown, None
        return match.handler, match.rule

    def decide_at_once(self, call: Call, environ: WSGIEnvironment) -> Visit | None:
        """Decide a request before Flask is called directly, if that can be done."""
        if call.preflight:
            return self._ask(call, environ)
        handler = call.table.paths.default
        config = call.table.config
        if handler is None or register.generation or config.refusal_response:
            return None
        visit = Visit(call.table, call)
        visit.decide(handler, environ, environ["REQUEST_METHOD"])
        return visit

    def decide_unstamped(
        self, call: Call, environ: WSGIEnvironment, status: str
    ) -> Visit:
        """Decide a request whose response, that starts now, tells of no visit."""
        if call.is_elsewhere(environ):
            return Visit(call.table, call)
        last = call.last or call.early
        # A function that runs after a view has failed; or there is no before_request.
        if last is not None and last.known and call.visits <= 1 and status[:3] == "500":
            return last
        visit = self._ask(call, environ)
        # Middleware may have made this response of one of Flask's, and Flask may have
        # been asked for another path.
        others = (each.handler for each in call.stamped)
        if not visit.preflight and any(
            not same_policy(other, visit.handler) for other in others
        ):
            visit.decide(visit.table.unknown, environ, environ["REQUEST_METHOD"], True)
        return visit

    def _ask(self, call: Call, environ: WSGIEnvironment) -> Visit:
        """Decide a request that Flask has not matched, in a context made for it."""
        visit = Visit(call.table, call)
        visit.preflight = call.preflight
        if not (visit.preflight or register.generation):
            handler = visit.table.paths.find("/" + path_of(environ).lstrip("/"))
            visit.decide(handler, environ, environ["REQUEST_METHOD"], late=True)
            return visit
        method = environ[ASKED if visit.preflight else "REQUEST_METHOD"]
        empty = {"CONTENT_LENGTH": "0", "wsgi.input": BytesIO()}
        asked = {**environ, "REQUEST_METHOD": method, **empty}
        context = self._request_context(asked)
        try:
            context.push()
            if visit.preflight:
                self._decide_preflight(visit, context.request, environ)
            else:
                self._decide_matched(visit, context.request, late=True)
        except Exception as error:  # The session's store, or a converter.
            self._failed("Flask could not match a request", error)
            visit.decide(visit.table.unknown, environ, method, late=True)
        finally:
            try:
                context.pop(None)
            except Exception as error:
                self._failed("a teardown function raised", error)
        return visit

    def _visit(self) -> Visit | None:
        """Return the visit of the request that Flask serves; a direct call has none."""
        visit: Visit | None = getattr(request_ctx, "cors_visit", _NO_VISIT)
        if visit is _NO_VISIT:  # An extension makes contexts of its own.
            environ = request_ctx.request.environ
            return None if DIRECT in environ else self.begin(request_ctx)
        return visit

    def _decide_matched(
        self, visit: Visit, request: Request, late: bool = False
    ) -> None:
        """Decide a request that is no preflight, if the decision does not hold yet."""
        generation = register.generation
        if visit.known and not visit.has_changed(request, generation):
            return
        visit.remember(request, generation)
        adapter = request_ctx.url_adapter
        handler, visit.rule = self.match(visit.table, request, adapter)
        visit.decide(handler, request.environ, request.method, late)

    def _decide_preflight(
        self, visit: Visit, request: Request, environ: WSGIEnvironment
    ) -> None:
        """Decide a preflight, in the context of *request*."""
        asked = environ[ASKED]
        handler: PolicyHandler | None = visit.table.unknown
        with suppress(Exception):  # A converter may raise anything.
            adapter = request_ctx.url_adapter
            match = match_preflight(visit.table, request, adapter, asked)
            handler, visit.rule, visit.url = match.handler, match.rule, match.url
        visit.decide(handler, environ, asked)

    def _failed(self, what: str, error: Exception) -> None:
        sentence = f"{what}; nothing is granted if its route is unknown"
        self.active.log.failed("matching-failed", sentence, error)


def _put_first(functions: Any, function: Callable[..., Any]) -> None:
    """Put *function* first into the list of all requests, unless it is there.

    The list is replaced: another thread may be on its way through it.
    """
    present = functions.get(None, [])
    if present[:1] != [function]:
        others = [each for each in present if each != function]
        functions[None] = [function, *others]


def _take_out(functions: Any, function: Callable[..., Any]) -> None:
    functions[None] = [each for each in functions[None] if each != function]
