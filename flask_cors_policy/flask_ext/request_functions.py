"""What happens to a request inside of Flask: Flask itself says which route it has.

``request_context`` takes the place of the application's method of that name, which
Flask calls for every request that it serves: there a ``Visit`` begins.

``before_request`` is the first function of ``app.before_request_funcs[None]``. It
answers preflights that pass through middleware, and what ``enforce`` refuses. (A
receiver of the signal ``request_started`` would run earlier, but it costs twice as
much, has no fixed place among others, and cannot answer.) ``after_request`` is the
first function of ``app.after_request_funcs[None]``; Flask runs that list backwards. It
decides what was not decided before, and stamps the response. Where nothing stands
between the middleware and Flask, there is no stamp, and neither function is called and
no visit begins as long as no policy may refuse a request.

A request that has bypassed the middleware gets its headers from ``after_request``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from flask import Flask
from flask.globals import request_ctx

from ..wsgi import is_preflight, path_of
from .marks import app_marks, register
from .matching import match_preflight, match_response
from .responses import answer_refused, twin, with_headers
from .table import same_policy
from .visit import DIRECT, STAMP, Call, Visit, method_of, open_call

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Response
    from flask.ctx import RequestContext
    from werkzeug.routing import Rule

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
        self.decide_before()
        functions = self.app.after_request_funcs
        _put_first(functions, self.after_request, self._lock)

    def decide_before(self) -> None:
        """Have Flask call ``before_request`` from now on."""
        functions = self.app.before_request_funcs
        _put_first(functions, self.before_request, self._lock)

    def request_context(self, environ: WSGIEnvironment) -> RequestContext:
        """Open a request context as Flask does; a visit begins with it."""
        context = self._request_context(environ)
        self.begin(context)
        return context

    def begin(self, context: RequestContext) -> Visit | None:
        """Begin a visit, and note it in the context of its request.

        :return: ``None`` for a direct call that no policy may refuse.
        """
        environ = context.request.environ
        visit: Visit | None
        direct = environ.pop(DIRECT, None)  # A DirectCall.
        if direct is not None and direct.functions is self:
            direct.context, visit = context, direct.visit
        else:
            call = open_call(environ)
            if call is not None and call.table.app is self.app:
                visit = call.early or Visit(call.table, call)
                # Middleware may ask for something else before it passes a preflight on.
                visit.preflight = call.preflight and ASKED in environ
                call.early, call.last = None, visit
                call.visits += 1
            else:
                visit = Visit(self.active, call)
                visit.preflight = is_preflight(environ)
            if visit.bypassed:
                self.decide_inside()
        context.cors_visit = visit  # type: ignore[attr-defined]
        return visit

    def begin_late(self, context: RequestContext) -> None:
        """Begin a visit unless it has, for a request that came before ``install``."""
        if not hasattr(context, "cors_visit"):
            self.begin(context)

    def before_request(self) -> Response | None:
        """Decide what is decided before the application's own functions run."""
        context = request_ctx._get_current_object()  # type: ignore[attr-defined]
        visit, request = self._visit(context), context.request
        if visit is None:
            return None
        if not self.checked:
            self.check()
            self.checked = True
        if visit.preflight and not visit.known:
            self._decide_preflight(visit, context, request.environ)
        if visit.preflight and visit.decision is None:
            # It is passed on to a view without policy, with the method it has here.
            visit.preflight = method_of(request) == "OPTIONS"
        if not visit.preflight and (visit.table.enforced or self.may_enforce):
            self.decide_matched(visit, context)
        if not visit.replaces or (visit.is_nowhere and not visit.bypassed):
            return None  # After a 404, middleware may ask another application.
        visit.answered = True
        return answer_refused(visit, request)

    def after_request(self, response: Response) -> Response:
        """Decide what is not decided yet; stamp the response, or set its headers."""
        context = request_ctx._get_current_object()  # type: ignore[attr-defined]
        visit, request = self._visit(context), context.request
        if visit is None or visit.direct:
            return response
        if visit.bypassed and visit.preflight and not visit.known:  # Flask failed.
            self._decide_preflight(visit, context, request.environ)
        if not (visit.preflight and visit.replaces):
            visit.preflight = visit.preflight and method_of(request) == "OPTIONS"
            if not visit.preflight:
                self.decide_matched(visit, context, late=True)
        if visit.bypassed:
            response = with_headers(visit, response)
        if visit.call is not None:
            response = twin(response)
            response.headers[STAMP] = visit.call.stamp(visit)
        return response

    def match(
        self, table: PolicyTable, context: RequestContext
    ) -> tuple[PolicyHandler | None, Rule | None]:
        """Return the policy of the request that Flask serves, and its route."""
        request = context.request
        rule = request.url_rule
        if not register.generation:
            return table.paths.default or table.paths.find(request.path), rule
        try:
            if rule is not None:
                method = method_of(request)
                return table.find(rule.endpoint, method, request.path), rule
            match = match_response(table, request, context.url_adapter)
        except Exception:  # A converter or a view may raise anything.
            return table.unknown, None
        return match.handler, match.rule

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
        visit = self.ask(call, environ)
        # Middleware may have made this response of one of Flask's, and Flask may have
        # been asked for another path.
        others = (each.handler for each in call.stamps.values())
        if not visit.preflight and any(
            not same_policy(other, visit.handler) for other in others
        ):
            visit.decide(visit.table.unknown, environ, environ["REQUEST_METHOD"], True)
        return visit

    def ask(self, call: Call, environ: WSGIEnvironment) -> Visit:
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
                self._decide_preflight(visit, context, environ)
            else:
                self.decide_matched(visit, context, late=True)
        except Exception as error:  # The session's store, or a converter.
            self._failed("Flask could not match a request", error)
            visit.decide(visit.table.unknown, environ, method, late=True)
        finally:
            try:
                context.pop(None)
            except Exception as error:
                self._failed("a teardown function raised", error)
        return visit

    def _visit(self, context: RequestContext) -> Visit | None:
        """Return the visit of the request that Flask serves; a direct call has none."""
        visit: Visit | None = getattr(context, "cors_visit", _NO_VISIT)
        if visit is _NO_VISIT:  # An extension makes contexts of its own.
            return self.begin(context)
        return visit

    def decide_matched(
        self, visit: Visit, context: RequestContext, late: bool = False
    ) -> None:
        """Decide a request that is no preflight, if the decision does not hold yet."""
        request = context.request
        generation = register.generation
        if visit.known and not visit.has_changed(request, generation):
            return
        visit.remember(request, generation)
        handler, visit.rule = self.match(visit.table, context)
        visit.decide(handler, request.environ, method_of(request), late)

    def _decide_preflight(
        self, visit: Visit, context: RequestContext, environ: WSGIEnvironment
    ) -> None:
        """Decide a preflight, in the context of a request to its URL."""
        asked = environ[ASKED]
        handler: PolicyHandler | None = visit.table.unknown
        with suppress(Exception):  # A converter may raise anything.
            request, adapter = context.request, context.url_adapter
            match = match_preflight(visit.table, request, adapter, asked)
            handler, visit.rule, visit.url = match.handler, match.rule, match.url
        visit.decide(handler, environ, asked)

    def _failed(self, what: str, error: Exception) -> None:
        sentence = f"{what}; nothing is granted if its route is unknown"
        self.active.log.failed("matching-failed", sentence, error)


def _put_first(
    functions: Any, function: Callable[..., Any], lock: threading.Lock
) -> None:
    """Put *function* first into the list of all requests, unless it is there.

    The list is replaced: another thread may be on its way through it.
    """
    if functions.get(None, [])[:1] != [function]:
        with lock:
            others = [each for each in functions.get(None, []) if each != function]
            functions[None] = [function, *others]


def _take_out(functions: Any, function: Callable[..., Any]) -> None:
    functions[None] = [each for each in functions[None] if each != function]
