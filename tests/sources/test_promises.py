"""The page about dynamic origins: its promises have tests, its table is measured."""

from __future__ import annotations

import re
from pathlib import Path

from .fault_table import BEGIN, END, PAGE, table


def test_table_of_the_page_is_what_was_measured() -> None:
    written = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    assert written == table()


def test_each_promise_of_the_page_names_tests_that_exist() -> None:
    section = PAGE.read_text().partition("### Promises and tests")[2]
    rows = section.partition("### Measured")[0].strip().splitlines()[2:]
    assert len(rows) > 20
    source = "".join(
        path.read_text() for path in Path(__file__).parent.glob("test_*.py")
    )
    there = set(re.findall(r"^def (test_\w+)", source, re.MULTILINE))
    for line in rows:
        named = set(re.findall(r"`(test_\w+)`", line))
        assert named, line
        assert named <= there, named - there


def test_each_line_of_the_log_is_on_the_page() -> None:
    page = PAGE.read_text()
    folder = Path(__file__).parents[2] / "flask_cors_policy" / "sources"
    source = "".join(path.read_text() for path in folder.glob("*.py"))
    pattern = r'"((?:origin|known-good|policy-file)(?:-[a-z]+)*)"'
    codes = set(re.findall(pattern, source))
    codes -= {"origin", "origin-null", "origin-wildcard-place"}  # Mistakes, no lines.
    assert len(codes) >= 11
    for code in codes:
        assert f"`{code}`" in page, code
