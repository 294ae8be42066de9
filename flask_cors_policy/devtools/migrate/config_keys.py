"""``CORS_*`` keys in the configuration of an application.

Flask-CORS reads the keys of its options and ignores every other; this library refuses
a key that it does not know. So keys of the application's own get another name, in all
modules at once; names of environment variables stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import libcst as cst

from ..flask_cors_options import CONFIG_KEYS
from .edits import Edits
from .notes import Note
from .options import LEFT_OUT, Translated, Unknown, translate_option
from .sites import Site
from .source import Source
from .values import Evaluated, name_of

OWN_PREFIX: Final = "APP_"
"""What is written before a key of the application's own."""

_KEY: Final = re.compile(r"CORS_[A-Z0-9_]+")
_FILLING: Final = frozenset({"update", "from_mapping"})
_LOADING: Final = frozenset(
    {"from_envvar", "from_file", "from_json", "from_prefixed_env", "from_pyfile"}
)
_ENVIRONMENT: Final = re.compile(
    r"(^|\.)(environ|getenv|env|config)(\.|$)|getenv|environ"
)
_SETTINGS_FILE: Final = re.compile(r"config|settings", re.IGNORECASE)


_BRANCHES: Final = (cst.If, cst.Else, cst.For, cst.While, cst.Try, cst.Match)


@dataclass
class Key:
    """A place that sets a key.

    :ivar value: what it is set to.
    :ivar holder: the statement, or the call or dict with the key in it.
    :ivar index: of the argument or element in *holder*.
    :ivar target: the configuration, as text; empty in a class or a module.
    :ivar owner: the class that the key stands in.
    :ivar conditional: whether the key may be missing when the application runs.
    """

    name: str
    value: Evaluated
    node: cst.BaseExpression
    holder: cst.CSTNode
    index: int
    line: int
    target: str = ""
    owner: str = ""
    conditional: bool = False

    @property
    def option(self) -> str:
        """The option of Flask-CORS that the key is for, or ``""``."""
        return (
            self.name.removeprefix("CORS_").lower() if self.name in CONFIG_KEYS else ""
        )


class KeyReader(cst.CSTVisitor):
    """Finds where one module sets keys.

    :param path: of the module.
    :ivar loaded: the classes and modules that a configuration is loaded from, as text.
    :ivar loads_others: whether it is also loaded from what cannot be read here.
    :ivar bases: the classes that others derive from.
    """

    def __init__(self, source: Source, path: str) -> None:
        self._source = source
        self._is_settings_file = bool(_SETTINGS_FILE.search(path.rpartition("/")[2]))
        self.keys: list[Key] = []
        self.loaded: set[str] = set()
        self.loads_others = False
        self.bases: set[str] = set()

    def visit_Assign(self, node: cst.Assign) -> None:
        """``app.config["CORS_X"] = ...``, and ``CORS_X = ...`` in a class."""
        for target in node.targets:
            self._assigned(node, target.target, node.value)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        """``CORS_X: str = ...`` in a class."""
        if node.value is not None:
            self._assigned(node, node.target, node.value)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        """``class Production(Config)``: it has the keys of its base."""
        self.bases.update(name_of(base.value) for base in node.bases)

    def visit_Call(self, node: cst.Call) -> None:
        """``app.config.update(CORS_X=...)``, ``from_mapping(...)``."""
        if not isinstance(node.func, cst.Attribute):
            return
        called, holder = node.func.attr.value, name_of(node.func.value)
        if not holder.endswith("config"):
            return
        if called in _LOADING:
            self.loads_others = True
        if called == "from_object" and node.args:
            self.loaded.add(_loaded(node.args[0].value))
        if called in _FILLING:
            self._filled(node, holder)

    def _filled(self, node: cst.Call, holder: str) -> None:
        for index, argument in enumerate(node.args):
            if argument.keyword is not None:
                self._add(argument.keyword.value, argument.value, node, index, holder)
            elif isinstance(argument.value, cst.Dict):
                for place, element in enumerate(argument.value.elements):
                    if isinstance(element, cst.DictElement):
                        name = _text(element.key)
                        self._add(name, element.value, argument.value, place, holder)

    def _assigned(
        self, statement: cst.CSTNode, target: cst.CSTNode, value: cst.BaseExpression
    ) -> None:
        line = self._source.parents.get(statement)
        if isinstance(target, cst.Subscript):
            holder = name_of(target.value)
            if holder.endswith("config"):
                self._add(subscript(target), value, line, 0, holder)
        elif isinstance(target, cst.Name) and _KEY.fullmatch(target.value):
            owner = self._source.parents.get(self._source.parents.get(line))
            in_class = isinstance(owner, cst.ClassDef)
            at_top = isinstance(self._source.parents.get(line), cst.Module)
            if (in_class and not _reads_environment(owner)) or (
                at_top and self._is_settings_file
            ):
                self._add(target.value, value, line, 0, "")
                self.keys[-1].owner = owner.name.value if in_class else ""

    def _add(
        self,
        name: str,
        node: cst.BaseExpression,
        holder: cst.CSTNode,
        index: int,
        target: str,
    ) -> None:
        if _KEY.fullmatch(name):
            value = self._source.evaluate(node)
            line = self._source.line(node)
            key = Key(name, value, node, holder, index, line, target)
            branch = self._source.enclosing(node, *_BRANCHES, cst.FunctionDef)
            key.conditional = isinstance(branch, _BRANCHES)
            self.keys.append(key)


