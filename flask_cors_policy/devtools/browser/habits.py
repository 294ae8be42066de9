"""Habits of browsers that are more than a yes or a no; ``engines`` says whose they are.

About cookies the drafts (draft-ietf-httpbis-rfc6265bis) are the strictest; what a
browser does with a cookie of another site is its own affair (7.1 there).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class StreamUpload(Enum):
    """What becomes of a stream given as a body, over HTTP/1.1."""

    SENT = "the request is sent"
    FAILS = "a preflight is sent, and then the request fails"
    AS_TEXT = "what is sent is the text that the object converts to"
    REFUSED = "nothing is sent"


class RedirectedPreflight(Enum):
    """Whether a redirected request is preflighted, and for which headers."""

    ANEW = "as a first request would be that is made like it"
    FOR_THE_REST = (
        "where the request needed one before, or the page's headers do; for those that "
        "this redirect has not taken off"
    )
    FOR_ALL = "in the same cases; for those the page has set, be they there or not"


class Range(Enum):
    """Which values of Range are simple (``#simple-range-header-value``)."""

    STRICT = "as the standard has it"
    LENIENT = "with the unit in any case, and a plus sign before a number too"
    AS_NUMBERS = "what is left out is 0; a last byte of 0 is none; else first < last"


class EmptyLocation(Enum):
    """What a redirect with an empty Location is."""

    SAME_URL = "one to the same URL"
    NO_REDIRECT = "none"
    FAILURE = "a failure"


class ThirdParty(Enum):
    """What becomes of a cookie whose site is not the page's. ``value`` is for people.

    It is said of cookies that SameSite lets go to other sites.
    """

    ALLOWED = "kept and sent"
    BLOCKED = "neither kept nor sent, whatever it says"
    PARTITIONED = "kept for pages of this one site, apart from what visits have set"
    SENT = "sent where a visit to that site has set it, and not kept otherwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieHabits:
    """What one browser does with cookies; what is left out, as the drafts say.

    :param lax_by_default: a cookie that says nothing is ``SameSite=Lax``.
    :param none_needs_secure: one with ``SameSite=None`` must be Secure.
    :param secure_on_loopback: this machine may set Secure ones over plain http.
    :param third_party: see there.
    """

    lax_by_default: bool = True
    none_needs_secure: bool = True
    secure_on_loopback: bool = True
    third_party: ThirdParty = ThirdParty.ALLOWED

    def cross_sites(self, same_site: str, *, secure: bool) -> bool:
        """Say whether SameSite lets a cookie go to other sites (5.7 of the drafts).

        :param same_site: its SameSite, in any case; empty where it says nothing.
        :param secure: whether it is Secure.
        """
        if same_site.lower() == "none":
            return secure or not self.none_needs_secure
        return not same_site and not self.lax_by_default


BY_THE_DRAFTS: Final = CookieHabits()
