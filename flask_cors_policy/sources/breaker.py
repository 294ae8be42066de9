"""Whether a store is asked at all: a circuit breaker, without threads and locks.

Rule 1. ``FAILURES`` failures or time-outs in a row open it. A success closes it.
Rule 2. While it is open, the store is asked by probes only: one at a time, each
        ``retry_after`` seconds (give or take ``JITTER``) after the one before.
Rule 3. From a time-out until the next success the store is *suspect*: it may hang, so
        few requests wait for it.

The libraries for this (pybreaker, circuitbreaker) call the function in the caller's
thread, take what it returns or raises for the outcome, and let the next caller be the
probe. Here a look-up may be given up by those who wait for it, a late answer is none,
and no request is the probe; so their state machine would be the part that is left.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Final

FAILURES: Final = 3
JITTER: Final = 0.2
"""Part of ``retry_after``, so that the workers of a machine do not probe as one."""
MANY_LEFT_BEHIND: Final = 8
"""Look-ups that were given up and have not ended; for each so many, probes are rarer.

Each probe may leave one more behind, for as long as the driver waits.
"""


class Breaker:
    """The state of one store in one process; its owner holds a lock around each call.

    :param retry_after: seconds between two probes.
    :param timer: a clock in seconds that never goes back.
    :ivar is_open: whether the store is not asked, but by probes.
    :ivar is_suspect: whether the store has not answered in time, and not since.
    :ivar failures: failures in a row.
    """

    def __init__(
        self,
        retry_after: float,
        timer: Callable[[], float],
        chance: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.is_open = False
        self.is_suspect = False
        self.failures = 0
        self._retry_after = retry_after
        self._timer = timer
        self._chance = chance
        self._probe_at = math.inf

    @property
    def is_well(self) -> bool:
        """Whether the last thing that is known of the store is a success."""
        return not (self.failures or self.is_suspect)

    def succeeded(self) -> None:
        """Note that the store has answered in time."""
        self.is_open = self.is_suspect = False
        self.failures = 0
        self._probe_at = math.inf

    def failed(self, timed_out: bool) -> bool:
        """Note a failure; return whether it opened the breaker."""
        self.failures += 1
        self.is_suspect = self.is_suspect or timed_out
        if self.is_open or self.failures < FAILURES:
            return False
        self.open()
        return True

    def open(self) -> None:
        """Open it; the first probe is due after ``retry_after``."""
        self.is_open = True
        self.probed(0)

    def probed(self, left_behind: int) -> None:
        """Note that a probe has ended, so that the next one is due after a while.

        :param left_behind: look-ups that were given up and have not ended.
        """
        slower = 1 + left_behind // MANY_LEFT_BEHIND
        jitter = self._chance(1 - JITTER, 1 + JITTER)
        self._probe_at = self._timer() + self._retry_after * slower * jitter

    def hurry(self) -> None:
        """Have the next probe made at once, because the store may work again."""
        self._probe_at = self._timer()

    @property
    def pause(self) -> float:
        """Seconds until the next probe is due."""
        return max(0.0, self._probe_at - self._timer())
