"""The source of an application's own modules: which names and texts it has."""

from __future__ import annotations

import ast
import os.path
import sys
import sysconfig
from collections.abc import Iterator
from typing import Final

_FOREIGN: Final = tuple(
    sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")
)
# Lists of a policy: headers in them are not used there.
_LISTS: Final = frozenset({"allow_headers", "expose_headers"})


class Project:
    """The text constants and the names in the modules of an application.

    :param root: the folder of the application; the loaded modules in it are read.
    :param own: the file of the application, which is read first.
    :ivar texts: the text constants, in lower case, except those in lists of a policy.
    :ivar names: of variables, attributes, functions and modules, in lower case.
    :ivar option_places: ``CORS``, ``CORS_ORIGINS`` -> file and line of it.
    :ivar readable: whether there was anything to read.
    """

    def __init__(self, root: str | None, own: str = "") -> None:
        self.texts: set[str] = set()
        self.names: set[str] = set()
        self.option_places: dict[str, tuple[str, int]] = {}
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
        if not (inside and file.endswith(".py")) or file.startswith(_FOREIGN):
            continue
        try:
            with open(file, encoding="utf-8") as source:
                yield file, ast.parse(source.read())
        except (OSError, SyntaxError, ValueError):
            continue


def _writes(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield what *node* writes, with its line: an extension, an option, a config key.

    ``CORS``, ``CORS: origins``, ``CORS_ORIGINS``, ``@cross_origin on me: origins``.
    """
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            if name in ("CORS", "init_app", "cross_origin"):
                yield name, node.lineno
                for keyword in node.keywords:
                    yield f"{name}: {keyword.arg}", keyword.value.lineno
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield from _decorators(node)
        case (
            ast.Constant(value=str(key))
            | ast.Name(id=key, ctx=ast.Store())
            | ast.keyword(arg=str(key))
        ):
            if key.startswith("CORS_"):
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
