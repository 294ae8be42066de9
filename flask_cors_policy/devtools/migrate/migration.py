"""The migration of a project: it is read, then planned, then each module is changed."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from itertools import takewhile
from typing import Any, NamedTuple

import libcst as cst

from .app_options import Surroundings
from .applications import CannotRewrite, plan_application
from .configuration import rewrite_keys
from .edits import ConflictError, Edits
from .files import TextFile
from .imports import PACKAGE, ImportRewriter
from .marks import plan_blueprint, plan_decorator
from .notes import Note
from .options import LEFT_OUT, Unknown
from .policies import allows_nobody
from .project import Finding, Module, Project, Skipped
from .repeated import plan_repeated
from .sites import Site
from .writing import SharedError, Writing


class Changed(NamedTuple):
    """A module, and what its text becomes."""

    file: TextFile
    text: str

    def diff(self) -> str:
        """Return the change as a unified diff, with paths from the current folder."""
        name = os.path.relpath(self.file.path).replace(os.sep, "/")
        lines = difflib.unified_diff(
            self.file.text.splitlines(keepends=True),
            self.text.splitlines(keepends=True),
            f"a/{name}",
            f"b/{name}",
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in lines
        )


class Migration(NamedTuple):
    """Changes and notes for a project.

    :ivar findings: the most dangerous first.
    :ivar skipped: more may be added when the files are written.
    """

    changed: list[Changed]
    findings: list[Finding]
    skipped: list[Skipped]


def migrate(paths: Iterable[str]) -> Migration:
    """Return the changes and notes for the files under *paths*.

    Nothing is written, and nothing of the project is imported.

    :raises UnreadableError: if there is no such path.
    """
    project = Project()
    project.read(paths)
    if any(project.sites):
        _plan(project)
    changed = [each for each in map(_Finishing(project), project.modules) if each]
    return Migration(changed, project.findings, project.skipped)


def _plan(project: Project) -> None:
    """Plan every site: what is inherited before what inherits it."""
    around, around_marks = Surroundings(), Surroundings()
    rewrite_keys(project, around, around_marks)
    around_marks.outer = around.outer
    around.by_hand = project.by_hand
    for each in (around, around_marks):
        each.paths = project.routes.paths()
        each.methods = project.routes.methods
        each.constructors = project.constructors
    for module in project.modules:
        project.tell(module.file.path, list(plan_repeated(module.source, module.sites)))
    for kind in ("constructor", "app", "blueprint", "decorator"):
        for module, site in list(project.sites):
            if site.kind == kind:
                surroundings = around_marks if kind == "decorator" else around
                _plan_site(project, module, site, surroundings)


def _plan_site(
    project: Project, module: Module, site: Site, around: Surroundings
) -> None:
    writing = Writing(site)
    try:
        if site.kind == "constructor":
            _plan_constructor(writing)
        elif site.kind == "app":
            plan_application(writing, around)
        elif site.kind == "blueprint":
            name = site.target.rpartition(".")[2]
            plan_blueprint(writing, around, project.routes.prefixes(name))
        else:
            plan_decorator(writing, around)
        writing.commit()
    except (SharedError, ConflictError):
        why = "The options are shared with other code, which needs others."
    except (CannotRewrite, ValueError) as error:
        why = str(error) if str(error)[-1:] in ".?]" else f"{error}."
    else:
        for path, line, note in writing.told:
            project.tell(path, [(line, note)])
        return
    note = Note("not-rewritten", f"{why} Only the import is changed.")
    project.tell(module.file.path, [(site.line, note)])
    if site.kind == "app":
        unknown: dict[str, Any] = dict.fromkeys(
            ("origins", "allow_headers"), Unknown("?")
        )
        around.outer.append(unknown)


def _plan_constructor(writing: Writing) -> None:
    """Plan an extension that several applications share."""
    for option_source in writing.site.sources:
        if allows_nobody(writing.translate(option_source)):
            writing.set_option([option_source], "origins", LEFT_OUT)


class _Finishing:
    """Changes modules, when everything is planned."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def __call__(self, module: Module) -> Changed | None:
        """Return the changed module, ``None`` if nothing changes."""
        source, path = module.source, module.file.path
        rewriter = ImportRewriter(source)
        source.module.visit(rewriter)
        rewriter.finish()
        self._project.tell(path, rewriter.told)
        new = _with_imports(source.edits.apply(source.module), source.edits)
        return None if new.code == module.file.text else Changed(module.file, new.code)


def _with_imports(module: cst.Module, edits: Edits) -> cst.Module:
    """Add the imports that new code needs, unless they are there."""
    small = [
        node
        for statement in module.body
        if isinstance(statement, cst.SimpleStatementLine)
        for node in statement.body
    ]
    present = {
        alias.evaluated_name
        for node in small
        if isinstance(node, cst.Import)
        for alias in node.names
        if alias.asname is None
    }
    needed = sorted(edits.imports - present)
    if not needed:
        return module
    new = [cst.SimpleStatementLine([_import(name)]) for name in needed]
    body: list[Any] = list(module.body)
    place = len(list(takewhile(_is_opening, body)))
    return module.with_changes(body=[*body[:place], *new, *body[place:]])


def _import(name: str) -> cst.Import | cst.ImportFrom:
    alias = cst.ImportAlias(cst.Name(name))
    if name == "cors_exempt":
        return cst.ImportFrom(cst.Name(PACKAGE), [alias])
    return cst.Import([alias])


def _is_opening(statement: cst.CSTNode) -> bool:
    """Say whether *statement* has to come first: the docstring, and ``__future__``."""
    match statement:
        case cst.SimpleStatementLine(
            [
                cst.Expr(cst.SimpleString())
                | cst.ImportFrom(module=cst.Name("__future__"))
            ]
        ):
            return True
    return False
