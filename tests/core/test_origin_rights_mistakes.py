"""Mistakes in items of ``origins`` with options: told at the item, all at once."""

from __future__ import annotations

import re
from typing import Any

import pytest

from flask_cors_policy import Policy
from tests.helpers import A, B, problems, reasons

from .test_origin_rights import ACAO, CREDENTIALS, allow_c, answer

NAMED = f"origins[{A!r}]"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"origins": {}}, [("origins", "origins-empty")]),
        ({"origins": {A: {A: {}}}}, [(f"{NAMED}.{A}", "unknown-option")]),
        ({"origins": {A: {"origins": B}}}, [(f"{NAMED}.origins", "option-of-policy")]),
        ({"origins": {A: Policy(origins=A)}}, [(NAMED, "wrong-type")]),
        ({"origins": {A: None}}, [(NAMED, "wrong-type")]),
        ({"origins": {A: {"max_age": "5"}}}, [(f"{NAMED}.max_age", "wrong-type")]),
        ({"origins": {A: {"maxage": 5}}}, [(f"{NAMED}.maxage", "unknown-option")]),
        (
            {"origins": {A: {"preflight_status": 200, "accept_risks": []}}},
            [
                (f"{NAMED}.preflight_status", "option-of-policy"),
                (f"{NAMED}.accept_risks", "option-of-policy"),
            ],
        ),
        (
            {"origins": {A: {"timing_allow_origin": "*"}}},
            [(f"{NAMED}.timing_allow_origin", "option-of-policy")],
        ),
        ({"origins": {f"{A}/": {}}}, [(f"origins['{A}/']", "origin-path")]),
        ({"origins": {f"{A},{B}": {}}}, [(f"origins['{A},{B}']", "origin-list")]),
        ({"origins": {None: {}}}, [("origins[NoneType]", "wrong-type")]),
        ({"origins": {"null": {}}}, [("origins['null']", "origin-null")]),
        ({"origins": [(A, B, B, {})]}, [("origins[0]", "wrong-type")]),
        ({"origins": [(7, A, {})]}, [("origins[0]", "wrong-type")]),
        ({"origins": (A, {})}, [("origins[1]", "wrong-type")]),
        ({"origins": [{A: {}}]}, [("origins[0]", "wrong-type")]),
        ({"origins": [(A, {}), B, A]}, [("origins[2]", "origin-duplicate")]),
        (
            {"origins": [(allow_c, {}), ("again", allow_c, {})]},
            [("origins[1]", "origin-duplicate")],
        ),
        (
            {"origins": {"*": CREDENTIALS}},
            [("origins['*']", "origin-wildcard-credentials")],
        ),
        (
            {"origins": {"*": {}, A: {}}, **CREDENTIALS},
            [("origins['*']", "origin-wildcard-credentials")],
        ),
        (
            {"origins": {"http://a.example": CREDENTIALS, "http://b.example": {}}},
            [("origins['http://a.example']", "origin-insecure")],
        ),
        (
            {
                "origins": {"null": CREDENTIALS, "file://": {}},
                "accept_risks": "null-origin",
            },
            [("origins['null']", "origin-null-credentials")],
        ),
        (
            {"origins": {"https://*.github.io": CREDENTIALS, "https://*.com": {}}},
            [("origins['https://*.github.io']", "origin-public-suffix")],
        ),
        (
            {"origins": {A: CREDENTIALS, B: {}}, "expose_headers": "*"},
            [("expose_headers", "expose-wildcard-credentials")],
        ),
        (
            {"origins": {A: CREDENTIALS, B: {"expose_headers": "*"}}},
            [],
        ),
    ],
)
def test_mistakes_are_told_at_the_item_as_typed(
    options: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    if expected:
        assert reasons(**options) == expected
    else:
        Policy(**options)


def test_all_mistakes_are_told_at_once() -> None:
    found = reasons(
        origins={
            A: {"max_age": -1, "enforce": True, "methods": "put"},
            "https://A.example": {"headers": "X-A"},
            "*": CREDENTIALS,
        },
        preflight_status=201,
    )
    assert sorted(found) == sorted([
        ("preflight_status", "out-of-range"),
        (f"{NAMED}.enforce", "option-of-policy"),
        (f"{NAMED}.max_age", "out-of-range"),
        (f"{NAMED}.methods", "method-case"),
        ("origins['https://A.example']", "origin-upper-case"),
        ("origins['https://A.example'].headers", "unknown-option"),
        ("origins['*']", "origin-wildcard-credentials"),
    ])  # fmt: skip


def test_what_an_item_turns_off_needs_no_risk_accepted() -> None:
    policy = Policy(
        origins={A: {}, "http://b.example": {"supports_credentials": False}},
        supports_credentials=True,
    )
    assert answer(policy, "http://b.example") == {
        "Vary": "Origin", ACAO: "http://b.example",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "hint"),
    [
        (
            "https://*.a.example", "https://b.a.example:*",
            'Write "https://b.a.example" here, or "https://*.a.example:*" there.',
        ),
        (
            "https://*.a.example:1", "https://*.b.a.example:*",
            'Write "https://*.b.a.example:1" here, or "https://*.a.example:*" there.',
        ),
    ],
)  # fmt: skip
def test_the_hint_for_an_overlap_ends_it(one: str, other: str, hint: str) -> None:
    (problem,) = problems(origins={one: {}, other: {}})
    assert problem.reason == "origin-overlap"
    assert problem.hint == hint
    here, there = re.findall('"([^"]+)"', problem.hint)
    assert Policy(origins={one: {}, here: {"max_age": 1}})
    assert Policy(origins={there: {}, other: {"max_age": 1}})


@pytest.mark.parametrize(
    "pair",
    [
        ("https://*.a.example", "https://*.b.a.example"),
        ("https://*.a.example:*", "https://*.a.example:8443"),
        ("https://*.a.example:*", "https://b.a.example:*"),
        ("https://*.a.example:1", "https://b.a.example:2"),
        ("http://*.a.example", "https://b.a.example:*"),
        ("https://*.b.a.example", "https://b.a.example:*"),
    ],
)
def test_patterns_that_contain_each_other_or_share_nothing_are_no_overlap(
    pair: tuple[str, str],
) -> None:
    assert Policy(origins={pair[0]: {}, pair[1]: {"max_age": 1}})
    assert Policy(origins={pair[1]: {}, pair[0]: {"max_age": 1}})


def test_without_options_patterns_may_overlap() -> None:
    assert Policy(origins=["https://*.a.example", "https://b.a.example:*"])
