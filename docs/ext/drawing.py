"""Sequence diagrams as SVG: page, browser and server, and what goes between them.

An SVG stands within the page, so that the page's colours, those of dark mode too, are
its own (``theme/policy/static/policy.css``). It is narrow: a phone shows it whole.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 460
LANES: Final = {"page": 24, "browser": 100, "server": 428}
"""Lane -> where its line is, in units from the left."""
LINE: Final = 16
"""Units from one line of text to the next."""
FIRST: Final = 52
SIZE: Final = 10.5
LETTER: Final = 0.62 * SIZE
"""Units that a letter of the code font is wide."""
LONGEST: Final = int((WIDTH - LANES["browser"] - 10) / LETTER)
"""Letters between the browser's lane and the edge."""


@dataclass(frozen=True)
class Arrow:
    """A message: its lines of text stand above the arrow."""

    start: str
    end: str
    lines: tuple[str, ...]
    tone: str = ""


@dataclass(frozen=True)
class Note:
    """What happens in one lane, in a box."""

    lane: str
    lines: tuple[str, ...]
    tone: str = ""


Row = Arrow | Note


@dataclass
class Canvas:
    """Collects the parts of a drawing from top to bottom."""

    parts: list[str] = field(default_factory=list)
    y: float = FIRST

    def text(self, x: float, y: float, text: str, style: str, anchor: str) -> None:
        """Write one line."""
        self.parts.append(
            f'<text class="{style}" x="{x:g}" y="{y:g}" text-anchor="{anchor}" '
            f'font-size="{SIZE}">{escape(text)}</text>'
        )

    def arrow(self, row: Arrow) -> None:
        """Draw a message."""
        start, end = LANES[row.start], LANES[row.end]
        side = 1 if end > start else -1
        between_page = "page" in (row.start, row.end)
        for line in itertools.chain.from_iterable(map(wrapped, row.lines)):
            self.y += LINE
            style = f"mono {row.tone}{' cors' if is_about_cors(line) else ''}"
            # What the page says is longer than the way to the browser.
            x = 8 if between_page else LANES["browser"] + 10
            self.text(x, self.y, line, style, "start")
        self.y += 9
        tip = end - side * 2
        self.parts.append(
            f'<path class="arrow {row.tone}" d="M{start} {self.y:g}H{tip}"/>'
            f'<path class="head {row.tone}" d="M{tip} {self.y:g}'
            f'l{-side * 9} -4.5v9z"/>'
        )
        self.y += 6

    def note(self, row: Note) -> None:
        """Draw a box on a lane."""
        width = max(map(len, row.lines)) * LETTER * 0.9 + 18
        x = min(max(LANES[row.lane] - width / 2, 4), WIDTH - width - 4)
        self.y += 8
        height = len(row.lines) * LINE + 8
        self.parts.append(
            f'<rect class="box" x="{x:g}" y="{self.y:g}" width="{width:g}" '
            f'height="{height:g}" rx="5"/>'
        )
        for number, line in enumerate(row.lines, 1):
            y = self.y + number * LINE
            self.text(x + width / 2, y, line, f"box-text {row.tone}", "middle")
        self.y += height + 2


def wrapped(line: str) -> list[str]:
    """Return *line* in as many lines as it needs."""
    if line.startswith("fetch"):  # It has the whole width.
        return [line]
    return textwrap.wrap(line, LONGEST, subsequent_indent="\u00a0\u00a0") or [line]


def is_about_cors(line: str) -> bool:
    """Say whether a line is a header of the CORS protocol."""
    return line.startswith(("Access-Control-", "Origin:", "\u00a0"))


def svg(rows: Iterable[Row], title: str, names: Sequence[str]) -> str:
    """Return the drawing of *rows*.

    :param title: what it shows, for those who hear the page.
    :param names: what stands over the three lanes.
    """
    canvas = Canvas()
    for row in rows:
        if isinstance(row, Arrow):
            canvas.arrow(row)
        else:
            canvas.note(row)
    height = canvas.y + 14
    lanes = "".join(
        f'<path class="lane" d="M{x} {FIRST - 8}V{height:g}"/>' for x in LANES.values()
    )
    heads = "".join(_head(name, lane) for name, lane in zip(names, LANES, strict=True))
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>'
        f"{lanes}{heads}{''.join(canvas.parts)}</svg>"
    )


def _head(name: str, lane: str) -> str:
    """Return the two lines over a lane: what it is, and its origin."""
    x = LANES[lane]
    anchor = {"page": "start", "browser": "middle", "server": "end"}[lane]
    at = {"page": 8, "browser": x, "server": WIDTH - 8}[lane]
    return (
        f'<text class="name" x="{at}" y="16" text-anchor="{anchor}" '
        f'font-size="12">{lane}</text>'
        f'<text class="mono name" x="{at}" y="32" text-anchor="{anchor}" '
        f'font-size="9.5" font-weight="400">{escape(name)}</text>'
    )
