"""The changes at one site: collected first, then made all together or not at all.

An option is replaced where it stands. A value behind a name is replaced where it is
assigned, unless it is used for something else as well; then it is written out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from .edits import Edit
from .notes import Note
from .options import LEFT_OUT, Translated, translate_option
from .sequences import edited_call, edited_dict
from .sites import Option, OptionSource, Site
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

    :ivar told: notes, each with its file and line.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.told: list[tuple[str, int, Note]] = []
        self._containers: dict[cst.CSTNode, _Container] = {}
        self._values: dict[cst.CSTNode, _NewValue] = {}
        self._others: list[tuple[Source, Edit]] = []
        self._removed: list[tuple[Source, cst.CSTNode]] = []

    def tell(
        self,
        *notes: Note,
        at: cst.CSTNode | None = None,
        source: Source | None = None,
    ) -> None:
        """Add notes about the site, or about a part of it."""
        source = source or self.site.source
        line = (source.line(at) if at is not None else 0) or self.site.line
        self.told += [(source.path, line, note) for note in notes]

    def translate(self, given: OptionSource) -> dict[str, Any]:
        """Translate each option of *given* where it stands; return the new values.

        :raises ValueError: if Flask-CORS does not start with it.
        """
        new: dict[str, Any] = {}
        for option in given.options.values():
            if option.name == "resources":
                continue
            old = option.value.value
            translated = translate_option(option.name, old)
            self.tell(*translated.notes, at=option.written, source=given.source)
            if translated.value is LEFT_OUT:
                self.remove(given, option)
                continue
            new[option.name] = translated.value
            if not _is_same(translated.value, old):
                self._rewrite(given, option, translated)
        return new

    def set_option(self, sources: list[OptionSource], name: str, value: Any) -> None:
        """Write an option: where it stands, or at the end of the last given.

        ``LEFT_OUT`` takes it out, wherever it stands.
        """
        present = [
            (given, given.options[name]) for given in sources if name in given.options
        ]
        added = self._of(sources[-1]).added
        if value is LEFT_OUT:
            for given, option in present:
                self.remove(given, option)
            added.pop(name, None)
            return
        kept = [
            (given, option)
            for given, option in present
            if option.position not in self._of(given).removed
        ]
        if not kept:
            added[name] = value
        elif not _is_same(value, kept[-1][1].value.value):
            self._rewrite(*kept[-1], Translated(value))

    def remove(self, given: OptionSource, option: Option) -> None:
        """Take an option out of a call or a dict.

        :raises SharedError: if the dict is used for something else, too.
        """
        self._check(given)
        self._of(given).removed.add(option.position)

    def remove_all(self, sources: list[OptionSource]) -> None:
        """Take out every option."""
        for given in sources:
            for option in given.options.values():
                self.remove(given, option)
        self._of(sources[-1]).added.clear()

    def set_keys(self, given: OptionSource, index: int, keys: tuple[str, ...]) -> None:
        """Write other keys for an element of a dict; none takes it out."""
        self._check(given)
        self._of(given).replaced[index] = keys

    def replace(self, given: OptionSource, option: Option, value: Any) -> None:
        """Write *value* in the place of an option's value."""
        self._rewrite(given, option, Translated(value))

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

    def _rewrite(
        self, given: OptionSource, option: Option, translated: Translated
    ) -> None:
        value, source = option.value, given.source
        self._check(given)
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

    def _check(self, given: OptionSource) -> None:
        if given.names and given.source.is_shared(given.names):
            raise SharedError

    def _of(self, given: OptionSource) -> _Container:
        return self._containers.setdefault(given.container, _Container(given.source))

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
