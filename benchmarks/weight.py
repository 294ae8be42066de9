"""What a policy costs before the first request: time to import and to build, memory."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tracemalloc
from statistics import median
from time import thread_time
from typing import TYPE_CHECKING

from flask_cors_policy import CORSMiddleware

from .wsgi_apps import bare

if TYPE_CHECKING:
    from collections.abc import Sequence


def _origins(number: int) -> list[str]:
    return [f"https://tenant-{n:07d}.example.net" for n in range(number)]


def seconds_to_build(number: int) -> float:
    """Return how long it takes to build a policy of *number* origins."""
    origins = _origins(number)
    begin = thread_time()
    CORSMiddleware(bare(2), origins=origins)
    return thread_time() - begin


def bytes_per_origin(number: int) -> dict[str, float]:
    """Return the memory that one origin takes, its string included."""
    origins = _origins(number)
    strings = sum(map(sys.getsizeof, origins))
    gc.collect()
    tracemalloc.start()
    allowed = frozenset(origins)
    in_set = tracemalloc.get_traced_memory()[0]
    del allowed
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    app = CORSMiddleware(bare(2), origins=origins)
    gc.collect()
    in_policy = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    del app
    return {
        "frozenset": (strings + in_set) / number,
        "policy": (strings + in_policy) / number,
    }


def milliseconds_to_import(times: int) -> dict[str, float]:
    """Return how much longer Python takes to start and import the middleware.

    And how much that is where the standard library's share is there already, as in a
    process that has logging and threads.
    """
    there = "import logging, threading, typing, re, enum"
    codes = {
        "nothing": "pass",
        "middleware": "import flask_cors_policy",
        "standard library": there,
        "both": f"{there}\nimport flask_cors_policy",
    }
    taken: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(times):
        for name, code in codes.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", code], check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            taken[name].append(used * 1e3)
    return {
        "alone": _difference(taken["middleware"], taken["nothing"]),
        "beside logging": _difference(taken["both"], taken["standard library"]),
    }


def _difference(times: Sequence[float], base: Sequence[float]) -> float:
    return median(a - b for a, b in zip(times, base, strict=True))


def modules_imported() -> list[str]:
    """Return what an import of the middleware brings that it should not."""
    code = "import flask_cors_policy, sys; print(*sys.modules)"
    output = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    unwanted = ("flask", "werkzeug", "publicsuffixlist")
    return [name for name in output.split() if name.split(".")[0] in unwanted]
