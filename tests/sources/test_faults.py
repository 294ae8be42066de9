"""What becomes of requests while a store is killed, stopped, slow or out of its mind.

A real store, gunicorn with several workers, threads and greenlets, more clients than
these have threads, and every single answer is looked at: never a wrong allow, never an
error for a client; origins that were allowed before go on to be; requests that need no
store are not held up; the log says when it began and when it ended; and all is well
again afterwards without a restart.

With ``FAULT_SECONDS`` set there are more faults and kinds of workers, and what was
measured is kept for the documentation (``make faults``).
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flask_cors_policy.sources import status

from . import served_app, stores
from .faults import (
    FAULTS,
    LISTED,
    Fault,
    PostgresScene,
    Scene,
    has_wrapper,
    postgres_scene,
    redis_scene,
)
from .gunicorn import Served, gunicorn
from .load import Answer, Asked, Load, ask

pytestmark = pytest.mark.stores

THOROUGH = "FAULT_SECONDS" in os.environ
SECONDS = float(os.environ.get("FAULT_SECONDS", "4"))
TIMEOUT = served_app.TIMEOUT
RESULTS = Path(__file__).parents[2] / "docs" / "data" / "faults.json"
SETTLED_WITHIN = 30.0
CLIENTS = 50
NOT_HELD = 1.0
"""Seconds: what no store holds up may be held up by a busy machine, as before."""
APP = "tests.sources.served_app:create_app()"
UNLISTED = [f"https://unlisted{n}.example" for n in range(8)]

WORKERS = {
    "gthread": ("--worker-class", "gthread", "--workers", "2", "--threads", "8"),
    "sync": ("--worker-class", "sync", "--workers", "4"),
    "gevent": ("--worker-class", "gevent", "--workers", "2"),
    "gthread, preloaded": ("--preload", "--workers", "2", "--threads", "8"),
}
# Seconds between an answer and the client's next question. Workers of one thread that
# have no time left for their look-ups cannot be told from a store that hangs.
PAUSES = {"gevent": 0.1}
QUICK = {
    ("Redis", "gthread"): ["stopped (SIGSTOP)", "killed (SIGKILL)"],
    ("Redis", "sync"): ["stopped (SIGSTOP)"],
    ("PostgreSQL", "gthread"): ["backends stopped for good", "table locked"],
    ("PostgreSQL", "gevent"): ["stopped (SIGSTOP)"],
}
ALL = {
    (kind, workers): list(faults)
    for kind, faults in FAULTS.items()
    for workers in WORKERS
}
CASES = [
    (kind, workers, fault)
    for (kind, workers), faults in (ALL if THOROUGH else QUICK).items()
    for fault in faults
]


class Stage(NamedTuple):
    """A store, and a server that asks it.

    :param kind: of the store.
    :param workers: of the server.
    """

    kind: str
    workers: str
    scene: Scene
    served: Served


@contextmanager
def scene_of(kind: str) -> Iterator[Scene]:
    if not has_wrapper():
        message = '"make stores" installs libnss-wrapper'
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with redis_scene() if kind == "Redis" else postgres_scene() as scene:
        yield scene


@contextmanager
def serving(scene: Scene, workers: str, *more: str, **options: Any) -> Iterator[Served]:
    """Serve, and see to it that no worker has raised anything in the end."""
    environment = {
        **scene.environment,
        "STORE": scene.url,
        "SOURCE_OPTIONS": json.dumps(options),
        # More faults in a minute than the log has lines for.
        "LOG_LINES": "1000" if THOROUGH else str(status.MOST_LINES),
    }
    arguments = (*WORKERS[workers], *more)
    with gunicorn(APP, *arguments, lifetime=1200, **environment) as served:
        until_all_workers_answer(served.port, worker_count(workers))
        yield served
    said = "".join(served.log)
    assert "Traceback" not in said, said
    assert "WORKER TIMEOUT" not in said


def worker_count(name: str) -> int:
    """Return how many workers there are."""
    line = WORKERS[name]
    return int(line[line.index("--workers") + 1])


def until_all_workers_answer(port: int, workers: int) -> None:
    """Wait for all of them: the first would keep all connections."""
    seen: set[str] = set()
    end = time.monotonic() + SETTLED_WITHIN
    while len(seen) < workers:
        assert time.monotonic() < end, seen
        with Load(port, health, 8, 0.01, kept_alive=False) as load:
            time.sleep(0.1)
        seen |= {answer.process for answer in load.answers}


@pytest.fixture(scope="module")
def stages() -> Iterator[dict[tuple[str, str], Stage]]:
    """The stages that were built; the newest only, and closed in the end."""
    open_stage: dict[tuple[str, str], Stage] = {}
    stack = ExitStack()

    class Stages(dict[tuple[str, str], Stage]):
        def __missing__(self, which: tuple[str, str]) -> Stage:
            stack.close()
            open_stage.clear()
            kind, workers = which
            scene = stack.enter_context(scene_of(kind))
            served = stack.enter_context(serving(scene, workers))
            open_stage[which] = Stage(kind, workers, scene, served)
            return open_stage[which]

        def __getitem__(self, which: tuple[str, str]) -> Stage:
            return open_stage.get(which) or self.__missing__(which)

    with stack:
        yield Stages()


def asks(number: int) -> Asked:
    """Return who asks: known and unknown pages, made-up ones, and no page at all."""
    chance = random.Random(number)
    which, preflight = chance.random(), chance.random() < 0.3
    if which < 0.45:
        return Asked(chance.choice(LISTED), preflight)
    if which < 0.6:
        return Asked(chance.choice(UNLISTED), preflight)
    if which < 0.9:
        return Asked(f"https://{number}.madeup.example", preflight)
    return Asked("")


def health(number: int) -> Asked:
    """Return what a health check asks."""
    return Asked("", path="/health")


def until_all_is_well(load: Load, workers: int = 1) -> float:
    """Wait until all who may are let in; return how long that took.

    :param workers: how many must have let in everybody.
    """
    began = moment = now = time.monotonic()
    by_worker: dict[str, set[str]] = {}
    while time.monotonic() - began < SETTLED_WITHIN:
        time.sleep(0.05)
        now = time.monotonic()
        may = [a for a in load.since(moment) if a.asked.origin in LISTED]
        if not all(answer.allowed for answer in may):
            moment = now
        by_worker = {}
        for answer in may:
            by_worker.setdefault(answer.process, set()).add(answer.asked.origin)
        done = [seen for seen in by_worker.values() if seen >= {*LISTED}]
        if now > moment + 0.3 and len(done) >= workers:
            return moment - began
    found = {process: len(seen) for process, seen in by_worker.items()}
    raise AssertionError(f"it does not recover: {found}, {now - moment:.1f} s")


def until_recovered(stage: Stage, workers: int) -> float:
    """Wait until an origin that is new is let in by all; return how long that took."""
    began = time.monotonic()
    origin = f"https://new{began}.example"
    with (
        stage.scene.source() as source,
        Load(stage.served.port, lambda _: Asked(origin), 4, 0.01, False) as load,
    ):
        source.add(origin)
        while len({a.process for a in load.since(began) if a.allowed}) < workers:
            assert time.monotonic() - began < SETTLED_WITHIN, "it does not recover"
            time.sleep(0.05)
        source.remove(origin)
    assert not any(answer.wrong for answer in load.answers)
    return time.monotonic() - began


def longest(answers: list[Answer]) -> float:
    return max((answer.seconds for answer in answers), default=0.0)


class Measured(NamedTuple):
    """What was measured of one fault, for the documentation."""

    store: str
    workers: str
    fault: str
    requests: int
    per_second_before: float
    per_second: float
    longest: float
    longest_health: float
    wrong: int
    recovered: float


MEASURED: list[Measured] = []


@pytest.fixture(scope="module", autouse=True)
def results() -> Iterator[None]:
    """Keep what was measured, in the place of what earlier runs did of the same."""
    yield
    if not (THOROUGH and MEASURED):
        return
    earlier = json.loads(RESULTS.read_text())["faults"] if RESULTS.exists() else []
    found = {
        (each["store"], each["workers"], each["fault"]): each
        for each in [*earlier, *(measured._asdict() for measured in MEASURED)]
    }
    content = {
        "clients": CLIENTS,
        "timeout": TIMEOUT,
        "seconds": SECONDS,
        "workers": {name: " ".join(line) for name, line in WORKERS.items()},
        "faults": list(found.values()),
    }
    RESULTS.write_text(json.dumps(content, indent=1) + "\n")


@pytest.mark.parametrize(("kind", "workers", "fault"), CASES)
def test_fault_under_load(
    stages: dict[tuple[str, str], Stage], kind: str, workers: str, fault: str
) -> None:
    stage = stages[kind, workers]
    what = FAULTS[kind][fault]
    count = worker_count(workers)
    logged = len(stage.served.log)
    with (
        Load(stage.served.port, asks, CLIENTS, PAUSES.get(workers, 0.002)) as load,
        Load(stage.served.port, health, 1, 0.1) as prober,
    ):
        until_all_is_well(load, count)
        time.sleep(2)
        began = ended = time.monotonic()
        for _ in what.happens(stage.scene):
            time.sleep(SECONDS)
            ended = time.monotonic()
        recovered = until_recovered(stage, count)
        until_all_is_well(load, count)
        stage.scene.store.resume()  # What was stopped for good holds locks.

    before = [a for a in load.answers if began - 2 <= a.began < began]
    during = [a for a in load.answers if began <= a.began < ended]
    checks = [a for a in prober.answers if began <= a.began < ended]
    check_answers([*load.answers, *prober.answers], began)
    check_held(what, workers, during, checks, began, longest(before))
    rates = len(before) / 2, len(during) / (ended - began)
    if workers.startswith("gthread") and what.fails:
        assert rates[1] >= rates[0] / 2
    told = list(stage.served.log[logged:])
    said = "".join(line for line in told if "CORS origins" in line)
    assert (" fails (" in said) or not what.fails, said
    assert (" works again after" in said) or not what.fails, said
    wrong = sum(bool(answer.wrong) for answer in load.answers)
    found = (len(during), *rates, longest(during), longest(checks), wrong, recovered)
    MEASURED.append(Measured(kind, workers, fault, *found))
    print(f"\n{MEASURED[-1]}")


def check_answers(answers: list[Answer], began: float) -> None:
    """Check what holds for each answer, whatever happens to the store.

    :param began: when the fault did.
    """
    assert answers
    known = {
        (answer.process, answer.asked.origin)
        for answer in answers
        if answer.allowed and answer.ended < began
    }
    assert {origin for _, origin in known} == {*LISTED}
    for answer in answers:
        assert answer.wrong == "", answer
        assert not answer.allowed or answer.asked.origin in LISTED, answer
        if answer.began > began and (answer.process, answer.asked.origin) in known:
            assert answer.allowed, answer


def check_held(
    fault: Fault,
    workers: str,
    during: list[Answer],
    checks: list[Answer],
    began: float,
    busy: float,
) -> None:
    """Check how long requests were held up.

    :param busy: how long they were before the fault.
    """
    for answer in during:
        assert answer.seconds < TIMEOUT + 1 + busy, answer
    needless = [*checks, *(answer for answer in during if not answer.asked.origin)]
    assert needless
    bound = TIMEOUT + 1 if workers == "sync" else NOT_HELD
    assert longest(needless) < bound + busy
    open_since = began + 3 * TIMEOUT + 1
    late = [answer for answer in [*during, *checks] if answer.began > open_since]
    if fault.fails:
        assert longest(late) < NOT_HELD + busy


def answers_from(load: Load, origin: str, begin: float) -> list[Answer]:
    """Wait for some answers about *origin* that were asked for after *begin*.

    A busy machine may take its time.
    """
    end = begin + 30
    while True:
        time.sleep(0.5)
        found = [each for each in load.since(begin) if each.asked.origin == origin]
        if len(found) >= 3 or time.monotonic() > end:
            return found


def test_removed_origin_is_refused_by_all_workers_within_the_stated_time(
    stages: dict[tuple[str, str], Stage],
) -> None:
    for kind, stated in (("Redis", 1.0), ("PostgreSQL", served_app.SQL_TTL)):
        stage = stages[kind, "gthread"]
        going = [f"https://going{n}.example" for n in range(3)]

        def turn(number: int, going: list[str] = going) -> Asked:
            return Asked(going[number % 3]) if number % 2 else asks(number)

        with stage.scene.source() as source, Load(stage.served.port, turn) as load:
            until_all_is_well(load)
            for origin in going if THOROUGH else going[:1]:
                source.add(origin)
                there = answers_from(load, origin, time.monotonic() + stated)
                removing = time.monotonic()
                source.remove(origin)
                gone = answers_from(load, origin, time.monotonic() + stated)
                assert {each.allowed for each in there if each.ended < removing} == {
                    True
                }
                assert {each.allowed for each in gone} == {False}
        for answer in load.answers:
            assert answer.wrong == ""


@pytest.mark.parametrize("kind", FAULTS if THOROUGH else ["PostgreSQL"])
def test_worker_that_starts_while_the_store_fails_serves_what_others_were_told(
    kind: str, tmp_path: Path
) -> None:
    """Workers that are recycled and killed, and a second server."""
    options = {"known_good": str(tmp_path / "known.json"), "timeout": 0.5}
    recycled = ("--max-requests", "2000", "--max-requests-jitter", "1000")
    with scene_of(kind) as scene, ExitStack() as stack:
        served = stack.enter_context(serving(scene, "gthread", *recycled, **options))
        load = stack.enter_context(Load(served.port, asks, CLIENTS))
        until_all_is_well(load)
        time.sleep(2)  # It is saved each second.
        scene.store.pause()
        began = time.monotonic()
        time.sleep(SECONDS)
        with suppress(ProcessLookupError):  # It may have been recycled just now.
            os.kill(stores.descendants(served.process)[0], signal.SIGKILL)
        second = stack.enter_context(serving(scene, "sync", **options))
        for origin in LISTED:
            assert ask(second.port, origin).allowed
            assert not ask(second.port, f"{origin}.madeup.example").allowed
        time.sleep(1)
        scene.store.resume()
        until_all_is_well(load)
        new = f"https://new.{kind.lower()}.example"
        with scene.source() as source:
            source.add(new)
        end = time.monotonic() + SETTLED_WITHIN
        while not ask(second.port, new).allowed:
            assert time.monotonic() < end
            time.sleep(0.1)
    during = [answer for answer in load.answers if answer.began > began]
    processes = {answer.process for answer in during}
    assert len(processes) > 3
    for answer in during:
        killed = answer.process == "" and "Reset" in answer.wrong
        assert answer.wrong == "" or killed, answer
        assert answer.allowed == (answer.asked.origin in LISTED) or killed, answer
    held = [answer.seconds for answer in during]
    # Some wait until a worker has started in the place of another.
    assert statistics.quantiles(held, n=20)[-1] < NOT_HELD


def test_connections_of_cancelled_look_ups_are_given_back() -> None:
    """Three times, the backends that serve an application stop for good."""
    with postgres_scene() as scene:
        source = served_app.source(scene.url.replace("store.example", "127.0.0.1"))
        try:
            for _ in range(3):
                settle(source, LISTED[0], True)
                scene.store.pause_backends()
                time.sleep(served_app.SQL_TTL)
                for number in range(40):
                    assert not is_allowed(source, f"https://{number}.example")
                settle(source, f"https://{time.time()}.example", False)
                assert source.health().left_behind == 0
                assert source.health().places_taken == 0
        finally:
            source.close()
        assert isinstance(scene, PostgresScene)


def is_allowed(source: Any, origin: str) -> bool:
    try:
        return bool(source(origin, {}))
    except Exception:
        return False


def settle(source: Any, origin: str, allowed: bool) -> None:
    """Wait until the store has answered, and all that was begun has ended."""
    end = time.monotonic() + SETTLED_WITHIN
    while True:
        health = source.health()
        settled = is_allowed(source, origin) is allowed
        if settled and health.failing_since is None and not health.left_behind:
            return
        assert time.monotonic() < end, health
        time.sleep(0.05)
