"""The routes of an application, as far as its source says them.

A path rule covers whole segments, and a method that no view serves opens nothing: both
can only be judged beside the routes. What is not a literal is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

_ROUTE: Final = frozenset({"route", "add_url_rule", "add_resource"})
_SHORT: Final = {
    name: name.upper() for name in ("get", "post", "put", "patch", "delete")
}
_READ_ONLY: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass
class Routes:
    """What the source of some modules says about routes.

    :ivar methods: the methods that views serve.
    :ivar blueprints: the names that blueprints are assigned to.
    """

    methods: set[str] = field(default_factory=set)
    blueprints: set[str] = field(default_factory=set)
    _paths: list[tuple[str, str]] = field(default_factory=list)
    _prefixes: dict[str, set[str | None]] = field(default_factory=dict)

    def add(self, tree: ast.AST) -> None:
        """Take over what one module says."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AnnAssign):
                self._assigned(node)
            elif isinstance(node, ast.Call):
                self._called(node)
            elif isinstance(node, ast.ClassDef):
                for each in node.body:
                    if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                        self.methods.update(
                            {_SHORT[each.name]} if each.name in _SHORT else ()
                        )

    def paths(self) -> list[str]:
        """Return the paths of the routes, with the prefixes of their blueprints."""
        found: dict[str, None] = {}
        for holder, path in self._paths:
            for prefix in self._prefixes.get(holder, {""}):
                if prefix is not None:
                    found["/" + f"{prefix}{path}".lstrip("/")] = None
        return list(found)

    def prefixes(self, blueprint: str) -> set[str | None]:
        """Return the URL prefixes of a blueprint; ``None`` is one that is unknown."""
        return self._prefixes.get(blueprint, {None})

    def _assigned(self, node: ast.Assign | ast.AnnAssign) -> None:
        call = node.value
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if not isinstance(call, ast.Call) or not _name(call.func).endswith("Blueprint"):
            return
        for target in targets:
            name = _name(target)
            if name:
                self.blueprints.add(name)
                self._prefix(name, call.keywords)

    def _called(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Attribute):
            return
        called, holder = node.func.attr, _name(node.func.value)
        if called == "register_blueprint" and node.args:
            given = [
                keyword for keyword in node.keywords if keyword.arg == "url_prefix"
            ]
            if given:  # It replaces the prefix that the blueprint has.
                self._prefixes.pop(_name(node.args[0]), None)
                self._prefix(_name(node.args[0]), given)
        elif called in _ROUTE or called in _SHORT:
            paths = [text for text in map(_text, node.args) if text[:1] == "/"]
            self._paths += [(holder, path) for path in paths]
            if paths:
                self.methods |= route_methods(called, node.keywords)

    def _prefix(self, name: str, keywords: Iterable[ast.keyword]) -> None:
        known = self._prefixes.setdefault(name, set())
        given = [each.value for each in keywords if each.arg == "url_prefix"]
        known.update((_text(value) or None) for value in given)
        if not given:
            known.add("")


def route_methods(called: str, keywords: Iterable[ast.keyword]) -> set[str]:
    """Return the methods of a route; GET and POST if they cannot be read."""
    if called in _SHORT:
        return {_SHORT[called], *(_READ_ONLY if called == "get" else ())}
    written = [each.value for each in keywords if each.arg == "methods"]
    if not written:
        return set(_READ_ONLY) if called == "route" else {*_READ_ONLY, "POST"}
    if isinstance(written[0], ast.List | ast.Tuple | ast.Set):
        names = {_text(item).upper() for item in written[0].elts}
        if "" not in names:
            return names | ({"HEAD"} if "GET" in names else set())
    return {*_READ_ONLY, "POST"}


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a module imports from others."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def _name(node: ast.expr) -> str:
    """Return the last part of a dotted name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""
