"""How text from the internet is printed, so that pasting it can run nothing."""

from __future__ import annotations

import string
from typing import Final

# No quote, backslash, dollar sign, backtick or exclamation mark: nothing that Python or
# a shell reads as more than a character within double quotes.
_SAFE: Final = frozenset(string.ascii_letters + string.digits + " -_.:/<>[]{}=,*+@~")


def quoted(text: str) -> str:
    """Return *text* as a literal of Python in double quotes, in safe ASCII."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    code = ord(char)
    if char in _SAFE:
        return char
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
