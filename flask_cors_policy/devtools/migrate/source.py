"""A module of the application: its syntax tree, its names, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import libcst as cst
from libcst.metadata import (
    Assignment,
    ImportAssignment,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    Scope,
    ScopeProvider,
)

from .constants import MUTATORS, Constants
from .edits import Edits
from .values import Evaluated, evaluate, name_of

PACKAGES: Final = ("flask_cors", "flask.ext.cors", "flask_ext_cors")


class Source:
    """A module, its names, and where its nodes are.

    :ivar path: of the file.
    :ivar edits: the changes to make in it.
    :ivar followed: names that were read as options.
    :ivar exported: names that other modules import.
    :ivar has_star: whether all names of Flask-CORS are imported.
    """

    def __init__(self, path: str, module: cst.Module, constants: Constants) -> None:
        self.path = path
        self._constants = constants
        self.edits = Edits(_quote(module))
        self.has_star = any(map(_imports_star, walk(module)))
        wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        self.module = module
        self.scopes: Any = wrapper.resolve(ScopeProvider)
        self.parents: Any = wrapper.resolve(ParentNodeProvider)
        self._positions: Any = wrapper.resolve(PositionProvider)
        self.followed: set[cst.CSTNode] = set()
        self.exported: frozenset[str] = frozenset()

    def line(self, node: cst.CSTNode) -> int:
        """Return the line that *node* begins at, 0 if it is not of this module."""
        position = self._positions.get(node)
        return 0 if position is None else int(position.start.line)

    def qualified(self, node: cst.CSTNode) -> set[str]:
        """Return the names that *node* may stand for, with those of imports."""
        scope: Scope | None = self.scopes.get(node)
        if scope is None:
            return set()
        return {found.name for found in scope.get_qualified_names_for(node)}

    def follow(self, name: cst.BaseExpression) -> cst.BaseExpression | None:
        """Return the literal that *name* was assigned, if that is sure."""
        assignment = self._assignment(name)
        if assignment is None or isinstance(assignment, ImportAssignment):
            return self._elsewhere(name)
        if any(self._changes(access.node) for access in assignment.references):
            return None
        target = self.parents.get(assignment.node)
        statement = self.parents.get(target)
        if isinstance(target, cst.AnnAssign) and target.target is assignment.node:
            return target.value
        if isinstance(statement, cst.Assign) and isinstance(target, cst.AssignTarget):
            return statement.value
        return None

    def _elsewhere(self, name: cst.BaseExpression) -> cst.BaseExpression | None:
        """Return what is assigned in a class or in another module."""
        if isinstance(name, cst.Subscript):
            return None
        found = (self._constants.find(each) for each in self.qualified(name))
        return next((each for each in found if each is not None), None)

    def is_shared(self, names: tuple[cst.BaseExpression, ...]) -> bool:
        """Say whether what *names* lead to is used for something else, too."""
        for name in names:
            assignment = self._assignment(name)
            if assignment is None or isinstance(assignment, ImportAssignment):
                return True
            if assignment.name in self.exported:
                return True
            if not all(each.node in self.followed for each in assignment.references):
                return True
        return False

    def evaluate(self, node: cst.BaseExpression) -> Evaluated:
        """Return the value of an expression that says options."""
        found = evaluate(node, self.follow)
        self.followed.update(found.names)
        return found

    def enclosing(self, node: cst.CSTNode, *kinds: type) -> Any:
        """Return the nearest node of some kinds that *node* is in, or ``None``."""
        parent = self.parents.get(node)
        while parent is not None and not isinstance(parent, kinds):
            parent = self.parents.get(parent)
        return parent

    def alone(self, call: cst.Call) -> cst.SimpleStatementLine | None:
        """Return the line that is *call* and nothing else, if there is one."""
        statement = self.parents.get(call)
        line = self.parents.get(statement)
        if not isinstance(statement, cst.Expr):
            return None
        if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
            return line
        return None

    def _assignment(self, name: cst.BaseExpression) -> Assignment | None:
        if not isinstance(name, cst.Name):
            return None
        scope: Scope | None = self.scopes.get(name)
        found = list(scope[name.value]) if scope is not None else []
        if len(found) == 1 and isinstance(found[0], Assignment):
            return found[0]
        return None

    def _changes(self, node: cst.CSTNode) -> bool:
        """Say whether the object that *node* names is changed there."""
        parent = self.parents.get(node)
        if isinstance(parent, cst.Attribute):
            call = self.parents.get(parent)
            return isinstance(call, cst.Call) and parent.attr.value in MUTATORS
        if isinstance(parent, cst.Subscript) and parent.value is node:
            return isinstance(self.parents.get(parent), cst.AssignTarget | cst.Del)
        return False


def is_package(name: str) -> bool:
    """Say whether a dotted name is Flask-CORS or something in it."""
    return any(name == each or name.startswith(f"{each}.") for each in PACKAGES)


def _imports_star(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.ImportFrom)
        and isinstance(node.names, cst.ImportStar)
        and node.module is not None
        and is_package(name_of(node.module))
    )


def _quote(module: cst.Module) -> str:
    """Return the quotation mark that a module uses most."""
    texts = [node for node in walk(module) if isinstance(node, cst.SimpleString)]
    single = sum(node.quote == "'" for node in texts)
    return "'" if single > sum(node.quote == '"' for node in texts) else '"'


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield *node* and all that is in it."""
    yield node
    for child in node.children:
        yield from walk(child)
