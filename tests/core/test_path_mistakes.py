"""What is written in the place of a path rule, and the rule that is meant."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy.core.path_mistakes import (
    EXAMPLE,
    hint_for,
    mistake_in,
    rules_to_write,
)

MEANT: dict[object, list[str]] = {
    ".*": ["/*"],
    "*": ["/*"],
    "/.*": ["/*"],
    r"^/.*$": ["/*"],
    "/?.*": ["/*"],
    r"/api/.*": ["/api/*"],
    r"^/api/.*$": ["/api/*"],
    r"\/api\/.*": ["/api/*"],
    r"/api/.+": ["/api/*"],
    r"/api(/.*)?": ["/api/*"],
    r"/api/[^/]+": ["/api/*"],
    r"/api/\w*": ["/api/*"],
    r"^/api$": ["/api"],
    "/api*": ["/api/*"],
    "api/*": ["/api/*"],
    " /api/* ": ["/api/*"],
    "/api/**": ["/api/*"],
    "/api/*/": ["/api/*"],
    r"/(api|auth)/.*": ["/api/*", "/auth/*"],
    r"/api/.*|/auth": ["/api/*", "/auth"],
    r"/v[12]/.*": ["/v1/*", "/v2/*"],
    "/api/<path:rest>": ["/api/*"],
    "/items/<int:item>": ["/items/*"],
    "/<any(a, b):kind>": ["/*"],
    "/items/<item>/": ["/items/*"],
    "https://api.example.com/v1/*": ["/v1/*"],
    "/a%20b": ["/a b"],
    "//api/*": ["/api/*"],
    re.compile("/api/.*"): ["/api/*"],
    # no rule says that
    "/*/items": [],
    r"/v\d+/items": [],
    r"/items/<int:item>/parts": [],
    r"^(?!/admin).*": [],
    "/a/../b": [],
    "/a%2570": [],
    "}": [],
    "": [],
    re.compile(b"/api/.*"): [],
    7: [],
    None: [],
}


@pytest.mark.parametrize(("rule", "rules"), MEANT.items(), ids=map(ascii, MEANT))
def test_the_rule_that_is_meant(rule: object, rules: list[str]) -> None:
    assert mistake_in(rule)
    assert rules_to_write(rule) == rules
    quoted = ", ".join(f'"{each}"' for each in rules)
    assert quoted in hint_for(rule)
    assert (hint_for(rule) == EXAMPLE) is (not rules)


SEGMENTS = st.sampled_from(["api", "a-b", "v1", "x.y", "(ab)", "ü"])
PATHS = st.lists(SEGMENTS, min_size=1, max_size=3).map("/".join)


@given(PATHS.map("/{}".format))
def test_a_path_and_all_under_it_are_rules(path: str) -> None:
    assert not mistake_in(path)
    assert not mistake_in(f"{path}/*")


@given(PATHS.filter(lambda path: "(" not in path), st.sampled_from([".*", ".+", "**"]))
def test_an_expression_for_all_under_a_path_is_answered_with_the_rule(
    path: str, end: str
) -> None:
    for start in ("/", "^/", ""):
        written = f"{start}{path}/{end}"
        assert rules_to_write(written) == [f"/{path}/*"]


@given(st.text(st.sampled_from("/ab*.+?()[]<>:|^$%20\\é\n"), max_size=14))
def test_what_is_offered_is_a_rule(text: str) -> None:
    for rule in rules_to_write(text):
        assert not mistake_in(rule)
