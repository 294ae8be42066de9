"""``Note``: what is known of one request, from its beginning to its response.

It stands in environ, so that it survives layers that copy environ, mounts, and changed
paths and methods.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

from flask import has_request_context
from flask.globals import request_ctx

from .marks import register

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Request
    from werkzeug.routing import Rule

    from ..core.answer import Decision, HeaderList
    from ..core.decision import URLMethods
    from ..handler import PolicyHandler
    from .table import PolicyTable

NOTE: Final = "flask_cors_policy.note"
"""Key in environ of the note of a request."""
REQUEST: Final = "flask_cors_policy.request"
"""Key in environ of Flask's own request, where there is nothing else to note. (Any
other request object that is made of environ replaces ``werkzeug.request``.)"""

_numbers = count()


class Note:
    """What is known of one request.

    :ivar table: the policies that the request began with.
    :ivar number: grows from note to note.
    :ivar script_name: SCRIPT_NAME when the request began.
    :ivar unused: whether there is nothing to note, because the response starts while
        Flask serves the request; such a note is shared by all requests.
    :ivar preflight: whether it is a preflight, whatever layers make of its method.
    :ivar request: Flask's own, as soon as Flask has been reached.
    :ivar passes: how often Flask has been reached.
    :ivar elsewhere: whether another application serves the request.
    :ivar bypassed: whether it did not come through the middleware.
    :ivar known: whether it is known which policy applies.
    :ivar handler: that policy; ``None`` leaves the response as it is.
    :ivar decision: what it says.
    :ivar rule: the rule of the route that serves the request, if one does.
    :ivar seen: the method and the rule of *request*, and the generation of marks, when
        that was decided.
    :ivar url: the methods of the URL of a preflight.
    :ivar answered: whether the request was answered before any view.
    :ivar started: whether the response has started.
    :ivar replaced: whether the answer of the application is not sent.
    """

    # Few of them are set for most requests.
    unused = False
    preflight = False
    request: Request | None = None
    passes = 0
    elsewhere = False
    bypassed = False
    known = False
    handler: PolicyHandler | None = None
    decision: Decision | None = None
    rule: Rule | None = None
    seen: tuple[str, Any, int] = ("", None, 0)
    url: URLMethods | None = None
    answered = False
    started = False
    replaced = False

    def __init__(self, table: PolicyTable, script_name: str = "") -> None:
        self.table = table
        self.script_name = script_name
        self.number = next(_numbers)

    @property
    def refused(self) -> bool:
        """Whether the decision takes the place of the application's answer."""
        return self.decision is not None and self.decision.status is not None

    @property
    def is_nowhere(self) -> bool:
        """Whether no route of the application has the URL of a preflight."""
        return self.url is not None and not (self.url.own or self.url.others)

    @property
    def is_current(self) -> bool:
        """Whether Flask is serving the request at this moment."""
        return has_request_context() and request_ctx.request is self.request

    def stays_preflight(self) -> bool:
        """Say whether a preflight still is one when the response starts.

        If it was passed on to a view without policy, a function of the application may
        have changed its method since: then that is what is to be decided.
        """
        if self.known and self.decision is None and self.request is not None:
            self.preflight = self.request.method == "OPTIONS"
            self.known = self.preflight
        return self.preflight

    def leave(self) -> None:
        """Note that another application serves the request.

        Not if that one was called by a view of this application.
        """
        if not self.unused and not self.is_current:
            self.elsewhere = True

    def decide(
        self, handler: PolicyHandler | None, environ: WSGIEnvironment, method: str = ""
    ) -> None:
        """Note what *handler* says of the request.

        :param method: the method, if it is not that of *environ*.
        """
        self.known, self.handler, self.decision = True, handler, None
        if handler is None:
            return
        if self.preflight:
            self.decision = handler.decide_preflight(environ, self.url, self.route)
        else:
            late = self.started
            self.decision = handler.decide_actual(environ, method, self.route, late)

    def merge(self, headers: HeaderList) -> HeaderList:
        """Return the headers of the response under the decision."""
        if self.handler is None or self.decision is None:
            return headers
        return self.handler.merge(headers, self.decision.headers)

    def route(self) -> str:
        """Return the route of the request, for the log."""
        return route_name(self.rule, self.seen[0])


def facts(request: Request) -> tuple[str, Any, int]:
    """Return what a decision about *request* depends on, and may change meanwhile."""
    return request.method, request.url_rule, register.generation


def route_name(rule: Rule | None, method: str) -> str:
    """Return a method and a URL rule, one of few; "" if no rule serves the request."""
    if rule is None:
        return ""
    # A route may take any method: then only the rule is named.
    known = method.upper() in (rule.methods or ())
    return f"{method.upper()} {rule.rule}" if known else rule.rule
