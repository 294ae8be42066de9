"""A policy as people have it: keyword arguments, config keys, or a piece of a program.

The text is parsed, never run: a link can hold it. What counts are calls of the
library's own names, ``CORS_*`` keys, and the literals that names stand for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ...core.settings import OPTIONS, Setting
from .literals import PolicyTextError, value_of

MOST: Final = 20_000
"""Characters of a text."""
PREFIX: Final = "CORS_"

APPLICATION: Final = "the application"
EXTENSION: Final = "CORS(app)"
DECORATOR: Final = "@cross_origin"
MIDDLEWARE: Final = "CORSMiddleware"

_EXAMPLE: Final = 'Write origins="https://app.example.com", as CORS(app) takes it.'
_ONE_POLICY: Final = (
    "The playground plays one URL. Write the options of the policy that applies there."
)


class PolicyPart(NamedTuple):
    """The options of one place.

    :param place: where it is, for people.
    :param options: option -> its setting.
    """

    place: str
    options: dict[str, Setting]


@dataclass(frozen=True, slots=True)
class WrittenPolicy:
    """The policy of a URL as it was written.

    :param parts: the places of its options, the outermost first; none where the text
        is empty, so that there is no policy.
    :param in_flask: whether Flask's routes say which methods there are.
    """

    parts: tuple[PolicyPart, ...] = ()
    in_flask: bool = True


def read_policy(text: str) -> WrittenPolicy:
    """Return the policy in *text*.

    :raises PolicyTextError: where there is none that can be read.
    """
    if len(text) > MOST:
        raise PolicyTextError(
            f"The policy is longer than {MOST} characters.", "Write a shorter one."
        )
    if not text.strip():
        return WrittenPolicy()
    reader = _Reader()
    keywords = _keywords(text)
    if keywords is not None:
        reader.call(EXTENSION, keywords)
    else:
        reader.program(_parsed(text))
    return reader.policy()


def _keywords(text: str) -> ast.Call | None:
    """Return *text* as a call, where it is keyword arguments and nothing else."""
    try:
        node = ast.parse(f"_(\n{text}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    match node:
        case ast.Call(func=ast.Name(), args=[], keywords=[_, _, *_]):
            return node
        # One alone is as well an assignment: "cors = CORS(app, ...)".
        case ast.Call(func=ast.Name(), args=[], keywords=[ast.keyword(arg=str(name))]):
            return node if name in OPTIONS else None
    return None


def _parsed(text: str) -> ast.Module:
    # A decorator may have been copied without its function.
    for more in ("", "\ndef view(): ..."):
        try:
            return ast.parse(text + more)
        except SyntaxError as error:
            found = error
        except (ValueError, RecursionError, MemoryError):
            raise PolicyTextError("This is not Python.", _EXAMPLE) from None
    line = min(found.lineno or 1, text.count("\n") + 1)
    raise PolicyTextError(f"Line {line} is not Python: {found.msg}.", _EXAMPLE)


@dataclass
class _Reader:
    """Collects what a text says about a policy."""

    names: dict[str, ast.expr] = field(default_factory=dict)
    config: dict[str, Setting] = field(default_factory=dict)
    calls: list[PolicyPart] = field(default_factory=list)
    mark: PolicyPart | None = None

    def policy(self) -> WrittenPolicy:
        """Return the policy that was found."""
        calls = self.calls
        if len(calls) > 1:
            raise PolicyTextError(f"There are {len(calls)} policies here.", _ONE_POLICY)
        if calls and calls[0].place == MIDDLEWARE:
            if self.mark is not None:
                raise PolicyTextError("There are two policies here.", _ONE_POLICY)
            return WrittenPolicy((calls[0],), in_flask=False)
        options = {**self.config, **(calls[0].options if calls else {})}
        if not calls and not options and self.mark is None:
            options = self._bare()
        parts = [PolicyPart(APPLICATION, options)] if options or calls else []
        if self.mark is not None:
            parts.append(self.mark)
        if not parts:
            raise PolicyTextError("There is no policy in this text.", _EXAMPLE)
        return WrittenPolicy(tuple(parts))

    def _bare(self) -> dict[str, Setting]:
        """Return options that are written as assignments: ``origins = [...]``."""
        return {
            name: self._setting(name, node, EXTENSION)
            for name, node in self.names.items()
            if name in OPTIONS
        }

    def program(self, module: ast.Module) -> None:
        """Read the statements of a program, in their order."""
        for statement in module.body:
            match statement:
                case ast.Assign(targets=[target], value=value):
                    self._assignment(target, value)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self._assignment(target, value)
                case ast.Expr(value=ast.Dict() as value):
                    self._mapping(value)
                case ast.Expr(value=ast.Call() as call):
                    self._called(call)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    for decorator in statement.decorator_list:
                        self._decorator(decorator)

    def call(self, place: str, call: ast.Call) -> None:
        """Read the keyword arguments of *call*."""
        named = place if place != MIDDLEWARE else ""
        options: dict[str, Setting] = {}
        for name, node in self._arguments(call):
            options[name] = self._setting(name, node, named)
        if place == DECORATOR:
            if self.mark is not None:
                raise PolicyTextError("There are two decorators here.", _ONE_POLICY)
            self.mark = PolicyPart(place, options)
        else:
            self.calls.append(PolicyPart(place, options))

    def _assignment(self, target: ast.expr, value: ast.expr) -> None:
        match target:
            case ast.Name(id=name) if name.startswith(PREFIX):
                self._key(name, value)
            case ast.Name(id=name):
                self.names[name] = value
                if isinstance(value, ast.Call):
                    self._called(value)
            case ast.Attribute(attr="wsgi_app") if isinstance(value, ast.Call):
                self._called(value)
            case ast.Subscript(slice=ast.Constant(value=str(name))):
                if name.startswith(PREFIX):
                    self._key(name, value)

    def _called(self, call: ast.Call) -> None:
        name = ast.unparse(call.func).rpartition(".")[2]
        if name in ("CORS", "init_app"):
            if call.keywords or call.args:
                self.call(EXTENSION, call)
        elif name in ("CORSMiddleware", "Policy"):
            inner = [each for each in call.args if isinstance(each, ast.Call)]
            for argument in inner:  # CORSMiddleware(app, Policy(...))
                self._called(argument)
            if not inner:
                self.call(MIDDLEWARE, call)
        elif name in ("update", "from_mapping"):
            self._updated(call)

    def _updated(self, call: ast.Call) -> None:
        """Read keys that are put into a configuration together."""
        for argument in call.args:
            if isinstance(argument, ast.Dict):
                self._mapping(argument)
        for keyword in call.keywords:
            if keyword.arg is not None and keyword.arg.startswith(PREFIX):
                self._key(keyword.arg, keyword.value)

    def _decorator(self, node: ast.expr) -> None:
        name = ast.unparse(node.func if isinstance(node, ast.Call) else node)
        if name.rpartition(".")[2] == "cors_exempt":
            raise PolicyTextError("@cors_exempt leaves no policy.", "Take it out.")
        if name.rpartition(".")[2] == "cross_origin":
            empty = ast.Call(func=node, args=[], keywords=[])
            self.call(DECORATOR, node if isinstance(node, ast.Call) else empty)

    def _mapping(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            match key:
                case ast.Constant(value=str(name)) if name.startswith(PREFIX):
                    self._key(name, value)

    def _key(self, name: str, value: ast.expr) -> None:
        option = name.removeprefix(PREFIX).lower()
        read = self._value(option, value, name)
        self.config[option] = Setting(read, name)

    def _arguments(self, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
        """Yield the keyword arguments of *call*, those of ``**{...}`` too."""
        for keyword in call.keywords:
            if keyword.arg is not None:
                yield keyword.arg, keyword.value
                continue
            node = keyword.value
            if isinstance(node, ast.Name):
                node = self.names.get(node.id, node)
            if not isinstance(node, ast.Dict):
                message = f"**{ast.unparse(node)[:60]} is known only once it runs."
                raise PolicyTextError(message, "Write the options out.")
            for key, value in zip(node.keys, node.values, strict=True):
                yield str(value_of(key or node, self.names, "")), value

    def _setting(self, option: str, node: ast.expr, place: str) -> Setting:
        name = f"{place}: {option}" if place else option
        return Setting(self._value(option, node, name), name)

    def _value(self, option: str, node: ast.expr, name: str) -> Any:
        if option in ("resources", "policies"):
            message = f"{name} holds policies; this page plays one."
            raise PolicyTextError(message, _ONE_POLICY, name)
        return value_of(node, self.names, name)
