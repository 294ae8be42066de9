"""The plots of the performance page, drawn from what ``make bench`` has measured.

They are part of the page, not images: text and lines take the colours of the theme, and
a phone shows them whole, with text of the size of its own.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

RESULTS: Final = Path(__file__).parents[1] / "performance" / "results.json"
WIDTH: Final = 360
"""Of a plot, in units of its own: about the pixels of a phone's column."""
LINE: Final = 18
"""Height of a line of text."""

_LEFT: Final = 150
"""Where bars begin; their names are to the left."""
_VALUE: Final = 50
"""Room for the number behind the longest bar."""
_AXIS: Final = 40
"""Where curves begin; the numbers of the axis are to the left."""
_DEEP: Final = 200
"""Height of the field of curves."""
NAMES: Final = {
    "flask_cors_policy": "this library",
    "bytes of Access-Control-Request-Headers": "Access-Control-Request-Headers",
    "the same, where they are echoed": "the same, echoed",
    "bytes of Access-Control-Request-Method": "Access-Control-Request-Method",
    "bytes of Origin": "Origin",
}
"""What the results call it -> what a plot calls it."""

_OURS: Final = ("flask_cors_policy", "app-wide", "per route", "resources")
_DASHES: Final = ("none", "6 3", "2 3", "10 3 2 3", "1 5")

Table = Mapping[str, Mapping[str, Mapping[str, float]]]
Points = Sequence[tuple[float, float]]


def bars(table: Table) -> str:
    """Return what each contestant adds to a request, as bars, one group a row."""
    groups = {
        row: {name: cell["added"] for name, cell in times.items() if name != "bare"}
        for row, times in table.items()
        if row != "preflight"
    }
    longest = max(value for values in groups.values() for value in values.values())
    ticks = steps(longest)
    scale = (WIDTH - _LEFT - _VALUE) / max(longest, ticks[-1])
    parts: list[str] = []
    y = 0
    for row, values in groups.items():
        y += LINE
        parts.append(text(0, y, row, "group"))
        for name, value in values.items():
            y += LINE
            kind = "ours" if name in _OURS else "other"
            length = max(value * scale, 0)
            parts.append(text(_LEFT - 6, y, NAMES.get(name, name), "end"))
            parts.append(
                f'<rect class="{kind}" x="{_LEFT}" y="{y - 12}" '
                f'width="{length:.1f}" height="13"/>'
            )
            parts.append(text(_LEFT + length + 4, y, number(value)))
        y += LINE // 2
    parts.append(line(_LEFT, y, _LEFT + ticks[-1] * scale, y))
    for tick in ticks:
        at = _LEFT + tick * scale
        parts.append(line(at, y, at, y + 4))
        parts.append(text(at, y + LINE, f"{tick:g}", "middle"))
    y += 2 * LINE
    parts.append(text(WIDTH - 6, y, "microseconds added to a request", "end"))
    return svg(y + 6, parts)


def curves(measured: Mapping[str, Points], size: str) -> str:
    """Return the time of a request as curves, on scales of powers of ten.

    :param size: what is counted along the horizontal axis.
    """
    sizes = [x for points in measured.values() for x, _ in points]
    times = [y for points in measured.values() for _, y in points]
    top = LINE + 10
    across = _scale(sizes, _AXIS, WIDTH - 14)
    upwards = _scale(times, top + _DEEP, top)
    parts = [text(0, 12, "microseconds for a request")]
    parts += _grid(across, upwards, sizes, times, top)
    y = top + _DEEP + 2 * LINE
    parts.append(text(WIDTH - 14, y, size, "end"))
    for series, (name, points) in enumerate(measured.items()):
        style = f'class="series-{series}" stroke-dasharray="{_DASHES[series]}"'
        path = " ".join(f"{across(x):.1f},{upwards(t):.1f}" for x, t in points)
        parts.append(f'<polyline {style} points="{path}"/>')
        y += LINE
        parts.append(
            f'<polyline {style} points="{_AXIS},{y - 4} {_AXIS + 36},{y - 4}"/>'
        )
        parts.append(text(_AXIS + 44, y, NAMES.get(name, name)))
    return svg(y + 6, parts)