def is_late(key: Key, sites: Iterable[Site], source: Source) -> bool:
    """Say whether Flask-CORS has read the configuration before the key is set."""
    scope = source.enclosing(key.node, cst.FunctionDef, cst.Module)
    return any(
        site.kind == "app"
        and key.target in (f"{site.target}.config", "config")
        and site.line < key.line
        and source.enclosing(site.call, cst.FunctionDef, cst.Module) is scope
        for site in sites
    )


def rewrite_option(key: Key, edits: Edits, *, late: bool) -> tuple[Any, list[Note]]:
    """Rewrite a key that an option of Flask-CORS has; return the new value.

    :raises ValueError: if Flask-CORS does not start with it.
    """
    if late:
        message = f"{key.name} was set after CORS(app) had read it."
        remove_key(key, edits)
        return LEFT_OUT, [Note("value-ignored", message)]
    value = key.value.value
    if key.option == "resources":
        return value, []
    translated = (
        Translated(value)
        if isinstance(value, Unknown)
        else translate_option(key.option, value)
    )
    allows_nobody = key.option == "origins" and translated.value == []
    if translated.value is LEFT_OUT or allows_nobody:
        remove_key(key, edits)
    elif key.value.names and translated.value == value:
        edits.share(key.value.node, repr(value))
    elif translated.value is not value and translated.value != value:
        node = key.value.node
        # A name stays where it is assigned: the new value stands in the place of it.
        literal = isinstance(node, cst.List | cst.Tuple | cst.Set) and node is key.node
        if literal and translated.items is not None and translated.value:
            edits.add(edits.replaced_items(node, translated.items))
        else:
            edits.add(edits.replacement(key.node, translated.value))
    return translated.value, list(translated.notes)


def remove_key(key: Key, edits: Edits) -> None:
    """Take a key out."""
    if isinstance(key.holder, cst.Call | cst.Dict):
        edits.remove_item(key.holder, key.index)
    else:
        edits.removed.add(key.holder)


class Renaming(cst.CSTVisitor):
    """Renames keys of the application's own, wherever a module names them.

    :param names: the keys.
    :ivar found: the names that were found, each with its node.
    """

    def __init__(self, source: Source, names: frozenset[str]) -> None:
        self._source = source
        self._names = names
        self._edits = source.edits

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        """A key as text, unless it names a variable of the environment."""
        name = _text(node)
        if name in self._names and not self._names_environment(node):
            raw = node.raw_value.replace(name, OWN_PREFIX + name)
            new = f"{node.prefix}{node.quote}{raw}{node.quote}"
            self._edits.change(node, new, lambda old: old.with_changes(value=new))

    def visit_Name(self, node: cst.Name) -> None:
        """An attribute, a variable or a keyword."""
        if node.value in self._names:
            new = OWN_PREFIX + node.value
            self._edits.change(node, new, lambda old: old.with_changes(value=new))

    def _names_environment(self, node: cst.SimpleString) -> bool:
        holder = self._source.enclosing(node, cst.Call, cst.Subscript, cst.Dict)
        if isinstance(holder, cst.Subscript):
            return name_of(holder.value).endswith("environ")
        called = name_of(holder.func) if isinstance(holder, cst.Call) else ""
        return bool(_ENVIRONMENT.search(called)) and "app" not in called


def mentions(module: cst.Module, names: frozenset[str]) -> Iterator[str]:
    """Yield each mention of *names* in a module, as often as there is one."""
    counting = _Mentions(names)
    module.visit(counting)
    yield from counting.found


class _Mentions(cst.CSTVisitor):
    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self.found: list[str] = []

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        if _text(node) in self._names:
            self.found.append(_text(node))

    def visit_Name(self, node: cst.Name) -> None:
        if node.value in self._names:
            self.found.append(node.value)


def subscript(node: cst.Subscript) -> str:
    """Return the text between the brackets, or ``""``."""
    index = node.slice[0].slice
    return _text(index.value) if isinstance(index, cst.Index) else ""


def _text(node: cst.CSTNode) -> str:
    if isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str):
        return node.evaluated_value
    return ""


def _loaded(node: cst.BaseExpression) -> str:
    """Return the last part of the name of a class or module, ``""`` if unknown."""
    return (_text(node) or name_of(node)).rpartition(".")[2]


def _reads_environment(node: cst.ClassDef) -> bool:
    """Say whether a class takes its values from the environment, by their names."""
    return any("BaseSettings" in name_of(base.value) for base in node.bases)
