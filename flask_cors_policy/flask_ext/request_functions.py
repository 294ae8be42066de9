"""What happens to a request inside of Flask: Flask itself says which route it has.

``request_context`` takes the place of the application's method of that name, which
Flask calls for every request that it serves. It puts Flask's own request into the note
of the request, which is read when the response starts.

``before_request`` is the first function of ``app.before_request_funcs[None]``, where it
is needed: it answers preflights that pass through layers, and what a policy with
``enforce`` refuses. (A receiver of the signal ``request_started`` would run earlier,
but it costs twice as much, has no fixed place among others, and cannot answer.)

A request that comes without a note has bypassed the middleware around
``app.wsgi_app``. Then ``after_request``, the first function of
``app.after_request_funcs[None]``, sets the headers; Flask runs that list backwards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

import flask
from flask import Flask, has_request_context
from flask.globals import request_ctx
from werkzeug.datastructures import Headers

from ..wsgi import answer_headers, is_preflight, path_of
from .marks import register
from .matching import match_preflight, match_response
from .note import NOTE, REQUEST, Note

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Request, Response
    from flask.ctx import RequestContext
    from werkzeug.routing import MapAdapter

    from ..wsgi import PolicyHandler
    from .table import PolicyTable


class RequestFunctions:
    """Decides the requests of one application, in Flask's own request context.

    :param app: the application.
    :param active: its policies; replaced as a whole while requests are served.
    :param check: called before each request until Flask has served one. It raises
        PolicyError if the policies of the routes hold a mistake.
    :ivar checked: whether Flask has served a request, so that there is no more to
        check.
    """

    def __init__(
        self, app: Flask, active: PolicyTable, check: Callable[[], None]
    ) -> None:
        self.app = app
        self.activate(active)
        self.check = check
        self.checked = False
        self._request_context = app.request_context
        self._decides_before = False
        self._lock = threading.Lock()

    def activate(self, table: PolicyTable) -> None:
        """Apply *table* to all requests that begin from now on."""
        table.unused_note = Note(table)
        table.unused_note.unused = True
        self.active = table

    def install(self) -> None:
        """Have Flask call ``request_context`` for every request."""
        self.app.request_context = self.request_context  # type: ignore[method-assign]

    def uninstall(self) -> None:
        """Undo ``install``, and what was put into the lists of the application."""
        app = self.app
        app.request_context = self._request_context  # type: ignore[method-assign]
        _take_out(app.before_request_funcs, self.before_request)
        _take_out(app.after_request_funcs, self.after_request)

    def decide_before_views(self) -> None:
        """Have Flask call ``before_request`` from now on."""
        with self._lock:
            _put_first(self.app.before_request_funcs, self.before_request)
            self._decides_before = True

    def request_context(self, environ: WSGIEnvironment) -> RequestContext:
        """Open a request context as Flask does, and note its request."""
        context = self._request_context(environ)
        note: Note | None = environ.get(NOTE)
        if note is None or note.table.app is not self.app:
            self.serve_bypassed(context.request)
            return context
        self.checked = True
        if note.unused:
            environ[REQUEST] = context.request
        else:
            self._reach(note, context.request)
        return context

    def serve_bypassed(self, request: Request) -> Note:
        """Begin a note for a request that has not come through the middleware."""
        self.decide_before_views()
        with self._lock:
            _put_first(self.app.after_request_funcs, self.after_request)
        outer: Note | None = request.environ.get(NOTE)
        if outer is not None and outer.table.app is not self.app:
            outer.leave()
        note = request.environ[NOTE] = Note(self.active)
        note.bypassed, note.request, note.passes = True, request, 1
        note.preflight = is_preflight(request.environ)
        return note

    def before_request(self) -> Response | None:
        """Decide what is decided before the application's own functions run."""
        request = request_ctx.request
        note = self._note_of(request)
        if note.unused:
            return None
        if not self.checked:
            self.check()
            self.checked = True
        adapter = request_ctx.url_adapter
        if note.preflight:
            if not note.known:
                self._decide_preflight(note, request, adapter, request.environ)
        elif note.known:  # It makes no difference what Flask has matched.
            note.seen = note.seen[0], request.url_rule, note.seen[2]
        elif note.table.enforced or register.enforces:
            self._decide(note, request, adapter)
        if not note.refused:
            return None
        if note.preflight and note.is_nowhere and not note.bypassed:
            return None  # A layer may ask another application next.
        note.answered = True
        return self._response(note)

    def after_request(self, response: Response) -> Response:
        """Put the headers onto a response that does not pass the middleware."""
        request = request_ctx.request
        note = self._note_of(request)
        if not note.bypassed or response.status_code == 101:
            return response
        self.decide_for_response(note, request.environ)
        if note.refused:
            if not note.answered:  # The view has run: its answer is withheld.
                response = self._response(note)
                _drop_session()
            response.headers.pop("Cache-Control", None)
        response.headers = Headers(note.merge(list(response.headers)))
        return response

    def handler_of(self, table: PolicyTable, request: Request) -> PolicyHandler | None:
        """Return the policy of a request that Flask serves at this moment."""
        if not register.generation:
            return table.paths.default or table.paths.find(request.path)
        rule = request.url_rule
        if rule is not None:
            return table.find(rule.endpoint, request.method, request.path)
        try:
            return match_response(table, request, request_ctx.url_adapter).handler
        except Exception:  # A converter may raise anything.
            return table.unknown

    def decide_at_once(self, note: Note, environ: WSGIEnvironment) -> None:
        """Decide a request if it makes no difference what Flask matches."""
        handler = note.table.paths.default
        if handler is not None and not register.generation:
            note.known, note.handler = True, handler
            note.seen = environ["REQUEST_METHOD"], None, 0
            note.decision = handler.decide_actual(environ)

    def decide_for_response(self, note: Note, environ: WSGIEnvironment) -> None:
        """Decide a request whose response starts, unless that is done already."""
        note.started = True
        if note.elsewhere:
            note.handler = note.decision = None
            return
        if note.request is None or note.passes > 1:
            self._adopt_current(note)
        request = note.request
        if note.preflight and note.stays_preflight():
            return
        if request is None:  # Something in front of Flask has answered.
            if not note.known and not self.is_elsewhere(note, environ):
                self.ask(note, environ)
        elif not note.known or note.seen != (
            request.method,
            request.url_rule,
            register.generation,
        ):
            if request.url_rule is not None or not register.generation:
                self._decide(note, request, None)
            elif note.is_current:
                self._decide(note, request, request_ctx.url_adapter)
            else:  # The response starts after Flask has left the context.
                self.ask(note, request.environ)

    def ask(self, note: Note, environ: WSGIEnvironment) -> None:
        """Decide a request that Flask has not matched, in a context made for it."""
        if not (note.preflight or register.generation):
            note.known = True
            note.handler = note.table.paths.find("/" + path_of(environ).lstrip("/"))
            if note.handler is not None:
                note.decision = note.handler.decide_actual(environ, late=True)
            return
        asked = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"
        method = environ[asked if note.preflight else "REQUEST_METHOD"]
        empty = {"CONTENT_LENGTH": "0", "wsgi.input": BytesIO()}
        copy = {**environ, "REQUEST_METHOD": method, **empty}
        context = self._request_context(copy)
        try:
            context.push()
            self._decide_asked(note, context.request, context.url_adapter, environ)
        except Exception as error:  # The session's store, or a converter.
            self._failed("Flask could not match a request", error)
            self._decide_asked(note, context.request, None, environ)
        finally:
            try:
                context.pop(None)
            except Exception as error:
                self._failed("a teardown function raised", error)

    def is_elsewhere(self, note: Note, environ: WSGIEnvironment) -> bool:
        """Say whether another application, mounted here, serves the request."""
        moved = environ.get("SCRIPT_NAME", "") != note.script_name
        return note.elsewhere or (note.request is None and moved)

    def _reach(self, note: Note, request: Request) -> None:
        """Note that Flask was reached by the request of *note*."""
        if note.request is not None:
            if note.is_current:  # A view asks its own application something else.
                self.serve_bypassed(request)
                return
            # A layer has asked for something else first.
            note.known, note.handler, note.decision = False, None, None
        note.request, note.elsewhere = request, False
        note.passes += 1
        before = note.table.enforced or register.enforces or note.preflight
        if before and not self._decides_before:
            self.decide_before_views()

    def _note_of(self, request: Request) -> Note:
        """Return the note of the request that Flask serves."""
        note: Note | None = request.environ.get(NOTE)
        if note is None or note.table.app is not self.app:
            return self.serve_bypassed(request)
        return note

    def _decide(self, note: Note, request: Request, adapter: MapAdapter | None) -> None:
        """Decide a request that is no preflight."""
        table, method, rule = note.table, request.method, request.url_rule
        note.known, note.rule, note.seen = (
            True,
            rule,
            (method, rule, register.generation),
        )
        if not register.generation:
            handler = table.paths.find(request.path)
        elif note.passes > 1 and not note.is_current:
            handler = table.unknown  # Nobody knows which of them is answered.
        elif rule is not None:
            handler = table.find(rule.endpoint, method, request.path)
        else:
            try:
                match = match_response(table, request, adapter)
                handler, note.rule = match.handler, match.rule
            except Exception:  # A converter may raise anything.
                handler = table.unknown
        note.handler, note.decision = handler, None
        if handler is not None:
            environ = request.environ
            note.decision = handler.memo.actual.get(environ.get("HTTP_ORIGIN"))
            if note.decision is None:
                note.decision = handler.decide_actual(
                    environ, method, note.route, late=note.started
                )

    def _decide_preflight(
        self,
        note: Note,
        request: Request,
        adapter: MapAdapter | None,
        environ: WSGIEnvironment,
    ) -> None:
        """Decide a preflight."""
        asked = environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"]
        note.known, note.seen, url = True, (asked, None, 0), None
        try:
            match = match_preflight(note.table, request, adapter, asked)
            note.handler, note.rule, url = match.handler, match.rule, match.url
            note.is_nowhere = url is not None and not (url.own or url.others)
        except Exception:
            note.handler = note.table.unknown
        if note.handler is not None:
            note.decision = note.handler.decide_preflight(environ, url, note.route)

    def _decide_asked(
        self,
        note: Note,
        request: Request,
        adapter: MapAdapter | None,
        environ: WSGIEnvironment,
    ) -> None:
        if note.preflight:
            self._decide_preflight(note, request, adapter, environ)
        else:
            self._decide(note, request, adapter)

    def _adopt_current(self, note: Note) -> bool:
        """Take the request that Flask serves at this moment for that of *note*.

        A layer may have sent several, or one with an environ of its own, without note.
        """
        if not (has_request_context() and request_ctx.app is self.app):
            return False
        request: Request = request_ctx.request
        other: Note | None = request.environ.get(NOTE)
        if other is None or request is note.request:
            return False
        if other is not note and not (other.bypassed and other.number > note.number):
            return False
        note.request, note.known = request, False
        if other is not note and note.preflight:
            note.known, note.rule, note.seen = other.known, other.rule, other.seen
            note.handler, note.decision = other.handler, other.decision
        return True

    def _response(self, note: Note) -> Response:
        """Return an answer without body in the place of the view's."""
        status = (note.decision and note.decision.status) or 403
        response = self.app.response_class(b"", status=status)
        response.headers = Headers(answer_headers(status))
        return response

    def _failed(self, what: str, error: Exception) -> None:
        sentence = f"{what}; nothing is granted if its route is unknown"
        self.active.log.failed("matching-failed", sentence, error)


def _put_first(functions: Any, function: Callable[..., Any]) -> None:
    """Put *function* first into the list of all requests, unless it is there.

    The list is replaced: another thread may be on its way through it.
    """
    if functions[None][:1] != [function]:
        others = [each for each in functions[None] if each != function]
        functions[None] = [function, *others]


def _take_out(functions: Any, function: Callable[..., Any]) -> None:
    if function in functions[None]:
        functions[None] = [each for each in functions[None] if each != function]


def _drop_session() -> None:
    """Have Flask send no cookie of the session."""
    with suppress(Exception):  # There may be no session.
        flask.session.clear()
        flask.session.modified = flask.session.accessed = False
