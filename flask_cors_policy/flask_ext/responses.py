"""Responses of Flask: to what is refused, and where the middleware is bypassed.

The application may keep a response that it made. So none is changed here: another one
takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.datastructures import Headers

from ..wsgi import UNANSWERED, answer_headers, close_body, with_refusal
from .hidden import slots_of

if TYPE_CHECKING:
    from types import MemberDescriptorType

    from flask import Request, Response

    from ..log import RefusalLog
    from .visit import Visit


def answer_refused(visit: Visit, request: Request) -> Response:
    """Return the answer to a request that is answered before any view."""
    return _refusal(visit, request) or _empty(visit)


def with_headers(visit: Visit, response: Response) -> Response:
    """Return a response that does not pass the middleware, with its headers."""
    handler, decision = visit.handler, visit.decision
    if handler is None or decision is None:
        return response
    response = twin(response)
    if decision.status is not None:
        if not visit.answered:  # The view has run: its answer is withheld.
            close_unsent(response, visit.table.log)
            response = _empty(visit)
            _drop_session()
        response.headers.pop("Cache-Control", None)
    elif response.status_code == 101:  # HTTP ends here.
        return response
    response.headers = Headers(handler.merge(list(response.headers), decision.headers))
    return response


def twin(response: Response) -> Response:
    """Return a response like *response*, with headers of its own."""
    other: Response = object.__new__(type(response))
    vars(other).update(vars(response))
    kind: Any = type(response)  # Its instances have no hash.
    for slot in _slots(kind):
        with suppress(AttributeError):  # Not filled.
            slot.__set__(other, slot.__get__(response))
    other.headers = Headers(response.headers)
    return other


@lru_cache(maxsize=64)
def _slots(kind: type) -> tuple[MemberDescriptorType, ...]:
    """Return the slots of a class of responses, of which there are few."""
    return tuple(slots_of(kind))


def close_unsent(body: object, log: RefusalLog) -> None:
    """Close a body, or a response, that is not sent; log what that raises."""
    try:
        close_body(body)
    except Exception as error:
        sentence = "a body that is not sent raised when it was closed"
        log.failed("close-failed", sentence, error)


class Begun:
    """A body that was read until its response started."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body = body
        self._chunks = iter(body)
        try:
            self._read = list(islice(self._chunks, 1))
        except Exception:
            close_body(body)
            raise

    def __iter__(self) -> Iterator[bytes]:
        return chain(self._read, self._chunks)

    def close(self) -> None:
        """Close the body (PEP 3333)."""
        close_body(self._body)


def _empty(visit: Visit) -> Response:
    """Return an answer without body."""
    status = (visit.decision and visit.decision.status) or 403
    response = visit.table.app.response_class(b"", status=status)
    response.headers = Headers(answer_headers(status))
    return response


def _refusal(visit: Visit, request: Request) -> Response | None:
    """Return the application's own answer to what is refused before the view."""
    app, view = visit.table.app, visit.table.config.refusal_response
    if view is None or visit.preflight:
        return None
    try:
        answer = app.make_response(app.ensure_sync(view)())
        try:
            answer.direct_passthrough = False
            body = answer.get_data()
        finally:
            close_unsent(answer, visit.table.log)
    except Exception as error:
        visit.table.log.failed("refusal-response-failed", UNANSWERED, error)
        return None
    response = app.response_class(body, status=403)
    response.headers = Headers(with_refusal(list(answer.headers), ()))
    response.content_length = len(body)
    is_head = request.method == "HEAD"
    visit.refusal = list(response.headers), b"" if is_head else body
    return response


def _drop_session() -> None:
    """Have Flask send no cookie of the session."""
    with suppress(Exception):  # There may be no session.
        flask.session.clear()
        flask.session.modified = flask.session.accessed = False
