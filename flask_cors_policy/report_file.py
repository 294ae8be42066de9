"""``ReportFile``: a line of JSON for everything different that pages asked.

.. code-block:: json

    {"day": "2026-11-28", "origin": "https://app.example.com", "kind": "preflight",
     "method": "PUT", "headers": ["content-type"], "route": "/items/<int:item>",
     "cookies": false, "verdict": "any-origin-allowed", "requests": 1}

Rule 1. No address, no path, no query, and no value of a header but Origin.
Rule 2. A process writes a line when it sees something for the first time of the day
        (in UTC), and another when it has seen that three times (``requests``).
Rule 3. Whoever invents origins, methods or header names must not keep real pages out
        of the file. So origins that the policy does not write out share a table of the
        most frequent ones, are written from their third request on, and later only if
        they come more often; so do methods and header names that it does not list.
Rule 4. A line is one write to a file opened for it, so that any number of processes
        may share the file, and it can be renamed at any time. (On local POSIX file
        systems; not on NFS.)
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Hashable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from .core.errors import plain
from .core.fetch_standard import NORMALIZED_METHODS, is_token
from .core.per_origin import all_listed
from .core.request import RequestKind
from .core.settings import DEFAULTS
from .refusals import MAX_ORIGIN

if TYPE_CHECKING:
    from .core.answer import Decision
    from .core.policy import Policy
    from .core.request import CORSRequest
    from .log import RefusalLog

MODE: Final = 0o600
MAX_LINES: Final = 10_000
"""Lines of one process and day."""
MAX_LINES_OF_ORIGIN: Final = 200
MAX_EXACT: Final = MAX_LINES
"""Origins that the policy writes out and that are counted one by one."""
MAX_OTHERS: Final = 1_000
"""Other origins that are counted."""
MAX_UNLISTED: Final = 32
"""Requests of one origin with a method or names that the policy does not list."""
MAX_NAMES: Final = 20
"""Header names in one line."""
MAX_NAME: Final = 64
"""Characters of a header name or a method."""
SEVERAL: Final = 3
"""So many requests are no accident."""

# While there are fewer lines than the first number, an origin that the policy does not
# write out gets another line if it came so often, and has not so many lines already: a
# flood of invented origins uses up the first step only.
_STEPS: Final = ((5_000, SEVERAL, 200), (8_000, 6, 20), (9_500, 24, 5))
# The same for the lines of one origin about *unlisted*.
_UNLISTED_STEPS: Final = ((50, SEVERAL), (75, 12), (100, 48))

_COMMON_METHODS: Final = NORMALIZED_METHODS | {"", "PATCH"}
"""Few enough to be noted in any case; malformed ones are noted as empty."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Counter(Generic[V]):
    """One of the most frequent.

    :ivar count: how often it came, at most.
    :ivar unsure: how many of these were perhaps another's.
    :ivar data: what belongs to it.
    """

    __slots__ = ("count", "data", "unsure")

    def __init__(self, unsure: int, data: V) -> None:
        self.count = self.unsure = unsure
        self.data = data

    @property
    def certain(self) -> int:
        """How often it came, at least."""
        return self.count - self.unsure


class _MostFrequent(Generic[K, V]):
    """The Space-Saving count: a newcomer takes the place of what came least often.

    Whatever is more frequent than one in *size* stays, however many others there are
    (Metwally, Agrawal, El Abbadi, 2005).
    """

    def __init__(self, size: int, make: Callable[[], V]) -> None:
        self._size = size
        self._make = make
        self._counters: dict[K, _Counter[V]] = {}
        self._by_count: dict[int, dict[K, None]] = {}
        self._least = 0

    def add(self, key: K) -> _Counter[V]:
        """Count *key* once more."""
        counter = self._counters.get(key)
        if counter is None:
            unsure = 0
            if len(self._counters) >= self._size:
                while self._least not in self._by_count:
                    self._least += 1
                unsure = self._least
                rarest = next(iter(self._by_count[unsure]))
                self._leave(rarest, unsure)
                del self._counters[rarest]
            counter = self._counters[key] = _Counter(unsure, self._make())
        else:
            self._leave(key, counter.count)
        counter.count += 1
        self._by_count.setdefault(counter.count, {})[key] = None
        return counter

    def _leave(self, key: K, count: int) -> None:
        keys = self._by_count[count]
        del keys[key]
        if not keys:
            del self._by_count[count]


class _Origin:
    """What one origin asked today.

    :ivar lines: how many lines it has.
    :ivar unlisted_lines: how many of them are for *unlisted*.
    :ivar seen: what has a line -> how often it came, up to ``SEVERAL``.
    :ivar unlisted: what has a method or header names that the policy does not list.
    """

    __slots__ = ("lines", "seen", "unlisted", "unlisted_lines")

    def __init__(self) -> None:
        self.lines = self.unlisted_lines = 0
        self.seen: dict[Hashable, int] = {}
        self.unlisted: _MostFrequent[Hashable, None] = _MostFrequent(
            MAX_UNLISTED, lambda: None
        )


