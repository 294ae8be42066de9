"""Reads literals of JavaScript: what a call of ``fetch`` usually holds.

There is no engine behind this and nothing is run. An expression whose value is known
only once a program runs is :class:`Unread`, with its source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from .request import PastedError

DEEPEST: Final = 50
"""How deep values may be nested."""

_TOKEN: Final = re.compile(
    r"""
    (?P<blank>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>-?(?:0[xX][0-9a-fA-F]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d+)?))
    |(?P<name>[\w$][\w$]*)
    |(?P<mark>\.\.\.|=>|[^\w\s])
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN: Final = {"(": ")", "[": "]", "{": "}"}
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|(\r\n|.))",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Unread:
    """An expression whose value is not known here.

    :param source: the expression, in one line.
    """

    source: str


@dataclass(frozen=True, slots=True)
class Made:
    """What a constructor or ``JSON.stringify`` makes.

    :param name: of what was called: ``JSON.stringify``, ``new Headers``.
    :param arguments: their values.
    """

    name: str
    arguments: tuple[Any, ...]


class Token(NamedTuple):
    """A token, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


_END: Final = Token("end", "", 0, 0)
_CONSTANTS: Final = {"true": True, "false": False, "null": None, "undefined": None}
_MAKERS: Final = frozenset(
    {
        "JSON.stringify",
        "new Headers",
        "new Request",
        "new URL",
        "new URLSearchParams",
        "new FormData",
        "Object.entries",
        "Object.fromEntries",
    }
)


def tokens(source: str) -> list[Token]:
    """Return the tokens of *source*, without blanks and comments.

    :raises PastedError: where a text in quotes does not end.
    """
    found: list[Token] = []
    at = 0
    while at < len(source):
        if source[at] == "`":
            end = _template_end(source, at)
            found.append(Token("template", source[at:end], at, end))
            at = end
            continue
        match = _TOKEN.match(source, at)
        assert match is not None  # Whatever it is, it is a mark.
        kind = match.lastgroup or ""
        if kind == "mark" and match[0] in "\"'":
            line = source.count("\n", 0, at) + 1
            raise PastedError(f"Line {line}: a text in quotes does not end.")
        if kind != "blank":
            found.append(Token(kind, match[0], at, match.end()))
        at = match.end()
    return found


def _template_end(source: str, start: int) -> int:
    """Return where the template that begins at *start* ends, nested ones and all."""
    stack = ["`"]
    at = start + 1
    while at < len(source) and stack:
        character = source[at]
        if character == "\\":
            at += 1
        elif stack[-1] == "`" and source.startswith("${", at):
            stack.append("{")
            at += 1
        elif character == "`":
            if stack[-1] == "`":
                stack.pop()
            else:
                stack.append("`")
        elif stack[-1] == "{" and character in "{}":
            if character == "{":
                stack.append("{")
            else:
                stack.pop()
        at += 1
    if stack:
        line = source.count("\n", 0, start) + 1
        raise PastedError(f"Line {line}: a text in backquotes does not end.")
    return at


class Reader:
    """Reads values, one after another.

    :param source: the text.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = tokens(source)
        self._at = 0

    def find(self, name: str) -> bool:
        """Go behind the first ``name(``; say whether there is one."""
        for at, token in enumerate(self._tokens):
            opens = self._tokens[at + 1 : at + 2]
            called = bool(opens) and opens[0].text == "("
            # "function fetch(" defines a function; "window.fetch(" calls it.
            before = self._tokens[at - 1].text if at else ""
            if token.kind == "name" and token.text == name and called:
                if before != "function":
                    self._at = at + 2
                    return True
        return False

    def arguments(self) -> tuple[Any, ...]:
        """Return the arguments of a call whose parenthesis was just opened.

        :raises PastedError: where it does not end.
        """
        return tuple(self._items(")", 0))

    def _items(self, closing: str, depth: int) -> list[Any]:
        items: list[Any] = []
        while self._peek().text != closing:
            items.append(self._value(depth + 1))
            self._separate(closing)
        self._next()
        return items

    def _separate(self, closing: str) -> None:
        token = self._peek()
        if token.text == ",":
            self._next()
        elif token.text != closing:
            raise self._unexpected(token, closing)

    def _value(self, depth: int) -> Any:
        """Read one expression, up to what ends it."""
        if depth > DEEPEST:
            raise PastedError(f"This is nested more than {DEEPEST} deep.")
        start = self._at
        value = self._sum(depth)
        if self._peek().text in (",", ")", "]", "}") and not isinstance(value, Unread):
            return value
        self._at = start
        return self._skipped()

    def _sum(self, depth: int) -> Any:
        value: Any = self._primary(depth)
        while self._peek().text == "+":
            self._next()
            other = self._primary(depth)
            if isinstance(value, str) and isinstance(other, str):
                value += other
            else:
                value = Unread("")
        return value

    def _primary(self, depth: int) -> Any:
        token = self._next()
        if token.kind == "string":
            return unquoted(token.text)
        if token.kind == "template":
            text = token.text[1:-1]
            return Unread(token.text) if "${" in text else _unescaped(text)
        if token.kind == "number":
            return _number(token.text)
        if token.text == "{":
            return self._object(depth)
        if token.text == "[":
            return self._items("]", depth)
        if token.kind == "name":
            return self._named(token.text, depth)
        return Unread(token.text)

    def _named(self, name: str, depth: int) -> Any:
        """Read what begins with a name: a constant, or a call that makes something."""
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name == "new":
            name = f"new {self._next().text}"
        while self._peek().text == ".":
            self._next()
            name = f"{name}.{self._next().text}"
        if name in _MAKERS and self._peek().text == "(":
            self._next()
            return Made(name, tuple(self._items(")", depth)))
        return Unread(name)

    def _object(self, depth: int) -> dict[str, Any]:
        """Read the members of an object; ``...`` stands for those that are spread."""
        found: dict[str, Any] = {}
        while self._peek().text != "}":
            name = self._next()
            if name.text == "...":
                found["..."] = self._skipped()
            elif name.kind == "string":
                found[unquoted(name.text)] = self._member(name, depth)
            elif name.kind in ("name", "number"):
                found[name.text] = self._member(name, depth)
            elif name.text == "[":
                raise self._unexpected(name, "a name")
            else:
                raise self._unexpected(name, "}")
            self._separate("}")
        self._next()
        return found

    def _member(self, name: Token, depth: int) -> Any:
        token = self._peek()
        if token.text == ":":
            self._next()
            return self._value(depth + 1)
        if token.text == "(":  # A method.
            return self._skipped()
        return Unread(name.text)  # Shorthand: { body }

    def _skipped(self) -> Unread:
        """Go over an expression, brackets and all; return its source."""
        start = self._peek()
        closing: list[str] = []
        end = start.start
        while True:
            token = self._peek()
            if token.kind == "end":
                raise PastedError("This ends in the middle: copy all of it.")
            if not closing and token.text in (",", ")", "]", "}"):
                break
            if token.text in _OPEN:
                closing.append(_OPEN[token.text])
            elif closing and token.text == closing[-1]:
                closing.pop()
            end = self._next().end
        return Unread(" ".join(self._source[start.start : end].split()))

    def _peek(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _next(self) -> Token:
        token = self._peek()
        if token.kind == "end":
            raise PastedError("This ends in the middle: copy all of it.")
        self._at += 1
        return token

    def _unexpected(self, token: Token, wanted: str) -> PastedError:
        if token.kind == "end":
            return PastedError("This ends in the middle: copy all of it.")
        line = self._source.count("\n", 0, token.start) + 1
        return PastedError(
            f"Line {line}: {token.text[:40]!r} stands where {wanted!r} is expected."
        )


def unquoted(text: str) -> str:
    """Return what a string in quotes stands for."""
    return _unescaped(text[1:-1])


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    character = match[4]
    if character in ("\n", "\r\n"):
        return ""
    return _ESCAPES.get(character, "\0" if character == "0" else character)


def _number(text: str) -> int | float:
    digits = text.replace("_", "")
    if digits.lower().lstrip("-").startswith("0x"):
        return int(digits, 16)
    try:
        return int(digits)
    except ValueError:
        return float(digits)
