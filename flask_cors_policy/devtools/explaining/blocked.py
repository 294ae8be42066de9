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
)
from ...core.reasons import Reason
from ..browser.requests import status_text
from ..browser.rules import Rule
from ..codes import Cause
from .case import Case, Diagnosis, Fix, PolicyStatus
from .changes import Trial
from .fixes import near_rule, path_of, path_rule, server_advice, whole_policy
from .foreign import cached, signs, unknown_policy, unlisted
from .in_front import answered_in_front, lost_in_front, of_preflight_status
from .redirected import preflight_redirected, redirected, redirected_away
from .refused import denied, refusal, refused_by_policy, refused_by_server
from .statuses import quoted, server_failure

_PAGE_RULES: Final = {
    Rule.REQUEST_VALID,
    Rule.METHOD_NOT_FORBIDDEN,
    Rule.SAME_ORIGIN_MODE,
    Rule.STREAM_UPLOAD,
    Rule.REDIRECT_MODE,
    Rule.PORT,
    Rule.MIXED_CONTENT,
    Rule.ANSWERED,
}
"""Checks whose failure is the cause itself."""
_REFUSES: Final = (
    "Something refuses it before CORS: authentication (preflights never carry "
    "credentials), a firewall, or a gateway that serves no OPTIONS."
)


def diagnose(case: Case) -> tuple[Diagnosis, ...]:
    """Return the causes of the failed check, the likeliest first."""
    found = (check(case) for check in CHECKS)
    first = next((diagnosis for diagnosis in found if diagnosis is not None), None)
    if first is None:
        fix = Fix(case.step.fix)
        first = Diagnosis(case.step.rule.code, case.step.found, (fix,))
    known = {fix.text for fix in first.fixes}
    others = (
        diagnosis
        for diagnosis in (_without_policy(case), _refused_too(case))
        if diagnosis is not None and diagnosis.cause is not first.cause
    )
    # A second cause that the first fix corrects too says nothing new.
    return first, *(
        each for each in others if not any(each.fixes[0].text in text for text in known)
    )


def _refused_too(case: Case) -> Diagnosis | None:
    """The policy refuses the page, too: a second cause."""
    policy = case.server.policy
    if policy is None or not Trial.of(case).change(policy).options:
        return None
    return refused_by_policy(case)


def _page(case: Case) -> Diagnosis | None:
    """Browsers do not send what the page asks for, or nobody answers."""
    step = case.step
    if step.rule not in _PAGE_RULES:
        return None
    reason = case.unanswered
    if step.rule is Rule.ANSWERED and reason is not None:
        found = f"{step.found} The reason: {reason.text}. This is not a CORS problem."
        return Diagnosis(step.rule.code, found, (Fix(reason.fix),))
    return Diagnosis(step.rule.code, step.found, (Fix(step.fix),))


def _server_failed(case: Case) -> Diagnosis | None:
    """The response is an error; without the error there might be headers."""
    decision = case.server.decision
    unmatched = decision is not None and decision.reason is Reason.ROUTE_UNKNOWN
    if case.status < 500 or case.status == 501 or unmatched:
        return None
    if case.server.invalid:
        problems = case.server.invalid
        found = " ".join(f"{each.setting}: {each.message}" for each in problems)
        fixes = [Fix(problem.hint) for problem in problems]
        return Diagnosis(Cause.POLICY_ERROR, found, tuple(fixes), problems)
    found = signs(case.received)
    if found and case.server.status is PolicyStatus.UNKNOWN:
        return unlisted(case, found)
    found = f"The server failed ({status_text(case.status)})"
    found, fix = server_failure(case, found)
    fixes = [fix]
    if case.server.status is PolicyStatus.NO_EXTENSION:
        why = "So that pages can read error responses:"
        fixes += whole_policy(case, why)
    return Diagnosis(Cause.SERVER_ERROR, found, tuple(fixes))


