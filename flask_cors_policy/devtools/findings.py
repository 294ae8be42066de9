"""Findings of audits and attacks: data first, then lines for people.

``Severity`` and ``Finding`` are the same for both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple

from ..core.errors import plain
from .browser.outcome import Exchange
from .browser.requests import Received
from .browser.text import header_data
from .codes import Code
from .exchanges import message_lines
from .lines import Line, Role


class Severity(Enum):
    """How bad a finding is, the worst first. ``value`` is its name.

    ``level`` is what an audit and SARIF call it.
    """

    CRITICAL = "critical", "error"
    """Any site can read what its visitors see when they are signed in."""
    HIGH = "high", "error"
    """A site that was made for it can, or anyone on the network; or nothing works."""
    MEDIUM = "medium", "warning"
    """Public data can be read from other networks, or caches mix up responses."""
    LOW = "low", "note"
    """No browser can be made to exploit it; it shows that something is wrong."""

    level: str

    def __new__(cls, name: str, level: str) -> Severity:
        member = object.__new__(cls)
        member._value_ = name
        member.level = level
        return member

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


LEVELS: Final = {"error": 1, "warning": 2, "note": 3}
"""Level -> the highest rank that it includes."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the source.

    :param file: the file; relative to the current directory if it is below it.
    :param line: counted from 1.
    """

    file: str
    line: int = 1


class Flaw(NamedTuple):
    """A flaw that attacks look for.

    :param code: its code, with what is wrong and what to change.
    :param severity: if the response has no Access-Control-Allow-Credentials.
    :param with_credentials: if it has.
    :param attack: what an attacker does with it.
    """

    code: Code
    severity: Severity
    with_credentials: Severity
    attack: str

    @property
    def title(self) -> str:
        """What is wrong, in one sentence."""
        sentence = self.code.sentence
        return f"{sentence[:1].upper()}{sentence[1:]}."

    @property
    def fix(self) -> str:
        """What to change, in terms of this library."""
        return f"{self.code.fix}."


@dataclass(frozen=True, slots=True)
class Evidence:
    """The exchange that shows a flaw.

    :param sent: what was sent that should not have worked.
    """

    flaw: Flaw
    sent: str
    exchange: Exchange

    @property
    def received(self) -> Received:
        """The response, which an attack always has."""
        assert self.exchange.received is not None
        return self.exchange.received


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem that an audit or an attack has found.

    :param id: its stable code.
    :param severity: how bad it is here.
    :param place: the setting, the view, the route or the URL.
    :param message: what is wrong, in one or two sentences.
    :param fix: what to write instead.
    :param spot: its place in the source, if that is known.
    :param evidence: the exchange that shows it; an audit makes none.
    """

    id: str
    severity: Severity
    place: str
    message: str
    fix: str
    spot: Spot | None = None
    evidence: Evidence | None = None

    @property
    def flaw(self) -> Flaw:
        """The flaw that an attack has found."""
        return self._shown.flaw

    @property
    def found(self) -> str:
        """What an attack has sent that should not have worked."""
        return self._shown.sent

    @property
    def exchange(self) -> Exchange:
        """The request of an attack, and the response that shows the flaw."""
        return self._shown.exchange

    @property
    def _shown(self) -> Evidence:
        assert self.evidence is not None
        return self.evidence

    def __str__(self) -> str:
        if self.evidence is None:
            return f"{self.severity.level}: {self.place} [{self.id}] {self.message}"
        lines = [
            f"{self.severity.value}: {self.id}: {self.message}",
            f"  Sent: {plain(self.evidence.sent, 200)}",
            f"  An attacker: {self.flaw.attack}",
            f"  Fix: {self.fix}",
            *(f"  {line}" for line in message_lines(self.evidence.exchange)),
        ]
        return "\n".join(lines)

    def as_data(self) -> dict[str, Any]:
        """Return this as what JSON can hold."""
        if self.evidence is not None:
            return self._attack_data(self.evidence)
        return {
            "check": self.id,
            "severity": self.severity.level,
            "place": self.place,
            "message": self.message,
            "fix": self.fix,
            "file": None if self.spot is None else self.spot.file,
            "line": None if self.spot is None else self.spot.line,
        }

    def _attack_data(self, evidence: Evidence) -> dict[str, Any]:
        sent, received = evidence.exchange.sent, evidence.received
        return {
            "id": self.id,
            "severity": self.severity.value,
            "title": self.message,
            "sent": evidence.sent,
            "attack": evidence.flaw.attack,
            "fix": self.fix,
            "request": {
                "method": sent.method,
                "url": str(sent.url),
                "headers": header_data(sent.headers),
            },
            "response": {
                "status": received.status,
                "headers": header_data(received.headers),
            },
        }


_ROLES: Final = {"error": Role.FAILED, "warning": Role.FIX, "note": Role.SENT}


def finding_lines(findings: Sequence[Finding]) -> Iterator[Line]:
    """Yield the *findings* of an audit for people, and how many there are."""
    for finding in findings:
        level, spot = finding.severity.level, finding.spot
        yield Line(f"{level}: {finding.place} [{finding.id}]", _ROLES[level])
        if spot is not None:
            yield Line(f"  {spot.file}:{spot.line}", Role.FAINT)
        yield Line(f"  {finding.message}")
        yield Line(f"  Fix: {finding.fix}")
        yield Line("")
    yield _summary(findings)


def _summary(findings: Sequence[Finding]) -> Line:
    counts = Counter(finding.severity.level for finding in findings)
    if not counts:
        return Line("Nothing found.", Role.PASSED)
    parts = (
        f"{counts[level]} {level}{'s' if counts[level] > 1 else ''}"
        for level in LEVELS
        if counts[level]
    )
    return Line(f"{', '.join(parts)}.", Role.HEADING)


class Findings(list[Finding]):
    """All that an attack has found, the worst first; empty, and so false, for nothing.

    :ivar url: the URL that was attacked.
    :ivar trusted: the origins that turned out to be allowed, and so were imitated.
    :ivar requests: how many requests were sent.
    :ivar complete: whether there was time for all of them.
    """

    def __init__(
        self,
        findings: Iterable[Finding] = (),
        *,
        url: str = "",
        trusted: tuple[str, ...] = (),
        requests: int = 0,
        complete: bool = True,
    ) -> None:
        super().__init__(sorted(findings, key=lambda finding: finding.severity.rank))
        self.url = url
        self.trusted = trusted
        self.requests = requests
        self.complete = complete

    def __str__(self) -> str:
        return "\n\n".join([self._head(), *map(str, self)])

    def __repr__(self) -> str:
        named = [f"{each.id} ({each.severity.value})" for each in self]
        return f"<{'; '.join([self._head(), *named])}>"

    def _head(self) -> str:
        number = len(self) or "no"
        trusted = f", imitating {', '.join(self.trusted)}" if self.trusted else ""
        unfinished = "" if self.complete else ", stopped at the deadline"
        return (
            f"{number} finding{'s' * (len(self) != 1)} at {plain(self.url)} "
            f"({self.requests} requests{trusted}{unfinished})"
        )
