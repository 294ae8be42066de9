"""A request as people have it at hand: a call of ``fetch``, or a cURL command.

Browsers copy both ("Copy as fetch", "Copy as cURL"). The text is read, never run; it
needs the core alone.
"""

from __future__ import annotations

import re
from typing import Final

from .curl import read_curl
from .fetch_call import read_fetch
from .request import PastedError, PastedRequest

__all__ = ["PastedError", "PastedRequest", "read_curl", "read_fetch", "read_pasted"]

MOST: Final = 100_000
"""Characters of a text."""

_CURL: Final = re.compile(r"\s*(?:\$\s+)?curl(?:\.exe)?(?:\s|\Z)", re.IGNORECASE)
_POWERSHELL: Final = re.compile(r"\s*(\$session\s*=|Invoke-(WebRequest|RestMethod)\b)")


def read_pasted(text: str) -> PastedRequest:
    """Return the request in *text*, in whichever of the two forms it is.

    :raises PastedError: where it cannot be read; it says why in a sentence.
    """
    if len(text) > MOST:
        raise PastedError(f"This is longer than {MOST} characters.")
    if not text.strip():
        raise PastedError(
            "There is nothing here. Paste a fetch(...) or a cURL command."
        )
    if _CURL.match(text):
        return read_curl(text)
    if _POWERSHELL.match(text):
        raise PastedError(
            'This is PowerShell. Choose "Copy as cURL" or "Copy as fetch".'
        )
    return read_fetch(text)
