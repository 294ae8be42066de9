"""What is to be written at one site: collected first, then done as a whole or not.

An option is replaced where it stands. A value behind a name is replaced where it is
assigned, unless it is used for something else as well; then it is written out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from .edits import Edit
from .options import LEFT_OUT, Translated, translate_option
from .remarks import Remark
from .sequences import edited_call, edited_dict
from .sites import Layer, Option, Site
from .source import Source
from .values import has_unknown


class SharedError(Exception):
    """What has to be changed is used for something else, too."""


@dataclass
class _Container:
    """Changes of one call or dict.

    :ivar replaced: index of an element of a dict -> keys that take its place.
    """

    source: Source
    removed: set[int] = field(default_factory=set)
    added: dict[str, Any] = field(default_factory=dict)
    replaced: dict[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class _NewValue:
    """What is written in the place of one expression."""

    source: Source
    node: Any
    translated: Translated
    is_literal: bool


class Writing:
    """The changes at one site, and what there is to tell about it.

    :ivar told: remarks, each with its file and line.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.told: list[tuple[str, int, Remark]] = []
        self._containers: dict[cst.CSTNode, _Container] = {}
        self._values: dict[cst.CSTNode, _NewValue] = {}
        self._others: list[tuple[Source, Edit]] = []
        self._removed: list[tuple[Source, cst.CSTNode]] = []

    def tell(
        self,
        *remarks: Remark,
        at: cst.CSTNode | None = None,
        source: Source | None = None,
    ) -> None:
        """Add remarks about the site, or about a part of it."""
        source = source or self.site.source
        line = (source.line(at) if at is not None else 0) or self.site.line
        self.told += [(source.path, line, remark) for remark in remarks]

    def translate(self, layer: Layer) -> dict[str, Any]:
        """Translate each option of *layer* where it stands; return the new values.

        :raises ValueError: if Flask-CORS does not start with it.
        """
        new: dict[str, Any] = {}
        for option in layer.options.values():
            if option.name == "resources":
                continue
            old = option.value.value
            translated = translate_option(option.name, old)
            self.tell(*translated.remarks, at=option.written, source=layer.source)
            if translated.value is LEFT_OUT:
                self.remove(layer, option)
                continue
            new[option.name] = translated.value
            if not _is_same(translated.value, old):
                self._rewrite(layer, option, translated)
        return new

    def set_option(self, layers: list[Layer], name: str, value: Any) -> None:
        """Write an option: where it stands, or at the end of the last layer.

        ``LEFT_OUT`` takes it out, wherever it stands.
        """
        present = [
            (layer, layer.options[name]) for layer in layers if name in layer.options
        ]
        added = self._of(layers[-1]).added
        if value is LEFT_OUT:
            for layer, option in present:
                self.remove(layer, option)
            added.pop(name, None)
            return
        kept = [
            (layer, option)
            for layer, option in present
            if option.position not in self._of(layer).removed
        ]
        if not kept:
            added[name] = value
        elif not _is_same(value, kept[-1][1].value.value):
            self._rewrite(*kept[-1], Translated(value))

    def remove(self, layer: Layer, option: Option) -> None:
        """Take an option out of a call or a dict.

        :raises SharedError: if the dict is used for something else, too.
        """
        self._check(layer)
        self._of(layer).removed.add(option.position)

    def remove_all(self, layers: list[Layer]) -> None:
        """Take out every option."""
        for layer in layers:
            for option in layer.options.values():
                self.remove(layer, option)
        self._of(layers[-1]).added.clear()

    def set_keys(self, layer: Layer, index: int, keys: tuple[str, ...]) -> None:
        """Write other keys for an element of a dict; none takes it out."""
        self._check(layer)
        self._of(layer).replaced[index] = keys

    def replace(self, layer: Layer, option: Option, value: Any) -> None:
        """Write *value* in the place of an option's value."""
        self._rewrite(layer, option, Translated(value))

    def remove_statement(self, node: cst.CSTNode) -> None:
        """Take a statement out, and write nothing else."""
        self._clear()
        self._removed.append((self.site.source, node))

    def remove_decorator(self, node: cst.CSTNode) -> None:
        """Take a decorator out, and write nothing else."""
        self._clear()
        gone = Edit(node, "gone", lambda _: cst.RemoveFromParent())
        self._others.append((self.site.source, gone))

    def replace_call(self, code: str, needs: str) -> None:
        """Write *code* in the place of the site, and nothing else.

        :param needs: what has to be imported for it.
        """
        self._clear()
        new = cst.parse_expression(code)
        self._others.append(
            (self.site.source, Edit(self.site.call, code, lambda _: new))
        )
        self.site.source.edits.imports.add(needs)

    def commit(self) -> None:
        """Hand over all changes, or none.

        :raises ConflictError: if another site changes the same in another way.
        """
        edits: dict[Source, list[Edit]] = {}
        for source, edit in self._edits():
            edits.setdefault(source, []).append(edit)
        for source, own in edits.items():
            source.edits.check(own)
        for source, own in edits.items():
            source.edits.add(*own)
        for source, node in self._removed:
            source.edits.removed.add(node)

    def _edits(self) -> Iterator[tuple[Source, Edit]]:
        for value in self._values.values():
            edits, new = value.source.edits, value.translated
            if value.is_literal and new.items is not None and new.value:
                yield value.source, edits.replaced_items(value.node, new.items)
            else:
                yield value.source, edits.replacement(value.node, new.value)
        for container, changes in self._containers.items():
            if changes.removed or changes.added or changes.replaced:
                yield changes.source, _container_edit(container, changes)
        yield from self._others

    def _rewrite(self, layer: Layer, option: Option, translated: Translated) -> None:
        value, source = option.value, layer.source
        self._check(layer)
        if isinstance(value.node, cst.BinaryOperation) and translated.items is not None:
            self._rewrite_sum(source, value.node, translated.items)
        elif value.names and source.is_shared(value.names):
            if has_unknown(translated.value):
                raise SharedError
            node = option.written
            self._values[node] = _NewValue(source, node, translated, False)
        else:
            self._set_value(source, value.node, translated)

    def _set_value(
        self, source: Source, node: cst.BaseExpression, translated: Translated
    ) -> None:
        is_literal = isinstance(node, cst.List | cst.Tuple | cst.Set)
        self._values[node] = _NewValue(source, node, translated, is_literal)

    def _rewrite_sum(
        self,
        source: Source,
        node: cst.BaseExpression,
        items: tuple[tuple[Any, ...], ...],
    ) -> None:
        """Rewrite the lists that are added to one another, each where it stands."""
        position = 0
        for part in _parts(node):
            value = source.evaluate(part)
            if not isinstance(value.value, list):
                position += 1  # Unknown, and one item of the sum.
                continue
            own = items[position : position + len(value.value)]
            position += len(value.value)
            new = [each for item in own for each in item]
            if new == value.value:
                continue
            if value.names and source.is_shared(value.names):
                translated = Translated(new)
                self._values[part] = _NewValue(source, part, translated, False)
            else:
                self._set_value(source, value.node, Translated(new, own))

    def _check(self, layer: Layer) -> None:
        if layer.names and layer.source.is_shared(layer.names):
            raise SharedError

    def _of(self, layer: Layer) -> _Container:
        return self._containers.setdefault(layer.container, _Container(layer.source))

    def _clear(self) -> None:
        self._containers.clear()
        self._values.clear()


def _parts(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Yield the parts of a sum."""
    if isinstance(node, cst.BinaryOperation):
        yield from _parts(node.left)
        yield from _parts(node.right)
    else:
        yield node


def _container_edit(container: cst.CSTNode, changes: _Container) -> Edit:
    code = changes.source.edits.code
    added = [
        (name, cst.parse_expression(code(value)))
        for name, value in changes.added.items()
    ]
    identity = repr((sorted(changes.removed), changes.added, changes.replaced))
    if isinstance(container, cst.Call):
        return Edit(
            container, identity, lambda node: edited_call(node, changes.removed, added)
        )

    def changed(node: cst.Dict) -> cst.Dict:
        elements: dict[int, list[Any]] = {index: [] for index in changes.removed}
        for index, keys in changes.replaced.items():
            element: Any = node.elements[index]
            elements[index] = [
                element.with_changes(key=cst.parse_expression(code(key)))
                for key in keys
            ]
        return edited_dict(node, elements, added, code)

    return Edit(container, identity, changed)


def _is_same(new: Any, old: Any) -> bool:
    return new is old or (type(new) is type(old) and bool(new == old))
