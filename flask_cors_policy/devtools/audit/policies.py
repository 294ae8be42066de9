"""Checks that look at policies, path rules and marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ...core.checks import BROWSERS_LONGEST_MAX_AGE
from ...core.errors import Problem
from ...core.fetch_standard import NULL_ORIGIN
from ...core.origin import OriginPattern
from ...core.origin_items import bare_origins
from ...core.origin_regex import unescaped_dot
from ...core.per_origin import has_credentials
from ...flask_ext.marks import app_marks
from ..browser.engines import ENGINES
from ..findings import Severity
from ..playgrounds import PLAYGROUNDS
from .facts import CheckResult, Facts, PlacedPolicy, title

_SIGNS_OF_USERS: Final = ("auth", "cookie", "csrf", "jwt", "login", "session")
# Mistakes that only credentials make of a setting, or only enforce.
_OF_RISKS: Final = frozenset({"origin-insecure", "origin-public-suffix"})
_NEEDS: Final = {
    "enforce": _OF_RISKS,
    "supports_credentials": _OF_RISKS
    | {
        "expose-wildcard-credentials",
        "origin-null-credentials",
        "origin-wildcard-credentials",
    },
}
_INEFFECTIVE: Final = "mark-without-effect"


def problems(facts: Facts) -> Iterator[CheckResult]:
    """Policies that cannot be built: the application answers no request."""
    for problem in facts.problems:
        if problem.reason != _INEFFECTIVE:
            message = f"{problem.message} [{problem.reason}]"
            setting = _of_mark(facts, problem) or problem.setting
            yield CheckResult(setting, message, problem.hint, facts.spot(setting))


def _of_mark(facts: Facts, problem: Problem) -> str:
    """Return the setting of a decorator that an inherited setting clashes with.

    The origins are right for the application: what the decorator adds is not.
    """
    if facts.app is None or problem.setting.startswith("@"):
        return ""
    for mark in app_marks(facts.app):
        for option in ("supports_credentials", "enforce"):
            if problem.reason in _NEEDS[option] and option in (mark.settings or ()):
                return f"{mark.place}: {option}"
    return ""


def ineffective_marks(facts: Facts) -> Iterator[CheckResult]:
    """Marks that can never take effect."""
    for problem in facts.problems:
        if problem.reason == _INEFFECTIVE:
            spot = facts.spot(problem.setting)
            yield CheckResult(problem.setting, problem.message, problem.hint, spot)


def unused_marks(facts: Facts) -> Iterator[CheckResult]:
    """Marks to which no view leads: perhaps a blueprint was not registered."""
    for place in facts.unused_marks:
        yield CheckResult(
            place,
            "No view of any application leads to this mark.",
            "Register the view or the blueprint, or remove the decorator.",
            facts.spot(place),
        )


def unreachable_rules(facts: Facts) -> Iterator[CheckResult]:
    """Path rules that match no route."""
    if facts.has_other_middleware:
        return
    reached = {route.path_rule for route in facts.routes if route.endpoint}
    for rule in facts.path_rules:
        if rule not in reached and rule != "/*":
            yield CheckResult(
                f"resources {rule!r}",
                "No route of the application matches this path rule.",
                'Paths are case-sensitive and compared by whole segments: "/api/*" is '
                "/api and everything below it. Write the path as the routes have it, "
                "or remove the rule.",
                facts.spot("CORS(app): resources"),
            )


def insecure_origins(facts: Facts) -> Iterator[CheckResult]:
    """Origins over plain http, which anyone on the network can pose as."""
    for name, pattern, _ in _patterns(facts):
        if pattern.scheme == "http" and not pattern.is_loopback:
            yield CheckResult(
                name,
                f"Anyone on the network can pose as http://{pattern.host}.",
                "Serve these pages over https, and list that origin.",
                facts.spot(name),
            )


def playgrounds(facts: Facts) -> Iterator[CheckResult]:
    """Origins where anyone can run a script."""
    for name, pattern, placed in _patterns(facts):
        if pattern.host.endswith(PLAYGROUNDS) and any(
            pattern.host == host or pattern.host.endswith(f".{host}")
            for host in PLAYGROUNDS
        ):
            credentials = placed.policy.allows_origin(
                f"{pattern.scheme}://{'x.' * pattern.subdomains}{pattern.host}",
                credentials=True,
            )
            yield CheckResult(
                name,
                f"Anyone can run a script on {pattern.host}"
                f"{', with the cookies of your users' if credentials else ''}.",
                "Remove it; try code on an origin of your own, or on localhost.",
                facts.spot(name),
                Severity.HIGH if credentials else None,
            )


def null_origins(facts: Facts) -> Iterator[CheckResult]:
    """The origin null, which any site can have."""
    for placed in facts.policies:
        for index, item in enumerate(bare_origins(placed.policy.origins)):
            if item == NULL_ORIGIN:
                name = placed.place_of("origins", index)
                yield CheckResult(
                    name,
                    "Any site can make a page whose origin is null.",
                    'Remove it, or write origins="*", which says the same openly.',
                    facts.spot(name),
                )


def loose_expressions(facts: Facts) -> Iterator[CheckResult]:
    """Regular expressions with a dot that matches any character."""
    for placed in facts.policies:
        for index, item in enumerate(bare_origins(placed.policy.origins)):
            if isinstance(item, re.Pattern) and unescaped_dot(item):
                name = placed.place_of("origins", index)
                yield CheckResult(
                    name,
                    "A dot that is not escaped matches any character: somebody can "
                    "register a name that matches.",
                    r"Write \. for a dot, or a pattern such as https://*.example.com.",
                    facts.spot(name),
                )


def long_max_age(facts: Facts) -> Iterator[CheckResult]:
    """A max_age that is longer than any browser keeps an answer."""
    limits = {each.name: each.max_age_cap for each in ENGINES.values()}
    caps = ", ".join(f"{name} {cap} s" for name, cap in limits.items() if cap)
    for placed in facts.policies:
        max_age = placed.policy.max_age
        if max_age is not None and max_age > BROWSERS_LONGEST_MAX_AGE:
            name = placed.place_of("max_age")
            yield CheckResult(
                name,
                f"No browser keeps an answer for {max_age} s; the limits are: {caps}.",
                f"Write max_age={BROWSERS_LONGEST_MAX_AGE} or less.",
                facts.spot(name),
            )


def public_with_cookies(facts: Facts) -> Iterator[CheckResult]:
    """Routes that allow every origin and look at who is signed in."""
    for route in facts.routes:
        policy = route.policy
        if policy is None or not policy.compiled.is_open or not route.endpoint:
            continue
        if facts.uses(route).cookies:
            yield CheckResult(
                title(route),
                "The view reads cookies, but its policy allows every origin, so that "
                "no page can send any.",
                "Give the view a policy that lists its origins, with "
                "supports_credentials=True; or @cors_exempt, if only pages of the same "
                "origin use it.",
                facts.view_spot(route),
            )


def unused_credentials(facts: Facts) -> Iterator[CheckResult]:
    """Credentials that no code of the application uses."""
    allowing = [each for each in facts.policies if has_credentials(each.policy)]
    if not allowing or not facts.project.readable:
        return
    if facts.project.names_any(*_SIGNS_OF_USERS):
        return
    places = (placed.place_of("supports_credentials") for placed in allowing)
    for place in dict.fromkeys(places):
        yield CheckResult(
            place,
            "Nothing in the application uses cookies, sessions or signed-in users.",
            "Remove it: pages then send no cookies, and need none.",
            facts.spot(place),
        )


def _patterns(facts: Facts) -> Iterator[tuple[str, OriginPattern, PlacedPolicy]]:
    """Yield the written origins, with the name of each setting."""
    for placed in facts.policies:
        items = bare_origins(placed.policy.origins)
        for index, item in enumerate(items):
            pattern = OriginPattern.parse(item) if isinstance(item, str) else None
            if pattern is not None:
                name = placed.place_of("origins", index if len(items) > 1 else None)
                yield name, pattern, placed
