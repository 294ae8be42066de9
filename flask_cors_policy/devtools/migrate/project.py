"""The files of a project, read: its modules, its routes, and where it uses CORS.

The options of one place depend on those of others: a decorator inherits, a key of the
configuration is read elsewhere. So nothing is planned before all modules are read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import libcst as cst

from .by_hand import options_by_hand
from .constants import Constants
from .elsewhere import (
    dependency_notes,
    is_dependency_file,
    notebook_notes,
    source_notes,
)
from .files import TextFile, UnreadableError, find_files, read_text
from .notes import Note
from .routes import Routes, imported_names
from .sites import Site, SiteReader
from .source import Source, is_package, walk
from .values import name_of

TOO_DEEP: Final = "cannot be parsed: it is nested too deeply"
_RELEVANT: Final = re.compile(
    r"flask[._]cors|flask\.ext|cors|init_app|cross_origin", re.IGNORECASE
)


class Finding(NamedTuple):
    """A note, and where it belongs."""

    path: str
    line: int
    note: Note


class Skipped(NamedTuple):
    """A file that was left as it is, and why."""

    path: str
    reason: str


@dataclass
class Module:
    """A module that may use Flask-CORS, and where it does."""

    file: TextFile
    source: Source
    sites: list[Site] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The last part of the module's name."""
        return module_name(self.file.path)


class Project:
    """What was read, and what there is to tell about it.

    :ivar constructors: the extensions that several applications share, by name.
    """

    def __init__(self) -> None:
        self.modules: list[Module] = []
        self.routes = Routes()
        self.constants = Constants()
        self.constructors: dict[str, Site] = {}
        self._by_hand: list[dict[str, Any]] = []
        self.skipped: list[Skipped] = []
        self._findings: dict[Finding, None] = {}
        self._imported: set[str] = set()

    @property
    def findings(self) -> list[Finding]:
        """What there is to tell, the most dangerous first."""
        return sorted(
            self._findings, key=lambda each: (each.note.rank, each.path, each.line)
        )

    @property
    def sites(self) -> Iterator[tuple[Module, Site]]:
        """Every place that configures Flask-CORS, with its module."""
        for module in self.modules:
            for site in module.sites:
                yield module, site

    @property
    def by_hand(self) -> dict[str, Any]:
        """The options that the only ``after_request`` function with a policy has."""
        return self._by_hand[0] if len(self._by_hand) == 1 else {}

    def tell(self, path: str, told: Iterable[tuple[int, Note]]) -> None:
        """Add notes about a file, each with its line."""
        for line, note in told:
            self._findings[Finding(path, line, note)] = None

    def skip(self, path: str, reason: str) -> None:
        """Note that a file stays as it is."""
        self.skipped.append(Skipped(path, reason))

    def read(self, paths: Iterable[str]) -> None:
        """Read the files under *paths*.

        :raises UnreadableError: if there is no such path.
        """
        for path in find_files(paths):
            if path.endswith(".py"):
                self._read_module(path)
            if path.endswith(".ipynb"):
                self._read_text(path, notebook_notes)
            if is_dependency_file(path):
                self._read_text(path, dependency_notes)
        self._find_sites()
        self._join_constructors()

    def _read_text(
        self, path: str, notes: Callable[[str], Iterator[tuple[int, Note]]]
    ) -> None:
        try:
            text = Path(path).read_text("utf-8", errors="replace")
        except OSError as error:
            self.skip(path, f"cannot be read: {error.strerror}")
        else:
            self.tell(path, notes(text))

    def _read_module(self, path: str) -> None:
        try:
            file = read_text(path)
        except UnreadableError as error:
            self.skip(path, str(error))
            return
        try:
            tree = _parsed(file.text)
        except RecursionError:
            self.skip(path, TOO_DEEP)
            return
        if tree is not None:
            self.routes.add(tree)
            self._imported.update(imported_names(tree))
            self.constants.add(module_name(path), tree)
            self.tell(path, source_notes(tree))
            self._by_hand += options_by_hand(tree)
            if not _RELEVANT.search(file.text):
                return
        try:
            # libcst reads the syntax of other versions of Python, too.
            source = Source(path, cst.parse_module(file.text), self.constants)
        except cst.ParserSyntaxError as error:
            self.skip(path, f"cannot be parsed: line {error.raw_line}")
        except RecursionError:
            self.skip(path, TOO_DEEP)
        else:
            self.modules.append(Module(file, source))

    def _find_sites(self) -> None:
        exports = {
            f"{module.name}.{name}": meaning
            for module in self.modules
            for name, meaning in _exports(module.source.module)
        }
        instances: set[str] = set()
        for _ in range(2):  # The names of extensions have to be known first.
            for module in self.modules:
                reader = SiteReader(
                    module.source, exports, instances, self.routes.blueprints
                )
                module.source.module.visit(reader)
                module.sites = reader.sites
            instances = {site.instance for _, site in self.sites if site.instance}
        for module in self.modules:
            module.source.exported = frozenset(self._imported)

    def _join_constructors(self) -> None:
        """Join the options of an extension to those of its only ``init_app``."""
        made = [pair for pair in self.sites if pair[1].kind == "constructor"]
        for module, constructor in made:
            used = [
                site
                for _, site in self.sites
                if site.kind == "app" and site.instance == constructor.instance != ""
            ]
            if len(used) == 1 and not constructor.unread:
                used[0].sources[:0] = constructor.sources
                module.sites.remove(constructor)
            elif constructor.instance:
                self.constructors[constructor.instance] = constructor


def module_name(path: str) -> str:
    """Return the last part of the name of the module in a file."""
    file = Path(path)
    return file.resolve().parent.name if file.stem == "__init__" else file.stem


def _parsed(text: str) -> ast.AST | None:
    """Return the syntax tree, ``None`` if this version of Python cannot parse it.

    :raises RecursionError: if it is nested too deeply. libcst would crash.
    """
    try:
        return ast.parse(text)
    except MemoryError:
        raise RecursionError from None
    except (SyntaxError, ValueError) as error:  # ValueError: a null character.
        if "too many nested" in str(error):
            raise RecursionError from None
        return None


def _exports(module: cst.Module) -> Iterator[tuple[str, str]]:
    """Yield the names that a module imports from Flask-CORS, and what they mean."""
    for node in walk(module):
        match node:
            case cst.ImportFrom(cst.Attribute() | cst.Name() as package, [*aliases]):
                for alias in aliases if is_package(name_of(package)) else ():
                    name = name_of(alias.name)
                    if name in ("CORS", "cross_origin"):
                        yield alias.evaluated_alias or name, name
