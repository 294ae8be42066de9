"""What an application keeps: one :class:`CORSState` under ``app.extensions``."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from ..core.errors import PolicyWarning, Problem
from ..core.request import CORSRequest, RequestKind
from ..core.settings import Report, Written
from ..log import RefusalLog
from ..serving import PolicyLayer
from .policies import RoutePolicies
from .routing import nearest_rule
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
    :param warned: what was warned about already, each setting once.
    :ivar layer: what is around the application, and holds the policies in force.
    """

    app: Flask
    options: Written
    log: RefusalLog = field(default_factory=RefusalLog)
    warned: set[tuple[str, str]] = field(default_factory=set)
    layer: PolicyLayer[RoutePolicies] = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Have the log name routes."""
        self.log.route_of = self.route_of

    @property
    def policies(self) -> RoutePolicies:
        """What governs the routes of the requests that begin now."""
        return self.layer.in_force

    def route_of(self, request: CORSRequest) -> str:
        """Return method and URL rule of the route that *request* is for, or nothing.

        It is one of few, whatever the request says.
        """
        environ = request.environ
        method = request.method
        if request.kind is RequestKind.PREFLIGHT:
            method = request.requested_method or ""
        url = self.policies.routes.match(environ, method)
        if url.endpoint is None:
            return ""
        rule = nearest_rule(self.app, url.endpoint, environ.get("PATH_INFO", ""))
        method = method.upper()  # Some routes take any: those name none.
        return f"{method} {rule}" if method in url.methods else rule

    def check(self, policies: RoutePolicies) -> None:
        """Check the routes and marks under *policies*, unless that was done before.

        These are complete only at the first request.

        :raises PolicyError: with every problem there is; again at each request.
        """
        # Flask lets routes be added until it has served a request itself; preflights
        # are answered in front of it.
        if policies.checked != policies.routes_there_are():
            with self._lock:
                self._check(policies)
        elif not policies.settled and getattr(self.app, "_got_first_request", False):
            policies.settle()

    def _check(self, policies: RoutePolicies) -> None:
        present = policies.routes_there_are()
        if policies.checked == present:
            return
        report = Report()
        report_changes(policies.settings.snapshot, self.app.config, report)
        policies.check(report)
        report.raise_problems()
        self.warn(report.cautions, stacklevel=4)
        policies.checked = present

    def reconfigured(self, changes: Written, report: Report) -> Successor:
        """Build what is to follow; nothing is changed yet.

        :param changes: keyword arguments that win over those given before.
        """
        options = {**self.options, **changes}
        policies = RoutePolicies(
            self.app, read_settings(self.app.config, options, report), self.log, report
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
        self.state.layer.in_force = self.policies
