"""``make bench``: measure everything, print it, keep it in docs/performance."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any

from . import budgets, flask_apps, others, page, results, scaling, weight, wsgi_apps
from .measuring import Contestants, Effort, compare, measure
from .requests import ROWS, headers_of


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="how many rounds, beside the usual"
    )
    parser.add_argument(
        "--largest", type=int, default=10**6, help="the most origins of a policy"
    )
    parser.add_argument(
        "--into", type=Path, default=results.DOCS, help="the folder to keep it in"
    )
    arguments = parser.parse_args()
    # The refusals that are measured are none to tell of.
    logging.getLogger("flask_cors_policy").setLevel(logging.CRITICAL)
    budgets.measure(arguments.into, arguments.scale)
    measured = run(arguments.scale, arguments.largest)
    results.save(measured, arguments.into / "results.json")
    if arguments.into == results.DOCS:
        page.main()


def run(scale: float, largest: int) -> dict[str, Any]:
    """Measure everything and print it.

    :param scale: how much effort is made, beside the usual one.
    :param largest: the most origins of a policy.
    """
    small = Effort(max(2, int(300 * scale)), max(2, int(500 * min(1, scale))))
    large = Effort(max(2, int(500 * scale)), max(2, int(60 * min(1, scale))))
    measured: dict[str, Any] = {"machine": results.machine(), "wsgi": {}}
    for headers in (2, len(wsgi_apps.HEADERS)):
        apps = wsgi_apps.contestants(headers)
        measured["wsgi"][str(headers)] = table(apps, small)
        measured["same headers"] = same_headers(apps, wsgi_apps.OURS)
        title = f"WSGI application with {headers} response headers"
        show(title, measured["wsgi"][str(headers)], results.WSGI_RATIOS)
    print("sends the same headers as this library:", measured["same headers"], "\n")
    measured["flask"] = table(flask_apps.contestants(), large)
    show("Flask application", measured["flask"], results.FLASK_RATIOS)
    for name in results.FLASK_RATIOS:
        for row, times in measured["flask"].items():
            if row != "preflight":
                print(f"  {row}: {name} {results.ratio(times, name, 'bare')}")
    measured["django"] = table(others.django_contestants(), large)
    show("Django application", measured["django"], {})
    measured["asgi"] = asgi_table(large)
    show("Starlette application", measured["asgi"], {})
    measured["curves"] = curves(scale, largest)
    measured["weight"] = weigh(min(largest, 10**5), max(1, int(15 * scale)))
    return measured


def table(apps: Contestants, effort: Effort) -> results.Table:
    """Measure every row of a table."""
    return {
        row: {
            name: times._asdict() for name, times in compare(apps, sent, effort).items()
        }
        for row, sent in ROWS.items()
    }


def asgi_table(effort: Effort) -> results.Table:
    """Measure Starlette, whose middleware knows another protocol."""
    found: results.Table = {}
    for row, sent in ROWS.items():
        rounds = measure(others.starlette_calls(), sent, effort)
        lowest = {
            name: sorted(times)[len(times) // 2] for name, times in rounds.items()
        }
        found[row] = {
            name: {"total": time, "added": time - lowest["bare"]}
            for name, time in lowest.items()
        }
    return found


def same_headers(apps: Contestants, name: str) -> dict[str, list[str]]:
    """Return which contestants send what *name* sends, in each row."""
    return {
        row: [
            other
            for other in apps
            if headers_of(apps[other], sent) == headers_of(apps[name], sent)
        ]
        for row, sent in ROWS.items()
    }


def show(title: str, measured: results.Table, ratios: dict[str, str]) -> None:
    """Print a table."""
    print(*results.lines(title, measured, ratios), sep="\n", flush=True)


def curves(scale: float, largest: int) -> dict[str, list[dict[str, float]]]:
    """Measure every curve and print it."""
    measured: dict[str, list[dict[str, float]]] = {}
    for name, curve in scaling.curves(largest).items():
        points = [point._asdict() for point in scaling.points(curve, scale)]
        measured[name] = points
        text = "  ".join(
            f"{p['size']:g}: {p['total']:.2f} ({p['added']:+.2f})" for p in points
        )
        print(f"{name}: microseconds for one request (added)\n  {text}", flush=True)
    return measured


def weigh(number: int, times: int) -> dict[str, Any]:
    """Measure what is paid before the first request, and print it."""
    measured = {
        "origins": number,
        "seconds to build": weight.seconds_to_build(number),
        "bytes per origin": weight.bytes_per_origin(number),
        "bytes per policy": weight.bytes_per_policy(min(number, 10**4)),
        "milliseconds to import": weight.milliseconds_to_import(times),
        "imported in vain": weight.modules_imported(),
    }
    print(*(f"{name}: {value}" for name, value in measured.items()), sep="\n")
    return measured


if __name__ == "__main__":
    main()
