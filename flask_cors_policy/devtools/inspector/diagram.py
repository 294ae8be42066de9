"""A sequence as a diagram: inline SVG, drawn without looking at a clock or a font.

Three lanes from the top down; messages are arrows with their headers under them, what
happens in a lane stands in a box on it. Text is monospaced and broken into lines
here, so that a diagram is as wide as it is told to be, a phone's screen included.

Colours are those of what is around it: ``currentColor``, and the CSS variables
``--diagram-muted``, ``--diagram-ok`` and ``--diagram-failed`` where they are set. A
diagram that stands alone, in a file of its own, brings light and dark ones with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Final

from .sequence import Lane, Message, Note, Sequence, counted

WIDTH: Final = 720
NARROWEST: Final = 280
"""Pixels: less leaves no room for a header's name."""

_FONT_SIZE: Final = 12
_CHARACTER: Final = 7.25
"""Pixels of one character: a little more than the widest monospaced fonts take."""
_LINE: Final = 17
_GAP: Final = 14
_INDENT: Final = 10
_TOP: Final = 52
_BOX: Final = 8
# Where a long word breaks best; not between the slashes of https://.
_MARKS: Final = re.compile("[?&,;]|(?<!/)/(?!/)")
_OTHER_MARKS: Final = re.compile("[=-]")
_LEAST: Final = 8
"""Characters in a line, however far in it stands."""

_STYLE: Final = (
    "svg{color:#1d2126;--diagram-muted:#5a626c;--diagram-ok:#1a7f4b;"
    "--diagram-failed:#c0281c}"
    "@media(prefers-color-scheme:dark){svg{color:#e4e8ec;--diagram-muted:#9aa4af;"
    "--diagram-ok:#5cc98e;--diagram-failed:#ff8a7a}}"
)
_CURRENT: Final = "currentColor"
_MUTED: Final = "var(--diagram-muted, currentColor)"
_OK: Final = "var(--diagram-ok, currentColor)"
_FAILED: Final = "var(--diagram-failed, currentColor)"


def svg(drawn: Sequence, width: int = WIDTH, *, standalone: bool = False) -> str:
    """Return the diagram of *drawn* as an ``svg`` element.

    :param width: in pixels, at least ``NARROWEST``.
    :param standalone: whether it is for a file of its own.
    :raises ValueError: if *width* is less.
    """
    if width < NARROWEST:
        raise ValueError(f"width = {width}: write {NARROWEST} or more")
    canvas = _Canvas(width)
    canvas.heads(drawn)
    for entry in drawn.entries:
        if isinstance(entry, Message):
            canvas.message(entry)
        else:
            canvas.note(entry)
    return canvas.element(_label(drawn), standalone=standalone)


def _label(drawn: Sequence) -> str:
    """Return the diagram in one sentence; its text alternative says it all."""
    messages = sum(isinstance(entry, Message) for entry in drawn.entries)
    failed = [entry for entry in drawn.entries if isinstance(entry, Note)]
    failed = [note for note in failed if note.failed]
    end = failed[-1].title if failed else "the page gets the response"
    return (
        f"Sequence diagram of {counted(messages, 'message')} between a page of "
        f"{drawn.page}, its browser, and {drawn.server}: {end}"
    )


