"""What the tests of the sources share: a clock, a store, and questions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from flask_cors_policy.sources import CachedOrigins, OriginLookupError

A = "https://a.example"
B = "https://b.example"
C = "https://c.example"
EVIL = "https://evil.example"

Source = Callable[[str, Any], bool]


class Clock:
    """A clock that stands still unless it is told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class Store:
    """A store that says what it is told to, and notes who asked.

    :ivar allowed: the origins it allows.
    :ivar failure: what it raises; ``None`` while it works.
    :ivar answer: what it answers instead, if anything.
    """

    def __init__(self, *allowed: str) -> None:
        self.allowed = set(allowed)
        self.failure: BaseException | None = None
        self.answer: object = ...
        self.asked: list[str] = []

    def __call__(self, origin: str) -> object:
        self.asked.append(origin)
        if self.failure is not None:
            raise self.failure
        return origin in self.allowed if self.answer is ... else self.answer


class SlowStore(Store):
    """A store whose look-ups wait until they are let go."""

    def __init__(self, *allowed: str) -> None:
        super().__init__(*allowed)
        self.gate = threading.Event()
        self.reached = threading.Event()

    def __call__(self, origin: str) -> object:
        answer = super().__call__(origin)
        self.reached.set()
        assert self.gate.wait(20)
        return answer


def ask(source: Source, origin: str = A, **environ: Any) -> bool | str:
    """Return what *source* says of *origin*, or the failure it reports."""
    try:
        return source(origin, environ)
    except OriginLookupError as error:
        return str(error)


def cached(
    store: Callable[..., object], clock: Clock | None = None, **options: Any
) -> CachedOrigins:
    """Return a cache in front of *store*, asked in this very thread."""
    chosen = {"timeout": None, "timer": clock or Clock(), **options}
    return CachedOrigins(store, **chosen)


def tenant_of(origin: str, environ: Mapping[str, Any]) -> str:
    """Say which tenant a request is for."""
    tenant: str = environ["tenant"]
    return tenant
