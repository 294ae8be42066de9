"""Real stores, and what can go wrong with them: for the tests of faults."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg
import redis

from flask_cors_policy.sources import RedisOrigins, SQLAlchemyOrigins

from . import served_app, stores
from .proxy import Mode, Proxy, proxy

HOST: Final = "store.example"
"""The name by which the application knows its store."""
WRAPPER: Final = "libnss_wrapper.so"

LISTED: Final = [f"https://listed{n}.example" for n in range(8)]


class Scene:
    """A store with a way to it, and what the application needs to know.

    :ivar store: the server.
    :ivar way: the proxy in front of it.
    :ivar url: what the application is given.
    :ivar environment: variables that the application needs.
    """

    def __init__(self, store: stores.Store, way: Proxy, hosts: Path) -> None:
        self.store = store
        self.way = way
        self._hosts = hosts
        self.name_resolves(True)
        self.environment: dict[str, str] = {
            "LD_PRELOAD": WRAPPER,
            "NSS_WRAPPER_HOSTS": str(hosts),
        }

    url: str
    admin_url: str

    def name_resolves(self, does: bool) -> None:
        """Put the name of the store into the table of hosts, or take it out."""
        host = HOST if does else "other.example"
        self._hosts.write_text(f"127.0.0.1 {host}\n")

    @contextmanager
    def source(self) -> Iterator[RedisOrigins | SQLAlchemyOrigins]:
        """Change origins as another process does, past the proxy."""
        source = served_app.source(self.admin_url)
        try:
            yield source
        finally:
            source.close()

    def disconnect(self) -> None:
        """Cut the connections of the application."""
        before, self.way.mode = self.way.mode, "refuse"
        self.way.wait_until_cut()
        self.way.mode = before


class RedisScene(Scene):
    """Redis, with a password."""

    password = "first"

    def __init__(self, store: stores.Store, way: Proxy, hosts: Path) -> None:
        super().__init__(store, way, hosts)
        self.url = f"redis://:{self.password}@{HOST}:{way.port}/0"
        self.admin_url = f"redis://127.0.0.1:{store.port}/0"
        admin = self.admin()
        admin.config_set("requirepass", self.password)
        self.admin_url = f"redis://:{self.password}@127.0.0.1:{store.port}/0"
        with self.source() as source:
            for origin in LISTED:
                source.add(origin)
        self.admin(self.password).save()

    def admin(self, password: str | None = None) -> redis.Redis:
        """Return a client that goes past the proxy."""
        return redis.Redis(port=self.store.port, password=password)

    def start(self) -> None:
        """Start the server again after it was killed."""
        self.store.start()
        self.admin().config_set("requirepass", self.password)


class PostgresScene(Scene):
    """PostgreSQL; the application is a user of its own, with a password."""

    def __init__(self, store: stores.Store, way: Proxy, hosts: Path) -> None:
        super().__init__(store, way, hosts)
        self.run("CREATE ROLE app LOGIN PASSWORD 'first'")
        self.admin_url = (
            f"postgresql+psycopg://postgres@127.0.0.1:{store.port}/postgres"
        )
        self.url = f"postgresql+psycopg://app:first@{HOST}:{way.port}/postgres"
        with self.source() as source:
            assert isinstance(source, SQLAlchemyOrigins)
            source.create_table()
            for origin in LISTED:
                source.add(origin)
        self.run("GRANT SELECT ON cors_origins TO app")

    def connect(self) -> psycopg.Connection[Any]:
        """Connect as the administrator, through the socket of the server."""
        return psycopg.connect(
            f"host={self.store.folder} port={self.store.port} user=postgres "
            "dbname=postgres",
            autocommit=True,
        )

    def run(self, statement: str) -> None:
        """Run a statement as the administrator."""
        with self.connect() as connection:
            connection.execute(statement.encode())

    def start(self) -> None:
        """Start the server again after it was killed."""
        self.store.start()


@contextmanager
def redis_scene() -> Iterator[RedisScene]:
    """Run a Redis server behind a proxy."""
    with ExitStack() as stack:
        store = stack.enter_context(stores.redis_server())
        way = stack.enter_context(proxy(store.port))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        yield RedisScene(store, way, Path(folder, "hosts"))


@contextmanager
def postgres_scene() -> Iterator[PostgresScene]:
    """Run a PostgreSQL server behind a proxy."""
    with ExitStack() as stack:
        store = stack.enter_context(stores.postgres_server())
        way = stack.enter_context(proxy(store.port))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        yield PostgresScene(store, way, Path(folder, "hosts"))


Happens = Callable[[Any], Iterator[None]]


class Fault(NamedTuple):
    """Something that happens to a store.

    :param happens: lets it happen, yields, and undoes it.
    :param fails: whether look-ups fail by it.
    :param hangs: whether they do so by a time-out.
    """

    happens: Happens
    fails: bool = True
    hangs: bool = False


def through(mode: Mode, delay: float = 0.0, cut: bool = False) -> Happens:
    """Return a fault of the way to the store.

    :param cut: whether what is connected is cut as well.
    """

    def happens(scene: Scene) -> Iterator[None]:
        scene.way.delay = delay
        if cut:
            scene.disconnect()
        scene.way.mode = mode
        yield
        scene.way.mode = "pass"

    return happens


def _killed(scene: Any) -> Iterator[None]:
    scene.store.kill()
    yield
    scene.start()


def _stopped(scene: Scene) -> Iterator[None]:
    scene.store.pause()
    yield
    scene.store.resume()


def _unresolved(scene: Scene) -> Iterator[None]:
    scene.name_resolves(False)
    scene.disconnect()
    yield
    scene.name_resolves(True)


def _redis_password(scene: RedisScene) -> Iterator[None]:
    scene.admin(scene.password).config_set("requirepass", "second")
    scene.disconnect()
    yield
    scene.admin("second").config_set("requirepass", scene.password)


def _redis_full(scene: RedisScene) -> Iterator[None]:
    scene.admin(scene.password).config_set("maxmemory", "1")
    with scene.source() as source:  # Nobody is hindered from making changes.
        source.remove(LISTED[-1])
        source.add(LISTED[-1])
    yield
    scene.admin(scene.password).config_set("maxmemory", "0")


def _redis_read_only(scene: RedisScene) -> Iterator[None]:
    scene.admin(scene.password).config_set("min-replicas-to-write", "1")
    yield
    scene.admin(scene.password).config_set("min-replicas-to-write", "0")


def _backends_stopped(scene: PostgresScene) -> Iterator[None]:
    scene.store.pause_backends()
    yield
    # They are not resumed before all is well: nothing may depend on it.


def _locked(scene: PostgresScene) -> Iterator[None]:
    with scene.connect() as connection:
        connection.execute("BEGIN")
        connection.execute("LOCK TABLE cors_origins IN ACCESS EXCLUSIVE MODE")
        yield
        connection.execute("COMMIT")


def _postgres_password(scene: PostgresScene) -> Iterator[None]:
    scene.run("ALTER ROLE app PASSWORD 'second'")
    scene.disconnect()
    yield
    scene.run("ALTER ROLE app PASSWORD 'first'")


def _postgres_full(scene: PostgresScene) -> Iterator[None]:
    scene.run("ALTER ROLE app CONNECTION LIMIT 0")
    scene.disconnect()
    yield
    scene.run("ALTER ROLE app CONNECTION LIMIT -1")


def _postgres_read_only(scene: PostgresScene) -> Iterator[None]:
    scene.run("ALTER SYSTEM SET default_transaction_read_only = on")
    scene.run("SELECT pg_reload_conf()")
    yield
    with scene.connect() as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
        connection.execute("SELECT pg_reload_conf()")


LATE: Final = 4 * served_app.TIMEOUT

BOTH: Final[dict[str, Fault]] = {
    "stopped (SIGSTOP)": Fault(_stopped, hangs=True),
    "killed (SIGKILL)": Fault(_killed),
    "connections refused": Fault(through("refuse")),
    "says nothing": Fault(through("deaf"), hangs=True),
    "0.1 s late with every packet": Fault(through("slow", 0.1), fails=False),
    "later than the time-out": Fault(through("slow", LATE), hangs=True),
    "random bytes": Fault(through("garbage")),
    "its name no longer resolves": Fault(_unresolved),
}
FAULTS: Final[dict[str, dict[str, Fault]]] = {
    "Redis": {
        **BOTH,
        # An answer of four bytes is within the time-out.
        "one byte in 0.1 s": Fault(through("dribble"), fails=False),
        "another password": Fault(_redis_password),
        "memory full": Fault(_redis_full, fails=False),
        "read-only": Fault(_redis_read_only, fails=False),
    },
    "PostgreSQL": {
        **BOTH,
        "one byte in 0.1 s": Fault(through("dribble"), hangs=True),
        "backends stopped for good": Fault(_backends_stopped, hangs=True),
        "table locked": Fault(_locked, hangs=True),
        "another password": Fault(_postgres_password),
        "no connection left": Fault(_postgres_full),
        "read-only": Fault(_postgres_read_only, fails=False),
    },
}


def has_wrapper() -> bool:
    """Say whether the library is there that gives processes a table of hosts."""
    return any(Path("/usr/lib").glob(f"*/{WRAPPER}")) and os.name == "posix"