@dataclass
class _Canvas:
    """What is drawn so far, and how far down it goes."""

    width: int
    y: float = _TOP
    shapes: list[str] = field(default_factory=list)
    _gaps: dict[Lane, list[tuple[float, float]]] = field(default_factory=dict)
    _lanes: dict[Lane, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        narrow = self.width < 560
        self._lanes = {
            Lane.PAGE: 8 if narrow else 40,
            Lane.BROWSER: 48 if narrow else 200,
            Lane.SERVER: self.width - (8 if narrow else 40),
        }
        self._gaps = {lane: [] for lane in Lane}

    def heads(self, drawn: Sequence) -> None:
        """Name the lanes, with the origins of the outer two."""
        page, browser, server = (self._lanes[lane] for lane in Lane)
        self._text(4, 16, Lane.PAGE.value, _CURRENT, bold=True)
        self._text(browser - 6, 16, Lane.BROWSER.value, _CURRENT, bold=True)
        self._text(self.width - 4, 16, Lane.SERVER.value, _CURRENT, "end", bold=True)
        room = int((self.width - 24) / _CHARACTER)
        host = _cut(drawn.server, max(room // 2, room - len(drawn.page)))
        self._text(4, 34, _cut(drawn.page, room - len(host)), _MUTED)
        self._text(self.width - 4, 34, host, _MUTED, "end")
        for x in (page, browser, server):
            self.shapes.append(f'<circle cx="{x:g}" cy="44" r="3" fill="{_MUTED}"/>')

    def message(self, message: Message) -> None:
        """Draw an arrow, its title above and its lines below."""
        source, target = self._lanes[message.source], self._lanes[message.target]
        colour = _FAILED if message.failed else _CURRENT
        left, right = min(source, target), max(source, target)
        text, end = left + _INDENT, right - _INDENT
        if Lane.PAGE in (message.source, message.target):
            # Between page and browser there is no room: beside the browser's line.
            text, end = self._lanes[Lane.BROWSER] + _INDENT, self.width - 4.0
        self.y += _GAP
        self._lines([message.title], text, end, colour, bold=True)
        self.y += 4
        self._arrow(source, target, colour, lost=message.failed and target > source)
        self.y += 6
        self._lines(message.lines, text, end, _CURRENT)
        if message.more:
            more = f"and {counted(message.more, 'more header')}"
            self._lines([more], text, end, _MUTED)

    def note(self, note: Note) -> None:
        """Draw a box: what the browser has found, or what happens elsewhere."""
        title, colour = note.title, _MUTED
        if note.lane is Lane.BROWSER:
            colour = _FAILED if note.failed else _OK
            title = f"{'✗' if note.failed else '✓'} {title}"
        left, right = self._sides(note, title)
        self.y += _GAP
        top = self.y
        self.y += 5
        inside = (left + _BOX, right - _BOX)
        self._lines([title], *inside, colour, bold=note.failed)
        self._lines(note.lines, *inside, _CURRENT)
        self.y += 6
        self._gap(left, right, top, self.y)
        self.shapes.append(
            f'<rect x="{left:g}" y="{top:g}" width="{right - left:g}" '
            f'height="{self.y - top:g}" rx="4" fill="none" stroke="{colour}" '
            f'stroke-width="{2 if note.failed else 1}"/>'
        )

    def _sides(self, note: Note, title: str) -> tuple[float, float]:
        """Return where the box of *note* begins and ends: within the drawing."""
        left, right = self._lanes[Lane.BROWSER] - _BOX, self.width - 4.0
        if note.lane is Lane.PAGE:
            left = max(self._lanes[Lane.PAGE] - _BOX, 4)
        if note.lines and note.lane is Lane.BROWSER:
            return left, right
        needed = max(len(line) for line in (title, *note.lines))
        width = min(right - left, 2 * _BOX + needed * _CHARACTER)
        if note.lane is Lane.SERVER:
            return right - width, right
        return left, left + width

    def element(self, label: str, *, standalone: bool) -> str:
        """Return all of it, with the lanes' lines where no text stands in their way."""
        height = self.y + _GAP
        lines = [
            f'<line x1="{x:g}" y1="{start:g}" x2="{x:g}" y2="{end:g}" '
            f'stroke="{_MUTED}" stroke-dasharray="2 3"/>'
            for lane, x in self._lanes.items()
            for start, end in _between(self._gaps[lane], _TOP, height)
        ]
        style = f"<style>{_STYLE}</style>" if standalone else ""
        named = escape(label)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} '
            f'{height:g}" width="{self.width}" height="{height:g}" role="img" '
            f'aria-label="{named}" fill="none" font-size="{_FONT_SIZE}" '
            f'font-family="ui-monospace, Menlo, Consolas, monospace">{style}'
            f"<title>{named}</title>{''.join(lines + self.shapes)}</svg>"
        )

    def _lines(
        self,
        lines: tuple[str, ...] | list[str],
        x: float,
        end: float,
        colour: str,
        *,
        bold: bool = False,
    ) -> None:
        """Write *lines* below each other, broken where they reach *end*."""
        top, right = self.y, x
        for line in lines:
            for indent, part in _broken(line, int((end - x) / _CHARACTER)):
                start = x + indent * _CHARACTER
                right = max(right, start + len(part) * _CHARACTER)
                self.y += _LINE
                self._text(start, self.y - 4, part, colour, bold=bold)
        self._gap(x, right, top, self.y)

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        colour: str,
        anchor: str = "start",
        *,
        bold: bool = False,
    ) -> None:
        weight = ' font-weight="bold"' if bold else ""
        at = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.shapes.append(
            f'<text x="{x:g}" y="{y:g}" fill="{colour}"{at}{weight}>'
            f"{escape(text)}</text>"
        )

    def _arrow(self, source: float, target: float, colour: str, *, lost: bool) -> None:
        """Draw an arrow; one that is lost ends in a cross, half-way."""
        back = 7 if target > source else -7
        end = (source + target) / 2 if lost else target
        y = self.y
        head = f"M{end - back:g} {y - 4:g}L{end:g} {y:g}L{end - back:g} {y + 4:g}"
        if lost:
            head = f"M{end - 5:g} {y - 5:g}l10 10m0 -10l-10 10"
        self.shapes.append(
            f'<path d="M{source:g} {y:g}H{end:g}{head}" stroke="{colour}" '
            'stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>'
        )

    def _gap(self, left: float, right: float, top: float, bottom: float) -> None:
        """Keep the lines of the lanes out of a place."""
        for lane, x in self._lanes.items():
            if left - 3 <= x <= right + 3:
                self._gaps[lane].append((top, bottom))


def _between(
    gaps: list[tuple[float, float]], start: float, end: float
) -> Iterator[tuple[float, float]]:
    """Yield what *gaps*, in any order, leave of the way from *start* to *end*."""
    for top, bottom in sorted(gaps):
        if top > start:
            yield start, top
        start = max(start, bottom)
    yield start, end  # Below the last gap there is always some room.


def _broken(line: str, most: int) -> Iterator[tuple[int, str]]:
    """Yield *line* in parts of at most *most* characters, each with its indentation.

    It breaks at spaces, where there are none at the marks within URLs and lists, and
    anywhere else only in what is too long by itself; what is carried over stands two
    characters farther in.
    """
    text = line.lstrip(" ")
    indent = len(line) - len(text)
    carried = indent + 2
    while True:
        room = max(most - indent, _LEAST)
        if len(text) <= room:
            yield indent, text
            return
        cut = text.rfind(" ", 1, room + 1)
        if cut < 0:
            cut = _last(_MARKS, text[:room]) or _last(_OTHER_MARKS, text[:room]) or room
        yield indent, text[:cut]
        indent, text = carried, text[cut:].lstrip(" ")


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Return where the last match of *pattern* ends; 0 if there is none."""
    return max((found.end() for found in pattern.finditer(text)), default=0)


def _cut(text: str, most: int) -> str:
    """Return *text*, cut to *most* characters."""
    return text if len(text) <= most else text[: most - 1] + "…"
