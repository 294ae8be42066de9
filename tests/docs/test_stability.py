"""The page about stability names what is public, and nothing else is exported."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from docs.ext.samples import ROOT

PAGE = ROOT.joinpath("docs", "stability.md").read_text("utf-8")
LISTED = {
    module: re.findall(r"`(\w+)`", names)
    for module, names in re.findall(r"^\*\*`([\w.]+)`\*\*\n: ((?:.+\n)+)", PAGE, re.M)
}


def test_the_page_lists_three_packages() -> None:
    assert [*LISTED] == [
        "flask_cors_policy",
        "flask_cors_policy.sources",
        "flask_cors_policy.testing",
    ]


@pytest.mark.parametrize("module", LISTED)
def test_the_page_lists_every_public_name(module: str) -> None:
    package = import_module(module)

    assert sorted(LISTED[module]) == sorted(package.__all__)
    assert {*package.__all__} <= {*dir(package)}


def test_the_page_lists_the_extras() -> None:
    project = ROOT.joinpath("pyproject.toml").read_text("utf-8")
    table = project.split("[project.optional-dependencies]\n")[1].split("\n[")[0]
    extras = re.findall(r"^([\w-]+) = \[$", table, re.M)
    (line,) = re.findall(r"^- the extras (.+)\.$", PAGE, re.M)

    assert re.findall(r"`([\w-]+)`", line) == extras
