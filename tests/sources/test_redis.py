"""RedisOrigins: a set for each tenant, and changes that every worker hears of.

Each test runs against an imitation within the process, and against a real server.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import fakeredis
import pytest
import redis

from flask_cors_policy import CORSMiddleware, Policy, PolicyError
from flask_cors_policy.sources import RedisOrigins, redis_set
from tests.helpers import Spy, call

from . import stores
from .helpers import EVIL, A, B, ask

SOON = 20.0
"""Seconds that a change never takes; that it takes one at most is told elsewhere."""


def until(condition: Callable[[], object]) -> None:
    """Wait until *condition* holds."""
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


class World:
    """A Redis server, and the workers that use it."""

    def __init__(self, make_client: Callable[[], redis.Redis]) -> None:
        self.make_client = make_client
        self.client = make_client()
        self.workers = ExitStack()

    def worker(self, **options: Any) -> RedisOrigins:
        """Return the source of another worker; it listens by now."""
        source = RedisOrigins(self.make_client(), **options)
        self.workers.callback(source.close)
        with suppress(Exception):
            source(EVIL, {"tenant": ""})
        listener = source._listener
        assert listener is not None
        until(lambda: listener.trusted_for > 1)
        return source

    def lose(self) -> None:
        """Cut every connection, and take no new one for a moment."""
        raise NotImplementedError


class FakeWorld(World):
    def __init__(self) -> None:
        self.server = fakeredis.FakeServer()
        super().__init__(lambda: fakeredis.FakeRedis(server=self.server))

    def lose(self) -> None:
        self.server.connected = False
        time.sleep(0.05)
        self.server.connected = True


class RealWorld(World):
    def __init__(self, port: int) -> None:
        url = f"redis://127.0.0.1:{port}/0"
        super().__init__(lambda: redis_set._client(url, 5))
        self.client.flushall()

    def lose(self) -> None:
        self.client.client_kill_filter(_type="pubsub")


@pytest.fixture(scope="module")
def real_port() -> Iterator[int]:
    with stores.redis_server() as server:
        yield server.port


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.stores)])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "fake":
        world: World = FakeWorld()
    else:
        world = RealWorld(request.getfixturevalue("real_port"))
    with world.workers:
        yield world


def test_members_of_the_set_are_allowed(world: World) -> None:
    source = world.worker()
    world.client.sadd("cors:origins", A)
    assert [ask(source, A), ask(source, B)] == [True, False]
    assert source.origins() == [A]


def test_change_reaches_the_other_workers(world: World) -> None:
    first, second = world.worker(ttl=1000, negative_ttl=1000), world.worker()
    assert [ask(first), ask(second)] == [False, False]
    first.add(A)
    assert ask(first) is True
    until(lambda: ask(second) is True)
    second.remove(A)
    assert ask(second) is False
    until(lambda: ask(first) is False)
    assert first.origins() == []


def test_each_tenant_has_a_set_of_its_own(world: World) -> None:
    def tenant(environ: Any) -> str:
        name: str = environ["tenant"]
        return name

    source = world.worker(name="shop", tenant=tenant)
    source.add(A, "one")
    source.add(B, "two")
    assert [ask(source, A, tenant=t) for t in ("one", "two", "")] == [
        True,
        False,
        False,
    ]
    assert ask(source, B, tenant="two") is True
    assert sorted(world.client.keys()) == [b"shop:one", b"shop:two"]
    other = world.worker(name="shop", tenant=tenant)
    assert ask(other, A, tenant="one") is True
    source.remove(A, "one")
    until(lambda: ask(other, A, tenant="one") is False)


def test_names_with_wildcards_in_them_stand_for_themselves(world: World) -> None:
    first, second = world.worker(name="a*[b]?"), world.worker(name="a*[b]?")
    assert ask(second) is False
    first.add(A)
    until(lambda: ask(second) is True)


def test_worker_that_lost_its_connection_may_have_missed_a_change(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    source = world.worker(ttl=1000, negative_ttl=1000)
    assert ask(source, A) is False
    world.lose()
    world.client.sadd("cors:origins", A)
    until(lambda: ask(source, A) is True)


def test_while_changes_cannot_be_heard_of_no_answer_counts_for_long(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_set, "TRUSTED_FOR", 0.05)
    source = RedisOrigins(world.make_client(), ttl=1000, negative_ttl=1000)
    source.close()
    assert ask(source, A) is False
    world.client.sadd("cors:origins", A)
    until(lambda: ask(source, A) is True)
    assert source._listener is None


def test_origin_that_no_browser_sends_is_not_stored(world: World) -> None:
    source = world.worker()
    for wrong in (f"{A}/", "null", "*", "https://*.a.example", 7):
        with pytest.raises(PolicyError):
            source.add(wrong)  # type: ignore[arg-type]
    assert source.origins() == []


def test_what_is_no_set_allows_nobody(world: World) -> None:
    world.client.set("cors:origins", A)
    source = world.worker()
    assert "WRONGTYPE" in str(ask(source))


def test_it_is_a_function_for_origins(world: World) -> None:
    source = world.worker()
    source.add(A)
    app = CORSMiddleware(Spy(), Policy(origins=source, enforce=True))
    assert call(app, headers={"Origin": A}).status == "200 OK"
    assert call(app, headers={"Origin": B}).status == "403 Forbidden"


@pytest.mark.stores
def test_changes_made_by_others_are_heard_of_where_the_server_tells() -> None:
    with stores.redis_server("--notify-keyspace-events", "KA") as server:
        world = RealWorld(server.port)
        with world.workers:
            source = world.worker(ttl=1000, negative_ttl=1000)
            assert ask(source) is False
            world.client.sadd("cors:origins", A)
            until(lambda: ask(source) is True)
            world.client.delete("cors:origins")
            until(lambda: ask(source) is False)


class Garbled:
    """A client whose server answers what no server answers."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.connection_pool = redis.ConnectionPool()

    def sismember(self, name: str, member: str) -> object:
        return self.answer

    def pubsub(self) -> Any:
        raise ConnectionError("no channel")


