"""The use of headers and cookies in the source of a function, which is not run.

Conservative: a name counts as Flask's ``request`` or ``session`` only if the function's
own globals have that very object; a function that cannot be read uses nothing.
"""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import textwrap
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import flask

_DEPTH: Final = 16
"""How many wrappers around a function are looked through."""
_MOST_READ: Final = 32
"""How many functions are read for one view."""
_READING: Final = frozenset({"get", "getlist", "get_all"})
_SETTING: Final = frozenset({"add", "add_header", "set", "setdefault", "setlist"})
_FILLING: Final = frozenset({"extend", "update"})
_FORM_BODIES: Final = frozenset({"data", "files", "form", "get_data", "values"})
_CONDITIONAL: Final = frozenset(
    {"If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "Range"}
)
"""Request headers that Werkzeug reads to answer 304, 206 or 412."""
_LOGIN_MODULES: Final = frozenset({"flask_login.utils"})


@dataclass
class Uses:
    """What functions do with headers and cookies.

    :param read: request headers, as spelled.
    :param written: response headers, as spelled; with file and line of each.
    :param cookies: whether they use a session, a cookie or the signed-in user.
    :param json: whether they read a body of the content type of JSON.
    :param form: whether they read a body that a form can send.
    """

    read: set[str] = field(default_factory=set)
    written: dict[str, tuple[str, int]] = field(default_factory=dict)
    cookies: bool = False
    json: bool = False
    form: bool = False


def functions_of(view: object, method: str = "") -> Iterator[types.FunctionType]:
    """Yield the functions behind a view, wrappers first, as far as can be seen.

    :param method: of the request; a class has a function for each.
    """
    view_class = getattr(view, "view_class", None)
    if view_class is None:
        yield from _unwrapped(view)
        return
    names = [method.lower()] if hasattr(view_class, method.lower()) else []
    for name in names or ["dispatch_request"]:
        yield from _unwrapped(getattr(view_class, name, None))


def uses(function: types.FunctionType) -> Uses:
    """Return the uses of *function*, and of what it calls in its module."""
    found = Uses()
    waiting, read = [function], {id(function)}
    while waiting and len(read) <= _MOST_READ:
        function = waiting.pop()
        if function.__globals__.get("__name__") in _LOGIN_MODULES:
            found.cookies = True
            continue
        parsed = tree_of(function)
        if parsed is not None:
            tree, first_line = parsed
            reader = _Reader(function, found, first_line - 1)
            reader.visit(tree)
            waiting += [each for each in reader.called if id(each) not in read]
            read.update(map(id, reader.called))
    return found


def spot_of(function: object) -> tuple[str, int] | None:
    """Return file and line of a function, ``None`` if they are not known."""
    target: Any = inspect.unwrap(function) if callable(function) else function
    try:
        file = inspect.getsourcefile(target)
        line = inspect.getsourcelines(target)[1]
    except (OSError, TypeError):
        return None
    return None if file is None else (file, max(line, 1))


def mark_spot(place: str, option: str = "") -> tuple[str, int] | None:
    """Return file and line of a decorator, or of an option that it is given.

    ``None`` if the name stands for something else than the function with it.

    :param place: as a mark names it: ``@cross_origin on shop.views.me``.
    """
    decorator, _, name = place[1:].partition(" on ")
    target = _found(name)
    source = tree_of(target) if isinstance(target, types.FunctionType) else None
    if source is None:
        return None
    tree, first_line = source
    assert isinstance(target, types.FunctionType)
    before = first_line - 1
    for node in ast.walk(tree):
        for each in getattr(node, "decorator_list", ()):
            called = each.func if isinstance(each, ast.Call) else each
            if getattr(called, "attr", getattr(called, "id", "")) != decorator:
                continue
            keywords = each.keywords if isinstance(each, ast.Call) else []
            lines = [it.value.lineno for it in keywords if it.arg == option]
            line = (lines or [each.lineno])[0]
            return target.__code__.co_filename, before + line
    return None


def _found(name: str) -> object:
    """Return what a dotted name with its module stands for, ``None`` if nothing."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        found: object = sys.modules.get(".".join(parts[:length]))
        if found is not None:
            for part in parts[length:]:
                found = getattr(found, part, None)
            return inspect.unwrap(found) if callable(found) else found
    return None


def _unwrapped(function: object) -> Iterator[types.FunctionType]:
    for _ in range(_DEPTH):
        if isinstance(function, functools.partial):
            function = function.func
        if isinstance(function, types.FunctionType):
            yield function
        function = getattr(function, "__wrapped__", None)


def tree_of(function: types.FunctionType) -> tuple[ast.AST, int] | None:
    """Return the tree of a function and the line it begins at."""
    if function.__name__ == "<lambda>":  # Its source is that of the whole statement.
        return None
    try:
        lines, first_line = inspect.getsourcelines(function)
        return ast.parse(textwrap.dedent("".join(lines))), first_line
    except (OSError, TypeError, SyntaxError):
        return None


class _Reader(ast.NodeVisitor):
    """Collects what one function uses."""

    def __init__(self, function: types.FunctionType, found: Uses, line: int) -> None:
        self._names: dict[str, Any] = {**function.__globals__}
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=False
        ):
            try:
                self._names[name] = cell.cell_contents
            except ValueError:  # Not filled yet.
                continue
        self._found = found
        self._module = function.__globals__
        self.called: list[types.FunctionType] = []
        self._file = function.__code__.co_filename
        self._lines_before = line

    def visit_Name(self, node: ast.Name) -> None:
        """``session``, ``current_user``."""
        if self._is_cookie_proxy(self._names.get(node.id)):
            self._found.cookies = True

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """``request.cookies``, ``flask.session``, ``response.access_control_...``."""
        if self._is(node.value, "request") and node.attr == "cookies":
            self._found.cookies = True
        if self._is_cookie_proxy(self._value(node)):
            self._found.cookies = True
        if self._is(node.value, "request"):
            self._found.json |= node.attr in ("json", "is_json")
            self._found.form |= node.attr in _FORM_BODIES
            if node.attr == "authorization":
                self._found.read.add("Authorization")
        if isinstance(node.ctx, ast.Store) and node.attr.startswith("access_control_"):
            name = node.attr.replace("_", "-").title()
            self._write(name, node)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """``request.headers["X"]``, ``response.headers["X"] = ...``."""
        name = _text(node.slice)
        if name is not None and _is_headers(node.value):
            if isinstance(node.ctx, ast.Store):
                self._write(name, node)
            elif self._of_request(node.value):
                self._found.read.add(name)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """``request.headers.get("X")``, ``response.headers.set("X", ...)``."""
        function = node.func
        called = self._value(function)
        if isinstance(called, types.FunctionType):
            if called.__globals__ is self._module:
                self.called.append(called)
        self._read_body(node)
        if isinstance(function, ast.Attribute) and _is_headers(function.value):
            first = node.args[0] if node.args else None
            name = _text(first)
            if function.attr in _READING and self._of_request(function.value):
                self._found.read.update([] if name is None else [name])
            elif function.attr in _SETTING and name is not None:
                self._write(name, node)
            elif function.attr in _FILLING:
                self._write_all(first)
        elif self._makes_response(function):
            for keyword in node.keywords:
                if keyword.arg == "headers":
                    self._write_all(keyword.value)
        self.generic_visit(node)

    def _read_body(self, node: ast.Call) -> None:
        """``request.get_json()``, and what answers conditional requests."""
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr == "get_json":
            forced = any(keyword.arg == "force" for keyword in node.keywords)
            if self._is(function.value, "request"):
                self._found.json |= not forced
                self._found.form |= forced
        if self._is_conditional(function):
            self._found.read |= _CONDITIONAL

    def visit_Return(self, node: ast.Return) -> None:
        """``return body, 200, {"X": ...}``."""
        if isinstance(node.value, ast.Tuple) and len(node.value.elts) in (2, 3):
            self._write_all(node.value.elts[-1])
        self.generic_visit(node)

    def _write_all(self, node: ast.expr | None) -> None:
        """Note the names in a mapping of headers, or in a list of pairs."""
        if isinstance(node, ast.Dict):
            keys: list[ast.expr | None] = list(node.keys)
        elif isinstance(node, ast.List):
            keys = [
                item.elts[0]
                for item in node.elts
                if isinstance(item, ast.Tuple) and len(item.elts) == 2
            ]
        else:
            return
        for key in keys:
            name = _text(key)
            if name is not None and key is not None:
                self._write(name, key)

    def _write(self, name: str, node: ast.expr) -> None:
        place = (self._file, self._lines_before + node.lineno)
        self._found.written.setdefault(name, place)

    def _of_request(self, headers: ast.expr) -> bool:
        return isinstance(headers, ast.Attribute) and self._is(headers.value, "request")

    def _is_conditional(self, function: ast.expr) -> bool:
        """Say whether a call reads the headers of conditional requests."""
        if self._value(function) in (flask.send_file, flask.send_from_directory):
            return True
        name = getattr(function, "attr", "")
        return name in ("make_conditional", "send_static_file")

    def _makes_response(self, function: ast.expr) -> bool:
        made = self._value(function)
        if isinstance(made, type):
            return issubclass(made, flask.Response)
        return isinstance(function, ast.Attribute) and function.attr == "response_class"

    def _is(self, node: ast.expr, name: str) -> bool:
        return self._value(node) is getattr(flask, name)

    def _value(self, node: ast.expr) -> Any:
        """Return the value of a name, or of an attribute of a module."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id)
        if isinstance(node, ast.Attribute):
            holder = self._value(node.value)
            if isinstance(holder, types.ModuleType):
                return getattr(holder, node.attr, None)
        return None

    def _is_cookie_proxy(self, value: object) -> bool:
        if value is flask.session:
            return True
        login = sys.modules.get("flask_login")
        return login is not None and value is getattr(login, "current_user", login)


def _is_headers(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "headers"


def _text(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None
