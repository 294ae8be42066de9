"""``SQLAlchemyOrigins``: the origins are the rows of a table.

.. code-block:: python

    origins = SQLAlchemyOrigins("postgresql+psycopg://localhost/shop", ttl=5)
    origins.create_table()
    origins.add("https://app.example.com")
    app = CORSMiddleware(app, origins=origins)

A change is seen by every worker after ``ttl`` (an origin removed) or ``negative_ttl``
(one added) at the latest, and at once by the worker that made it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    make_url,
    select,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.pool import QueuePool

from ..core.origin import MAX_ORIGIN
from .cached import CachedOrigins
from .cancellation import disconnect_on_cancel, is_cancelled, on_cancel
from .forks import anew_after_fork
from .lookups import OriginLookupError, described, innermost
from .status import Health
from .tenants import MAX_TENANT, Tenant, check_origin, key_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .tenants import CacheOptions

TIMEOUT: Final = 2.0
MAX_LOOKUPS: Final = 16
"""Fewer than elsewhere: each takes a connection, and a database has not many."""
KEPT_OPEN: Final = 4
"""Connections that are kept open; others are closed after their look-up."""


def origins_table(metadata: MetaData, name: str = "cors_origins") -> Table:
    """Return a table of origins, in *metadata*, for migrations to know of.

    :param name: of the table. Its columns are ``tenant`` (empty where there are none)
        and ``origin``, together its primary key.
    """
    return Table(
        name,
        metadata,
        Column("tenant", String(MAX_TENANT), primary_key=True),
        Column("origin", String(MAX_ORIGIN), primary_key=True),
    )


class SQLAlchemyOrigins:
    """Allow the origins that a table lists, each tenant its own.

    What it makes is a function for ``origins=``.

    :param engine: an engine, or the URL of a database. An engine made here gives up on
        its own after *timeout*, where the driver lets it: SQLite waits no longer for a
        lock, PostgreSQL (psycopg, psycopg2) cancels a slow statement and notices a host
        that is gone.
    :param table: with columns ``tenant`` and ``origin``; by default that of
        ``origins_table``.
    :param tenant: ``(environ) -> str``: which tenant a request is for; left out where
        there are no tenants. What it says may come from the request (its Host), so it
        must be enough that the table has no rows for it.
    :param options: those of ``CachedOrigins``; ``ttl`` is 10 seconds by default, and
        ``negative_ttl`` 2.
    :raises TypeError: where an option is of the wrong type.
    :raises ValueError: where an option is out of range, or the URL is that of an SQLite
        database in memory.
    """

    def __init__(
        self,
        engine: Engine | str,
        *,
        table: Table | None = None,
        tenant: Tenant | None = None,
        **options: Unpack[CacheOptions],
    ) -> None:
        timeout = options.get("timeout", TIMEOUT) or TIMEOUT
        self._own = not isinstance(engine, Engine)
        if isinstance(engine, Engine):
            self.engine = engine
        else:
            places = options.get("max_lookups", MAX_LOOKUPS)
            self.engine = _engine(engine, timeout, places)
            anew_after_fork(self)
        self.table = origins_table(MetaData()) if table is None else table
        self._key = key_of(tenant)
        chosen: CacheOptions = {
            "ttl": 10.0,
            "negative_ttl": 2.0,
            "timeout": TIMEOUT,
            "max_lookups": MAX_LOOKUPS,
            **options,
        }
        self.cache = CachedOrigins(
            self._look_up,
            key=self._key,
            store_name=f"table {self.table.name} of {self.engine.url!r}",
            **chosen,
        )
        """What remembers the answers: its ``counters``, and ``forget``."""

    def __call__(self, origin: str, environ: Mapping[str, Any]) -> bool:
        """Say whether *origin* is allowed for the tenant of a request.

        :raises OriginLookupError: where neither the table nor the cache can say.
        """
        return self.cache(origin, environ)

    def begin_anew(self) -> None:
        """Connect anew, as in a forked worker: connections cannot be shared."""
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Close the connections that nobody uses, of an engine that was made here."""
        if self._own:
            self.engine.dispose()

    def create_table(self) -> None:
        """Create the table where it does not exist."""
        self.table.create(self.engine, checkfirst=True)

    def add(self, origin: str, tenant: str = "") -> None:
        """Allow *origin*; nothing happens where it is allowed already.

        :raises PolicyError: where no browser sends such an origin.
        :raises sqlalchemy.exc.SQLAlchemyError: where the database fails.
        """
        row = {"tenant": tenant, "origin": check_origin(origin)}
        try:
            with self.engine.begin() as connection:
                connection.execute(self.table.insert().values(row))
        except IntegrityError:
            if origin not in self.origins(tenant):
                raise
        finally:
            self.cache.forget(origin)

    def remove(self, origin: str, tenant: str = "") -> None:
        """Allow *origin* no longer.

        :raises sqlalchemy.exc.SQLAlchemyError: where the database fails.
        """
        columns = self.table.c
        where = (columns.tenant == tenant) & (columns.origin == origin)
        try:
            with self.engine.begin() as connection:
                connection.execute(self.table.delete().where(where))
        finally:
            self.cache.forget(origin)

    def origins(self, tenant: str = "") -> list[str]:
        """Return what is allowed, as the database says now, sorted.

        :raises sqlalchemy.exc.SQLAlchemyError: where the database fails.
        """
        columns = self.table.c
        statement = select(columns.origin).where(columns.tenant == tenant)
        with self.engine.connect() as connection:
            return sorted(connection.execute(statement).scalars())

    def health(self) -> Health:
        """Return the state of the database, as this process sees it."""
        return self.cache.health()

    def _look_up(self, origin: str, environ: Mapping[str, Any]) -> bool:
        asked = (self._key(origin, environ), origin)
        try:
            return self._has(asked)
        except DataError as error:
            # About this tenant or origin, which the request has chosen.
            raise OriginLookupError(described(innermost(error))) from error
        except DBAPIError as error:
            # A connection from before the database was started again; they all are.
            if not error.connection_invalidated or is_cancelled():
                raise
        return self._has(asked)

    def _has(self, asked: tuple[str, str]) -> bool:
        columns = self.table.c
        statement = select(columns.tenant, columns.origin).where(
            columns.tenant == asked[0], columns.origin == asked[1]
        )
        with self._connection() as connection:
            rows = connection.execute(statement).all()
        # Once more, exactly: to a database "A" may equal "a", or "a ".
        return any(tuple(row) == asked for row in rows)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """Connect, so that a cancelled look-up gives its connection back."""
        engine = self.engine
        pool = engine.pool

        def replace_pool() -> None:
            # Its connections may all hang, in what SQLAlchemy asks the server before
            # it hands one out (pool_pre_ping): there is no socket yet to shut down.
            if engine.pool is pool:
                engine.dispose()

        with ExitStack() as stack:
            with on_cancel(replace_pool):
                connection = stack.enter_context(engine.connect())
            driver = connection.connection.driver_connection
            stack.enter_context(disconnect_on_cancel(driver))
            yield connection


