"""A sequence drawn as SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy.devtools.inspector.diagram import NARROWEST, WIDTH, svg
from flask_cors_policy.devtools.inspector.sequence import (
    Entry,
    Lane,
    Message,
    Note,
    Sequence,
)
from tests.helpers import A

from .played import ALLOWED, API, answer, get, played

NAMESPACE = "{http://www.w3.org/2000/svg}"
CHARACTER = 7.25


def parsed(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawing)


def texts(drawing: str) -> list[str]:
    """Return what is written in a diagram, line by line."""
    return [element.text or "" for element in parsed(drawing).iter(f"{NAMESPACE}text")]


def drawn(*entries: Entry) -> Sequence:
    return Sequence(A, API, entries)


def test_everything_that_a_sequence_says_is_written() -> None:
    allowed = ALLOWED | {"Server": "x", "Access-Control-Allow-Methods": "PUT"}
    found = played(get(method="PUT"), answer(204, allowed), answer(500, {}))
    written = " ".join(texts(svg(found)))
    for entry in found.entries:
        for line in (entry.title, *entry.lines):
            assert re.sub(r"\s+", "", line) in re.sub(r"\s+", "", written)
    assert "and 1 more header" in written
    assert "✓ 8 checks passed" in written
    assert "✗ blocked (allow-origin-missing)" in written


def test_lanes_are_named_with_the_origins_of_page_and_server() -> None:
    assert texts(svg(drawn()))[:5] == ["page", "browser", "server", A, API]


def test_origins_that_are_too_long_are_cut() -> None:
    long = "https://" + "a" * 60 + ".example"
    page, server = texts(svg(Sequence(long, API, ()), 360))[3:5]
    assert (page, server) == ("https://aaaaaaaaaaaaaaaa…", API)
    page, server = texts(svg(Sequence(long, long, ()), 360))[3:5]
    assert len(page) == len(server) == 23


def test_same_sequence_is_drawn_the_same() -> None:
    assert svg(played(get(), None)) == svg(played(get(), None))


def test_label_says_how_it_ends() -> None:
    label = parsed(svg(played(get(), answer(200)))).get("aria-label")
    assert label == (
        f"Sequence diagram of 4 messages between a page of {A}, its browser, "
        f"and {API}: the page gets the response"
    )
    element = parsed(svg(played(get(), None)))
    label = element.get("aria-label") or ""
    assert label.endswith(": blocked (no-response)")
    assert element.get("role") == "img"
    assert element.findtext(f"{NAMESPACE}title") == label


def test_failure_has_the_colour_of_failures_and_success_of_success() -> None:
    good, bad = svg(played(get(), answer(200))), svg(played(get(), answer(200, {})))
    assert ("--diagram-ok" in good, "--diagram-failed" in good) == (True, False)
    assert ("--diagram-ok" in bad, "--diagram-failed" in bad) == (False, True)


def test_message_that_is_lost_ends_half_way_in_a_cross() -> None:
    lost = Message(Lane.BROWSER, Lane.SERVER, "GET /", failed=True)
    whole = Message(Lane.BROWSER, Lane.SERVER, "GET /")
    assert "M200 87H440M435 82l10 10m0 -10l-10 10" in svg(drawn(lost))
    assert "M200 87H680M673 83L680 87L673 91" in svg(drawn(whole))


def test_failure_told_to_the_page_arrives() -> None:
    told = Message(Lane.BROWSER, Lane.PAGE, "TypeError", failed=True)
    assert "M200 87H40M47 83L40 87L47 91" in svg(drawn(told))


@pytest.mark.parametrize(
    ("lane", "written", "left", "right"),
    [
        (Lane.PAGE, "abc", 32, 32 + 16 + 3 * CHARACTER),
        (Lane.BROWSER, "✓ abc", 192, 192 + 16 + 5 * CHARACTER),
        (Lane.SERVER, "abc", WIDTH - 4 - 16 - 3 * CHARACTER, WIDTH - 4),
    ],
)
def test_note_stands_on_its_lane_and_only_the_browser_judges(
    lane: Lane, written: str, left: float, right: float
) -> None:
    found = parsed(svg(drawn(Note("abc", lane=lane))))
    assert [element.text for element in found.iter(f"{NAMESPACE}text")][5:] == [written]
    (box,) = found.iter(f"{NAMESPACE}rect")
    x, width = float(box.get("x", "")), float(box.get("width", ""))
    assert (x, x + width) == (left, right)


def test_markup_in_a_sequence_is_text() -> None:
    evil = "<script>alert('1')</script>&\""
    found = svg(Sequence(evil, evil, (Note(evil, (evil,)),)))
    assert "<script" not in found
    assert evil in texts(found)
    assert evil in (parsed(found).get("aria-label") or "")


def test_a_file_of_its_own_brings_light_and_dark_colours() -> None:
    inline, alone = svg(drawn()), svg(drawn(), standalone=True)
    assert "<style>" not in inline
    assert "prefers-color-scheme:dark" in alone
    # An inline one is for pages whose Content-Security-Policy forbids inline styles.
    assert "style=" not in alone


def test_too_narrow_a_diagram_is_refused() -> None:
    svg(drawn(), NARROWEST)
    with pytest.raises(ValueError, match="write 280 or more"):
        svg(drawn(), NARROWEST - 1)


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("short", ["short"]),
        (
            "Access-Control-Allow-Headers: content-type",
            ["Access-Control-Allow-Headers:", "content-type"],
        ),
        ("one two " + "a" * 28, ["one two", "a" * 28]),
        (
            "/items?one=1&two=2&three=3&four=4",
            ["/items?one=1&two=2&three=3&", "four=4"],
        ),
        (
            "https://app.example/and/more-of-it",
            ["https://app.example/and/", "more-of-it"],
        ),
        ("https://" + "a" * 30, ["https://" + "a" * 22, "a" * 8]),
        (
            "X-A-Header-With-A-Name-That-Is-Long:",
            ["X-A-Header-With-A-Name-That-", "Is-Long:"],
        ),
        ("a" * 40, ["a" * 30, "a" * 10]),
        ("  indented", ["indented"]),
    ],
)
def test_lines_break_where_it_reads_best(line: str, written: list[str]) -> None:
    note = Note("x", (line,))  # There is room for thirty characters.
    assert texts(svg(drawn(note), NARROWEST))[6:] == written


TEXT = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")))
LINES = st.lists(TEXT, max_size=4).map(tuple)
LANES = st.sampled_from(
    [
        (Lane.PAGE, Lane.BROWSER),
        (Lane.BROWSER, Lane.SERVER),
        (Lane.SERVER, Lane.BROWSER),
        (Lane.BROWSER, Lane.PAGE),
    ]
)
MESSAGES = st.builds(
    lambda lanes, *rest: Message(*lanes, *rest),
    LANES,
    TEXT,
    LINES,
    st.integers(0, 3),
    st.booleans(),
)
NOTES = st.builds(Note, TEXT, LINES, st.booleans(), st.sampled_from(Lane))
ENTRIES = st.lists(MESSAGES | NOTES, max_size=5)


@given(entries=ENTRIES, width=st.integers(NARROWEST, 1200))
def test_nothing_is_lost_nor_drawn_outside(entries: list[Entry], width: int) -> None:
    drawing = svg(drawn(*entries), width)
    root = parsed(drawing)
    height = float(root.get("height", ""))
    written = re.sub(r"\s", "", "".join(texts(drawing)))
    for entry in entries:
        for line in (entry.title, *entry.lines):
            assert re.sub(r"\s", "", line) in written
    for element in root.iter(f"{NAMESPACE}text"):
        x, y = float(element.get("x", "")), float(element.get("y", ""))
        assert 0 < y < height
        if element.get("text-anchor") is None:
            assert 0 < x
            assert x + len(element.text or "") * CHARACTER <= width
    for element in root.iter(f"{NAMESPACE}rect"):
        x, wide = float(element.get("x", "")), float(element.get("width", ""))
        assert 0 <= x < x + wide <= width
