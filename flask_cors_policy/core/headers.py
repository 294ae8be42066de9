"""How a decision gets onto a response: the policy's headers in, stray ones out.

Rule 1. On a governed path the policy is the only one to set the headers of the CORS
        protocol. What the application has set of them is taken out, and reported.
Rule 2. Vary is merged, never replaced and never doubled; ``Vary: *`` says more than
        any list and stays (RFC 9110, 12.5.5).
Rule 3. The list that comes in is left as it was; a fresh one goes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .decision import Decision
from .fetch_standard import VARY

HeaderList = list[tuple[str, str]]


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
    kept: HeaderList = []
    removed: list[str] = []
    vary_at = -1
    vary_values: list[str] = []
    for header in headers:
        name = header[0].lower()
        if name in owned:
            removed.append(header[0])
        elif name == "vary":
            vary_values.append(header[1])
            if vary_at < 0:
                vary_at = len(kept)
                kept.append(header)
        else:
            kept.append(header)
    if vary_values:
        kept[vary_at] = (VARY, merge_vary(vary_values, decision.vary))
    elif decision.vary:
        kept.append((VARY, ", ".join(decision.vary)))
    kept.extend(decision.headers)
    return kept, removed


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
