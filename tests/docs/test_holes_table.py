"""Every test that the security page names is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from docs.ext.holes import HOLES

TESTS = Path(__file__).parents[1]
NAMED = sorted({test for hole in HOLES for test in hole.tests})


@pytest.mark.parametrize("named", NAMED)
def test_the_named_test_exists(named: str) -> None:
    module, _, function = named.partition("::")
    tree = ast.parse(TESTS.joinpath(module).read_text("utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert function in names if function else any(n.startswith("test_") for n in names)


def test_every_test_of_the_holes_is_named() -> None:
    tree = ast.parse(TESTS.joinpath("test_holes.py").read_text("utf-8"))
    names = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert names == {
        test.partition("::")[2] for test in NAMED if test.startswith("test_holes.py::")
    }


def test_every_hole_says_where_how_and_why_not() -> None:
    assert all(all(hole) for hole in HOLES)
