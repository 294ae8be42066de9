"""From the step that failed to the true cause: what is behind it is looked at first.

Each function looks at a case for one kind of cause and answers ``None`` where it is
something else. They are asked in the order of ``DETECTIVES``: what makes a policy
irrelevant comes before what a policy says.
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
from ..browser.requests import status_text
from ..browser.rules import Rule
from ..browser.urls import URL, parse_url
from .causes import Cause
from .diagnosis import Case, Diagnosis, Fix
from .fixes import both, change, final_url, path_of, path_rule, whole_policy
from .refusals import received_of, refusal
from .sighting import Ground

_PAGE_RULES: Final = {
    Rule.REQUEST_VALID,
    Rule.METHOD_NOT_FORBIDDEN,
    Rule.SAME_ORIGIN_MODE,
    Rule.STREAM_UPLOAD,
    Rule.REDIRECT_MODE,
}
_AUTHENTICATION: Final = {401, 403, 407}
_UNHANDLED: Final = {404, 405, 501}
_OUTERMOST: Final = (
    "Have the policy outermost: call CORS(app) after what wraps app.wsgi_app, or let "
    "that pass OPTIONS requests with Access-Control-Request-Method through."
)


def diagnose(case: Case) -> Diagnosis:
    """Return the true cause of the step that failed."""
    for detective in DETECTIVES:
        diagnosis = detective(case)
        if diagnosis is not None:
            return diagnosis
    return _protocol(case)


def _page(case: Case) -> Diagnosis | None:
    """The page asks for what no browser sends, or does not let it pass."""
    step = case.step
    if step.rule is Rule.MIXED_CONTENT:
        return Diagnosis(Cause.MIXED_CONTENT, step.found, (Fix(step.fix),))
    if step.rule in _PAGE_RULES:
        return Diagnosis(Cause.PAGE_REQUEST, step.found, (Fix(step.fix),))
    return None


def _led_away(case: Case) -> Diagnosis | None:
    """The API has redirected the page to another origin."""
    exchange = case.exchange
    assert exchange is not None
    target = exchange.sent.url
    if target.origin == parse_url(case.first_url).origin:
        return None
    found = f"{case.first_url} redirects to {target.origin}. {case.step.found}"
    if target.host == parse_url(case.first_url).host:
        return Diagnosis(Cause.REDIRECTED_AWAY, found, (final_url(case, target),))
    text = (
        "Where this leads to a page to sign in, have the API answer 401 instead. "
        f"Otherwise have the page ask for {target}, if that allows its origin."
    )
    fix = Fix(text, page={"url": str(target)})
    return Diagnosis(Cause.REDIRECTED_AWAY, found, (fix,))


def _unanswered(case: Case) -> Diagnosis | None:
    if case.step.rule is not Rule.ANSWERED:
        return None
    return Diagnosis(Cause.NO_RESPONSE, case.step.found, (Fix(case.step.fix),))


def _server_failed(case: Case) -> Diagnosis | None:
    """There is an error behind: without it there might be headers."""
    if case.status < 500 or case.status == 501:
        return None
    error = case.sighting.error
    found = f"The server failed ({status_text(case.status)})"
    found += f": {error}." if error else "."
    fixes = [Fix(f"Mend what fails: {error}." if error else "Look into its log.")]
    if case.sighting.ground is Ground.NO_EXTENSION:
        why = "So that pages see errors as they are:"
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
    ungoverned = case.sighting.ground is Ground.NO_EXTENSION
    if not preflight and (ungoverned or not slash):
        return None
    fixes = [final_url(case, target)]
    if ungoverned and target is not None and target.origin != exchange.sent.url.origin:
        fixes = [both(fixes[0], policy) for policy in whole_policy(case)]
    elif ungoverned:
        why = "A policy answers preflights before anything redirects:"
        fixes = [*whole_policy(case, why), *fixes]
    elif case.sighting.ground is Ground.NO_PATH_RULE:
        fixes.append(path_rule(case))
    which = "the preflight" if preflight else "the request"
    if slash:
        found = f"The route is {leads_to}, the page asks for {path}: "
        found += f"{which} is redirected ({case.status})."
        return Diagnosis(Cause.TRAILING_SLASH, found, tuple(fixes))
    return Diagnosis(Cause.PREFLIGHT_REDIRECTED, step.found, tuple(fixes))


def _twice(case: Case) -> Diagnosis | None:
    """Two places set the same header."""
    received = received_of(case)
    for name in (ALLOW_ORIGIN, ALLOW_CREDENTIALS):
        values = received.values(name)
        if len(values) < 2 or case.step.rule.setting is None:
            continue
        shown = " and ".join(plain(value) for value in values)
        found = f"The response has {name} {len(values)} times: {shown}."
        text = (
            "Let the policy alone set it, and take it out of the other place: a proxy, "
            "another extension, a layer around the application, the view."
        )
        if case.sighting.ground is Ground.POLICY:
            text = (
                f"The policy ({case.sighting.place}) sets it once; what adds it again "
                "is in front of the policy, a proxy or a layer around the application: "
                "take it out there."
            )
        return Diagnosis(Cause.HEADER_TWICE, found, (Fix(text),))
    return None


def _answered_in_front(case: Case) -> Diagnosis | None:
    """What came is not what the policy says."""
    decision = case.sighting.decision
    exchange = case.exchange
    if decision is None or exchange is None:
        return None
    received = received_of(case)
    said = [value for name, value in decision.headers if name == ALLOW_ORIGIN]
    same_status = decision.status is None or decision.status == received.status
    if same_status and said == received.values(ALLOW_ORIGIN):
        return None
    place, status = case.sighting.place, received.status_text
    found = (
        f"The policy ({place}) says something else than what came ({status}): "
        "something in front of it has answered, or has changed its answer."
    )
    cause = Cause.CHANGED_IN_FRONT
    if exchange.sent.preflight:
        cause = _of_preflight_status(received.status) or cause
        if cause is Cause.PREFLIGHT_AUTHENTICATED:
            found = (
                f"The preflight was answered {status} before it reached the policy "
                f"({place}). {Cause.PREFLIGHT_AUTHENTICATED.meaning.capitalize()}."
            )
    return Diagnosis(cause, found, (Fix(_OUTERMOST),))


def _ungoverned(case: Case) -> Diagnosis | None:
    """Nothing puts a policy on this response."""
    sighting, step = case.sighting, case.step
    if sighting.ground is Ground.EXEMPT:
        found = f"{sighting.place} takes this route out of every policy. {step.found}"
        text = (
            "Take @cors_exempt away, so that the policy around it applies; or have the "
            "view answer preflights and set the headers itself."
        )
        return Diagnosis(Cause.EXEMPT, found, (Fix(text),))
    if sighting.ground is Ground.NO_PATH_RULE:
        path = path_of(case)
        found = f"No path rule of resources covers {path}. {step.found}"
        return Diagnosis(Cause.PATH_NOT_GOVERNED, found, (path_rule(case),))
    if sighting.ground is not Ground.NO_EXTENSION:
        return None
    preflight = case.exchange is not None and case.exchange.sent.preflight
    cause = (preflight and _of_preflight_status(case.status)) or Cause.NO_POLICY
    found = f"The application has no CORS(app). {step.found}"
    why = ""
    if cause is Cause.PREFLIGHT_AUTHENTICATED:
        why = "A policy answers preflights before authentication:"
    return Diagnosis(cause, found, whole_policy(case, why))


def _policy_refuses(case: Case) -> Diagnosis | None:
    """The policy says no: which change would make it say yes?"""
    sighting = case.sighting
    policy = sighting.policy
    if policy is None or case.step.rule.setting is None:
        return None
    mending = case.mended(policy)
    cause, found, page_fix = refusal(case)
    outer = case.allowed_around()
    if outer is not None:
        cause = Cause.OVERRIDDEN
        found += (
            f" What is around it ({outer}) would allow this, but the nearest wins: "
            f"{sighting.place}."
        )
    fixes: list[Fix] = []
    if mending.policy is not None and mending.changes:
        fixes.append(change(case, mending.changes))
    for problem in mending.problems:
        fixes.append(
            Fix(f"Leave the policy as it is: {problem.message} {problem.hint}")
        )
    if page_fix is not None and mending.policy is None:
        fixes.insert(0, page_fix)  # It is the page that has to change.
    elif page_fix is not None:
        fixes.append(page_fix)
    if outer is not None:
        own = ", ".join(sorted(sighting.own))
        fixes.append(Fix(f"Take {own} out of {sighting.place}: {outer} then decides."))
    if not fixes:
        fixes.append(Fix(case.step.fix))
    return Diagnosis(cause, found, tuple(fixes), mending.problems)


def _by_status(case: Case) -> Diagnosis | None:
    """Of a server that says nothing about its policy: what its answer tells."""
    exchange, step = case.exchange, case.step
    assert exchange is not None
    names_origins = "origin" in (received_of(case).get(VARY) or "").lower()
    if step.rule is Rule.ALLOW_ORIGIN and names_origins:
        found = f"{step.found} It varies with Origin: its policy lists other origins."
        return Diagnosis(Cause.ORIGIN_NOT_ALLOWED, found, (Fix(step.fix),))
    if exchange.sent.preflight and not 200 <= case.status <= 299:
        cause = _of_preflight_status(case.status) or Cause.PREFLIGHT_REFUSED
        return Diagnosis(cause, step.found, (Fix(step.fix),))
    if step.rule is Rule.ALLOW_ORIGIN:
        return Diagnosis(Cause.NO_POLICY, step.found, (Fix(step.fix),))
    return None


def _by_rule(case: Case) -> Diagnosis | None:
    """What is left is what the failing header says."""
    if case.step.rule.setting is None:
        return None
    cause, found, page_fix = refusal(case)
    others = () if page_fix is None else (page_fix,)
    return Diagnosis(cause, found, (Fix(case.step.fix), *others))


def _protocol(case: Case) -> Diagnosis:
    return Diagnosis(Cause.PROTOCOL, case.step.found, (Fix(case.step.fix),))


def _target(case: Case) -> URL | None:
    """Return where a redirect leads to, ``None`` where that is no URL."""
    location = received_of(case).get("Location") or ""
    try:
        return parse_url(location, parse_url(case.first_url))
    except ValueError:
        return None


def _of_preflight_status(status: int) -> Cause | None:
    """Return what a preflight met that was answered with *status*."""
    if status in _AUTHENTICATION:
        return Cause.PREFLIGHT_AUTHENTICATED
    if status in _UNHANDLED:
        return Cause.PREFLIGHT_UNHANDLED
    return None


DETECTIVES: Final[tuple[Callable[[Case], Diagnosis | None], ...]] = (
    _page,
    _led_away,
    _unanswered,
    _server_failed,
    _redirected,
    _twice,
    _answered_in_front,
    _ungoverned,
    _policy_refuses,
    _by_status,
    _by_rule,
)
