"""What a command prints on a terminal, as an SVG for the README.

``python -m docs.ext.terminal`` runs the command of ``COMMAND`` and writes
``docs/data/explain.svg``; a test looks whether it is still what the command prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

SIZE: Final = 14
WIDTH: Final = 0.6 * SIZE
"""Units that a letter of a terminal's font is wide."""
LINE: Final = 19
MARGIN: Final = 16

PAPER: Final = "#14171a"
INK: Final = "#d3d8de"
# Select Graphic Rendition (ECMA-48, 8.3.117): the colours of a dark terminal.
COLOURS: Final = {
    31: "#ff8f8f",
    32: "#6bd68a",
    33: "#ffc46b",
    34: "#7cc7ee",
    35: "#d6a1f0",
    36: "#6fd3cf",
    90: "#a2abb5",
    91: "#ff8f8f",
    92: "#6bd68a",
    93: "#ffc46b",
    94: "#7cc7ee",
    95: "#d6a1f0",
    96: "#6fd3cf",
}
_SGR: Final = re.compile(r"\x1b\[([0-9;]*)m")


class Run(NamedTuple):
    """Text of one look."""

    text: str
    column: int
    colour: str
    bold: bool


def runs(line: str) -> Iterator[Run]:
    """Yield the parts of *line*, by their looks; a line begins plain."""
    colour, bold = INK, False
    position = column = 0
    for match in _SGR.finditer(line):
        if match.start() > position:
            yield Run(line[position : match.start()], column, colour, bold)
            column += match.start() - position
        position = match.end()
        for code in map(int, filter(None, (match[1] or "0").split(";"))):
            if code == 0:
                colour, bold = INK, False
            elif code == 1:
                bold = True
            elif code == 2:
                colour = COLOURS[90]
            elif code == 22:
                bold = False
            elif code == 39:
                colour = INK
            else:
                colour = COLOURS.get(code, colour)
    if position < len(line):
        yield Run(line[position:], column, colour, bold)


def plain(line: str) -> str:
    """Return *line* without its colours."""
    return _SGR.sub("", line)


def svg(text: str, title: str) -> str:
    """Return the picture of a terminal that shows *text*.

    :param title: for those who hear the page.
    """
    lines = text.rstrip("\n").split("\n")
    width = max(len(plain(line)) for line in lines) * WIDTH + 2 * MARGIN
    height = len(lines) * LINE + 2 * MARGIN
    rows = "".join(
        f'<text y="{MARGIN + (number + 0.75) * LINE:g}">'
        f"{''.join(map(_span, runs(line)))}</text>\n"
        for number, line in enumerate(lines)
        if plain(line)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" role="img" font-size="{SIZE}" xml:space="preserve" '
        'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>\n{rows}</svg>\n'
    )


def _span(run: Run) -> str:
    weight = ' font-weight="700"' if run.bold else ""
    x = MARGIN + run.column * WIDTH
    return f'<tspan x="{x:g}" fill="{run.colour}"{weight}>{escape(run.text)}</tspan>'
