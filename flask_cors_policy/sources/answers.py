"""What a store has answered, and for how long that counts.

Rule 1. An answer counts for ``ttl`` seconds (a denial for ``negative_ttl``) from when
        the look-up that found it *began*: what the store said may have been true then,
        and no longer when it had finished saying it.
Rule 2. An origin that was allowed stays allowed for ``stale_if_error`` seconds after
        its ``ttl`` where the store fails (RFC 5861, 4), if that is not 0.
Rule 3. Denials have a table of their own: a million origins that do not exist push
        none out that does.
Rule 4. An answer never replaces a younger one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Any

from cachetools import TLRUCache


class Answers:
    """The answers of one cache in one process; under the cache's lock.

    :param maxsize: of each table.
    :param timer: a clock in seconds that never goes back.
    """

    def __init__(
        self,
        ttl: float,
        negative_ttl: float,
        stale_if_error: float,
        maxsize: int,
        timer: Callable[[], float],
    ) -> None:
        self._ttl, self._negative_ttl = ttl, negative_ttl
        self._kept = ttl + stale_if_error
        self._is_stale_used = stale_if_error > 0
        self._rechecked = -math.inf
        # Key -> when the look-up began that allowed, or denied.
        self._allowed = _Table(maxsize, _until(self._kept), timer)
        self._denied = _Table(maxsize, _until(negative_ttl), timer)
        # What other processes were told: for use while the store fails.
        self._imported = _Table(maxsize, _until(self._kept), timer)

    def fresh(self, key: Hashable, now: float, trusted_for: float) -> bool | None:
        """Return an answer that counts; ``None`` if there is none."""
        began: float | None = self._allowed.get(key)
        if began is not None:
            return True if self._counts(began, self._ttl, now, trusted_for) else None
        began = self._denied.get(key)
        if began is None or not self._counts(
            began, self._negative_ttl, now, trusted_for
        ):
            return None
        return False

    def age(self, key: Hashable, now: float) -> float:
        """Return how long ago the look-up began that allowed *key*."""
        began: float = self._allowed.get(key, -math.inf)
        return now - began

    def old(self, key: Hashable) -> bool:
        """Say whether *key* is allowed while the store fails."""
        return self._is_stale_used and self.is_known(key)

    def is_known(self, key: Hashable) -> bool:
        """Say whether *key* was allowed, and this is remembered."""
        return key in self._allowed or key in self._imported

    def is_recent(self, began: float, now: float, trusted_for: float) -> bool:
        """Say whether a look-up that began then says what the store says now."""
        return self._counts(began, math.inf, now, trusted_for)

    def keep(self, key: Hashable, allowed: bool, began: float) -> None:
        """Remember an answer."""
        if self._is_outdated(key, began):
            return
        for table in (self._allowed, self._denied, self._imported):
            table.pop(key, None)
        (self._allowed if allowed else self._denied)[key] = began

    def take_over(self, key: Hashable, allowed: bool, began: float) -> None:
        """Remember what another process was told, if it is younger."""
        if self._is_outdated(key, began):
            return
        if allowed:
            self._imported[key] = began
        else:
            self._allowed.pop(key, None)
            self._imported.pop(key, None)

    def forget(self, matches: Callable[[Hashable], bool]) -> None:
        """Forget some keys."""
        for table in (self._allowed, self._denied, self._imported):
            for key in list(table):
                if matches(key):
                    table.pop(key, None)

    def recheck(self, now: float) -> None:
        """Let no answer count as fresh that began until now."""
        self._rechecked = now

    @property
    def sizes(self) -> tuple[int, int]:
        """How many origins are remembered as allowed, and as denied."""
        return len(self._allowed), len(self._denied)

    @property
    def evictions(self) -> int:
        """How many were pushed out by newer ones."""
        return self._allowed.evictions + self._denied.evictions

    def _is_outdated(self, key: Hashable, began: float) -> bool:
        tables = (self._allowed, self._denied, self._imported)
        return any(table.get(key, -math.inf) > began for table in tables)

    def _counts(self, began: float, ttl: float, now: float, trusted_for: float) -> bool:
        return now - began < min(ttl, trusted_for) and began > self._rechecked


class _Table(TLRUCache[Hashable, Any]):
    """A table that counts what it pushes out."""

    evictions = 0

    def popitem(self) -> tuple[Hashable, Any]:
        """Make room for something newer."""
        self.evictions += 1
        return super().popitem()


def _until(seconds: float) -> Callable[[Hashable, float, float], float]:
    """Return when an answer is to go whose look-up began at a certain time."""
    return lambda _key, began, _now: began + seconds
