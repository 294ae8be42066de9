"""Which listed origin a page's origin nearly is, and what the difference is."""

from __future__ import annotations

from collections.abc import Iterable

from ...core.origin import ANY_PORT, Origin, OriginPattern, is_loopback


def nearest(listed: Iterable[object], origin: str) -> tuple[str, str] | None:
    """Return the item of *listed* that differs least from *origin*, and how.

    :param listed: items of ``origins``; what is not a string is no help.
    :return: ``None`` where nothing is near.
    """
    page = Origin.parse(origin)
    if page is None:
        return None
    for item in listed:
        pattern = OriginPattern.parse(item) if isinstance(item, str) else None
        if isinstance(item, str) and pattern is not None:
            difference = _difference(pattern, page)
            if difference:
                return item, difference
    return None


def _difference(listed: OriginPattern, page: Origin) -> str:
    """Say in what two origins differ; empty where that is more than a slip."""
    differences: list[str] = []
    if listed.scheme != page.scheme:
        differences.append(f"the scheme ({page.scheme})")
    host = _host_difference(listed, page)
    if host is None:
        return ""
    if host:
        differences.append(host)
    if listed.port not in (page.port, ANY_PORT):
        port = "the scheme's own" if page.port is None else page.port
        differences.append(f"the port ({port})")
    return " and ".join(differences)


def _host_difference(listed: OriginPattern, page: Origin) -> str | None:
    """Say in what two hosts differ; ``None`` where they have nothing in common."""
    if listed.subdomains:
        if page.host.endswith(f".{listed.host}"):
            return ""
        apex = page.host == listed.host
        return "the host (a pattern does not cover its own apex)" if apex else None
    if page.host == listed.host:
        return ""
    if is_loopback(listed.host) and is_loopback(page.host):
        return f"the name of this machine ({page.host})"
    if page.host.endswith(f".{listed.host}") or listed.host.endswith(f".{page.host}"):
        return f"the subdomain ({page.host})"
    return None
