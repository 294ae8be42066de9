"""CORS headers that an application sets by hand, as far as its source tells.

Conservative: a test of Origin that is not known to be loose counts as a good one.
"""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from ...core.fetch_standard import ALLOW_CREDENTIALS, ALLOW_ORIGIN, WILDCARD
from ...core.origin import OriginPattern
from .header_nodes import (
    added_values,
    cors_header,
    is_origin_header,
    is_presence,
    reads_origin,
    sets_or_tells,
    text_of_constant,
    words,
)
from .source import functions_of, tree_of

if TYPE_CHECKING:
    from flask import Flask

_ATTRIBUTES: Final = {
    "access_control_allow_origin": ALLOW_ORIGIN,
    "access_control_allow_credentials": ALLOW_CREDENTIALS,
}


@dataclass(frozen=True)
class Handmade:
    """A flaw of headers that code sets.

    :param flaw: its code.
    :param found: what was found, as the end of a sentence.
    :param place: the function, for people.
    :param at: file and line of the header.
    :param origins: origins that stand in the function.
    """

    flaw: str
    found: str
    place: str
    at: tuple[str, int]
    origins: tuple[str, ...]
    credentials: bool


def handmade(app: Flask) -> Iterator[Handmade]:
    """Yield the flaws of headers that views and functions around them set."""
    seen: set[int] = set()
    for name, function in _functions(app):
        if id(function.__code__) in seen:
            continue
        seen.add(id(function.__code__))
        source = tree_of(function)
        if source is None:
            continue
        tree, first_line = source
        reader = _Reader(tree, function.__globals__)
        for flaw, found, line in reader.flaws():
            at = (function.__code__.co_filename, first_line - 1 + line)
            yield Handmade(
                flaw, found, name, at, reader.origins, reader.with_credentials
            )


def _functions(app: Flask) -> Iterator[tuple[str, types.FunctionType]]:
    for functions in app.after_request_funcs.values():
        for function in functions:
            for inner in functions_of(function):
                yield f"after_request: {inner.__name__}", inner
    for endpoint, view in app.view_functions.items():
        for method in ("GET", "POST"):
            for inner in functions_of(view, method):
                yield endpoint, inner


