"""The ten cases get the same answer from the playground and from the command."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flask_cors_policy.devtools.browser import ENGINES
from flask_cors_policy.devtools.playground import answer

from .apps import ASKED
from .commands import (
    ROOT,
    mistakes_of_program,
    said_by_command,
    said_by_playground,
)

CASES = {
    case["title"]: case["fields"]
    for case in json.loads(
        ROOT.joinpath("docs/data/playground/cases.json").read_text("utf-8")
    )
}
AT_START = "Every origin, with cookies"
"""The one whose policy is refused when the process starts."""


def explained(title: str) -> dict[str, Any]:
    question = {"ask": "explain", "case": CASES[title]}
    found: dict[str, Any] = json.loads(answer(json.dumps(question)))
    return found


def test_there_are_ten_cases_and_a_program_for_each() -> None:
    assert len(CASES) == 10
    assert CASES.keys() == ASKED.keys()


@pytest.mark.parametrize("title", [title for title in ASKED if title != AT_START])
def test_a_case_is_answered_as_the_command_answers(title: str) -> None:
    found = explained(title)
    for engine in ("standard", "firefox"):
        assert said_by_playground(found, engine) == said_by_command(title, engine)
    assert {each["engine"] for each in found["engines"]} == ENGINES.keys()


def test_a_policy_that_cannot_start_has_the_mistakes_of_its_start() -> None:
    mistakes = explained(AT_START)["mistakes"]
    shown = [f"{mistake['message']} {mistake['hint']}" for mistake in mistakes]
    assert shown == mistakes_of_program(AT_START) != []


def test_each_case_has_an_explanation_of_its_own() -> None:
    found = [
        explained(title)["engines"][0]["found"] for title in ASKED if title != AT_START
    ]
    assert len(set(found)) == 9
    assert found.count("") == 1  # The order of decorators does not matter here.
