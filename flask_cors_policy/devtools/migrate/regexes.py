"""Regular expressions, read into the texts that they match.

``alternatives`` turns an expression into a few sequences of pieces: literal text, and
runs of characters of one set. Whatever cannot be written so (a look-ahead, a back
reference) cannot be read here.
"""

from __future__ import annotations

import re
import string
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Final, NamedTuple

# The standard library's own parser, which has no public name since Python 3.11.
_parser: Any = import_module(
    "re._parser" if sys.version_info >= (3, 11) else "sre_parse"
)

ALPHABET: Final = frozenset(map(chr, range(0x20, 0x7F)))
"""The characters that occur in origins and in the paths of rules."""
DIGITS: Final = frozenset("0123456789")
MOST_ALTERNATIVES: Final = 32
_WILD: Final = 85
"""A set of so many characters was meant as "any character", as ``[^/]`` is."""

_CATEGORIES: Final = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}


class Run(NamedTuple):
    """Characters of one set, so many in a row.

    :ivar most: ``None`` if there is no bound.
    """

    chars: frozenset[str]
    least: int
    most: int | None

    @property
    def is_wild(self) -> bool:
        """Whether any character will do, or almost any."""
        return len(self.chars) >= _WILD


Piece = str | Run


class Alternative(NamedTuple):
    """One sequence of pieces that an expression matches.

    :ivar ends: whether the match has to reach the end of the text.
    """

    pieces: tuple[Piece, ...]
    ends: bool

    @property
    def is_literal(self) -> bool:
        """Whether all the pieces are literal text."""
        return all(isinstance(piece, str) for piece in self.pieces)


def alternatives(pattern: re.Pattern[str]) -> list[Alternative] | None:
    """Return what *pattern* matches; ``None`` if that cannot be written so.

    Upper case is lower case if the pattern ignores case.
    """
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    flags = tree.state.flags
    if flags & (re.MULTILINE | re.ASCII | re.LOCALE):
        return None
    try:
        found = list(_Reader(bool(flags & re.IGNORECASE)).sequence(tree))
    except _Unreadable:
        return None
    return [Alternative(_merged(pieces), ends) for pieces, ends in found]


class NeverMatchedError(Exception):
    """No text of the kind that is matched has such characters."""


class _Unreadable(Exception):
    """The expression cannot be written as alternatives."""


_Found = tuple[tuple[Piece, ...], bool]


class _Reader:
    def __init__(self, ignore_case: bool) -> None:
        self._ignore_case = ignore_case

    def sequence(self, tree: Iterable[Any]) -> list[_Found]:
        """Return the alternatives of a sequence of nodes."""
        found: list[_Found] = [((), False)]
        for node in tree:
            options = list(self._node(*node))
            found = [
                _joined(before, after, str(node[0]))
                for before in found
                for after in options
            ]
            if len(found) > MOST_ALTERNATIVES:
                raise _Unreadable
        return found

    def _node(self, operation: Any, value: Any) -> Iterator[_Found]:
        name = str(operation)
        if name == "AT":
            yield (), self._ends(str(value))
        elif name == "BRANCH":
            for branch in value[1]:
                yield from self.sequence(branch)
        elif name == "SUBPATTERN":
            _, added, removed, inner = value
            if added or removed:
                raise _Unreadable
            yield from self.sequence(inner)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            yield from self._repeat(*value)
        elif name == "LITERAL":
            yield (self._literal(value),), False
        else:
            chars = self._set(name, value)
            if 1 < len(chars) <= 16:
                yield from (((char,), False) for char in sorted(chars))
            else:
                yield (Run(chars, 1, 1),), False

    def _ends(self, place: str) -> bool:
        if place in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
            return False
        if place in ("AT_END", "AT_END_STRING"):
            return True
        raise _Unreadable

    def _repeat(self, least: int, most: Any, tree: Any) -> Iterator[_Found]:
        bound = None if str(most) == "MAXREPEAT" else int(most)
        first: Any = tree[0] if len(tree) == 1 else ("", "")
        name, value = str(first[0]), first[1]
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            if name == "LITERAL":
                chars = frozenset(self._literal(value))
            else:
                chars = self._set(name, value)
            if (least, bound) == (0, 1) and len(chars) == 1:
                yield (), False
                yield tuple(chars), False
            else:
                yield (Run(chars, least, bound),), False
        elif bound == 1:
            if least == 0:
                yield (), False
            yield from self.sequence(tree)
        else:
            yield from self._labels(least, bound, list(self.sequence(tree)))

    def _labels(
        self, least: int, most: int | None, inner: list[_Found]
    ) -> Iterator[_Found]:
        """Read ``([a-z]+\\.)*``: the labels of a host, each with its dot."""
        match inner:
            case [((Run() as label, "."), False)] if (
                most is None and least <= 1 and label.least <= 1 and label.most is None
            ):
                if least == 0:
                    yield (), False
                yield (Run(label.chars | {"."}, 1, None), "."), False
            case _:
                raise _Unreadable

    def _literal(self, code: int) -> str:
        return chr(code).lower() if self._ignore_case else chr(code)

    def _set(self, name: str, value: Any) -> frozenset[str]:
        """Return the characters that a class stands for."""
        if name == "ANY":
            return ALPHABET
        if name == "NOT_LITERAL":
            return ALPHABET - {self._literal(value)}
        if name != "IN":
            raise _Unreadable
        chars: set[str] = set()
        negated = False
        for operation, argument in value:
            kind = str(operation)
            if kind == "NEGATE":
                negated = True
            elif kind == "LITERAL":
                chars.add(self._literal(argument))
            elif kind == "RANGE":
                low, high = argument
                chars.update(map(self._literal, range(low, min(high, 0x7F) + 1)))
            else:
                category = re.compile(_CATEGORIES[str(argument)])
                chars.update(filter(category.match, ALPHABET))
        return frozenset(ALPHABET - chars if negated else chars)


def _joined(before: _Found, after: _Found, name: str) -> _Found:
    """Return one alternative and what follows it; nothing follows an end."""
    (first, first_ends), (second, second_ends) = before, after
    if (first_ends and second) or (name == "AT" and not second_ends and first):
        raise _Unreadable
    return first + second, first_ends or second_ends


def _merged(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return *pieces* with literal text in as few pieces as can be."""
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if isinstance(piece, str) and isinstance(last, str):
            merged[-1] = last + piece
        else:
            merged.append(piece)
    return tuple(merged)


def run_code(run: Run, within: frozenset[str]) -> str:
    """Return *run* as an expression that matches characters of *within* only.

    :raises NeverMatchedError: if there are none.
    """
    chars = run.chars & within
    if not chars:
        raise NeverMatchedError
    letters = frozenset(string.ascii_lowercase)
    text = "a-z" if chars >= letters else ""
    text += "0-9" if chars >= DIGITS else ""
    others = chars - (letters if "a-z" in text else set())
    others -= DIGITS if "0-9" in text else set()
    text = f"[{text}{''.join(sorted(others - {'-'}))}{'-' * ('-' in others)}]"
    match run.least, run.most:
        case 0, None:
            return f"{text}*"
        case 1, None:
            return f"{text}+"
        case 1, 1:
            return text
        case least, most if least == most:
            return f"{text}{{{least}}}"
        case _:
            return f"{text}{{{run.least},{'' if run.most is None else run.most}}}"
