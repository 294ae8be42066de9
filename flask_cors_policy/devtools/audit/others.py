"""Checks of applications that use another library, or that set the headers by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from ...core.errors import PolicyError
from ...core.fetch_standard import NULL_ORIGIN
from ...core.origin import Origin, OriginMatcher, OriginPattern
from ...core.origin_regex import patterns_of
from ...core.policy import Policy
from ...core.public_suffix import is_public_suffix
from ...core.settings import raw_options
from ..attacks.flaws import FLAWS
from ..attacks.hostile import EVIL, HOSTING, Hostile, imitating, of_anybody
from ..explaining.fixes import assignment
from ..findings import Severity
from ..flask_cors_apps import LivePolicy, live_policies, text_of
from ..flask_cors_options import ANYTHING
from ..migrate.origin_expressions import translate
from ..migrate.origins import translate_origin
from .facts import CheckResult, Facts, spot
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
_SUFFIXES: Final = ("com", "net", "org", "io", "dev", "app", "co.uk", *HOSTING)
_EXAMPLE: Final = "https://app.example.com"


class _Meant(NamedTuple):
    """What items of ``origins`` were probably meant to be.

    :ivar patterns: what is safe to write.
    :ivar examples: origins that expressions match which no pattern can say.
    """

    patterns: list[OriginPattern]
    examples: list[Origin]


def flaw(code: str, facts: Facts) -> Iterator[CheckResult]:
    """What is wrong, by the table of flaws that attacks look for."""
    if facts.app is None or facts.policies or facts.problems:
        return
    for live in live_policies(facts.app):
        found = _of_flask_cors(live).get(code)
        if found is not None:
            severity = FLAWS[code].severity
            if live.policy.supports_credentials:
                severity = FLAWS[code].with_credentials
            option = "supports_credentials" if live.policy.any_origin else "origins"
            message = f"{FLAWS[code].title[:-1]}{found}."
            fix = f"Replace it: {_replacement_of(live)}."
            at = facts.live_spot(live, option)
            yield CheckResult(live.place, message, fix, at, severity)
    for made in handmade(facts.app):
        if made.flaw == code:
            severity = FLAWS[code].severity
            if made.credentials:
                severity = FLAWS[code].with_credentials
            severity = min(severity, Severity.MEDIUM, key=lambda each: each.rank)
            yield CheckResult(
                made.place, _said(made), _instead(made), spot(made.at), severity
            )


def _of_flask_cors(live: LivePolicy) -> dict[str, str]:
    """Return the flaws of a policy, each with the origin that shows it."""
    policy = live.policy
    if {*live.origins} & {"*", ANYTHING}:
        # Public data may be meant; never with credentials.
        reflects = policy.supports_credentials
        return {"origin-reflected": ", with credentials"} if reflects else {}
    if policy.allows_origin(EVIL):
        return {"origin-reflected": f" ({EVIL})"}
    meant = _meant(policy.origins)
    sound = OriginMatcher(
        {_written(pattern): True for pattern in meant.patterns if pattern.is_exact},
        [(pattern, True) for pattern in meant.patterns if not pattern.is_exact],
    )
    found: dict[str, str] = {}
    for hostile in _hostile(meant):
        if hostile.flaw in found or hostile.flaw not in (*CODES, "null-allowed"):
            continue
        if policy.allows_origin(hostile.origin) and _is_sent(hostile.origin):
            if sound.match(hostile.origin, {}).reason.denied:
                found[hostile.flaw] = f" ({hostile.origin})"
    return found


def _is_sent(origin: str) -> bool:
    """Say whether browsers send *origin*."""
    return origin == NULL_ORIGIN or Origin.parse(origin) is not None


def _hostile(meant: _Meant) -> Iterator[Hostile]:
    yield from of_anybody()
    for suffix in _SUFFIXES:
        yield Hostile("public-suffix", f"https://attacker.{suffix}")
    for pattern in meant.patterns:
        host = f"a.{pattern.host}" if pattern.subdomains else pattern.host
        port = pattern.port if isinstance(pattern.port, int) else None
        yield from imitating(Origin(pattern.scheme, host, port), all_known=False)
    for example in meant.examples:
        yield from imitating(example, all_known=False)


def _meant(origins: Iterable[str | re.Pattern[str]]) -> _Meant:
    """Return what *origins* were meant to be, if that is no guess."""
    meant = _Meant([], [])
    for item in origins:
        texts = [] if item == NULL_ORIGIN else patterns_of(text_of(item))
        if not texts:
            texts = [new for new in translate_origin(item).new if isinstance(new, str)]
        patterns = [each for each in map(OriginPattern.parse, texts) if each]
        meant.patterns.extend(
            pattern
            for pattern in patterns
            # Everybody can have a name there.
            if not (pattern.subdomains and is_public_suffix(pattern.host))
        )
        if isinstance(item, re.Pattern) and not patterns:
            examples = map(Origin.parse, translate(item).examples)
            meant.examples.extend(each for each in examples if each)
    return meant


def _written(pattern: OriginPattern) -> str:
    """Return *pattern* as a policy has it."""
    host = f"*.{pattern.host}" if pattern.subdomains else pattern.host
    port = "" if pattern.port is None else f":{pattern.port}"
    return f"{pattern.scheme}://{host}{port}"


def _replacement_of(live: LivePolicy) -> str:
    """Return what takes the place of a policy, at its place."""
    options = _options(live.policy.origins, live.policy.supports_credentials)
    if live.view is not None:
        return f"from flask_cors_policy import cross_origin; @cross_origin({options})"
    target = "blueprint" if live.blueprint else "app"
    return _extension(target, options)


def _extension(target: str, options: str) -> str:
    return f"from flask_cors_policy import CORS; CORS({target}, {options})"


def _options(origins: Iterable[str | re.Pattern[str]], credentials: bool) -> str:
    """Return the options of this library that allow what was meant."""
    known = dict.fromkeys(map(_written, _meant(origins).patterns))
    others = {"supports_credentials": True} if credentials else {}
    listed = [each for each in known if _can_be_listed(each, others)]
    return assignment({"origins": listed or [_EXAMPLE], **others})


def _can_be_listed(origin: str, others: Mapping[str, object]) -> bool:
    try:
        Policy.from_settings(raw_options({"origins": [origin], **others}))
    except PolicyError:
        return False
    return True


def _said(made: Handmade) -> str:
    return f"{FLAWS[made.flaw].title[:-1]} ({made.found})."


def _instead(made: Handmade) -> str:
    policy = _extension("app", _options(made.origins, made.credentials))
    return f"Remove the headers, and write a policy: {policy}."
