"""What a report file holds: lines of JSON become counts of different observations.

The lines were written because of requests from the internet, and anyone may have added
others since: whatever is not exactly as ``report_file`` writes it is counted as broken
and skipped.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ...core.fetch_standard import is_token
from ...core.reasons import Reason

SEVERAL: Final = 3
"""So many requests are no accident."""
_MAX_LINE: Final = 65_536
_MAX_TEXT: Final = 2_000
_MAX_NAME: Final = 64
_DAY: Final = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]")
_DENIED: Final = {reason.value: reason.denied for reason in Reason}


class Observation(NamedTuple):
    """What a line says, but for the day and the number of requests.

    :param origin: as it was sent, or escaped and cut; it may be no origin at all.
    :param is_preflight: else it is an actual request.
    :param method: of the actual request; empty if it was malformed.
    :param names: of the headers that the preflight asks for, in lower case.
    :param route: the URL rule or path rule; empty if none is known.
    :param has_cookies: whether a Cookie header came.
    :param verdict: the code of the reason of the decision.
    """

    origin: str
    is_preflight: bool
    method: str
    names: tuple[str, ...]
    route: str
    has_cookies: bool
    verdict: str

    @property
    def is_granted(self) -> bool:
        """Whether the policy granted the request; ``False`` for an unknown verdict."""
        return not _DENIED.get(self.verdict, True)


@dataclass
class Tally:
    """How often something came.

    :ivar first: lines of a first request, of any process and day.
    :ivar third: lines of a third request.
    :ivar days: day -> how many lines there are.
    """

    first: int = 0
    third: int = 0
    days: Counter[str] = field(default_factory=Counter)

    @property
    def requests(self) -> int:
        """How many requests there were, at least.

        A line of a third request stands for two more than that of the first one. Where
        there is no line of the first, it stands for three.
        """
        more = max(0, self.third - self.first)
        return self.first + 2 * min(self.first, self.third) + 3 * more


@dataclass
class Observations:
    """Everything that report files hold.

    :ivar lines: how many lines were read.
    :ivar broken: how many more were skipped.
    :ivar tallies: how often each observation was made.
    """

    lines: int = 0
    broken: int = 0
    tallies: dict[Observation, Tally] = field(default_factory=dict)

    def add(self, line: bytes) -> None:
        """Count one line."""
        read = _read(line)
        if read is None:
            self.broken += 1
            return
        day, requests, observation = read
        self.lines += 1
        tally = self.tallies.setdefault(observation, Tally())
        tally.days[day] += 1
        tally.first += requests < SEVERAL
        tally.third += requests >= SEVERAL

    @property
    def days(self) -> set[str]:
        """Every day that has a line."""
        return {day for tally in self.tallies.values() for day in tally.days}


def read_files(paths: Iterable[str]) -> Observations:
    """Return what the files hold.

    :raises ValueError: if a file cannot be read.
    """
    found = Observations()
    for path in paths:
        try:
            for line in _lines(path):
                found.add(line)
        except OSError as error:
            raise ValueError(f"cannot read {path}: {error.strerror}") from None
    return found


def _lines(path: str) -> Iterator[bytes]:
    """Yield the lines that are not empty; of a very long one, its parts."""
    with open(path, "rb") as file:
        while line := file.readline(_MAX_LINE):
            if line.strip():
                yield line


def _read(line: bytes) -> tuple[str, int, Observation] | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not all(
        is_valid(data.get(key)) for key, is_valid in _FIELDS.items()
    ):
        return None
    observation = Observation(
        data["origin"],
        data["kind"] == "preflight",
        data["method"],
        tuple(data["headers"]),
        data["route"],
        data["cookies"],
        data["verdict"],
    )
    return data["day"], data["requests"], observation


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _MAX_TEXT


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _MAX_NAME and is_token(value)


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


_FIELDS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "day": _is_day,
    "origin": _is_text,
    "kind": lambda value: value in ("preflight", "actual"),
    "method": lambda value: value == "" or _is_name(value),
    "headers": lambda value: isinstance(value, list) and all(map(_is_name, value)),
    "route": _is_text,
    "cookies": lambda value: isinstance(value, bool),
    "verdict": _is_text,
    "requests": lambda value: type(value) is int and value > 0,
}
