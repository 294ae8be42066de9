"""How text from the internet is printed, so that pasting it can run nothing."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any, Final

# No quote, backslash, dollar sign, backtick or exclamation mark: nothing that Python or
# a shell reads as more than a character within double quotes.
_SAFE: Final = frozenset(string.ascii_letters + string.digits + " -_.:/<>[]{}=,*+@~")


def quoted(text: str) -> str:
    """Return *text* as a literal of Python in double quotes, in safe ASCII."""
    return '"' + "".join(map(_escaped, text)) + '"'


def assigned(start: str, value: Any, indent: str) -> Iterator[str]:
    """Yield *start* and a literal of a bool, or of a list or a mapping of texts."""
    if isinstance(value, bool) or not value:
        yield f"{indent}{start}{value},"
    elif isinstance(value, dict):
        yield f"{indent}{start}{{"
        for key, each in value.items():
            yield from assigned(f"{quoted(key)}: ", each, f"{indent}    ")
        yield f"{indent}}},"
    else:
        yield f"{indent}{start}["
        yield from (f"{indent}    {quoted(item)}," for item in value)
        yield f"{indent}],"


def _escaped(char: str) -> str:
    code = ord(char)
    if char in _SAFE:
        return char
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
