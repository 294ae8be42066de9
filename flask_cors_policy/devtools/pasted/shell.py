"""Splits a command line into words: as a POSIX shell, bash, or Windows' cmd does."""

from __future__ import annotations

import re
from typing import Final

from .request import PastedError

_WINDOWS: Final = re.compile(r'\^"|\^\s*\r?\n')
_CARET: Final = re.compile(r"\^(\r?\n|.)", re.DOTALL)
_ANSI: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})"
    r"|([0-7]{1,3})|(.))",
    re.DOTALL,
)
_ANSI_NAMES: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "v": "\v",
}
OPERATORS: Final = ("&&", "||", "|", ";", "&")
"""What ends a command."""


def words(text: str) -> list[str]:
    """Return the words of the command line *text*.

    :raises PastedError: where quotes do not end.
    """
    if _WINDOWS.search(text):
        text = _CARET.sub(lambda found: "" if "\n" in found[1] else found[1], text)
        return _Words(text, single_quotes=False).read()
    return _Words(text).read()


class _Words:
    """A command line that is being split."""

    def __init__(self, text: str, single_quotes: bool = True) -> None:
        self._text = text
        self._single_quotes = single_quotes
        self._at = 0
        self._word: list[str] | None = None
        self._words: list[str] = []

    def read(self) -> list[str]:
        """Return the words."""
        text = self._text
        while self._at < len(text):
            character = text[self._at]
            if character.isspace():
                self._end()
                self._at += 1
            elif character == '"':
                self._add(self._double())
            elif self._single_quotes and character == "'":
                self._add(self._single())
            elif self._single_quotes and text.startswith("$'", self._at):
                self._at += 1
                self._add(self._ansi())
            elif self._single_quotes and character == "\\":
                self._escape()
            elif self._single_quotes and character in "|;&":
                self._operator()
            else:
                self._add(character)
                self._at += 1
        self._end()
        return self._words

    def _add(self, text: str) -> None:
        self._word = [*(self._word or ()), text]

    def _end(self) -> None:
        if self._word is not None:
            self._words.append("".join(self._word))
        self._word = None

    def _operator(self) -> None:
        self._end()
        found = next(
            mark for mark in OPERATORS if self._text.startswith(mark, self._at)
        )
        self._words.append(found)
        self._at += len(found)

    def _escape(self) -> None:
        following = self._text[self._at + 1 : self._at + 3]
        if following.startswith(("\n", "\r\n")):
            self._at += 2 + following.startswith("\r\n")
            return
        self._add(following[:1])
        self._at += 2

    def _until(self, pattern: str) -> str:
        """Return what is in quotes, which *pattern* matches up to the closing one."""
        found = re.compile(pattern, re.DOTALL).match(self._text, self._at)
        if found is None:
            raise PastedError("A text in quotes does not end: copy the whole command.")
        self._at = found.end()
        return found[1]

    def _single(self) -> str:
        return self._until(r"'([^']*)'")

    def _double(self) -> str:
        text = self._until(r'"((?:[^"\\]|\\.)*)"')
        return re.sub(r'\\(["\\$`]|\n)', lambda m: m[1].strip("\n"), text)

    def _ansi(self) -> str:
        """https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html"""
        return _ANSI.sub(_ansi_escape, self._until(r"'((?:[^'\\]|\\.)*)'"))


def _ansi_escape(match: re.Match[str]) -> str:
    for group, base in ((1, 16), (2, 16), (3, 16), (4, 8)):
        if match[group]:
            number = int(match[group], base)
            return chr(number) if number < 0x110000 else "\ufffd"
    return _ANSI_NAMES.get(match[5], match[5])
