"""What other origins of a policy gain by a change, and how one origin gains alone."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cors_policy import Policy
from flask_cors_policy.core.decision import decide
from flask_cors_policy.devtools.browser import Received, Sent
from flask_cors_policy.devtools.playing import policy_sees

from .helpers import A, explain, known

GAIN = "The other origins of this policy can then use the method, too."
ALONE = f"To open it for {A} alone, write origins as"


def listed(_origin: str, _environ: object) -> bool:
    return False


def fix(origins: Any, page: str) -> str:
    """Return the first fix for a PUT of *page* that the methods leave out."""
    server = known(origins=origins)
    policy = Policy(origins=origins)

    def answer(sent: Sent) -> Received:
        decision = decide(policy, policy_sees(sent), None)
        return Received(decision.status or 200, decision.headers)

    diagnosis = explain(answer, server, page, method="PUT").diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "method-not-allowed"
    return diagnosis.fixes[0].text


@pytest.mark.parametrize(
    ("origins", "whole"),
    [
        (
            [A, "https://b.example"],
            f'a mapping: {{"https://b.example": {{}}, "{A}": {{"methods": ["PUT"]}}}}',
        ),
        ([A, listed], f'pairs: [[listed, {{}}], ["{A}", {{"methods": ["PUT"]}}]]'),
    ],
    ids=["beside an origin", "beside a function"],
)
def test_an_origin_among_others_can_gain_alone(origins: Any, whole: str) -> None:
    assert fix(origins, A).endswith(f"{GAIN} {ALONE} {whole}.")
    written = eval(whole.partition(": ")[2], {"listed": listed})
    assert Policy(origins=written).allows_origin("https://b.example") is (
        "https://b.example" in origins
    )


def test_null_gains_nothing_alone() -> None:
    assert fix("*", "null").endswith(GAIN)


def test_an_origin_without_others_is_told_of_none() -> None:
    assert "origins" not in fix(A, A)
