"""Where browsers differ about cookies: one table, seen in the versions of ``engines``.

The drafts (draft-ietf-httpbis-rfc6265bis) are the strictest; what a browser does with a
cookie of another site is its own affair (7.1 there).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from ..browser.engines import CHROMIUM, FIREFOX, WEBKITGTK, WPE, Engine


class ThirdParty(Enum):
    """What becomes of a cookie between a page and another site."""

    ALLOWED = "kept, and sent"
    BLOCKED = "neither kept nor sent"
    PARTITIONED = "kept for pages of that one site, and sent by them"
    SENT = "sent where a visit has set it, and never kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What one browser does with cookies.

    :param lax_by_default: a cookie that says nothing is ``SameSite=Lax``.
    :param none_needs_secure: one with ``SameSite=None`` must be Secure.
    :param secure_on_loopback: this machine may set Secure ones over plain http.
    :param third_party: see there.
    """

    lax_by_default: bool = True
    none_needs_secure: bool = True
    secure_on_loopback: bool = True
    third_party: ThirdParty = ThirdParty.ALLOWED


_WEBKIT: Final = Habits(
    lax_by_default=False,
    none_needs_secure=False,
    secure_on_loopback=False,
    third_party=ThirdParty.SENT,
)

HABITS: Final[Mapping[str, Habits]] = MappingProxyType(
    {
        CHROMIUM.name: Habits(third_party=ThirdParty.BLOCKED),
        FIREFOX.name: Habits(lax_by_default=False, third_party=ThirdParty.PARTITIONED),
        WEBKITGTK.name: _WEBKIT,
        WPE.name: _WEBKIT,
    }
)
"""By the name of the engine; any other does as the drafts say."""


def habits_of(engine: Engine) -> Habits:
    """Return what *engine* does with cookies."""
    return HABITS.get(engine.name, Habits())
