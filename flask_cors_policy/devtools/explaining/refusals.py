"""What the failing check says about a policy: the cause, and what the page can do."""

from __future__ import annotations

from typing import NamedTuple

from ...core.errors import plain
from ...core.fetch_standard import (
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    NULL_ORIGIN,
    REQUEST_HEADERS,
    WILDCARD,
)
from ...core.reasons import Reason
from ..browser.checks import header_list
from ..browser.requests import Received
from ..browser.rules import Rule
from .causes import Cause
from .diagnosis import Case, Fix
from .fixes import own_origin, without_credentials
from .nearly import nearest


class Refusal(NamedTuple):
    """What a policy refuses.

    :param found: what was found, for people.
    :param page_fix: what the page can do about it, if anything.
    """

    cause: Cause
    found: str
    page_fix: Fix | None = None


def refusal(case: Case) -> Refusal:
    """Return what the step that failed, one that policies decide about, says."""
    found = case.step.found
    match case.step.rule:
        case Rule.ALLOW_ORIGIN | Rule.ALLOW_ORIGIN_MATCHES:
            return _origin(case)
        case Rule.ALLOW_CREDENTIALS:
            page_fix = without_credentials()
            return Refusal(Cause.CREDENTIALS_NOT_ALLOWED, found, page_fix)
        case Rule.METHOD:
            return _method(case)
        case Rule.AUTHORIZATION:
            return Refusal(Cause.HEADER_NOT_ALLOWED, found)
        case Rule.HEADERS:
            return _headers(case)
    return Refusal(Cause.LIST_MALFORMED, found)


def received_of(case: Case) -> Received:
    """Return the response that failed a check."""
    exchange = case.exchange
    assert exchange is not None
    assert exchange.received is not None
    return exchange.received


def _origin(case: Case) -> Refusal:
    origin, found = case.page.origin, case.step.found
    allowed = received_of(case).get(ALLOW_ORIGIN)
    if allowed == WILDCARD:
        found += " No browser takes * together with credentials."
        return Refusal(Cause.WILDCARD_WITH_CREDENTIALS, found, without_credentials())
    if origin == NULL_ORIGIN:
        return Refusal(Cause.ORIGIN_NULL, found, own_origin())
    sighting = case.sighting
    decision = sighting.decision
    if decision is not None and decision.reason in (
        Reason.ORIGIN_INSECURE,
        Reason.ORIGIN_LOOKUP_FAILED,
    ):
        reason = decision.reason
        found = f"{found} {plain(reason.sentence.capitalize(), 200)}. {reason.fix}."
        return Refusal(Cause.ORIGIN_NOT_ALLOWED, found)
    listed: tuple[object, ...] = (allowed,)
    if sighting.policy is not None:
        listed = sighting.policy.origins
        found = f"The policy ({sighting.place}) does not list {origin}."
    near = nearest(listed, origin)
    if near is None:
        return Refusal(Cause.ORIGIN_NOT_ALLOWED, found)
    item, difference = near
    found += f" It lists {item}, which differs in {difference}."
    return Refusal(Cause.ORIGIN_DIFFERS, found)


def _method(case: Case) -> Refusal:
    method = case.request.sent_method
    listed = header_list(received_of(case), ALLOW_METHODS) or ()
    if method.upper() in listed:
        upper = method.upper()
        text = f"Have the page write {upper!r}: browsers do not do it for {method!r}."
        page_fix = Fix(text, page={"method": upper})
        return Refusal(Cause.METHOD_CASE, case.step.found, page_fix)
    return Refusal(Cause.METHOD_NOT_ALLOWED, case.step.found)


def _headers(case: Case) -> Refusal:
    exchange = case.exchange
    assert exchange is not None
    found = case.step.found
    if exchange.sent.values(REQUEST_HEADERS) == ["content-type"]:
        found += (
            " A JSON content type is not among those that go without a preflight, "
            "which are the ones of forms and text/plain."
        )
        return Refusal(Cause.JSON_NOT_ALLOWED, found)
    return Refusal(Cause.HEADER_NOT_ALLOWED, found)
