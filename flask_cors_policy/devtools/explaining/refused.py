"""What a known policy refuses, and which change of the policy or the page helps."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final, NamedTuple

from ...core.errors import plain
from ...core.fetch_standard import (
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    CORS_RESPONSE_HEADERS,
    NULL_ORIGIN,
    REQUEST_HEADERS,
    WILDCARD,
)
from ...core.origin import ANY_PORT, Origin, OriginPattern, is_loopback
from ...core.origin_items import bare_origins
from ...core.reasons import Reason
from ..browser.checks import header_list
from ..browser.rules import Rule
from ..codes import Cause, Code
from .case import Case, Diagnosis, Fix, PolicyStatus
from .changes import Trial, helps, outer_place
from .fixes import (
    NULL_PAGE,
    OWN_ORIGIN,
    WITHOUT_CREDENTIALS,
    literal,
    policy_change,
    problem_fixes,
    server_advice,
)
from .library import library_found
from .values import is_list, list_mistake, misspelt, origin_mistake

_SAYS_ENOUGH: Final = frozenset(
    {
        Reason.ORIGIN_INSECURE,
        Reason.ORIGIN_LOOKUP_FAILED,
        Reason.PATH_AMBIGUOUS,
        Reason.POLICY_INVALID,
        Reason.ROUTE_UNKNOWN,
    }
)
"""Reasons of decisions that no change of the listed origins helps with."""


class Refusal(NamedTuple):
    """What a policy refuses.

    :param found: what was found, for people.
    :param page_fix: what the page can do about it, if anything.
    :param page_first: whether it is the page that has to change.
    """

    cause: Reason | Code
    found: str
    page_fix: Fix | None = None
    page_first: bool = False


def denied(case: Case) -> Diagnosis | None:
    """The decision itself says why nothing is granted."""
    decision = case.server.decision
    if decision is None or decision.reason not in _SAYS_ENOUGH:
        return None
    reason, place = decision.reason, case.server.place
    sentence = f"{reason.sentence[:1].upper()}{reason.sentence[1:]}"
    found = f"{sentence} ({place})." if place else f"{sentence}."
    if reason is Reason.ORIGIN_LOOKUP_FAILED and decision.error is not None:
        error = decision.error
        found += f" It raised {type(error).__name__}: {plain(str(error), 200)}."
    fixes = [Fix(f"{reason.fix}.")]
    if reason is Reason.ROUTE_UNKNOWN and case.server.error:
        found += f" Matching the route raised {case.server.error}."
        fixes.insert(0, Fix(f"Correct the error: {case.server.error}."))
    policy = case.server.policy
    if policy is not None and case.page.origin != NULL_ORIGIN:
        change = Trial.of(case).change(policy)
        if change.policy is not None and change.options:
            fixes.append(policy_change(case, change.options))
        return Diagnosis(reason, found, tuple(fixes), change.problems)
    return Diagnosis(reason, found, tuple(fixes))


def refused_by_policy(case: Case) -> Diagnosis | None:
    """The policy says no: which change would make it say yes?"""
    server = case.server
    policy = server.policy
    if policy is None or case.step.rule.setting is None:
        return None
    change = Trial.of(case).change(policy)
    cause, found, page_fix, page_first = refusal(case)
    outer = outer_place(case)
    if outer is not None:
        found += (
            f" The policy ({outer}) would allow this, but the nearest one "
            f"applies: {server.place}."
        )
    fixes: list[Fix] = []
    if change.policy is not None and change.options:
        fixes.append(policy_change(case, change.options))
    if not page_first:  # Then no policy should allow what the page does.
        fixes += problem_fixes(change)
    if page_fix is not None and (page_first or change.policy is None):
        fixes.insert(0, page_fix)
    elif page_fix is not None and helps(case, policy, **page_fix.page):
        fixes.append(page_fix)
    if outer is not None:
        own = ", ".join(sorted(server.own))
        fixes.append(Fix(f"Remove {own} from {server.place}, so that {outer} decides."))
    if not fixes:
        fixes.append(Fix(case.step.fix))
    return Diagnosis(cause, found, tuple(fixes), change.problems)


def refused_by_server(case: Case) -> Diagnosis | None:
    """A header of a server whose policy is not known refuses the page."""
    if case.step.rule.setting is None or case.server.status is PolicyStatus.POLICY:
        return None
    cause, found, page_fix, page_first = refusal(case)
    found = f"{found} {library_found(case) or misspelt(case.received)}".rstrip()
    fixes = [] if page_fix is None else [page_fix]
    advice = server_advice(case)
    if not page_first and advice not in fixes:
        fixes.insert(0, advice)
    return Diagnosis(cause, found, tuple(fixes))


def refusal(case: Case) -> Refusal:
    """Return what the failed check says, one that policies decide about."""
    refused = _refusal(case)
    if case.step.rule in (Rule.ALLOW_ORIGIN, Rule.ALLOW_ORIGIN_MATCHES):
        return refused
    return refused._replace(found=f"{refused.found} {list_mistake(case)}".rstrip())


def _refusal(case: Case) -> Refusal:
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
    server = case.server
    decision = server.decision
    if decision is not None and decision.reason is Reason.CREDENTIALS_NOT_ALLOWED:
        sentence = decision.reason.sentence
        found = f"{sentence[:1].upper()}{sentence[1:]} ({server.place})."
        return Refusal(decision.reason, found, WITHOUT_CREDENTIALS)
    if origin == NULL_ORIGIN:
        return Refusal(Reason.ORIGIN_NULL, f"{found} {NULL_PAGE}", OWN_ORIGIN, True)
    if allowed is not None and is_list(allowed):
        found += " Browsers accept one origin there."
        return Refusal(Cause.ALLOW_ORIGIN_LIST, found)
    listed: tuple[object, ...] = (allowed,)
    if server.policy is not None:
        listed = bare_origins(server.policy.origins)
        found = f"The policy ({server.place}) does not list {origin}."
        found += _not_true(case)
    else:
        mistake = origin_mistake(allowed or "", origin)
        if mistake:
            return Refusal(Cause.ALLOW_ORIGIN_MISMATCH, f"{found} {mistake}")
    near = near_miss(listed, origin)
    if near is not None:
        item, difference = near
        found += f" It lists {item}, which differs in {difference}."
    return Refusal(Reason.ORIGIN_NOT_ALLOWED, found)


def _not_true(case: Case) -> str:
    """Say that a function among the origins returns something else than a boolean.

    ``re.match`` does so: policies deny whatever is not ``True``.
    """
    policy, exchange = case.server.policy, case.exchange
    assert policy is not None
    assert exchange is not None
    environ = case.as_cors_request(exchange.sent).environ
    for item in bare_origins(policy.origins):
        if not callable(item):
            continue
        with suppress(Exception):  # Another origin than the one that it was made for.
            returned = item(case.page.origin, environ)
            if returned and returned is not True:
                name, kind = literal(item), type(returned).__name__
                return (
                    f" The function {name} returned an object of type {kind}, and only "
                    "True allows an origin: have it return bool(...)."
                )
    return ""


def _method(case: Case) -> Refusal:
    method = case.request.sent_method
    listed = header_list(case.received, ALLOW_METHODS) or ()
    upper = method.upper()
    if upper in listed or (method != upper and upper == "PATCH"):
        text = f"Have the page write {upper!r}: browsers send {method!r} as it is."
        page_fix = Fix(text, page={"method": upper})
        return Refusal(Reason.METHOD_NOT_ALLOWED, case.step.found, page_fix, True)
    return Refusal(Reason.METHOD_NOT_ALLOWED, case.step.found)


def _headers(case: Case) -> Refusal:
    exchange = case.exchange
    assert exchange is not None
    found = case.step.found
    asked = ",".join(exchange.sent.values(REQUEST_HEADERS)).split(",")
    wrong = [name for name in asked if name in CORS_RESPONSE_HEADERS]
    if wrong:
        kept = tuple(
            header for header in case.request.headers if header[0].lower() not in wrong
        )
        names = ", ".join(wrong)
        text = f"Remove {names} from the request: only servers send such headers."
        page_fix = Fix(text, page={"headers": kept})
        return Refusal(Reason.HEADER_NOT_ALLOWED, found, page_fix, True)
    if asked == ["content-type"]:
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
