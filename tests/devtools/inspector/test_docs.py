"""What docs/inspector.md shows is what the command prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flask_cors_policy.devtools.cli import cors
from flask_cors_policy.devtools.inspector import running
from flask_cors_policy.devtools.inspector.running import Started

from .apps import shop

PAGE = (Path(__file__).parents[3] / "docs" / "inspector.md").read_text("utf-8")


def test_command_prints_what_the_page_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = re.findall(r"^```console\n(.*?)^```", PAGE, re.M | re.S)
    command, *printed = block.splitlines()
    url, api = (line.split(": ")[1].strip() for line in printed[:2])
    ports: list[object] = []

    @contextmanager
    def shown(*arguments: object) -> Iterator[Started]:
        ports.extend(arguments[1:3])
        yield Started(url, api, "")

    monkeypatch.setattr(running, "inspector", shown)
    monkeypatch.setattr(running, "wait", lambda: None)
    arguments = command.removeprefix("$ flask --app shop cors ").split()
    found = shop().test_cli_runner().invoke(cors, arguments)
    assert found.output.splitlines() == printed
    assert ports == [5050, 0]
    assert url.startswith("http://127.0.0.1:5050/")


def test_page_names_every_option() -> None:
    for parameter in cors.commands["inspect"].params:
        assert parameter.opts[0] in PAGE
