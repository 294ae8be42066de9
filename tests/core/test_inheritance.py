"""Policies inside policies: an inner one takes what it leaves out from the outer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flask_cors_policy import Policy
from flask_cors_policy.core.inheritance import (
    Named,
    inherit,
    own_settings,
    path_policies,
)
from flask_cors_policy.core.policy import build
from flask_cors_policy.core.settings import RawOptions, Report, Setting, raw_options
from tests.helpers import A, B

OUTER = raw_options(
    {
        "origins": A,
        "supports_credentials": True,
        "allow_headers": "X-A",
        "max_age": 5,
        "enforce": True,
    }
)
NAMED = {"partners": raw_options({"origins": B}, "CORS_POLICIES['partners']")}


def resolve(
    value: Setting, outer: RawOptions, named: Named, report: Report
) -> Policy | None:
    own = own_settings(value, named, report)
    return None if own is None else build(inherit(own, outer), report)


def resolved(value: Any) -> tuple[Policy | None, Report]:
    report = Report()
    return resolve(Setting(value, "resources['/x']"), OUTER, NAMED, report), report


def inherited(**changes: Any) -> Policy:
    """Return the policy of the outer settings, changed."""
    settings = {option: setting.value for option, setting in OUTER.items()}
    return Policy(**{**settings, **changes})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, inherited()),
        ({"origins": B}, inherited(origins=B)),
        ({"allow_headers": ()}, inherited(allow_headers=())),
        ({"max_age": None}, inherited(max_age=None)),
        ({"methods": "PUT"}, inherited(methods="PUT")),
        ("partners", inherited(origins=B)),
        (Policy(origins="*"), Policy(origins="*")),
    ],
    ids=repr,
)
def test_what_is_left_out_comes_from_the_outer_policy(
    value: Any, expected: Policy
) -> None:
    policy, report = resolved(value)
    assert policy == expected
    assert report.problems == []


@pytest.mark.parametrize(
    ("value", "setting", "reason"),
    [
        ("partner", "resources['/x']", "unknown-policy"),
        (7, "resources['/x']", "wrong-type"),
        (None, "resources['/x']", "wrong-type"),
        ([A], "resources['/x']", "wrong-type"),
        (Policy, "resources['/x']", "wrong-type"),
        ({"origins": "b"}, "resources['/x']['origins']", "origin-scheme-missing"),
        ({"orgins": B}, "resources['/x']['orgins']", "unknown-option"),
        ({7: B}, "resources['/x'][7]", "unknown-option"),
        ({"origins": None}, "resources['/x']['origins']", "origins-required"),
        ({"origins": "*"}, "resources['/x']['origins']", "origin-wildcard-credentials"),
    ],
    ids=repr,
)
def test_mistake_names_the_place_of_the_inner_policy(
    value: Any, setting: str, reason: str
) -> None:
    policy, report = resolved(value)
    assert policy is None
    assert [(p.setting, p.reason) for p in report.problems] == [(setting, reason)]


def test_mistake_that_is_inherited_names_both_places() -> None:
    outer = raw_options({"supports_credentials": True}, "CORS")
    inner = Setting({"origins": "http://b.example"}, "resources['/x']")
    report = Report()
    assert resolve(inner, outer, {}, report) is None
    (problem,) = report.problems
    assert problem.setting == "resources['/x']['origins']"
    assert "CORS['supports_credentials'] is True" in problem.message


def test_unknown_name_is_answered_with_the_nearest() -> None:
    assert resolved("partner")[1].problems[0].hint == 'Did you mean "partners"?'
    report = Report()
    assert resolve(Setting("x", "policy"), OUTER, {}, report) is None
    assert report.problems[0].hint == "None is configured."


def test_inheriting_leaves_both_sides_as_they_were() -> None:
    inner = raw_options({"origins": B})
    before: tuple[Mapping[str, Setting], ...] = (dict(inner), dict(OUTER))
    assert inherit(inner, OUTER) == {**OUTER, "origins": Setting(B, "origins")}
    assert (inner, OUTER) == before


def test_mistake_of_the_outer_policy_is_reported_once_for_all_paths() -> None:
    outer = raw_options({"origins": [A, "b.example"]})
    report = Report()
    rules = Setting({"/a": {}, "/b": {"max_age": 1}}, "resources")
    assert path_policies(rules, outer, report) == {}
    assert [p.setting for p in report.problems] == ["origins[1]"]


def test_policies_of_wrong_rules_are_checked_all_the_same() -> None:
    report = Report()
    rules = Setting(
        {"a": {"max_age": -1}, "/b": {"origins": "b"}, "/c": {}, "d": {}}, "res"
    )
    policies = path_policies(rules, OUTER, report)
    assert list(policies) == ["/c"]
    assert [(p.setting, p.reason) for p in report.problems] == [
        ("res['a']", "path-syntax"),
        ("res['d']", "path-syntax"),
        ("res['a']['max_age']", "out-of-range"),
        ("res['/b']['origins']", "origin-scheme-missing"),
    ]


def test_warnings_are_kept() -> None:
    report = Report()
    path_policies(Setting({"/a": {"max_age": 10**6}}, "res"), OUTER, report)
    assert [c.reason for c in report.warnings] == ["max-age-beyond-browsers"]
    assert report.problems == []
