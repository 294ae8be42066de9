"""How a decision gets onto a response: the policy's headers in, stray ones out.

Rule 1. On a governed path the policy is the only one to set the headers of the CORS
        protocol. What the application has set of them is taken out, and reported.
Rule 2. Vary is merged, never replaced and never doubled; ``Vary: *`` says more than
        any list and stays (RFC 9110, 12.5.5).
Rule 3. The list that comes in is left as it was; a fresh one goes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from .compiled import Headers
from .decision import Decision
from .fetch_standard import CORS_RESPONSE_HEADERS, TIMING_ALLOW_ORIGIN, VARY

HeaderList = list[tuple[str, str]]

# What a policy, this one or another, may take out or merge.
_NEVER_PLAIN: Final = CORS_RESPONSE_HEADERS | {TIMING_ALLOW_ORIGIN.lower(), "vary"}


PLAIN_NAMES: Final = {"Content-Type", "Content-Length"}
"""Spellings of response headers known to need no look: neither Vary nor CORS's.

Applications use few header names and spell each in one way, so that after the first
responses a look into this set takes the place of lower-casing each name. It says
nothing of any policy, and so is kept for the whole process, as ``re`` keeps patterns:
one set for each application would cost every response 30 ns more, of 500.
"""
MAX_PLAIN_NAMES: Final = 256
"""An application that goes beyond that is merely served at the ordinary speed."""


def additions(decision: Decision) -> Headers:
    """Return what *decision* adds to a response that has none of it; Vary first."""
    vary = ((VARY, ", ".join(decision.vary)),) if decision.vary else ()
    return (*vary, *decision.headers)


def apply(
    decision: Decision, headers: Iterable[tuple[str, str]], owned: frozenset[str]
) -> tuple[HeaderList, list[str]]:
    """Return the response headers under *decision*, and what was taken out.

    :param decision: what to set.
    :param headers: the response's own headers.
    :param owned: names, in lower case, that only the policy sets.
    :return: a new list, and the names of the headers that were taken out, as the
        application had spelled them.
    """
    return merge(additions(decision), headers, owned)


def merge(
    added: Headers, headers: Iterable[tuple[str, str]], owned: frozenset[str]
) -> tuple[HeaderList, list[str]]:
    """Do what ``apply`` does, with the ``additions`` of a decision."""
    kept: HeaderList = []
    removed: list[str] = []
    varies = added[0][1] if added and added[0][0] == VARY else ""
    vary_at = -1
    for header in headers:
        name = header[0]
        if name not in PLAIN_NAMES:
            lowered = name.lower()
            if lowered in owned:
                removed.append(name)
                continue
            if varies and lowered == "vary":
                if vary_at >= 0:
                    kept[vary_at] = (VARY, f"{kept[vary_at][1]}, {header[1]}")
                    continue
                vary_at = len(kept)
            elif lowered not in _NEVER_PLAIN and len(PLAIN_NAMES) < MAX_PLAIN_NAMES:
                PLAIN_NAMES.add(name)
        kept.append(header)
    if vary_at >= 0:
        kept[vary_at] = (VARY, _merged_vary(kept[vary_at][1], varies))
        added = added[1:]
    kept += added
    return kept, removed


@lru_cache(maxsize=128)
def _merged_vary(value: str, names: str) -> str:
    """Do what ``merge_vary`` does; an application sends few different values."""
    return merge_vary([value], names.split(", "))


def merge_vary(values: Sequence[str], names: Iterable[str]) -> str:
    """Return one Vary value for those of a response and the *names* to add.

    :param values: the values of the response's Vary headers; at least one.
    :param names: what must be in it, in any case.
    """
    present = [part for value in values for part in value.replace("\t", " ").split(",")]
    merged = {name.strip().lower(): name.strip() for name in present if name.strip()}
    if "*" in merged:
        return "*"
    for name in names:
        merged.setdefault(name.lower(), name)
    return ", ".join(merged.values())
