"""What a command prints on a terminal, as an SVG for the README.

``python -m docs.ext.terminal`` writes ``docs/data/explain.svg``, which the README
shows; a test looks whether it is still what the command prints.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from click.testing import CliRunner
from flask.cli import ScriptInfo

from examples.config_keys import app
from flask_cors_policy.devtools.cli import cors

COMMAND: Final = (
    "explain PUT /items/7 --origin https://app.example.com "
    "-H 'X-Token: t0ken' --json-body '{}'"
)
PICTURE: Final = Path(__file__).parents[1] / "data" / "explain.svg"
COLUMNS: Final = 112
"""Letters in a line; what is longer goes on in the next, as on a terminal."""

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


def rows(line: str) -> list[list[Run]]:
    """Return the parts of *line* in as many rows as a terminal needs for it."""
    found: list[list[Run]] = [[]]
    for run in runs(line):
        text, column = run.text, run.column
        while text:
            row, start = divmod(column, COLUMNS)
            while len(found) <= row:
                found.append([])
            fitting, text = text[: COLUMNS - start], text[COLUMNS - start :]
            found[row].append(run._replace(text=fitting, column=start))
            column += len(fitting)
    return found


def printed() -> str:
    """Return the command, and what it prints on a terminal."""
    runner = CliRunner(env={"NO_COLOR": ""})
    info = ScriptInfo(create_app=lambda: app)
    result = runner.invoke(cors, shlex.split(COMMAND), obj=info, color=True)
    return f"$ flask cors {COMMAND}\n{result.output}"


def svg(text: str, title: str) -> str:
    """Return the picture of a terminal that shows *text*.

    :param title: for those who hear the page.
    """
    lines = [row for line in text.rstrip("\n").split("\n") for row in rows(line)]
    ends = (run.column + len(run.text) for row in lines for run in row)
    width = max(ends) * WIDTH + 2 * MARGIN
    height = len(lines) * LINE + 2 * MARGIN
    drawn = "".join(
        f'<text y="{MARGIN + (number + 0.75) * LINE:g}">'
        f"{''.join(map(_span, row))}</text>\n"
        for number, row in enumerate(lines)
        if row
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" role="img" font-size="{SIZE}" '
        'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>\n{drawn}</svg>\n'
    )


def _span(run: Run) -> str:
    weight = ' font-weight="700"' if run.bold else ""
    x = MARGIN + run.column * WIDTH
    text = escape(run.text.replace(" ", "\u00a0"))  # Renderers join plain ones.
    return f'<tspan x="{x:g}" fill="{run.colour}"{weight}>{text}</tspan>'


def picture() -> str:
    """Return the picture of the command, as the README shows it."""
    return svg(printed(), f"What flask cors {COMMAND} prints")


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
