"""The plots of the performance page show what was measured, and fit their frame."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from docs.ext import plots

SVG = "{http://www.w3.org/2000/svg}"
CHARACTER = 7.0
"""Width of a letter of 12 px, as the widest fonts have it."""


def drawn(markup: str) -> ET.Element:
    named = markup.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ET.fromstring(named)


def texts(drawing: ET.Element) -> list[str]:
    return [each.text or "" for each in drawing.iter(f"{SVG}text")]


TABLE = {
    "allowed": {
        "bare": {"total": 5.0, "added": 0.0},
        "floor": {"total": 7.0, "added": 2.0},
        "flask_cors_policy": {"total": 9.0, "added": 4.0},
    },
    "denied": {
        "bare": {"total": 5.0, "added": 0.0},
        "floor": {"total": 4.9, "added": -0.1},
        "flask_cors_policy": {"total": 17.0, "added": 12.0},
    },
    "preflight": {"bare": {"total": 5.0, "added": 0.0}},
}


def test_bars_are_as_long_as_the_times_that_are_added() -> None:
    drawing = drawn(plots.bars(TABLE))
    lengths = [float(bar.attrib["width"]) for bar in drawing.iter(f"{SVG}rect")]
    assert lengths[1] == pytest.approx(2 * lengths[0], abs=0.2)
    assert lengths[3] == pytest.approx(6 * lengths[0], abs=0.5)
    assert lengths[2] == 0  # Faster than bare, by chance: no bar to the left.


def test_bars_are_named_and_tell_their_number_and_their_unit() -> None:
    said = texts(drawn(plots.bars(TABLE)))
    assert said[:5] == ["allowed", "floor", "2.0", "this library", "4.0"]
    assert said[5:10] == ["denied", "floor", "-0.10", "this library", "12"]
    assert said[10:] == ["0", "5", "10", "microseconds added to a request"]


def test_curves_name_both_axes_and_every_series() -> None:
    points = {"origins": [(1.0, 2.0), (1000.0, 20.0)], "patterns": [(10.0, 3.0)]}
    said = texts(drawn(plots.curves(points, "number")))
    assert said[0] == "microseconds for a request"
    assert said[1:5] == ["1", "10", "100", "1k"]
    assert said[5:8] == ["1", "10", "100"]
    assert said[8:] == ["number", "origins", "patterns"]


def test_curves_rise_with_time_on_a_scale_of_powers_of_ten() -> None:
    drawing = drawn(plots.curves({"origins": [(1.0, 1.0), (10.0, 100.0)]}, "number"))
    curve = next(drawing.iter(f"{SVG}polyline")).attrib["points"]
    (x1, y1), (x2, y2) = (map(float, point.split(",")) for point in curve.split())
    assert (y1 - y2, x2 > x1) == (200, True)


@pytest.mark.parametrize("name", plots.PLOTS)
def test_nothing_of_a_plot_reaches_over_the_edge(name: str) -> None:
    _, draw = plots.PLOTS[name]
    drawing = drawn(draw())
    width, height = map(float, drawing.attrib["viewBox"].split()[2:])
    for each in drawing.iter(f"{SVG}text"):
        x, length = float(each.attrib["x"]), len(each.text or "") * CHARACTER
        left = {"end": x - length, "middle": x - length / 2}.get(
            each.attrib["class"], x
        )
        assert left >= 0, each.text
        assert left + length <= width, each.text
        assert float(each.attrib["y"]) < height
    for bar in drawing.iter(f"{SVG}rect"):
        assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= width
    for number in re.findall(r'points="([^"]+)"', draw()):
        for x, y in (map(float, point.split(",")) for point in number.split()):
            assert 0 <= x <= width
            assert 0 <= y <= height


@pytest.mark.parametrize(
    ("longest", "ticks"),
    [
        (0.9, [0, 0.2, 0.4, 0.6, 0.8]),
        (7.9, [0, 2, 4, 6]),
        (12.0, [0, 5, 10]),
        (58.2, [0, 20, 40]),
    ],
)
def test_ticks_are_round_numbers(longest: float, ticks: list[float]) -> None:
    assert plots.steps(longest) == pytest.approx(ticks)
