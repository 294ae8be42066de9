"""Checks that look at policies alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ...core.checks import BROWSERS_LONGEST_MAX_AGE
from ...core.fetch_standard import NULL_ORIGIN
from ...core.origin import OriginPattern
from ..browser.engines import ENGINES
from ..explaining.findings import Severity
from .facts import Facts, Found, Governed

PLAYGROUNDS: Final = (
    "cdpn.io",
    "codepen.io",
    "codesandbox.io",
    "csb.app",
    "glitch.me",
    "jsbin.com",
    "jsfiddle.net",
    "jshell.net",
    "liveweave.com",
    "observableusercontent.com",
    "playcode.io",
    "plnkr.co",
    "repl.co",
    "replit.app",
    "replit.dev",
    "stackblitz.io",
    "w3schools.com",
    "webcontainer.io",
)
"""Hosts, with all below them, where anybody can run a script of their own."""

# A dot between two labels that is not escaped stands for any character.
_LOOSE_DOT: Final = re.compile(r"(?<!\\)[A-Za-z0-9-]\.[A-Za-z]{2}")


def problems(facts: Facts) -> Iterator[Found]:
    """Policies that cannot be built: the application answers nothing."""
    for problem in facts.problems:
        if problem.reason != "mark-without-effect":
            message = f"{problem.message} [{problem.reason}]"
            spot = facts.spot(problem.setting)
            yield Found(problem.setting, message, problem.hint, spot)


def insecure_origins(facts: Facts) -> Iterator[Found]:
    """Origins over plain http, which whoever sits on the network can act as."""
    for name, pattern, governed in _patterns(facts):
        if pattern.scheme == "http" and not pattern.is_loopback:
            yield Found(
                name,
                f"Who sits on the network can act as http://{pattern.host}.",
                "Serve these pages over https, and list that origin.",
                facts.policy_spot(governed, name),
            )


def playgrounds(facts: Facts) -> Iterator[Found]:
    """Origins where anybody can run a script."""
    for name, pattern, governed in _patterns(facts):
        if pattern.host.endswith(PLAYGROUNDS) and any(
            pattern.host == host or pattern.host.endswith(f".{host}")
            for host in PLAYGROUNDS
        ):
            credentials = governed.policy.supports_credentials
            yield Found(
                name,
                f"Anybody can run a script on {pattern.host}"
                f"{', with the cookies of your users' if credentials else ''}.",
                "Leave it out; try things on an origin of your own, or on localhost.",
                facts.policy_spot(governed, name),
                Severity.ERROR if credentials else None,
            )


def null_origins(facts: Facts) -> Iterator[Found]:
    """The origin null, which any site can have."""
    for governed in facts.policies:
        for index, item in enumerate(governed.policy.origins):
            if item == NULL_ORIGIN:
                name = governed.written_at("origins", index)
                yield Found(
                    name,
                    "Any site can make a page whose origin is null.",
                    'Leave it out, or write origins="*": that says what it is.',
                    facts.policy_spot(governed, name),
                )


def loose_expressions(facts: Facts) -> Iterator[Found]:
    """Regular expressions with a dot that stands for any character."""
    for governed in facts.policies:
        for index, item in enumerate(governed.policy.origins):
            if isinstance(item, re.Pattern) and _LOOSE_DOT.search(item.pattern):
                name = governed.written_at("origins", index)
                yield Found(
                    name,
                    "A dot that is not escaped stands for any character: somebody can "
                    "register a name that fits.",
                    r"Write \. for a dot, or a pattern such as https://*.example.com.",
                    facts.policy_spot(governed, name),
                )


def long_max_age(facts: Facts) -> Iterator[Found]:
    """A max_age that no browser keeps to."""
    caps = ", ".join(
        f"{engine.name} {engine.max_age_cap} s"
        for engine in ENGINES.values()
        if engine.max_age_cap is not None
    )
    for governed in facts.policies:
        max_age = governed.policy.max_age
        if max_age is not None and max_age > BROWSERS_LONGEST_MAX_AGE:
            name = governed.written_at("max_age")
            yield Found(
                name,
                f"No browser keeps an answer for {max_age} s; at most: {caps}.",
                f"Write max_age={BROWSERS_LONGEST_MAX_AGE} or less.",
                facts.policy_spot(governed, name),
            )


def _patterns(facts: Facts) -> Iterator[tuple[str, OriginPattern, Governed]]:
    """Yield the written origins, with the name of each setting."""
    for governed in facts.policies:
        items = governed.policy.origins
        for index, item in enumerate(items):
            pattern = OriginPattern.parse(item) if isinstance(item, str) else None
            if pattern is not None:
                name = governed.written_at("origins", index if len(items) > 1 else None)
                yield name, pattern, governed
