"""The pages about commands show what the commands print, and the tables there are."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask
from flask.cli import ScriptInfo

from flask_cors_policy.core.reasons import Reason
from flask_cors_policy.devtools.audit import CHECKS
from flask_cors_policy.devtools.cli import cors
from flask_cors_policy.devtools.explaining import Cause

DOCS = Path(__file__).parents[1] / "docs"


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


SESSIONS = [
    (name, *found)
    for name in ("explain", "audit")
    for found in re.findall(
        r"```console\n\$ flask --app shop cors (.+)\n((?:.*\n)*?)```", page(name)
    )
]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application that the pages are about."""
    (source,) = re.findall(r"```python\n((?:.*\n)*?)```", page("explain"))
    tmp_path.joinpath("shop.py").write_text(source, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    app: Flask = import_module("shop").app
    yield app
    del sys.modules["shop"]


@pytest.mark.parametrize(("name", "command", "output"), SESSIONS)
def test_commands_print_what_the_pages_show(
    name: str, command: str, output: str, shop: Flask
) -> None:
    info = ScriptInfo(create_app=lambda: shop)
    runner = shop.test_cli_runner()
    assert runner.invoke(cors, shlex.split(command), obj=info).output == output


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(row) for row in (head, tuple("---" for _ in head), *rows)]
    return "".join(f"| {line} |\n" for line in lines)


CAUSES = table(
    ("cause", "what is the matter"),
    ((f"`{cause.value}`", cause.meaning) for cause in Cause),
)
AUDITS = table(
    ("check", "severity", "finds that"),
    ((f"`{check.id}`", check.severity.value, check.meaning) for check in CHECKS),
)
REASONS = table(
    ("code", "what happened", "what to do"),
    (
        (f"`{reason.value}`", reason.meaning, reason.hint)
        for reason in Reason
        if reason.refused
    ),
)


@pytest.mark.parametrize(
    ("name", "marker", "expected"),
    [
        ("explain", "causes", CAUSES),
        ("audit", "checks", AUDITS),
        ("log", "reasons", REASONS),
    ],
)
def test_tables_of_the_pages_are_those_of_the_library(
    name: str, marker: str, expected: str
) -> None:
    pattern = rf"<!-- {marker} -->\n((?:.*\n)*?)<!-- end -->"
    (shown,) = re.findall(pattern, page(name))
    assert shown == expected
