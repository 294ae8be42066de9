"""The tables of docs/performance.md, made from what was measured.

``python -m benchmarks.page`` puts them into the page; so does ``make bench``. A test
holds that the page shows what is kept in docs/performance.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from . import budgets, results
from .wsgi_apps import OURS

PAGE: Final = results.DOCS.parent / "performance.md"
_BLOCK: Final = re.compile(
    r"(?<=<!-- measured: )(.+?) -->\n(.*?)(?=<!-- end -->)", re.S
)

Row = Iterable[object]


def table(head: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Yield a table in Markdown."""
    names = [str(cell) for cell in head]
    yield f"| {' | '.join(names)} |"
    yield f"| {' | '.join('---' for _ in names)} |"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def figure(value: float) -> str:
    """Return a number with three digits that matter."""
    if abs(value) < 0.005:
        return "0"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:,.{abs(value) < 100:d}f}"


def added(measured: results.Table) -> Iterator[str]:
    """Yield what each contestant adds to a request, in microseconds."""
    names = [name for name in next(iter(measured.values())) if name != "bare"]
    rows = [
        [row, figure(times["bare"]["total"])]
        + [figure(times[name]["added"]) for name in names]
        for row, times in measured.items()
        if row != "preflight"
    ]
    preflight = measured["preflight"]
    whole = [figure(preflight[name]["total"]) for name in names]
    rows.append(["preflight, in all", "", *whole])
    heads = ["this library" if name == OURS else name for name in names]
    yield from table(["", "bare", *heads], rows)


def instructions(counted: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Yield the instructions of bare, and what each contestant adds, in percent."""
    names = [name for name in next(iter(counted.values())) if name != "bare"]
    rows = [
        [row, figure(counts["bare"])]
        + [f"{100 * (counts[name] / counts['bare'] - 1):+.1f} %" for name in names]
        for row, counts in counted.items()
        if row != "preflight"
    ]
    yield from table(["", "bare", *names], rows)


def grown(curves: Mapping[str, list[dict[str, float]]]) -> Iterator[str]:
    """Yield the microseconds of a request at each size of what is configured."""
    names = ("origins", "patterns", "routes, each with a policy", "routes, preflight")
    yield from _curves(curves, names)


def sent(curves: Mapping[str, list[dict[str, float]]]) -> Iterator[str]:
    """Yield the microseconds of a request at each size of what is sent."""
    names = [name for name in curves if name.startswith("bytes")]
    names.append("the same, where they are echoed")
    yield from _curves(curves, names)


def _curves(
    curves: Mapping[str, list[dict[str, float]]], names: Iterable[str]
) -> Iterator[str]:
    chosen = {name: {p["size"]: p["total"] for p in curves[name]} for name in names}
    sizes = sorted({size for points in chosen.values() for size in points})
    yield from table(
        ["", *(f"{size:,}" for size in sizes)],
        (
            [name, *(figure(of[size]) if size in of else "" for size in sizes)]
            for name, of in chosen.items()
        ),
    )


def first(requests: Mapping[str, float]) -> Iterator[str]:
    """Yield the milliseconds of the first request, by routes."""
    heads = [f"{int(routes):,} routes" for routes in requests]
    cells = [figure(time / 1e3) for time in requests.values()]
    yield from table(["", *heads], [["milliseconds", *cells]])


def weight(weights: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is paid before the first request."""
    imported, memory = weights["milliseconds to import"], weights["bytes per origin"]
    alone = imported["standard library only"]
    rows = {
        f"to build a policy of {weights['origins']:,} origins": (
            f"{weights['seconds to build']:.2f} s"
        ),
        "one of its origins": f"{memory['policy']:.0f} bytes",
        "the same in a plain `frozenset`": f"{memory['frozenset']:.0f} bytes",
        "one of 10,000 policies, each of a route": (
            f"{weights['bytes per policy']:,.0f} bytes"
        ),
        "`import flask_cors_policy`": f"{imported['alone']:.1f} ms",
        "of that, `typing` of the standard library": f"{alone:.1f} ms",
        "`import flask_cors_policy` after `logging`": (
            f"{imported['beside logging']:.1f} ms"
        ),
    }
    yield from table(["", ""], rows.items())


def served(servers: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield throughput beside bare, and processor time, under each server."""
    rows = []
    for name, found in servers.items():
        cells = [f"{found[of]['throughput beside bare']:.2f}" for of in _VARIANTS]
        cells.append(figure(found["bare"]["processor"]))
        cells += [f"{found[of]['processor added']:+.0f}" for of in _VARIANTS]
        rows.append([name, *cells])
    costs = (f"{name}, µs" for name in _VARIANTS)
    yield from table(["", *_VARIANTS, "bare, µs", *costs], rows)


_VARIANTS: Final = ("bare again", "by hand", "middleware")


def trips(counted: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Yield the preflights of a real browser."""
    rows = ([name, found["preflights"]] for name, found in counted.items())
    yield from table(["", "preflights"], rows)


def blocks() -> dict[str, Callable[[], Iterator[str]]]:
    """Return what makes each block of the page, from what is kept."""

    def kept(name: str) -> Any:
        return json.loads((results.DOCS / f"{name}.json").read_text("utf-8"))

    return {
        "budgets": lambda: budgets.lines(kept("budgets")["budgets"]),
        "WSGI, 2 headers": lambda: added(kept("results")["wsgi"]["2"]),
        "WSGI, 8 headers": lambda: added(kept("results")["wsgi"]["8"]),
        "Flask": lambda: added(kept("results")["flask"]),
        "WSGI, instructions": lambda: instructions(kept("instructions")["wsgi"]),
        "Flask, instructions": lambda: instructions(kept("instructions")["flask"]),
        "grown": lambda: grown(kept("results")["curves"]),
        "sent": lambda: sent(kept("results")["curves"]),
        "first requests": lambda: first(kept("budgets")["first requests"]),
        "weight": lambda: weight(kept("results")["weight"]),
        "servers": lambda: served(kept("servers")),
        "round trips": lambda: trips(kept("round_trips")),
    }


def filled(text: str) -> str:
    """Return the page with the tables of what is kept."""
    makers = blocks()

    def block(found: re.Match[str]) -> str:
        lines = "\n".join(makers[found[1]]())
        return f"{found[1]} -->\n{lines}\n"

    return _BLOCK.sub(block, text)


def main() -> None:
    """Put the tables into the page."""
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
