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


@pytest.mark.parametrize("pair", PAIRS, ids=[pair[0] for pair in PAIRS])
def test_the_sections_are_the_same(pair: tuple[str, str]) -> None:
    english, korean = (
        len(re.findall(r"^##+ ", ROOT.joinpath(path).read_text("utf-8"), re.M))
        for path in pair
    )
    assert english == korean
