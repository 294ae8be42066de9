"""Places for look-ups: how many ask a store at once, and who comes next.

Rule 1. At most ``limit`` look-ups take a place at once.
Rule 2. A quarter of the places is kept for origins that were allowed before. These wait
        for a place; strangers are turned away where there is none for them.
Rule 3. Probes take no place: they are one at a time.
"""

from __future__ import annotations

from collections import deque

from .lookups import Lookup


class Places:
    """The look-ups of one process that are under way or queued; under the cache's lock.

    :ivar limit: the number of places.
    :ivar taken: the number of places taken.
    :ivar started: the look-ups under way, probes included, the oldest first.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0
        self.started: dict[Lookup, None] = {}
        self._queue: deque[Lookup] = deque()

    def admit(self, lookup: Lookup) -> bool:
        """Start or queue a look-up; return whether there is room for it."""
        is_known = lookup.question.is_known
        if self.taken < self.limit - (0 if is_known else self.limit // 4):
            self._start(lookup)
        elif is_known:
            self._queue.append(lookup)
        else:
            return False
        return True

    def add_probe(self, lookup: Lookup) -> None:
        """Start a look-up that takes no place."""
        lookup.has_started = True
        self.started[lookup] = None

    def leave(self, lookup: Lookup) -> Lookup | None:
        """Take a look-up off; return the next one, now started, if there is one."""
        self.started.pop(lookup, None)
        if not lookup.has_place:
            if lookup in self._queue:
                self._queue.remove(lookup)
            return None
        self.taken -= 1
        lookup.has_place = False
        if not self._queue:
            return None
        following = self._queue.popleft()
        self._start(following)
        return following

    @property
    def all(self) -> list[Lookup]:
        """The look-ups that are under way or queued."""
        return [*self.started, *self._queue]

    @property
    def oldest(self) -> float | None:
        """When the oldest look-up under way began; ``None`` if there is none."""
        return next(iter(self.started)).began if self.started else None

    def _start(self, lookup: Lookup) -> None:
        lookup.has_started = lookup.has_place = True
        self.taken += 1
        self.started[lookup] = None
