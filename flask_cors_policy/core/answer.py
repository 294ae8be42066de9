"""Answers: what a decision is, how it gets onto a response, which ones are kept.

Rule 1. Where a policy applies, only the policy sets the headers of the CORS protocol.
        What the application has set of them is removed, and reported.
Rule 2. Vary is merged, never replaced and never doubled; ``Vary: *`` says more than
        any list and stays (RFC 9110, 12.5.5).
Rule 3. The list that comes in is not changed; a new one goes out.
Rule 4. Kept are only allowed answers that depend on nothing but their key: no refusal
        (each is logged), nothing that a function or a regular expression decided.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Final, NamedTuple

from .fetch_standard import VARY
from .reasons import Reason
from .request import RequestKind

Headers = tuple[tuple[str, str], ...]
HeaderList = list[tuple[str, str]]

MAX_KEPT_ACTUAL: Final = 256
MAX_KEPT_PREFLIGHTS: Final = 64
MAX_KEPT_SIZE: Final = 1024
"""Characters of the longest answer that is kept, its key included."""


class Decision(NamedTuple):
    """What a policy does with a request.

    :param kind: what the request is.
    :param reason: why it is answered so.
    :param status: the status of the answer that takes the application's place;
        ``None`` lets the application run.
    :param headers: everything that is set on the response; Vary first, if it is there.
    :param is_constant: whether it is an allowed answer that depends on nothing but the
        Origin header; for a preflight, on nothing but its headers and the URL.
    :param error: what a function given as ``origins`` raised.
    :param item: the item of ``origins`` that allows the origin, if it has options.
    """

    kind: RequestKind
    reason: Reason
    status: int | None
    headers: Headers
    is_constant: bool = False
    error: Exception | None = None
    item: str = ""


class Memo:
    """Decisions of one policy by what they depend on; safe to lose, safe with threads.

    :ivar actual: by the Origin header.
    :ivar preflights: by all that a preflight depends on.
    """

    __slots__ = ("actual", "preflights")

    def __init__(self) -> None:
        self.actual: dict[str | None, Decision] = {}
        self.preflights: dict[Hashable, Decision] = {}

    def keep_actual(self, origin: str | None, decision: Decision) -> None:
        """Keep a constant decision about requests of *origin*, if it is small."""
        if _is_small(decision, (origin,)):
            if len(self.actual) >= MAX_KEPT_ACTUAL:
                self.actual.clear()
            self.actual[origin] = decision

    def keep_preflight(
        self, key: Hashable, asked: Iterable[str | None], decision: Decision
    ) -> None:
        """Keep a constant decision about preflights of *key*, if it is small.

        :param asked: the headers of the request that are in *key*.
        """
        if _is_small(decision, asked):
            if len(self.preflights) >= MAX_KEPT_PREFLIGHTS:
                self.preflights.clear()
            self.preflights[key] = decision


def _is_small(decision: Decision, asked: Iterable[str | None]) -> bool:
    sent = sum(len(name) + len(value) for name, value in decision.headers)
    return sent + sum(len(text or "") for text in asked) <= MAX_KEPT_SIZE


def merge(
    headers: Iterable[tuple[str, str]], added: Headers, owned: frozenset[str]
) -> tuple[HeaderList, list[str]]:
    """Return the headers of a response under a decision, and what was removed.

    :param headers: the response's own headers.
    :param added: the headers of the decision; Vary stands first, if it is there.
    :param owned: names, in lower case, that only the policy sets.
    :return: a new list, and the names of the removed headers, as the application
        spelled them.
    """
    kept: HeaderList = []
    removed: list[str] = []
    varies = bool(added) and added[0][0] == VARY
    vary_values: list[str] = []
    vary_at = 0
    for header in headers:
        lowered = header[0].lower()
        if lowered in owned:
            removed.append(header[0])
        elif varies and lowered == "vary":
            vary_at = vary_at if vary_values else len(kept)
            vary_values.append(header[1])
        else:
            kept.append(header)
    if vary_values:
        kept.insert(vary_at, (VARY, merge_vary([*vary_values, added[0][1]])))
        added = added[1:]
    return [*kept, *added], removed


def merge_vary(values: Iterable[str]) -> str:
    """Return one Vary value that says all that *values* say, each name once.

    :param values: values of Vary headers; the first spelling of a name stays.
    """
    names: dict[str, str] = {}
    for value in values:
        for part in value.replace("\t", " ").split(","):
            name = part.strip()
            if name:
                names.setdefault(name.lower(), name)
    return "*" if "*" in names else ", ".join(names.values())
