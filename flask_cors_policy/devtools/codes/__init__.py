"""The one table of codes that only developer tools print.

What serving code can say stands in ``core.reasons`` and ``core.errors``; no code is in
both. Each code has an entry in the documentation, which a test compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .causes import Cause
from .checks import CheckCode
from .code import Code
from .flaws import FlawCode

CODES: Final[Mapping[str, Code]] = MappingProxyType(
    {code.value: code for part in (Cause, CheckCode, FlawCode) for code in part}
)
"""Code -> its entry."""

__all__ = ["CODES", "Cause", "CheckCode", "Code", "FlawCode"]
