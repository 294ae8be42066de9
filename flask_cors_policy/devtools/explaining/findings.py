"""Findings of an audit: data first, then lines for people and SARIF for programs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final
from urllib.parse import quote

from .lines import Line, Role


class Severity(Enum):
    """How bad a finding is. ``value`` is its name, in SARIF too, ``rank`` its order."""

    ERROR = "error", 3
    WARNING = "warning", 2
    NOTE = "note", 1

    rank: int

    def __new__(cls, name: str, rank: int) -> Severity:
        member = object.__new__(cls)
        member._value_ = name
        member.rank = rank
        return member


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in the source something is.

    :param file: path of the file, relative to where the command ran, where it is below.
    :param line: counted from 1.
    """

    file: str
    line: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem.

    :param check: id of the check that found it, which never changes.
    :param severity: how bad it is here.
    :param place: the setting, the view or the route, as the user typed it.
    :param message: what is wrong, in one or two sentences.
    :param fix: what to write instead.
    :param spot: where it is, if that is known.
    """

    check: str
    severity: Severity
    place: str
    message: str
    fix: str
    spot: Spot | None = None

    def as_data(self) -> dict[str, Any]:
        """Return this as what JSON can hold."""
        return {
            "check": self.check,
            "severity": self.severity.value,
            "place": self.place,
            "message": self.message,
            "fix": self.fix,
            "file": None if self.spot is None else self.spot.file,
            "line": None if self.spot is None else self.spot.line,
        }


_ROLES: Final = {
    Severity.ERROR: Role.FAILED,
    Severity.WARNING: Role.FIX,
    Severity.NOTE: Role.SENT,
}


def finding_lines(findings: Sequence[Finding]) -> Iterator[Line]:
    """Yield *findings* for people, and how many there are."""
    for finding in findings:
        severity, spot = finding.severity, finding.spot
        head = f"{severity.value}: {finding.place} [{finding.check}]"
        yield Line(head, _ROLES[severity])
        if spot is not None:
            yield Line(f"  {spot.file}:{spot.line}", Role.FAINT)
        yield Line(f"  {finding.message}")
        yield Line(f"  Fix: {finding.fix}")
        yield Line("")
    yield _summary(findings)


def _summary(findings: Sequence[Finding]) -> Line:
    counts = Counter(finding.severity for finding in findings)
    if not counts:
        return Line("Nothing found.", Role.PASSED)
    parts = (
        f"{counts[severity]} {severity.value}{'s' if counts[severity] > 1 else ''}"
        for severity in Severity
        if counts[severity]
    )
    return Line(f"{', '.join(parts)}.", Role.HEADING)


def sarif(
    findings: Iterable[Finding],
    rules: Sequence[tuple[str, Severity, str]],
    version: str,
) -> dict[str, Any]:
    """Return *findings* as a SARIF 2.1.0 log, for code scanning.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

    :param rules: id, usual severity and meaning of each check there is.
    :param version: of this library.
    """
    index = {name: number for number, (name, _, _) in enumerate(rules)}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "flask_cors_policy",
                        "semanticVersion": version,
                        "rules": [
                            {
                                "id": name,
                                "shortDescription": {"text": f"{meaning}."},
                                "defaultConfiguration": {"level": severity.value},
                            }
                            for name, severity, meaning in rules
                        ],
                    }
                },
                "results": [
                    _result(finding, index[finding.check]) for finding in findings
                ],
            }
        ],
    }


def _artifact(file: str) -> dict[str, str]:
    """Return where a file is: 3.4 of the format."""
    if file.startswith("/"):
        return {"uri": f"file://{quote(file)}"}
    if file[1:2] == ":":  # A drive.
        return {"uri": f"file:///{quote(file, safe='/:')}"}
    return {"uri": quote(file), "uriBaseId": "%SRCROOT%"}


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    # Lines move, and so they are no part of what tells one finding from another.
    identity = f"{finding.check}\n{finding.place}\n{finding.message}".encode()
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": finding.place}]
    }
    if finding.spot is not None:
        location["physicalLocation"] = {
            "artifactLocation": _artifact(finding.spot.file),
            "region": {"startLine": finding.spot.line},
        }
    return {
        "ruleId": finding.check,
        "ruleIndex": rule,
        "level": finding.severity.value,
        "message": {"text": f"{finding.place}: {finding.message} {finding.fix}"},
        "locations": [location],
        "partialFingerprints": {
            "finding/v1": hashlib.sha256(identity).hexdigest()[:32]
        },
    }
