"""Several calls of ``CORS`` on one application: here that is an error.

In Flask-CORS the last one answers first, and one that allows nothing leaves the
response to the one before it. So a call is taken out if a later one allows everything.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ..flask_cors_options import EVERY_PATH, merge, read_resources
from .notes import Note
from .sites import Site
from .source import Source
from .values import has_unknown


def plan_repeated(source: Source, sites: list[Site]) -> Iterator[tuple[int, Note]]:
    """Take out calls that have no effect; yield what a person has to decide.

    The sites that are taken out are removed from *sites*.
    """
    apps = [site for site in sites if site.kind == "app"]
    for index, later in enumerate(apps):
        for earlier in apps[:index]:
            if earlier not in sites or not _same_application(source, earlier, later):
                continue
            statement = source.alone(earlier.call)
            if _allows_everything(later) and statement is not None:
                sites.remove(earlier)
                source.edits.removed.add(statement)
                message = (
                    f"The call in line {later.line} answered every request instead: "
                    "this one is deleted."
                )
                yield earlier.line, Note("value-ignored", message)
            else:
                message = (
                    f"This application is configured in line {earlier.line} as well. "
                    "Flask-CORS used both; here the second call is an error."
                )
                fix = "Which policy is meant? Write one call."
                yield later.line, Note("called-twice", message, fix)


def _same_application(source: Source, one: Site, other: Site) -> bool:
    """Say whether both calls may run, on the same application."""
    if one.target != other.target:
        return False
    scopes = [
        source.enclosing(site.call, cst.FunctionDef, cst.Module)
        for site in (one, other)
    ]
    return scopes[0] is scopes[1] and not _exclude_each_other(source, one, other)


def _exclude_each_other(source: Source, one: Site, other: Site) -> bool:
    """Say whether they stand in two branches of the same condition."""
    branches: dict[cst.CSTNode, cst.CSTNode] = {}
    node: cst.CSTNode = one.call
    while (parent := source.parents.get(node)) is not None:
        if isinstance(parent, cst.If | cst.Try | cst.IfExp):
            branches[parent] = node
        node = parent
    node = other.call
    while (parent := source.parents.get(node)) is not None:
        if parent in branches:
            return branches[parent] is not node
        node = parent
    return False


def _allows_everything(site: Site) -> bool:
    """Say whether a call answers every path for every origin."""
    if site.unread or has_unknown(site.values()):
        return False
    values = site.values()
    try:
        (resource,) = read_resources(values.get("resources", EVERY_PATH))
        options = merge(values, resource.options)
    except (TypeError, ValueError):
        return False  # There are several, or Flask-CORS does not start.
    covers = all(resource.covers(path) for path in ("/", "/x", "/x/y"))
    return covers and options["origins"] in ("*", ["*"])