def _engine(url: str, timeout: float, places: int) -> Engine:
    """Make an engine that does not wait much longer than *timeout* for anything."""
    parsed = make_url(url)
    driver = parsed.get_dialect().driver
    arguments: dict[str, Any] = {}
    pooling: dict[str, Any] = {}
    if driver == "pysqlite":
        if parsed.database in (None, "", ":memory:"):
            raise ValueError(
                "a database in memory is another one for each thread, and a look-up "
                "has a thread of its own: name a file, sqlite:///origins.db"
            )
        arguments = {"timeout": timeout}
    elif driver in ("psycopg", "psycopg2"):
        milliseconds = str(max(1, round(timeout * 1000)))
        arguments = {
            # libpq takes whole seconds, and 2 at least.
            "connect_timeout": max(2, round(timeout)),
            "options": f"-c statement_timeout={milliseconds}",
            # For a host that is gone without a word; where the system knows it.
            "tcp_user_timeout": milliseconds,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 2,
        }
    dialect: Any = parsed.get_dialect()
    if dialect.get_pool_class(parsed) is QueuePool:
        kept = min(places, KEPT_OPEN)
        # One for each place, a probe, and an add or remove: none waits for another.
        pooling = {"pool_size": kept, "max_overflow": places + 2 - kept}
        pooling["pool_timeout"] = timeout
    return create_engine(url, connect_args=arguments, **pooling)
