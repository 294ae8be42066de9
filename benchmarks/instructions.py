"""Instructions for one request, as valgrind counts them: the same on any busy machine.

``python -m benchmarks.instructions`` runs it, where valgrind is installed, for the rows
that are named after it, or for all. Cache misses are no part of it, of which a real
request has many.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

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


class Case(NamedTuple):
    """What is counted: a contestant of a table, and the request of a row."""

    table: str
    name: str
    row: str


def count(cases: Sequence[Case]) -> dict[Case, float]:
    """Return the instructions that one request takes in each case."""
    done = subprocess.run(
        [
            "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
            sys.executable, "-m", __spec__.name, "run", *map(",".join, cases),
        ],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONMALLOC": "pymalloc"},
    )  # fmt: skip
    collected = dict(re.findall(r"==(\d+)== Collected : (\d+)", done.stderr))
    totals = [int(collected[process]) for process in done.stdout.split()]
    return {
        case: (many - few) / (_MANY - _FEW)
        for case, few, many in zip(cases, totals[::2], totals[1::2], strict=True)
    }


def run(cases: Sequence[Case]) -> None:
    """Serve some requests of each case, in processes of their own: under valgrind.

    Python starts once only. A process that is forked has the instructions of its parent
    up to then in its sum, and they cancel out.
    """
    gc.disable()  # When it runs depends on all that was allocated since the start.
    for case in cases:
        for requests in (_FEW, _MANY):
            process = os.fork()
            if not process:
                app = TABLES[case.table][case.name]()
                for _ in range(requests):
                    serve(app, dict(ROWS[case.row]))
                os._exit(0)
            os.waitpid(process, 0)
            print(process, flush=True)


def main(rows: Sequence[str]) -> None:
    """Count for each contestant, print it, and keep it in docs."""
    cases = [
        Case(table, name, row)
        for table, apps in TABLES.items()
        for row in rows
        for name in apps
    ]
    counted: dict[str, dict[str, dict[str, float]]] = {}
    for case, value in count(cases).items():
        rows_of = counted.setdefault(case.table, {})
        rows_of.setdefault(case.row, {})[case.name] = value
        print(*case, f"{value:.0f}", flush=True)
    results.save(counted, results.DOCS / "instructions.json")


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        logging.getLogger("flask_cors_policy").setLevel(logging.CRITICAL)
        run([Case(*argument.split(",")) for argument in sys.argv[2:]])
    else:
        main(sys.argv[1:] or [*ROWS])
