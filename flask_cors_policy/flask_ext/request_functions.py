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
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

import flask
from flask import Flask, has_request_context
from flask.globals import request_ctx
from werkzeug.datastructures import Headers

from ..wsgi import answer_headers, is_preflight, path_of
from .marks import app_marks, register
from .matching import match_preflight, match_response
from .note import NOTE, REQUEST, Note, facts

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Request, Response
    from flask.ctx import RequestContext
    from werkzeug.routing import Rule

    from ..handler import PolicyHandler
    from .marks import Mark
    from .table import PolicyTable


class RequestFunctions:
    """Decides the requests of one application, in Flask's own request context.

    :param app: the application.
    :param active: its policies; replaced as a whole while requests are served.
    :param check: called before each request until Flask has served one. It raises
        PolicyError if the policies of the routes hold a mistake.
    :param loose_marks: returns the marks that apply to no view yet.
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
        self.activate(active)
        self.check = check
        self._loose_marks = loose_marks
        self._may_enforce = False
        self._generation = 0
        self.checked = False
        self._request_context = app.request_context
        self._decides_before = False
        self._lock = threading.Lock()

    def activate(self, table: PolicyTable) -> None:
        """Apply *table* to all requests that begin from now on."""
        table.unused_note = Note(table)
        table.unused_note.unused = True
        self.active = table

    @property
    def may_enforce(self) -> bool:
        """Whether some policy may refuse a request, so that it is decided beforehand.

        That a mark may be put on a view later counts as well.
        """
        if self._generation != register.generation:
            self._generation = register.generation
            self._may_enforce = register.may_enforce and any(
                mark.may_enforce
                for marks in (app_marks(self.app), self._loose_marks())
                for mark in marks
            )
        return self._may_enforce or self.active.builder.enforced

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
        if note.preflight:
            if not note.known:
                self._decide_preflight(note, request, request.environ)
        elif note.known:  # It makes no difference what Flask has matched.
            note.seen = note.seen[0], request.url_rule, note.seen[2]
        elif note.table.enforced or self.may_enforce:
            self._decide_matched(note, request)
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

    def match(
        self, table: PolicyTable, request: Request
    ) -> tuple[PolicyHandler | None, Rule | None]:
        """Return the policy of a request, and its route.

        :param request: if Flask has not found a route for it, it must be the one that
            Flask serves at this moment.
        """
        rule = request.url_rule
        if not register.generation:
            return table.paths.default or table.paths.find(request.path), rule
        if rule is not None:
            return table.find(rule.endpoint, request.method, request.path), rule
        try:
            match = match_response(table, request, request_ctx.url_adapter)
        except Exception:  # A converter may raise anything.
            return table.unknown, None
        return match.handler, match.rule

    def decide_at_once(self, note: Note, environ: WSGIEnvironment) -> None:
        """Decide a request if it makes no difference what Flask matches."""
        handler = note.table.paths.default
        if handler is not None and not register.generation:
            note.seen = environ["REQUEST_METHOD"], None, 0
            note.decide(handler, environ)

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
        elif not note.known or note.seen != facts(request):
            if request.url_rule or note.is_current or not register.generation:
                self._decide_matched(note, request)
            else:  # The response starts after Flask has left the context.
                self.ask(note, request.environ)

    def ask(self, note: Note, environ: WSGIEnvironment) -> None:
        """Decide a request that Flask has not matched, in a context made for it."""
        if not (note.preflight or register.generation):
            path = "/" + path_of(environ).lstrip("/")
            note.decide(note.table.paths.find(path), environ)
            return
        asked = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"
        method = environ[asked if note.preflight else "REQUEST_METHOD"]
        empty = {"CONTENT_LENGTH": "0", "wsgi.input": BytesIO()}
        copy = {**environ, "REQUEST_METHOD": method, **empty}
        context = self._request_context(copy)
        try:
            context.push()
            if note.preflight:
                self._decide_preflight(note, context.request, environ)
            else:
                self._decide_matched(note, context.request)
        except Exception as error:  # The session's store, or a converter.
            self._failed("Flask could not match a request", error)
            note.decide(note.table.unknown, environ)
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
        before = note.table.enforced or self.may_enforce or note.preflight
        if before and not self._decides_before:
            self.decide_before_views()

    def _note_of(self, request: Request) -> Note:
        """Return the note of the request that Flask serves."""
        note: Note | None = request.environ.get(NOTE)
        if note is None or note.table.app is not self.app:
            return self.serve_bypassed(request)
        return note

    def _decide_matched(self, note: Note, request: Request) -> None:
        """Decide a request that is no preflight."""
        note.seen = facts(request)
        handler, note.rule = self.match(note.table, request)
        if note.passes > 1 and not note.is_current and register.generation:
            handler = note.table.unknown  # Nobody knows which of them is answered.
        note.decide(handler, request.environ, request.method)

    def _decide_preflight(
        self, note: Note, request: Request, environ: WSGIEnvironment
    ) -> None:
        """Decide a preflight, in the context of *request*."""
        asked = environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"]
        note.seen = asked, None, 0
        handler: PolicyHandler | None = note.table.unknown
        with suppress(Exception):  # A converter may raise anything.
            adapter = request_ctx.url_adapter
            match = match_preflight(note.table, request, adapter, asked)
            handler, note.rule, note.url = match.handler, match.rule, match.url
        note.decide(handler, environ)

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
