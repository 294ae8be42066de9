"""What was measured: as data, as tables for people, as a plot."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .wsgi_apps import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOCS: Final = Path(__file__).parents[1] / "docs" / "performance"
PACKAGES: Final = (
    "django",
    "django-cors-headers",
    "flask",
    "flask-cors",
    "starlette",
    "werkzeug",
    "wsgi-cors-middleware",
    "wsgicors",
)

Table = dict[str, dict[str, dict[str, float]]]
"""Row -> contestant -> ``total`` and ``added``, in microseconds."""


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "machine": platform.machine(),
        "packages": {package: version(package) for package in PACKAGES},
    }


def save(results: Mapping[str, Any], path: Path) -> None:
    """Write *results* to *path*, as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rounded = json.loads(json.dumps(results), parse_float=lambda t: round(float(t), 3))
    path.write_text(json.dumps(rounded, indent=1) + "\n", "utf-8")


def lines(title: str, table: Table, ratios: Mapping[str, str]) -> Iterator[str]:
    """Yield a table for people: added microseconds, and some of them as ratios.

    :param ratios: contestant -> the one it is measured against.
    """
    names = [name for name in next(iter(table.values())) if name != "bare"]
    width = max(map(len, names)) + 2
    yield f"{title}: microseconds added to one request"
    yield " " * 12 + "".join(f"{name:>{width}}" for name in ["bare", *names])
    for row, times in table.items():
        cells = [times["bare"]["total"], *(times[name]["added"] for name in names)]
        yield f"{row:12}" + "".join(f"{cell:{width}.2f}" for cell in cells)
    for name, other in ratios.items():
        for row, times in table.items():
            yield f"  {row}: {name} {ratio(times, name, other)}"
    yield ""


def ratio(times: Mapping[str, Mapping[str, float]], name: str, other: str) -> str:
    """Return in words how the cost of *name* relates to that of *other*."""
    ours, theirs = times[name], times[other]
    if other == "bare":
        return f"adds {100 * ours['added'] / theirs['total']:.1f} % to bare"
    if min(ours["added"], theirs["added"]) <= 0:  # The application did not run.
        return f"takes {ours['total'] / theirs['total']:.2f} x the time of {other}"
    return f"adds {ours['added'] / theirs['added']:.2f} x what {other} adds"


def plot(results: Mapping[str, Any], path: Path) -> None:
    """Draw the curves, and the tables as bars, to *path*."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(11, 8), layout="constrained")
    _bars(axes[0][0], "Added to a WSGI application (2 headers)", results["wsgi"]["2"])
    _bars(axes[0][1], "Added to a Flask application", results["flask"])
    grown = "origins", "patterns", "routes, each with a policy", "routes, preflight"
    _curves(axes[1][0], "With what is configured", results["curves"], grown)
    sent = [name for name in results["curves"] if "bytes" in name or "same" in name]
    _curves(axes[1][1], "With what is sent", results["curves"], tuple(sent))
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _bars(axes: Any, title: str, table: Table) -> None:
    rows = [row for row in table if row != "preflight"]
    names = [name for name in table[rows[0]] if name != "bare"]
    for at, name in enumerate(names):
        places = [row + at / (len(names) + 1) for row in range(len(rows))]
        heights = [table[row][name]["added"] for row in rows]
        axes.bar(places, heights, 1 / (len(names) + 1), label=name)
    axes.set_xticks([row + 0.4 for row in range(len(rows))], rows)
    axes.set(title=title, ylabel="µs added to one request", yscale="symlog")
    axes.legend(fontsize="small")


def _curves(axes: Any, title: str, curves: Any, names: tuple[str, ...]) -> None:
    for name in names:
        points = curves[name]
        axes.plot(
            [point["size"] for point in points],
            [point["total"] for point in points],
            marker=".",
            label=name,
        )
    axes.set(title=title, ylabel="µs for one request", xscale="log", yscale="log")
    axes.legend(fontsize="small")


WSGI_RATIOS: Final = {OURS: "floor"}
FLASK_RATIOS: Final = {
    "app-wide": "flask-cors app-wide",
    "per route": "flask-cors per route",
    "resources": "flask-cors resources",
}
