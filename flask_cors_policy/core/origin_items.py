"""The items of ``origins`` as written and as stored: with options or without.

An item is an origin, a pattern, a regular expression or a function. With options it is
a pair, or, with a name for people, a tuple of three: ``("tenants", function, {...})``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .errors import shown

if TYPE_CHECKING:
    from .options import OriginItem


class ItemOptions(Mapping[str, Any]):
    """The checked options of an item: equal to a dict of them, but never changed."""

    __slots__ = ("_hash", "_options")

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = dict(options)
        self._hash = hash(frozenset(self._options.items()))

    def __getitem__(self, option: str) -> Any:
        return self._options[option]

    def __iter__(self) -> Iterator[str]:
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return repr(self._options)


def split_items(origins: object) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Yield the items of ``origins``, each with its name and its own options.

    :param origins: as written, or as stored in a policy.
    """
    items: Iterable[Any] = (origins,)
    if isinstance(origins, Mapping):
        items = origins.items()
    elif isinstance(origins, list | tuple):
        items = origins
    for each in items:
        written = isinstance(origins, Mapping) or has_rights(each)
        name, item, options = split(each) if written else ("", each, {})
        yield name, item, options if isinstance(options, Mapping) else {}


def bare_origins(origins: Iterable[Any]) -> tuple[OriginItem, ...]:
    """Return the origins of a policy without their options."""
    return tuple(item for _, item, _ in split_items(origins))


def has_rights(item: object) -> bool:
    """Say whether an item of ``origins`` is a tuple with options at its end."""
    return (
        isinstance(item, tuple | list)
        and len(item) > 1
        and isinstance(item[-1], Mapping)
    )


def origins_key(origins: tuple[Any, ...]) -> tuple[Any, ...] | frozenset[Any]:
    """Return what the origins of a policy are compared by.

    Functions count by identity, the rest by value. The order of strings with options
    does not matter.
    """
    if not origins or not isinstance(origins[0], tuple):
        if all(isinstance(item, str) for item in origins):
            return origins
        return tuple(map(identity, origins))
    others: list[Any] = []
    strings = set()
    for name, item, options in split_items(origins):
        if isinstance(item, str):
            strings.add((name, item, options))
        else:
            others.append((name, identity(item), options))
    return (frozenset(strings), *others)


def identity(item: object) -> object:
    """Return what an origin is compared by: functions are so by identity."""
    return item if isinstance(item, str | re.Pattern) else id(item)


def label(item: object) -> str:
    """Return an origin, for people."""
    if isinstance(item, str):
        return item
    if isinstance(item, re.Pattern):
        return shown(item.pattern)
    return getattr(item, "__name__", "") or type(item).__name__


def split(item: Any) -> tuple[str, Any, Any]:
    """Return the name, the origin and the options of an item with options."""
    return (item[0], item[1], item[2]) if len(item) == 3 else ("", item[0], item[-1])
