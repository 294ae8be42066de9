"""What the resources of a case answer, to a browser as to the model of one."""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from flask_cors_policy import CORSMiddleware
from flask_cors_policy.core.errors import PolicyWarning

from .cases import Answer, Case, Resource, Sent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_NO_BODY: Final = (204, 304)


class Programs:
    """The resources of one case, and how far their answers are used up."""

    def __init__(self, case: Case) -> None:
        self._programs = {
            place: _Program(resource) for place, resource in case.resources.items()
        }

    def answer(self, server: str, name: str, sent: Sent) -> Answer | None:
        """Return the whole response to *sent*; ``None`` where there is no resource.

        :param server: which of ``HOSTS`` was asked.
        :param name: of the resource there.
        """
        program = self._programs.get(f"{server}/{name}")
        return None if program is None else _whole(sent, program.answer(sent))


def _whole(sent: Sent, answer: Answer) -> Answer:
    """Return *answer* with the length of its body, and without what has no place."""
    headers, body = answer.headers, answer.body
    if answer.status in (*_NO_BODY, 205):
        body = ""
    if answer.status not in _NO_BODY:
        headers = (*headers, ("Content-Length", str(len(body.encode()))))
    return Answer(answer.status, headers, "" if sent.method == "HEAD" else body)


class _Program:
    """What one resource answers."""

    def __init__(self, resource: Resource) -> None:
        self._preflights = [*resource.preflights]
        self._actuals = [*resource.actuals]
        self._app: WSGIApplication | None = None
        if resource.policy is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PolicyWarning)
                self._app = CORSMiddleware(self._actual, **resource.policy)

    def answer(self, sent: Sent) -> Answer:
        """Return what is answered now."""
        if self._app is not None:
            return _from_app(self._app, sent)
        return _next(self._preflights if sent.is_preflight else self._actuals)

    def _actual(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        answer = _next(self._actuals)
        start_response(status_line(answer.status), list(answer.headers))
        return [answer.body.encode()]


def _next(answers: list[Answer]) -> Answer:
    return answers.pop(0) if len(answers) > 1 else answers[0]


def _from_app(app: WSGIApplication, sent: Sent) -> Answer:
    """Return what a WSGI application answers (PEP 3333)."""
    host, _, target = sent.url.partition("//")[2].partition("/")
    path, _, query = target.partition("?")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(f"/{path}", "latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": host.partition(":")[0],
        "SERVER_PORT": host.partition(":")[2],
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, _ in sent.headers:
        key = name.upper().replace("-", "_")
        environ[f"HTTP_{key}"] = sent.value(name.lower())
    started: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        started[:] = [int(status[:3]), tuple(headers)]

    body = b"".join(app(environ, start_response)).decode()
    status, headers = started
    kept = tuple(pair for pair in headers if pair[0] != "Content-Length")
    return Answer(status, kept, body)


def status_line(status: int) -> str:
    """Return *status* with a phrase."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unnamed"
