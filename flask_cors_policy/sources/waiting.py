"""How many requests may wait for a store that may hang.

Rule 1. While look-ups succeed, as many as there are.
Rule 2. From a time-out until the next success, ``MOST`` of them, or none where the
        process has one thread only: the others would hold it up one after the other.
Rule 3. Strangers, which were not allowed before, are bound by this earlier: as soon as
        the store has said nothing for ``PATIENCE``, or for longer than it usually
        takes. So a store that stops does not take all threads until the first time-out.
"""

from __future__ import annotations

import math
from typing import Final

from .breaker import Breaker
from .lookups import Question

MOST: Final = 2
PATIENCE: Final = 0.25
"""Seconds; a quarter of the time-out if that is less, four times what look-ups usually
take if that is more."""


class Waiting:
    """The requests of one process that wait for one store; under the cache's lock.

    :ivar counted: requests that wait although the store may hang.
    """

    def __init__(self, breaker: Breaker, timeout: float | None) -> None:
        self.counted = 0
        self._breaker, self._timeout = breaker, timeout
        self._usual: float | None = None
        self._last_success = -math.inf

    def succeeded(self, began: float, now: float) -> None:
        """Note how long a look-up took that succeeded."""
        self._last_success = now
        self._usual = max(now - began, 0.9 * (self._usual or 0.0))

    def is_limited(self, question: Question, now: float, oldest: float | None) -> bool:
        """Say whether only ``MOST`` requests may wait for what *question* asks.

        :param oldest: when the oldest look-up under way began, if there is one.
        """
        if self._timeout is None:
            return False
        if self._breaker.is_suspect:
            return True
        return not question.is_known and now >= self.limited_from(oldest)

    def limited_from(self, oldest: float | None) -> float:
        """Return from when on the store has been silent for too long."""
        if self._timeout is None or self._usual is None or oldest is None:
            return math.inf
        patience = max(min(PATIENCE, self._timeout / 4), 4 * self._usual)
        return max(oldest, self._last_success) + min(patience, self._timeout)

    def has_room(self, question: Question) -> bool:
        """Say whether one more request may wait, with *question*."""
        return question.may_wait and self.counted < MOST
