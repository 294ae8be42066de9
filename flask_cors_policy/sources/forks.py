"""What a forked worker must not take over from its parent.

Locks may be held, and tables half-way through a change, by threads that do not exist in
the child; connections to a store belong to the parent.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Forked(Protocol):
    """What can begin anew in a child."""

    def begin_anew(self) -> None:
        """Forget what the parent's threads had in their hands."""


_all: WeakSet[Forked] = WeakSet()


def anew_after_fork(thing: Forked) -> None:
    """Have *thing* begin anew in each process forked from now on, while it exists."""
    _all.add(thing)


def _after_fork() -> None:
    for thing in _all:
        thing.begin_anew()


# Where processes cannot be forked, there is nothing to do.
getattr(os, "register_at_fork", lambda **_: None)(after_in_child=_after_fork)
