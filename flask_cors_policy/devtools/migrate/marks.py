"""``@cross_origin`` and ``CORS(blueprint)``: what to write in their place.

In Flask-CORS neither sees the options of ``CORS(app, ...)``. Here both inherit them, so
every option is written that would be inherited with another value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import libcst as cst

from ...core.paths import PathRules
from ...core.settings import DEFAULTS
from ..flask_cors_options import ALL_METHODS, merge, read_resources
from .app_options import Surroundings
from .applications import (
    OPTION_ORDER,
    CannotRewrite,
    finish,
    without_left_out,
)
from .notes import Note
from .options import LEFT_OUT, Unknown
from .path_rules import translate_resource
from .policies import complete, is_any_origin, unknown_notes
from .sites import Option, OptionSource, read_option_source
from .source import Source
from .writing import Writing

_INHERITED: Final = Unknown("app.config")
"""In the place of a value that may be in the configuration when a request comes."""

_DERIVED: Final = object()
"""In the place of methods: those of the routes."""

_LEFT_OUT_MEANS: Final[Mapping[str, Any]] = {
    **DEFAULTS,
    "methods": _DERIVED,
    "accept_risks": (),
}


def plan_decorator(writing: Writing, around: Surroundings) -> None:
    """Plan what to write for ``@cross_origin(...)``.

    :raises CannotRewrite: if a person has to.
    """
    site = writing.site
    if site.without_effect:
        _plan_without_effect(writing)
        return
    if site.unread:
        raise CannotRewrite(f"The options in {site.unread} are known only at run time.")
    old = {**around.config, **site.values()}
    new = {}
    writing.places.update(around.places)
    _remove_unnamed(writing)
    for option_source in site.sources:
        new.update(writing.translate(option_source))
    _plan_mark(writing, around, old, {**around.new_config, **new}, new)


def _remove_unnamed(writing: Writing) -> None:
    """Take out arguments without a name, which Flask-CORS ignores."""
    site = writing.site
    for index, argument in enumerate(site.call.args):
        if argument.keyword is None and not argument.star:
            code = cst.Module([]).code_for_node(argument.value)
            message = f"Flask-CORS ignored {code}, which has no name."
            if site.option("origins") is None:
                message += " Every site was allowed, and still is."
            fix = f"If it says whom to allow, write origins={code}."
            writing.tell(Note("option-ignored", message, fix))
            writing.remove_argument(site.sources[-1], index)


def plan_blueprint(
    writing: Writing, around: Surroundings, prefixes: Iterable[str | None]
) -> None:
    """Plan what to write for ``CORS(blueprint)``; it takes no ``resources``.

    :param prefixes: the URL prefixes of the blueprint.
    :raises CannotRewrite: if a person has to.
    """
    site = writing.site
    if site.unread:
        raise CannotRewrite(f"The options in {site.unread} are known only at run time.")
    new: dict[str, Any] = {}
    for option_source in site.sources:
        new.update(writing.translate(option_source))
    old = site.values()
    found = site.option("resources")
    if found is not None:
        option_source, option = found
        inner = _flattened(option_source.source, option, around, prefixes)
        old.update({name: each.value.value for name, each in inner.options.items()})
        moved = writing.translate(inner)
        new.update(moved)
        writing.remove(option_source, option)
        for name, value in moved.items():
            writing.set_option(site.sources, name, value)
    old.pop("resources", None)
    _plan_mark(writing, around, old, new, new)


def _flattened(
    source: Source,
    option: Option,
    around: Surroundings,
    prefixes: Iterable[str | None],
) -> OptionSource:
    """Return the options of the one item of ``resources`` that covers a blueprint.

    :raises CannotRewrite: if there is no such item.
    """
    value, node = option.value.value, option.value.node
    if isinstance(value, Unknown):
        raise CannotRewrite("resources is known only at run time.")
    known = list(prefixes)
    covering = [
        resource
        for resource in read_resources(value)
        if _covers(translate_resource(resource, around.paths).rules, known)
    ]
    if len(covering) != 1:
        raise CannotRewrite(
            "A blueprint takes no path rules: its policy is that of all its routes. "
            "Which options are meant for them?"
        )
    if not isinstance(value, Mapping):
        return OptionSource(source, cst.Dict([]), {})
    assert isinstance(node, cst.Dict)
    element: Any = node.elements[list(value).index(covering[0].written)]
    inner = read_option_source(source, source.evaluate(element.value))
    if inner is None:
        raise CannotRewrite("The options in resources are known only at run time.")
    return inner


def _covers(rules: tuple[str, ...], prefixes: list[str | None]) -> bool:
    """Say whether path rules cover all that is under some URL prefixes."""
    table = PathRules(dict.fromkeys(rules))
    if "/*" in rules:
        return True
    return bool(prefixes) and all(
        prefix and table.find(prefix) and table.find(f"{prefix}/x/y")
        for prefix in prefixes
    )


def _plan_mark(
    writing: Writing,
    around: Surroundings,
    old: Mapping[str, Any],
    new: dict[str, Any],
    own: Mapping[str, Any],
) -> None:
    """Plan the options of a mark.

    :param new: what it would have here, but for what it inherits.
    :param own: those of them that are written at the mark.
    """
    site = writing.site
    maybe = around.maybe - own.keys() if site.kind == "decorator" else set()
    new |= {option: _INHERITED for option in maybe}
    served = site.methods or (around.methods if site.kind == "blueprint" else set())
    completed = complete(merge(old), new, served or {"GET", "POST"})
    writing.tell(*unknown_notes(own))
    if completed.allows_nobody:
        _plan_nothing(writing)
        return
    changes = dict(completed.changes)
    outers = around.outer or [{}]
    origins = _named_origins(outers)
    if changes.get("supports_credentials") is False and origins is not None:
        _take_origins(writing, new, outers, origins)
        return
    final = without_left_out({**new, **changes})
    notes = completed.notes
    if site.of_class:
        final |= _preflights_of_class(writing, around, final)
        if not final["allow_headers"]:
            notes = tuple(each for each in notes if each.option != "allow_headers")
    finish(writing, completed._replace(notes=notes))
    _write(writing, final, own, outers, old["methods"] if "methods" in old else None)
    if site.kind == "blueprint":
        around.outer.append(final)


def _write(
    writing: Writing,
    final: Mapping[str, Any],
    own: Mapping[str, Any],
    outers: list[dict[str, Any]],
    methods: Any,
) -> None:
    sources = writing.site.sources
    for option in OPTION_ORDER:
        wanted = _meant(final, option)
        inherited = [_meant(outer, option) for outer in outers]
        if wanted is _INHERITED:
            continue
        if all(_is_equal(wanted, each) for each in inherited) and option not in own:
            continue
        if wanted is _DERIVED:
            wanted = list(ALL_METHODS)
        elif isinstance(wanted, tuple):
            wanted = list(wanted)
        if option in own and wanted == _LEFT_OUT_MEANS.get(option):
            wanted = final.get(option, LEFT_OUT)
        writing.set_option(sources, option, wanted)


def _is_equal(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return list(one) == list(other)
    return type(one) is type(other) and bool(one == other)


def _named_origins(outers: list[dict[str, Any]]) -> Any:
    """Return the origins to write for a mark: ``LEFT_OUT`` to inherit them.

    They are inherited if every outer policy names some. If some name none, as outside
    of the path rules, the others have to name the same. Otherwise ``None``.
    """
    named = [outer["origins"] for outer in outers if "origins" in outer]
    if not named or any(
        isinstance(each, Unknown) or is_any_origin(each) for each in named
    ):
        return None
    if len(named) == len(outers):
        return LEFT_OUT
    return named[0] if all(_is_equal(each, named[0]) for each in named) else None


def _take_origins(
    writing: Writing,
    new: Mapping[str, Any],
    outers: list[dict[str, Any]],
    origins: Any,
) -> None:
    """Take the application's origins in the place of every origin with credentials."""
    message = (
        "Every site could read responses with the user's cookies. Written: the origins "
        "of the application."
    )
    fix = "If pages of other origins use this view, list them in origins."
    writing.tell(Note("any-origin-credentials", message, fix))
    sources = writing.site.sources
    writing.set_option(sources, "origins", origins)
    for option in ("allow_headers", "supports_credentials"):
        if option == "allow_headers" and option in new:
            continue
        wanted = True if option == "supports_credentials" else ["*", "Authorization"]
        if any(not _is_equal(wanted, outer.get(option)) for outer in outers):
            writing.set_option(sources, option, wanted)


