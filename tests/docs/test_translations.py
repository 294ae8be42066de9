"""The Korean pages show the same programs as the English ones, and are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAIRS = [
    ("README.md", "README.ko.md"),
    ("docs/quickstart.md", "docs/ko/quickstart.md"),
]


def samples(path: str) -> list[str]:
    return re.findall(r"^```[^`]+^```$", ROOT.joinpath(path).read_text("utf-8"), re.M)


@pytest.mark.parametrize(("english", "korean"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_the_samples_are_the_same(english: str, korean: str) -> None:
    assert samples(english) == samples(korean)
    assert len(samples(english)) > 4


def test_every_option_is_in_the_korean_table() -> None:
    tables = [
        re.findall(r"^\| `(\w+)` \|", ROOT.joinpath(path).read_text("utf-8"), re.M)
        for path in PAIRS[0]
    ]
    assert tables[0] == tables[1] != []


def test_the_korean_quickstart_has_the_same_sections() -> None:
    counts = [
        len(re.findall(r"^## ", ROOT.joinpath(path).read_text("utf-8"), re.M))
        for path in PAIRS[1]
    ]
    assert counts[0] == counts[1]
