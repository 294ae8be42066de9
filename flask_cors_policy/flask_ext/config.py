"""The configuration of an application: ``CORS_*`` keys and keyword arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..core.inheritance import own_settings
from ..core.path_settings import check_path_rules
from ..core.policy import check_each
from ..core.settings import (
    OPTIONS,
    RawOptions,
    Report,
    Setting,
    copied,
    did_you_mean,
    listed,
)

PREFIX: Final = "CORS_"
RESOURCES: Final = "resources"
POLICIES: Final = "policies"
KNOWN: Final = (*OPTIONS, RESOURCES, POLICIES)

NO_RESOURCES: Final = object()
"""In the place of ``resources``: there are none (any more)."""

FLASK_CORS_OPTIONS: Final[Mapping[str, str]] = {
    "send_wildcard": 'origins="*" is always sent as "*", other origins one by one.',
    "always_send": "Every response has the headers of its policy.",
    "automatic_options": "Every preflight is answered, before any view.",
    "vary_header": "Vary is sent whenever the response depends on the origin.",
    "intercept_exceptions": "Errors always have the headers of their route's policy.",
    "allow_private_network": (
        "Browsers replaced that header by a permission prompt; no server can grant it."
    ),
}
"""Options of Flask-CORS that have no counterpart -> what happens here instead."""

_REGEX_SIGNS: Final = frozenset("*+^$|")
"""What a header name and a regular expression may both hold."""


@dataclass
class AppConfig:
    """What an application was configured with.

    :param options: the options of the application's own policy.
    :param resources: path rule to its own settings; ``None`` where none are given.
    :param named: the named policies.
    :param snapshot: the ``CORS_*`` keys as they were when they were read.
    """

    options: RawOptions = field(default_factory=dict)
    resources: dict[str, RawOptions] | None = None
    named: dict[str, RawOptions] = field(default_factory=dict)
    snapshot: Mapping[str, object] = field(default_factory=dict)


def read_config(
    config: Mapping[str, Any], options: RawOptions, report: Report
) -> AppConfig:
    """Read the settings of an application; keyword arguments win over its config.

    :param config: ``app.config``.
    :param options: keyword arguments of ``CORS``.
    """
    settings: dict[str, Setting] = {}
    for key, value in config.items():
        if isinstance(key, str) and key.startswith(PREFIX):
            settings[_option(key)] = Setting(copied(value), key)
    settings.update(options)
    settings = refuse_flask_cors_options(settings, report)
    for option in [option for option in settings if option not in KNOWN]:
        setting = settings.pop(option)
        hint = did_you_mean(option, KNOWN)
        if setting.name.startswith(PREFIX):
            keys = (PREFIX + known.upper() for known in KNOWN)
            hint = did_you_mean(setting.name.upper(), keys)
        report.problem(setting, "unknown-option", "There is no such option.", hint)
    result = AppConfig(snapshot=snapshot(config))
    if POLICIES in settings:
        result.named = _read_named(settings.pop(POLICIES), report)
    if RESOURCES in settings:
        resources = settings.pop(RESOURCES)
        if resources.value is not NO_RESOURCES:
            result.resources = _read_resources(resources, result.named, report)
    result.options = settings
    return result


def refuse_flask_cors_options(
    settings: RawOptions, report: Report
) -> dict[str, Setting]:
    """Report what only Flask-CORS takes; return the other options."""
    for option in sorted(settings.keys() & FLASK_CORS_OPTIONS.keys()):
        message = "This is an option of Flask-CORS; it is not needed here."
        hint = f"{FLASK_CORS_OPTIONS[option]} Leave it out."
        report.problem(settings[option], "unknown-option", message, hint)
    headers = settings.get("allow_headers", Setting((), ""))
    if isinstance(headers.value, str | list | tuple | set | frozenset):
        for item in listed(headers, report):
            # The grammar has room for such names, but nobody means them.
            name = item.value
            if isinstance(name, str) and name != "*" and _REGEX_SIGNS & {*name}:
                message = "Flask-CORS takes this as a regular expression."
                hint = 'Write the names of the headers out, or "*" for every header.'
                report.problem(item, "header-token", message, hint)
    return {
        key: value for key, value in settings.items() if key not in FLASK_CORS_OPTIONS
    }


def snapshot(config: Mapping[str, Any]) -> dict[str, object]:
    """Return the ``CORS_*`` keys of *config* in a form that keeps changes visible."""
    return {
        key: _frozen(value)
        for key, value in config.items()
        if isinstance(key, str) and key.startswith(PREFIX)
    }


def report_changes(
    before: AppConfig, config: Mapping[str, Any], report: Report
) -> list[str]:
    """Report each ``CORS_*`` key that was changed after *before* was read.

    :return: the new keys that no option has.
    """
    old, now = before.snapshot, snapshot(config)
    unknown: list[str] = []
    for key in sorted(old.keys() | now.keys()):
        if key not in old and _option(key) not in KNOWN:
            unknown.append(key)
        elif old.get(key) != now.get(key) or (key in old) != (key in now):
            message = "This was changed after CORS(app) had read it."
            hint = "Set it before CORS(app), or call cors.reconfigure() after it."
            at = Setting(config.get(key), key)
            report.problem(at, "setting-changed", message, hint)
    return unknown


def _option(key: str) -> str:
    """Return the option of a ``CORS_*`` key; keys are upper case, all of them."""
    option = key.removeprefix(PREFIX)
    return option.lower() if option.isupper() else key


def _frozen(value: object) -> object:
    if isinstance(value, Mapping):
        return tuple((key, _frozen(item)) for key, item in value.items())
    if isinstance(value, set):
        return frozenset(value)
    if isinstance(value, Iterator):  # To look into it is to use it up.
        return value
    items = copied(value)
    if isinstance(items, list | tuple):
        return tuple(_frozen(item) for item in items)
    return items


def _read_named(setting: Setting, report: Report) -> dict[str, RawOptions]:
    named: dict[str, RawOptions] = {}
    if not isinstance(setting.value, Mapping):
        message = f"A {type(setting.value).__name__} is not a mapping of policies."
        hint = 'Write {"partners": {"origins": "https://partner.example"}}.'
        report.problem(setting, "wrong-type", message, hint)
        return named
    for name, value in setting.value.items():
        own = own_settings(Setting(value, f"{setting.name}[{name!r}]"), {}, report)
        if own is not None:
            own = refuse_flask_cors_options(own, report)
            check_each(own, report)
            named[name] = own
    return named


def _read_resources(
    setting: Setting, named: Mapping[str, RawOptions], report: Report
) -> dict[str, RawOptions]:
    resources = setting.value
    if not isinstance(resources, Mapping):  # Paths alone inherit all their options.
        if isinstance(resources, re.Pattern):
            setting = Setting([resources], setting.name)
        resources = {}
        for item in listed(setting, report):
            if isinstance(item.value, str):
                resources[item.value] = {}
            else:
                message = "A path rule is a string, never a regular expression."
                report.problem(item, "path-syntax", message, 'Write "/api/*".')
    result: dict[str, RawOptions] = {}
    if not resources:
        return result
    good = frozenset(check_path_rules(Setting(resources, setting.name), report))
    for rule, content in resources.items():
        value = Setting(content, f"{setting.name}[{rule!r}]")
        own = own_settings(value, named, report)
        if own is None:
            continue
        own = refuse_flask_cors_options(own, report)
        if rule in good:
            result[rule] = own
        else:  # No policy will come of it, but there may be more to mend.
            check_each(own, report)
    return result