class _Reader:
    """Reads one function.

    :param names: the values of the names of its module.
    """

    def __init__(self, tree: ast.AST, names: Mapping[str, object]) -> None:
        self._names = names
        self._nodes = list(ast.walk(tree))
        self._writes = list(self._headers())
        self._from_origin = self._names_of_origin()

    @property
    def with_credentials(self) -> bool:
        """Whether it allows credentials."""
        return any(name == ALLOW_CREDENTIALS for name, _, _ in self._writes)

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins that are written in it, or have a name in its module."""
        texts: list[object] = []
        for node in self._nodes:
            if isinstance(node, ast.Constant):
                texts.append(node.value)
            elif isinstance(node, ast.Name):
                texts += self._listed(node) or [self._names.get(node.id)]
        found = [
            part for each in texts if isinstance(each, str) for part in words(each)
        ]
        return tuple(each for each in found if OriginPattern.parse(each))

    def flaws(self) -> Iterator[tuple[str, str, int]]:
        """Yield flaw, what was found, and the line within the function."""
        for name, value, line in self._writes:
            if name != ALLOW_ORIGIN or value is None:
                continue
            text = self._text(value)
            if text == WILDCARD and self.with_credentials:
                yield "wildcard-with-credentials", "it is set by hand", line
            elif (text is not None and "," in text) or self._is_joined(value):
                yield "allow-origin-list", "it is set by hand", line
            elif any(value is each for each in self._added):
                yield "allow-origin-list", "it is added once for each origin", line
            elif self._is_origin(value):
                yield from self._reflected(line)

    @cached_property
    def _added(self) -> list[ast.expr]:
        """What a loop adds as a header each time: its own variable."""
        return [
            value
            for loop in self._nodes
            if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name)
            for statement in loop.body
            for value in added_values(statement)
            if isinstance(value, ast.Name) and value.id == loop.target.id
        ]

    def _reflected(self, line: int) -> Iterator[tuple[str, str, int]]:
        tests = [node for node in self._nodes if self._tests_origin(node)]
        if not tests:
            found = "the header Origin is copied to the response"
            yield "origin-reflected", found, line
            return
        for test in tests:
            loose = self._looseness(test)
            if loose is not None:
                flaw, found = loose
                yield flaw, found, line
                return

    def _headers(self) -> Iterator[tuple[str, ast.expr | None, int]]:
        """Yield the CORS headers that are set, with their values and lines."""
        for node in self._nodes:
            match node:
                case ast.Assign(targets=[ast.Subscript() as target], value=value):
                    yield from cors_header(text_of_constant(target.slice), value, node)
                case ast.Assign(targets=[ast.Attribute(attr=attribute)], value=value):
                    yield from cors_header(_ATTRIBUTES.get(attribute), value, node)
                case ast.Call(func=ast.Attribute(), args=[first, value, *_]):
                    yield from cors_header(text_of_constant(first), value, node)
                case ast.Dict(keys=keys, values=values):
                    for key, value in zip(keys, values, strict=True):
                        if key is not None:
                            yield from cors_header(text_of_constant(key), value, key)

    def _names_of_origin(self) -> set[str]:
        """Return the names that hold the header Origin."""
        names: set[str] = set()
        for node in self._nodes:
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.NamedExpr(target=ast.Name(id=name), value=value)
                ):
                    if reads_origin(value):
                        names.add(name)
        return names

    def _is_origin(self, node: ast.AST) -> bool:
        return reads_origin(node) or any(
            isinstance(each, ast.Name) and each.id in self._from_origin
            for each in ast.walk(node)
        )

    def _tests_origin(self, node: ast.AST) -> bool:
        """Say whether *node* compares Origin with something, or hands it on."""
        if isinstance(node, ast.Compare):
            return self._is_origin(node) and not is_presence(node)
        if isinstance(node, ast.Call) and not is_origin_header(node):
            function = node.func
            held = isinstance(function, ast.Attribute) and self._is_origin(
                function.value
            )
            given = any(self._is_origin(argument) for argument in node.args)
            return (held or given) and not sets_or_tells(node)
        return isinstance(node, ast.Subscript) and self._is_origin(node.slice)

    def _text(self, node: ast.AST | None) -> str | None:
        """Return the text that *node* is, or that a name of the module stands for."""
        if isinstance(node, ast.Name):
            named = self._names.get(node.id)
            text = named.pattern if isinstance(named, re.Pattern) else named
            return text if isinstance(text, str) else None
        return text_of_constant(node)

    def _listed(self, node: ast.AST) -> list[str] | None:
        """Return the items of a list of the module, ``None`` if *node* names none."""
        named = self._names.get(getattr(node, "id", ""))
        if isinstance(named, set | frozenset):
            return sorted(map(str, named))
        return list(map(str, named)) if isinstance(named, list | tuple) else None

    def _is_joined(self, node: ast.AST) -> bool:
        """Say whether *node* joins origins to one text, with commas."""
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str(mark)), attr="join"),
                args=[joined],
            ):
                known = self._listed(joined)
                several = known is None or len(known) > 1
                return several and bool(mark) and not mark.strip(" ,;|")
            case ast.JoinedStr(values=parts):
                return any("," in (text_of_constant(part) or "") for part in parts)
            case ast.BinOp(op=ast.Add()):
                return any(
                    "," in (text_of_constant(each) or "") for each in ast.walk(node)
                )
            case ast.Name(id=name):
                return any(map(self._is_joined, self._assigned(name)))
        return False

    def _assigned(self, name: str) -> Iterator[ast.expr]:
        for node in self._nodes:
            match node:
                case ast.Assign(targets=[ast.Name(id=target)], value=value):
                    if target == name and not isinstance(value, ast.Name):
                        yield value

    def _looseness(self, node: ast.AST) -> tuple[str, str] | None:
        """Return the flaw of a test of Origin that allows more than it seems to."""
        match node:
            case ast.Call(func=ast.Attribute(attr="startswith"), args=[first, *_]):
                # Only a port can follow a colon.
                if not all(text.endswith(":") for text in self._texts(first)):
                    found = "startswith() does not see the end of the origin"
                    return "suffix-matched", found
            case ast.Call(func=ast.Attribute(attr="endswith"), args=[first, *_]):
                # Whole labels, or the host behind the slashes.
                if not all(text.startswith((".", "/")) for text in self._texts(first)):
                    return "prefix-matched", "endswith() does not see the whole host"
            case ast.Call(
                func=ast.Attribute(value=held, attr="match"), args=[first, *_]
            ):
                text = self._text(held if self._is_origin(first) else first)
                if text is not None and not text.endswith(("$", r"\Z")):
                    found = "re.match() does not see the end of the origin"
                    return "suffix-matched", found
            case ast.Call(func=ast.Attribute(attr="search")):
                return "prefix-matched", "re.search() finds a part of the origin"
            case ast.Compare(left=left, ops=[ast.In()], comparators=[listed]):
                return self._loose_in(left, listed)
        return None

    def _loose_in(self, left: ast.expr, listed: ast.expr) -> tuple[str, str] | None:
        if text_of_constant(left) is not None:
            return "prefix-matched", "a part of the origin is enough"
        if self._text(listed) is not None:
            return "suffix-matched", "a part of the text of origins is enough"
        return None

    def _texts(self, node: ast.expr) -> list[str]:
        """Return the texts that *node* may be; an empty one for what is unknown."""
        if isinstance(node, ast.Tuple):
            return [text for each in node.elts for text in self._texts(each)]
        return self._listed(node) or [self._text(node) or ""]
