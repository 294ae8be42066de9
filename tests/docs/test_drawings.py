"""The drawings show what browser and server really say, and fit into their frame."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from docs.ext.drawing import LETTER, WIDTH, Arrow, Note, svg
from docs.ext.exchanges import STORIES, rows

SVG = "{http://www.w3.org/2000/svg}"


def lines(name: str) -> list[str]:
    """Return every line of a drawing, and who says it to whom."""
    return [
        f"{row.start}>{row.end} {line}" if isinstance(row, Arrow) else line
        for row in rows(STORIES[name])
        for line in row.lines
    ]


def test_a_simple_request_is_sent_and_read() -> None:
    assert lines("simple") == [
        'page>browser fetch(".../items")',
        "browser>server GET /items",
        "browser>server Origin: https://app.example.com",
        "the view runs",
        "server>browser 200 OK",
        "server>browser Vary: Origin",
        "server>browser Access-Control-Allow-Origin: https://app.example.com",
        "✓ 2 checks passed",
        "browser>page 200, readable",
    ]


def test_a_page_that_is_not_allowed_makes_the_view_run_and_reads_nothing() -> None:
    shown = lines("refused")
    assert "the view runs" in shown
    assert shown[-2:] == ["✗ allow-origin-missing", "browser>page TypeError"]


def test_a_refused_preflight_is_the_last_thing_sent() -> None:
    shown = lines("preflight-refused")
    assert [line for line in shown if line.startswith("browser>server OPTIONS")]
    assert not [
        line for line in shown if "PUT /items" in line or line == "the view runs"
    ]


def test_a_second_request_needs_no_preflight_of_its_own() -> None:
    shown = lines("caching")
    assert sum("browser>server OPTIONS" in line for line in shown) == 1
    assert shown.index("no preflight") < shown.index("browser>server DELETE /items/7")


def test_the_cookie_goes_with_credentials() -> None:
    assert "browser>server Cookie: session=ada" in lines("credentials")


@pytest.mark.parametrize("name", STORIES)
def test_nothing_reaches_over_the_edge(name: str) -> None:
    drawing = ET.fromstring(svg(rows(STORIES[name]), name, ("a", "b", "c")))
    height = float(drawing.attrib["viewBox"].split()[3])
    texts = drawing.findall(f"{SVG}text")
    assert len(texts) > 8
    for text in texts:
        assert float(text.attrib["y"]) < height
        if text.attrib["text-anchor"] == "start" and "mono" in text.attrib["class"]:
            width = len(text.text or "") * LETTER
            assert float(text.attrib["x"]) + width <= WIDTH + LETTER
    for box in drawing.findall(f"{SVG}rect"):
        assert 0 <= float(box.attrib["x"])
        assert float(box.attrib["x"]) + float(box.attrib["width"]) <= WIDTH


def test_text_is_escaped() -> None:
    drawn = svg([Note("server", ("<script>",))], "a & b", ("", "", ""))
    assert "<script>" not in drawn
    assert "a &amp; b" in drawn
