"""``flask cors audit``: what is wrong with the policies of a whole application.

``CHECKS`` is the one table of checks. Each looks at the :class:`Facts` and yields what
it finds; none runs a view. What they say of views comes from reading their source, and
where that does not tell, they say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from ...core.errors import PolicyError
from ..explaining.findings import Finding, Severity
from . import policies, routes, views
from .facts import Facts, Found

if TYPE_CHECKING:
    from flask import Flask


class Check(NamedTuple):
    """One check.

    :param id: stable.
    :param severity: what its findings usually are.
    :param meaning: what it finds, in one line.
    :param find: finds it.
    """

    id: str
    severity: Severity
    meaning: str
    find: Callable[[Facts], Iterator[Found]]


CHECKS: Final = (
    Check(
        "policy-error",
        Severity.ERROR,
        "policies hold a mistake, and the application answers no request",
        policies.problems,
    ),
    Check(
        "mark-without-effect",
        Severity.ERROR,
        "a mark stands where it can never take effect",
        routes.ineffective_marks,
    ),
    Check(
        "mark-unused",
        Severity.WARNING,
        "no view leads to a mark",
        routes.unused_marks,
    ),
    Check(
        "origin-playground",
        Severity.WARNING,
        "an allowed origin is one where anybody can run a script",
        policies.playgrounds,
    ),
    Check(
        "origin-insecure",
        Severity.WARNING,
        "an allowed origin is plain http",
        policies.insecure_origins,
    ),
    Check(
        "origin-null",
        Severity.WARNING,
        "the origin null is allowed, which any site can have",
        policies.null_origins,
    ),
    Check(
        "origin-regex-dot",
        Severity.WARNING,
        "a regular expression has a dot that stands for any character",
        policies.loose_expressions,
    ),
    Check(
        "public-beside-cookies",
        Severity.WARNING,
        "a route for every origin looks at cookies, which no page can send it",
        views.public_beside_cookies,
    ),
    Check(
        "stray-header",
        Severity.WARNING,
        "a view sets CORS headers itself, which its policy takes out",
        views.stray_headers,
    ),
    Check(
        "path-rule-unreachable",
        Severity.WARNING,
        "no route is under a path rule",
        routes.unreachable_rules,
    ),
    Check(
        "credentials-needless",
        Severity.NOTE,
        "credentials are allowed, and nothing has to do with users",
        views.needless_credentials,
    ),
    Check(
        "header-not-allowed",
        Severity.NOTE,
        "a view reads a request header that its policy lets no page send",
        views.headers_read_in_vain,
    ),
    Check(
        "header-not-read",
        Severity.NOTE,
        "a policy allows a request header that nothing reads",
        views.headers_allowed_in_vain,
    ),
    Check(
        "header-not-exposed",
        Severity.NOTE,
        "a view sets a response header that its policy lets no page read",
        views.headers_set_in_vain,
    ),
    Check(
        "header-not-set",
        Severity.NOTE,
        "a policy exposes a response header that nothing sets",
        views.headers_exposed_in_vain,
    ),
    Check(
        "max-age-beyond-browsers",
        Severity.NOTE,
        "browsers forget the answer to a preflight sooner than max_age says",
        policies.long_max_age,
    ),
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
    return sorted(findings, key=lambda finding: -finding.severity.rank)


def audit_problems(error: PolicyError) -> list[Finding]:
    """Return what is wrong with an application that does not even start."""
    return audit_facts(Facts(None, error.problems))
