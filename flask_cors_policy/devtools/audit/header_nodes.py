"""Parts of source that read the header Origin, or set CORS headers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from ...core.fetch_standard import ALLOW_CREDENTIALS, ALLOW_ORIGIN

_SETTING: Final = frozenset({"add", "extend", "set", "setdefault", "update"})
_TELLING: Final = frozenset(
    {"critical", "debug", "error", "exception", "info", "log", "print", "warning"}
)


def sets_or_tells(node: ast.Call) -> bool:
    """Say whether a call sets headers, or only tells somebody."""
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name in _TELLING:
        return True
    holder = getattr(node.func, "value", None)
    if name in _SETTING and holder is not None and _is_headers(holder):
        return True
    keys = [
        key for each in node.args if isinstance(each, ast.Dict) for key in each.keys
    ]
    named = map(text_of_constant, (*node.args[:1], *keys))
    return any(name and name.lower() == ALLOW_ORIGIN.lower() for name in named)


def added_values(statement: ast.stmt) -> list[ast.expr]:
    """Return the value that a statement adds as a header, if it is one that does."""
    match statement:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(attr="add" | "add_header"), args=[_, value, *_]
            )
        ):
            return [value]
    return []


def words(text: str) -> list[str]:
    """Return the items of a list that is written as text."""
    return text.replace(",", " ").split()


def cors_header(
    name: str | None, value: ast.expr, node: ast.AST
) -> Iterator[tuple[str, ast.expr | None, int]]:
    """Yield name, value and line of a header, if it is one that is looked at."""
    for known in (ALLOW_ORIGIN, ALLOW_CREDENTIALS):
        if name is not None and name.lower() == known.lower():
            yield known, value, getattr(node, "lineno", 1)


def reads_origin(node: ast.AST) -> bool:
    """Say whether *node* reads the header Origin of the request anywhere in it."""
    return any(map(is_origin_header, ast.walk(node)))


def is_origin_header(node: ast.AST) -> bool:
    """Say whether *node* is the header Origin of the request."""
    match node:
        case (
            ast.Subscript(value=holder, slice=ast.Constant(value=str(key)))
            | ast.Call(
                func=ast.Attribute(value=holder, attr="get"),
                args=[ast.Constant(value=str(key)), *_],
            )
        ):
            of_headers = key.lower() == "origin" and _is_headers(holder)
            return of_headers or key == "HTTP_ORIGIN"
        case ast.Attribute(attr="origin", value=ast.Name(id="request")):
            return True
    return False


def _is_headers(node: ast.AST) -> bool:
    attributes = (each for each in ast.walk(node) if isinstance(each, ast.Attribute))
    return any(each.attr == "headers" for each in attributes)


def is_presence(node: ast.Compare) -> bool:
    """Say whether a comparison only asks whether there is an Origin."""
    return all(
        isinstance(each, ast.Constant) and each.value in (None, "")
        for each in node.comparators
    )


def text_of_constant(node: ast.AST | None) -> str | None:
    """Return the text that *node* is, ``None`` if it is something else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None
