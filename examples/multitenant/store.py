"""Where the allowed origins are: a table, or Redis."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from flask_cors_policy.sources import RedisOrigins, SQLAlchemyOrigins

Store = RedisOrigins | SQLAlchemyOrigins

TENANTS = ("acme", "globex")
VARIABLE = "MULTITENANT_STORE"
"""The environment variable that carries the URL of the store to the workers."""

KNOWN_GOOD = "MULTITENANT_KNOWN_GOOD"
"""The environment variable that names a file of known origins, if there is one."""

AGAIN = 1.0
"""Seconds after which a database that does not answer is asked for its table again."""

STATED_SECONDS = 2.0
"""Seconds after which every worker knows of a change, in a table at the latest."""


def tenant_of(environ: Mapping[str, Any]) -> str:
    """Return the tenant that a request is for: the first segment of its path.

    It must stand in the URL. A preflight carries no cookie, no token and no header of
    the page's own, so that nothing else is there to tell by.
    """
    path: str = environ["PATH_INFO"]
    return path.split("/")[1] if path.startswith("/") else ""


def open_store(url: str | None = None) -> Store:
    """Return the store at *url*, or at the one that the environment names.

    It need not answer: an API that starts while its store is down serves what other
    processes were told, and begins to ask when it can.

    :raises KeyError: where neither names one.
    """
    url = url or os.environ[VARIABLE]
    known_good = os.environ.get(KNOWN_GOOD) or None
    if url.startswith(("redis:", "rediss:")):
        return RedisOrigins(url, tenant=tenant_of, known_good=known_good)
    return SQLAlchemyOrigins(
        url,
        tenant=tenant_of,
        ttl=STATED_SECONDS,
        negative_ttl=STATED_SECONDS / 2,
        known_good=known_good,
    )


@contextmanager
def table_of(store: Store) -> Iterator[bool]:
    """See to it that the table of *store* exists while the block runs.

    Yields whether it does by now. If the database does not answer, it is asked again
    each second, in a thread.
    """
    ended = threading.Event()

    def try_again() -> None:
        while not ended.wait(AGAIN) and not _has_table(store):
            pass

    exists = _has_table(store)
    thread = threading.Thread(target=try_again)
    if not exists:
        thread.start()
    try:
        yield exists
    finally:
        ended.set()
        if not exists:
            thread.join()


def _has_table(store: Store) -> bool:
    if isinstance(store, RedisOrigins):
        return True  # Redis makes a set when something is put into it.
    try:
        store.create_table()
    except SQLAlchemyError:
        return False
    return True
