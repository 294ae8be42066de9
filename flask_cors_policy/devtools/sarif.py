"""Findings as SARIF 2.1.0, the format of code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from .codes.weaknesses import cwe
from .findings import Finding, Severity

# https://www.first.org/cvss/specification-document#Qualitative-Severity-Rating-Scale
_SCORES: Final = {
    Severity.CRITICAL: "9.1",
    Severity.HIGH: "7.4",
    Severity.MEDIUM: "5.3",
    Severity.LOW: "2.0",
}
_CWE: Final = "https://cwe.mitre.org/data/definitions"


class Rule(NamedTuple):
    """What a finding can be an instance of.

    :param severity: its severity, at the worst.
    :param meaning: what it finds, in one line.
    :param fix: what to do, in one sentence; empty if only findings know.
    """

    id: str
    severity: Severity
    meaning: str
    fix: str = ""


def sarif(
    findings: Iterable[Finding], rules: Sequence[Rule], version: str
) -> dict[str, Any]:
    """Return *findings* as a SARIF log.

    :param rules: each check there is.
    :param version: of this library.
    """
    index = {rule.id: number for number, rule in enumerate(rules)}
    driver = {
        "name": "flask_cors_policy",
        "semanticVersion": version,
        "rules": [_rule(rule) for rule in rules],
    }
    results = [_result(finding, index[finding.id]) for finding in findings]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    number = cwe(rule.id)
    meaning = f"{rule.meaning[:1].upper()}{rule.meaning[1:]}."
    text = f"{meaning} {rule.fix}".strip()
    link = f"{_CWE}/{number}.html"
    return {
        "id": rule.id,
        "shortDescription": {"text": f"{rule.meaning}."},
        "help": {"text": text, "markdown": f"{text} See [CWE-{number}]({link})."},
        "helpUri": link,
        "defaultConfiguration": {"level": rule.severity.level},
        "properties": {
            # Both as GitHub reads them.
            "security-severity": _SCORES[rule.severity],
            "tags": ["security", f"external/cwe/cwe-{number:03}"],
        },
    }


def _artifact(file: str) -> dict[str, str]:
    """Return the place of a file (3.4 of the format)."""
    if file.startswith("/"):
        return {"uri": f"file://{quote(file)}"}
    if file[1:2] == ":":  # A drive.
        return {"uri": f"file:///{quote(file, safe='/:')}"}
    return {"uri": quote(file), "uriBaseId": "%SRCROOT%"}


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    # Lines move, so they do not tell one finding from another.
    identity = f"{finding.id}\n{finding.place}\n{finding.message}".encode()
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": finding.place}]
    }
    if finding.spot is not None:
        location["physicalLocation"] = {
            "artifactLocation": _artifact(finding.spot.file),
            "region": {"startLine": finding.spot.line},
        }
    elif finding.evidence is not None:
        location["physicalLocation"] = {"artifactLocation": {"uri": finding.place}}
    return {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": finding.severity.level,
        "message": {"text": _message(finding)},
        "locations": [location],
        "partialFingerprints": {
            "finding/v1": hashlib.sha256(identity).hexdigest()[:32]
        },
    }


def _message(finding: Finding) -> str:
    shows = "" if finding.evidence is None else f" Sent: {finding.found}."
    return f"{finding.place}: {finding.message}{shows} {finding.fix}"
