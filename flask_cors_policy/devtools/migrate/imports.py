"""Imports of Flask-CORS, and names from inside of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import libcst as cst

from .notes import Note
from .source import Source, is_package
from .values import name_of

PACKAGE: Final = "flask_cors_policy"
_PUBLIC: Final = frozenset({"CORS", "cross_origin"})
_SETTERS: Final = frozenset({"set_cors_headers"})
_READERS: Final = frozenset({"get_cors_options", "get_cors_headers"})

_CONSTANTS: Final = {
    "ACL_ORIGIN": "Access-Control-Allow-Origin",
    "ACL_METHODS": "Access-Control-Allow-Methods",
    "ACL_ALLOW_HEADERS": "Access-Control-Allow-Headers",
    "ACL_EXPOSE_HEADERS": "Access-Control-Expose-Headers",
    "ACL_CREDENTIALS": "Access-Control-Allow-Credentials",
    "ACL_MAX_AGE": "Access-Control-Max-Age",
    "ACL_REQUEST_METHOD": "Access-Control-Request-Method",
    "ACL_REQUEST_HEADERS": "Access-Control-Request-Headers",
}


class ImportRewriter(cst.CSTVisitor):
    """Plans new imports for one module.

    :ivar told: notes, each with its line.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._edits = source.edits
        self._gone: set[cst.CSTNode] = set()
        self._modules: list[cst.Import] = []
        self._from: list[cst.ImportFrom] = []
        self.told: list[tuple[int, Note]] = []

    def visit_Import(self, node: cst.Import) -> None:
        """``import flask_cors``."""
        if any(is_package(name_of(alias.name)) for alias in node.names):
            self._modules.append(node)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        """``from flask_cors import CORS``."""
        module = name_of(node.module) if node.module else ""
        if is_package(module) and not node.relative:
            self._from.append(node)

    def visit_Call(self, node: cst.Call) -> None:
        """``set_cors_headers(response, ...)``, ``getLogger("flask_cors")``."""
        names = {
            name.rpartition(".")[2]
            for name in self._source.qualified(node.func)
            if is_package(name)
        }
        if names & _SETTERS and node.args:
            self._without_headers(node)
        if name_of(node.func).endswith("getLogger") and node.args:
            self._logger(node.args[0].value)

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        """A text that names the package, as those of ``mock.patch``."""
        text = node.evaluated_value
        if isinstance(text, str) and is_package(text.strip()) and text != "flask_cors":
            message = f"The text {node.value} names Flask-CORS."
            fix = f"If it names a module, write {PACKAGE}."
            self._tell(node, Note("mentioned", message, fix))

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        """``class MyCORS(CORS)``."""
        for base in node.bases:
            for name in self._source.qualified(base.value):
                if is_package(name) and name.endswith(".CORS"):
                    message = f"{node.name.value} derives from CORS of Flask-CORS."
                    fix = "Look at what it overrides: nothing inside is the same here."
                    self._tell(node, Note("subclass", message, fix))

    def finish(self) -> None:
        """Plan the imports, now that all uses are known."""
        for node in self._modules:
            self._import(node)
        for each in self._from:
            self._import_from(each)

    def _tell(self, node: cst.CSTNode, note: Note) -> None:
        self.told.append((self._source.line(node), note))

    def _logger(self, node: cst.BaseExpression) -> None:
        if isinstance(node, cst.SimpleString) and node.evaluated_value == "flask_cors":
            self._edits.add(self._edits.replacement(node, PACKAGE))

    def _without_headers(self, call: cst.Call) -> None:
        """Take out a call that sets headers: the policy does, on every response."""
        response = call.args[0].value
        statement = self._source.parents.get(call)
        line = self._source.parents.get(statement)
        target = (
            statement.targets[0].target if isinstance(statement, cst.Assign) else None
        )
        is_alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
        self._gone.add(call)
        if is_alone and (
            isinstance(statement, cst.Expr)
            or (target is not None and name_of(target) == name_of(response) != "")
        ):
            self._edits.removed.add(line)
        else:
            code = cst.Module([]).code_for_node(response)
            self._edits.change(call, code, lambda node: node.args[0].value)
        message = "set_cors_headers is not needed: errors have their policy's headers."
        self._tell(call, Note("option-not-needed", message))

    def _import(self, node: cst.Import) -> None:
        keeps = False
        for alias in node.names:
            module = name_of(alias.name)
            if not is_package(module):
                continue
            name = name_of(alias.asname.name) if alias.asname else module
            for access in self._uses(name, node):
                keeps = not self._attribute(access, aliased=bool(alias.asname)) or keeps
        if keeps:
            self._edits.imports.add(PACKAGE)
            return
        new = [
            alias.with_changes(name=cst.Name(PACKAGE))
            if is_package(name_of(alias.name))
            else alias
            for alias in node.names
        ]
        self._edits.change(node, PACKAGE, lambda old: old.with_changes(names=new))

    def _attribute(self, access: cst.CSTNode, *, aliased: bool) -> bool:
        """Rewrite ``flask_cors.CORS``; say whether that could be done."""
        outermost = access
        parent = self._source.parents.get(access)
        while isinstance(parent, cst.Attribute) and parent.value is outermost:
            outermost, parent = parent, self._source.parents.get(parent)
        last = name_of(outermost).rpartition(".")[2]
        if last in _CONSTANTS:
            self._edits.add(self._edits.replacement(outermost, _CONSTANTS[last]))
        elif last in _PUBLIC:
            base = name_of(access) if aliased else PACKAGE
            code = f"{base}.{last}"
            self._edits.change(outermost, code, lambda _: cst.parse_expression(code))
        elif not self._is_gone(access):
            self._tell_internal(access, name_of(outermost))
            return False
        return True

    def _import_from(self, node: cst.ImportFrom) -> None:
        if isinstance(node.names, cst.ImportStar):
            names = [cst.ImportAlias(cst.Name(name)) for name in sorted(_PUBLIC)]
            self._change_from(node, names, [])
            return
        here: list[cst.ImportAlias] = []
        there: list[cst.ImportAlias] = []
        for alias in node.names:
            name = name_of(alias.name)
            if name in _PUBLIC:
                here.append(alias)
            elif not self._internal(node, alias, name):
                there.append(alias)
        self._change_from(node, here, there)

    def _internal(
        self, node: cst.ImportFrom, alias: cst.ImportAlias, name: str
    ) -> bool:
        """Say whether a name from inside of Flask-CORS is not needed any more."""
        local = name_of(alias.asname.name) if alias.asname else name
        uses = [use for use in self._uses(local, node) if not self._is_gone(use)]
        if name in _CONSTANTS:
            for use in uses:
                self._edits.add(self._edits.replacement(use, _CONSTANTS[name]))
            return True
        if name in _READERS:
            uses = [use for use in uses if not self._drop_options(use)]
        for use in uses:
            self._tell_internal(use, name)
        return not uses and name in _SETTERS | _READERS

    def _drop_options(self, use: cst.CSTNode) -> bool:
        """Take out ``options = get_cors_options(app)``, if nothing needs it now."""
        call = self._source.parents.get(use)
        statement = self._source.parents.get(call)
        line = self._source.parents.get(statement)
        if not isinstance(statement, cst.Assign) or not isinstance(
            line, cst.SimpleStatementLine
        ):
            return False
        name = name_of(statement.targets[0].target)
        if not name or not all(map(self._is_gone, self._uses(name, statement))):
            return False
        self._edits.removed.add(line)
        return True

    def _tell_internal(self, node: cst.CSTNode, name: str) -> None:
        message = f"{name} is a name inside Flask-CORS, and has no counterpart."
        fix = "Flask-CORS stays imported for it. What is it used for?"
        self._tell(node, Note("internal-name", message, fix))

    def _change_from(
        self,
        node: cst.ImportFrom,
        here: list[cst.ImportAlias],
        there: list[cst.ImportAlias],
    ) -> None:
        if there:
            self._edits.change(node, "there", lambda old: _importing(old, there))
            if here:
                line = self._source.parents.get(node)
                new = cst.SimpleStatementLine([_importing(_moved(node), here)])
                self._edits.change(
                    line, "split", lambda old: cst.FlattenSentinel([new, old])
                )
        elif here:
            self._edits.change(
                node,
                "here",
                lambda old: (
                    _importing(_moved(old), here)
                    if isinstance(node.names, cst.ImportStar)
                    or len(here) != len(node.names)
                    else _moved(old)
                ),
            )
        else:
            self._edits.removed.add(self._source.parents.get(node))

    def _uses(self, name: str, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield where a name is used that *node* binds."""
        scope = self._source.scopes.get(node)
        for assignment in scope[name] if scope is not None else ():
            for access in assignment.references:
                yield access.node

    def _is_gone(self, node: cst.CSTNode | None) -> bool:
        while node is not None:
            if node in self._gone:
                return True
            node = self._source.parents.get(node)
        return False


def _moved(node: cst.ImportFrom) -> cst.ImportFrom:
    return node.with_changes(module=cst.Name(PACKAGE))


def _importing(node: cst.ImportFrom, names: list[cst.ImportAlias]) -> cst.ImportFrom:
    """Return *node* with some names only."""
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    new = [name.with_changes(comma=comma) for name in names[:-1]]
    last = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    if node.lpar is not None and not isinstance(node.names, cst.ImportStar):
        kept = node.names[-1].comma
        last = names[-1].with_changes(comma=kept)
        new = [
            name
            if isinstance(name.comma, cst.Comma)
            else name.with_changes(comma=comma)
            for name in names[:-1]
        ]
    return node.with_changes(names=[*new, last])
