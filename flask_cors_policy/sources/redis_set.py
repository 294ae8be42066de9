"""``RedisOrigins``: the origins are the members of a set, and a change is heard of.

.. code-block:: python

    origins = RedisOrigins("redis://localhost:6379/0")
    origins.add("https://app.example.com")
    app = CORSMiddleware(app, origins=origins)

The set is ``cors:origins``; where there are tenants, ``cors:origins:TENANT`` for each.

Rule 1. Who changes a set says so in the same transaction, on the channel that has the
        name of the set. Each worker listens there, and forgets the origin. Where the
        server sends keyspace events (``notify-keyspace-events KA``), changes made by
        others, as with SADD in a shell, make it ask again about every origin.
Rule 2. A worker pings the server on the channel four times a second. Once a ping is
        answered, all that was said before it has been heard. While the last such ping
        is more than ¾ of a second old, no answer older than a second counts.

So an origin that was removed is refused by every worker a second later, whatever has
become of its connection; unless the server fails, and ``stale_if_error`` says how long
to go on without it.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import redis
from redis.backoff import NoBackoff
from redis.exceptions import OutOfMemoryError
from redis.retry import Retry

from .cached import CachedOrigins
from .cancellation import disconnect_on_cancel
from .forks import anew_after_fork
from .redis_listener import RECHECK, TRUSTED_FOR, Listener, text_of
from .status import Health
from .tenants import Tenant, check_origin, key_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .tenants import CacheOptions

TIMEOUT: Final = 1.0
# A set with one member more takes little room; who adds an origin wants it added.
# The flag needs Redis 7.
_ADD_WHILE_FULL: Final = """#!lua flags=allow-oom
redis.call('SADD', KEYS[1], ARGV[1])
return redis.call('PUBLISH', KEYS[1], ARGV[1])
"""


class RedisOrigins:
    """Allow the origins that are members of a set, each tenant its own set.

    What it makes is a function for ``origins=``. Each process listens for changes in a
    daemon thread, from the first request on until ``close``.

    :param client: a client of redis-py, with time-outs, or the URL for one. One made
        here waits *timeout* seconds, 1 by default, and does not try again by itself.
    :param name: of the set; for a tenant, ``:`` and the tenant follow.
    :param tenant: ``(environ) -> str``: which tenant a request is for; left out where
        there are no tenants. What it says may come from the request (its Host).
    :param options: those of ``CachedOrigins``; as the changes are heard of, ``ttl`` and
        ``negative_ttl`` are 60 seconds by default.
    :raises TypeError: where an option is of the wrong type.
    :raises ValueError: where an option is out of range.
    """

    def __init__(
        self,
        client: redis.Redis | str,
        *,
        name: str = "cors:origins",
        tenant: Tenant | None = None,
        **options: Unpack[CacheOptions],
    ) -> None:
        timeout = options.get("timeout", TIMEOUT) or TIMEOUT
        self._own = isinstance(client, str)
        self.client = _client(client, timeout) if isinstance(client, str) else client
        self._name = name
        self._key = key_of(tenant)
        chosen: CacheOptions = {
            "negative_ttl": 60.0,
            "timeout": TIMEOUT,
            **options,
        }
        self.cache = CachedOrigins(
            self._look_up,
            key=self._key,
            store_name=_described(self.client, name),
            **chosen,
        )
        """What remembers the answers: its ``counters``, and ``forget``."""
        self._closed = False
        self.begin_anew()
        anew_after_fork(self)

    def begin_anew(self) -> None:
        """Listen again, from the next request on, as in a forked worker."""
        self._lock = threading.Lock()
        self._listener: Listener | None = None

    def __call__(self, origin: str, environ: Mapping[str, Any]) -> bool:
        """Say whether *origin* is allowed for the tenant of a request.

        :raises OriginLookupError: where neither the server nor the cache can say.
        """
        listener = self._listener or self._listen()
        trusted_for = TRUSTED_FOR if listener is None else listener.trusted_for
        return self.cache.ask(origin, environ, trusted_for)

    def add(self, origin: str, tenant: str = "") -> None:
        """Allow *origin*, for all workers within a second.

        :raises PolicyError: where no browser sends such an origin.
        :raises redis.RedisError: where the server fails.
        """
        self._change("sadd", check_origin(origin), tenant)

    def remove(self, origin: str, tenant: str = "") -> None:
        """Allow *origin* no longer, for all workers within a second.

        :raises redis.RedisError: where the server fails.
        """
        self._change("srem", origin, tenant)

    def origins(self, tenant: str = "") -> list[str]:
        """Return what is allowed, as the server says now, sorted.

        :raises redis.RedisError: where the server fails.
        """
        members: Any = self.client.smembers(self._set_of(tenant))
        return sorted(map(text_of, members))

    def recheck(self) -> None:
        """Have all workers ask again about every origin, within a second.

        For what Redis tells nobody: FLUSHDB, FLUSHALL, SWAPDB.

        :raises redis.RedisError: where the server fails.
        """
        self.cache.recheck()
        self.client.publish(self._name, RECHECK)

    def health(self) -> Health:
        """Return the state of the server, as this process sees it."""
        listener = self._listener
        if listener is None:
            return self.cache.health()
        heard = listener.trusted_for == math.inf
        return self.cache.health()._replace(listener="heard" if heard else "unheard")

    def close(self) -> None:
        """Stop listening in this process; answers then count for a second at most.

        The connections of a client that was made here are closed.
        """
        with self._lock:
            self._closed = True
            if self._listener is not None:
                self._listener.stop()
                self._listener = None
        if self._own:
            self.client.close()

    def _set_of(self, tenant: str) -> str:
        return f"{self._name}:{tenant}" if tenant else self._name

    def _look_up(self, origin: str, environ: Mapping[str, Any]) -> object:
        name = self._set_of(self._key(origin, environ))
        pool: Any = self.client.connection_pool
        connection = pool.get_connection()
        try:
            with disconnect_on_cancel(getattr(connection, "_sock", None)):
                connection.send_command("SISMEMBER", name, origin)
                found: object = connection.read_response()
        finally:
            pool.release(connection)
        return bool(found) if found in (0, 1) else found

    def _change(self, command: str, origin: str, tenant: str) -> None:
        name = self._set_of(tenant)
        try:
            with self.client.pipeline(transaction=True) as together:
                getattr(together, command)(name, origin)
                together.publish(name, origin)
                together.execute()
        except redis.RedisError as error:
            # A full server refuses transactions, whatever they hold.
            if not _is_full(error):
                raise
            self._change_while_full(command, name, origin)
        finally:
            self.cache.forget(origin)

    def _change_while_full(self, command: str, name: str, origin: str) -> None:
        if command == "srem":  # This alone makes room, and so is not refused.
            self.client.srem(name, origin)
            self.client.publish(name, origin)
        else:
            self.client.eval(_ADD_WHILE_FULL, 1, name, origin)

    def _listen(self) -> Listener | None:
        """Begin to listen, in a process that does not yet."""
        with self._lock:
            if self._listener is None and not self._closed:
                self._listener = Listener(self.client, self._name, self.cache)
                self._listener.start()
            return self._listener


def _client(url: str, timeout: float) -> redis.Redis:
    """Make a client that waits no longer than *timeout* for any one thing."""
    return redis.Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
    )


def _described(client: redis.Redis, name: str) -> str:
    """Return a name for the log, without a password."""
    given = client.connection_pool.connection_kwargs
    host, port = given.get("host", "localhost"), given.get("port", 6379)
    place = given.get("path") or f"{host}:{port}"
    return f"Redis set {name} at {place}/{given.get('db') or 0}"


def _is_full(error: redis.RedisError) -> bool:
    """Say whether the server has refused something because its memory is used up."""
    return isinstance(error, OutOfMemoryError) or "OOM" in str(error)
