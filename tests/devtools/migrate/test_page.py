"""``docs/migration.md`` shows what the command prints, and says what is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from flask_cors_policy.devtools.cli import cors
from flask_cors_policy.devtools.migrate.notes import Group

PAGE = Path(__file__).parents[3].joinpath("docs", "migration.md").read_text("utf-8")
CASES = re.findall(
    r"### (.+)\n(?:.*\n)*?```python\n((?:.*\n)*?)```\n\n<!-- .* -->\n"
    r"```console\n\$ flask cors migrate\n((?:.*\n)*?)```",
    PAGE,
)


@pytest.mark.parametrize(("title", "source", "output"), CASES)
def test_the_command_prints_what_the_page_shows(
    title: str,
    source: str,
    output: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("app.py").write_text(source, "utf-8")
    result = CliRunner().invoke(cors, ["migrate"])
    assert result.stdout + result.stderr == output


def test_the_page_shows_three_cases() -> None:
    assert len(CASES) == 3


def test_the_page_explains_every_group() -> None:
    for group in Group:
        assert PAGE.count(f"\n| {group.value} | ") == 1
