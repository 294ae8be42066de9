"""``PolicyFile``: a policy in a TOML file, read anew when the file changes.

.. code-block:: toml

    origins = ["https://app.example.com", "https://*.partner.example"]
    supports_credentials = true

    [resources."/public/*"]
    origins = "*"
    supports_credentials = false

The options are those of ``Policy``; without ``resources`` they govern every path, with
``resources`` the paths it names, each of which inherits them.

Rule 1. A file is checked as a whole before anything changes. One that cannot be read,
        or holds a mistake, changes nothing, and is logged once.
Rule 2. A change counts once the file has looked the same twice in a row: an editor may
        be half-way through writing it.
Rule 3. There is no thread: the file is looked at when a request comes, at most once in
        ``interval`` seconds. So it works the same in forked workers and greenlets.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from os import PathLike, fspath, stat
from typing import TYPE_CHECKING, Any

from ..core.inheritance import path_policies
from ..core.policy import Policy, build, warn_of
from ..core.settings import RawOptions, Report, Setting
from ..log import logger
from .arguments import check_seconds

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

tomllib = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

Policies = Policy | Mapping[str, Policy]
_Signature = tuple[int, int, int] | None


class PolicyFile:
    """A policy in a TOML file, checked and put in force again when the file changes.

    .. code-block:: python

        file = PolicyFile("cors.toml")
        app = CORSMiddleware(app, file.policy)
        app = file.follow(app, lambda policy: setattr(app, "policy", policy))

    :param path: of the file.
    :param interval: seconds between two looks at it; a change is in force after two of
        them and the next request.
    :param timer: a clock in seconds that never goes back.
    :raises OSError: where the file cannot be read.
    :raises tomllib.TOMLDecodeError: where it is not TOML.
    :raises PolicyError: with every problem of its policy, as ``problems``.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        interval: float = 0.5,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = fspath(path)
        self._interval = check_seconds("interval", interval)
        self._timer = timer
        self._apply: Callable[[Policies], object] | None = None
        self._lock = threading.Lock()
        self._signature = self._seen = self._look()
        self._next_look = timer() + self._interval
        self.policy: Policies = self._read()
        """The policy of the file, or path rule to policy, as last in force."""

    def follow(
        self, app: WSGIApplication, apply: Callable[[Policies], object]
    ) -> WSGIApplication:
        """Return *app* with a look at the file in front of its requests.

        :param app: a WSGI application.
        :param apply: puts a policy in force: ``cors.reconfigure``, or what sets
            ``middleware.policy``. What it raises counts as a mistake of the file.
        """
        self._apply = apply

        def following(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            self.refresh()
            return app(environ, start_response)

        return following

    def refresh(self) -> None:
        """Look at the file, if it is time to, and put what is new in force.

        Raises nothing: what is wrong is logged.
        """
        if self._timer() < self._next_look or not self._lock.acquire(blocking=False):
            return
        try:
            self._next_look = self._timer() + self._interval
            seen = self._look()
            settled, self._seen = seen == self._seen, seen
            if settled and seen != self._signature:
                self._signature = seen
                self._take()
        finally:
            self._lock.release()

    def _look(self) -> _Signature:
        """Return what changes with the file; ``None`` where there is none to see."""
        try:
            found = stat(self._path)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _take(self) -> None:
        try:
            policy = self._read()
            if self._apply is not None:
                self._apply(policy)
        except Exception as error:
            logger.error(
                "CORS policy file %s: not taken, the policy stays as it was: %s",
                self._path,
                error,
                extra={"cors_reason": "policy-file", "cors_place": self._path},
            )
        else:
            self.policy = policy
            logger.info("CORS policy file %s: taken", self._path)

    def _read(self) -> Policies:
        with open(self._path, "rb") as file:
            content = tomllib.load(file)
        report = Report()
        resources = content.pop("resources", None)
        options = {
            option: Setting(value, f"{self._path}: {option}")
            for option, value in content.items()
        }
        policy = _policies(options, resources, f"{self._path}: resources", report)
        report.raise_problems()
        assert policy is not None  # There was no problem.
        warn_of(report.warnings, stacklevel=2)
        return policy


def _policies(
    options: RawOptions, resources: Any, place: str, report: Report
) -> Policies | None:
    if resources is None:
        return build(options, report)
    setting = Setting(resources, place)
    if not isinstance(resources, Mapping):
        message = f"A {type(resources).__name__} is not a table of path rules."
        report.problem(setting, "wrong-type", message, 'Write [resources."/api/*"].')
        return None
    return path_policies(setting, options, report)
