"""The values of a policy as text has them: read, never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

_FUNCTION: Final = (
    "A function cannot run here. Write the origins that it allows: "
    '["https://app.example.com"].'
)
_FLAGS: Final = {"re.IGNORECASE", "re.I", "re.ASCII", "re.A", "re.VERBOSE", "re.X"}


class PolicyTextError(ValueError):
    """A text that holds no policy that can be read.

    :ivar message: what is wrong, in a sentence.
    :ivar hint: what to write instead.
    :ivar setting: which option it is about; empty where it is about the whole text.
    """

    def __init__(self, message: str, hint: str, setting: str = "") -> None:
        super().__init__(f"{message} {hint}")
        self.message = message
        self.hint = hint
        self.setting = setting


def value_of(node: ast.expr, names: Mapping[str, ast.expr], setting: str) -> Any:
    """Return the value that *node* stands for.

    :param names: what the text assigns to names, which *node* may use.
    :param setting: which option it is, for the error.
    :raises PolicyTextError: where it is known only once a program runs.
    """
    match node:
        case ast.Constant():
            return node.value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return -number
        case ast.List() | ast.Tuple() | ast.Set():
            items = [value_of(item, names, setting) for item in node.elts]
            return tuple(items) if isinstance(node, ast.Tuple) else items
        case ast.Dict():
            return _mapping(node, names, setting)
        case ast.BinOp(op=ast.Add()):
            return _sum(node, names, setting)
        case ast.Name(id=name) if name in names:
            rest = {key: value for key, value in names.items() if key != name}
            return value_of(names[name], rest, setting)
        case ast.Call():
            return _call(node, names, setting)
    raise _unknown(node, setting)


def _mapping(
    node: ast.Dict, names: Mapping[str, ast.expr], setting: str
) -> dict[Any, Any]:
    found = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            raise _unknown(node, setting)
        read = value_of(key, names, setting)
        if not isinstance(read, str):
            raise _unknown(key, setting)
        found[read] = value_of(value, names, setting)
    return found


def _sum(node: ast.BinOp, names: Mapping[str, ast.expr], setting: str) -> Any:
    left = value_of(node.left, names, setting)
    right = value_of(node.right, names, setting)
    for kind in (str, list, tuple):
        if isinstance(left, kind) and isinstance(right, kind):
            return left + right  # type: ignore[operator]
    raise _unknown(node, setting)


def _call(node: ast.Call, names: Mapping[str, ast.expr], setting: str) -> Any:
    """Return what the few calls make that a policy may hold."""
    called = ast.unparse(node.func)
    if called in ("timedelta", "datetime.timedelta"):
        make: Any = timedelta
    elif called == "re.compile":
        make = re.compile
    elif called in ("set", "list", "tuple", "frozenset") and not node.keywords:
        make = list
    else:
        raise _unknown(node, setting)
    if make is re.compile:
        arguments = [
            _flag(argument) if at else value_of(argument, names, setting)
            for at, argument in enumerate(node.args)
        ]
    else:
        arguments = [value_of(argument, names, setting) for argument in node.args]
    keywords = {
        keyword.arg or "": value_of(keyword.value, names, setting)
        for keyword in node.keywords
    }
    try:
        return make(*arguments, **keywords)
    except (TypeError, ValueError, OverflowError, re.error) as error:
        message = f"{ast.unparse(node)[:80]} is an error in Python: {error}."
        raise PolicyTextError(message, "Correct it.", setting) from None


def _flag(node: ast.expr) -> int:
    """Return flags of a regular expression: ``re.IGNORECASE | re.ASCII``."""
    text = ast.unparse(node)
    names = [name.strip() for name in text.split("|")]
    if not _FLAGS.issuperset(names):
        raise _unknown(node, "origins")
    return sum(getattr(re, name.removeprefix("re.")) for name in set(names))


def _unknown(node: ast.expr, setting: str) -> PolicyTextError:
    text = ast.unparse(node)
    shown = text if len(text) <= 60 else f"{text[:60]}..."
    if isinstance(node, ast.Lambda):
        return PolicyTextError(f"{shown} is a function.", _FUNCTION, setting)
    if "environ" in text or "getenv" in text:
        message = f"{shown} is known only where the application runs."
        return PolicyTextError(message, "Write its value.", setting)
    if isinstance(node, ast.Name):
        message = f"{shown} is a name that this text gives no value."
        hint = f"Write the value. {_FUNCTION}" if setting == "origins" else ""
        return PolicyTextError(message, hint or "Write the value.", setting)
    message = f"{shown} is known only once the program runs."
    return PolicyTextError(message, "Write the value.", setting)
