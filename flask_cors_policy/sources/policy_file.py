"""``PolicyFile``: a policy in a TOML file, read anew when the file changes.

.. code-block:: toml

    origins = ["https://app.example.com", "https://*.partner.example"]
    supports_credentials = true

    [resources."/public/*"]
    origins = "*"
    supports_credentials = false

The options are those of ``Policy``. Without ``resources`` they apply to every path,
with ``resources`` to the paths that it names, each of which inherits them.

Rule 1. A file is checked as a whole before anything changes. One that cannot be read,
        or holds a mistake, changes nothing. It is logged, and tried again at each look.
Rule 2. A change counts once the file has looked the same twice in a row, because an
        editor may be half-way through writing it; at the first look if the change is
        older than ``interval``; and after ``MOST_UNSETTLED`` seconds in any case.
Rule 3. There is no thread: the file is looked at when a request comes, at most once in
        ``interval`` seconds. So it works the same in forked workers and greenlets.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from os import PathLike, fspath, stat
from typing import TYPE_CHECKING, Any, Final

from ..core.errors import a_type
from ..core.inheritance import path_policies
from ..core.policy import Policy, build, warn_of
from ..core.settings import RawOptions, Report, Setting
from ..log import logger
from .arguments import check_seconds
from .status import Health

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

tomllib = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

Policies = Policy | Mapping[str, Policy]
_Signature = tuple[int, int, int, int] | None
"""What changes with a file: when its content and when anything of it was changed, its
size, its number. ``None`` where there is none to see."""

MOST_UNSETTLED: Final = 2.0
REMINDER: Final = 60.0


class PolicyFile:
    """A policy in a TOML file, checked and applied again when the file changes.

    .. code-block:: python

        file = PolicyFile("cors.toml")
        app = CORSMiddleware(app, file.policy)
        app = file.follow(app, lambda policy: setattr(app, "policy", policy))

    :param path: of the file.
    :param interval: seconds between two looks at it; a change applies after two of
        them and the next request, or with the next request if it is older than that.
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
        self._taken = self._seen = self._look()
        self._looked_at = timer()
        self._unsettled_since: float | None = None
        self._failing_since: float | None = None
        self._logged: tuple[str, float] = ("", 0.0)
        self.policy: Policies = self._read()
        """The policy of the file, or path rule to policy, as last applied."""
        self._read_at = time.time()

    def follow(
        self, app: WSGIApplication, apply: Callable[[Policies], object]
    ) -> WSGIApplication:
        """Return *app* with a look at the file in front of its requests.

        :param app: a WSGI application.
        :param apply: applies a policy: ``cors.reconfigure``, or what sets
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
        """Look at the file, if it is time to, and apply what is new.

        Raises nothing: what is wrong is logged.
        """
        since = self._timer() - self._looked_at
        # Nobody waits for a look that another request makes, unless there has been none
        # for long: what applies may be of any age.
        waits = self._interval if since >= 2 * self._interval else 0.0
        if since < self._interval or not self._lock.acquire(timeout=waits):
            return
        try:
            now = self._timer()
            if now - self._looked_at >= self._interval:
                self._look_once(now)
                self._looked_at = now
        finally:
            self._lock.release()

    def health(self) -> Health:
        """Return whether the last look at the file was in order, and since when not.

        ``last_answer`` is when the policy that applies was read.
        """
        return Health(
            self._name,
            self._failing_since,
            self._logged[0] if self._failing_since is not None else "",
            self._read_at,
        )

    @property
    def _name(self) -> str:
        return f"policy file {self._path}"

    def _look_once(self, now: float) -> None:
        seen = self._look()
        unchanged, self._seen = seen == self._seen, seen
        if unchanged:
            self._unsettled_since = None
        elif self._unsettled_since is None:
            self._unsettled_since = now
        if seen == self._taken and self._failing_since is None:
            return
        since = self._unsettled_since
        too_long = since is not None and now - since >= MOST_UNSETTLED
        if unchanged or too_long or self._is_old(seen):
            self._take(seen)

    def _look(self) -> _Signature:
        try:
            found = stat(self._path)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino

    def _is_old(self, seen: _Signature) -> bool:
        """Say whether the last change of the file is longer ago than ``interval``."""
        return seen is not None and time.time() - seen[1] / 1e9 > self._interval

    def _take(self, seen: _Signature) -> None:
        try:
            policy = self._read()
            if self._apply is not None:
                self._apply(policy)
        except Exception as error:
            self._failed(str(error) or type(error).__name__)
            return
        # As seen before it was read: what changed in between is for the next look.
        self._taken, self._unsettled_since = seen, None
        self.policy = policy
        self._read_at = time.time()
        failed, self._failing_since = self._failing_since is not None, None
        self._logged = ("", 0.0)
        logger.log(
            logging.WARNING if failed else logging.INFO,
            "CORS policy file %s: taken",
            self._path,
            extra={"cors_reason": "policy-file-taken", "cors_place": self._path},
        )

    def _failed(self, failure: str) -> None:
        if self._failing_since is None:
            self._failing_since = time.time()
        said, at = self._logged
        now = time.monotonic()
        if failure == said and now - at < REMINDER:
            return
        self._logged = failure, now
        logger.error(
            "CORS policy file %s: not taken, the policy stays as it was: %s",
            self._path,
            failure,
            extra={"cors_reason": "policy-file", "cors_place": self._path},
        )

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
        message = f"{a_type(resources)} is not a table of path rules."
        report.problem(setting, "wrong-type", message, 'Write [resources."/api/*"].')
        return None
    return path_policies(setting, options, report)
