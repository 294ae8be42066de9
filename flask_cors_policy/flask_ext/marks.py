"""Marks: what a decorator leaves on the object it decorates, and nothing else.

A mark is an attribute. It survives ``functools.wraps``, which copies attributes; it
may be set before or after a view is registered; and the decorated object stays the
very same object, so that ``async def``, classes and generators are no special case.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from flask import Blueprint

from ..core.errors import PolicyError, Problem
from ..core.settings import Written

ATTRIBUTE: Final = "__flask_cors_policy__"


class Mark(NamedTuple):
    """A policy, or the lack of one, at the place where it was written.

    :param place: what was marked, for people: ``@cross_origin on app.views.me``.
    :param settings: what the policy does not inherit; ``None`` takes the marked thing
        out of every policy.
    :param name: the named policy that comes between *settings* and what is outside.
    """

    place: str
    settings: Written | None
    name: str | None = None


def read_mark(target: object) -> Mark | None:
    """Return the mark that *target* has, or that its class inherits."""
    mark = getattr(target, ATTRIBUTE, None)
    return mark if isinstance(mark, Mark) else None


def set_mark(target: object, mark: Mark) -> None:
    """Set *mark* on *target*.

    :raises PolicyError: where *target* has a mark of its own already.
    :raises TypeError: where *target* cannot be marked, as a bound method.
    """
    present = vars(target).get(ATTRIBUTE) if hasattr(target, "__dict__") else None
    if isinstance(present, Mark):
        message = f"There is one already: {present.place}."
        hint = "Write one decorator with all options."
        raise PolicyError([Problem(mark.place, target, "marked-twice", message, hint)])
    try:
        setattr(target, ATTRIBUTE, mark)
    except AttributeError:
        raise TypeError(
            f"{mark.place}: this object cannot be marked; "
            "decorate the function or the class that it was made from"
        ) from None


def place_of(decorator: str, target: object) -> str:
    """Return a name for people of *decorator* on *target*."""
    if isinstance(target, Blueprint):
        return f"{decorator} on blueprint {target.name!r}"
    name: str | None = getattr(target, "__qualname__", None)
    if name is None:
        return f"{decorator} on {target!r}"
    own: str = getattr(target, "__name__", name)
    if not name.endswith(own):  # Renamed, as as_view() does: people know the new name.
        name = own
    return f"{decorator} on {getattr(target, '__module__', None)}.{name}"
