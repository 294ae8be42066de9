"""Times taken in turns, so that what disturbs one contestant disturbs them all.

In each round every contestant serves a few requests, in an order that is drawn anew.
What is compared is the contestants' times of one and the same round; the median over
all rounds is what is reported.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Mapping
from statistics import median
from time import thread_time
from typing import TYPE_CHECKING, NamedTuple

from .requests import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Contestants = Mapping[str, "WSGIApplication"]


class Effort(NamedTuple):
    """How much is measured: rounds, and requests in each."""

    rounds: int
    requests: int


class Times(NamedTuple):
    """Microseconds for one request.

    :param total: with the application.
    :param added: beyond the contestant ``bare``, in the same round.
    """

    total: float
    added: float


def compare(
    contestants: Contestants, sent: WSGIEnvironment, effort: Effort
) -> dict[str, Times]:
    """Measure what one request costs each contestant.

    :param contestants: one of them is called ``bare``.
    """
    calls = {
        name: lambda environ, app=app: serve(app, environ)
        for name, app in contestants.items()
    }
    rounds = measure(calls, sent, effort)
    bare = rounds["bare"]
    return {
        name: Times(
            median(times),
            median(time - base for time, base in zip(times, bare, strict=True)),
        )
        for name, times in rounds.items()
    }


def measure(
    calls: Mapping[str, Callable[[WSGIEnvironment], object]],
    sent: WSGIEnvironment,
    effort: Effort,
) -> dict[str, list[float]]:
    """Return the microseconds for one request in each round."""
    names = list(calls)
    times: dict[str, list[float]] = {name: [] for name in names}
    for name in names:  # What is done once, and what is logged, is no part of it.
        _time(calls[name], sent, min(600, effort.rounds * effort.requests))
    gc.collect()
    gc.freeze()
    for _ in range(effort.rounds):
        random.shuffle(names)
        for name in names:
            times[name].append(_time(calls[name], sent, effort.requests))
    gc.unfreeze()
    return times


def _time(
    call: Callable[[WSGIEnvironment], object], sent: WSGIEnvironment, requests: int
) -> float:
    environs = [dict(sent) for _ in range(requests)]
    begin = thread_time()  # Of the processor: other processes are no part of it.
    for environ in environs:
        call(environ)
    return (thread_time() - begin) / requests * 1e6
