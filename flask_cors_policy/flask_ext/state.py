"""What an application keeps, and how policies are installed in it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import WeakKeyDictionary, WeakSet

from flask import Flask, request_started
from flask.globals import request_ctx

from ..core.errors import PolicyError, Problem
from ..core.policy import warn_of
from ..core.settings import RawOptions, Report, Setting
from ..log import RefusalLog, logger
from .checking import check_routes
from .config import RESOURCES, AppConfig, read_config, report_changes
from .marks import Mark, app_marks, read_mark, register, view_marks
from .middleware import FlaskMiddleware
from .request_functions import RequestFunctions
from .signals import RefusalSender
from .table import PolicyTable, remember_prefix

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState

KEY: Final = "flask_cors_policy"
"""The key of the state in ``app.extensions``."""
CORS_APP: Final = "CORS(app)"

_Stamp = tuple[int, int, int]

_installation: Final = threading.Lock()
_states: Final[WeakSet[ExtensionState]] = WeakSet()
_states_lock: Final = threading.Lock()
_unmarked: Final[WeakKeyDictionary[Flask, _Stamp]] = WeakKeyDictionary()
"""Applications without state and without marks, as they were when that was seen."""
_used: Final[WeakSet[Mark]] = WeakSet()
"""Marks that an application has, or had."""
_unused: Final[WeakSet[Mark]] = WeakSet()
"""Marks that were logged as unused."""


class PendingConfig(NamedTuple):
    """New policies for an application, checked but not active yet."""

    state: ExtensionState
    options: RawOptions
    table: PolicyTable

    def activate(self) -> None:
        """Apply the new policies to all requests that begin from now on."""
        self.state.options = self.options
        self.state.functions.active = self.table
        self.state.error = None


@dataclass(eq=False)
class ExtensionState:
    """The policies of one application.

    :param app: the application.
    :param options: the keyword arguments it was configured with.
    :param place: the mark that installed it, or ``CORS(app)``.
    :ivar functions: decides its requests, by the policies that are active.
    :ivar error: what is wrong with the policies of its routes, once it has served.
    """

    app: Flask
    options: RawOptions
    place: str = CORS_APP
    log: RefusalLog = field(init=False)
    functions: RequestFunctions = field(init=False)
    middleware: FlaskMiddleware = field(init=False)
    error: PolicyError | None = field(default=None, init=False)
    _warned: set[tuple[str, str]] = field(default_factory=set, init=False)
    _seen: _Stamp | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self.log = RefusalLog(RefusalSender(self.app))

    def install(self, table: PolicyTable) -> None:
        """Apply the policies of *table* to the application.

        ``app.wsgi_app`` is wrapped, as Flask's documentation shows, and
        ``app.request_context`` is extended; Flask's classes stay as they are.
        """
        app = self.app
        self.functions = RequestFunctions(app, table, self.check_first, unused_marks)
        self.middleware = FlaskMiddleware(app, self.functions)
        # Its method, as Flask's own wsgi_app is one: a call of the object costs more.
        app.wsgi_app = self.middleware.__call__  # type: ignore[method-assign]
        self.functions.install()
        app.extensions[KEY] = self
        with _states_lock:
            _states.add(self)

    @property
    def may_be_replaced(self) -> bool:
        """Whether ``CORS(app)`` may still take the place of what a mark installed."""
        return self.place != CORS_APP and not self.functions.checked

    def uninstall(self) -> None:
        """Undo ``install`` before the application has served a request."""
        app = self.app
        self.middleware.removed = True  # Middleware may stand around it now.
        if app.wsgi_app == self.middleware.__call__:
            app.wsgi_app = self.middleware.app  # type: ignore[assignment, method-assign]
        self.functions.uninstall()
        del app.extensions[KEY]
        with _states_lock:
            _states.discard(self)

    def check_first(self) -> None:
        """Check the policies of all routes; called until Flask has served a request.

        :raises PolicyError: with every problem there is; again at each request.
        """
        with self._lock:
            stamp = _stamp(self.app)
            if self.error is None and self._seen != stamp:
                report = Report()
                if self.place != CORS_APP:  # The config may have been completed since.
                    self.functions.active = self.table(self.options, report)
                self._check(self.functions.active, report)
                if report.problems:
                    self.error = PolicyError(report.problems)
                else:
                    self.warn(report.warnings, stacklevel=4)
                    self._seen = stamp
                    self._log_unused()
        if self.error is not None:
            raise PolicyError(self.error.problems)

    def check(self, report: Report) -> None:
        """Check the policies of all routes, as the first request does."""
        self._check(self.functions.active, report)
        for mark in unused_marks():
            message = "It applies to no view of any application so far."
            hint = "Register the view or the blueprint, or remove the decorator."
            report.warning(Setting(None, mark.place), "mark-unused", message, hint)

    def table(self, options: RawOptions, report: Report) -> PolicyTable:
        """Return the policies of ``app.config`` and *options*."""
        config = read_config(self.app.config, options, report)
        return PolicyTable(self.app, config, self.log, report)

    def reconfigured(self, changes: RawOptions, report: Report) -> PendingConfig:
        """Build new policies; nothing is changed yet.

        :param changes: keyword arguments that win over those given before.
        """
        options = {**self.options, **changes}
        table = self.table(options, report)
        if not report.problems:
            self._check(table, report)
        return PendingConfig(self, options, table)

    def _check(self, table: PolicyTable, report: Report) -> None:
        for key in report_changes(table.config, self.app.config, report):
            logger.error(
                "CORS: there is no option %s; app.config got this key after CORS(app) "
                "(unknown-option)",
                key,
                extra={"cors_reason": "unknown-option"},
            )
        check_routes(table, report)

    def warn(self, problems: Iterable[Problem], stacklevel: int) -> None:
        """Warn of each of *problems* that was not warned of before."""
        for each in problems:
            key = each.setting, each.reason
            if key not in self._warned:
                self._warned.add(key)
                warn_of([each], stacklevel + 1)

    def _log_unused(self) -> None:
        for mark in unused_marks():
            if mark not in _unused:
                _unused.add(mark)
                logger.warning(
                    "CORS: %s applies to no view so far (mark-unused)",
                    mark.place,
                    extra={"cors_reason": "mark-unused", "cors_place": mark.place},
                )


def state_of(app: Flask) -> ExtensionState | None:
    """Return the state of *app*, ``None`` if it has no policies."""
    state: ExtensionState | None = app.extensions.get(KEY)
    return state


def unused_marks() -> list[Mark]:
    """Return the marks to which no view of any application leads."""
    unused = register.snapshot()
    with _states_lock:
        states = list(_states)
    used = [mark for state in states for mark in app_marks(state.app)]
    with _states_lock:
        _used.update(used)  # An application may be gone later, in tests above all.
        unused.difference_update(_used)
    return sorted(unused, key=lambda mark: mark.place)


def _on_request_started(app: Flask, **_: Any) -> None:
    """Receive ``request_started`` from every application, once there is a mark."""
    state = state_of(app)
    if state is None:
        request = request_ctx.request
        view = app.view_functions.get(request.endpoint or "")
        if any(view_marks(view, request.method)):  # It may have been put there since.
            _unmarked.pop(app, None)
        install_for_marks(app)
        state = state_of(app)
    # Another request may have installed them since this one came.
    if state is not None and state.place != CORS_APP:
        state.functions.begin_late(request_ctx)


def install_for_marks(app: Flask) -> None:
    """Install policies in an application that has marks and no ``CORS(app)``.

    The request that it is done for has bypassed the middleware.
    """
    stamp = _stamp(app)
    if KEY in app.extensions or _unmarked.get(app) == stamp:
        return
    # A view may be loaded here, and that may install policies in another application.
    mark = next(iter(app_marks(app)), None)
    with _installation:
        if mark is None:
            _unmarked[app] = stamp
        elif KEY not in app.extensions:
            _install_for(app, mark)


def _on_blueprint(setup: BlueprintSetupState) -> None:
    """Note the prefix of a marked blueprint; install policies with it."""
    remember_prefix(setup)
    mark, app = read_mark(setup.blueprint), setup.app
    with _installation:
        if mark is not None and isinstance(app, Flask) and KEY not in app.extensions:
            _install_for(app, mark)


def _install_for(app: Flask, mark: Mark) -> None:
    # The config is read at the first request: it may not be complete yet.
    options = {RESOURCES: Setting({}, f"{mark.place}: resources")}
    state = ExtensionState(app, options, mark.place)
    state.install(PolicyTable(app, AppConfig(resources={}), state.log, Report()))


def _stamp(app: Flask) -> _Stamp:
    """Return what changes when a mark, a view or a blueprint is added."""
    return register.generation, len(app.view_functions), len(app.blueprints)


register.on_first_mark = lambda: request_started.connect(_on_request_started)
register.on_blueprint = _on_blueprint
