"""What happens to a request around the application: the middleware of ``app.wsgi_app``.

1. It puts a note into environ and has the application answer.
2. Inside, ``request_functions`` puts into the note what Flask has matched.
3. When the response starts, the policy of that route says which headers it gets. If
   the policy refuses what it did not refuse before the view, the view's answer is
   withheld.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.globals import request_ctx

from ..wsgi import close_body, is_preflight, merged, send
from .note import NOTE, REQUEST, Note, route_name

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Request

    from ..core.answer import Decision, HeaderList
    from .request_functions import RequestFunctions
    from .table import PolicyTable


class FlaskMiddleware:
    """Apply policies to whatever a Flask application answers.

    :param app: the application; what ``app.wsgi_app`` is now is wrapped.
    :param functions: decides its requests.
    """

    def __init__(self, app: Flask, functions: RequestFunctions) -> None:
        self.app: WSGIApplication = app.wsgi_app
        self._flask_app = app
        self._functions = functions
        # Whether nothing stands between this and Flask.
        own = getattr(app.wsgi_app, "__func__", None) is Flask.wsgi_app
        self._is_direct = own and getattr(app.wsgi_app, "__self__", None) is app

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request (PEP 3333).

        :raises PolicyError: if the policies of the routes hold a mistake.
        """
        functions = self._functions
        outer: Note | None = environ.get(NOTE)
        if outer is not None:
            if outer.table.app is not self._flask_app:
                outer.leave()
            elif outer.request is None:  # This middleware stands twice.
                return self.app(environ, start_response)
        if not functions.checked:
            functions.check()
        table = functions.active
        if (
            self._is_direct
            and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in environ
            and not (functions.may_enforce or self._flask_app.debug)
        ):
            return self._serve_directly(table, environ, start_response)
        note = environ[NOTE] = Note(table, environ.get("SCRIPT_NAME", ""))
        if "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ and is_preflight(environ):
            note.preflight = True
            return self._serve_preflight(note, environ, start_response)
        if table.enforced and self._is_direct:
            functions.decide_at_once(note, environ)
            if note.refused:
                return send(note.decision, start_response)
        return self._serve(note, environ, start_response)

    def _serve_directly(
        self,
        table: PolicyTable,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Have Flask answer; put the headers of its route's policy onto the response.

        Nothing needs to be noted: when the response starts, Flask's request context
        is open.
        """
        environ[NOTE] = table.unused_note
        functions = self._functions
        withheld: list[Decision] = []

        # Bound as defaults, and not as variables of the method: each of these would
        # cost every request a cell.
        def start(
            status: str,
            headers: HeaderList,
            exc_info: Any = None,
            start_response: StartResponse = start_response,
            environ: WSGIEnvironment = environ,
            table: PolicyTable = table,
            functions: RequestFunctions = functions,
            withheld: list[Decision] = withheld,
        ) -> Callable[[bytes], object]:
            request: Request = environ.get(REQUEST) or request_ctx.request
            handler, rule = functions.match(table, request)
            if handler is not None:
                decision = handler.memo.actual.get(environ.get("HTTP_ORIGIN"))
                if decision is None:
                    method = request.method
                    route = partial(route_name, rule, method)
                    decision = handler.decide_actual(environ, method, route, late=True)
                    if decision.status is not None:  # A mark was added meanwhile.
                        withheld.append(decision)
                        send(decision, start_response)
                        return _drop
                headers = merged(status, headers, handler, decision.headers)
            if exc_info is None:
                return start_response(status, headers)
            return start_response(status, headers, exc_info)

        body = self.app(environ, start)
        if withheld:
            self._close(body)
            return [b""]
        return body

    def _serve(
        self, note: Note, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Have the application answer; put the policy's headers onto the response."""
        functions = self._functions

        def start(
            status: str, headers: HeaderList, exc_info: Any = None
        ) -> Callable[[bytes], object]:
            if note.replaced:
                return _drop
            functions.decide_for_response(note, environ)
            handler, decision = note.handler, note.decision
            if handler is not None and decision is not None:
                if decision.status is not None:
                    note.replaced = True
                    send(decision, start_response)
                    return _drop
                headers = merged(status, headers, handler, decision.headers)
            if exc_info is None:
                return start_response(status, headers)
            return start_response(status, headers, exc_info)

        try:
            body = self.app(environ, start)
        except Exception as error:
            if not self._flask_app.debug or note.started:
                raise
            from .debug import readable_error  # Nothing but debug mode needs it.

            functions.decide_for_response(note, environ)
            return readable_error(self._flask_app, note, environ, start, error)
        if note.replaced:
            self._close(body)
            return [b""]
        return body if note.started else _LateBody(body, note)

    def _serve_preflight(
        self, note: Note, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a preflight, whatever stands in front of Flask answers to it."""
        functions = self._functions
        if self._is_direct:
            functions.ask(note, environ)
            if note.decision is not None:
                return send(note.decision, start_response)
            return self._serve(note, environ, start_response)
        functions.decide_before_views()
        held = _HeldResponse()
        error: Exception | None = None
        try:
            held.run(self._serve(note, environ, held.start))
        except Exception as raised:
            error = raised
        if not note.known and not functions.is_elsewhere(note, environ):
            functions.ask(note, environ)
        if note.decision is None or not note.preflight:
            if error is not None:
                raise error
            return held.replay(start_response)
        self._close(held.body)
        if error is not None:
            sentence = "the application raised when a preflight passed through it"
            note.table.log.failed("preflight-failed", sentence, error)
        return send(note.decision, start_response)

    def _close(self, body: Iterable[bytes]) -> None:
        """Close a body that nobody reads."""
        try:
            close_body(body)
        except Exception as error:
            sentence = "a body that is not sent raised when it was closed"
            self._functions.active.log.failed("close-failed", sentence, error)


class _HeldResponse:
    """A response that has started, and is sent only if it is replayed.

    :ivar body: its body, or what is left of it.
    """

    def __init__(self) -> None:
        self.body: Iterable[bytes] = ()
        self._started: tuple[Any, ...] = ()
        self._written: list[bytes] = []

    def run(self, body: Iterable[bytes]) -> None:
        """Take the body of the response, and read it until the response starts."""
        self.body = body
        if self._started:
            return
        chunks = iter(body)
        for chunk in chunks:
            self._written.append(chunk)
            if self._started or chunk:  # It has to start before (PEP 3333).
                break
        self.body = _Rest(chunks, body)

    def replay(self, start_response: StartResponse) -> Iterable[bytes]:
        """Send the response as it came."""
        write = start_response(*self._started)
        for chunk in self._written:
            write(chunk)
        return self.body

    def start(self, *started: Any) -> Callable[[bytes], object]:
        """Take the start of the response (PEP 3333)."""
        self._started = started
        return self._written.append


class _Rest:
    """What is left of a body, which is closed as a whole."""

    def __init__(self, chunks: Iterator[bytes], body: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        """Close the body (PEP 3333)."""
        close_body(self._body)


class _LateBody:
    """A body whose response starts as it is read; it ends if that is withheld."""

    def __init__(self, body: Iterable[bytes], note: Note) -> None:
        self._body = body
        self._chunks = iter(body)
        self._note = note

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._note.replaced:
            raise StopIteration
        chunk = next(self._chunks)
        return b"" if self._note.replaced else chunk

    def close(self) -> None:
        """Close the body (PEP 3333)."""
        close_body(self._body)


def _drop(_data: bytes) -> None:
    """Take what the application writes of an answer that is withheld."""
