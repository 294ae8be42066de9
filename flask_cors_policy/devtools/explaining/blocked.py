"""Why a page is blocked: from the check that failed to the true cause.

Each function looks at a case for one kind of cause and returns ``None`` if it is
another. They run in the order of ``CHECKS``: what makes a policy irrelevant comes
before what the policy says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...core.errors import plain
from ...core.fetch_standard import (
    ALLOW_CREDENTIALS,
    ALLOW_ORIGIN,
    REDIRECT_STATUSES,
    VARY,
)
from ...core.reasons import Reason
from ..browser.requests import status_text
from ..browser.rules import Rule
from ..browser.urls import URL, parse_url
from ..codes import Cause, Code
from .case import Case, Diagnosis, Fix, PolicyStatus
from .fixes import both, final_url, path_of, path_rule, whole_policy
from .refused import refusal, refused_by_policy

_PAGE_RULES: Final = {
    Rule.REQUEST_VALID,
    Rule.METHOD_NOT_FORBIDDEN,
    Rule.SAME_ORIGIN_MODE,
    Rule.STREAM_UPLOAD,
    Rule.REDIRECT_MODE,
    Rule.MIXED_CONTENT,
    Rule.ANSWERED,
}
"""Checks whose failure is the cause itself."""
_AUTHENTICATION: Final = {401, 403, 407}
_UNHANDLED: Final = {404, 405, 501}
_OUTERMOST: Final = (
    "Have the policy outermost: call CORS(app) after app.wsgi_app is wrapped, or have "
    "the wrapper pass OPTIONS requests with Access-Control-Request-Method."
)


def diagnose(case: Case) -> Diagnosis:
    """Return the true cause of the failed check."""
    for check in CHECKS:
        diagnosis = check(case)
        if diagnosis is not None:
            return diagnosis
    return _by_rule(case)


def _redirected_away(case: Case) -> Diagnosis | None:
    """The API has redirected the page to another origin."""
    exchange = case.exchange
    if exchange is None:
        return None
    target = exchange.sent.url
    if target.origin == parse_url(case.first_url).origin:
        return None
    found = f"{case.first_url} redirects to {target.origin}. {case.step.found}"
    if target.host == parse_url(case.first_url).host:
        return Diagnosis(Cause.REDIRECTED_AWAY, found, (final_url(case, target),))
    text = (
        "If this leads to a login page, have the API answer 401 instead. Otherwise "
        f"have the page request {target}, if that allows the page's origin."
    )
    fix = Fix(text, page={"url": str(target)})
    return Diagnosis(Cause.REDIRECTED_AWAY, found, (fix,))


def _page(case: Case) -> Diagnosis | None:
    """Browsers do not send what the page asks for, or nobody answers."""
    step = case.step
    if step.rule not in _PAGE_RULES:
        return None
    return Diagnosis(step.rule.code, step.found, (Fix(step.fix),))


def _server_failed(case: Case) -> Diagnosis | None:
    """The response is an error; without the error there might be headers."""
    if case.status < 500 or case.status == 501:
        return None
    error = case.server.error
    found = f"The server failed ({status_text(case.status)})"
    found += f": {error}." if error else "."
    fixes = [
        Fix(f"Correct the error: {error}." if error else "Look into the server's log.")
    ]
    if case.server.status is PolicyStatus.NO_EXTENSION:
        why = "So that pages can read error responses:"
        fixes += whole_policy(case, why)
    return Diagnosis(Cause.SERVER_ERROR, found, tuple(fixes))


def _redirected(case: Case) -> Diagnosis | None:
    """The URL is not the final one, and the redirect cannot be followed or read."""
    exchange, step = case.exchange, case.step
    assert exchange is not None
    preflight = step.rule is Rule.PREFLIGHT_NOT_REDIRECTED
    unreadable = step.rule is Rule.ALLOW_ORIGIN
    if not preflight and not (unreadable and case.status in REDIRECT_STATUSES):
        return None
    path, target = exchange.sent.url.path, _target(case)
    leads_to = path if target is None else target.path
    slash = path != leads_to and path.rstrip("/") == leads_to.rstrip("/")
    no_policy = case.server.status is PolicyStatus.NO_EXTENSION
    if not preflight and (no_policy or not slash):
        return None
    fixes = [final_url(case, target)]
    if no_policy and target is not None and target.origin != exchange.sent.url.origin:
        fixes = [both(fixes[0], policy) for policy in whole_policy(case)]
    elif no_policy:
        why = "A policy answers preflights before anything redirects:"
        fixes = [*whole_policy(case, why), *fixes]
    elif case.server.status is PolicyStatus.NO_PATH_RULE:
        fixes.append(path_rule(case))
    which = "the preflight" if preflight else "the request"
    if slash:
        found = f"The route is {leads_to}, and the page requests {path}: "
        found += f"{which} is redirected ({case.status})."
        return Diagnosis(Cause.TRAILING_SLASH, found, tuple(fixes))
    return Diagnosis(Cause.PREFLIGHT_REDIRECTED, step.found, tuple(fixes))


def _twice(case: Case) -> Diagnosis | None:
    """Two places set the same header."""
    for name in (ALLOW_ORIGIN, ALLOW_CREDENTIALS):
        values = case.received.values(name)
        if len(values) < 2 or case.step.rule.setting is None:
            continue
        shown = " and ".join(plain(value) for value in values)
        found = f"The response has {name} {len(values)} times: {shown}."
        text = (
            "Let the policy alone set the header, and remove it from the other place: "
            "a proxy, another extension, middleware, the view."
        )
        if case.server.status is PolicyStatus.POLICY:
            text = (
                f"The policy ({case.server.place}) sets it once; a proxy or middleware "
                "in front of the policy adds it again: remove it there."
            )
        return Diagnosis(Cause.HEADER_TWICE, found, (Fix(text),))
    return None


def _answered_in_front(case: Case) -> Diagnosis | None:
    """The response is not the one that the policy gives."""
    decision = case.server.decision
    exchange = case.exchange
    if decision is None or exchange is None:
        return None
    received = case.received
    expected = [value for name, value in decision.headers if name == ALLOW_ORIGIN]
    same_status = decision.status is None or decision.status == received.status
    if same_status and expected == received.values(ALLOW_ORIGIN):
        return None
    place, status = case.server.place, received.status_text
    found = (
        f"The response ({status}) is not the answer of the policy ({place}): something "
        "in front of the policy has answered, or has changed its answer."
    )
    cause: Code = Cause.CHANGED_IN_FRONT
    if exchange.sent.preflight:
        cause = _of_preflight_status(received.status) or cause
        if cause is Cause.PREFLIGHT_AUTHENTICATED:
            found = (
                f"The preflight was answered {status} before it reached the policy "
                f"({place}). {Cause.PREFLIGHT_AUTHENTICATED.sentence.capitalize()}."
            )
    return Diagnosis(cause, found, (Fix(_OUTERMOST),))


def _without_policy(case: Case) -> Diagnosis | None:
    """No policy applies to the response."""
    server, step = case.server, case.step
    if server.status is PolicyStatus.EXEMPT:
        found = f"{server.place} excludes this route from every policy. {step.found}"
        text = (
            "Remove @cors_exempt, so that the policy of the blueprint or application "
            "applies; or have the view answer preflights and set the headers itself."
        )
        return Diagnosis(Cause.EXEMPT, found, (Fix(text),))
    if server.status is PolicyStatus.NO_PATH_RULE:
        found = f"No path rule of resources covers {path_of(case)}. {step.found}"
        return Diagnosis(Cause.NO_PATH_RULE, found, (path_rule(case),))
    if server.status is not PolicyStatus.NO_EXTENSION:
        return None
    preflight = case.exchange is not None and case.exchange.sent.preflight
    cause = (preflight and _of_preflight_status(case.status)) or Cause.NO_POLICY
    found = f"The application has no CORS(app). {step.found}"
    why = ""
    if cause is Cause.PREFLIGHT_AUTHENTICATED:
        why = "A policy answers preflights before authentication:"
    return Diagnosis(cause, found, whole_policy(case, why))


def _by_status(case: Case) -> Diagnosis | None:
    """Of a server whose policy is not known: what its response tells."""
    exchange, step = case.exchange, case.step
    assert exchange is not None
    names_origins = "origin" in (case.received.get(VARY) or "").lower()
    if step.rule is Rule.ALLOW_ORIGIN and names_origins:
        found = f"{step.found} It varies with Origin: its policy lists other origins."
        return Diagnosis(Reason.ORIGIN_NOT_ALLOWED, found, (Fix(step.fix),))
    if exchange.sent.preflight and not 200 <= case.status <= 299:
        cause = _of_preflight_status(case.status) or Cause.PREFLIGHT_REFUSED
        return Diagnosis(cause, step.found, (Fix(step.fix),))
    if step.rule is Rule.ALLOW_ORIGIN:
        return Diagnosis(Cause.NO_POLICY, step.found, (Fix(step.fix),))
    return None


def _by_rule(case: Case) -> Diagnosis:
    """What is left is what the failed check says."""
    fix = Fix(case.step.fix)
    if case.step.rule.setting is None:
        return Diagnosis(case.step.rule.code, case.step.found, (fix,))
    cause, found, page_fix = refusal(case)
    others = () if page_fix is None else (page_fix,)
    return Diagnosis(cause, found, (fix, *others))


def _target(case: Case) -> URL | None:
    """Return what a redirect leads to, ``None`` if that is not a URL."""
    location = case.received.get("Location") or ""
    try:
        return parse_url(location, parse_url(case.first_url))
    except ValueError:
        return None


def _of_preflight_status(status: int) -> Code | None:
    """Return the cause of a preflight that was answered with *status*."""
    if status in _AUTHENTICATION:
        return Cause.PREFLIGHT_AUTHENTICATED
    if status in _UNHANDLED:
        return Cause.PREFLIGHT_UNHANDLED
    return None


CHECKS: Final[tuple[Callable[[Case], Diagnosis | None], ...]] = (
    _redirected_away,
    _page,
    _server_failed,
    _redirected,
    _twice,
    _answered_in_front,
    _without_policy,
    refused_by_policy,
    _by_status,
)
