"""Make a virtual environment and install what a make target needs, and say so.

``python tools/environment.py FOLDER [GROUP]...``: the groups are those of
``[dependency-groups]`` in pyproject.toml. This file runs before anything is installed,
and in any Python, so that one that is too old is told what is wrong.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import time
import venv

LOWEST = (3, 10)
PIP = "pip>=25.1"
"""The first pip that reads dependency groups (PEP 735)."""
SAY_EVERY = 10.0
"""Seconds between two lines about what pip does."""

TOO_OLD = """\
Python {0}.{1} or later is needed, and this is {2}. If there is a newer one, name it:
    make {3} PYTHON=python3.12"""
NO_VENV = """\
This Python cannot make virtual environments: a part of it, ensurepip, is missing.
On Debian and Ubuntu: apt-get install python3-venv"""


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="of the virtual environment")
    parser.add_argument("groups", nargs="*", help="dependency groups to install")
    parser.add_argument("--requirements", help="a file of versions to install")
    parser.add_argument(
        "--target", default="test", help="the make target, for messages"
    )
    options = parser.parse_args(arguments)
    problem = missing(sys.version_info[:2], options.target)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    began = time.monotonic()
    say(f"Making {options.folder} with {sys.executable}. This is done once.")
    venv.create(options.folder, with_pip=True, clear=True)
    python = os.path.join(options.folder, "bin", "python")
    wanted = ["--editable", "."]
    for group in options.groups:
        wanted += ["--group", group]
    if options.requirements:
        wanted += ["--requirement", options.requirements]
    status = install(python, ["--upgrade", PIP]) or install(python, wanted)
    if status == 0:
        say(f"{options.folder} is ready after {time.monotonic() - began:.0f} s.")
    return status


def missing(version: tuple[int, ...], target: str) -> str:
    """Return what this Python lacks, for people; nothing if it can be used."""
    if version < LOWEST:
        return TOO_OLD.format(*LOWEST, ".".join(map(str, version)), target)
    if importlib.util.find_spec("ensurepip") is None:
        return NO_VENV
    return ""


def install(python: str, wanted: list[str]) -> int:
    """Have pip install *wanted*; say what it does, and all it said if it fails."""
    command = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    process = subprocess.Popen(
        [*command, *wanted],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    said, progress = [], Progress()
    for line in process.stdout:
        said.append(line)
        progress.read(line)
    if process.wait():
        print("".join(said), file=sys.stderr)
        print("pip could not install this; its last lines say why.", file=sys.stderr)
    return process.returncode


class Progress:
    """Says what pip does: a line now and then, from the many that it prints."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()
        self._found = 0

    def read(self, line: str) -> None:
        """Take a line that pip has printed."""
        words = line.split()
        if words[:1] == ["Collecting"]:
            self._found += 1
            if time.monotonic() - self._said >= SAY_EVERY:
                self._say(f"found {self._found} packages, now {words[1]}")
        elif words[:3] == ["Installing", "collected", "packages:"]:
            self._say(f"installing {len(words) - 3} packages")

    def _say(self, text: str) -> None:
        self._said = time.monotonic()
        say(f"  {self._said - self._began:4.0f} s: {text}")


def say(text: str) -> None:
    """Print a line at once, also where the output is a file."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
