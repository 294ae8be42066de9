"""URLs that browsers send nothing to, whatever the server would answer."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

from ...core.origin import is_ip_address, is_loopback
from .rules import Rule, Step
from .urls import URL

# https://fetch.spec.whatwg.org/#port-blocking
BLOCKED_PORTS: Final = frozenset(
    {0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79}
    | {87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137}
    | {139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540}
    | {548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049}
    | {3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679}
    | {6697, 10080}
)


def unreachable(page: str, url: URL) -> Step | None:
    """Return why a page of the origin *page* cannot contact *url*, if that is so."""
    if url.port in BLOCKED_PORTS:
        found = f"The URL has port {url.port}, which browsers send nothing to."
        return Step(Rule.PORT, False, found, "Serve the API on another port.")
    if page.startswith("https:") and not url.is_trustworthy:
        found = f"The page is {page}, the URL is {url}."
        return Step(Rule.MIXED_CONTENT, False, found, "Serve the API over https.")
    return None


def is_local(host: str) -> bool:
    """Say whether *host* is this machine, or surely in a local network.

    https://wicg.github.io/local-network-access/#ip-address-space
    """
    if is_loopback(host) or host.endswith(".local"):
        return True
    return is_ip_address(host) and ip_address(host.strip("[]")).is_private
