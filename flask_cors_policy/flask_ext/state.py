"""What an application keeps: one :class:`CORSState` under ``app.extensions``."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ..core.errors import PolicyWarning, Problem
from ..core.settings import Report
from ..log import RefusalLog
from .settings import AppSettings, report_changes

if TYPE_CHECKING:
    from flask import Flask

    from .policies import RoutePolicies

KEY: Final = "flask_cors_policy"
"""The key of the state in ``app.extensions``."""


@dataclass
class CORSState:
    """The policies of one application.

    :param app: the application.
    :param settings: what it was configured with.
    :param policies: what governs its routes.
    :param warned: what was warned about already, each setting once.
    """

    app: Flask
    settings: AppSettings
    policies: RoutePolicies
    log: RefusalLog = field(default_factory=RefusalLog)
    warned: set[tuple[str, str]] = field(default_factory=set)
    _checked: tuple[int, int] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ensure_checked(self) -> None:
        """Check, at the first request, what only then is complete: routes and marks.

        :raises PolicyError: with every problem there is; again at each request.
        """
        # Flask lets routes be added until it has served a request itself; preflights
        # are answered in front of it.
        present = (len(self.app.view_functions), len(self.app.blueprints))
        if self._checked == present:
            return
        with self._lock:
            if self._checked == present:
                return
            report = Report()
            report_changes(self.settings.snapshot, self.app.config, report)
            self.policies.check(report)
            report.raise_problems()
            self.warn(report.cautions, stacklevel=3)
            self._checked = present

    def warn(self, cautions: Iterable[Problem], stacklevel: int) -> None:
        """Warn of each of *cautions* that was not warned of before."""
        for caution in cautions:
            key = (caution.setting, caution.reason)
            if key not in self.warned:
                self.warned.add(key)
                warnings.warn(str(caution), PolicyWarning, stacklevel=stacklevel + 1)
