"""A terminal's output becomes a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from docs.ext.terminal import COLOURS, INK, MARGIN, WIDTH, Run, runs, svg

SVG = "{http://www.w3.org/2000/svg}"


def test_colours_and_weights_are_kept_and_ended() -> None:
    line = "\x1b[1;31mNO\x1b[0m  the \x1b[2mrest\x1b[m"
    assert list(runs(line)) == [
        Run("NO", 0, COLOURS[31], True),
        Run("  the ", 2, INK, False),
        Run("rest", 8, COLOURS[90], False),
    ]


def test_each_part_stands_at_its_column() -> None:
    drawing = ET.fromstring(svg("\x1b[32mok\x1b[0m <b>\n\nend", "a title"))
    spans = [
        (span.text, float(span.attrib["x"])) for span in drawing.iter(f"{SVG}tspan")
    ]
    assert spans == [
        ("ok", MARGIN),
        (" <b>", MARGIN + 2 * WIDTH),
        ("end", MARGIN),
    ]
    rows = [float(row.attrib["y"]) for row in drawing.iter(f"{SVG}text")]
    assert len(rows) == 2
    assert rows[1] < float(drawing.attrib["viewBox"].split()[3])