def _grid(
    across: Callable[[float], float],
    upwards: Callable[[float], float],
    sizes: Sequence[float],
    times: Sequence[float],
    top: float,
) -> Iterator[str]:
    """Yield a line and a number for each power of ten."""
    for power in powers(sizes):
        x = across(power)
        yield line(x, top, x, top + _DEEP)
        yield text(x, top + _DEEP + LINE, short(power), "middle")
    for power in powers(times):
        y = upwards(power)
        yield line(_AXIS, y, WIDTH - 14, y)
        yield text(_AXIS - 6, y + 4, short(power), "end")


def _scale(
    values: Sequence[float], start: float, end: float
) -> Callable[[float], float]:
    """Return a function from a value to its place, by its logarithm."""
    found = [math.log10(power) for power in powers(values)]
    least, span = found[0], found[-1] - found[0]
    return lambda value: start + (math.log10(value) - least) / span * (end - start)


def powers(values: Sequence[float]) -> list[float]:
    """Return the powers of ten that enclose *values*, at least two."""
    first = math.floor(math.log10(min(values)))
    last = max(math.ceil(math.log10(max(values))), first + 1)
    return [10.0**power for power in range(first, last + 1)]


def steps(longest: float) -> list[float]:
    """Return round numbers from 0 up to *longest*: two to five steps."""
    base: float = 10.0 ** math.floor(math.log10(longest))
    step = next(
        base * part for part in (0.2, 0.5, 1, 2, 5) if longest / base / part < 5
    )
    return [step * count for count in range(math.floor(longest / step) + 1)]


def number(value: float) -> str:
    """Return *value* with two digits, or as a whole number."""
    digits = 2 if abs(value) < 1 else 1 if abs(value) < 10 else 0
    return f"{value:.{digits}f}"


def short(power: float) -> str:
    """Return a power of ten in at most four characters."""
    for unit, letter in ((10**6, "M"), (10**3, "k")):
        if power >= unit:
            return f"{power / unit:g}{letter}"
    return f"{power:g}"


def text(x: float, y: float, said: str, kind: str = "start") -> str:
    """Return a line of text that begins at *x*, or ends or is centred there."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(said)}</text>'


def line(x: float, y: float, to_x: float, to_y: float) -> str:
    """Return a line of an axis."""
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"/>'


def svg(height: float, parts: Sequence[str]) -> str:
    """Return the drawing."""
    box = f"0 0 {WIDTH} {height:.0f}"
    return f'<svg viewBox="{box}" role="img">{"".join(parts)}</svg>'


def kept() -> dict[str, Any]:
    """Return what was measured last."""
    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
    return results


def _curves(size: str, *names: str) -> str:
    found = kept()["curves"]
    return curves(
        {name: [(p["size"], p["total"]) for p in found[name]] for name in names}, size
    )


PLOTS: Final[Mapping[str, tuple[str, Callable[[], str]]]] = {
    "wsgi": (
        "Time added to a WSGI application whose response has 2 headers.",
        lambda: bars(kept()["wsgi"]["2"]),
    ),
    "flask": (
        "Time added to a Flask application. App-wide, per route and resources are this "
        "library.",
        lambda: bars(kept()["flask"]),
    ),
    "configured": (
        "Time of an allowed request, by what is configured.",
        lambda: _curves(
            "number",
            "origins",
            "patterns",
            "routes, each with a policy",
            "routes, preflight",
        ),
    ),
    "sent": (
        "Time of a request, by the length of a header.",
        lambda: _curves(
            "bytes",
            "bytes of Access-Control-Request-Headers",
            "the same, where they are echoed",
            "bytes of Access-Control-Request-Method",
            "bytes of Origin",
        ),
    ),
}
"""Name of a plot -> its caption, and what draws it."""
