"""Where the allowed origins are: a table, or Redis."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from flask_cors_policy.sources import RedisOrigins, SQLAlchemyOrigins

Store = RedisOrigins | SQLAlchemyOrigins

TENANTS = ("acme", "globex")
VARIABLE = "MULTITENANT_STORE"
"""The environment variable that carries the URL of the store to the workers."""

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

    :raises KeyError: where neither names one.
    """
    url = url or os.environ[VARIABLE]
    if url.startswith(("redis:", "rediss:")):
        return RedisOrigins(url, tenant=tenant_of, stale_if_error=300)
    store = SQLAlchemyOrigins(
        url,
        tenant=tenant_of,
        ttl=STATED_SECONDS,
        negative_ttl=STATED_SECONDS / 2,
        stale_if_error=300,
    )
    store.create_table()
    return store
