"""Which origins are of one site: what SameSite and Sec-Fetch-Site go by."""

from __future__ import annotations

from typing import Final

from ...core.origin import Origin, is_ip_address
from ...core.public_suffix import registrable_domain

_FARTHER: Final = ("same-origin", "same-site", "cross-site")


def same_site(one: str, other: str, *, schemeful: bool = True) -> bool:
    """Say whether two origins, serialised, are of one site.

    https://html.spec.whatwg.org/#same-site. An opaque origin (``null``) is of the site
    of no other.

    :param schemeful: whether http and https make two sites.
    """
    first, second = Origin.parse(one), Origin.parse(other)
    if first is None or second is None:
        return False
    if schemeful and first.scheme != second.scheme:
        return False
    if first.host == second.host:
        return True
    if is_ip_address(first.host) or is_ip_address(second.host):
        return False
    domain = registrable_domain(first.host)
    return domain is not None and domain == registrable_domain(second.host)


def relation(page: str, other: str) -> str:
    """Return what Sec-Fetch-Site says of a request from *page* to *other*.

    https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header
    """
    if page == other:
        return "same-origin"
    return "same-site" if same_site(page, other) else "cross-site"


def farthest(one: str, other: str) -> str:
    """Return the one of two relations that is farther from the page."""
    return max(one, other, key=_FARTHER.index)
