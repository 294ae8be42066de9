"""Rights per origin: ``origins`` as a mapping, or as tuples, with options of each item.

Rule 1. The options of an item are laid over those of the policy.
Rule 2. The order does not matter: an exact origin comes before patterns, of which the
        longest wins; then functions and regular expressions, as they were written;
        ``*`` is last. Two patterns that overlap only partly are a mistake.
Rule 3. Each item is checked with its own credentials.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from .checks import CHECKS, RISKS, known_options
from .errors import a_type
from .fetch_standard import WILDCARD
from .origin import ANY_PORT, OriginPattern
from .origin_items import (
    ItemOptions,
    has_rights,
    identity,
    label,
    split,
    split_items,
)
from .origin_settings import (
    Cause,
    CheckedOrigins,
    check_dangers,
    check_item,
    check_origins,
    check_with_credentials,
)
from .settings import OPTIONS, RawOptions, Report, Setting, listed

OF_POLICIES: Final = ("origins", "enforce", "preflight_status", "accept_risks")
"""Options that a policy has once, whatever the origin."""
OF_ITEMS: Final = tuple(option for option in OPTIONS if option not in OF_POLICIES)
"""Options that an item of ``origins`` may have."""


class OriginGroup(NamedTuple):
    """Origins of a policy that have the same rights.

    :param item: the item of ``origins`` that they are, for people; "" if there is one
        group only, because no item has options.
    :param values: each option as it applies to them, checked.
    :param checked: the origins.
    """

    item: str
    values: Mapping[str, Any]
    checked: CheckedOrigins


class _Item(NamedTuple):
    """An item of ``origins`` as written.

    :param at: the origin, the pattern, the function.
    :param name: the name it was given, "" if none was.
    :param options: its own options; ``None`` if it is no mapping with options.
    """

    at: Setting
    name: str
    options: object

    @property
    def label(self) -> str:
        """The item, for people."""
        return self.name or label(self.at.value)


def check_groups(
    settings: RawOptions,
    values: Mapping[str, Any],
    report: Report,
    *,
    together: bool = True,
) -> tuple[tuple[Any, ...], list[OriginGroup]]:
    """Check ``origins``, and the settings that concern each other.

    :param settings: the settings of a policy, which have ``origins``.
    :param values: those of them that are checked already.
    :param together: whether the settings apply together.
    :return: the value of ``origins``, and its groups.
    """
    risks = values.get("accept_risks", frozenset(RISKS))
    at = settings["origins"]
    items = _read(at, report)
    if items is None:
        credentials = values.get("supports_credentials", False)
        checked = check_origins(at, risks, report, credentials=credentials)
        if together:
            check_together(settings, values, checked, report)
        return checked.values, [OriginGroup("", values, checked)]
    groups, written = [], []
    for item in items:
        own = _own_settings(item, report)
        options = {name: CHECKS[name](each, report) for name, each in own.items()}
        _check_timing(own, values, report)
        checked, applying = CheckedOrigins(), {**values, **options}
        check_item(item.at, risks, checked, report)
        found = Report()
        if together:
            check_together({**settings, **own}, applying, checked, found)
        else:
            check_together(own, {"accept_risks": risks, **options}, checked, found)
        report.add(found.problems, found.warnings)
        groups.append(OriginGroup(item.label, applying, checked))
        pair = (item.at.value, ItemOptions(options))
        written.append((item.name, *pair) if item.name else pair)
    _check_duplicates(items, report)
    _check_overlaps(groups, report)
    return tuple(written), groups


def check_together(
    settings: RawOptions,
    values: Mapping[str, Any],
    checked: CheckedOrigins,
    report: Report,
) -> None:
    """Check the settings that concern each other, for some origins."""
    risks = values.get("accept_risks", frozenset(RISKS))
    if values.get("supports_credentials"):
        credentials = settings["supports_credentials"]
        check_with_credentials(credentials, checked, report)
        check_dangers(Cause(credentials, "read responses"), checked, risks, report)
        if WILDCARD in values.get("expose_headers", ()):
            message = (
                f'{credentials.name} is True, and then browsers take "*" as a plain '
                "header name."
            )
            hint = "List the headers that pages shall read."
            at = settings["expose_headers"]
            report.problem(at, "expose-wildcard-credentials", message, hint)
    elif values.get("enforce"):
        cause = Cause(settings["enforce"], "send requests")
        check_dangers(cause, checked, risks, report)


def check_inherited(inner: RawOptions, origins: Setting | None, report: Report) -> None:
    """Report the options of *inner* that have no effect beside inherited origins.

    :param origins: what *inner* inherits.
    """
    if origins is None or not origins.value or "origins" in inner:
        return
    given = [option for option in OF_ITEMS if option in inner]
    items = split_items(origins.value)
    for _, _, options in items if given else ():
        given = [option for option in given if option in options]
        if not given:  # Most lists have no options: the first item says so.
            return
    for option in given:
        message = f"Each item of {origins.name} sets {option} itself."
        hint = "Write origins again beside this, with what its items shall have."
        report.problem(inner[option], "option-without-effect", message, hint)


def _read(setting: Setting, report: Report) -> list[_Item] | None:
    """Return the items of ``origins``; ``None`` if none has options."""
    value = setting.value
    if isinstance(value, Mapping):
        if not value:
            message = "An empty mapping allows nobody."
            hint = 'Write {"https://app.example.com": {}}.'
            report.problem(setting, "origins-empty", message, hint)
        return [
            _Item(Setting(key, f"{setting.name}[{_typed(key)}]"), "", options)
            for key, options in value.items()
        ]
    if not isinstance(value, list | tuple) or not any(map(has_rights, value)):
        return None
    items = []
    for each in listed(setting, report):
        name, item = "", each.value
        options: object = {}
        if has_rights(item):
            if len(item) > 3 or (len(item) == 3 and not isinstance(item[0], str)):
                message = "This is no item with options."
                hint = 'Write (origin, {...}), or ("name", function, {...}).'
                report.problem(each, "wrong-type", message, hint)
                continue
            name, item, options = split(item)
        items.append(_Item(Setting(item, each.name), name, options))
    return items


def _typed(key: object) -> str:
    return repr(key) if isinstance(key, str) else label(key)


def _own_settings(item: _Item, report: Report) -> dict[str, Setting]:
    """Return the options of an item that are its own, and that it may have."""
    if not isinstance(item.options, Mapping):
        message = f"{a_type(item.options)} is not a mapping of options."
        hint = 'Write {}, or what this origin may do: {"methods": ["PUT"]}.'
        at = Setting(item.options, item.at.name)
        report.problem(at, "wrong-type", message, hint)
        return {}
    settings = {
        name: Setting(value, f"{item.at.name}.{name}")
        for name, value in item.options.items()
    }
    for option in OF_POLICIES:
        if option in settings:
            message = "This is an option of the policy, whatever the origin."
            hint = f"Write {option} beside origins."
            if option == "origins":
                hint = "Write each origin as an item of its own."
            report.problem(settings.pop(option), "option-of-policy", message, hint)
    return known_options(settings, report, OF_ITEMS)


def _check_timing(own: RawOptions, values: Mapping[str, Any], report: Report) -> None:
    """Check who may read timings: ``"*"`` is on each response, whatever its origin."""
    timing = own.get("timing_allow_origin")
    if timing is None:
        return
    if timing.value == WILDCARD:
        message = '"*" is on every response, whatever the origin.'
        hint = "Write it beside origins, or True here."
        report.problem(timing, "option-of-policy", message, hint)
    elif values.get("timing_allow_origin") == WILDCARD and timing.value is False:
        message = "The policy lets every site read timings, and so this one."
        hint = 'Leave it out, or write timing_allow_origin=True instead of "*" there.'
        report.problem(timing, "option-without-effect", message, hint)


def _check_duplicates(items: list[_Item], report: Report) -> None:
    seen: dict[Any, str] = {}
    for item in items:
        value = identity(item.at.value)
        if value in seen:
            message = f"This is the same item as {seen[value]}."
            hint = "Write it once, with all its options."
            report.problem(item.at, "origin-duplicate", message, hint)
        seen.setdefault(value, item.at.name)


def _check_overlaps(groups: list[OriginGroup], report: Report) -> None:
    """Report patterns of which neither covers the other, but both some origin.

    That takes one with more hosts, and one with more ports.
    """
    patterns = [each for group in groups for each in group.checked.patterns]
    below: dict[tuple[str, str], list[tuple[Setting, OriginPattern]]] = {}
    for item, pattern in patterns:
        if pattern.subdomains and pattern.port != ANY_PORT:
            place = below.setdefault((pattern.scheme, pattern.host), [])
            place.append((item, pattern))
    for item, pattern in patterns:
        host = pattern.host if pattern.port == ANY_PORT else ""
        while "." in host:
            host = host.partition(".")[2]
            for also, other in below.get((pattern.scheme, host), ()):
                _report_overlap(item, also, other, report)


def _report_overlap(
    item: Setting, also: Setting, other: OriginPattern, report: Report
) -> None:
    text = str(item.value).removesuffix(":*")
    both = text if other.port is None else f"{text}:{other.port}"
    host = str(also.value)
    if other.port is not None:
        host = host.removesuffix(f":{other.port}")
    message = f'"{both}" is covered by {also.name}, too, and neither covers the other.'
    hint = f'Write "{both}" here, or "{host}:*" there.'
    report.problem(item, "origin-overlap", message, hint)
