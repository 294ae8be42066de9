"""Where a module configures Flask-CORS: calls, decorators, and the options of each."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import libcst as cst

from .routes import route_methods
from .source import Source, is_package
from .values import Evaluated, name_of

_ROUTES: Final = frozenset({"route", "get", "post", "put", "patch", "delete"})


class Option(NamedTuple):
    """An option that is written somewhere.

    :ivar value: its value; ``node`` is the literal, where names were followed.
    :ivar written: the expression that stands beside the option's name.
    :ivar position: of the argument, or of the element of the dict.
    """

    name: str
    value: Evaluated
    written: cst.BaseExpression
    position: int


@dataclass
class OptionSource:
    """Options that are written in one call or one dict.

    :ivar source: the module that it is in.
    :ivar names: the names that led to the dict.
    """

    source: Source
    container: cst.Call | cst.Dict
    options: dict[str, Option]
    names: tuple[cst.BaseExpression, ...] = ()


@dataclass
class Site:
    """One call of ``CORS``, ``init_app`` or ``cross_origin``.

    :ivar kind: ``app``, ``blueprint``, ``constructor`` or ``decorator``.
    :ivar target: the application or the blueprint, as text.
    :ivar sources: the options, those that win last.
    :ivar unread: options that cannot be read, as ``**options``.
    :ivar instance: the name that the extension is assigned to.
    :ivar methods: those of the decorated view; empty if they are unknown.
    :ivar without_effect: whether Flask has registered the view before the decorator.
    :ivar of_class: whether a method of a class is decorated, or all of its methods.
    """

    kind: str
    source: Source
    call: cst.Call
    line: int
    target: str = ""
    sources: list[OptionSource] = field(default_factory=list)
    unread: str = ""
    instance: str = ""
    methods: set[str] = field(default_factory=set)
    without_effect: bool = False
    of_class: bool = False

    def option(self, name: str) -> tuple[OptionSource, Option] | None:
        """Return an option and where it is written; the last option_source wins."""
        for option_source in reversed(self.sources):
            if name in option_source.options:
                return option_source, option_source.options[name]
        return None

    def values(self) -> dict[str, Any]:
        """Return the options and their values."""
        return {
            name: option.value.value
            for option_source in self.sources
            for name, option in option_source.options.items()
        }


class SiteReader(cst.CSTVisitor):
    """Finds the sites of one module.

    :param exports: qualified name in other modules -> ``CORS`` or ``cross_origin``.
    :param instances: names that extensions are assigned to, anywhere.
    :param blueprints: names that blueprints are assigned to, anywhere.
    """

    def __init__(
        self,
        source: Source,
        exports: dict[str, str],
        instances: set[str],
        blueprints: set[str],
    ) -> None:
        self._source = source
        self._exports = exports
        self._instances = instances
        self._blueprints = blueprints
        self.sites: list[Site] = []

    def visit_Call(self, node: cst.Call) -> None:
        """Look at one call."""
        kind = self.called(node)
        if kind == "CORS":
            self._extension(node)
        elif kind == "init_app":
            self._init_app(node)
        elif kind == "cross_origin":
            self.sites.append(self._decorator(node))

    def called(self, node: cst.Call) -> str:
        """Return ``CORS``, ``cross_origin``, ``init_app``, or ``""``."""
        if isinstance(node.func, cst.Call):
            return ""  # What a call returns: cross_origin(...)(view).
        for name in self._source.qualified(node.func):
            if is_package(name) and name.endswith((".CORS", ".cross_origin")):
                return name.rpartition(".")[2]
            if exported(name, self._exports):
                return exported(name, self._exports)
        if self._source.has_star and name_of(node.func) in ("CORS", "cross_origin"):
            return name_of(node.func)
        if isinstance(node.func, cst.Attribute) and node.func.attr.value == "init_app":
            holder = node.func.value
            if isinstance(holder, cst.Call) and self.called(holder) == "CORS":
                return "init_app"
            if name_of(holder).rpartition(".")[2] in self._instances:
                return "init_app"
        return ""

    def _extension(self, node: cst.Call) -> None:
        app = _app_argument(node)
        site = self._site("constructor" if app is None else "app", node)
        parent = self._source.parents.get(node)
        if isinstance(parent, cst.Assign):
            site.instance = name_of(parent.targets[0].target)
        elif isinstance(parent, cst.AnnAssign):
            site.instance = name_of(parent.target)
        if app is not None:
            self._set_target(site, app)
        self.sites.append(site)

    def _init_app(self, node: cst.Call) -> None:
        app = _app_argument(node)
        if app is None or not isinstance(node.func, cst.Attribute):
            return
        site = self._site("app", node)
        site.instance = name_of(node.func.value).rpartition(".")[2]
        self._set_target(site, app)
        self.sites.append(site)

    def _set_target(self, site: Site, app: cst.BaseExpression) -> None:
        site.target = cst.Module([]).code_for_node(app)
        name = name_of(app).rpartition(".")[2]
        if name in self._blueprints or _sounds_like_blueprint(name):
            site.kind = "blueprint"

    def _decorator(self, node: cst.Call) -> Site:
        site = self._site("decorator", node)
        parent = self._source.parents.get(node)
        if not isinstance(parent, cst.Decorator):
            holder = self._source.enclosing(node, cst.ClassDef, cst.FunctionDef)
            site.of_class = isinstance(holder, cst.ClassDef)
            return site
        function = self._source.parents.get(parent)
        decorators = list(function.decorators)
        index = decorators.index(parent)
        site.methods = set().union(*map(_methods, decorators))
        site.without_effect = any(map(_methods, decorators[index + 1 :]))
        block = self._source.parents.get(function)
        owner = self._source.parents.get(block)
        if isinstance(owner, cst.ClassDef) and isinstance(function, cst.FunctionDef):
            site.of_class = True
            site.methods = {function.name.value.upper()}
        return site

    def _site(self, kind: str, node: cst.Call) -> Site:
        site = Site(kind, self._source, node, self._source.line(node))
        own = OptionSource(self._source, node, {})
        for index, argument in enumerate(node.args):
            if argument.star == "**":
                self._add_mapping(site, argument.value)
            elif argument.keyword is not None and argument.keyword.value != "app":
                name = argument.keyword.value
                value = self._source.evaluate(argument.value)
                own.options[name] = Option(name, value, argument.value, index)
        site.sources.append(own)
        return site

    def _add_mapping(self, site: Site, node: cst.BaseExpression) -> None:
        option_source = read_option_source(self._source, self._source.evaluate(node))
        if option_source is None:
            site.unread = cst.Module([]).code_for_node(node)
        else:
            site.sources.append(option_source)


def read_option_source(source: Source, found: Evaluated) -> OptionSource | None:
    """Return the options in a dict, ``None`` if it cannot be read."""
    node = found.node
    if isinstance(node, cst.Call) and name_of(node.func) == "dict":
        keywords = [argument.keyword for argument in node.args]
        if not all(keywords):
            return None
        pairs = [
            (word.value, argument.value)
            for word, argument in zip(keywords, node.args, strict=True)
            if word is not None
        ]
        option_source = OptionSource(source, node, {}, found.names)
    elif isinstance(node, cst.Dict):
        pairs = []
        for element in node.elements:
            if not isinstance(element, cst.DictElement):
                return None
            key = source.evaluate(element.key).value
            if not isinstance(key, str):
                return None
            pairs.append((key, element.value))
        option_source = OptionSource(source, node, {}, found.names)
    else:
        return None
    for index, (key, value) in enumerate(pairs):
        option_source.options[key] = Option(key, source.evaluate(value), value, index)
    return option_source


def exported(name: str, exports: dict[str, str]) -> str:
    """Return what a name of another module stands for, ``""`` if it is unknown.

    :param exports: ``module.name``, by the last part of the module's name.
    """
    module, _, last = name.rpartition(".")
    return exports.get(f"{module.rpartition('.')[2]}.{last}", "")


def _app_argument(node: cst.Call) -> cst.BaseExpression | None:
    for argument in node.args:
        if argument.keyword is None and not argument.star:
            return argument.value
        if argument.keyword is not None and argument.keyword.value == "app":
            return argument.value
    return None


def _sounds_like_blueprint(name: str) -> bool:
    words = name.lower().split("_")
    return "bp" in words or "blueprint" in words or name.lower().endswith("blueprint")


def _methods(decorator: cst.Decorator) -> set[str]:
    """Return the methods of a route that *decorator* makes, or nothing."""
    call = decorator.decorator
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return set()
    called = call.func.attr.value
    if called not in _ROUTES:
        return set()
    parsed = ast.parse(cst.Module([]).code_for_node(call).strip(), mode="eval").body
    return route_methods(called, getattr(parsed, "keywords", ()))
