"""Values that a project assigns once: constants of modules, attributes of classes.

An option may come from another module, as ``origins=settings.ORIGINS``. What such a
name stands for is read, and never changed: other code may use it, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, Final

import libcst as cst

MUTATORS: Final = frozenset(
    {
        "add",
        "append",
        "clear",
        "extend",
        "insert",
        "pop",
        "remove",
        "setdefault",
        "sort",
        "update",
    }
)
"""Methods that change a list, a set or a dict."""

_AMBIGUOUS: Final[Any] = object()


class Constants:
    """What the modules of a project assign."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], Any] = {}
        self._classes: dict[str, Any] = {}

    def add(self, module: str, tree: ast.AST) -> None:
        """Take over what one module assigns.

        :param module: the last part of its name.
        """
        self._add(module, getattr(tree, "body", ()))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                self._add(node.name, node.body, environment=_reads_environment(node))
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        _put(self._classes, target.id, _last_name(node.value.func))

    def has(self, holder: str) -> bool:
        """Say whether a module or a class of this name was read."""
        return any(name == holder for name, _ in self._values)

    def find(self, qualified: str) -> cst.BaseExpression | None:
        """Return the value of ``module.NAME``, ``Class.NAME`` or ``instance.NAME``."""
        before, _, name = qualified.rpartition(".")
        holder = before.rpartition(".")[2]
        for each in (holder, self._classes.get(holder, "")):
            value = self._values.get((each, name))
            if isinstance(value, str):
                return cst.parse_expression(value)
        return None

    def _add(
        self, holder: str, body: Iterable[ast.stmt], *, environment: bool = False
    ) -> None:
        for statement in body:
            if isinstance(statement, ast.Assign):
                targets, value = statement.targets, statement.value
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                targets, value = [statement.target], statement.value
            else:
                for name in _changed(statement):
                    self._values[holder, name] = _AMBIGUOUS
                continue
            code = ast.unparse(value)
            for target in targets:
                if isinstance(target, ast.Name):
                    # A setting of the environment wins over the value in the source.
                    shown = f"environment({code})" if environment else code
                    _put(self._values, (holder, target.id), shown)


def _put(table: dict[Any, Any], key: Any, value: str) -> None:
    table[key] = value if table.get(key, value) == value else _AMBIGUOUS


def _changed(statement: ast.stmt) -> Iterator[str]:
    """Yield names that are assigned under a condition, or whose value is changed."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in MUTATORS:
                yield _last_name(node.func.value)


def _reads_environment(node: ast.ClassDef) -> bool:
    return any("BaseSettings" in _last_name(base) for base in node.bases)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
