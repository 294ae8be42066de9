"""Regular expressions as people write them for origins and paths: read, not run.

Only ever used where a policy is checked. The reader knows the part of the syntax that
such expressions have; of an expression with anything else (a look-around, a back
reference) it says nothing.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

SOME: Final = "\0"
"""Stands in an expanded text for whatever a class of characters matches."""

_MAX_LENGTH: Final = 500
_MAX_TEXTS: Final = 48

_ANCHOR = re.compile(r"[\^$]|\\[AbZ]")
_GROUP = re.compile(r"\((?:\?:|\?P<\w+>|(?!\?))")
_CLASS = re.compile(r"\\[dDsSwW]|\.|\[\^?\]?(?:[^\]\\]|\\.)*\]")
_FEW = re.compile(r"\[\w{1,6}\]")
_CHARACTER = re.compile(r"\\([^0-9A-Za-z])|([^\\()\[\]*+?{|])")
_QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d*)(,?)(\d*)\})[?+]?")


class Piece(NamedTuple):
    """A piece of an expression, and how often it may stand there.

    :param text: a character, or the source of a class: ``[a-z]``, ``\\d``, ``.``.
    :param is_class: whether it is a class.
    :param group: the branches of a group; then *text* is empty.
    :param most: ``None`` where there is no limit.
    """

    text: str
    is_class: bool = False
    group: tuple[tuple[Piece, ...], ...] = ()
    least: int = 1
    most: int | None = 1

    @property
    def is_dot(self) -> bool:
        """Whether this is a dot that was not escaped, and stands there once."""
        return self.text == "." and self.is_class and (self.least, self.most) == (1, 1)

    def matches(self, character: str) -> bool:
        """Say whether this, once, is *character*."""
        if self.is_class:
            return re.fullmatch(self.text, character) is not None
        return self.text == character


Branches = tuple[tuple[Piece, ...], ...]
"""The alternatives of an expression, or of a group in it."""


class _UnknownSyntax(Exception):
    pass


def read(text: str) -> Branches:
    """Return the branches of the expression *text*; none if it cannot be read."""
    try:
        return _Reader(text).read()
    except _UnknownSyntax:
        return ()


class _Reader:
    def __init__(self, text: str) -> None:
        # Flags for the whole expression change nothing here.
        self._rest = re.sub(r"^\(\?[aimsu]+\)", "", text)

    def read(self) -> Branches:
        if len(self._rest) > _MAX_LENGTH:
            raise _UnknownSyntax
        branches = self._branches()
        if self._rest:  # A parenthesis that closes nothing.
            raise _UnknownSyntax
        return branches

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._rest)
        if found is not None:
            self._rest = self._rest[found.end() :]
        return found

    def _branches(self) -> Branches:
        branches = [self._sequence()]
        while self._rest.startswith("|"):
            self._rest = self._rest[1:]
            branches.append(self._sequence())
        return tuple(branches)

    def _sequence(self) -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        while self._rest and self._rest[0] not in "|)":
            if not self._take(_ANCHOR):
                pieces.append(self._repeated(self._piece()))
        return tuple(pieces)

    def _piece(self) -> Piece:
        if self._take(_GROUP):
            group = self._branches()
            if not self._rest.startswith(")"):
                raise _UnknownSyntax
            self._rest = self._rest[1:]
            return Piece("", group=group)
        found = self._take(_CLASS)
        if found:
            return Piece(found[0], is_class=True)
        found = self._take(_CHARACTER)
        if not found:
            raise _UnknownSyntax
        return Piece(found[1] or found[2])

    def _repeated(self, piece: Piece) -> Piece:
        found = self._take(_QUANTIFIER)
        if not found:
            return piece
        sign, low, comma, high = found.groups()
        if sign:
            least, most = (1 if sign == "+" else 0), (1 if sign == "?" else None)
            return piece._replace(least=least, most=most)
        high = high if comma else low
        return piece._replace(least=int(low or 0), most=int(high) if high else None)


def expand(text: str) -> list[str]:
    """Return what the expression *text* was meant to match, one for each alternative.

    A dot that was not escaped stands for itself, and ``SOME`` for what any other class
    of characters matches.

    :return: nothing if that cannot be said, or is too much.
    """
    try:
        texts = _texts(read(text))
    except _UnknownSyntax:
        return []
    return list(dict.fromkeys(re.sub(f"{SOME}+", SOME, each) for each in texts))


def _texts(branches: Branches) -> list[str]:
    found: list[str] = []
    for sequence in branches:
        texts = [""]
        for piece in sequence:
            texts = [text + more for text in texts for more in _piece_texts(piece)]
            if len(texts) > _MAX_TEXTS:
                raise _UnknownSyntax
        found += texts
    return found


def _piece_texts(piece: Piece) -> list[str]:
    if _FEW.fullmatch(piece.text) and piece.most == 1:
        texts, optional = list(piece.text[1:-1]), True
    elif piece.is_class:
        texts = ["." if piece.is_dot else SOME]
        optional = piece.most == 1  # ".*" is meant to match something.
    else:
        texts = _texts(piece.group) if piece.group else [piece.text]
        optional = True
        # Labels may repeat: "*." stands for any number of them.
        labels = all({SOME} <= {*text} <= {SOME, "."} for text in texts)
        if piece.most != 1 and not labels:
            raise _UnknownSyntax
    return [*texts, ""] if optional and not piece.least else texts
