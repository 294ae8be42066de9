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
import re
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ..log import logger
from .cached import CachedOrigins
from .forks import anew_after_fork
from .lookups import described
from .tenants import Tenant, check_origin, key_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .tenants import CacheOptions

TIMEOUT: Final = 1.0
PING_EVERY: Final = 0.25
SILENT_FOR: Final = 0.75
TRUSTED_FOR: Final = 1.0
"""Seconds for which answers count while changes cannot be heard of."""


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
        chosen: CacheOptions = {"negative_ttl": 60.0, "timeout": TIMEOUT, **options}
        self.cache = CachedOrigins(self._look_up, key=self._key, **chosen)
        """What remembers the answers: its ``counters``, and ``forget``."""
        self._closed = False
        self.begin_anew()
        anew_after_fork(self)

    def begin_anew(self) -> None:
        """Listen again, from the next request on, as in a forked worker."""
        self._lock = threading.Lock()
        self._listener: _Listener | None = None

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
        return sorted(map(_text, members))

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
        found: object = self.client.sismember(name, origin)
        return bool(found) if found in (0, 1) else found

    def _change(self, command: str, origin: str, tenant: str) -> None:
        name = self._set_of(tenant)
        try:
            with self.client.pipeline(transaction=True) as together:
                getattr(together, command)(name, origin)
                together.publish(name, origin)
                together.execute()
        finally:
            self.cache.forget(origin)

    def _listen(self) -> _Listener | None:
        """Begin to listen, in a process that does not yet."""
        with self._lock:
            if self._listener is None and not self._closed:
                self._listener = _Listener(self.client, self._name, self.cache)
                self._listener.start()
            return self._listener


class _Listener(threading.Thread):
    """Hears of changes, in one process, and knows whether it would."""

    def __init__(self, client: Any, name: str, cache: CachedOrigins) -> None:
        super().__init__(name="cors-listener", daemon=True)
        self._client = client
        self._cache = cache
        database = client.connection_pool.connection_kwargs.get("db") or 0
        own, events = _escaped(name), f"__keyspace@{database}__:{_escaped(name)}"
        self._patterns = (own, f"{own}:*", events, f"{events}:*")
        self._heard_until = -math.inf
        self._stopped = threading.Event()

    @property
    def trusted_for(self) -> float:
        """How old an answer may be, in seconds, as far as changes are heard of."""
        hears = time.monotonic() - self._heard_until < SILENT_FOR
        return math.inf if hears else TRUSTED_FOR

    def stop(self) -> None:
        """Let the thread end, soon."""
        self._stopped.set()

    def run(self) -> None:
        """Listen, and begin again where that fails, until stopped."""
        failing = False
        while not self._stopped.is_set():
            try:
                with self._client.pubsub() as channel:
                    channel.psubscribe(*self._patterns)
                    self._hear(channel)
            except Exception as error:
                if self._stopped.is_set():  # Its connection may be closed already.
                    break
                failing = failing and self._heard_until == -math.inf
                self._heard_until = -math.inf
                if not failing:
                    failing = True
                    logger.warning(
                        "CORS origins: Redis cannot be heard (%s); until it can, no "
                        "answer older than %g s is used",
                        described(error),
                        TRUSTED_FOR,
                        extra={"cors_reason": "origin-changes-unheard"},
                    )
                self._stopped.wait(PING_EVERY)

    def _hear(self, channel: Any) -> None:
        """Pass on what is heard, until stopped.

        :raises TimeoutError: where nothing is heard for too long.
        """
        began = time.monotonic()
        pinged = -math.inf
        while not self._stopped.is_set():
            now = time.monotonic()
            if now - max(began, self._heard_until) > SILENT_FOR:
                raise TimeoutError(f"silent for more than {SILENT_FOR:g} s")
            if now - pinged >= PING_EVERY:
                pinged = now
                channel.ping(repr(now))
            message = channel.get_message(timeout=PING_EVERY)
            if message is not None:
                self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "psubscribe":  # Also where the client has connected anew by itself.
            self._cache.recheck()
        elif kind == "pmessage":
            if _text(message["channel"]).startswith("__keyspace@"):
                self._cache.recheck()  # It does not say about whom.
            else:
                self._cache.forget(_text(message["data"]))
        else:  # A pong; the client may send pings of its own, too.
            with suppress(ValueError):
                self._heard_until = float(message["data"])


def _client(url: str, timeout: float) -> redis.Redis:
    """Make a client that waits no longer than *timeout* for any one thing."""
    return redis.Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
    )


def _escaped(name: str) -> str:
    """Return the glob pattern that *name* alone matches."""
    return re.sub(r"[\\*?\[\]^]", r"\\\g<0>", name)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
