"""Lines of text with a role each, so that a terminal can show them in colour.

The text is the same without colours: a role says nothing that the words do not say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple


class Role(Enum):
    """What a line is about. ``value`` is the colour, by its common name, or empty."""

    PLAIN = ""
    HEADING = "bold"
    SENT = "cyan"
    RECEIVED = "blue"
    PASSED = "green"
    FAILED = "red"
    FIX = "yellow"
    FAINT = "dim"


class Line(NamedTuple):
    """One line of text, without its end."""

    text: str
    role: Role = Role.PLAIN


Lines = Iterable[Line]


def joined(lines: Lines, style: Callable[[str, Role], str] | None = None) -> str:
    """Return *lines* as one text.

    :param style: returns the text of a line in the colour of its role.
    """
    return "\n".join(
        text if style is None or not text else style(text, role) for text, role in lines
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Line]:
    """Yield a table whose columns are as wide as their content."""
    body = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*body, strict=True)]
    for number, row in enumerate(body):
        cells = zip(row, widths, strict=True)
        text = "  ".join(cell.ljust(width) for cell, width in cells)
        yield Line(text.rstrip(), Role.PLAIN if number else Role.HEADING)
