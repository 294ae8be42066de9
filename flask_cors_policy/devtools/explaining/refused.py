"""What a policy refuses: the cause, and which change of the policy or page helps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from ...core.errors import plain
from ...core.fetch_standard import (
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    NULL_ORIGIN,
    REQUEST_HEADERS,
    WILDCARD,
)
from ...core.origin import ANY_PORT, Origin, OriginPattern, is_loopback
from ...core.reasons import Reason
from ..browser.checks import header_list
from ..browser.rules import Rule
from ..codes import Cause, Code
from .case import Case, Diagnosis, Fix
from .changes import Trial, outer_place
from .fixes import OWN_ORIGIN, WITHOUT_CREDENTIALS, policy_change

_UNHELPFUL: Final = (Reason.ORIGIN_INSECURE, Reason.ORIGIN_LOOKUP_FAILED)
"""Reasons that say more than that the origin is not listed."""


class Refusal(NamedTuple):
    """What a policy refuses.

    :param found: what was found, for people.
    :param page_fix: what the page can do about it, if anything.
    """

    cause: Reason | Code
    found: str
    page_fix: Fix | None = None


def refused_by_policy(case: Case) -> Diagnosis | None:
    """The policy says no: which change would make it say yes?"""
    server = case.server
    policy = server.policy
    if policy is None or case.step.rule.setting is None:
        return None
    change = Trial.of(case).change(policy)
    cause, found, page_fix = refusal(case)
    outer = outer_place(case)
    if outer is not None:
        found += (
            f" An outer policy ({outer}) would allow this, but the nearest policy "
            f"applies: {server.place}."
        )
    fixes: list[Fix] = []
    if change.policy is not None and change.options:
        fixes.append(policy_change(case, change.options))
    for problem in change.problems:
        text = f"Leave the policy as it is: {problem.message} {problem.hint}"
        fixes.append(Fix(text))
    if page_fix is not None and change.policy is None:
        fixes.insert(0, page_fix)  # It is the page that has to change.
    elif page_fix is not None:
        fixes.append(page_fix)
    if outer is not None:
        own = ", ".join(sorted(server.own))
        fixes.append(Fix(f"Remove {own} from {server.place}, so that {outer} decides."))
    if not fixes:
        fixes.append(Fix(case.step.fix))
    return Diagnosis(cause, found, tuple(fixes), change.problems)


def refusal(case: Case) -> Refusal:
    """Return what the failed check says, one that policies decide about."""
    found = case.step.found
    match case.step.rule:
        case Rule.ALLOW_ORIGIN | Rule.ALLOW_ORIGIN_MATCHES:
            return _origin(case)
        case Rule.ALLOW_CREDENTIALS:
            return Refusal(Reason.CREDENTIALS_NOT_ALLOWED, found, WITHOUT_CREDENTIALS)
        case Rule.METHOD:
            return _method(case)
        case Rule.AUTHORIZATION:
            return Refusal(Reason.HEADER_NOT_ALLOWED, found)
        case Rule.HEADERS:
            return _headers(case)
    return Refusal(Cause.LIST_MALFORMED, found)


def near_miss(listed: Iterable[object], origin: str) -> tuple[str, str] | None:
    """Return the item of *listed* that differs least from *origin*, and how.

    :param listed: items of ``origins``; those that are not strings are skipped.
    :return: ``None`` if none is similar.
    """
    page = Origin.parse(origin)
    if page is None:
        return None
    for item in listed:
        pattern = OriginPattern.parse(item) if isinstance(item, str) else None
        if isinstance(item, str) and pattern is not None:
            difference = _difference(pattern, page)
            if difference:
                return item, difference
    return None


def _origin(case: Case) -> Refusal:
    origin, found = case.page.origin, case.step.found
    allowed = case.received.get(ALLOW_ORIGIN)
    if allowed == WILDCARD:
        found += " Browsers do not accept * together with credentials."
        return Refusal(Cause.WILDCARD_WITH_CREDENTIALS, found, WITHOUT_CREDENTIALS)
    if origin == NULL_ORIGIN:
        return Refusal(Reason.ORIGIN_NULL, found, OWN_ORIGIN)
    server = case.server
    decision = server.decision
    if decision is not None and decision.reason in _UNHELPFUL:
        reason = decision.reason
        found = f"{found} {plain(reason.sentence.capitalize(), 200)}. {reason.fix}."
        return Refusal(reason, found)
    listed: tuple[object, ...] = (allowed,)
    if server.policy is not None:
        listed = server.policy.origins
        found = f"The policy ({server.place}) does not list {origin}."
    near = near_miss(listed, origin)
    if near is not None:
        item, difference = near
        found += f" It lists {item}, which differs in {difference}."
    return Refusal(Reason.ORIGIN_NOT_ALLOWED, found)


def _method(case: Case) -> Refusal:
    method = case.request.sent_method
    listed = header_list(case.received, ALLOW_METHODS) or ()
    if method.upper() in listed:
        upper = method.upper()
        text = f"Have the page write {upper!r}: browsers send {method!r} as it is."
        page_fix = Fix(text, page={"method": upper})
        return Refusal(Reason.METHOD_NOT_ALLOWED, case.step.found, page_fix)
    return Refusal(Reason.METHOD_NOT_ALLOWED, case.step.found)


def _headers(case: Case) -> Refusal:
    exchange = case.exchange
    assert exchange is not None
    found = case.step.found
    if exchange.sent.values(REQUEST_HEADERS) == ["content-type"]:
        found += (
            " Only the content types of forms and text/plain need no preflight; JSON "
            "does."
        )
    return Refusal(Reason.HEADER_NOT_ALLOWED, found)


def _difference(listed: OriginPattern, page: Origin) -> str:
    """Say in what two origins differ; empty if they are not similar."""
    differences: list[str] = []
    if listed.scheme != page.scheme:
        differences.append(f"the scheme ({page.scheme})")
    host = _host_difference(listed, page)
    if host is None:
        return ""
    if host:
        differences.append(host)
    if listed.port not in (page.port, ANY_PORT):
        port = "the scheme's own" if page.port is None else page.port
        differences.append(f"the port ({port})")
    return " and ".join(differences)


def _host_difference(listed: OriginPattern, page: Origin) -> str | None:
    """Say in what two hosts differ; ``None`` if they have nothing in common."""
    if listed.subdomains:
        if page.host.endswith(f".{listed.host}"):
            return ""
        apex = page.host == listed.host
        return "the host (a pattern does not cover its own apex)" if apex else None
    if page.host == listed.host:
        return ""
    if is_loopback(listed.host) and is_loopback(page.host):
        return f"the name of this machine ({page.host})"
    if page.host.endswith(f".{listed.host}") or listed.host.endswith(f".{page.host}"):
        return f"the subdomain ({page.host})"
    return None
