"""The one fact the core cannot hold itself: the public suffix list.

The list is long and changes weekly, so it comes from the package ``publicsuffixlist``.
It is imported, and its data read, only when a policy has a ``*.`` pattern together with
credentials or ``enforce``, for some hints, and when the browser model compares two
sites; a process that serves without such a policy never loads it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def is_public_suffix(host: str) -> bool:
    """Say whether anybody can register a name directly under *host*.

    Names under a top-level domain that the list does not know count as registrable by
    anybody, as the list's own algorithm has it (https://publicsuffix.org/list/). A dot
    at the end changes nothing.
    """
    return _load().is_public(host.removesuffix("."))


def covers_public_suffix(host: str) -> bool:
    """Say whether anybody can register a name somewhere under *host*.

    Directly (``com``, ``github.io``), or further down: under ``amazonaws.com`` are
    ``s3.amazonaws.com`` and others like it.
    """
    return is_public_suffix(host) or host.removesuffix(".") in _above_suffixes()


def registrable_domain(host: str) -> str | None:
    """Return the part of *host* that somebody has registered, ``None`` if none has.

    https://url.spec.whatwg.org/#host-registrable-domain
    """
    domain: str | None = _load().privatesuffix(host)
    return domain


@lru_cache(maxsize=1)
def _load() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


@lru_cache(maxsize=1)
def _above_suffixes() -> frozenset[str]:
    """Return what the rules of the list are under (``*.ck`` is under ``ck``)."""
    from publicsuffixlist import PSLFILE

    with open(PSLFILE, encoding="utf-8") as lines:
        rules = [line.strip() for line in lines if not line.startswith(("//", "!"))]
    return frozenset(
        rule[dot + 1 :]
        for rule in rules
        for dot, char in enumerate(rule)
        if char == "."
    )
