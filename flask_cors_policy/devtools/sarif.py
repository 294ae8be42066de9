"""Findings as SARIF 2.1.0, the format of code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from .findings import Finding, Severity


def sarif(
    findings: Iterable[Finding],
    rules: Sequence[tuple[str, Severity, str]],
    version: str,
) -> dict[str, Any]:
    """Return *findings* as a SARIF log.

    :param rules: id, default severity and meaning of each check there is.
    :param version: of this library.
    """
    index = {name: number for number, (name, _, _) in enumerate(rules)}
    driver = {
        "name": "flask_cors_policy",
        "semanticVersion": version,
        "rules": [
            {
                "id": name,
                "shortDescription": {"text": f"{meaning}."},
                "defaultConfiguration": {"level": severity.level},
            }
            for name, severity, meaning in rules
        ],
    }
    results = [_result(finding, index[finding.id]) for finding in findings]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
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
    return {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": finding.severity.level,
        "message": {"text": f"{finding.place}: {finding.message} {finding.fix}"},
        "locations": [location],
        "partialFingerprints": {
            "finding/v1": hashlib.sha256(identity).hexdigest()[:32]
        },
    }
