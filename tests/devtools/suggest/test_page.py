"""The page ``docs/tighten.md`` shows what ``suggest`` prints for recorded traffic."""

from __future__ import annotations

import re
import shlex
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from flask_cors_policy import CORSMiddleware, report_file
from flask_cors_policy.devtools.commands import main

from .test_story import TODAY, items, visit_all

PAGE = Path(__file__).parents[3] / "docs" / "tighten.md"
SESSIONS = re.findall(
    r"```console\n\$ python -m flask_cors_policy (.+)\n((?:.*\n)*?)```",
    PAGE.read_text("utf-8"),
)


class Clock:
    """Stands still on the day that the page shows."""

    @staticmethod
    def now(zone: timezone) -> datetime:
        return datetime(2026, 11, 28, 12, tzinfo=zone)


@pytest.mark.parametrize(("command", "output"), SESSIONS)
def test_the_page_shows_what_is_printed(
    command: str,
    output: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(report_file, "datetime", Clock)
    monkeypatch.chdir(tmp_path)
    path: Any = "cors.jsonl"
    assert visit_all(CORSMiddleware(items, **TODAY, report_file=path), times=6) == []
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out == output
