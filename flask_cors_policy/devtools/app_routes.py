"""The policy of each route, and where it comes from: as data, and as a table.

Used by ``flask cors routes``, the audit and the inspector.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ..core.checks import UNSAFE
from ..core.errors import shown
from ..core.origin_items import split_items
from ..core.settings import DEFAULTS, UNWRITTEN, Report
from ..flask_ext.building import SettingsSource, merged
from ..flask_ext.checking import path_rules_of
from ..flask_ext.state import install_for_marks, state_of
from .explaining.explanation import jsonable
from .lines import Line, table

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import Rule

    from ..core.policy import Policy
    from ..core.settings import Setting
    from ..flask_ext.table import PolicyTable

NO_EXTENSION: Final = "no CORS(app)"
NO_PATH_RULE: Final = "no path rule"
HEAD: Final = ("Rule", "Methods", "Origins", "Also", "From")
_MOST: Final = 2
"""Origins shown of a longer list."""
# Flask answers these two by itself, wherever it can.
_AUTOMATIC: Final = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class RoutePolicy:
    """A route, some or all of its methods, and the policy that applies to them.

    :param rule: the URL rule, as ``/items/<int:item>``.
    :param host: the host or the subdomain of the route; often empty.
    :param endpoint: of the route.
    :param methods: the methods that this is about.
    :param path_rule: the path rule of ``resources`` its URLs are under; ``""`` if none.
    :param policy: ``None`` if no policy applies.
    :param place: where the nearest settings are written, or why there are none.
    :param sources: all settings of the policy, from the outside in.
    """

    rule: str
    host: str
    endpoint: str
    methods: tuple[str, ...]
    path_rule: str
    policy: Policy | None
    place: str
    sources: tuple[SettingsSource, ...]

    @property
    def derives_methods(self) -> bool:
        """Whether the answer to a preflight lists the methods of the URL's routes."""
        return self.policy is not None and self.policy.methods is UNWRITTEN

    @property
    def settings(self) -> dict[str, Setting]:
        """Option -> the setting that takes effect, with its place."""
        return merged(self.sources)

    def as_data(self) -> dict[str, Any]:
        """Return this as what JSON can hold."""
        written = {option: setting.name for option, setting in self.settings.items()}
        return {
            "rule": self.rule,
            "host": self.host,
            "endpoint": self.endpoint,
            "methods": list(self.methods),
            "path_rule": self.path_rule or None,
            "policy": None if self.policy is None else policy_data(self.policy),
            "derives_methods": self.derives_methods,
            "from": self.place,
            "sources": [source.place for source in self.sources],
            "written": {} if self.policy is None else written,
        }


def route_policies(app: Flask) -> list[RoutePolicy]:
    """Return the policy of each route of *app*; methods with one policy are joined.

    The last entries, without endpoint, are for the paths of no route.

    :raises PolicyError: if the policies of the routes are invalid.
    """
    active = active_table(app)
    found: list[RoutePolicy] = []
    for rule in app.url_map.iter_rules():
        methods = sorted((rule.methods or set()) - _AUTOMATIC)
        grouped: dict[tuple[object, ...], list[RoutePolicy]] = {}
        for method in methods or sorted(rule.methods or ()):
            for each in _of_method(active, rule, method):
                key = (id(each.policy), each.place, each.path_rule)
                grouped.setdefault(key, []).append(each)
        found += map(_joined, grouped.values())
    found.sort(key=lambda each: (each.host, each.rule, each.methods))
    return [*found, *_of_no_route(active)]


def policy_data(policy: Policy) -> dict[str, Any]:
    """Return the settings of *policy* as what JSON can hold."""
    data: dict[str, Any] = jsonable({**policy.as_settings()})
    return data


def active_table(app: Flask) -> PolicyTable | None:
    """Return the policies of *app* as its next request uses them.

    :return: ``None`` if it has neither ``CORS(app)`` nor a mark.
    :raises PolicyError: if the policies of the routes are invalid.
    """
    install_for_marks(app)
    state = state_of(app)
    if state is None:
        return None
    report = Report()
    if state.may_be_replaced:  # The first request will read the config anew.
        table = state.reconfigured({}, report).table
    else:
        table = state.functions.active
        state.check(report)
    report.raise_problems()
    return table


