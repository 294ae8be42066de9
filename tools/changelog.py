"""Read CHANGES.md, which is kept as https://keepachangelog.com has it.

``python -m tools.changelog v0.2.0`` says whether that version can be released: it is
the project's version, and CHANGES.md has a dated section for it, and nothing above it
that is not released. It prints the section.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
UNRELEASED = "Unreleased"
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
"""What a section of a version may have, in this order."""

_HEADING = re.compile(r"## (?:Unreleased|(\d+\.\d+\.\d+) - (\d{4}-\d{2}-\d{2}))")


class Section(NamedTuple):
    """What changed in one version.

    :param version: ``Unreleased`` for the next one.
    :param kinds: what kinds of changes are told of, in their order.
    :param text: all of it, without the heading.
    """

    version: str
    kinds: tuple[str, ...]
    text: str


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit status."""
    (tag,) = sys.argv[1:] if arguments is None else arguments
    changes = ROOT.joinpath("CHANGES.md").read_text("utf-8")
    problem, text = release(tag, version(), sections(changes))
    print(problem or text, file=sys.stderr if problem else sys.stdout)
    return 1 if problem else 0


def release(tag: str, project: str, found: list[Section]) -> tuple[str, str]:
    """Return why *tag* cannot be released, or nothing; and what changed in it.

    :param project: the version of the project.
    """
    wanted = tag.removeprefix("v")
    if tag == wanted or wanted != project:
        return f"The tag is {tag}, and the version in pyproject.toml {project}.", ""
    if found and found[0] == (UNRELEASED, (), ""):
        found = found[1:]
    if not found or found[0].version != wanted:
        first = found[0].version if found else "nothing"
        return f"CHANGES.md begins with {first}, and not with {wanted}.", ""
    return "", found[0].text


def version() -> str:
    """Return the version of the project."""
    project = ROOT.joinpath("pyproject.toml").read_text("utf-8")
    match = re.search(r'^version = "(.+)"$', project, re.M)
    assert match is not None
    return match[1]


def sections(text: str) -> list[Section]:
    """Return the sections of a changelog, newest first.

    :raises ValueError: if a heading is none of those that there may be, or a kind of
        change stands in the wrong place.
    """
    _, *parts = re.split(r"^(?=## )", text, flags=re.M)
    return [_section(part) for part in parts]


def _section(part: str) -> Section:
    heading, _, text = part.partition("\n")
    match = _HEADING.fullmatch(heading)
    if match is None:
        raise ValueError(f"not a heading of a version: {heading!r}")
    kinds = tuple(re.findall(r"^### (.+)$", text, re.M))
    if list(kinds) != [kind for kind in KINDS if kind in kinds]:
        raise ValueError(f"{heading}: {', '.join(kinds)}: not {', '.join(KINDS)}")
    return Section(match[1] or UNRELEASED, kinds, text.strip())


if __name__ == "__main__":
    sys.exit(main())
