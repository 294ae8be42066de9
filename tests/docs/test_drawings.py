"""The drawings show what browser and server really say, and fit into their frame."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import docs
from docs.ext.exchanges import STORIES, WIDTH, sequence
from flask_cors_policy.devtools.inspector.diagram import svg
from flask_cors_policy.devtools.inspector.sequence import Message

CHARACTER = 7.25
SVG = "{http://www.w3.org/2000/svg}"


def lines(name: str) -> list[str]:
    """Return every line of a drawing, and who says it to whom."""
    return [
        f"{entry.source.value}>{entry.target.value} {line}"
        if isinstance(entry, Message)
        else line
        for entry in sequence(STORIES[name]).entries
        for line in (entry.title, *entry.lines)
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
        "2 checks passed",
        "browser>page 200, readable",
    ]


def test_a_page_that_is_not_allowed_makes_the_view_run_and_reads_nothing() -> None:
    shown = lines("refused")
    assert "the view runs" in shown
    assert shown[-2:] == ["allow-origin-missing", "browser>page TypeError"]


def test_a_refused_preflight_is_the_last_thing_sent() -> None:
    shown = lines("preflight-refused")
    assert [line for line in shown if line.startswith("browser>server OPTIONS")]
    assert not [
        line for line in shown if "PUT /items" in line or line == "the view runs"
    ]


def test_a_second_request_needs_no_preflight_of_its_own() -> None:
    shown = lines("caching")
    assert sum("browser>server OPTIONS" in line for line in shown) == 1
    spared = "covered by the earlier answer: no preflight"
    assert shown.index(spared) < shown.index("browser>server DELETE /items/7")


def test_the_cookie_goes_with_credentials() -> None:
    assert "browser>server Cookie: session=ada" in lines("credentials")


@pytest.mark.parametrize("name", STORIES)
def test_all_that_happens_is_drawn_and_nothing_reaches_over_the_edge(name: str) -> None:
    story = sequence(STORIES[name])
    drawing = ET.fromstring(svg(story, WIDTH))
    height = float(drawing.attrib["viewBox"].split()[3])
    texts = drawing.findall(f"{SVG}text")
    written = "".join(text.text or "" for text in texts).replace(" ", "")
    for entry in story.entries:
        for line in (entry.title, *entry.lines):
            assert line.replace(" ", "") in written
    for text in texts:
        assert float(text.attrib["y"]) < height
        if "text-anchor" not in text.attrib:
            width = len(text.text or "") * CHARACTER
            assert float(text.attrib["x"]) + width <= WIDTH
    for box in drawing.findall(f"{SVG}rect"):
        assert 0 <= float(box.attrib["x"])
        assert float(box.attrib["x"]) + float(box.attrib["width"]) <= WIDTH


def test_the_site_gives_drawings_every_colour_that_they_have() -> None:
    sheet = Path(docs.__file__).parent / "_static" / "site.css"
    style = sheet.read_text("utf-8")
    used = {
        colour
        for story in STORIES.values()
        for colour in re.findall(r"var\((--[\w-]+)", svg(sequence(story)))
    }
    assert used == {"--diagram-muted", "--diagram-ok", "--diagram-failed"}
    assert {colour for colour in used if f"{colour}: var(--" in style} == used
