"""The lines of the policy reference: those it calls permitted, those prohibited."""

from __future__ import annotations

import warnings

import pytest

from docs.ext.policy_lines import LINES, Permitted, Prohibited, build, problems
from flask_cors_policy.core.errors import MISTAKES
from flask_cors_policy.core.settings import OPTIONS

PERMITTED = [line for lines in LINES.values() for line in lines.permitted]
PROHIBITED = [line for lines in LINES.values() for line in lines.prohibited]

# Mistakes that no single policy can hold, or that are warnings.
ELSEWHERE = {
    "conflicting-options",
    "mark-shared",
    "mark-unused",
    "mark-without-effect",
    "marked-twice",
    "max-age-beyond-browsers",
    "origin-regex-dot",
    "path-syntax",
    "paths-empty",
    "report-file-folder",
    "setting-changed",
    "unknown-option",
    "unknown-policy",
}


@pytest.mark.parametrize("line", PERMITTED, ids=lambda line: line.options)
def test_permitted(line: Permitted) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        policy = build(line.options)
    assert policy.replace() == policy


@pytest.mark.parametrize("line", PROHIBITED, ids=lambda line: line.options)
def test_prohibited(line: Prohibited) -> None:
    assert [problem.reason for problem in problems(line.options)] == [line.reason]


def test_every_option_has_lines_of_both_kinds() -> None:
    assert tuple(LINES) == OPTIONS
    assert all(lines.permitted and lines.prohibited for lines in LINES.values())


def test_every_mistake_that_a_policy_can_hold_has_a_line() -> None:
    assert {line.reason for line in PROHIBITED} == MISTAKES.keys() - ELSEWHERE
