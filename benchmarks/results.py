"""What was measured: as data, and as tables for people."""

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


WSGI_RATIOS: Final = {OURS: "floor"}
FLASK_RATIOS: Final = {
    "app-wide": "flask-cors app-wide",
    "per route": "flask-cors per route",
    "resources": "flask-cors resources",
}
