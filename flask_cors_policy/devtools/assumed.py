"""What a sentence of a console does not tell: the method, and who has answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ..core.fetch_standard import (
    ORIGIN,
    REQUEST_METHOD,
    SAFELISTED_METHODS,
    SAFELISTED_REQUEST_HEADERS,
    WILDCARD,
)
from ..core.reasons import Reason
from .browser.requests import Body, PageRequest, Sent
from .browser.urls import parse_url
from .codes import Cause
from .explaining import Diagnosis, Explanation, Fix
from .pasted.console import ConsoleMessage
from .pasted.request import stand_in
from .playing import Knowledge
from .recorded import explain_message, request_of

# In this order: what pages send most.
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_WITH_BODY: Final = ("POST", "PUT", "PATCH", "DELETE", "GET")
_NEED_NONE: Final = {*SAFELISTED_REQUEST_HEADERS, "range", WILDCARD} - {"content-type"}
_SENDER: Final = Fix(
    "Look at this answer in the network panel of the browser: headers such as Server, "
    "Via and Location tell what has sent it. Have that pass the request on."
)


def assumed_request(
    message: ConsoleMessage, knowledge: Knowledge, method: str = ""
) -> tuple[PageRequest, str]:
    """Return the request that *message* is about, and a sentence on what was assumed.

    :param method: of the request, if somebody said it.
    :raises PolicyError: if the policies of the application are invalid.
    """
    request = request_of(message)
    if message.names_method and not method:
        return request, ""
    found = method or _method(message, knowledge)
    request = replace(request, method=found)
    if message.preflight is not None and not request.headers:
        request = _preflighted(request, message, knowledge)
    if method:
        return request, ""
    added = "".join(f" with {name}" for name, _ in request.headers[:1])
    added = added if request.headers != message.headers else ""
    note = f"Method assumed: {found}{added}; the message does not name it (--method "
    return request, f"{note}tells it)."


def _preflighted(
    request: PageRequest, message: ConsoleMessage, knowledge: Knowledge
) -> PageRequest:
    """Return *request* with what makes a preflight necessary.

    That is an upload which is watched, for it needs no header. A browser names a header
    that the policy does not list, so that it is a listed one where there has to be one.
    """
    if request.sent_method not in SAFELISTED_METHODS:
        return request
    if request.sent_method == "POST":
        return replace(request, body=Body(b""), upload_listener=True)
    policy = knowledge.info(_preflight(request.method, message)).policy
    names = () if policy is None else policy.allow_headers
    listed = (name for name in names if name.lower() not in _NEED_NONE)
    name = next(listed, "Authorization")
    return replace(request, headers=((name, stand_in(name)),))


def _method(message: ConsoleMessage, knowledge: Knowledge) -> str:
    """Return a method that the route has, and that fits to *message*."""
    sends_json = any(name.lower() == "content-type" for name, _ in message.headers)
    preflighted = message.preflight is not None and not message.headers
    order = _WITH_BODY if sends_json or preflighted else _METHODS
    served = knowledge.methods(message.url)
    methods = [each for each in order if each in served] or [*served] or [*order]
    if message.refuses_method:
        methods = [each for each in methods if each not in SAFELISTED_METHODS]
        methods = methods or [message.method]
    return next(
        (
            each
            for each in methods
            if _is_refused(each, message, knowledge) is message.refuses_method
        ),
        methods[0],
    )


def _is_refused(method: str, message: ConsoleMessage, knowledge: Knowledge) -> bool:
    """Say whether the policy does not list *method*; the browser would then say so."""
    decision = knowledge.info(_preflight(method, message)).decision
    return decision is not None and decision.reason is Reason.METHOD_NOT_ALLOWED


def _preflight(method: str, message: ConsoleMessage) -> Sent:
    asked = ((ORIGIN, message.origin), (REQUEST_METHOD, method))
    return Sent("OPTIONS", parse_url(message.url), asked, preflight=True)


def answered_in_front(message: ConsoleMessage, explanation: Explanation) -> Explanation:
    """Return *explanation* with the cause that is left if the application is right.

    The browser was refused what the application allows.
    """
    if not _is_allowed(message, explanation):
        return explanation
    said = explain_message(message).diagnosis
    assert said is not None
    preflight = message.preflight is not None
    answer = "this preflight" if preflight else "this request"
    found = (
        f"{said.found} The application itself answers {answer} well: something in "
        "front of it (a proxy, a redirect) answers otherwise."
    )
    fixes: Sequence[Fix] = (_SENDER,)
    if said.cause in (Cause.PREFLIGHT_REDIRECTED, Cause.REDIRECTED_AWAY):
        fixes = (*said.fixes, _SENDER)
    cause = Diagnosis(Cause.CHANGED_IN_FRONT, found, tuple(fixes))
    return replace(explanation, causes=(cause, *explanation.causes))


def _is_allowed(message: ConsoleMessage, explanation: Explanation) -> bool:
    """Say whether the application allows what *message* says is refused."""
    if explanation.allowed:
        return True
    exchange = explanation.case.exchange
    about_preflight = message.preflight is not None
    return about_preflight and exchange is not None and not exchange.sent.preflight
