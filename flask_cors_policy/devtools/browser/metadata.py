"""The headers by which a browser says where a request comes from."""

from __future__ import annotations

from ...core.fetch_standard import NULL_ORIGIN
from .requests import HeaderPairs, Page, PageRequest
from .urls import URL


def metadata(page: Page, url: URL, site: str, mode: str, policy: str) -> HeaderPairs:
    """Return Referer and the Sec-Fetch headers of a request.

    :param site: how far the request goes, as ``sites.relation`` says it.
    :param mode: the request's mode.
    :param policy: its referrer policy.
    """
    headers: list[tuple[str, str]] = []
    # The model knows no more of a page than its origin.
    if page.origin != NULL_ORIGIN and _has_referrer(page.origin, url, policy):
        headers.append(("Referer", f"{page.origin}/"))
    # https://w3c.github.io/webappsec-fetch-metadata/: to trustworthy URLs only.
    if url.is_trustworthy and page.engine.fetch_metadata:
        headers += [
            ("Sec-Fetch-Site", site),
            ("Sec-Fetch-Mode", mode),
            ("Sec-Fetch-Dest", "empty"),
        ]
    return tuple(headers)


def hides_origin(page: Page, request: PageRequest, url: URL) -> bool:
    """Say whether the referrer policy of a request makes its Origin ``null``.

    https://fetch.spec.whatwg.org/#append-a-request-origin-header: not in mode cors.

    :param url: where it is sent.
    """
    if request.mode == "cors" or not page.engine.hides_origin_by_referrer_policy:
        return False
    policy = request.referrer_policy
    if policy == "no-referrer":
        return True
    if policy == "same-origin":
        return url.origin != page.origin
    if policy in ("origin", "origin-when-cross-origin", "unsafe-url"):
        return False
    return page.origin.startswith("https:") and url.scheme != "https"


def _has_referrer(page: str, url: URL, policy: str) -> bool:
    """https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer"""
    if policy == "no-referrer":
        return False
    if policy == "same-origin":
        return url.origin == page
    if policy in ("origin", "origin-when-cross-origin", "unsafe-url"):
        return True
    # The standard asks whether the URL is trustworthy; browsers, whether it is https.
    return not page.startswith("https:") or url.scheme == "https"
