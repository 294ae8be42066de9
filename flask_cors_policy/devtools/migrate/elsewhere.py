"""What the migration finds and does not rewrite: notebooks, dependencies, headers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from ...core.fetch_standard import CORS_RESPONSE_HEADERS
from .notes import Note

_DEPENDENCIES: Final = re.compile(
    r"(.*requirements.*|constraints.*)\.(txt|in)|pyproject\.toml|setup\.(py|cfg)|Pipfile"
    r"|environment\.ya?ml|(.*\.)?Dockerfile(\..*)?|tox\.ini|.*requirements/.*\.(txt|in)",
    re.IGNORECASE,
)
_FLASK_CORS: Final = re.compile(r"(?<![\w.-])flask[-_.]cors(?![\w-])", re.IGNORECASE)
_SETTING: Final = frozenset(
    {"add", "add_header", "set", "setdefault", "extend", "update", "__setitem__"}
)
_OTHERS: Final = {
    "wsgicors": "wsgicors",
    "flask_crossdomain": "Flask-CrossDomain",
    "corsheaders": "django-cors-headers",
}


def is_dependency_file(path: str) -> bool:
    """Say whether a file names the packages that a project needs."""
    pure = PurePath(path)
    return bool(
        _DEPENDENCIES.fullmatch(pure.name)
        or _DEPENDENCIES.fullmatch("/".join(pure.parts[-2:]))
    )


def dependency_notes(text: str) -> Iterator[tuple[int, Note]]:
    """Yield a note for each line that names Flask-CORS as a dependency."""
    for number, line in enumerate(text.splitlines(), 1):
        if _FLASK_CORS.search(line.partition("#")[0]):
            message = f"Flask-CORS is a dependency: {line.strip()[:80]}"
            fix = "Name flask_cors_policy in its place, and update lock files."
            yield number, Note("dependency", message, fix)


def notebook_notes(text: str) -> Iterator[tuple[int, Note]]:
    """Yield a note for the first line of a notebook that uses Flask-CORS."""
    for number, line in enumerate(text.splitlines(), 1):
        if "flask_cors" in line and "flask_cors_policy" not in line:
            message = "This notebook uses Flask-CORS; notebooks are not rewritten."
            fix = "Move its code to a module, or change it by hand."
            yield number, Note("notebook", message, fix)
            return


def source_notes(tree: ast.AST) -> Iterator[tuple[int, Note]]:
    """Yield notes about CORS in a module that does not come from Flask-CORS."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _other_library(node)
        elif isinstance(node, ast.Call):
            yield from _dynamic_import(node)
        header = _header_set(node)
        if header is not None:
            message = f"{header.value!s} is set by hand."
            fix = (
                "The policy alone sets CORS headers: this one is removed and logged. "
                "Delete the line, or write its meaning as options."
            )
            yield header.lineno, Note("headers-by-hand", message, fix)


def _other_library(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[int, Note]]:
    names = (
        [alias.name for alias in node.names]
        if isinstance(node, ast.Import)
        else [node.module or ""]
    )
    for name in names:
        library = _OTHERS.get(name.partition(".")[0])
        if library is not None:
            message = f"{library} is used here, and is not rewritten."
            fix = "docs/migration-others.md has its options, one by one."
            yield node.lineno, Note("other-library", message, fix)


def _dynamic_import(node: ast.Call) -> Iterator[tuple[int, Note]]:
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    first = node.args[0] if node.args else None
    if (
        called in ("import_module", "__import__")
        and isinstance(first, ast.Constant)
        and str(first.value).startswith("flask_cors")
        and not str(first.value).startswith("flask_cors_policy")
    ):
        message = "Flask-CORS is imported by its name as text, which is not rewritten."
        yield node.lineno, Note("mentioned", message, "Write flask_cors_policy.")


def _header_set(node: ast.AST) -> ast.Constant | None:
    """Return the name of a CORS header, where one is set on a response."""
    candidates: list[ast.expr | None] = []
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        candidates = [node.slice]
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in _SETTING:
            candidates = list(node.args[:1])
    elif isinstance(node, ast.Dict):
        candidates = list(node.keys)
    elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
        candidates = [node.elts[0]]
    for each in candidates:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            if each.value.lower() in CORS_RESPONSE_HEADERS:
                return each
    return None
