"""What an application keeps: one :class:`CORSState` under ``app.extensions``."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from ..core.errors import PolicyWarning, Problem
from ..core.settings import Report, Written
from ..log import RefusalLog
from .policies import RoutePolicies
from .settings import read_settings, report_changes

if TYPE_CHECKING:
    from flask import Flask

KEY: Final = "flask_cors_policy"
"""The key of the state in ``app.extensions``."""


@dataclass(eq=False)
class CORSState:
    """The policies of one application.

    :param app: the application.
    :param options: the keyword arguments it was configured with.
    :param policies: what governs its routes. A request reads this once, and keeps what
        it has read: ``reconfigure`` puts another object there.
    :param warned: what was warned about already, each setting once.
    """

    app: Flask
    options: Written
    policies: RoutePolicies
    log: RefusalLog = field(default_factory=RefusalLog)
    warned: set[tuple[str, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def checked_policies(self) -> RoutePolicies:
        """Return the policies now in force, their routes and marks checked.

        These are complete only at the first request.

        :raises PolicyError: with every problem there is; again at each request.
        """
        # Flask lets routes be added until it has served a request itself; preflights
        # are answered in front of it.
        policies = self.policies
        if policies.checked == policies.routes_there_are():
            return policies
        with self._lock:
            policies = self.policies
            present = policies.routes_there_are()
            if policies.checked != present:
                report = Report()
                before = policies.settings.snapshot
                report_changes(before, self.app.config, report)
                policies.check(report)
                report.raise_problems()
                self.warn(report.cautions, stacklevel=3)
                policies.checked = present
        return policies

    def reconfigured(self, changes: Written, report: Report) -> Successor:
        """Build what is to follow; nothing is changed yet.

        :param changes: keyword arguments that win over those given before.
        """
        options = {**self.options, **changes}
        policies = RoutePolicies(
            self.app, read_settings(self.app.config, options, report), report
        )
        if not report.problems:
            policies.checked = policies.routes_there_are()
            policies.check(report)
        return Successor(self, options, policies)

    def warn(self, cautions: Iterable[Problem], stacklevel: int) -> None:
        """Warn of each of *cautions* that was not warned of before."""
        for caution in cautions:
            key = (caution.setting, caution.reason)
            if key not in self.warned:
                self.warned.add(key)
                warnings.warn(str(caution), PolicyWarning, stacklevel=stacklevel + 1)


class Successor(NamedTuple):
    """New policies for an application, checked but not in force yet."""

    state: CORSState
    options: Written
    policies: RoutePolicies

    def put_in_force(self) -> None:
        """Govern all requests that begin from now on."""
        self.state.options = self.options
        self.state.policies = self.policies
