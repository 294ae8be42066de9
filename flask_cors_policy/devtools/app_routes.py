"""Which policy governs each route, and where it comes from: data for people.

Read by ``flask cors routes``, the audit and the inspector.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..core.settings import Report
from ..flask_ext.building import SettingsSource, merged
from ..flask_ext.checking import path_rules_of
from ..flask_ext.state import install_for_marks, state_of
from .explaining.explanation import jsonable

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import Rule

    from ..core.policy import Policy
    from ..core.settings import Setting
    from ..flask_ext.table import PolicyTable

NO_EXTENSION: Final = "no CORS(app)"
NO_PATH_RULE: Final = "no path rule"
# Flask answers these two by itself, wherever it can.
_AUTOMATIC: Final = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class RoutePolicy:
    """A route, some or all of its methods, and what governs them.

    :param rule: the URL rule, as ``/items/<int:item>``.
    :param host: the host or the subdomain that the route is for; often empty.
    :param endpoint: of the route.
    :param methods: those that this is about.
    :param path_rule: the path rule of ``resources`` its URLs are under; ``""`` if none.
    :param policy: ``None`` where nothing governs them.
    :param derives_methods: whether a preflight is told the methods of the URL's routes.
    :param place: where the nearest layer stands, or why there is none, for people.
    :param layers: what the policy is made of, from the outside in.
    """

    rule: str
    host: str
    endpoint: str
    methods: tuple[str, ...]
    path_rule: str
    policy: Policy | None
    derives_methods: bool
    place: str
    layers: tuple[SettingsSource, ...]

    @property
    def settings(self) -> dict[str, Setting]:
        """Option -> the setting that decides about it, with its place."""
        return merged(self.layers)

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
            "layers": [layer.place for layer in self.layers],
            "written": {} if self.policy is None else written,
        }


def route_policies(app: Flask) -> list[RoutePolicy]:
    """Return what governs each route of *app*; methods of one policy stand together.

    The last of them, without endpoint, are for the paths of no route.

    :raises PolicyError: where the policies of the routes hold a mistake.
    """
    policies = active_table(app)
    found: list[RoutePolicy] = []
    for rule in app.url_map.iter_rules():
        methods = sorted((rule.methods or set()) - _AUTOMATIC)
        grouped: dict[tuple[object, ...], list[RoutePolicy]] = {}
        for method in methods or sorted(rule.methods or ()):
            for each in _of_method(policies, rule, method):
                key = (id(each.policy), each.place, each.path_rule)
                grouped.setdefault(key, []).append(each)
        found += map(_joined, grouped.values())
    found.sort(key=lambda each: (each.host, each.rule, each.methods))
    return [*found, *_of_no_route(policies)]


def policy_data(policy: Policy) -> dict[str, Any]:
    """Return the settings of *policy* as what JSON can hold."""
    data: dict[str, Any] = jsonable({**policy.as_settings()})
    return data


def active_table(app: Flask) -> PolicyTable | None:
    """Return the policies of *app* as its next request finds them.

    :return: ``None`` if it has neither ``CORS(app)`` nor a mark.
    :raises PolicyError: where the policies of the routes hold a mistake.
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
    policies: PolicyTable | None, rule: Rule, method: str
) -> Iterator[RoutePolicy]:
    host = rule.host or rule.subdomain or ""
    common = (rule.rule, host, rule.endpoint, (method,))
    if policies is None:
        yield RoutePolicy(*common, "", None, False, NO_EXTENSION, ())
        return
    marks = policies.marks(rule.endpoint, method)
    for path_rule in path_rules_of(policies, rule.rule):
        governing = policies.builder.fold(marks, path_rule)
        layers = tuple(policies.sources(rule.endpoint, method, path_rule))
        if governing is None or governing.policy is None:
            place = layers[-1].place if layers[-1].settings is None else NO_PATH_RULE
            yield RoutePolicy(*common, path_rule, None, False, place, layers)
        else:
            yield RoutePolicy(
                *common,
                path_rule,
                governing.policy,
                governing.lists_own,
                governing.place,
                layers,
            )


def _joined(same: list[RoutePolicy]) -> RoutePolicy:
    """Return one for several methods of a route that have the same policy."""
    first = same[0]
    return RoutePolicy(
        first.rule,
        first.host,
        first.endpoint,
        tuple(method for each in same for method in each.methods),
        first.path_rule,
        first.policy,
        first.derives_methods,
        first.place,
        first.layers,
    )


def _of_no_route(policies: PolicyTable | None) -> Iterator[RoutePolicy]:
    """Yield what governs the paths that no route serves, for their 404."""
    if policies is None:
        return
    for path_rule in ("", *policies.paths.rules):
        governing = policies.paths.rules.get(path_rule) or policies.paths.default
        if governing is not None:
            layers = tuple(policies.sources("", "", path_rule))
            yield RoutePolicy(
                path_rule,
                "",
                "",
                (),
                path_rule,
                governing.policy,
                governing.lists_own,
                governing.place,
                layers,
            )
