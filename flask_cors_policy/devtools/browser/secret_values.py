"""Values of headers as they may be printed: without what lets somebody in."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "(not shown)"
_SECRET: Final = frozenset({"authorization", "cookie", "proxy-authorization"})
_USER: Final = re.compile(r"//[^/?#@\s]*@")  # Name and password in a URL.


def without_secrets(name: str, value: str) -> str:
    """Return *value* as it may be printed: without what lets somebody in."""
    if name.lower() in _SECRET:
        return HIDDEN
    if name.lower() != "set-cookie":
        return _USER.sub(f"//{HIDDEN}@", value)
    pair, semicolon, attributes = value.partition(";")
    cookie, equals, _ = pair.partition("=")
    return f"{cookie}={HIDDEN}{semicolon}{attributes}" if equals else HIDDEN
