"""What an attack has found, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...core.errors import plain
from ...core.fetch_standard import ALLOW_CREDENTIALS
from ..browser.outcome import Exchange
from ..browser.requests import Received
from ..exchanges import message_lines
from .flaws import FLAWS, Flaw, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw, with the exchange that shows it.

    :param id: stable, a key of ``FLAWS``.
    :param found: what was sent that should not have worked.
    :param exchange: the request, and the response that shows it.
    """

    id: str
    found: str
    exchange: Exchange

    @property
    def flaw(self) -> Flaw:
        """The row of the table."""
        return FLAWS[self.id]

    @property
    def severity(self) -> Severity:
        """How bad it is, here."""
        if answer(self.exchange).get(ALLOW_CREDENTIALS) == "true":
            return self.flaw.with_credentials
        return self.flaw.severity

    def __str__(self) -> str:
        flaw = self.flaw
        lines = [
            f"{self.severity.value}: {self.id}: {flaw.title}",
            f"  Sent: {plain(self.found, 200)}",
            f"  An attacker: {flaw.attack}",
            f"  Fix: {flaw.fix}",
            *(f"  {line}" for line in message_lines(self.exchange)),
        ]
        return "\n".join(lines)

    def as_data(self) -> dict[str, Any]:
        """Return the finding as what JSON can hold."""
        sent, received = self.exchange.sent, answer(self.exchange)
        return {
            "id": self.id,
            "severity": self.severity.value,
            "title": self.flaw.title,
            "sent": self.found,
            "attack": self.flaw.attack,
            "fix": self.flaw.fix,
            "request": {
                "method": sent.method,
                "url": str(sent.url),
                "headers": [list(header) for header in sent.headers],
            },
            "response": {
                "status": received.status,
                "headers": [list(header) for header in received.headers],
            },
        }


class Findings(list[Finding]):
    """All that an attack has found, the worst first; empty, and so false, for nothing.

    :ivar url: what was attacked.
    :ivar trusted: the origins that were found to be allowed, and so were imitated.
    :ivar requests: how many requests were sent.
    """

    def __init__(
        self,
        findings: Iterable[Finding] = (),
        *,
        url: str = "",
        trusted: tuple[str, ...] = (),
        requests: int = 0,
    ) -> None:
        super().__init__(sorted(findings, key=lambda finding: finding.severity.rank))
        self.url = url
        self.trusted = trusted
        self.requests = requests

    def __str__(self) -> str:
        return "\n\n".join([self._head(), *map(str, self)])

    def __repr__(self) -> str:
        named = [f"{each.id} ({each.severity.value})" for each in self]
        return f"<{'; '.join([self._head(), *named])}>"

    def _head(self) -> str:
        number = len(self) or "no"
        trusted = f", imitating {', '.join(self.trusted)}" if self.trusted else ""
        return (
            f"{number} finding{'s' * (len(self) != 1)} at {plain(self.url)} "
            f"({self.requests} requests{trusted})"
        )


def answer(exchange: Exchange) -> Received:
    """Return the response, which in an attack always came."""
    assert exchange.received is not None
    return exchange.received
