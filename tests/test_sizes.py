"""Files and functions are short enough to be read at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import flask_cors_policy

ROOT = Path(flask_cors_policy.__file__ or "").parents[1]
FOLDERS = (
    "flask_cors_policy",
    "tests/devtools",
    "tests/testing",
)
LONGEST_FILE = 350
LONGEST_FUNCTION = 50


def long_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = length(node)
            if node.body and ast.get_docstring(node) is not None:
                lines -= length(node.body[0])
            if lines > LONGEST_FUNCTION:
                yield f"{path.name}:{node.lineno} {node.name} ({lines})"


def length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_long(folder: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_function_is_long(folder: str) -> None:
    paths = sorted((ROOT / folder).rglob("*.py"))
    assert [found for path in paths for found in long_functions(path)] == []
