"""What a policy costs before the first request: time to import and to build, memory."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tracemalloc
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import thread_time
from typing import TYPE_CHECKING

import flask_cors_policy
from flask_cors_policy import CORSMiddleware

from .flask_apps import routes_with_policies
from .requests import ALLOWED, environ, serve
from .wsgi_apps import bare

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGES = Path(flask_cors_policy.__file__ or "").parents[1]
"""The folder that the package is in."""


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


def bytes_per_policy(number: int) -> float:
    """Return the memory of a policy, where *number* routes have one each.

    The first request is served, so that all of them are there.
    """
    taken = []
    for marked in (False, True):
        gc.collect()
        tracemalloc.start()
        app = routes_with_policies(number, marked=marked)
        serve(app, environ(origin=ALLOWED[0]))
        gc.collect()
        taken.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    return (taken[1] - taken[0]) / number


def milliseconds_to_import(times: int) -> dict[str, float]:
    """Return how much longer Python takes to start, import the middleware, and end.

    "Alone" is all of it, "standard library only" the share of ``typing``, which the
    middleware cannot do without, and "beside logging" what is left of it where
    logging was imported before, as most processes have done.
    """
    codes = {
        "nothing": "pass",
        "middleware": "import flask_cors_policy",
        "standard library": "import typing",
        "logging": "import logging",
        "both": "import logging, flask_cors_policy",
    }
    taken: dict[str, list[float]] = {name: [] for name in codes}
    with TemporaryDirectory() as bytecode:
        for code in codes.values():
            _isolated(code, bytecode)  # Compiles what there is to compile.
        for _ in range(times):
            for name, code in codes.items():
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                _isolated(code, bytecode)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                used = after.ru_utime + after.ru_stime
                used -= before.ru_utime + before.ru_stime
                taken[name].append(used * 1e3)
    return {
        "alone": _difference(taken["middleware"], taken["nothing"]),
        "beside logging": _difference(taken["both"], taken["logging"]),
        "standard library only": _difference(
            taken["standard library"], taken["nothing"]
        ),
    }


def _isolated(code: str, bytecode: str) -> str:
    """Run *code* as where this library was installed for good; return what it prints.

    The environment says nothing (-I), compiled bytecode is kept, and what finds the
    modules of an editable installation, which imports much itself, is not there (-S).

    :param bytecode: the folder that the bytecode is kept in.
    """
    # What -S leaves out would have imported os.
    path = f"import os, sys; sys.path.append({str(PACKAGES)!r})\n"
    options = ("-I", "-S", "-X", f"pycache_prefix={bytecode}")
    return subprocess.run(
        [sys.executable, *options, "-c", path + code],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def _difference(times: Sequence[float], base: Sequence[float]) -> float:
    return median(a - b for a, b in zip(times, base, strict=True))


def modules_imported() -> list[str]:
    """Return what an import of the middleware brings that it should not."""
    with TemporaryDirectory() as bytecode:
        loaded = _isolated("import flask_cors_policy; print(*sys.modules)", bytecode)
    unwanted = ("flask", "werkzeug", "publicsuffixlist")
    return [name for name in loaded.split() if name.split(".")[0] in unwanted]
