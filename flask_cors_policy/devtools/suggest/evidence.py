"""What each origin asked for, and what of it can be relied on.

Anyone can send any Origin header from a program, so an origin alone proves nothing, and
a method or header name of a listed origin may be invented. A method counts as used if
actual requests had it, and a name if actual requests followed the preflights that asked
for it: several of both, and granted.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ...core.errors import PolicyError
from ...core.fetch_standard import SAFELISTED_METHODS, WILDCARD
from ...core.policy import Policy
from ...core.reasons import Reason
from .observations import SEVERAL, Observation, Observations, Tally

MAX_NAMES: Final = 32
"""Header names of one origin: more are not the work of a page."""
MAX_METHODS: Final = 8
"""Methods of one origin, other than GET, HEAD and POST."""
MAX_LINES_OF_ORIGIN: Final = 200
"""``report_file`` writes no more lines of one origin, in one process, on one day."""


@dataclass
class Use:
    """How often an origin asked for a method or a header name.

    :ivar preflights: that were granted.
    :ivar actual: requests that were granted, and that these preflights can be about.
    :ivar denied: preflights or requests that were not granted.
    :ivar doubt: why it is not relied on; empty if it is.
    """

    preflights: int = 0
    actual: int = 0
    denied: int = 0
    doubt: str = ""


@dataclass
class Asked:
    """What one origin asked for, or all origins of one pattern.

    :ivar origin: the origin or the pattern.
    :ivar requests: at least so many came; preflights count as well.
    :ivar granted: how many of them were granted.
    :ivar days: when.
    :ivar routes: URL rule or path rule -> how many requests came.
    :ivar methods: method -> its use.
    :ivar names: header name -> its use.
    :ivar cookies: how many actual requests with cookies the policy granted to this
        origin by name, and so perhaps with credentials.
    :ivar unread_cookies: the same, under ``"*"``: no page read their responses.
    :ivar full_days: days on which the file perhaps does not hold everything.
    """

    origin: str
    requests: int = 0
    granted: int = 0
    days: set[str] = field(default_factory=set)
    routes: Counter[str] = field(default_factory=Counter)
    methods: dict[str, Use] = field(default_factory=dict)
    names: dict[str, Use] = field(default_factory=dict)
    cookies: int = 0
    unread_cookies: int = 0
    full_days: set[str] = field(default_factory=set)

    @property
    def used_methods(self) -> list[str]:
        """The methods that can be relied on."""
        return _used(self.methods)

    @property
    def used_names(self) -> list[str]:
        """The header names that can be relied on."""
        return _used(self.names)

    @property
    def needs_credentials(self) -> bool:
        """Whether pages of this origin perhaps read responses as the user."""
        return self.cookies >= SEVERAL


def _used(uses: dict[str, Use]) -> list[str]:
    return sorted(name for name, use in uses.items() if not use.doubt)


def evidence(
    observations: Observations, name_of: Callable[[str], str]
) -> dict[str, Asked]:
    """Return what each origin asked for.

    :param name_of: returns under which origin or pattern an origin is counted.
    """
    found: dict[str, Asked] = {}
    grouped: dict[str, list[tuple[Observation, Tally]]] = {}
    for observation, tally in observations.tallies.items():
        name = name_of(observation.origin)
        grouped.setdefault(name, []).append((observation, tally))
    for name, tallies in grouped.items():
        found[name] = _asked(name, tallies)
    for origin, day in _full_days(observations):
        found[name_of(origin)].full_days.add(day)
    return found


def _full_days(observations: Observations) -> Iterator[tuple[str, str]]:
    """Yield origins and days of which there are perhaps as many lines as there can be.

    A process writes at most two lines of one observation, so that the observation with
    most lines tells how many processes there were at least. Some may have had fewer
    requests than others.
    """
    lines: Counter[tuple[str, str]] = Counter()
    processes: Counter[tuple[str, str]] = Counter()
    for each, tally in observations.tallies.items():
        for day, number in tally.days.items():
            key = (each.origin, day)
            lines[key] += number
            processes[key] = max(processes[key], (number + 1) // 2)
    for key, number in lines.items():
        if number >= MAX_LINES_OF_ORIGIN * max(1, processes[key] / 2):
            yield key


def _asked(name: str, tallies: Iterable[tuple[Observation, Tally]]) -> Asked:
    asked = Asked(name)
    tallies = list(tallies)
    actual: Counter[tuple[str, str, str]] = Counter()
    for each, tally in tallies:
        asked.requests += tally.requests
        asked.granted += tally.requests * each.is_granted
        asked.days |= tally.days.keys()
        asked.routes[each.route] += tally.requests
        if each.is_granted and not each.is_preflight:
            actual[each.origin, each.method, each.route] += tally.requests
            if each.has_cookies and each.verdict == Reason.ANY_ORIGIN_ALLOWED.value:
                asked.unread_cookies += tally.requests
            elif each.has_cookies:
                asked.cookies += tally.requests
    _count_methods(asked, tallies)
    _count_names(asked, tallies, actual)
    _doubt(asked.methods, "methods", MAX_METHODS)
    _doubt(asked.names, "allow_headers", MAX_NAMES)
    return asked


def _count_methods(asked: Asked, tallies: Iterable[tuple[Observation, Tally]]) -> None:
    for each, tally in tallies:
        if each.method in ("", WILDCARD, *SAFELISTED_METHODS):
            continue
        use = asked.methods.setdefault(each.method, Use())
        if not each.is_granted:
            use.denied += tally.requests
        elif each.is_preflight:
            use.preflights += tally.requests
        else:
            use.actual += tally.requests


def _count_names(
    asked: Asked,
    tallies: Iterable[tuple[Observation, Tally]],
    actual: Counter[tuple[str, str, str]],
) -> None:
    followed: dict[str, set[tuple[str, str, str]]] = {}
    for each, tally in tallies:
        # A page can set a header named "*"; listed, it would stand for all of them.
        for name in {*each.names} - {WILDCARD}:
            use = asked.names.setdefault(name, Use())
            if each.is_granted:
                use.preflights += tally.requests
                key = (each.origin, each.method, each.route)
                followed.setdefault(name, set()).add(key)
            else:
                use.denied += tally.requests
    for name, keys in followed.items():
        asked.names[name].actual = sum(actual[key] for key in keys)


def _doubt(uses: dict[str, Use], option: str, most: int) -> None:
    """Say why each of *uses* is not relied on, if it is not.

    Only what was granted counts as too many: else anyone could make a policy that lists
    its names look doubtful.
    """
    granted = sum(use.preflights + use.actual > 0 for use in uses.values())
    for name, use in uses.items():
        refused = refusal(option, name)
        is_name = option == "allow_headers"
        fewest = min(use.preflights, use.actual) if is_name else use.actual
        if refused:
            use.doubt = refused
        elif granted > most:
            use.doubt = f"one of {granted}, too many for one origin"
        elif not use.preflights + use.actual:
            use.doubt = "refused until now"
        elif not use.actual:
            use.doubt = "only in preflights"
        elif fewest < SEVERAL:
            use.doubt = "on fewer than three requests"


def refusal(option: str, value: str) -> str:
    """Return why no policy takes *value*, empty if one does."""
    options: dict[str, Any] = {"origins": "https://app.example.com", option: [value]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            Policy(**options)
        except PolicyError as error:
            return f"no policy takes it: {error.problems[0].reason}"
    return ""
