"""What the command prints about a migration, and what it exits with."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

from ..lines import Line, Role
from .files import UnreadableError, write_whole
from .migration import Migration
from .notes import Group
from .project import Skipped

CLEAN: Final = 0
WORK: Final = 1
TROUBLE: Final = 2

_ROLES: Final = {
    Group.DECIDE: Role.FAILED,
    Group.KEPT: Role.FIX,
    Group.CLOSED: Role.HEADING,
    Group.LEFT: Role.HEADING,
    Group.REMOVED: Role.FAINT,
}

_STILL_FLASK_CORS: Final = frozenset(
    {"dependency", "internal-name", "mentioned", "notebook"}
)
"""Notes about places that name Flask-CORS, and are not rewritten."""


class Mode(Enum):
    """What the command does with the changes."""

    DIFF = "diff"
    WRITE = "write"
    CHECK = "check"


def write(migration: Migration) -> int:
    """Write all changes; return how many files were written.

    A file that cannot be written is one more that is skipped.
    """
    written = 0
    for changed in migration.changed:
        try:
            write_whole(changed.file, changed.text)
            written += 1
        except UnreadableError as error:
            migration.skipped.append(Skipped(changed.file.path, str(error)))
    return written


def exit_status(migration: Migration, mode: Mode) -> int:
    """Return 2 if a file was skipped, 1 if there is work to check for, else 0.

    What a person has to decide is work.
    """
    if migration.skipped:
        return TROUBLE
    work = migration.changed or _left(migration) or _to_decide(migration)
    return WORK if mode is Mode.CHECK and work else CLEAN


def _left(migration: Migration) -> int:
    """Return how many lines still name Flask-CORS, and are not rewritten."""
    places = {
        (finding.path, finding.line)
        for finding in migration.findings
        if finding.note.code in _STILL_FLASK_CORS
    }
    return len(places)


def _to_decide(migration: Migration) -> int:
    return sum(finding.note.group is Group.DECIDE for finding in migration.findings)


def report_lines(migration: Migration, mode: Mode, written: int = 0) -> Iterator[Line]:
    """Yield what there is to tell: the most dangerous first, then a summary."""
    for finding in migration.findings:
        note = finding.note
        place = f"{finding.path}:{finding.line}"
        group = note.group
        text = f"{place}: {group.value}: {note.message} [{note.code}]"
        yield Line(text, _ROLES[group])
        if note.fix:
            yield Line(f"    {note.fix}", Role.FAINT)
    for skipped in migration.skipped:
        yield Line(f"{skipped.path}: skipped: it {skipped.reason}", Role.FAILED)
    yield Line(_summary(migration, mode, written), Role.HEADING)


def _summary(migration: Migration, mode: Mode, written: int) -> str:
    changed = len(migration.changed)
    parts = [f"{_files(written)} changed" if mode is Mode.WRITE else ""]
    if mode is not Mode.WRITE:
        parts = [f"{_files(changed)} to change"]
        if changed and mode is Mode.DIFF:
            parts[0] += " (--write changes them)"
    decide = _to_decide(migration)
    left = _left(migration) if mode is Mode.CHECK else 0
    if left:
        lines = "1 line is" if left == 1 else f"{left} lines are"
        parts.append(f"{lines} left to check")
    if decide:
        parts.append(f"{decide} to decide")
    if migration.skipped:
        parts.append(f"{_files(len(migration.skipped))} skipped")
    return ", ".join(parts) + "."


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"


def as_data(migration: Migration) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "changes": [
            {"path": changed.file.path, "diff": changed.diff()}
            for changed in migration.changed
        ],
        "findings": [
            {
                "path": finding.path,
                "line": finding.line,
                "group": finding.note.group.value,
                "code": finding.note.code,
                "message": finding.note.message,
                "fix": finding.note.fix,
            }
            for finding in migration.findings
        ],
        "skipped": [
            {"path": skipped.path, "reason": skipped.reason}
            for skipped in migration.skipped
        ],
    }
