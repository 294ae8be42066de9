"""Checks of applications that use another library, or that set the headers by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from ...core.origin import Origin, OriginMatcher, OriginPattern
from ...core.origin_regex import patterns_of
from ...core.public_suffix import is_public_suffix
from ..attacks.flaws import FLAWS
from ..attacks.hostile import EVIL, Hostile, imitating, of_anybody
from ..explaining.fixes import assignment
from ..findings import Severity
from .facts import CheckResult, Facts, spot
from .flask_cors_options import OtherPolicy, flask_cors_policies
from .handmade import Handmade, handmade

CODES: Final = (
    "origin-reflected",
    "suffix-matched",
    "prefix-matched",
    "dot-unescaped",
    "public-suffix",
    "wildcard-with-credentials",
    "allow-origin-list",
)
"""Flaws that are found here, each by a check of its own; ``null-allowed`` is another
one, which is shared."""
_SUFFIXES: Final = ("com", "net", "org", "io", "dev", "app", "co.uk", "github.io")
_EXAMPLE: Final = "https://app.example.com"


def flaw(code: str, facts: Facts) -> Iterator[CheckResult]:
    """What is wrong, by the table of flaws that attacks look for."""
    if facts.app is None or facts.policies or facts.problems:
        return
    for policy in flask_cors_policies(facts.app):
        found = _of_flask_cors(policy).get(code)
        if found is not None:
            severity = FLAWS[code].severity
            if policy.credentials:
                severity = FLAWS[code].with_credentials
            at = spot(policy.at) or facts.spot()
            message = f"{FLAWS[code].title[:-1]}{found}."
            fix = f"Replace it: {_replacement(policy.origins, policy.credentials)}."
            yield CheckResult(policy.place, message, fix, at, severity)
    for made in handmade(facts.app):
        if made.flaw == code:
            severity = FLAWS[code].severity
            if made.credentials:
                severity = FLAWS[code].with_credentials
            severity = min(severity, Severity.MEDIUM, key=lambda each: each.rank)
            yield CheckResult(
                made.place, _said(made), _instead(made), spot(made.at), severity
            )


def _of_flask_cors(policy: OtherPolicy) -> dict[str, str]:
    """Return the flaws of a policy, each with the origin that shows it."""
    if policy.any_origin:  # Public data may be meant; never with credentials.
        return {"origin-reflected": ", with credentials"} if policy.credentials else {}
    if policy.allows(EVIL):
        return {"origin-reflected": f" ({EVIL})"}
    meant = list(_meant(policy.origins))
    sound = OriginMatcher(
        {_written(pattern): True for pattern in meant if pattern.is_exact},
        [(pattern, True) for pattern in meant if not pattern.is_exact],
    )
    found: dict[str, str] = {}
    for hostile in _hostile(meant):
        if hostile.flaw in found or hostile.flaw not in (*CODES, "null-allowed"):
            continue
        if policy.allows(hostile.origin):
            if sound.match(hostile.origin, {}).reason.denied:
                found[hostile.flaw] = f" ({hostile.origin})"
    return found


def _hostile(meant: Iterable[OriginPattern]) -> Iterator[Hostile]:
    yield from of_anybody()
    for suffix in _SUFFIXES:
        yield Hostile("public-suffix", f"https://attacker.{suffix}")
    for pattern in meant:
        host = f"a.{pattern.host}" if pattern.subdomains else pattern.host
        port = pattern.port if isinstance(pattern.port, int) else None
        yield from imitating(Origin(pattern.scheme, host, port), all_known=False)


def _meant(origins: Iterable[str | re.Pattern[str]]) -> Iterator[OriginPattern]:
    """Yield the patterns that *origins* were meant to be, if that is no guess."""
    for item in origins:
        for text in patterns_of(item if isinstance(item, str) else item.pattern):
            pattern = OriginPattern.parse(text)
            if pattern is not None and not (
                # Everybody can have a name there.
                pattern.subdomains and is_public_suffix(pattern.host)
            ):
                yield pattern


def _written(pattern: OriginPattern) -> str:
    """Return *pattern* as a policy has it."""
    host = f"*.{pattern.host}" if pattern.subdomains else pattern.host
    port = "" if pattern.port is None else f":{pattern.port}"
    return f"{pattern.scheme}://{host}{port}"


def _replacement(origins: Iterable[str | re.Pattern[str]], credentials: bool) -> str:
    """Return the policy of this library that allows what was meant."""
    known = [_written(pattern) for pattern in _meant(origins)]
    options: dict[str, object] = {"origins": known or [_EXAMPLE]}
    if credentials:
        options["supports_credentials"] = True
    return f"from flask_cors_policy import CORS; CORS(app, {assignment(options)})"


def _said(made: Handmade) -> str:
    return f"{FLAWS[made.flaw].title[:-1]} ({made.found})."


def _instead(made: Handmade) -> str:
    policy = _replacement(made.origins, made.credentials)
    return f"Remove the headers, and write a policy: {policy}."