@pytest.mark.parametrize("garbage", [b"1", "OK", 2, -1, [1], {}])
def test_garbage_never_allows(garbage: object, caplog: Any) -> None:
    client: Any = Garbled(garbage)
    source = RedisOrigins(client)
    assert str(ask(source)).startswith("the look-up answered")
    source.close()


def test_failure_to_listen_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    tries: list[int] = []

    def failing() -> Any:
        tries.append(1)
        raise ConnectionError("this very channel")

    client: Any = Garbled(1)
    client.pubsub = failing
    source = RedisOrigins(client)
    assert ask(source) is True
    until(lambda: len(tries) == 3)
    source.close()
    records = [r for r in caplog.records if "this very channel" in r.getMessage()]
    assert [r.__dict__["cors_reason"] for r in records] == ["origin-changes-unheard"]


class Silent:
    """A channel that takes subscriptions and then says nothing more."""

    def __init__(self) -> None:
        self.waiting = [
            {"type": "pong", "data": b"redis-py-health-check"},
            {"type": "psubscribe"},
        ]

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def psubscribe(self, *patterns: str) -> None:
        assert len(patterns) == 4

    def ping(self, message: str) -> None:
        float(message)

    def get_message(self, timeout: float) -> object:
        if self.waiting:
            return self.waiting.pop()
        time.sleep(timeout / 10)
        return None


def test_channel_that_falls_silent_is_not_trusted(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_set, "SILENT_FOR", 0.1)
    client: Any = Garbled(1)
    client.pubsub = Silent
    source = RedisOrigins(client)
    ask(source)
    until(lambda: "silent for more than 0.1 s" in caplog.text)
    source.close()


def test_connection_that_is_closed_on_purpose_is_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def closing() -> Any:
        source.close()
        raise ConnectionError("closed")

    client: Any = Garbled(1)
    client.pubsub = closing
    source = RedisOrigins(client)
    assert ask(source) is True
    listener = redis_set._Listener(client, "name", source.cache)
    listener.stop()
    listener.run()
    until(lambda: source._closed)
    assert caplog.records == []


def test_client_made_from_a_url_never_waits_for_long_nor_tries_again() -> None:
    source = RedisOrigins("redis://127.0.0.1:1/7", timeout=0.5)
    arguments = source.client.connection_pool.connection_kwargs
    assert arguments["socket_timeout"] == arguments["socket_connect_timeout"] == 0.5
    assert arguments["db"] == 7
    assert arguments["retry"]._retries == 0
    assert "Connection refused" in str(ask(source))
    source.close()


def test_source_that_was_never_asked_may_be_closed() -> None:
    RedisOrigins("redis://127.0.0.1:1/0").close()
