"""``suggest``: broken and hostile files."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy import Policy
from flask_cors_policy.core.origin import Origin
from flask_cors_policy.devtools.suggest import quoted, suggestion
from tests.helpers import A

from .helpers import LINE, about, hidden, line, settings, text

BROKEN = [
    b"",
    b"{",
    b"[]",
    b'{"origin": "https://a.example"}',
    b"\xff\xfe",
    b"[" * 100_000,
    *(
        json.dumps(line(**fields)).encode()
        for fields in (
            {"day": "today"},
            {"day": "2026-11-28\n"},
            {"origin": 1},
            {"origin": "x" * 3000},
            {"kind": ["actual"]},
            {"kind": "other"},
            {"method": "two words"},
            {"method": "M" * 65},
            {"headers": "x-a"},
            {"headers": ["x a"]},
            {"headers": [["x-a"]]},
            {"route": None},
            {"cookies": 1},
            {"verdict": None},
            {"requests": 0},
            {"requests": True},
        )
    ),
]


@pytest.mark.parametrize("broken", BROKEN[1:], ids=lambda each: each[:60])
def test_broken_lines_are_counted_and_skipped(broken: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cors.jsonl"
    path.write_bytes(broken + b"\n\n" + json.dumps(LINE).encode() + b"\n")
    complaints: list[str] = []
    printed = suggestion([str(path)], complain=complaints.append)
    assert hidden(printed) == [A]
    (complaint,) = complaints
    assert re.fullmatch("[12] broken lines? skipped", complaint)


def test_several_files_are_read_as_one(tmp_path: Path) -> None:
    paths = [tmp_path / "one", tmp_path / "two"]
    for path in paths:
        path.write_text(json.dumps(LINE))
    assert "# 6 requests" in about(suggestion([str(each) for each in paths]), A)


@pytest.mark.parametrize("content", [None, "", "broken"])
def test_files_that_hold_nothing_are_an_error(
    content: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "cors.jsonl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ValueError, match=r"cannot read|nothing was reported"):
        suggestion([str(path)])


HOSTILE = [
    "https://a.example",
    "https://*.example",
    'https://a.example",\n]\nimport os\n#',
    'https://a.example\\", __import__("os"), "',
    "https://$(reboot).example",
    "`reboot`",
    "'; DROP TABLE origins; --",
    "\u2028\u202e\x1b[2J\r",
    "\ud800",
    "\U0001f600",
    "null",
    "*",
]
TOKENS = ["*", "x`reboot`", "x$HOME", "!!", "#", "'", "%s", "x-a|reboot", "x&y", "~"]
SEGMENTS = st.sampled_from(["a", "x", "example", "com", "github", "io", "xn--a", "0"])
REAL = st.lists(SEGMENTS, min_size=1, max_size=4).map(
    lambda p: "https://" + ".".join(p)
)
NAMES = st.sampled_from(TOKENS) | st.text(
    "!#$%&'*+-.^_`|~aZ09", min_size=1, max_size=64
)
LINES = st.fixed_dictionaries(
    {
        **{key: st.just(value) for key, value in LINE.items()},
        "origin": st.sampled_from(HOSTILE) | st.text(max_size=300) | REAL,
        "kind": st.sampled_from(["preflight", "actual"]),
        "method": NAMES | st.sampled_from(["", "GET", "PUT"]),
        "headers": st.lists(NAMES, max_size=3),
        "route": st.sampled_from([*HOSTILE, "/items", ""]) | st.text(max_size=40),
        "cookies": st.booleans(),
        "verdict": st.sampled_from(["any-origin-allowed", "origin-allowed"])
        | st.text(max_size=20),
        "requests": st.sampled_from([1, 3]),
    }
)


@given(st.text() | st.sampled_from(HOSTILE))
def test_text_is_printed_as_a_literal_that_a_shell_reads_as_well(value: str) -> None:
    printed = quoted(value)
    assert ast.literal_eval(printed) == value
    assert printed.isascii()
    assert printed.isprintable()
    assert not {*"`$!\"'"} & {*printed[1:-1]}


@given(st.lists(LINES, min_size=1, max_size=12), st.data())
def test_pasting_what_is_printed_can_run_nothing(
    lines: list[dict[str, Any]], data: st.DataObject
) -> None:
    origins = sorted({each["origin"] for each in lines if Origin.parse(each["origin"])})
    named = (
        data.draw(st.lists(st.sampled_from(origins), unique=True)) if origins else []
    )
    listed = data.draw(st.lists(st.sampled_from(HOSTILE), max_size=3))
    printed = text(lines, *named, listed=listed)
    assert printed.isascii()
    assert all(each.isprintable() for each in printed.splitlines())
    assert printed.count("\n") == len(printed.splitlines())
    assert not {*"`$!"} & {*printed}
    found = settings(printed)
    assert sorted(found["origins"]) == sorted(named)
    assert "*" not in [*found["methods"], *found["allow_headers"]]
    for item in hidden(printed):
        assert item in origins or item == "null" or re.fullmatch(r"[^\s\"]+", item)
    for option in ("methods", "allow_headers"):
        Policy(origins=A, **{option: found[option]})
