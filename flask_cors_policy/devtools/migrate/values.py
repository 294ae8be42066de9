"""Expressions in the source of an application, as plain values.

Nothing is run: literals, lists, dicts and a few calls are read, and a name stands for
the literal that it was assigned, if it was assigned once. Everything else is
``Unknown``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

import libcst as cst

from .options import Unknown

ENVIRONMENT: Final = "environment"
"""The call that stands for a setting that a variable of the environment may replace."""

Follow = Callable[[cst.BaseExpression], cst.BaseExpression | None]
"""Returns the expression that a name or an attribute stands for, or ``None``."""

_CONSTANTS: Final[Mapping[str, Any]] = {"True": True, "False": False, "None": None}
_FLAGS: Final = {
    name: getattr(re, name)
    for name in ("I", "IGNORECASE", "A", "ASCII", "X", "VERBOSE")
}
_NAMES: Final = (cst.Name, cst.Attribute, cst.Subscript)
_MOST_NAMES: Final = 8
"""Names that are followed, one leading to the next."""


class Evaluated(NamedTuple):
    """An expression and its value.

    :ivar node: the expression itself, where the names that led to it were followed.
    :ivar names: those names.
    """

    node: cst.BaseExpression
    value: Any
    names: tuple[cst.BaseExpression, ...]


def evaluate(node: cst.BaseExpression, follow: Follow) -> Evaluated:
    """Return the value of an expression."""
    names: list[cst.BaseExpression] = []
    target = evaluate_name(node, follow, names)
    return Evaluated(target, value_of(target, follow), tuple(names))


def evaluate_name(
    node: cst.BaseExpression,
    follow: Follow,
    names: list[cst.BaseExpression] | None = None,
) -> cst.BaseExpression:
    """Return the expression that a name leads to, or *node* itself.

    :param names: takes the names that were followed.
    """
    followed = [] if names is None else names
    while isinstance(node, _NAMES) and len(followed) < _MOST_NAMES:
        target = None if name_of(node) in _CONSTANTS else follow(node)
        if target is None:
            break
        followed.append(node)
        node = target
    return node


def value_of(node: cst.BaseExpression, follow: Follow) -> Any:
    """Return the plain value of an expression, or ``Unknown``."""
    match node:
        case cst.SimpleString() | cst.ConcatenatedString():
            text = node.evaluated_value
            return text if isinstance(text, str) else unknown(node)
        case cst.Integer() | cst.Float():
            return node.evaluated_value
        case cst.Name() | cst.Attribute() | cst.Subscript():
            return _name(node, follow)
        case cst.UnaryOperation(cst.Minus(), cst.Integer() as number):
            return -number.evaluated_value
        case cst.List(elements) | cst.Tuple(elements) | cst.Set(elements):
            return [_item(element, follow) for element in elements]
        case cst.Dict():
            return _mapping(node, follow)
        case cst.Call():
            return _call(node, follow)
        case cst.BinaryOperation(left, cst.Add(), right):
            return _sum(node, value_of(left, follow), value_of(right, follow))
    return unknown(node)


def _name(node: cst.BaseExpression, follow: Follow) -> Any:
    if name_of(node) in _CONSTANTS:
        return _CONSTANTS[name_of(node)]
    target = evaluate_name(node, follow)
    return unknown(node) if target is node else value_of(target, follow)


def _sum(node: cst.BaseExpression, first: Any, second: Any) -> Any:
    if type(first) is type(second) and isinstance(first, str | list):
        return first + second
    if isinstance(first, list) and isinstance(second, Unknown):
        return [*first, second]
    if isinstance(first, Unknown) and isinstance(second, list):
        return [first, *second]
    return unknown(node)


def unknown(node: cst.CSTNode) -> Unknown:
    """Return the value of an expression that cannot be read."""
    mentions = _Mentions()
    node.visit(mentions)
    code = cst.Module([]).code_for_node(node).strip().removesuffix(",")
    if isinstance(node, cst.Call) and name_of(node.func) == ENVIRONMENT:
        code = "the environment"
    return Unknown(
        code,
        mentions_any=mentions.found,
        is_regex=isinstance(node, cst.Call) and name_of(node.func) == "re.compile",
    )


def name_of(node: cst.CSTNode) -> str:
    """Return a dotted name as text, ``""`` for any other expression."""
    match node:
        case cst.Name(name):
            return name
        case cst.Attribute(value, cst.Name(name)):
            before = name_of(value)
            return f"{before}.{name}" if before else ""
    return ""


def has_unknown(value: Any) -> bool:
    """Say whether *value*, or something in it, is unknown."""
    if isinstance(value, Mapping):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list):
        return any(map(has_unknown, value))
    return isinstance(value, Unknown)


def _item(element: cst.BaseElement, follow: Follow) -> Any:
    if isinstance(element, cst.StarredElement):
        return unknown(element)
    return value_of(element.value, follow)


def _mapping(node: cst.Dict, follow: Follow) -> Any:
    found: dict[Any, Any] = {}
    for element in node.elements:
        if not isinstance(element, cst.DictElement):
            return unknown(node)
        key = value_of(element.key, follow)
        if not isinstance(key, str | re.Pattern):
            return unknown(node)
        found[key] = value_of(element.value, follow)
    return found


def _call(node: cst.Call, follow: Follow) -> Any:
    name = name_of(node.func)
    given = [value_of(argument.value, follow) for argument in node.args]
    words = [argument.keyword for argument in node.args]
    plain = not any(map(has_unknown, given)) and not any(
        argument.star for argument in node.args
    )
    if name == "dict" and all(words):
        return {
            word.value: value for word, value in zip(words, given, strict=True) if word
        }
    if name in ("re.compile", "compile") and given and isinstance(given[0], str):
        flags = [_flag(argument.value) for argument in node.args[1:]]
        if None not in flags:
            return _compiled(node, given[0], sum(flag or 0 for flag in flags))
    if plain and name.rpartition(".")[2] == "timedelta" and all(words):
        numbers = {
            word.value: value for word, value in zip(words, given, strict=True) if word
        }
        return _timedelta(node, numbers)
    if plain and name in ("list", "tuple", "set") and len(given) == 1:
        return list(given[0]) if isinstance(given[0], list) else unknown(node)
    match node.func:
        case cst.Attribute(cst.BaseString() as text, cst.Name("split")) if plain:
            whole = value_of(text, follow)
            return whole.split(*given) if isinstance(whole, str) else unknown(node)
    return unknown(node)


def _flag(node: cst.BaseExpression) -> int | None:
    module, _, name = name_of(node).rpartition(".")
    return int(_FLAGS[name]) if module in ("re", "") and name in _FLAGS else None


def _compiled(node: cst.Call, text: str, flags: int) -> Any:
    try:
        return re.compile(text, flags)
    except re.error:
        return unknown(node)


def _timedelta(node: cst.Call, numbers: Mapping[str, Any]) -> Any:
    try:
        return timedelta(**numbers)
    except TypeError:
        return unknown(node)


class _Mentions(cst.CSTVisitor):
    """Looks for the text ``"*"``."""

    def __init__(self) -> None:
        self.found = False

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        """Look at one string."""
        self.found = self.found or node.evaluated_value == "*"
