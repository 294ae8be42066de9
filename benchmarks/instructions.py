"""Instructions for one request, as valgrind counts them: the same on any busy machine.

``python -m benchmarks.instructions`` runs it, where valgrind is installed, for the rows
that are named after it, or for all. Cache misses are no part of it, of which a real
request has many.
"""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from . import flask_apps, results, wsgi_apps
from .requests import ROWS, serve

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TABLES: Final[Mapping[str, Mapping[str, Callable[[], WSGIApplication]]]] = {
    "wsgi": wsgi_apps.builders(2),
    "flask": flask_apps.builders(),
}
_FEW, _MANY = 150, 450
"""Requests of two runs: what they differ in is what the requests take."""


def run(table: str, name: str, row: str, requests: int) -> None:
    """Serve some requests and nothing else: what valgrind runs."""
    app = TABLES[table][name]()
    gc.disable()  # When it runs depends on all that was allocated since the start.
    for _ in range(requests):
        serve(app, dict(ROWS[row]))


def count(table: str, name: str, row: str) -> float:
    """Return the instructions that one request takes *name*."""
    few, many = (_total(table, name, row, requests) for requests in (_FEW, _MANY))
    return (many - few) / (_MANY - _FEW)


def _total(table: str, name: str, row: str, requests: int) -> int:
    said = subprocess.run(
        [
            "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
            sys.executable, "-m", __spec__.name, "run", table, name, row, str(requests),
        ],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONMALLOC": "pymalloc"},
    ).stderr  # fmt: skip
    found = re.search(r"Collected : (\d+)", said)
    assert found is not None, said
    return int(found[1])


def main(rows: Sequence[str]) -> None:
    """Count for each contestant, print it, and keep it in docs."""
    counted: dict[str, dict[str, dict[str, float]]] = {}
    for table, apps in TABLES.items():
        counted[table] = {}
        for row in rows:
            counts = {name: count(table, name, row) for name in apps}
            counted[table][row] = counts
            cells = "  ".join(f"{name} {value:.0f}" for name, value in counts.items())
            print(f"{table}, {row}: {cells}", flush=True)
    results.save(counted, results.DOCS / "instructions.json")


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        table, name, row, requests = sys.argv[2:]
        run(table, name, row, int(requests))
    else:
        main(sys.argv[1:] or [*ROWS])