def _of_method(
    active: PolicyTable | None, rule: Rule, method: str
) -> Iterator[RoutePolicy]:
    host = rule.host or rule.subdomain or ""
    common = (rule.rule, host, rule.endpoint, (method,))
    if active is None:
        yield RoutePolicy(*common, "", None, NO_EXTENSION, ())
        return
    marks = active.marks(rule.endpoint, method)
    for path_rule in path_rules_of(active, rule.rule):
        handler = active.builder.fold(marks, path_rule)
        sources = tuple(active.sources(rule.endpoint, method, path_rule))
        if handler is None or handler.policy is None:
            place = sources[-1].place if sources[-1].settings is None else NO_PATH_RULE
            yield RoutePolicy(*common, path_rule, None, place, sources)
        else:
            yield RoutePolicy(
                *common,
                path_rule,
                handler.policy,
                handler.place,
                sources,
            )


def _joined(same: list[RoutePolicy]) -> RoutePolicy:
    """Return one for several methods of a route that have the same policy."""
    methods = tuple(method for each in same for method in each.methods)
    return replace(same[0], methods=methods)


def _of_no_route(active: PolicyTable | None) -> Iterator[RoutePolicy]:
    """Yield the policies of the paths that no route serves, for their 404."""
    if active is None:
        return
    for path_rule in ("", *active.paths.rules):
        handler = active.paths.rules.get(path_rule) or active.paths.default
        if handler is not None:
            sources = tuple(active.sources("", "", path_rule))
            yield RoutePolicy(
                path_rule,
                "",
                "",
                (),
                path_rule,
                handler.policy,
                handler.place,
                sources,
            )


def route_lines(found: Sequence[RoutePolicy]) -> Iterator[Line]:
    """Yield the table, one line for each route and policy."""
    yield from table(HEAD, [_row(each) for each in found])


def _row(each: RoutePolicy) -> tuple[str, ...]:
    rule = each.rule or "(any other path)"
    if not each.endpoint and each.rule:
        rule = f"{rule} (any other)"
    if each.host:
        rule = f"{each.host} {rule}"
    methods = ", ".join(each.methods)
    if each.policy is None:
        return rule, methods, "-", "", each.place
    return rule, methods, _origins(each.policy), _also(each.policy), each.place


def _origins(policy: Policy) -> str:
    items = [
        f"{name or _shown_item(item)}{_shown_options(options)}"
        for name, item, options in split_items(policy.origins)
    ]
    more = f" and {len(items) - _MOST} more" if len(items) > _MOST else ""
    return ", ".join(items[:_MOST]) + more


def _shown_item(item: object) -> str:
    return item if isinstance(item, str) else getattr(item, "__name__", shown(item))


def _shown_options(options: Mapping[str, Any]) -> str:
    """Return the options that an origin has of its own, in brackets."""
    told = (
        f"{option} {', '.join(value) or 'none' if isinstance(value, tuple) else value}"
        for option, value in options.items()
    )
    return f" ({'; '.join(told)})" if options else ""


def _also(policy: Policy) -> str:
    """Name the options of a policy other than origins that are not the default."""
    named = (
        ("methods", "methods", policy.methods),
        ("allows", "allow_headers", policy.allow_headers),
        ("exposes", "expose_headers", policy.expose_headers),
    )
    parts = ["credentials"] if policy.supports_credentials else []
    parts += [
        f"{verb} {', '.join(items) or 'no headers'}"
        for verb, option, items in named
        if items != DEFAULTS[option]
    ]
    if policy.max_age is not None:
        parts.append(f"max_age {policy.max_age}")
    if policy.timing_allow_origin:
        parts.append("timing")
    if policy.enforce:
        unsafe = policy.enforce == UNSAFE
        parts.append("enforce unsafe" if unsafe else "enforce")
    return "; ".join(parts)
