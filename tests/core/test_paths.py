"""Which path rule applies to a path, and what is no path rule."""

from __future__ import annotations

import time
from typing import Any

import pytest

from flask_cors_policy.core.path_settings import check_path_rules
from flask_cors_policy.core.paths import PathRules, is_ambiguous
from flask_cors_policy.core.settings import Report, Setting

RULES = [
    "/*",
    "/api/*",
    "/api/items",
    "/api/items/*",
    "/api/v1/admin/*",
    "/exact",
    "/slash/",
    "/both",
    "/both/*",
    "/Case/*",
    "/b\u00fccher/*",
    "/a b",
    "/file.txt",
    "/.well-known/*",
    "/%",
]

APPLYING = {
    "/": "/*",
    "": "/*",
    "/x": "/*",
    "/apiary": "/*",
    "/ap": "/*",
    "/api": "/api/*",
    "/api/": "/api/*",
    "/api/x": "/api/*",
    "/api/items": "/api/items",
    "/api/items/": "/api/items/*",
    "/api/items/1": "/api/items/*",
    "/api/items/1/2/3": "/api/items/*",
    "/api/itemsx": "/api/*",
    "/api/v1": "/api/*",
    "/api/v1/admin": "/api/v1/admin/*",
    "/api/v1/admin/x": "/api/v1/admin/*",
    "/api/v1/administrator": "/api/*",
    "/exact": "/exact",
    "/exact/": "/*",
    "/exact/x": "/*",
    "/slash/": "/slash/",
    "/slash": "/*",
    "/both": "/both",
    "/both/": "/both/*",
    "/Case/x": "/Case/*",
    "/case/x": "/*",
    "/API/items": "/*",
    "/a b": "/a b",
    "/a%20b": "/*",
    "/a+b": "/*",
    "/file.txt": "/file.txt",
    "/fileXtxt": "/*",
    "/.well-known/x": "/.well-known/*",
    "/...": "/*",
    "/api/...": "/api/*",
    "/%": "/%",
    "/%61pi/items": "/*",
    "/api%2Fitems": "/*",
    "/b\u00fccher/1": "/b\u00fccher/*",
    "/b\u00c3\u00bccher/1": "/*",
    # Ambiguous: no rule applies.
    "/api/../exact": None,
    "/api/..": None,
    "/api/.": None,
    "/./api": None,
    "/api/./items": None,
    "//api": None,
    "/api//items": None,
    "//": None,
    "/api//": None,
    "/../": None,
    "api": None,
    "*": None,
    "http://x/api": None,
}


@pytest.mark.parametrize(
    ("path", "rule"), APPLYING.items(), ids=[ascii(path) for path in APPLYING]
)
def test_rule_that_applies(path: str, rule: str | None) -> None:
    rules = PathRules({key: index for index, key in enumerate(RULES)})
    assert is_ambiguous(path or "/") is (rule is None)
    if rule is not None:
        assert rules.find(path) == (rule, RULES.index(rule))


@pytest.mark.parametrize(
    ("rules", "uncovered"),
    [
        (["/api/*"], ["/", "/x", "/apix", ""]),
        (["/a/b"], ["/a", "/a/b/", "/a/b/c", "/"]),
        (["/"], ["/x"]),
        (["/a/b/*"], ["/a", "/a/", "/a/bc"]),
    ],
)
def test_without_a_rule_for_the_rest_other_paths_are_uncovered(
    rules: list[str], uncovered: list[str]
) -> None:
    table = PathRules(dict.fromkeys(rules, "policy"))
    assert [path for path in uncovered if table.find(path)] == []
    for rule in rules:
        assert table.find(rule.replace("*", "x")) == (rule, "policy")


def test_order_of_rules_does_not_matter() -> None:
    forward = PathRules(dict.fromkeys(RULES, 1))
    backward = PathRules(dict.fromkeys(reversed(RULES), 1))
    for path in APPLYING:
        assert forward.find(path) == backward.find(path)


NOT_A_RULE: list[Any] = [
    "",
    "api",
    "api/*",
    "*",
    "**",
    "/**",
    "/api*",
    "/*/api",
    "/api/*/items",
    "/api/.*",
    "/api/.+",
    r"^/api/.*$",
    "/api/(v1|v2)/*",
    "/api/[a-z]",
    "/api/<int:id>",
    "/api/{id}",
    "/api?x=1",
    "/api#top",
    "\\api",
    "/a%20b",
    "/a%2Fb/*",
    "//",
    "//*",
    "/api//*",
    "/api//items",
    "/./*",
    "/../*",
    "/api/..",
    "/api/../x",
    "/api/.",
    "/api\n",
    "/api\t/x",
    "/api ",
    "/api /*",
    "/a\0b",
    "/a\u3000b",
    "/a\u200bb",
    "/\ud800",
    "https://api.example/x",
    7,
    None,
    b"/api",
    ("/api",),
]


@pytest.mark.parametrize("rule", NOT_A_RULE, ids=ascii)
def test_what_is_no_path_rule_is_reported(rule: Any) -> None:
    report = Report()
    good = check_path_rules(Setting({"/ok": 1, rule: 2}, "CORS_RESOURCES"), report)
    assert good == ["/ok"]
    (problem,) = report.problems
    assert problem.setting == f"CORS_RESOURCES[{rule!r}]"
    assert problem.reason == "path-syntax"
    assert problem.hint


@pytest.mark.parametrize("rule", ["/$batch", "/Items(1)/*", "/a+b", "/~me", "/a,b;c=d"])
def test_what_real_paths_hold_is_a_rule(rule: str) -> None:
    report = Report()
    assert check_path_rules(Setting({rule: 1}, "policy"), report) == [rule]
    assert report.problems == []
    assert PathRules({rule: 1}).find(rule.removesuffix("/*")) == (rule, 1)


def test_every_rule_of_the_tables_is_one() -> None:
    report = Report()
    assert check_path_rules(Setting(dict.fromkeys(RULES), "policy"), report) == RULES
    assert report.problems == []


def test_no_rule_at_all_is_a_mistake() -> None:
    report = Report()
    assert check_path_rules(Setting({}, "policy"), report) == []
    assert [problem.reason for problem in report.problems] == ["paths-empty"]


@pytest.mark.parametrize(
    ("path", "ambiguous"),
    [
        ("/", False),
        ("/a/", False),
        ("/.a/b.", False),
        ("/..a", False),
        ("/a//", True),
        ("/a/..", True),
        ("/a/./b", True),
        ("", True),
        ("a", True),
    ],
)
def test_ambiguous_paths(path: str, ambiguous: bool) -> None:
    assert is_ambiguous(path) is ambiguous


@pytest.mark.parametrize(
    "path", ["/a" * 500_000, "/api" + "/" * 10**6, "/" + "." * 10**6]
)
def test_long_path_costs_no_more_than_reading_it(path: str) -> None:
    table = PathRules(dict.fromkeys(RULES, 1))
    began = time.process_time()
    for _ in range(10):
        table.find(path)
        is_ambiguous(path)
    assert time.process_time() - began < 2
