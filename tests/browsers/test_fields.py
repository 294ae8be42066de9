"""No field of an engine stands that no case can see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Final

import pytest

from flask_cors_policy.devtools.browser import ENGINES, STANDARD, Engine

from .cases import Case, Seen
from .compare import predict
from .families import ACMA, allowing, at_a
from .generate import whole_families
from .keeping import PUT
from .test_cases import ORIGINS, differing

NAMES: Final = frozenset({"name", "version", "setting"})
# An engine is compared with the one that it is made from.
MADE_FROM: Final = {"chromium-no-third-party": "chromium", "wpe": "webkitgtk"}

# Nobody waits that long for a browser; the engines document what they do then.
MONTH: Final = allowing(("PUT",), ("x-a",), ((ACMA, "2592000"),))
LATER: Final = replace(PUT, wait=2 * 24 * 60 * 60 * 1000)
DAYS: Final = Case("days", "days", at_a(MONTH), (PUT, LATER))


def in_turns(cases: list[Case]) -> list[Case]:
    """Return *cases*, one of each family at a time: what is looked for comes soon."""
    seen: Counter[str] = Counter()
    turns: dict[str, int] = {}
    for case in cases:
        turns[case.id] = seen[case.family]
        seen[case.family] += 1
    return sorted(cases, key=lambda case: turns[case.id])


CASES: Final = [case.at(ORIGINS) for case in in_turns([DAYS, *whole_families()])]


def changes(engine: Engine, base: Engine) -> Iterator[tuple[str, Engine]]:
    """Yield each field in which *engine* differs from *base*, and it without that."""
    for field in fields(engine):
        ours, theirs = getattr(engine, field.name), getattr(base, field.name)
        if field.name == "cookies":
            for rule in fields(ours):
                value = getattr(theirs, rule.name)
                if getattr(ours, rule.name) != value:
                    changed = replace(ours, **{rule.name: value})
                    yield f"cookies.{rule.name}", replace(engine, cookies=changed)
        elif field.name not in NAMES and ours != theirs:
            yield field.name, replace(engine, **{field.name: theirs})


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "standard"])
def test_each_difference_of_an_engine_changes_the_answer_to_a_case(name: str) -> None:
    engine = ENGINES[name]
    base = ENGINES[MADE_FROM.get(name, "standard")]
    answers: dict[str, list[Seen]] = {}

    def sees(case: Case, other: Engine) -> bool:
        if case.id not in answers:
            answers[case.id] = predict(case, ORIGINS, engine)
        got = predict(case, ORIGINS, other)
        return differing(case, answers[case.id], got) != []

    unseen = [
        field
        for field, other in changes(engine, base)
        if not any(sees(case, other) for case in CASES)
    ]

    assert unseen == []


def test_each_field_is_a_difference_of_a_browser() -> None:
    found = {
        field for engine in ENGINES.values() for field, _ in changes(engine, STANDARD)
    }
    rules = {f"cookies.{rule.name}" for rule in fields(STANDARD.cookies)}
    others = {field.name for field in fields(Engine)} - NAMES - {"cookies"}

    assert found == others | rules
