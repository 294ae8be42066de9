"""Threads that take turns as freely as they can."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def free_switching() -> Iterator[None]:
    """Let threads take turns at almost every bytecode."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def in_threads(count: int, work: Callable[[int], object]) -> None:
    """Run *work* in *count* threads at once; raise what any of them raises.

    :param work: called with the number of its thread, from 0.
    """
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=[n]) for n in range(count)]
    with free_switching():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]
