"""What happens to a request around the application: the middleware of ``app.wsgi_app``.

1. It has the application answer. Inside, ``request_functions`` finds out which policy
   applies to what Flask has matched.
2. When the response starts, the policy's headers are put onto it. If the policy refuses
   what it did not refuse before the view, the view's answer is withheld.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask

from ..wsgi import is_preflight, merged
from .direct import drop, send_visit, serve_directly
from .responses import Begun, close_unsent
from .visit import CALL, Call, open_call, present_call

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from ..core.answer import HeaderList
    from .request_functions import RequestFunctions


class FlaskMiddleware:
    """Apply policies to whatever a Flask application answers.

    :param app: the application; what ``app.wsgi_app`` is now is wrapped.
    :param functions: decides its requests.
    :ivar removed: whether another has taken its place, so that it only passes on.
    """

    removed = False

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
        if self.removed:
            return self.app(environ, start_response)
        if not functions.checked:
            functions.check()
        asks = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        if (
            self._is_direct
            and not asks
            and not self._flask_app.config["DEBUG"]
            and open_call(environ) is None
        ):
            return serve_directly(self.app, functions, environ, start_response)
        call = Call(functions.active, environ, asks and is_preflight(environ))
        if self._is_direct and call.preflight:
            call.early = functions.ask(call, environ)
            if call.early.replaces:
                return send_visit(call.early, start_response, call)
        return self._serve(call, environ, start_response)

    def _serve(
        self, call: Call, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Have the application answer; put the policy's headers onto the response."""

        start = partial(self._start, call, environ, start_response)
        self._functions.decide_inside()
        environ[CALL] = call
        token = present_call.set(call)
        try:
            body = self.app(environ, start)
            if not call.started:
                body = Begun(body)
        except Exception as error:
            if call.preflight:
                return self._answer_error(call, environ, start_response, error)
            if not self._flask_app.debug or call.started:
                raise
            from .debug import readable_error  # Nothing but debug mode needs it.

            visit = self._functions.decide_unstamped(call, environ, "500")
            return readable_error(self._flask_app, visit, environ, start, error)
        finally:
            present_call.reset(token)
            call.ended = True
            call.last = None  # It refers to this call.
        if call.replaced:
            close_unsent(body, self._functions.active.log)
            return call.replaced
        return body

    def _start(
        self,
        call: Call,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        status: str,
        headers: HeaderList,
        exc_info: Any = None,
    ) -> Callable[[bytes], object]:
        """Start the response of *call*, with the headers of the policy."""
        if call.replaced:
            return drop
        call.started = True
        headers, visit = call.take_stamp(headers)
        if visit is None:
            visit = self._functions.decide_unstamped(call, environ, status)
        call.stamps.clear()  # They refer to this call.
        if visit.table.app is self._flask_app:
            if visit.replaces:
                call.replaced = send_visit(visit, start_response, call)
                return drop
            if visit.handler is not None and visit.decision is not None:
                added = visit.decision.headers
                headers = merged(status, headers, visit.handler, added)
        headers = [*headers, *call.outer_stamp(visit)]
        if exc_info is None:
            return start_response(status, headers)
        return start_response(status, headers, exc_info)

    def _answer_error(
        self,
        call: Call,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        error: Exception,
    ) -> Iterable[bytes]:
        """Answer a preflight although what is inside has raised *error*.

        :raises Exception: *error*, if the response has started, or no policy applies.
        """
        body = call.replaced
        if not body:
            visit = self._functions.decide_unstamped(call, environ, "500")
            if call.started or not visit.replaces:
                raise error
            body = send_visit(visit, start_response, call)
        sentence = "the application raised when a preflight passed through it"
        call.table.log.failed("preflight-failed", sentence, error)
        return body
