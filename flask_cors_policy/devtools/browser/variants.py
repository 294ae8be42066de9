"""Variants: what browsers do differently, if it is more than a yes or a no.

``engines`` says which engine does what. For cookies the standard is RFC 6265bis
(draft-ietf-httpbis-rfc6265bis); it leaves cookies of other sites to the browser (7.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class StreamUpload(Enum):
    """What a browser does with a stream as a body, over HTTP/1.1."""

    SENT = "the request is sent"
    FAILS = "a preflight is sent, and then the request fails"
    AS_TEXT = "the text that the object converts to is sent"
    REFUSED = "nothing is sent"


class RedirectedPreflight(Enum):
    """Whether a redirected request is preflighted, and for which headers."""

    ANEW = "like a first request with the same method and headers"
    FOR_THE_REST = (
        "if the request was preflighted before, or the page's headers need it; for the "
        "headers that this redirect has not removed"
    )
    FOR_ALL = "in the same cases; for all headers that the page has set"


class Range(Enum):
    """Which values of Range are simple (``#simple-range-header-value``)."""

    STRICT = "as the standard has it"
    LENIENT = "with the unit in any case, and with a plus sign before a number"
    AS_NUMBERS = "a missing number is 0; a last byte of 0 is none; else first < last"


class EmptyLocation(Enum):
    """What a redirect with an empty Location is."""

    SAME_URL = "a redirect to the same URL"
    NO_REDIRECT = "no redirect"
    FAILURE = "a failure"


class ThirdParty(Enum):
    """What a browser does with a cookie of another site. ``value`` is for people.

    This is about cookies that SameSite allows to go to other sites.
    """

    ALLOWED = "stored and sent"
    BLOCKED = "neither stored nor sent"
    PARTITIONED = "stored for pages of this one site, separate from what visits set"
    SENT = "sent if a visit to that site has set it, and not stored otherwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieRules:
    """What one browser does with cookies; the defaults are the standard's.

    :param lax_by_default: a cookie without SameSite counts as ``SameSite=Lax``.
    :param none_needs_secure: a cookie with ``SameSite=None`` must be Secure.
    :param secure_on_loopback: this machine may set Secure cookies over plain http.
    :param third_party: what happens to cookies of other sites.
    :param partitioned: a cookie with the attribute Partitioned is stored for pages of
        one site, and sent to its own site from there, whatever *third_party* says
        (draft-cutler-httpbis-partitioned-cookies).
    :param schemeful: http and https of one domain are two sites.
    :param sees_frames: a frame of another site makes a request one between two sites,
        also where it asks the site of the page around it.
    """

    lax_by_default: bool = True
    none_needs_secure: bool = True
    secure_on_loopback: bool = True
    third_party: ThirdParty = ThirdParty.ALLOWED
    partitioned: bool = True
    schemeful: bool = True
    sees_frames: bool = True

    def cross_sites(self, same_site: str, *, secure: bool) -> bool:
        """Say whether SameSite lets a cookie go to other sites (5.7 of the drafts).

        :param same_site: its SameSite, in any case; empty if it has none.
        :param secure: whether it is Secure.
        """
        if same_site.lower() == "none":
            return secure or not self.none_needs_secure
        return not same_site and not self.lax_by_default

    def blocks(self, *, partitioned: bool) -> bool:
        """Say whether no cookie goes to other sites, whatever its SameSite says."""
        if partitioned and self.partitioned:
            return False
        return self.third_party is ThirdParty.BLOCKED


STANDARD_COOKIES: Final = CookieRules()
