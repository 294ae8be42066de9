"""Changes of a syntax tree that keep its formatting and its comments.

They are collected first, each for a node of the tree as it was read, and applied all
at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import libcst as cst

from .options import Unknown
from .sequences import edited_call, edited_dict, opened, with_items

Change = Callable[[Any], Any]


class ConflictError(Exception):
    """One place has to be changed in two ways."""


class Edit(NamedTuple):
    """A change of one node.

    :ivar identity: what two changes of the same node are compared by.
    """

    node: cst.CSTNode
    identity: object
    change: Change


class Edits:
    """Changes of one module.

    :param quote: the quotation mark that the module uses.
    :ivar removed: statements that are taken out.
    :ivar imports: what the new code needs: modules, or ``cors_exempt``.
    """

    def __init__(self, quote: str = '"') -> None:
        self._quote = quote
        self._changes: dict[cst.CSTNode, Edit] = {}
        self._removed_items: dict[cst.CSTNode, set[int]] = {}
        self._shared: dict[object, str] = {}
        self.removed: set[cst.CSTNode] = set()
        self.imports: set[str] = set()

    def add(self, *edits: Edit) -> None:
        """Add changes, all of them or none.

        :raises ConflictError: if a node is changed in another way already.
        """
        self.check(edits)
        for edit in edits:
            self._changes.setdefault(edit.node, edit)

    def check(self, edits: Iterable[Edit]) -> None:
        """Look whether changes can be added.

        :raises ConflictError: if a node is changed in another way already.
        """
        for edit in edits:
            present = self._changes.get(edit.node, edit)
            if present.identity != edit.identity:
                raise ConflictError("it shares its value with another key")

    def share(self, key: object, value: str) -> bool:
        """Note what an option becomes that several sites may use.

        :param value: its new value, be it the old one.
        :return: whether it becomes the same at every site.
        """
        return self._shared.setdefault(key, value) == value

    def change(self, node: cst.CSTNode, identity: object, change: Change) -> None:
        """Have one node changed.

        :raises ConflictError: if it is changed in another way already.
        """
        self.add(Edit(node, identity, change))

    def remove_item(self, node: cst.Call | cst.Dict, index: int) -> None:
        """Have an argument of a call, or an element of a dict, taken out.

        :raises ConflictError: if the call or dict is changed in another way already.
        """
        removed = self._removed_items.setdefault(node, set())
        removed.add(index)

        def changed(updated: Any) -> Any:
            if isinstance(updated, cst.Call):
                return edited_call(updated, removed, [])
            elements: dict[int, list[Any]] = {each: [] for each in removed}
            return edited_dict(updated, elements, [], repr)

        self.change(node, "removed items", changed)

    def replacement(self, node: cst.CSTNode, value: Any) -> Edit:
        """Return the replacement of an expression by *value*."""
        code = self.code(value)
        return Edit(node, code, lambda _: cst.parse_expression(code))

    def replaced_items(self, node: Any, items: Sequence[tuple[Any, ...]]) -> Edit:
        """Return the replacement of each element of a literal by those in *items*.

        :param node: a list, a tuple or a set.
        """
        new = {
            index: [cst.parse_expression(self.code(value)) for value in values]
            for index, values in enumerate(items)
            if not (len(values) == 1 and _is_same(node.elements[index], values[0]))
        }

        def changed(updated: Any) -> Any:
            replaced = {
                index: [cst.Element(value) for value in values]
                for index, values in new.items()
            }
            elements = with_items(updated.elements, replaced)
            if isinstance(updated, cst.List):
                bracket = opened(updated.lbracket, updated.elements, replaced)
                updated = updated.with_changes(lbracket=bracket)
            return updated.with_changes(elements=elements)

        return Edit(node, repr(items), changed)

    def code(self, value: Any) -> str:
        """Return *value* as Python code."""
        if isinstance(value, Unknown):
            return value.code
        if isinstance(value, re.Pattern):
            self.imports.add("re")
            flags = ", re.IGNORECASE" if value.flags & re.IGNORECASE else ""
            quote = '"' if '"' not in value.pattern else "'"
            return f"re.compile(r{quote}{value.pattern}{quote}{flags})"
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            pairs = (f"{self.code(k)}: {self.code(v)}" for k, v in value.items())
            return f"{{{', '.join(pairs)}}}"
        if isinstance(value, list | tuple):
            return f"[{', '.join(map(self.code, value))}]"
        if isinstance(value, timedelta):
            return str(int(value.total_seconds()))
        return repr(value)

    def _text(self, value: str) -> str:
        plain = repr(value)
        if self._quote == '"' and plain[0] == "'" and '"' not in value:
            return f'"{plain[1:-1]}"'
        return plain

    def apply(self, module: cst.Module) -> cst.Module:
        """Return the changed module."""
        return module.visit(_Apply(self._changes, self.removed))


class _Apply(cst.CSTTransformer):
    def __init__(
        self,
        changes: Mapping[cst.CSTNode, Edit],
        removed: Iterable[cst.CSTNode],
    ) -> None:
        super().__init__()
        self._changes = changes
        self._removed = frozenset(removed)

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        """Change a node when all that is in it has been changed."""
        if isinstance(original_node, cst.Module | cst.IndentedBlock):
            updated_node = self._without_removed(original_node, updated_node)
        found = self._changes.get(original_node)
        return updated_node if found is None else found.change(updated_node)

    def _without_removed(self, original: Any, updated: Any) -> Any:
        """Take out statements; comments above one go to the statement after it."""
        if self._removed.isdisjoint(original.body):
            return updated
        body: list[Any] = []
        comments: list[cst.EmptyLine] = []
        for before, after in zip(original.body, updated.body, strict=True):
            if before in self._removed:
                comments += [line for line in after.leading_lines if line.comment]
            elif comments and hasattr(after, "leading_lines"):
                lines = [*comments, *after.leading_lines]
                body.append(after.with_changes(leading_lines=lines))
                comments = []
            else:
                body.append(after)
        if not body and isinstance(original, cst.IndentedBlock):
            line = cst.SimpleStatementLine([cst.Pass()], leading_lines=comments)
            return updated.with_changes(body=[line])
        if comments:
            footer = [*comments, *updated.footer]
            return updated.with_changes(body=body, footer=footer)
        return updated.with_changes(body=body)


def _is_same(element: cst.BaseElement, value: Any) -> bool:
    """Say whether an element is written as *value* already."""
    node = element.value
    if isinstance(value, Unknown):
        return True
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        return bool(node.evaluated_value == value)
    return False
