"""The pages about commands show what the commands print, and the tables there are."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from flask_cors_policy.core.reasons import Event, Reason
from flask_cors_policy.devtools.audit import CHECKS
from flask_cors_policy.devtools.codes import Cause

DOCS = Path(__file__).parents[1] / "docs"


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


SESSIONS = [
    (name, *found)
    for name in ("explain", "audit")
    for found in re.findall(
        r"```console\n\$ flask --app shop cors (.+)\n((?:.*\n)*?)```", page(name)
    )
]


@pytest.mark.parametrize(("name", "command", "output"), SESSIONS)
def test_commands_print_what_the_pages_show(
    name: str, command: str, output: str, tmp_path: Path
) -> None:
    (source,) = re.findall(r"```python\n((?:.*\n)*?)```", page("explain"))
    tmp_path.joinpath("shop.py").write_text(source, "utf-8")
    # In a process of its own: the audit reports unused decorators of this one.
    flask = [sys.executable, "-m", "flask", "--app", "shop", "cors"]
    done = subprocess.run(
        [*flask, *shlex.split(command)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == output, done.stderr


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(row) for row in (head, tuple("---" for _ in head), *rows)]
    return "".join(f"| {line} |\n" for line in lines)


CAUSES = table(
    ("code", "what happened", "what to do"),
    ((f"`{cause.value}`", cause.sentence, cause.fix) for cause in Cause),
)
EVENTS = table(
    ("code", "what happened", "what to do"),
    ((f"`{event.value}`", event.sentence, event.fix) for event in Event),
)
AUDITS = table(
    ("code", "severity", "what it finds"),
    ((f"`{check.id}`", check.severity.level, check.meaning) for check in CHECKS),
)
REASONS = table(
    ("code", "what happened", "what to do"),
    (
        (f"`{reason.value}`", reason.sentence, reason.fix)
        for reason in Reason
        if reason.denied
    ),
)


@pytest.mark.parametrize(
    ("name", "marker", "expected"),
    [
        ("explain", "causes", CAUSES),
        ("audit", "checks", AUDITS),
        ("log", "reasons", REASONS),
        ("reasons", "events", EVENTS),
    ],
)
def test_tables_of_the_pages_are_those_of_the_library(
    name: str, marker: str, expected: str
) -> None:
    pattern = rf"<!-- {marker} -->\n((?:.*\n)*?)<!-- end -->"
    (shown,) = re.findall(pattern, page(name))
    assert shown == expected
