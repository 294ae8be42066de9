"""Where marks stand on a view, and where they stand in vain."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Iterator, Mapping
from contextlib import suppress

from .marker import Marker
from .marks import Mark, read_mark


def view_marks(view: object, method: str) -> Iterator[Mark]:
    """Yield the marks that govern *method* of a view, from the outside in.

    :param view: a view function, as in ``app.view_functions``.
    :param method: in upper case; empty for what governs no method in particular.
    """
    view_class = _class_of(view)
    for holder in (view_class, getattr(view_class, "dispatch_request", None), view):
        mark = read_mark(holder)
        if mark is not None:
            yield mark
    if view_class is None:
        return
    # Flask-RESTful and Flask-RESTX keep decorators here and apply them to each request.
    decorators = getattr(view_class, "method_decorators", ())
    if isinstance(decorators, Mapping):
        decorators = decorators.get(method.lower(), ())
    for decorator in decorators:
        if isinstance(decorator, Marker):
            yield decorator.mark(view_class)
    mark = read_mark(_handler(view_class, method))
    if mark is not None:
        yield mark


def decisive(view: object, method: str) -> str:
    """Return *method* where a view may have a mark for it alone, else ``""``."""
    view_class = _class_of(view)
    return "" if _handler(view_class, method) is None else method


def all_marks(view: object) -> Iterator[Mark]:
    """Yield every mark that can take effect on some method of a view."""
    yield from view_marks(view, "")
    view_class = _class_of(view)
    for method in getattr(view_class, "methods", None) or ():
        yield from view_marks(view, method)


def vain_marks(view: object, views: frozenset[int]) -> Iterator[Mark]:
    """Yield the marks on a view that can never take effect.

    Marks on a function that a decorator has hidden without copying its attributes,
    and on methods of a class that serve no HTTP method.

    :param views: ids of all view functions: a view may well refer to another one.
    """
    effective = set(map(id, all_marks(view)))
    inside: list[object] = list(_wrapped(view, views))
    view_class = _class_of(view)
    if view_class is not None:
        for name in dir(view_class):
            # Nothing is asked of what is no function: it may be a proxy or compute.
            member = inspect.getattr_static(view_class, name, None)
            if _is_function(member):
                inside += [member, *_wrapped(member, views)]
    for holder in inside:
        mark = read_mark(holder)
        if mark is not None and id(mark) not in effective:
            effective.add(id(mark))
            yield mark


def _class_of(view: object) -> type | None:
    """Return the class that a view was made from by ``as_view()``."""
    view_class = getattr(view, "view_class", None)
    return view_class if isinstance(view_class, type) else None


def _handler(view_class: object, method: str) -> object:
    """Return the method of a class that serves *method*, as ``MethodView`` has it."""
    handler = getattr(view_class, method.lower(), None) if method else None
    if handler is None and method == "HEAD":
        return getattr(view_class, "get", None)
    return handler


def _wrapped(function: object, views: frozenset[int]) -> Iterator[object]:
    """Yield the functions that *function* was made from, as far as can be seen.

    Each once: functions inside of one function may well refer to each other.
    """
    seen = {id(function)}
    waiting = [function]
    while waiting:
        for candidate in _directly_inside(waiting.pop()):
            new = id(candidate) not in seen and id(candidate) not in views
            if new and _is_function(candidate):
                seen.add(id(candidate))
                waiting.append(candidate)
                yield candidate


def _is_function(candidate: object) -> bool:
    # By its type, as a proxy would have to look up what it stands for to say.
    return issubclass(type(candidate), types.FunctionType | functools.partial)


def _directly_inside(function: object) -> Iterator[object]:
    yield getattr(function, "__wrapped__", None)
    if isinstance(function, functools.partial):
        yield function.func
    for cell in getattr(function, "__closure__", None) or ():
        with suppress(ValueError):  # Not filled yet.
            yield cell.cell_contents
