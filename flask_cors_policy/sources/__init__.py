"""What stands behind ``origins=`` where the allowed origins live in a store.

``CachedOrigins`` puts any function that asks a store behind a cache and a time-out.
``SQLAlchemyOrigins`` and ``RedisOrigins`` are such functions, ready made, and
``PolicyFile`` reads a whole policy from a TOML file, anew when the file changes. Each
is imported when it is first asked for (PEP 562), because each needs other packages:
those of the extra that its error names.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .cached import CachedOrigins
    from .cancellation import on_cancel
    from .lookups import OriginLookupError
    from .policy_file import PolicyFile
    from .redis_set import RedisOrigins
    from .sql_table import SQLAlchemyOrigins, origins_table
    from .status import Counters, Health

__all__ = [
    "CachedOrigins",
    "Counters",
    "Health",
    "OriginLookupError",
    "PolicyFile",
    "RedisOrigins",
    "SQLAlchemyOrigins",
    "on_cancel",
    "origins_table",
]

# Name -> the module it is in, and the extra whose packages that imports.
_HOMES = {
    "CachedOrigins": ("cached", "sources"),
    "Counters": ("status", "sources"),
    "Health": ("status", "sources"),
    "OriginLookupError": ("lookups", "sources"),
    "PolicyFile": ("policy_file", "sources"),
    "RedisOrigins": ("redis_set", "redis"),
    "SQLAlchemyOrigins": ("sql_table", "sqlalchemy"),
    "on_cancel": ("cancellation", "sources"),
    "origins_table": ("sql_table", "sqlalchemy"),
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, extra = _HOMES[name]
    try:
        return getattr(import_module(f".{module}", __name__), name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{name} needs a package that is not installed ({error.name}): "
            f"install flask_cors_policy with the extra {extra!r}",
            name=error.name,
        ) from error


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