class ReportFile:
    """Notes requests in a file; safe with threads and processes.

    :param path: of the file; it is made when there is something to write.
    :param log: where it is told that the file cannot be written.
    :ivar path: of the file, absolute.
    """

    def __init__(self, path: str | os.PathLike[str], log: RefusalLog) -> None:
        self.path = os.path.abspath(path)
        self._log = log
        self._is_torn = self._has_failed = False
        self._begin_process()

    def note(
        self, policy: Policy | None, decision: Decision, request: CORSRequest, rule: str
    ) -> None:
        """Note a request that has an Origin header, if it is worth a line.

        :param rule: the URL rule or the path rule that it was served under.
        """
        if request.is_same_origin:
            return
        line = _line(decision, request, rule)
        origin, key = line["origin"], hash(json.dumps(line))
        is_exact = policy is not None and policy.compiled.origins.is_exact(origin)
        is_listed = _listed_names(policy).issuperset(line["headers"])
        is_listed = is_listed and line["method"] in _listed_methods(policy)
        if self._process != os.getpid():
            self._begin_process()
        with self._lock:
            day = datetime.now(timezone.utc).date().isoformat()
            if day != self._day:
                self._begin_day(day)
            requests = self._count(origin, key, is_exact, is_listed)
        if requests:
            self._write({"day": day, **line, "requests": requests})

    def _begin_process(self) -> None:
        """Begin anew in a forked process: there, nobody would release the lock."""
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._begin_day("")

    def _begin_day(self, day: str) -> None:
        self._day = day
        self._lines = 0
        self._exact: dict[str, _Origin] = {}
        self._others: _MostFrequent[str, _Origin] = _MostFrequent(MAX_OTHERS, _Origin)

    def _count(
        self, origin: str, key: Hashable, is_exact: bool, is_listed: bool
    ) -> int:
        """Count a request; return how many such there were if that is worth a line."""
        if self._lines >= MAX_LINES:
            return 0
        if is_exact and (origin in self._exact or len(self._exact) < MAX_EXACT):
            asked = self._exact.setdefault(origin, _Origin())
            may_write = asked.lines < MAX_LINES_OF_ORIGIN
        else:
            counter = self._others.add(origin)
            asked = counter.data
            may_write = any(
                self._lines < lines and counter.certain >= needed and asked.lines < most
                for lines, needed, most in _STEPS
            )
        requests = asked.seen.get(key, 0)
        if requests or is_listed:
            requests += 1
            is_due = requests in (1, SEVERAL)
        else:
            requests = asked.unlisted.add(key).certain
            lines = asked.unlisted_lines
            is_due = any(lines < most and requests >= n for most, n in _UNLISTED_STEPS)
        if not may_write:
            return 0
        if is_due:
            asked.lines += 1
            asked.unlisted_lines += not is_listed
            self._lines += 1
        if is_due or asked.seen.get(key):
            asked.seen[key] = requests
        return min(requests, SEVERAL) if is_due else 0

    def _write(self, line: dict[str, Any]) -> None:
        text = json.dumps(line) + "\n"
        data = ("\n" * self._is_torn + text).encode()
        # Without O_NONBLOCK, a pipe in the place of the file would stop the service.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
        try:
            file = os.open(self.path, flags, MODE)
            try:
                self._is_torn = os.write(file, data) < len(data)
            finally:
                os.close(file)
        except OSError as error:
            self._fail(error)
        else:
            if self._is_torn:
                self._fail(OSError("the disk is full"))
            else:
                self._has_failed = False

    def _fail(self, error: OSError) -> None:
        """Log that the file cannot be written, once until it can be again."""
        if not self._has_failed:
            self._has_failed = True
            sentence = "the report file cannot be written; no response is affected"
            self._log.failed("report-file-failed", sentence, error)


def _line(decision: Decision, request: CORSRequest, rule: str) -> dict[str, Any]:
    """Return what is noted of a request, but for the day and how often it came."""
    is_preflight = decision.kind is RequestKind.PREFLIGHT
    method = request.requested_method if is_preflight else request.method
    asked = (request.requested_headers or "") if is_preflight else ""
    names = {name.strip().lower() for name in asked[: MAX_NAMES * MAX_NAME].split(",")}
    return {
        "origin": plain(request.origin or "", MAX_ORIGIN),
        "kind": decision.kind.value,
        "method": method if _is_name(method or "") else "",
        "headers": sorted(filter(_is_name, names))[:MAX_NAMES],
        "route": rule,
        "cookies": request.has_cookies,
        "verdict": decision.reason.value,
    }


def _is_name(text: str) -> bool:
    return len(text) <= MAX_NAME and is_token(text)


def _listed_names(policy: Policy | None) -> frozenset[str]:
    """Return the header names that are written in the policy, and the default ones."""
    written = () if policy is None else all_listed(policy, "allow_headers")
    return frozenset(name.lower() for name in (*DEFAULTS["allow_headers"], *written))


def _listed_methods(policy: Policy | None) -> frozenset[str]:
    """Return the methods that are written in the policy, and the common ones."""
    written = () if policy is None else all_listed(policy, "methods")
    return _COMMON_METHODS.union(written)
