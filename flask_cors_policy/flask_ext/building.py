"""``PolicyBuilder``: the policies of an application, its path rules and its marks.

A policy inherits the options it omits from the next outer one: the application, the
path rule, the outer blueprint, the inner blueprint, the view, the class, the method.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from ..core.checks import UNSAFE
from ..core.decision import Enforce, strictest
from ..core.errors import PolicyError
from ..core.origin_rights import check_inherited
from ..core.policy import Policy, build, check_each
from ..core.reasons import Reason
from ..core.settings import RawOptions, Report, Setting, did_you_mean
from ..handler import DenyingHandler, PolicyHandler
from ..wsgi import PathTable
from .config import missing_origins_hint, resource

if TYPE_CHECKING:
    from ..log import RefusalLog
    from ..reporting import Reporting
    from .config import AppConfig
    from .marks import Mark

APPLICATION: Final = "the application"
UNKNOWN_ROUTES: Final = "requests whose route is unknown"
INVALID_POLICIES: Final = "routes whose policy is invalid"


class SettingsSource(NamedTuple):
    """What one place adds to the policy of a route.

    :param place: where it is, for people.
    :param settings: the options it does not inherit; ``None`` if it takes the route
        out of every policy.
    """

    place: str
    settings: RawOptions | None


class PolicyBuilder:
    """Builds the policies of one application, each once.

    :param config: what the application was configured with.
    :param log: where refusals and removed headers go.
    :param report: takes what is wrong with the application's own policies.
    :ivar paths: the policies of the application and of its path rules.
    :ivar unknown: applies where Flask cannot tell the route.
    :ivar enforced: which requests any policy refuses.
    """

    def __init__(self, config: AppConfig, log: RefusalLog, report: Report) -> None:
        self._config = config
        self._log = log
        self._reporting: Reporting | None = None
        if config.report_only or config.report_file:
            from ..reporting import Reporting  # Few applications need it.

            self._reporting = Reporting(
                config.report_only, config.report_file, log, report
            )
        self._policies: dict[Policy, Policy] = {}
        self._by_marks: dict[tuple[tuple[Mark, ...], str], PolicyHandler | None] = {}
        self.enforced: Enforce = False
        self.unknown = DenyingHandler(Reason.ROUTE_UNKNOWN, UNKNOWN_ROUTES, log)
        self._invalid = DenyingHandler(Reason.POLICY_INVALID, INVALID_POLICIES, log)
        self.paths = PathTable(None, {}, log)
        self.paths = PathTable(*self._app_handlers(report), log, self.enforced)

    def fold(
        self, marks: tuple[Mark, ...], path_rule: str, report: Report | None = None
    ) -> PolicyHandler | None:
        """Return what applies where *marks* lie over a path rule or the application.

        :param report: takes what is wrong, when the application is checked. In a
            request, nothing is granted where something is wrong.
        """
        if not marks:
            return self.paths.rules.get(path_rule) or self.paths.default
        if is_exempt(marks):
            return None
        key = marks, path_rule
        if key in self._by_marks:
            return self._by_marks[key]
        found = Report()
        sources = self.sources(marks, path_rule, found)
        _check_inherited(sources, found)
        settings = merged(sources)
        place, serving = marks[-1].place, report is None
        handler: PolicyHandler | None
        handler = self._build(settings, place, found, serving=serving)
        if report is not None:
            report.add(found.problems, found.warnings)
            if handler is None:
                return None
        elif handler is None:
            handler = self.deny(settings, str(PolicyError(found.problems)))
        self._by_marks[key] = handler
        return handler

    def deny(self, settings: RawOptions, mistake: str) -> DenyingHandler:
        """Log a mistake that appeared while the application was serving.

        :param settings: of the policy that would apply.
        """
        sentence = f"a route grants nothing, because its policy is invalid: {mistake}"
        self._log.failed(Reason.POLICY_INVALID.value, sentence, None)
        self._enforce_written(settings)
        return self._invalid

    def sources(
        self, marks: Iterable[Mark], path_rule: str, report: Report
    ) -> list[SettingsSource]:
        """Return what the policy of a route is made of, from the outside in."""
        sources = [SettingsSource(APPLICATION, self._config.options)]
        if path_rule:
            own = (self._config.resources or {}).get(path_rule)
            sources.append(SettingsSource(resource(path_rule), own))
        for mark in marks:
            settings = mark.settings
            if settings is not None and mark.name is not None:
                settings = {**self._named(mark, report), **settings}
            sources.append(SettingsSource(mark.place, settings))
        return sources

    def _named(self, mark: Mark, report: Report) -> RawOptions:
        named = self._config.named
        if mark.name in named:
            return named[mark.name]
        message = "There is no named policy of this name."
        known = did_you_mean(str(mark.name), named) if named else "None is configured."
        at = Setting(mark.name, mark.place)
        report.problem(at, "unknown-policy", message, known)
        return {}

    def _build(
        self,
        settings: RawOptions,
        place: str,
        report: Report,
        rule: str = "",
        serving: bool = False,
    ) -> PolicyHandler | None:
        """Build the policy of a place, and the one that only reports there.

        :param serving: whether a mistake of the second is logged, and not told.
        """
        name = "" if place == APPLICATION else place
        hint = missing_origins_hint(settings, rule, "" if rule else name)
        policy = build(settings, report, name, hint)
        if policy is None or report.problems:
            return None
        policy = self._policies.setdefault(policy, policy)
        self.set_enforced(policy.enforce)
        handler = PolicyHandler(policy, place, self._log)
        reporting = self._reporting
        if reporting is None:
            return handler
        second = None
        if reporting.options is not None:
            # It is laid over the options of the application.
            over = {
                option: setting
                for option, setting in reporting.options.items()
                if settings.get(option) is self._config.options.get(option)
            }
            found = Report()
            check_inherited(over, settings.get("origins"), found)
            second = build({**settings, **over}, found, name, hint)
            if found.problems and serving:
                sentence = f"{place} is not reported on: {PolicyError(found.problems)}"
                self._log.failed("report-failed", sentence, None)
                second = None
            elif found.problems:
                report.add(found.problems, found.warnings)
                return None
        return reporting.around(handler, second)

    def look_for_enforce(self, marks: Iterable[Mark]) -> None:
        """Look at *marks* of views that nobody has asked for yet."""
        for mark in marks:
            named = self._config.named.get(mark.name or "", {})
            self._enforce_written({**named, **(mark.settings or {})})

    def set_enforced(self, enforce: Enforce) -> None:
        """Refuse, where no policy can be found, what a policy refuses elsewhere."""
        self.enforced = enforced = strictest((self.enforced, enforce))
        for handler in (self.unknown, self._invalid, self.paths.ambiguous):
            handler.enforced = enforced

    def _enforce_written(self, settings: RawOptions) -> None:
        """Take over what *settings* enforce, of which there is no policy."""
        enforce = settings.get("enforce")
        if enforce is not None and enforce.value:
            self.set_enforced(UNSAFE if enforce.value == UNSAFE else True)

    def _app_handlers(
        self, report: Report
    ) -> tuple[PolicyHandler | None, dict[str, PolicyHandler]]:
        """Build what needs no routes: the application's policy, or its path rules."""
        config = self._config
        if config.resources is None:
            # If there are only named policies, the application may have none.
            if "origins" in config.options or not config.named:
                return self._build(config.options, APPLICATION, report), {}
            config_rules: Mapping[str, RawOptions] = {}
        else:
            config_rules = config.resources
        # Perhaps only marks inherit them, and those are read at the first request.
        check_each(config.options, report, together=False)
        self._enforce_written(config.options)
        rules: dict[str, PolicyHandler] = {}
        for rule, own in config_rules.items():
            check_inherited(own, config.options.get("origins"), report)
            handler = self._build(
                {**config.options, **own}, resource(rule), report, rule
            )
            if handler is not None:
                rules[rule] = handler
        return None, rules


def merged(sources: Iterable[SettingsSource]) -> dict[str, Setting]:
    """Return the options that *sources*, from the outside in, have together."""
    settings: dict[str, Setting] = {}
    for source in sources:
        settings.update(source.settings or {})
    return settings


def _check_inherited(sources: Iterable[SettingsSource], report: Report) -> None:
    """Report options that have no effect, because each origin has its own."""
    origins: Setting | None = None
    for source in sources:
        settings = source.settings or {}
        check_inherited(settings, origins, report)
        origins = settings.get("origins", origins)


def is_exempt(marks: tuple[Mark, ...]) -> bool:
    """Say whether *marks* take a route out of every policy."""
    return bool(marks) and marks[-1].settings is None
