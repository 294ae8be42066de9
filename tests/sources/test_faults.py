"""What becomes of requests while the store is killed, paused, slow or out of its mind.

A real store, gunicorn with several workers, threads and greenlets, and every single
answer is looked at: never a wrong allow, never an error for the client, none held much
longer than a look-up may take, and all is well again afterwards without a restart.
Origins that were allowed before the fault stay so, as ``stale_if_error`` promises.

Where ``FAULT_SECONDS`` is set, each fault lasts so long, and there are more of them
(``make faults``).
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from flask_cors_policy.sources import RedisOrigins, SQLAlchemyOrigins

from . import served_app, stores
from .gunicorn import gunicorn
from .load import Answer, Load
from .proxy import Mode, Proxy, proxy

pytestmark = pytest.mark.stores

THOROUGH = "FAULT_SECONDS" in os.environ
FAULT_SECONDS = float(os.environ.get("FAULT_SECONDS", "0.7"))
SETTLED_WITHIN = 30.0
HELD_NO_LONGER = served_app.TIMEOUT + 10.0
"""Far above what is measured (docs/live-origins.md): the machine may be busy."""

WARM = [f"https://warm{n}.example" for n in range(4)]
COLD = [f"https://cold{n}.example" for n in range(200)]
NEVER = [f"https://never{n}.example" for n in range(4)]


class Scene(NamedTuple):
    """A store with a way to it, and a server that asks it."""

    name: str
    store: stores.Store
    way: Proxy
    url: str
    served: int
    log: list[str]


@contextmanager
def store_behind_a_proxy(kind: str) -> Iterator[tuple[stores.Store, Proxy, str]]:
    if kind == "redis":
        with stores.redis_server() as store, proxy(store.port) as way:
            yield store, way, f"redis://127.0.0.1:{way.port}/0"
    else:
        with stores.postgres_server() as store, proxy(store.port) as way:
            user = "postgresql+psycopg://postgres@127.0.0.1"
            yield store, way, f"{user}:{way.port}/postgres"


@contextmanager
def source_at(url: str) -> Iterator[RedisOrigins | SQLAlchemyOrigins]:
    """Change origins as another process does."""
    source = served_app.source(url)
    try:
        yield source
    finally:
        source.close()


def fill(url: str) -> None:
    """Put the origins in that are allowed."""
    with source_at(url) as source:
        if isinstance(source, SQLAlchemyOrigins):
            source.create_table()
        for origin in [*WARM, *COLD]:
            source.add(origin)
        if isinstance(source, RedisOrigins):
            source.client.save()


WORKERS = {
    "threads": ("--worker-class", "gthread", "--workers", "2", "--threads", "8"),
    "greenlets": ("--worker-class", "gevent", "--workers", "2"),
    "preloaded": ("--preload", "--workers", "2", "--threads", "8"),
}


@pytest.fixture(
    scope="module",
    params=[
        ("redis", "threads"),
        ("redis", "greenlets"),
        ("postgres", "threads"),
        ("postgres", "greenlets"),
        ("redis", "preloaded"),
        ("postgres", "preloaded"),
    ][: None if THOROUGH else 4],
    ids=lambda param: "-".join(param),
)
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    kind, workers = request.param
    app = "tests.sources.served_app:create_app()"
    with store_behind_a_proxy(kind) as (store, way, url):
        fill(url)
        with gunicorn(app, *WORKERS[workers], STORE=url) as served:
            yield Scene(f"{kind}, {workers}", store, way, url, served.port, served.log)
        assert "Traceback" not in "".join(served.log)
        assert "Exception" not in "".join(served.log)


def asks(number: int) -> str:
    """Return who asks: known and unknown pages, and a flood of made-up ones."""
    turn, which = divmod(number, 8)
    if which < 3:
        return WARM[turn % len(WARM)]
    if which == 3:
        return COLD[turn % len(COLD)]
    if which < 6:
        return NEVER[turn % len(NEVER)]
    return f"https://{number}.madeup.example"


def check(answers: list[Answer]) -> None:
    """Check what holds for each answer, whatever happens to the store."""
    assert answers
    for answer in answers:
        assert answer.wrong == "", answer
        assert not (answer.allowed and answer.origin not in {*WARM, *COLD}), answer
        assert answer.seconds < HELD_NO_LONGER, answer


def until_all_is_well(load: Load) -> float:
    """Wait until all who may are let in again; return how long that took."""
    began = moment = time.monotonic()
    while time.monotonic() - began < SETTLED_WITHIN:
        time.sleep(0.05)
        now = time.monotonic()
        may = [a for a in load.since(moment) if a.origin in {*WARM, *COLD}]
        asked = {answer.origin for answer in may}
        if not all(answer.allowed for answer in may):
            moment = now
        elif asked >= {*WARM} and asked & {*COLD}:
            return moment - began
    raise AssertionError("it does not recover")


def through(scene: Scene, mode: Mode, delay: float = 0.0) -> Iterator[None]:
    scene.way.delay = delay
    scene.way.mode = mode
    yield
    scene.way.mode = "pass"


def killed(scene: Scene) -> Iterator[None]:
    scene.store.kill()
    yield
    scene.store.start()


def paused(scene: Scene) -> Iterator[None]:
    scene.store.pause()
    yield
    scene.store.resume()


FAULTS: dict[str, Callable[[Scene], Iterator[None]]] = {
    "paused": paused,
    "killed": killed,
    "slow": lambda scene: through(scene, "slow", 0.15),
    "too slow": lambda scene: through(scene, "slow", 3.0),
    "garbage": lambda scene: through(scene, "garbage"),
    "deaf": lambda scene: through(scene, "deaf"),
    "refused": lambda scene: through(scene, "refuse"),
}


@pytest.mark.parametrize(
    "fault", FAULTS if THOROUGH else ["paused", "killed", "garbage"]
)
def test_fault_under_load(scene: Scene, fault: str) -> None:
    with Load(scene.served, asks) as load:
        until_all_is_well(load)
        before = time.monotonic()
        for _ in FAULTS[fault](scene):
            time.sleep(FAULT_SECONDS)
        recovered = until_all_is_well(load)

    check(load.answers)
    during = load.since(before)
    assert len({answer.process for answer in load.answers}) == 2
    known = {
        (answer.process, answer.origin)
        for answer in load.answers
        if answer.allowed and answer.began + answer.seconds < before
    }
    for answer in during:
        if answer.origin in WARM and (answer.process, answer.origin) in known:
            assert answer.allowed, answer
    assert {origin for _, origin in known} > {*WARM}
    report(scene.name, fault, during, recovered)


def report(scene: str, fault: str, answers: list[Answer], recovered: float) -> None:
    """Print what happened, for those who ask (``pytest -s``)."""
    seconds = sorted(answer.seconds for answer in answers)
    print(
        f"\n| {scene} | {fault} | {len(answers)} | "
        f"{1000 * statistics.median(seconds):.1f} | {1000 * seconds[-1]:.0f} | "
        f"{recovered:.1f} |",
        end="",
    )


def test_removed_origin_is_refused_by_all_workers_within_the_stated_time(
    scene: Scene,
) -> None:
    stated = 1.0 if scene.name.startswith("redis") else served_app.SQL_TTL
    going = [f"https://going{n}.example" for n in range(3)]
    with (
        source_at(scene.url) as source,
        Load(scene.served, lambda n: going[n % 3] if n % 2 else asks(n // 2)) as load,
    ):
        until_all_is_well(load)
        for origin in going if THOROUGH else going[:1]:
            source.add(origin)
            added = time.monotonic()
            time.sleep(stated + 0.3)
            removing = time.monotonic()
            source.remove(origin)
            removed = time.monotonic()
            time.sleep(stated + 0.3)
            there = [
                answer.allowed
                for answer in load.since(added + stated)
                if answer.origin == origin and answer.began + answer.seconds < removing
            ]
            gone = [
                answer.allowed
                for answer in load.since(removed + stated)
                if answer.origin == origin
            ]
            assert {*there} == {True}
            assert {*gone} == {False}
    for answer in load.answers:
        assert answer.wrong == ""
