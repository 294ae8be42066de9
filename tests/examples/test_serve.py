"""Every example starts with one command."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import urllib.request
import warnings
from pathlib import Path
from typing import Any

import pytest

import examples
from examples import serve as serving

ROOT = Path(examples.__file__ or "").parents[1]
EXAMPLES = {
    path.stem
    for path in ROOT.joinpath("examples").iterdir()
    if path.suffix == ".py" or path.joinpath("__main__.py").is_file()
} - {"__init__", "serve"}
OTHERWISE = {"behind_nginx", "demo", "multitenant", "with_django"}
"""Examples whose start has a test of its own."""
NAMES = sorted(EXAMPLES - OTHERWISE)


@pytest.mark.parametrize("name", NAMES)
def test_example_serves_an_application(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Any] = []
    monkeypatch.setattr(serving, "serve", lambda *apps: served.append(apps))
    monkeypatch.setattr(sys, "argv", [f"examples.{name}"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pyramid imports what is deprecated.
        runpy.run_module(f"examples.{name}", run_name="__main__")
    ((app, *_),) = served
    assert callable(app)


@pytest.mark.parametrize(
    ("command", "path", "text"),
    [
        (["wrong_reflection", "--right", "--page-port", "0"], "", "You have won"),
        (["with_django"], "api/items/", "a hammer"),  # Once in a process.
    ],
)
def test_an_example_is_served_until_it_is_ended(
    command: list[str], path: str, text: str
) -> None:
    name, *options = command
    arguments = [sys.executable, "-m", f"examples.{name}", "--port", "0", *options]
    with subprocess.Popen(
        arguments,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            lines = [
                process.stdout.readline() for _ in range(1 + ("--right" in options))
            ]
            url = re.findall(r"http://127\.0\.0\.1:\d+/", "".join(lines))[-1]
            with urllib.request.urlopen(url + path, timeout=10) as response:
                assert text in response.read().decode()
        finally:
            process.terminate()


def test_the_documentation_lists_every_example() -> None:
    page = ROOT.joinpath("docs", "examples.md").read_text("utf-8")
    listed = set(re.findall(r"^python -m examples\.(\w+)", page, re.M))
    assert listed == EXAMPLES
