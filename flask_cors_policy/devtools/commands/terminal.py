"""What is printed: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import os
import sys
from typing import Final, TextIO

from ..lines import Lines, Role, joined

# https://www.ecma-international.org/publications-and-standards/standards/ecma-48/,
# 8.3.117: parameters of SELECT GRAPHIC RENDITION.
_RENDITIONS: Final = {
    "bold": 1,
    "dim": 2,
    "red": 31,
    "green": 32,
    "yellow": 33,
    "blue": 34,
    "cyan": 36,
}


def print_lines(lines: Lines) -> None:
    """Print *lines*: in colour on a terminal, unless ``NO_COLOR`` is set.

    (https://no-color.org)
    """
    _print_lines(lines, sys.stdout)


def complain_lines(lines: Lines) -> None:
    """Print *lines* that are no result."""
    _print_lines(lines, sys.stderr)


def print_json(data: object) -> None:
    """Print *data* for programs."""
    print(json.dumps(data, indent=2))


def complain(text: str) -> None:
    """Print what is no result."""
    print(text, file=sys.stderr)


def _print_lines(lines: Lines, stream: TextIO) -> None:
    coloured = stream.isatty() and not os.environ.get("NO_COLOR")
    print(joined(lines, _styled if coloured else None), file=stream)


def _styled(text: str, role: Role) -> str:
    rendition = _RENDITIONS.get(role.value)
    return text if rendition is None else f"\x1b[{rendition}m{text}\x1b[0m"
