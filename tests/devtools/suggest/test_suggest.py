"""``suggest``: which policy is derived from what was reported."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers import EVIL, A, B

from .helpers import about, hidden, line, settings, text, used


def test_nothing_is_active_before_a_person_names_an_origin() -> None:
    lines = [*used("PUT", "x-a"), line(origin=B), line(origin=B, requests=1)]
    printed = text(lines)
    assert settings(printed) == {
        "origins": [],
        "methods": [],
        "allow_headers": [],
        "supports_credentials": False,
    }
    assert hidden(printed) == [A, B, "PUT", "x-a"]


def test_a_named_origin_is_active_with_what_it_uses() -> None:
    printed = text([*used("PUT", "x-a"), *used("DELETE", "x-b", origin=B)], A)
    assert settings(printed) == {
        "origins": [A],
        "methods": ["PUT"],
        "allow_headers": ["x-a"],
        "supports_credentials": False,
    }
    assert hidden(printed) == [B]


@pytest.mark.parametrize(
    ("lines", "doubt"),
    [
        (used("PUT")[:1], "only in preflights"),
        ([line(method="PUT", requests=1)] * 2, "on fewer than three requests"),
        ([line(method="PUT", verdict="origin-not-allowed")], "refused until now"),
        ([line(method="PUT", verdict="of-another-version")], "refused until now"),
        ([line(method="put")], "no policy takes it: method-case"),
        ([line(method="TRACE")], "no policy takes it: method-forbidden"),
    ],
)
def test_methods_in_doubt_are_commented_out(
    lines: list[dict[str, Any]], doubt: str
) -> None:
    printed = text(lines, A)
    method = lines[0]["method"]
    assert settings(printed)["methods"] == []
    assert hidden(printed) == [method]
    assert f'of "{A}" ({doubt})' in about(printed, method)


PREFLIGHT, REQUEST = used("PUT", "x-a")


@pytest.mark.parametrize(
    ("lines", "doubt"),
    [
        ([PREFLIGHT], "only in preflights"),
        ([PREFLIGHT, {**REQUEST, "route": "/other"}], "only in preflights"),
        ([PREFLIGHT, {**REQUEST, "method": "POST"}], "only in preflights"),
        ([PREFLIGHT, {**REQUEST, "origin": B}], "only in preflights"),
        (
            [PREFLIGHT, {**REQUEST, "verdict": "origin-not-allowed"}],
            "only in preflights",
        ),
        ([{**PREFLIGHT, "requests": 1}, REQUEST], "on fewer than three requests"),
        ([PREFLIGHT, {**REQUEST, "requests": 1}], "on fewer than three requests"),
        (
            [{**PREFLIGHT, "verdict": "header-not-allowed"}, REQUEST],
            "refused until now",
        ),
    ],
)
def test_names_in_doubt_are_commented_out(
    lines: list[dict[str, Any]], doubt: str
) -> None:
    printed = text(lines, A)
    assert settings(printed)["allow_headers"] == []
    assert "x-a" in hidden(printed)
    assert f'of "{A}" ({doubt})' in about(printed, "x-a")


def test_names_that_no_page_can_set_are_commented_out() -> None:
    assert hidden(text(used("PUT", "cookie", "sec-x"), A)) == ["cookie", "sec-x"]


def test_a_name_or_method_that_would_allow_everything_is_not_printed() -> None:
    printed = text([*used("*", "*"), *used("PUT", "*")], A)
    assert settings(printed)["methods"] == ["PUT"]
    assert settings(printed)["allow_headers"] == []
    assert '"*"' not in printed


def test_an_absurd_number_of_names_puts_all_of_them_in_doubt() -> None:
    names = [f"x-{number}" for number in range(33)]
    lines = [*used("PUT", *names), *used("PUT", "x-1", origin=B)]
    printed = text(lines, A)
    assert settings(printed)["allow_headers"] == []
    assert len(hidden(printed)) == 34
    assert "too many for one origin" in about(printed, "x-1")
    assert settings(text(lines, A, B))["origins"][A]["allow_headers"] == []
    assert settings(text(lines, A, B))["origins"][B]["allow_headers"] == ["x-1"]
    assert len(settings(text(used("PUT", *names[:32]), A))["allow_headers"]) == 32


def test_refused_names_put_no_used_ones_in_doubt() -> None:
    invented = [f"x-{number}" for number in range(50)]
    lines = used("PUT", "x-a")
    lines.append({**PREFLIGHT, "headers": invented, "verdict": "header-not-allowed"})
    assert settings(text(lines, A))["allow_headers"] == ["x-a"]


def test_an_absurd_number_of_methods_puts_all_of_them_in_doubt() -> None:
    lines = [each for number in range(9) for each in used(f"M{number}")]
    assert settings(text(lines, A))["methods"] == []
    assert len(settings(text(lines[2:], A))["methods"]) == 8


def test_origins_that_use_different_things_get_rights_of_their_own() -> None:
    lines = [
        *used("PUT", "x-a", cookies=True, verdict="origin-allowed"),
        *used("DELETE", origin=B),
        line(method="PATCH", origin=B, requests=1),
        line(origin=EVIL),
    ]
    printed = text(lines, A, B, EVIL)
    found = settings(printed)
    assert found.pop("origins") == {
        A: {"methods": ["PUT"], "allow_headers": ["x-a"], "supports_credentials": True},
        B: {"methods": ["DELETE"]},
        EVIL: {},
    }
    assert found == {"methods": [], "allow_headers": [], "supports_credentials": False}
    assert hidden(printed) == ["PATCH"]
    assert about(printed, "DELETE").strip() == f'# 3 requests of "{B}"'
    assert f'        # Cookies came from "{A}".' in printed
    assert "different things" in printed
    assert "different things" not in text(lines, A)


def test_one_doubtful_method_is_no_right_of_its_own() -> None:
    lines = [line(), *used("DELETE", origin=B), line(method="PATCH", requests=1)]
    printed = text(lines, A, B)
    assert settings(printed)["origins"] == {
        A: {"methods": []},
        B: {"methods": ["DELETE"]},
    }
    assert hidden(printed) == ["PATCH"]


def test_origins_that_use_the_same_stay_a_list() -> None:
    lines = [*used("PUT", "x-a"), *used("PUT", "x-a", origin=B)]
    # Nobody knows yet what an origin needs that never came.
    found = settings(text(lines, A, B, EVIL))
    assert found["origins"] == [A, B, EVIL]
    assert found["methods"] == ["PUT"]


def test_cookies_under_the_wildcard_need_a_decision_for_their_origin() -> None:
    lines = [*used("PUT", cookies=True), line(origin=B)]
    printed = text(lines, A, B)
    own = {"methods": ["PUT"], "supports_credentials": False}
    assert settings(printed)["origins"] == {A: own, B: {}}
    assert f'        # Under "*", cookies came from "{A}".' in printed


def test_cookies_of_a_listed_origin_need_credentials() -> None:
    lines = [line(cookies=True, verdict="origin-allowed")]
    printed = text(lines, A)
    assert settings(printed)["supports_credentials"] is True
    assert f'# Cookies came from "{A}"' in printed
    assert "cookies" in about(printed, A)
    assert settings(text(lines, B))["supports_credentials"] is False


def test_cookies_under_the_wildcard_were_of_no_use_and_need_a_decision() -> None:
    printed = text([line(cookies=True)], A)
    assert settings(printed)["supports_credentials"] is False
    assert f'# Under "*", cookies came from "{A}"' in printed


def test_a_policy_that_cannot_be_built_is_told() -> None:
    origin = "http://app.example.com"
    printed = text(
        [line(origin=origin, cookies=True, verdict="origin-allowed")], origin
    )
    assert f'decide about "{origin}": origin-insecure.' in printed.replace("\n# ", " ")
