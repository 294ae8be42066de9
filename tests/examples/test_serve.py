"""Every example starts with one command."""

from __future__ import annotations

import re
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
    path, package = ROOT / "examples" / f"{name}.py", "examples"
    if not path.is_file():
        path, package = ROOT / "examples" / name / "__main__.py", f"examples.{name}"
    code = compile(path.read_text("utf-8"), str(path), "exec")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pyramid imports what is deprecated.
        exec(code, {"__name__": "__main__", "__package__": package})
    ((app, *_),) = served
    assert callable(app)


def test_examples_are_served_until_they_are_ended() -> None:
    command = [sys.executable, "-m", "examples.wrong_reflection", "--right"]
    command += ["--port", "0", "--page-port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(2)]
            urls = re.findall(r"http://127\.0\.0\.1:\d+/", "".join(lines))
            assert len(urls) == 2
            with urllib.request.urlopen(urls[1], timeout=10) as response:
                assert b"You have won" in response.read()
        finally:
            process.terminate()


def test_the_documentation_lists_every_example() -> None:
    page = ROOT.joinpath("docs", "examples.md").read_text("utf-8")
    listed = set(re.findall(r"^python -m examples\.(\w+)", page, re.M))
    assert listed == EXAMPLES
