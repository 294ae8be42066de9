"""The configuration of an application: ``CORS_*`` keys and keyword arguments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..core.checks import known_options
from ..core.errors import a_type
from ..core.inheritance import inherit, own_settings
from ..core.path_settings import check_path_rule
from ..core.policy import build, check_each
from ..core.settings import OPTIONS, RawOptions, Report, Setting, copied, listed

PREFIX: Final = "CORS_"
RESOURCES: Final = "resources"
POLICIES: Final = "policies"
REPORT_ONLY: Final = "report_only"
REPORT_FILE: Final = "report_file"
REFUSAL_RESPONSE: Final = "refusal_response"
OF_APPLICATIONS: Final = (
    RESOURCES,
    POLICIES,
    REPORT_ONLY,
    REPORT_FILE,
    REFUSAL_RESPONSE,
)
"""Options that belong to an application and to no single policy."""
KNOWN: Final = (*OPTIONS, *OF_APPLICATIONS)

NO_RESOURCES: Final = object()
"""In the place of ``resources``: there are none (any more)."""


@dataclass
class AppConfig:
    """What an application was configured with.

    :param options: the options of the application's own policy.
    :param resources: path rule to its own settings; ``None`` where none are given.
    :param named: the named policies.
    :param report_only: options of the policy that only reports, as written.
    :param report_file: the path of the file of reports, as written.
    :param refusal_response: the view that answers what ``enforce`` refuses.
    :param snapshot: the ``CORS_*`` keys as they were when they were read.
    """

    options: RawOptions = field(default_factory=dict)
    resources: dict[str, RawOptions] | None = None
    named: dict[str, RawOptions] = field(default_factory=dict)
    report_only: Setting | None = None
    report_file: Setting | None = None
    refusal_response: Callable[[], Any] | None = None
    snapshot: Mapping[str, object] = field(default_factory=dict)


def read_config(
    config: Mapping[str, Any], options: RawOptions, report: Report
) -> AppConfig:
    """Read the settings of an application; keyword arguments win over its config.

    :param config: ``app.config``.
    :param options: keyword arguments of ``CORS``.
    """
    keys = {
        _option(key): Setting(copied(value), key)
        for key, value in config.items()
        if isinstance(key, str) and key.startswith(PREFIX)
    }
    options = known_options(options, report, KNOWN)
    settings = known_options(keys, report, KNOWN, in_config=True, given=options)
    settings.update(options)
    result = AppConfig(snapshot=snapshot(config))
    if POLICIES in settings:
        result.named = _read_named(settings.pop(POLICIES), report)
    resources = settings.pop(RESOURCES, Setting(NO_RESOURCES, RESOURCES))
    if resources.value is not NO_RESOURCES:
        result.resources = _read_resources(resources, settings, result.named, report)
    result.report_only = _given(settings, REPORT_ONLY)
    result.report_file = _given(settings, REPORT_FILE)
    refusal = _given(settings, REFUSAL_RESPONSE)
    if refusal is None or callable(refusal.value):
        result.refusal_response = refusal and refusal.value
    else:
        message = "This is no function."
        hint = "Write a view function, which returns what the response holds."
        report.problem(refusal, "wrong-type", message, hint)
    result.options = settings
    return result


def missing_origins_hint(settings: RawOptions, rule: str = "", mark: str = "") -> str:
    """Return what to write where a policy of an application has no origins.

    :param settings: the options that it has.
    :param rule: its path rule, if it has one.
    :param mark: the place of the innermost mark, if it is the policy of a view or a
        blueprint.
    """
    credentials = settings.get("supports_credentials")
    with_credentials = credentials is not None and credentials.value is True
    yours = '["https://app.example.com"]'
    public = "" if with_credentials else ', or "*" for a public API'
    if mark:
        marker = "CORS(blueprint, " if mark.startswith("CORS") else "@cross_origin("
        return (
            f"Write {marker}origins={yours}){public}; or CORS(app, origins=...) "
            "for all views."
        )
    if rule:
        return (
            f'Write {{"{rule}": {{"origins": {yours}}}}}{public}; or origins=... '
            "beside resources for all rules."
        )
    more = ", supports_credentials=True" if with_credentials else ""
    own = {name for name, at in settings.items() if not at.name.startswith(PREFIX)}
    if own - {"origins", "supports_credentials"}:
        more += ", ..."  # The arguments that are there stay.
    lines = [
        f"CORS(app, origins={yours}{more})  # the pages of your front end",
        f'CORS(app, origins="http://localhost:*"{more})  # pages on this machine',
    ]
    if not with_credentials:
        lines.append(f'CORS(app, origins="*"{more})  # every page, but without cookies')
    return "\n    ".join(["Write one of these lines:", *lines]) + (
        "\n  If the application used Flask-CORS, flask cors migrate rewrites it."
    )


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


def _given(settings: dict[str, Setting], option: str) -> Setting | None:
    """Take *option* out of *settings*; ``None`` counts as left out."""
    setting = settings.pop(option, None)
    return None if setting is None or setting.value is None else setting


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
        message = f"{a_type(setting.value)} is not a mapping of policies."
        hint = 'Write {"partners": {"origins": "https://partner.example"}}.'
        report.problem(setting, "wrong-type", message, hint)
        return named
    for name, value in setting.value.items():
        own = own_settings(Setting(value, f"{setting.name}[{name!r}]"), {}, report)
        if own is not None:
            check_each(own, report)
            named[name] = own
    return named


def _read_resources(
    setting: Setting,
    options: RawOptions,
    named: Mapping[str, RawOptions],
    report: Report,
) -> dict[str, RawOptions]:
    """Read ``resources``.

    :param options: what its rules inherit.
    """
    result: dict[str, RawOptions] = {}
    for rule, content in _rules(setting, report):
        own = own_settings(content, named, report)
        if own is None:
            check_path_rule(rule, report)
        elif check_path_rule(rule, report):
            result[rule.value] = own
        else:  # It applies to nothing, but there may be more that is wrong.
            place = resource(rule.value)
            hint = missing_origins_hint(inherit(own, options), "/api/*")
            build(inherit(own, options), report, place, hint)
    return result


def _rules(setting: Setting, report: Report) -> Iterator[tuple[Setting, Setting]]:
    """Yield the path rules of ``resources``, each with what was written for it."""
    resources = setting.value
    if isinstance(resources, Mapping):
        for rule, content in resources.items():
            place = f"{setting.name}[{rule!r}]"
            yield Setting(rule, place), Setting(content, place)
        return
    if isinstance(resources, re.Pattern):
        setting = Setting([resources], setting.name)
    for item in listed(setting, report):  # Paths alone inherit all their options.
        place = item.name
        if isinstance(item.value, str):
            place = f"{setting.name}[{item.value!r}]"
        yield Setting(item.value, place), Setting({}, place)


def resource(path_rule: object) -> str:
    """Return the place of a path rule of ``resources``."""
    return f"resources {path_rule!r}"
