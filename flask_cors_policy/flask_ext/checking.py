"""What is checked once all routes are there: marks, and the policies of routes.

That is at the first request, at ``cors.check()`` and at ``cors.reconfigure()``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from flask import Flask

from ..core.settings import Report, Setting
from .hidden import hidden_marks
from .marks import Mark, app_marks, own_method, read_mark, register
from .table import PREFIXES

if TYPE_CHECKING:
    from .table import PolicyTable

_ONE_SEGMENT: Final = re.compile(
    r"<(?:(?:string|int|float|uuid|any)(?:\([^>]*\))?:)?[^:>]+>"
)


def check_routes(table: PolicyTable, report: Report) -> None:
    """Check the policies of all routes of an application, and its marks."""
    effective = app_marks(table.app)
    for marks, path_rule in _combinations(table):
        table.builder.fold(marks, path_rule, report)
    for mark in _ineffective_marks(table.app, effective):
        message = "A view leads to this mark, which has no effect on it."
        hint = (
            "Put it on the view, or on a method that serves requests, and above any "
            "decorator that does not use functools.wraps."
        )
        at = Setting(None, mark.place)
        report.problem(at, "mark-without-effect", message, hint)
    for mark, endpoints in _shared_marks(table.app):
        message = f"It applies to several endpoints: {', '.join(endpoints)}."
        hint = "If only one is meant, decorate a function of its own for each."
        report.warning(Setting(None, mark.place), "mark-shared", message, hint)


def path_rules_of(table: PolicyTable, url_rule: str) -> list[str]:
    """Return the path rules that URLs of *url_rule* may be under; "" is none."""
    own = table.paths.rule(url_rule)
    others = (rule for rule in table.paths.rules if _may_serve(url_rule, rule))
    return list(dict.fromkeys([own, *others]))


def _combinations(table: PolicyTable) -> set[tuple[tuple[Mark, ...], str]]:
    """Return the marks of each route, with the path rules its URLs may be under."""
    app, found = table.app, set()
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        with suppress(Exception):  # A view may be a proxy: it is looked at later.
            for method in {own_method(view, each) for each in rule.methods or ("",)}:
                marks = table.marks(rule.endpoint, method)
                for path_rule in path_rules_of(table, rule.rule) if marks else ():
                    found.add((marks, path_rule))
    for name in app.blueprints:
        prefix = app.extensions.get(PREFIXES, {}).get(name, ())
        for path_rule in path_rules_of(table, "/".join(["", *prefix, "<path:rest>"])):
            found.add((table.marks(f"{name}.", ""), path_rule))
    return found


def _ineffective_marks(app: Flask, effective: Iterable[Mark]) -> list[Mark]:
    """Return the marks that a view of *app* leads to, and that have no effect in it."""
    others = register.snapshot() - set(effective)
    if not others:
        return []
    found = {
        mark: None
        for view in app.view_functions.values()
        for mark in hidden_marks(view)
        if mark in others
    }
    return list(found)


def _shared_marks(app: Flask) -> Iterator[tuple[Mark, list[str]]]:
    """Yield the marks of functions that serve several endpoints, with these.

    A blueprint that is registered twice is no such case.
    """
    endpoints: dict[Mark, list[str]] = {}
    for endpoint, view in app.view_functions.items():
        with suppress(Exception):  # It may be a proxy of something not there yet.
            mark = read_mark(view)
            if mark is not None:
                endpoints.setdefault(mark, []).append(endpoint)
    for mark, names in endpoints.items():
        if len({name.rpartition(".")[2] for name in names}) > 1:
            yield mark, names


def _may_serve(url_rule: str, path_rule: str) -> bool:
    """Say whether a route can have URLs that a path rule covers.

    :param url_rule: the rule of the route, as ``/items/<int:item>``.
    :param path_rule: as in ``core.paths``.
    """
    path = path_rule.removesuffix("/*")
    for own, other in zip_longest(url_rule.split("/"), path.split("/")):
        if own is not None and "<" in own and not _ONE_SEGMENT.fullmatch(own):
            return True  # It may stand for any number of segments.
        if other is None:
            return path != path_rule
        if own is None or ("<" not in own and own != other):
            return False
    return True
