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
from redis.exceptions import OutOfMemoryError

from flask_cors_policy import CORSMiddleware, Policy, PolicyError
from flask_cors_policy.sources import RedisOrigins, redis_listener, redis_set
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
        # It makes a database when the first connection does. Two that come at once,
        # that of a look-up and that of the listener, would each have one of their own.
        self.client.ping()

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
    """A client, and its connection, whose server answers what no server answers."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.connection_kwargs: dict[str, object] = {}
        self.taken = 0

    @property
    def connection_pool(self) -> Garbled:
        return self

    def get_connection(self) -> Garbled:
        self.taken += 1
        return self

    def release(self, connection: Garbled) -> None:
        self.taken -= 1

    def send_command(self, *command: str) -> None:
        assert command == ("SISMEMBER", "cors:origins", A)

    def read_response(self) -> object:
        return self.answer

    def pubsub(self) -> Any:
        raise ConnectionError("no channel")


@pytest.mark.parametrize("garbage", [b"1", "OK", 2, -1, [1], {}])
def test_garbage_never_allows(garbage: object, caplog: Any) -> None:
    client: Any = Garbled(garbage)
    source = RedisOrigins(client)
    assert str(ask(source)).startswith("the look-up answered")
    assert client.taken == 0
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


@pytest.mark.stores
def test_channel_that_comes_and_goes_is_logged_once_in_a_window(
    real_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    world = RealWorld(real_port)
    with world.workers:
        source = world.worker()
        listener = source._listener
        assert listener is not None
        for _ in range(4):
            world.lose()
            until(lambda: listener.trusted_for == redis_listener.TRUSTED_FOR)
            until(lambda: listener.trusted_for > 1)
        assert source.health().listener == "heard"
    assert [r.__dict__["cors_reason"] for r in caplog.records] == [
        "origin-changes-unheard",
        "origin-changes-heard",
    ]


def test_worker_that_hears_nothing_uses_no_older_answer_where_that_is_switched_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server works, but for this worker neither channel nor look-ups do."""
    monkeypatch.setattr(redis_set, "TRUSTED_FOR", 0.2)
    source = RedisOrigins(world.make_client(), stale_if_error=0)
    source.close()  # It hears nothing from now on.
    source.add(A)
    assert ask(source) is True
    assert source.health().listener == "none"

    def broken(*_: object) -> object:
        raise ConnectionError("cut off")

    monkeypatch.setattr(source.client.connection_pool, "get_connection", broken)
    world.client.srem("cors:origins", A)
    until(lambda: isinstance(ask(source), str))


def test_all_workers_ask_again_when_they_are_told_to(world: World) -> None:
    """After a flush, which Redis tells nobody."""
    first, second = world.worker(ttl=1000), world.worker(ttl=1000)
    first.add(A)
    time.sleep(0.5)  # Both have heard of it.
    assert [ask(first), ask(second)] == [True, True]
    world.client.flushdb()
    time.sleep(0.3)
    assert [ask(first), ask(second)] == [True, True]
    first.recheck()
    until(lambda: ask(first) is False)
    until(lambda: ask(second) is False)


@pytest.mark.stores
@pytest.mark.parametrize("command", ["flushdb", "flushall", "swapdb"])
def test_flush_is_known_after_the_ttl(command: str) -> None:
    with stores.redis_server("--notify-keyspace-events", "KA") as server:
        world = RealWorld(server.port)
        with world.workers:
            source = world.worker(ttl=2.0)
            source.add(A)
            assert ask(source) is True
            client: Any = world.client
            client.swapdb(0, 1) if command == "swapdb" else getattr(client, command)()
            done = time.monotonic()
            until(lambda: ask(source) is False)
            assert time.monotonic() - done < SOON


@pytest.mark.stores
def test_origins_can_be_added_and_removed_on_a_full_server() -> None:
    with stores.redis_server("--maxmemory-policy", "noeviction") as server:
        world = RealWorld(server.port)
        with world.workers:
            source, other = world.worker(ttl=1000), world.worker(ttl=1000)
            source.add(A)
            until(lambda: ask(other) is True)
            assert ask(other, B) is False
            world.client.config_set("maxmemory", "1")
            with pytest.raises(OutOfMemoryError):
                world.client.sadd("cors:origins", EVIL)
            source.remove(A)
            source.add(B)
            assert source.origins() == [B]
            until(lambda: (ask(other, A), ask(other, B)) == (False, True))


def test_change_that_is_refused_for_another_reason_is_an_error(world: World) -> None:
    world.client.set("cors:origins", "no set")
    source = world.worker()
    with pytest.raises(redis.RedisError, match="WRONGTYPE"):
        source.add(A)


@pytest.mark.stores
def test_look_up_that_is_cancelled_gives_its_connection_back() -> None:
    with stores.redis_server() as server:
        client = redis.Redis(port=server.port)  # Without any time-out of its own.
        source = RedisOrigins(client, timeout=0.2)
        assert ask(source) is False
        server.pause()
        assert isinstance(ask(source, B), str)
        until(lambda: source.health().left_behind == 0)
        assert source.health().failing_since is not None
        assert source.health().failure == "no answer in 0.2 s"
        server.resume()
        until(lambda: ask(source, B) is False)
        source.close()
        client.close()


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
    monkeypatch.setattr(redis_listener, "SILENT_FOR", 0.1)
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
    listener = redis_listener.Listener(client, "name", source.cache)
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
