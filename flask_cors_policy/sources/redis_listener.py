"""Hear of changes in Redis, and know whether they would be heard."""

from __future__ import annotations

import math
import re
import threading
import time
from contextlib import suppress
from typing import Any, Final

from ..log import logger
from .cached import CachedOrigins
from .lookups import described, innermost

PING_EVERY: Final = 0.25
SILENT_FOR: Final = 0.75
TRUSTED_FOR: Final = 1.0
"""Seconds for which answers count while changes cannot be heard of."""
LOG_EVERY: Final = 60.0
RECHECK: Final = "*"
"""What is said on the channel if any origin may have changed. (It is not an origin.)"""


class Listener(threading.Thread):
    """Hears of changes, in one process, and knows whether it would."""

    def __init__(self, client: Any, name: str, cache: CachedOrigins) -> None:
        super().__init__(name="cors-listener", daemon=True)
        self._client = client
        self._cache = cache
        database = client.connection_pool.connection_kwargs.get("db") or 0
        own, events = _escaped(name), f"__keyspace@{database}__:{_escaped(name)}"
        self._patterns = (own, f"{own}:*", events, f"{events}:*")
        self._heard_until = -math.inf
        self._is_heard = False
        self._logged_at = -math.inf
        self._logged_unheard = False
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
        while not self._stopped.is_set():
            try:
                with self._client.pubsub() as channel:
                    channel.psubscribe(*self._patterns)
                    self._hear(channel)
            except Exception as error:
                if self._stopped.is_set():  # Its connection may be closed already.
                    break
                self._unheard(error)
                self._stopped.wait(PING_EVERY)

    def _unheard(self, error: Exception) -> None:
        self._heard_until = -math.inf
        if self._is_heard:
            self._is_heard = False
            self._cache.heard(False)
        # Once in a window, however often it comes and goes.
        if time.monotonic() - self._logged_at >= LOG_EVERY:
            self._logged_at = time.monotonic()
            self._logged_unheard = True
            logger.warning(
                "CORS origins: Redis cannot be heard (%s); until it can, answers "
                "older than %g s are checked again",
                described(innermost(error)),
                TRUSTED_FOR,
                extra={"cors_reason": "origin-changes-unheard"},
            )

    def _heard(self, moment: float) -> None:
        """Note that all was heard that was said before *moment*."""
        self._heard_until = moment
        if not self._is_heard:
            self._is_heard = True
            self._cache.heard(True)
            if self._logged_unheard:
                self._logged_unheard = False
                logger.warning(
                    "CORS origins: Redis is heard again",
                    extra={"cors_reason": "origin-changes-heard"},
                )

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
            if text_of(message["channel"]).startswith("__keyspace@"):
                self._cache.recheck()  # It does not say about whom.
            elif text_of(message["data"]) == RECHECK:
                self._cache.recheck()
            else:
                self._cache.forget(text_of(message["data"]))
        else:  # A pong; the client may send pings of its own, too.
            with suppress(ValueError):
                self._heard(float(message["data"]))


def _escaped(name: str) -> str:
    """Return the glob pattern that *name* alone matches."""
    return re.sub(r"[\\*?\[\]^]", r"\\\g<0>", name)


def text_of(value: object) -> str:
    """Return what Redis has sent as text, whatever it is."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
