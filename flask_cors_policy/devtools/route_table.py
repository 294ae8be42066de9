"""The routes and their policies as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from ..core.errors import shown
from ..core.settings import DEFAULTS
from .app_routes import RoutePolicy
from .explaining.lines import Line, table

if TYPE_CHECKING:
    from ..core.policy import Policy

HEAD: Final = ("Rule", "Methods", "Origins", "Also", "From")
_MOST: Final = 2
"""Origins shown of a longer list."""


def route_lines(found: Sequence[RoutePolicy]) -> Iterator[Line]:
    """Yield the table, one line for each route and policy."""
    yield from table(HEAD, [_row(each) for each in found])


def _row(each: RoutePolicy) -> tuple[str, ...]:
    rule = each.rule or "(any other path)"
    if not each.endpoint and each.rule:
        rule = f"{rule} (any other)"
    if each.host:
        rule = f"{each.host} {rule}"
    methods = ", ".join(each.methods)
    if each.policy is None:
        return rule, methods, "-", "", each.place
    return rule, methods, _origins(each.policy), _also(each.policy), each.place


def _origins(policy: Policy) -> str:
    items = [
        item if isinstance(item, str) else getattr(item, "__name__", shown(item))
        for item in policy.origins
    ]
    more = f" and {len(items) - _MOST} more" if len(items) > _MOST else ""
    return ", ".join(items[:_MOST]) + more


def _also(policy: Policy) -> str:
    """Name what a policy says beside its origins, as far as it is not the default."""
    named = (
        ("methods", "methods", policy.methods),
        ("allows", "allow_headers", policy.allow_headers),
        ("exposes", "expose_headers", policy.expose_headers),
    )
    parts = ["credentials"] if policy.supports_credentials else []
    parts += [
        f"{verb} {', '.join(items) or 'no headers'}"
        for verb, option, items in named
        if items != DEFAULTS[option]
    ]
    if policy.max_age is not None:
        parts.append(f"max_age {policy.max_age}")
    if policy.timing_allow_origin:
        parts.append("timing")
    if policy.enforce:
        parts.append("enforce")
    return "; ".join(parts)