def _preflights_of_class(
    writing: Writing, around: Surroundings, final: Mapping[str, Any]
) -> dict[str, Any]:
    """Return methods and headers that are no more open than they were.

    Flask answers OPTIONS for a class, and a ``CORS(app)`` adds its headers where it
    covers the path; a decorator of Flask-CORS has no part in it.
    """
    asked = ("methods", "allow_headers")
    first = next(iter(around.outer), {})
    if "/*" in around.rules and all(
        _is_equal(_meant(outer, option), _meant(other, option))
        for outer in around.outer
        for other, options in (
            (final, ("origins", "supports_credentials")),
            (first, asked),
        )
        for option in options
    ):
        return {option: _meant(first, option) for option in asked}
    message = (
        "Flask-CORS answered no preflights for methods of a class, but for CORS(app) "
        "with its own options, so that pages could not send JSON by this decorator. "
        "Written: no header and no method."
    )
    fix = "If pages may send them, delete methods=[] and allow_headers=[]."
    writing.tell(Note("methods-and-headers", message, fix))
    return {"methods": [], "allow_headers": []}


def _meant(options: Mapping[str, Any], option: str) -> Any:
    return options.get(option, _LEFT_OUT_MEANS.get(option, LEFT_OUT))


def _plan_nothing(writing: Writing) -> None:
    """Plan a mark that allows no page."""
    site, source = writing.site, writing.site.source
    if site.kind == "decorator":
        writing.replace_call("cors_exempt", "cors_exempt")
        message = "Flask-CORS allowed no page here. Written: cors_exempt."
    else:
        # What a blueprint allows nobody, Flask-CORS leaves to the application.
        line = source.alone(site.call)
        if line is None:
            raise CannotRewrite("Flask-CORS allowed no page here.")
        writing.remove_statement(line)
        message = "Flask-CORS allowed no page here: the application's policy applied."
    fix = "Which pages are yours? List their origins."
    writing.tell(Note("nothing-allowed", message, fix))


def _plan_without_effect(writing: Writing) -> None:
    """Plan a decorator that stands above a route: Flask has the view without it."""
    site = writing.site
    decorator = site.source.parents.get(site.call)
    writing.remove_decorator(decorator)
    message = "This decorator is above the route, where Flask-CORS had no effect."
    fix = "If pages of other origins need this view, write it below the route."
    writing.tell(Note("decorator-without-effect", message, fix))
