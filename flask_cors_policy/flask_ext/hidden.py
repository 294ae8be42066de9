"""Marks that a view hides: it leads to a marked object, but has not its mark."""

from __future__ import annotations

import functools
import inspect
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from flask import Blueprint, Flask
from werkzeug.local import LocalProxy

from .marks import ATTRIBUTE, Mark

_MOST_OBJECTS: Final = 10_000
"""How many objects are looked at behind one view."""
_CODE: Final = (types.FunctionType, types.MethodType, functools.partial)
_HOLDERS: Final = (
    *(type, tuple, list, set, frozenset, dict, deque),
    *(types.MappingProxyType, types.SimpleNamespace),
    *(staticmethod, classmethod, property),
)


def hidden_marks(view: object) -> Iterator[Mark]:
    """Yield the marks of the objects that *view* was made from, as far as can be seen.

    Functions it wraps or closes over, its class and the methods of that, and what is
    in its containers. Each object is looked at once.
    """
    seen = {id(view)}
    waiting: list[object] = [view]
    while waiting and len(seen) < _MOST_OBJECTS:
        for candidate in _directly_behind(waiting.pop()):
            if id(candidate) in seen or not _may_hide(candidate):
                continue
            seen.add(id(candidate))
            waiting.append(candidate)
            for holder in (candidate, type(candidate)):
                mark = inspect.getattr_static(holder, ATTRIBUTE, None)
                if isinstance(mark, Mark):
                    yield mark


def slots_of(kind: type) -> Iterator[types.MemberDescriptorType]:
    """Yield the ``__slots__`` of a class and of those that it is made from."""
    for base in kind.__mro__:
        for slot in vars(base).values():
            if isinstance(slot, types.MemberDescriptorType):
                yield slot


def _may_hide(candidate: object) -> bool:
    """Say whether *candidate* may be part of a view, rather than something it uses.

    It goes by types: a proxy would look up what it stands for to answer.
    """
    kind = type(candidate)
    if issubclass(kind, (*_CODE, *_HOLDERS)):
        return True
    if isinstance(inspect.getattr_static(candidate, ATTRIBUTE, None), Mark):
        return True
    # An object of a class that decorates: what it keeps is one more function.
    call = inspect.getattr_static(kind, "__call__", None)
    return isinstance(call, types.FunctionType) and not issubclass(
        kind, Flask | Blueprint | LocalProxy
    )


def _directly_behind(candidate: Any) -> Iterable[object]:
    """Return what *candidate* is made of, by its type."""
    for kinds, parts in _PARTS:
        if issubclass(type(candidate), kinds):
            return parts(candidate)
    return _parts_of_object(candidate)


def _parts_of_method(method: Any) -> Iterator[object]:
    yield method.__func__
    holder = getattr(method, "__self__", None)
    if holder is not None:  # Whatever it is: its method is the view.
        yield holder
        yield from _directly_behind(holder)


def _parts_of_object(candidate: Any) -> Iterator[object]:
    with suppress(AttributeError):
        yield from tuple(object.__getattribute__(candidate, "__dict__").values())
    for slot in slots_of(type(candidate)):
        with suppress(AttributeError):  # Not filled.
            yield slot.__get__(candidate)


def _parts_of_function(function: Any) -> Iterator[object]:
    yield from vars(function).values()
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    for cell in function.__closure__ or ():
        with suppress(ValueError):  # Not filled yet.
            yield cell.cell_contents


def _parts_of_class(kind: type) -> Iterator[object]:
    for name in dir(kind):
        yield inspect.getattr_static(kind, name, None)


_Parts = Callable[[Any], Iterable[object]]
_PARTS: Final[tuple[tuple[tuple[type, ...], _Parts], ...]] = (
    ((dict,), dict.values),
    ((types.MappingProxyType,), lambda each: tuple(each.values())),
    ((tuple, list, set, frozenset, deque), tuple),
    ((type,), _parts_of_class),
    (
        (functools.partial,),
        lambda each: (each.func, *each.args, *each.keywords.values()),
    ),
    ((types.MethodType, staticmethod, classmethod), _parts_of_method),
    ((property,), lambda each: (each.fget,)),
    ((types.FunctionType,), _parts_of_function),
)
"""Types -> what an object of these is made of."""
