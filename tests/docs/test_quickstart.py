"""The commands of the Quickstart print what docs/quickstart.md shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2].joinpath("docs", "quickstart.md").read_text("utf-8")
SHOWN = re.compile(
    r"```sh\nflask (.+?)\n```\n\n<!-- shown by \S+ -->\n```text\n(.*?)```", re.S
)
SECTIONS = [part for part in re.split(r"^## ", PAGE, flags=re.M) if SHOWN.search(part)]


def test_the_wheel_to_install_has_the_current_version() -> None:
    wheel = f"pip install ./flask_cors_policy-{version('flask_cors_policy')}-py3-"
    assert wheel in PAGE


def test_flask_is_shown_with_its_config_and_with_decorators() -> None:
    assert [section.splitlines()[0] for section in SECTIONS] == [
        "1. A Flask application, by its config",
        "2. Flask views, by decorator",
    ]


@pytest.mark.parametrize("section", SECTIONS, ids=["config", "decorator"])
def test_explain_prints_what_the_page_shows(section: str, tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", section, re.S)
    tmp_path.joinpath("app.py").write_text(program, "utf-8")
    ((command, output),) = SHOWN.findall(section)
    words = shlex.split(command.replace("\\\n", " "))
    done = subprocess.run(
        [sys.executable, "-m", "flask", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == output, done.stderr
