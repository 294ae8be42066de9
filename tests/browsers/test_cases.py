"""The cases, and the comparison, without any browser."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from flask_cors_policy.devtools.browser import CHROMIUM, ENGINES, FIREFOX, Engine

from .cases import HOSTS, Case, Seen
from .compare import differences, predict
from .generate import generate, whole_families
from .run import REQUESTS_OF_ONE_BROWSER, shares

ORIGINS = {
    name: f"{host}:{40001 + number}"
    for number, (name, host) in enumerate(HOSTS.items())
}
ORIGINS["blocked"] = "http://127.0.0.1:10080"
CASES = generate(600, seed=1)


def differing(case: Case, expected: list[Seen], got: list[Seen]) -> list[str]:
    """Return every difference between two outcomes of *case*."""
    return [
        difference
        for fetch, wanted, found in zip(case.fetches, expected, got, strict=True)
        for difference in differences(case, fetch, wanted, found)
    ]


def test_same_seed_gives_the_same_cases_and_another_seed_gives_others() -> None:
    assert generate(400, seed=1) == generate(400, seed=1)
    assert generate(400, seed=1) != generate(400, seed=2)


def test_enough_cases_hold_every_family_whole_and_random_ones() -> None:
    drafts = whole_families()
    cases = generate(len(drafts) * 5 // 4 + 4)

    found = [case.family for case in cases]
    assert len(drafts) > 8000
    assert found[: len(drafts)] == [draft.family for draft in drafts]
    assert {*found[len(drafts) :]} == {"random"}


def test_ids_are_unique_path_segments() -> None:
    ids = [case.id for case in generate()]

    assert len({*ids}) == len(ids)
    assert all(id.replace("-", "").isalnum() for id in ids)


@pytest.mark.parametrize("count", [0, 1, 100])
def test_four_in_five_cases_are_of_the_families(count: int) -> None:
    families = [case.family for case in generate(count)]

    assert len(families) == count
    assert sum(family == "random" for family in families) == count - count * 4 // 5


def test_cases_survive_json() -> None:
    for case in CASES:
        assert Case.from_json(json.loads(json.dumps(case.to_json()))) == case


def test_shares_hold_every_case_once_and_those_that_wait_last() -> None:
    parts = list(shares(generate()))
    requests = [
        sum(len(case.fetches) * len(case.resources) for case in part) for part in parts
    ]

    assert sorted(case.id for part in parts for case in part) == sorted(
        case.id for case in generate()
    )
    assert max(requests[:-1]) <= REQUESTS_OF_ONE_BROWSER
    assert all(any(fetch.wait for fetch in case.fetches) for case in parts[-1])


@pytest.mark.parametrize("engine", ENGINES.values(), ids=str)
def test_model_has_an_answer_to_every_case_and_agrees_with_itself(
    engine: Engine,
) -> None:
    for case in CASES:
        filled = case.at(ORIGINS)
        predicted = predict(filled, ORIGINS, engine)

        assert len(predicted) == len(case.fetches)
        assert differing(filled, predicted, predict(filled, ORIGINS, engine)) == []
        for seen in predicted:
            preflights = [sent.is_preflight for sent in seen.sent]
            assert preflights[-1:] != [True] or not seen.ok


def test_engines_differ_and_the_comparison_sees_it() -> None:
    differ = 0
    for case in CASES:
        filled = case.at(ORIGINS)
        one = predict(filled, ORIGINS, CHROMIUM)
        differ += differing(filled, one, predict(filled, ORIGINS, FIREFOX)) != []

    assert 20 < differ < len(CASES) / 2


def _is_exposed(case: Case) -> bool:
    """Say whether this is a case of fetch(), which a page can tell all about."""
    return case.family == "exposed" and case.fetches[0].via == "fetch"


def test_every_part_of_an_outcome_is_compared() -> None:
    case = next(case for case in CASES if _is_exposed(case)).at(ORIGINS)
    predicted = predict(case, ORIGINS, CHROMIUM)
    seen = predicted[0]
    sent = seen.sent[0]
    others = [
        replace(seen, ok=False),
        replace(seen, type="opaque"),
        replace(seen, status=299),
        replace(seen, headers=(*seen.headers, ("x-more", "1"))),
        replace(seen, headers=seen.headers[1:]),
        replace(seen, body="other"),
        replace(seen, url="http://127.0.0.1:1/"),
        replace(seen, sent=()),
        replace(seen, sent=(sent, sent)),
        replace(seen, sent=(replace(sent, method="PUT"),)),
        replace(seen, sent=(replace(sent, url="http://127.0.0.1:1/"),)),
        replace(seen, sent=(replace(sent, headers=(("x-more", "1"),)),)),
        replace(seen, sent=(replace(sent, headers=sent.headers[1:]),)),
    ]

    assert seen.ok
    for other in others:
        assert differing(case, predicted, [other]), other