def _twice(case: Case) -> Diagnosis | None:
    """Two places set the same header."""
    for name in (ALLOW_ORIGIN, ALLOW_CREDENTIALS):
        values = case.received.values(name)
        if len(values) < 2 or case.step.rule.setting is None:
            continue
        shown = " and ".join(plain(value) for value in values)
        found = f"The response has {name} {len(values)} times: {shown}."
        text = (
            "Let one place set the header, and remove it from the other: a proxy, "
            "another extension, middleware, the view."
        )
        if case.server.status is PolicyStatus.POLICY:
            text = (
                f"The policy ({case.server.place}) sets it once; a proxy or middleware "
                "in front of the policy adds it again: remove it there."
            )
        return Diagnosis(Cause.HEADER_TWICE, found, (Fix(text),))
    return None


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
        return _without_path_rule(case)
    if server.status is not PolicyStatus.NO_EXTENSION:
        return None
    preflight = case.exchange is not None and case.exchange.sent.preflight
    cause = (preflight and of_preflight_status(case.status)) or Cause.NO_POLICY
    found = f"The application has no CORS(app). {step.found}"
    if server.library:
        found += f" A decorator of {server.library} above @app.route has no effect."
    why = ""
    if cause is Cause.PREFLIGHT_AUTHENTICATED:
        found += f" {cause.sentence.capitalize()}."
        why = "A policy answers preflights before authentication:"
    fixes = [*whole_policy(case, why)]
    if case.status == 404 and not server.route:
        found += " No route of the application serves the request, either."
        fixes.append(Fix(f"{Cause.NO_ROUTE.fix}."))
    return Diagnosis(cause, found, tuple(fixes))


def _without_path_rule(case: Case) -> Diagnosis:
    """No path rule covers the path, which may be a path that does not exist."""
    path = path_of(case)
    found = f"No path rule of resources covers {path}"
    if case.server.path:
        asked = plain(case.exchange.sent.url.path, 200) if case.exchange else ""
        found += f", which is what the application sees of {asked}"
    parts = [f"{found}.", near_rule(case.server, path)]
    cause, fixes = Cause.NO_PATH_RULE, [path_rule(case)]
    if case.status == 404 and not case.server.route:
        cause = Cause.NO_ROUTE
        parts.insert(0, "No route of the application serves the request.")
        fixes.insert(0, Fix(f"{Cause.NO_ROUTE.fix}."))
    found = " ".join(part for part in (*parts, case.step.found) if part)
    return Diagnosis(cause, found, tuple(fixes))


def _by_hand(case: Case) -> Diagnosis | None:
    """The application has no policy, and sets headers itself that do not help."""
    unset = case.step.rule.setting is None or case.received.get(ALLOW_ORIGIN) is None
    if unset or case.server.status is not PolicyStatus.NO_EXTENSION:
        return None
    cause, found, _, page_first = refusal(case)
    if page_first:
        return None
    why = "The application sets the headers itself. A policy sets them right:"
    return Diagnosis(cause, found, whole_policy(case, why))


def _preflight_status(case: Case) -> Diagnosis | None:
    """The answer of another server to the preflight is an error."""
    exchange, step = case.exchange, case.step
    if exchange is None or not exchange.sent.preflight or 200 <= case.status <= 299:
        return None
    found = signs(case.received)
    if found and step.rule is Rule.ALLOW_ORIGIN:
        return unlisted(case, found)
    cause = of_preflight_status(case.status) or Cause.PREFLIGHT_REFUSED
    sentence = f"{cause.sentence[:1].upper()}{cause.sentence[1:]}."
    if case.status == 403:
        sentence = _REFUSES
    found = f"The preflight was answered {case.received.status_text}. {sentence}"
    found += quoted(case.received)
    fixes = [server_advice(case)]
    if cause is Cause.PREFLIGHT_AUTHENTICATED:
        fixes = [_before(f"{cause.fix}.", fixes[0])]
    elif case.status == 403:
        fixes = [_before("Have it let preflights (OPTIONS) pass.", fixes[0])]
    return Diagnosis(cause, found, tuple(fixes))


def _before(text: str, fix: Fix) -> Fix:
    return Fix(f"{text} {fix.text}", headers=fix.headers)


CHECKS: Final[tuple[Callable[[Case], Diagnosis | None], ...]] = (
    redirected_away,
    _page,
    preflight_redirected,
    _server_failed,
    redirected,
    _twice,
    cached,
    denied,
    lost_in_front,
    answered_in_front,
    _by_hand,
    _without_policy,
    refused_by_policy,
    _preflight_status,
    unknown_policy,
    refused_by_server,
)
