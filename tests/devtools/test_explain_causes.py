"""Broken applications, for each common cause: it is named, and its fix works."""

from __future__ import annotations

from dataclasses import replace

import flask_cors
import pytest

from flask_cors_policy import CORS
from flask_cors_policy.devtools.explaining import Explanation

from .broken_apps import Broken, Options, build, explained, items, repaired, wrapped
from .broken_cases import CASES, MIDDLEWARE, broken_app


def text(explanation: Explanation) -> str:
    assert explanation.diagnosis is not None
    return " ".join(
        [
            explanation.diagnosis.found,
            *(fix.text for fix in explanation.diagnosis.fixes),
        ]
    )


@pytest.mark.parametrize("name", CASES)
def test_the_true_cause_is_named(name: str) -> None:
    broken = CASES[name]
    explanation = explained(broken, broken_app(name))
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == broken.cause
    assert broken.says in text(explanation)
    assert explanation.allowed is broken.allowed


@pytest.mark.parametrize(
    "name",
    [name for name in CASES if name not in MIDDLEWARE and not CASES[name].corrected],
)
def test_the_fix_works(name: str) -> None:
    broken = CASES[name]
    diagnosis = explained(broken).diagnosis
    assert diagnosis is not None
    again = explained(repaired(broken, diagnosis.fixes[0]))
    assert again.allowed
    assert again.diagnosis is None


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].corrected])
def test_what_is_not_the_policy_is_to_be_corrected_where_it_is(name: str) -> None:
    broken = CASES[name]
    app = build(broken)
    assert broken.corrected is not None
    broken.corrected(app)
    again = explained(broken, app)
    assert again.allowed
    assert again.diagnosis is None


@pytest.mark.parametrize("name", MIDDLEWARE)
def test_what_is_in_front_of_the_policy_belongs_behind_it(name: str) -> None:
    broken = CASES[name]
    app = build(replace(broken, options=None))
    wrapped(MIDDLEWARE[name])(app)
    options: Options = broken.options or {}
    CORS(app, **options)
    again = explained(broken, app)
    assert again.allowed
    assert again.diagnosis is None


def test_the_policy_of_another_extension_is_told_from_what_it_sends() -> None:
    broken = Broken(items, "", "", {"credentials": "include"})
    app = build(broken)
    flask_cors.CORS(app, send_wildcard=True)
    explanation = explained(broken, app)
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == "wildcard-with-credentials"
