"""SQLAlchemyOrigins: the rows of a table, in SQLite and in a real PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, create_engine, event, insert, text
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from flask_cors_policy import CORSMiddleware, Policy, PolicyError
from flask_cors_policy.sources import SQLAlchemyOrigins, forks, origins_table
from tests.helpers import Spy, call

from . import stores
from .helpers import EVIL, A, B, Clock, ask
from .test_waiting import Asking


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with stores.postgres_server() as server:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{server.port}/postgres"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.stores)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/origins.db"
        return
    url: str = request.getfixturevalue("postgres_url")
    yield url
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS cors_origins"))
    engine.dispose()


@pytest.fixture
def sources() -> Iterator[list[SQLAlchemyOrigins]]:
    """What has connections to close in the end."""
    made: list[SQLAlchemyOrigins] = []
    yield made
    for source in made:
        source.engine.dispose()


@pytest.fixture
def source(url: str, sources: list[SQLAlchemyOrigins]) -> SQLAlchemyOrigins:
    """A source whose table is there, and empty."""
    source = SQLAlchemyOrigins(url, timeout=20)
    sources.append(source)
    source.create_table()
    source.create_table()
    return source


def test_rows_of_the_table_are_allowed(source: SQLAlchemyOrigins) -> None:
    assert ask(source) is False
    source.add(A)
    source.add(A)
    assert [ask(source, A), ask(source, B)] == [True, False]
    assert source.origins() == [A]
    source.remove(A)
    source.remove(A)
    assert ask(source) is False
    assert source.origins() == []
    source.close()
    assert ask(source, B) is False


def test_change_by_another_worker_is_seen_after_the_stated_time(
    url: str, source: SQLAlchemyOrigins, sources: list[SQLAlchemyOrigins]
) -> None:
    clock = Clock()
    other = SQLAlchemyOrigins(url, timer=clock, timeout=20)
    sources.append(other)
    assert ask(other) is False
    source.add(A)
    clock.pass_(1.99)
    assert ask(other) is False
    clock.pass_(0.01)
    assert ask(other) is True
    source.remove(A)
    clock.pass_(9.99)
    assert ask(other) is True
    clock.pass_(0.01)
    assert ask(other) is False


def by_host(environ: Mapping[str, Any]) -> str:
    host: str = environ["HTTP_HOST"]
    return host.partition(".")[0]


def test_each_tenant_has_rows_of_its_own(
    url: str, source: SQLAlchemyOrigins, sources: list[SQLAlchemyOrigins]
) -> None:
    tenants = SQLAlchemyOrigins(source.engine, tenant=by_host, timeout=20)
    tenants.add(A, "one")
    tenants.add(B, "two")
    assert tenants.origins("one") == [A]
    for host, origin, allowed in [
        ("one.example", A, True),
        ("one.example", B, False),
        ("two.example", A, False),
        ("two.example", B, True),
        ("ONE.example", A, False),
        ("one ", A, False),
        ("' OR 1=1 --", A, False),
        ("", A, False),
    ]:
        assert ask(tenants, origin, HTTP_HOST=host) is allowed
    tenants.remove(A, "two")
    assert ask(tenants, A, HTTP_HOST="one.example") is True
    tenants.remove(A, "one")
    assert ask(tenants, A, HTTP_HOST="one.example") is False


@pytest.mark.parametrize(
    ("tenant", "message"),
    [
        ("x" * 256, "the tenant has more than 255 characters"),
        (None, "the tenant is a NoneType, not a string"),
        (7, "the tenant is a int, not a string"),
        ("ac\0me", "the tenant has a NUL or half a character in it"),
    ],
)
def test_what_is_no_tenant_is_not_looked_up(tenant: Any, message: str) -> None:
    engine = create_engine("sqlite://")
    source = SQLAlchemyOrigins(engine, tenant=lambda environ: tenant)
    assert ask(source) == message
    assert source.cache.counters.misses == 0


def test_database_that_finds_things_equal_that_are_not_allows_nobody(
    tmp_path: Path, sources: list[SQLAlchemyOrigins]
) -> None:
    url = f"sqlite:///{tmp_path}/origins.db"
    with closing(sqlite3.connect(tmp_path / "origins.db")) as connection:
        connection.execute(
            "CREATE TABLE cors_origins (tenant TEXT COLLATE NOCASE, "
            "origin TEXT COLLATE NOCASE)"
        )
        connection.execute("INSERT INTO cors_origins VALUES ('', 'HTTPS://A.example')")
        connection.execute("INSERT INTO cors_origins VALUES ('ONE', ?)", [B])
        connection.commit()
    source = SQLAlchemyOrigins(url, tenant=lambda environ: environ.get("t", ""))
    sources.append(source)
    assert ask(source, A) is False
    assert ask(source, B, t="one") is False
    assert ask(source, B, t="ONE") is True


@pytest.mark.parametrize("garbage", [None, b"\xff\x00", 0, 1, "", A + "\n", "*"])
def test_garbage_in_the_table_allows_nobody(
    garbage: object, tmp_path: Path, sources: list[SQLAlchemyOrigins]
) -> None:
    with closing(sqlite3.connect(tmp_path / "origins.db")) as connection:
        connection.execute("CREATE TABLE cors_origins (tenant, origin)")
        connection.execute("INSERT INTO cors_origins VALUES ('', ?)", [garbage])
        connection.commit()
    source = SQLAlchemyOrigins(f"sqlite:///{tmp_path}/origins.db")
    sources.append(source)
    assert ask(source) is False


def test_table_may_have_another_name_and_be_one_of_many(
    url: str, sources: list[SQLAlchemyOrigins]
) -> None:
    metadata = MetaData()
    table = origins_table(metadata, "cors_origins")
    engine = create_engine(url)
    source = SQLAlchemyOrigins(engine, table=table, timeout=20)
    sources.append(source)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(table).values(tenant="", origin=A))
    assert ask(source) is True
    assert source.engine is engine
    pool = engine.pool
    source.close()
    assert engine.pool is pool


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        (f"{A}/", "origin-path"),
        ("a.example", "origin-scheme-missing"),
        ("https://*.a.example", "origin-wildcard-place"),
        ("*", "origin-wildcard-place"),
        ("null", "origin-null"),
        ("file://", "origin-null"),
        ("", None),
        (None, "wrong-type"),
    ],
)
def test_origin_that_no_browser_sends_is_not_stored(
    origin: Any, reason: str | None, source: SQLAlchemyOrigins
) -> None:
    with pytest.raises(PolicyError) as caught:
        source.add(origin)
    (problem,) = caught.value.problems
    assert (problem.setting, problem.value) == ("origin", origin)
    assert reason in (problem.reason, None)
    assert problem.hint
    assert source.origins() == []


def test_question_that_the_database_cannot_take_denies_it_alone(
    tmp_path: Path, sources: list[SQLAlchemyOrigins]
) -> None:
    """Or whoever can choose a tenant could open the breaker for all others."""
    source = SQLAlchemyOrigins(
        f"sqlite:///{tmp_path}/origins.db",
        tenant=lambda environ: environ["tenant"],
        timeout=20,
    )
    sources.append(source)
    source.create_table()
    source.add(A, "acme")

    @event.listens_for(source.engine, "before_cursor_execute")
    def refuse(*arguments: Any) -> None:
        if "odd" in arguments[3]:
            error = ValueError("no such text")
            raise DataError("SELECT", {}, error) from error

    for number in range(5):
        said = ask(source, f"https://{number}.example", tenant="odd")
        assert said == "ValueError: no such text"
    assert source.health().breaker == "closed"
    assert ask(source, A, tenant="acme") is True


def test_database_without_the_table_denies_and_says_why(
    tmp_path: Path, sources: list[SQLAlchemyOrigins]
) -> None:
    source = SQLAlchemyOrigins(f"sqlite:///{tmp_path}/origins.db")
    sources.append(source)
    assert "no such table: cors_origins" in str(ask(source))
    with pytest.raises(SQLAlchemyError):
        source.add(A)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_database_in_memory_is_refused_since_each_thread_has_another(url: str) -> None:
    with pytest.raises(ValueError, match="name a file"):
        SQLAlchemyOrigins(url)


def test_row_that_cannot_be_stored_is_an_error_and_not_taken_for_a_duplicate(
    tmp_path: Path, sources: list[SQLAlchemyOrigins]
) -> None:
    with closing(sqlite3.connect(tmp_path / "origins.db")) as connection:
        connection.execute(
            "CREATE TABLE cors_origins (tenant, origin, CHECK (tenant <> ''))"
        )
    source = SQLAlchemyOrigins(f"sqlite:///{tmp_path}/origins.db")
    sources.append(source)
    with pytest.raises(SQLAlchemyError, match="CHECK"):
        source.add(A)
    source.add(A, "one")


def test_it_is_a_function_for_origins(source: SQLAlchemyOrigins) -> None:
    source.add(A)
    app = CORSMiddleware(Spy(), Policy(origins=source, enforce=True))
    assert call(app, headers={"Origin": A}).status == "200 OK"
    assert call(app, headers={"Origin": EVIL}).status == "403 Forbidden"


# Engines made from a URL


def connect_arguments(url: str, **options: Any) -> dict[str, Any]:
    """Return what the driver is given when the source of *url* connects."""
    source = SQLAlchemyOrigins(url, **options)
    given: dict[str, Any] = {}

    @event.listens_for(source.engine, "do_connect")
    def connect(dialect: Any, record: Any, args: Any, arguments: Any) -> Any:
        given.update(arguments)
        raise ConnectionError

    ask(source)
    return given


def test_sqlite_waits_for_a_lock_no_longer_than_a_look_up_may_take() -> None:
    assert connect_arguments("sqlite:///x.db", timeout=0.5)["timeout"] == 0.5
    assert connect_arguments("sqlite:///x.db", timeout=None)["timeout"] == 2.0


def test_postgresql_cancels_slow_statements_and_notices_lost_hosts() -> None:
    given = connect_arguments("postgresql+psycopg://127.0.0.1:1/x", timeout=0.5)
    assert given["options"] == "-c statement_timeout=500"
    assert given["connect_timeout"] == 2
    assert given["tcp_user_timeout"] == "500"


def test_other_drivers_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine("sqlite://")
    monkeypatch.setattr(type(engine.dialect), "driver", "other")
    assert "timeout" not in connect_arguments("sqlite:///x.db")


def test_pool_of_another_kind_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dialect = type(create_engine("sqlite://").dialect)
    monkeypatch.setattr(dialect, "get_pool_class", lambda *_: NullPool)
    source = SQLAlchemyOrigins(f"sqlite:///{tmp_path}/origins.db", timeout=20)
    source.create_table()
    assert ask(source) is False
    source.close()


@pytest.mark.stores
def test_connections_from_before_a_restart_of_the_database_fail_nobody() -> None:
    with stores.postgres_server() as server:
        url = f"postgresql+psycopg://postgres@127.0.0.1:{server.port}/postgres"
        source = SQLAlchemyOrigins(url, timeout=20, negative_ttl=0)
        source.create_table()
        assert ask(source) is False
        server.kill()
        server.start()
        assert ask(source) is False
        assert source.cache.counters.errors == 0
        source.close()


@pytest.mark.stores
@pytest.mark.parametrize("pre_ping", [False, True])
def test_look_up_that_is_cancelled_leaves_no_dead_connection_in_the_pool(
    pre_ping: bool,
) -> None:
    """An engine of yours, whose connections never give up by themselves."""
    with stores.postgres_server() as server:
        url = f"postgresql+psycopg://postgres@127.0.0.1:{server.port}/postgres"
        engine = create_engine(url, pool_pre_ping=pre_ping, pool_size=2, max_overflow=0)
        source = SQLAlchemyOrigins(engine, timeout=0.5, retry_after=0.05)
        source.create_table()
        with engine.connect(), engine.connect():
            pass  # Both are in the pool now.
        server.pause_backends()
        askers = [Asking(source.cache, origin) for origin in (A, B)]
        assert all(isinstance(asker.end(), str) for asker in askers)
        end = time.monotonic() + 20
        while ask(source, B) is not False:
            assert time.monotonic() < end
            time.sleep(0.05)
        engine.dispose()


def test_look_ups_that_wait_for_a_connection_are_all_given_up(tmp_path: Path) -> None:
    gate = threading.Event()

    def connect() -> sqlite3.Connection:
        assert gate.wait(20)
        return sqlite3.connect(tmp_path / "origins.db", check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)
    source = SQLAlchemyOrigins(engine, timeout=0.5)
    first = Asking(source.cache, A)
    time.sleep(0.1)  # The second is cancelled when the pool is another one already.
    second = Asking(source.cache, B)
    assert all("no answer in 0.5 s" in str(asker.end()) for asker in (first, second))
    gate.set()
    source.create_table()
    source.close()
    engine.dispose()


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_forked_worker_does_not_use_the_connections_of_its_parent(
    source: SQLAlchemyOrigins,
) -> None:
    source.add(A)
    before: Engine = source.engine
    pool = before.pool
    assert pool.checkedin() >= 1  # type: ignore[attr-defined]
    child = os.fork()
    if child == 0:
        fresh = source.engine.pool is not pool and ask(source) is True
        os._exit(0 if fresh else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert before.pool is pool
    forks._after_fork()
    assert before.pool is not pool
    assert ask(source) is True
    pool.dispose()
