"""``flask cors audit``: what is wrong with the policies of a whole application.

``CHECKS`` is the one table of checks. Each looks at the :class:`Facts` and yields its
results; none runs a view. What they say of views comes from reading their source; if
that does not tell, they say nothing.
"""

from __future__ import annotations

import os.path
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from ...core.errors import MISTAKES, PolicyError
from ...core.reasons import Event, Reason
from ..attacks.flaws import FLAWS
from ..codes import Cause, CheckCode, Code, FlawCode
from ..findings import Finding, Severity
from . import forgery, headers, others, policies, routes
from .facts import CheckResult, Facts, spot
from .project import FOREIGN

if TYPE_CHECKING:
    from flask import Flask

_OURS: Final = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))

_HIGH, _MEDIUM, _LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW


class Check(NamedTuple):
    """One check.

    :param code: its code: a member of a table, or a key of ``MISTAKES``.
    :param severity: the default severity of its findings.
    :param find: yields its results.
    """

    code: Reason | Event | Code | str
    severity: Severity
    find: Callable[[Facts], Iterator[CheckResult]]

    @property
    def id(self) -> str:
        """The stable code of its findings."""
        return self.code if isinstance(self.code, str) else self.code.value

    @property
    def meaning(self) -> str:
        """What it finds, in one line."""
        return MISTAKES[self.code] if isinstance(self.code, str) else self.code.sentence

    @property
    def fix(self) -> str:
        """What to do about it; empty if only a finding knows."""
        fix = "" if isinstance(self.code, str) else self.code.fix
        return fix and f"{fix}."


def _null_origins(facts: Facts) -> Iterator[CheckResult]:
    """The origin null, in a policy of this library or of another one."""
    yield from policies.null_origins(facts)
    yield from others.flaw(FlawCode.NULL_ALLOWED.value, facts)


def _unsendable_headers(facts: Facts) -> Iterator[CheckResult]:
    """Request headers that views read, and that pages may not send."""
    yield from headers.unlisted(headers.REQUEST, facts)
    yield from routes.unsendable_json(facts)


CHECKS: Final = (
    Check(Cause.POLICY_ERROR, _HIGH, policies.problems),
    Check("mark-without-effect", _HIGH, policies.ineffective_marks),
    Check("mark-unused", _MEDIUM, policies.unused_marks),
    Check(CheckCode.ORIGIN_PLAYGROUND, _MEDIUM, policies.playgrounds),
    Check("origin-insecure", _MEDIUM, policies.insecure_origins),
    *(
        Check(FLAWS[code].code, FLAWS[code].severity, partial(others.flaw, code))
        for code in others.CODES
    ),
    Check(FlawCode.NULL_ALLOWED, _MEDIUM, _null_origins),
    Check("origin-regex-dot", _MEDIUM, policies.loose_expressions),
    Check(CheckCode.PUBLIC_WITH_COOKIES, _MEDIUM, policies.public_with_cookies),
    Check(FlawCode.REQUEST_FORGED, _MEDIUM, forgery.unprotected_posts),
    Check(Event.REMOVED_HEADER, _MEDIUM, headers.removed_headers),
    Check(CheckCode.PATH_RULE_UNREACHABLE, _MEDIUM, policies.unreachable_rules),
    Check(CheckCode.PATH_RULE_PARTIAL, _MEDIUM, routes.partial_rules),
    Check(Cause.COOKIE_NOT_STORED, _MEDIUM, routes.session_cookies),
    Check(CheckCode.CREDENTIALS_UNUSED, _LOW, policies.unused_credentials),
    Check(Reason.CREDENTIALS_NOT_ALLOWED, _LOW, routes.users_without_credentials),
    Check(Reason.METHOD_NOT_ALLOWED, _LOW, routes.hidden_methods),
    Check(Reason.HEADER_NOT_ALLOWED, _LOW, _unsendable_headers),
    Check(Cause.CHANGED_IN_FRONT, _LOW, routes.middleware_in_front),
    Check(CheckCode.CONVERTER_READS_REQUEST, _LOW, routes.converters_of_requests),
    Check(CheckCode.HEADER_NOT_READ, _LOW, partial(headers.unused, headers.REQUEST)),
    Check(
        CheckCode.HEADER_NOT_EXPOSED, _LOW, partial(headers.unlisted, headers.RESPONSE)
    ),
    Check(CheckCode.HEADER_NOT_SET, _LOW, partial(headers.unused, headers.RESPONSE)),
    Check("max-age-beyond-browsers", _LOW, policies.long_max_age),
)
"""Every check there is, the worst first."""


def audit(app: Flask) -> list[Finding]:
    """Return what is wrong with the policies of *app*, the worst first, each once.

    No request is made, and no view runs.
    """
    return audit_facts(Facts.of(app))


def audit_facts(facts: Facts) -> list[Finding]:
    """Return what the checks find in *facts*."""
    findings = {
        Finding(
            check.id,
            found.severity or check.severity,
            found.place,
            found.message,
            found.fix,
            found.spot,
        ): None
        for check in CHECKS
        for found in check.find(facts)
    }
    return sorted(findings, key=lambda finding: finding.severity.rank)


def audit_problems(error: PolicyError) -> list[Finding]:
    """Return what is wrong with an application that does not start.

    Its place is the call that has failed.
    """
    frames = traceback.extract_tb(error.__traceback__)
    foreign = (_OURS, *FOREIGN)
    called = [each for each in frames if not each.filename.startswith(foreign)]
    place = (called[-1].filename, called[-1].lineno or 1) if called else None
    found = audit_facts(Facts(None, error.problems))
    return [replace(each, spot=each.spot or spot(place)) for each in found]
