"""Look-ups that are given up: what makes their drivers stop waiting."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from flask_cors_policy.sources import CachedOrigins, on_cancel
from flask_cors_policy.sources.cancellation import disconnect_on_cancel, is_cancelled

from .helpers import A, ask
from .test_waiting import FOREVER, until

LATE = "no answer in 0.05 s"


@pytest.fixture
def connection() -> Iterator[socket.socket]:
    """A connection to a store that says nothing."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours


def cancelled(lookup: Callable[[], object]) -> CachedOrigins:
    """Have a look-up given up; return when its thread has ended."""

    def never(origin: str) -> object:
        lookup()
        return True

    cache = CachedOrigins(never, timeout=0.05, retry_after=1000)
    assert ask(cache, A) == LATE
    until(lambda: cache.health().left_behind == 0)
    return cache


def test_driver_that_waits_at_a_socket_stops_when_its_look_up_is_given_up(
    connection: socket.socket,
) -> None:
    def wait() -> None:
        with disconnect_on_cancel(connection):
            assert connection.recv(1) == b""
        assert is_cancelled()

    began = time.monotonic()
    cancelled(wait)
    assert time.monotonic() - began < FOREVER


def test_socket_is_left_alone_when_its_look_up_is_over(
    connection: socket.socket,
) -> None:
    over = threading.Event()

    def wait() -> None:
        with disconnect_on_cancel(connection):
            pass
        assert over.wait(FOREVER)

    def lookup(origin: str) -> bool:
        wait()
        return True

    cache = CachedOrigins(lookup, timeout=0.05)
    assert ask(cache, A) == LATE
    over.set()
    until(lambda: cache.health().left_behind == 0)
    connection.send(b"x")  # It would raise.


@pytest.mark.parametrize("connection", [None, "no connection", object()])
def test_connection_without_a_descriptor_is_left_alone(connection: object) -> None:
    with disconnect_on_cancel(connection):
        assert not is_cancelled()


def test_function_of_yours_is_called_in_another_thread() -> None:
    called: list[str] = []
    stop = threading.Event()

    def cancel() -> None:
        called.append(threading.current_thread().name)
        stop.set()

    def wait() -> None:
        with on_cancel(cancel):
            assert stop.wait(FOREVER)

    cancelled(wait)
    assert called == ["cors-cancel"]


def test_function_is_called_at_once_where_the_look_up_is_given_up_already() -> None:
    called: list[str] = []

    def wait() -> None:
        until(is_cancelled)
        with on_cancel(lambda: called.append(threading.current_thread().name)):
            assert called == ["cors-lookup"]

    cancelled(wait)
    assert called == ["cors-lookup"]


def test_without_a_look_up_that_has_a_time_out_nothing_is_called() -> None:
    called: list[int] = []
    with on_cancel(lambda: called.append(1)):
        pass

    def lookup(origin: str) -> bool:
        with on_cancel(lambda: called.append(1)):
            return True

    assert ask(CachedOrigins(lookup, timeout=None), A) is True
    assert called == []


def test_what_a_function_raises_is_logged_and_the_next_one_is_called(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop = threading.Event()

    def raises() -> None:
        raise ValueError("cannot cancel")

    def wait() -> None:
        with on_cancel(raises), on_cancel(stop.set):
            assert stop.wait(FOREVER)

    cancelled(wait)
    reasons = [record.__dict__["cors_reason"] for record in caplog.records]
    assert sorted(reasons) == ["origin-cancel-failed", "origin-store-failing"]


def test_process_without_threads_to_spare_is_left_with_the_time_out_of_the_driver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = threading.Thread.start
    end = threading.Event()

    def start_some(thread: threading.Thread) -> None:
        if thread.name == "cors-cancel":
            raise RuntimeError("can't start new thread")
        start(thread)

    def lookup(origin: str) -> bool:
        with suppress(ValueError), on_cancel(end.set):
            end.wait(0.2)
        return True

    monkeypatch.setattr(threading.Thread, "start", start_some)
    cache = CachedOrigins(lookup, timeout=0.05)
    assert ask(cache, A) == LATE
    until(lambda: cache.health().left_behind == 0)
    assert not end.is_set()
