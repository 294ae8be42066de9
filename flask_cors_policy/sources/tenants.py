"""What the ready sources share: tenants, and origins that may be stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any, Final, TypedDict

from ..core.errors import PolicyError, a_type
from ..core.fetch_standard import FILE_ORIGIN, NULL_ORIGIN, WILDCARD
from ..core.origin import is_origin
from ..core.origin_mistakes import diagnose
from ..core.settings import Report, Setting
from .lookups import OriginLookupError
from .status import Health

Tenant = Callable[[Mapping[str, Any]], str]
"""Says which tenant a request is for, given its environ."""

MAX_TENANT: Final = 255
"""Characters of the longest tenant: a request may have chosen it."""


class CacheOptions(TypedDict, total=False):
    """What ``CachedOrigins`` takes beside the look-up and the key."""

    ttl: float
    negative_ttl: float
    maxsize: int
    stale_if_error: float
    timeout: float | None
    retry_after: float
    max_lookups: int
    known_good: str | PathLike[str] | None
    on_health: Callable[[Health], object] | None
    timer: Callable[[], float]


def check_origin(origin: str) -> str:
    """Return *origin* if a browser can send it, and not every page can have it.

    :raises PolicyError: saying what to write instead.
    """
    anybodys = origin in (NULL_ORIGIN, FILE_ORIGIN)
    if isinstance(origin, str) and is_origin(origin) and not anybodys:
        return origin
    report = Report()
    setting = Setting(origin, "origin")
    if not isinstance(origin, str):
        message = f"{a_type(origin)} is not an origin."
        report.problem(setting, "wrong-type", message, "Write a string.")
    elif origin == NULL_ORIGIN:
        message = "Any site can make a page whose origin is null."
        report.problem(setting, "origin-null", message, "Leave it out.")
    elif WILDCARD in origin:
        message = "A store holds single origins, without a wildcard."
        hint = "Write patterns beside it: origins=[store, ...]."
        report.problem(setting, "origin-wildcard-place", message, hint)
    else:
        report.problem(setting, *diagnose(origin))
    raise PolicyError(report.problems)


def key_of(tenant: Tenant | None) -> Callable[[str, Mapping[str, Any]], str]:
    """Return what a cache keeps answers by, beside the origin."""

    def key(origin: str, environ: Mapping[str, Any]) -> str:
        found: object = "" if tenant is None else tenant(environ)
        if not isinstance(found, str):
            kind = type(found).__name__
            raise OriginLookupError(f"the tenant is a {kind}, not a string")
        if len(found) > MAX_TENANT:
            raise OriginLookupError(f"the tenant has more than {MAX_TENANT} characters")
        # Databases and drivers raise at these, as they do when they fail.
        if "\0" in found or any("\ud800" <= each <= "\udfff" for each in found):
            raise OriginLookupError("the tenant has a NUL or half a character in it")
        return found

    return key
