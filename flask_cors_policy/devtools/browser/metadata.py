"""The headers by which a browser says where a request comes from."""

from __future__ import annotations

from ...core.fetch_standard import NULL_ORIGIN
from .requests import HeaderPairs
from .urls import URL


def metadata(page: str, url: URL, site: str, mode: str) -> HeaderPairs:
    """Return Referer and the Sec-Fetch headers of a request.

    :param page: the page's origin.
    :param site: how far the request goes, as ``sites.relation`` says it.
    :param mode: the request's mode.
    """
    headers: list[tuple[str, str]] = []
    # https://w3c.github.io/webappsec-referrer-policy/, the default policy: to others
    # a page is named by its origin alone.
    if page != NULL_ORIGIN:
        headers.append(("Referer", f"{page}/"))
    # https://w3c.github.io/webappsec-fetch-metadata/: to trustworthy URLs only.
    if url.is_trustworthy:
        headers += [
            ("Sec-Fetch-Site", site),
            ("Sec-Fetch-Mode", mode),
            ("Sec-Fetch-Dest", "empty"),
        ]
    return tuple(headers)
