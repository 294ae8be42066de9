"""The source of an application's own modules: which names and texts it has."""

from __future__ import annotations

import ast
import os.path
import sys
import sysconfig
from collections.abc import Iterator
from typing import Final, NamedTuple

FOREIGN: Final = tuple(
    sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")
)
# Lists of a policy: headers in them are not used there.
_LISTS: Final = frozenset({"allow_headers", "expose_headers"})


class Call(NamedTuple):
    """A call of ``CORS`` or ``init_app``.

    :ivar target: the last part of the name of its application or blueprint.
    :ivar lines: option -> its line; ``resources['/a/*']['origins']`` among them.
    """

    target: str
    file: str
    line: int
    lines: dict[str, int]


class Project:
    """The text constants and the names in the modules of an application.

    :param root: the folder of the application; the loaded modules in it are read.
    :param own: the file of the application, which is read first.
    :ivar texts: the text constants, in lower case, except those in lists of a policy.
    :ivar names: of variables, attributes, functions and modules, in lower case.
    :ivar option_places: what ``_writes`` yields -> file and line of it.
    :ivar calls: the calls of ``CORS`` and ``init_app``.
    :ivar blueprints: variable -> name of the blueprint.
    :ivar readable: whether there was anything to read.
    """

    def __init__(self, root: str | None, own: str = "") -> None:
        self.texts: set[str] = set()
        self.names: set[str] = set()
        self.option_places: dict[str, tuple[str, int]] = {}
        self.calls: list[Call] = []
        self.blueprints: dict[str, str] = {}
        self.readable = False
        trees = (
            [] if root is None else sorted(_trees(root), key=lambda it: it[0] != own)
        )
        for file, tree in trees:
            self.readable = True
            self._read(tree)
            for node in ast.walk(tree):
                for name, line in _writes(node):
                    self.option_places.setdefault(name, (file, line))
                self.calls += _calls(node, file)
                self.blueprints.update(_blueprints(node))

    def place_of_call(self, blueprint: str, *names: str) -> tuple[str, int] | None:
        """Return where the first of *names* is that is written for an application.

        If none is, where the call is, ``None`` if there is no call.

        :param blueprint: its name, if it is the one that is configured.
        :param names: options, and options in ``resources``.
        """
        calls = [
            call
            for call in self.calls
            if self.blueprints.get(call.target, "") == blueprint
        ]
        for name in names:
            for call in calls:
                if name in call.lines:
                    return call.file, call.lines[name]
            if (key := f"CORS_{name.upper()}") in self.option_places:
                return self.option_places[key]
        return (calls[0].file, calls[0].line) if calls else None

    def mentions(self, header: str) -> bool:
        """Say whether *header* is written anywhere outside a list of a policy."""
        return header.lower() in self.texts

    def names_any(self, *parts: str) -> bool:
        """Say whether any name, or text, in the code has one of *parts* in it."""
        return any(
            part in name for name in (*self.names, *self.texts) for part in parts
        )

    def _read(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if _is_list(child):
                continue
            match child:
                case ast.Constant(value=str(text)):
                    self.texts.add(text.lower())
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    self.names.add(name.lower())
                case ast.alias(name=name):
                    self.names.add(name.lower())
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    self.names.add(name.lower())
            if isinstance(child, ast.Dict):
                self._read_dict(child)
            else:
                self._read(child)

    def _read_dict(self, node: ast.Dict) -> None:
        """Read a dict, without its lists of a policy, such as ``allow_headers``."""
        for key, value in zip(node.keys, node.values, strict=True):
            named = isinstance(key, ast.Constant) and _is_option(key.value)
            if not named:
                self._read(ast.Tuple([*([key] if key else []), value], ast.Load()))


def _trees(root: str) -> Iterator[tuple[str, ast.AST]]:
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None) or ""
        inside = os.path.abspath(file).startswith(os.path.join(root, ""))
        if not (inside and file.endswith(".py")) or file.startswith(FOREIGN):
            continue
        try:
            with open(file, encoding="utf-8") as source:
                yield file, ast.parse(source.read())
        except (OSError, SyntaxError, ValueError):
            continue


def _calls(node: ast.AST, file: str) -> Iterator[Call]:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            target = node.args[0] if node.args else None
            # An extension that is made without an application has its options, too.
            if name == "CORS" or (name == "init_app" and target is not None):
                lines = dict(_lines(node.keywords))
                variable = getattr(target, "id", getattr(target, "attr", ""))
                yield Call(variable, file, node.lineno, lines)


def _lines(keywords: list[ast.keyword]) -> Iterator[tuple[str, int]]:
    """Yield the options that are written, those in ``resources`` among them."""
    for keyword in keywords:
        yield str(keyword.arg), keyword.value.lineno
        if keyword.arg != "resources" or not isinstance(keyword.value, ast.Dict):
            continue
        for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(value, ast.Dict):
                for option, inner in zip(value.keys, value.values, strict=True):
                    if isinstance(option, ast.Constant):
                        name = f"resources[{key.value!r}][{option.value!r}]"
                        yield name, inner.lineno


def _blueprints(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Assign(
            targets=[ast.Name(id=variable)],
            value=ast.Call(
                func=ast.Name(id=made) | ast.Attribute(attr=made),
                args=[ast.Constant(value=str(name)), *_],
            ),
        ) if made.endswith("Blueprint"):
            yield variable, name


def _writes(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield what *node* writes, with its line: a decorator, an option, a config key.

    ``CORS_ORIGINS``, ``@cross_origin on me: origins``; and ``wsgi_app`` where
    middleware is put around it.
    """
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            if name == "cross_origin":
                yield name, node.lineno
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield from _decorators(node)
        case ast.Assign(targets=[ast.Attribute(attr="wsgi_app")], value=value):
            yield "wsgi_app", node.lineno
            if isinstance(value, ast.Call):
                called = getattr(value.func, "attr", getattr(value.func, "id", ""))
                yield f"wsgi_app: {called}", node.lineno
        case (
            ast.Constant(value=str(key))
            | ast.Name(id=key, ctx=ast.Store())
            | ast.keyword(arg=str(key))
        ):
            if key.startswith(("CORS_", "SESSION_COOKIE_")):
                yield key, getattr(node, "lineno", 1)


def _decorators(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> Iterator[tuple[str, int]]:
    for each in node.decorator_list:
        called = each.func if isinstance(each, ast.Call) else each
        name = getattr(called, "attr", getattr(called, "id", ""))
        place = f"@{name} on {node.name}"
        yield place, each.lineno
        for keyword in each.keywords if isinstance(each, ast.Call) else ():
            yield f"{place}: {keyword.arg}", keyword.value.lineno


def _is_list(node: ast.AST) -> bool:
    """Say whether *node* writes a list of headers for a policy."""
    if isinstance(node, ast.keyword):
        return _is_option(node.arg)
    if isinstance(node, ast.Assign):
        return any(_is_key(target) for target in node.targets)
    return False


def _is_key(target: ast.expr) -> bool:
    if isinstance(target, ast.Name):
        return _is_option(target.id)
    return (
        isinstance(target, ast.Subscript)
        and isinstance(target.slice, ast.Constant)
        and _is_option(target.slice.value)
    )


def _is_option(name: object) -> bool:
    return isinstance(name, str) and name.lower().removeprefix("cors_") in _LISTS
