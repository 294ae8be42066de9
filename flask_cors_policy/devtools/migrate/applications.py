"""``CORS(app)``, ``init_app`` and ``CORS(blueprint)``: what to write in their place.

An option is translated where it stands. Then each policy is completed (see
``policies``): one for the whole application, or one for each item of ``resources``.
What all of them need is written beside ``resources``, the rest in its item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import libcst as cst

from ..flask_cors_options import EVERY_PATH, Resource, merge, read_resources
from .app_options import Surroundings, read_options
from .notes import Note
from .options import LEFT_OUT, Unknown
from .path_rules import overlaps, translate_resource
from .policies import Completed, allows_nobody, complete, unknown_notes
from .sites import OptionSource, Site, read_option_source
from .source import Source
from .values import Evaluated
from .writing import Writing


class _Item(NamedTuple):
    """One item of ``resources``.

    :ivar rules: the path rules for it.
    :ivar sources: where its options stand.
    :ivar old, new: its own options, before and after.
    :ivar places: where the options are written that it has, as ``Writing`` has them.
    """

    resource: Resource
    position: int
    rules: tuple[str, ...]
    sources: list[OptionSource]
    old: dict[str, Any]
    new: dict[str, Any]
    places: dict[str, tuple[str, int]]


class CannotRewrite(Exception):
    """The site stays as it is. The text says why."""


def plan_application(writing: Writing, around: Surroundings) -> None:
    """Plan what to write for ``CORS(app)``.

    :raises CannotRewrite: if a person has to.
    """
    site = writing.site
    if site.unread:
        raise CannotRewrite(f"The options in {site.unread} are known only at run time.")
    old, new, outer = read_options(writing, around)
    writing.tell(*unknown_notes(new))
    resources = old.get("resources", EVERY_PATH)
    if isinstance(resources, Unknown):
        raise CannotRewrite(f"resources={resources.code} is known only at run time.")
    if isinstance(resources, Mapping):
        _plan_resources(writing, around, old, new, outer)
    else:
        _plan_whole(writing, around, old, new, outer, resources)


def _write_by_hand(
    writing: Writing,
    around: Surroundings,
    sources: list[OptionSource],
    old: dict[str, Any],
    new: dict[str, Any],
) -> None:
    """Write what an ``after_request`` function says in the place of the options."""
    if around.by_hand:
        message = (
            "An after_request function sets CORS headers, so that Flask-CORS added "
            "none. Written: what the function allows."
        )
        writing.tell(Note("headers-by-hand", message, "Delete what sets them."))
    for option, value in around.by_hand.items():
        old[option] = new[option] = value
        writing.set_option(sources, option, explicit(option, value, {}))


def _plan_whole(
    writing: Writing,
    around: Surroundings,
    old: dict[str, Any],
    new: dict[str, Any],
    outer: Mapping[str, Any],
    resources: Any,
) -> None:
    """Plan one policy, for all paths or for a list of them."""
    rules: list[str] = []
    _write_by_hand(writing, around, writing.site.sources, old, new)
    for resource in read_resources(resources):
        translated = translate_resource(resource, around.paths)
        writing.tell(*translated.notes)
        rules += translated.rules
    completed = complete(merge(old), new, around.methods or {"GET", "POST"})
    sources = writing.site.sources
    if completed.allows_nobody or not rules:
        _plan_nothing(writing, completed)
        around.outer.append({})
        return
    finish(writing, completed)
    for option, value in completed.changes.items():
        writing.set_option(sources, option, explicit(option, value, outer))
    written = writing.site.option("resources")
    if written is not None and isinstance(written[1].value.value, Unknown):
        written = None  # It stands in the configuration.
    listed = list(dict.fromkeys(rules))
    value = listed[0] if isinstance(resources, str) and len(listed) == 1 else listed
    known = resources in (value, listed)
    if written is not None and not known:
        writing.replace(*written, value)
    elif written is None and "resources" in old and not known:
        writing.set_option(sources, "resources", listed)
    around.outer.append(without_left_out({**new, **completed.changes}))
    around.rules += rules


def _plan_nothing(writing: Writing, completed: Completed) -> None:
    """Plan an application whose policy allows no page at all."""
    message = "Flask-CORS allowed no page here. Written: resources={}, no policy."
    fix = 'Which pages are yours? Write origins=["https://..."], without resources.'
    writing.tell(*completed.notes, Note("nothing-allowed", message, fix))
    writing.remove_all(writing.site.sources)
    writing.set_option(writing.site.sources, "resources", {})


def _plan_resources(
    writing: Writing,
    around: Surroundings,
    old: Mapping[str, Any],
    new: dict[str, Any],
    outer: Mapping[str, Any],
) -> None:
    """Plan a policy for each item of ``resources``."""
    source, found = _found_resources(writing.site, around)
    items = _read_items(writing, around, source, found)
    mixed = overlaps([(item.resource, item.rules) for item in items], around.paths)
    if mixed:
        message = f"Another policy would apply to {mixed[0]} than in Flask-CORS."
        raise CannotRewrite(f"{message} Which of the path rules is meant?")
    assert isinstance(found.node, cst.Dict)
    option_source = OptionSource(source, found.node, {}, found.names)
    writing.uses(option_source)
    plain = {key: value for key, value in old.items() if key != "resources"}
    policies: list[tuple[_Item, Completed]] = []
    for item in items:
        writing.places = item.places
        served = around.methods or {"GET", "POST"}
        policy = complete(merge(plain, item.old), {**new, **item.new}, served)
        if policy.allows_nobody:
            message = f"No page was allowed under {item.resource.written!r}."
            writing.tell(*policy.notes, Note("nothing-allowed", message))
            writing.set_keys(option_source, item.position, ())
        elif item.rules:
            finish(writing, policy)
            policies.append((item, policy))
    if allows_nobody(new):
        new["origins"] = LEFT_OUT
        writing.set_option(writing.site.sources, "origins", LEFT_OUT)
    common = _common(policies)
    for name, value in common.items():
        writing.set_option(writing.site.sources, name, explicit(name, value, outer))
    outside = without_left_out({**new, **common})
    for item, policy in policies:
        for name, value in policy.changes.items():
            if name not in common:
                value = explicit(name, value, outside)
                writing.set_option(item.sources, name, value)
        around.outer.append(without_left_out({**new, **item.new, **policy.changes}))
        around.rules += item.rules
    around.outer.append(outside)


def _found_resources(site: Site, around: Surroundings) -> tuple[Source, Evaluated]:
    """Return where the dict is written that ``resources`` is.

    :raises CannotRewrite: if that is not known.
    """
    written = site.option("resources")
    found = (written[0].source, written[1].value) if written else around.resources_key
    if found is not None and isinstance(found[1].value, Unknown):
        found = around.resources_key
    if found is None or not isinstance(found[1].node, cst.Dict):
        raise CannotRewrite("resources is not written as a dict here.")
    return found


def _read_items(
    writing: Writing, around: Surroundings, source: Source, found: Evaluated
) -> list[_Item]:
    """Return the items of ``resources``, in the order of Flask-CORS."""
    node = found.node
    assert isinstance(node, cst.Dict)
    option_source = OptionSource(source, node, {}, found.names)
    keys = list(found.value)
    items = []
    taken: set[str] = set()
    outside = writing.places
    for resource in read_resources(found.value):
        index = keys.index(resource.written)
        element = node.elements[index]
        inner = read_option_source(source, source.evaluate(element.value))
        if inner is None:
            raise CannotRewrite(
                f"The options of {resource.written!r} are known only at run time."
            )
        inner.names = (*found.names, *inner.names)
        old = {name: each.value.value for name, each in inner.options.items()}
        translated = translate_resource(resource, around.paths)
        writing.tell(*translated.notes, at=element, source=source)
        rules = tuple(rule for rule in translated.rules if rule not in taken)
        taken.update(rules)
        if len(rules) < len(translated.rules):
            message = f"Another item covers the paths of {resource.written!r} first."
            note = Note("path-never-matched", message)
            writing.tell(note, at=element, source=source)
        if rules != (resource.written,):
            writing.set_keys(option_source, index, rules)
        writing.places = dict(outside)
        new = writing.translate(inner) if rules else {}
        if rules:
            _write_by_hand(writing, around, [inner], old, new)
        writing.tell(*unknown_notes(new), at=element, source=source)
        places = writing.places
        items.append(_Item(resource, index, rules, [inner], old, new, places))
    return items


def _common(policies: Sequence[tuple[_Item, Completed]]) -> dict[str, Any]:
    """Return the changes that can be written once, beside ``resources``."""
    common: dict[str, Any] = {}
    for name in OPTION_ORDER:
        wanted = [
            policy.changes[name] for _, policy in policies if name in policy.changes
        ]
        # An item that writes the option itself is not reached from outside.
        separate = all(
            (name in item.new) != (name in each.changes) for item, each in policies
        )
        if wanted and separate and all(value == wanted[0] for value in wanted):
            common[name] = wanted[0]
    return common


OPTION_ORDER: Final = (
    "origins",
    "methods",
    "allow_headers",
    "expose_headers",
    "supports_credentials",
    "max_age",
    "accept_risks",
)
"""The order in which options are added."""

_NEUTRAL: Final[Mapping[str, Any]] = {
    "supports_credentials": False,
    "expose_headers": [],
}


def explicit(option: str, value: Any, outer: Mapping[str, Any]) -> Any:
    """Return *value*, or ``LEFT_OUT`` if leaving the option out says the same.

    :param outer: the options that are inherited at that place.
    """
    neutral = _NEUTRAL.get(option, LEFT_OUT)
    if value is not LEFT_OUT and value != neutral:
        return value
    return LEFT_OUT if outer.get(option, neutral) == neutral else neutral


def finish(writing: Writing, completed: Completed) -> None:
    """Take over the notes about a policy that can be written.

    :raises CannotRewrite: if it cannot.
    """
    if completed.problems:
        raise CannotRewrite(completed.problems[0])
    writing.tell(*completed.notes)


def without_left_out(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are written in the end."""
    return {name: value for name, value in options.items() if value is not LEFT_OUT}
