"""The last-known-good file: what processes were told, for those that start later.

Rule 1. The file holds answers, each with the time at which its look-up began. It is
        used while the store fails, within ``ttl`` + ``stale_if_error`` of that time,
        and never while the store works.
Rule 2. Who writes merges, under a lock file: for each origin the newest answer stays, a
        denial included. What is too old goes. The new file replaces the old one at
        once, and only its owner can read it (mode 600).
Rule 3. What is not certainly a file of this source is neither trusted nor overwritten:
        another format, another source, another owner, writable by others. A file of
        ours that was cut is not trusted, and is replaced. Times in the future are not
        trusted. The log says so once. A request never gets an exception from here.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
import time
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from os import PathLike
from typing import Any, Final, NamedTuple

from filelock import FileLock

from ..core.fetch_standard import NULL_ORIGIN
from ..core.origin import is_origin
from .lookups import described
from .status import StatusLog

MARK: Final = "flask_cors_policy known good origins, version 1\n"
LOCKED_FOR: Final = 5.0
"""Seconds to wait for another process that writes."""
CLOCK_STEP: Final = 1.0
"""Seconds by which a clock may have been set back without a word."""
_BYTES_FOR_ONE: Final = 1024
_UNTRUSTED: Final = "known-good-untrusted"
_UNSAVED: Final = "known-good-unsaved"

Known = Mapping[Hashable, tuple[bool, float]]
"""Key -> whether it is allowed, and when (``time.time()``) its look-up began."""


class Saved(NamedTuple):
    """What a file says.

    :param answers: the answers that are young enough.
    :param failing: when a process last found the store failing; ``None`` if it works.
    """

    answers: Known
    failing: float | None = None


class Untrusted(Exception):
    """The file is not trusted.

    :param replaceable: whether it is certainly ours, and may be overwritten.
    """

    def __init__(self, why: str, replaceable: bool = False) -> None:
        super().__init__(why)
        self.replaceable = replaceable


class KnownGoodFile:
    """The file of one source.

    :param path: of the file. A folder that is not there is created.
    :param source: what tells the source from others, in the file.
    :param keeps: seconds for which an answer may be used.
    :param maxsize: the most answers in it.
    :param keyed: whether keys are pairs of an origin and the key of a tenant.
    :param status: where the log is told.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        source: str,
        *,
        keeps: float,
        maxsize: int,
        keyed: bool,
        status: StatusLog,
    ) -> None:
        self._path = os.fspath(path)
        self._source = source
        self._keeps, self._maxsize = keeps, maxsize
        self._keyed = keyed
        self._status = status

    def read(self) -> Saved:
        """Return what the file says, nothing if it is not trusted. Raises nothing."""
        return self._guarded(self._read, _UNTRUSTED) or Saved({})

    def write(
        self,
        answers: Known,
        forgotten: Mapping[str | None, float],
        failing: float | None,
    ) -> bool:
        """Merge *answers* into the file; return whether that was possible.

        :param forgotten: origin -> when it was forgotten; ``None`` for all of them.
        :param failing: the time, where the store fails now.
        """

        def merge() -> bool:
            lock = FileLock(f"{self._path}.lock", timeout=LOCKED_FOR, mode=0o600)
            with lock:
                merged = dict(self._before().answers)
                for origin, moment in forgotten.items():
                    _forget(merged, self._origin_of, origin, moment)
                for key, answer in answers.items():
                    if _is_name(self._name_of(key)):
                        _newest(merged, key, answer)
                self._replace(merged, failing)
            return True

        return self._guarded(merge, _UNSAVED) or False

    def _guarded(self, work: Callable[[], Any], code: str) -> Any:
        try:
            done = work()
        except Untrusted as error:
            self._status.once(_UNTRUSTED, f"{self._path} {error}", code)
        except Exception as error:
            if isinstance(error, FileNotFoundError) and code == _UNTRUSTED:
                return None  # Nobody has written it yet.
            sentence = f"{self._path} cannot be used: {described(error)}"
            self._status.once(code, sentence, code)
        else:
            self._status.again(code)
            return done
        return None

    def _before(self) -> Saved:
        """Return what the file says that is about to be replaced."""
        try:
            return self._read()
        except FileNotFoundError:
            return Saved({})
        except Untrusted as error:
            if not error.replaceable:
                raise
            return Saved({})

    def _read(self) -> Saved:
        text = self._content()
        if not text:
            raise Untrusted("is empty", replaceable=True)
        if not text.startswith(MARK):
            raise Untrusted("is not a file of known origins")
        try:
            content = json.loads(text[len(MARK) :])
            source, keyed = content["source"], content["keyed"]
            rows, failing = content["answers"], content["failing"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Untrusted("is cut or damaged", replaceable=True) from None
        if (source, keyed) != (self._source, self._keyed):
            raise Untrusted("belongs to another source")
        now = time.time()
        answers: dict[Hashable, tuple[bool, float]] = {}
        dropped = 0
        for row in rows if isinstance(rows, list) else [None]:
            found = self._answer(row, now)
            if found is None:
                dropped += 1
            elif now - found[1][1] < self._keeps:
                _newest(answers, *found)
        if dropped:
            sentence = f"{self._path} has {dropped} answers that are not trusted"
            self._status.once(_UNTRUSTED, sentence, f"{_UNTRUSTED} rows")
        return Saved(answers, failing if _is_time(failing, now) else None)

    def _content(self) -> str:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)
        flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(self._path, flags)
        with open(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise Untrusted("is not a regular file")
            if hasattr(os, "geteuid") and (
                found.st_uid != os.geteuid() or found.st_mode & 0o022
            ):
                raise Untrusted("belongs to another user, or others can write to it")
            most = (self._maxsize + 1) * _BYTES_FOR_ONE
            content = file.read(most + 1)
        if len(content) > most:
            raise Untrusted("is too long")
        return content.decode("utf-8", "replace")

    def _answer(
        self, row: object, now: float
    ) -> tuple[Hashable, tuple[bool, float]] | None:
        """Return the answer in one row; ``None`` if it is not trusted."""
        if not (isinstance(row, list) and len(row) == 4):
            return None
        origin, name, allowed, began = row
        if not (
            isinstance(origin, str)
            and origin != NULL_ORIGIN
            and is_origin(origin)
            and _is_name(name)
            and isinstance(allowed, bool)
            and _is_time(began, now)
        ):
            return None
        key: Hashable = (origin, name) if self._keyed else origin
        return key, (allowed, began)

    def _replace(
        self, answers: dict[Hashable, tuple[bool, float]], failing: float | None
    ) -> None:
        now = time.time()
        young = [
            [self._origin_of(key), self._name_of(key), allowed, began]
            for key, (allowed, began) in answers.items()
            if now - began < self._keeps
        ]
        young.sort(key=lambda row: -row[3])
        content = {
            "source": self._source,
            "keyed": self._keyed,
            "failing": failing,
            "answers": young[: self._maxsize],
        }
        folder, name = os.path.split(os.path.abspath(self._path))
        descriptor, new = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(MARK + json.dumps(content))
            os.replace(new, self._path)
        except BaseException:
            with suppress(OSError):
                os.unlink(new)
            raise

    def _origin_of(self, key: Any) -> Any:
        return key[0] if self._keyed else key

    def _name_of(self, key: Any) -> Any:
        return key[1] if self._keyed else None


def _newest(
    answers: dict[Hashable, tuple[bool, float]], key: Hashable, new: tuple[bool, float]
) -> None:
    """Put an answer in, if there is no newer one; of two of one time, the denial."""
    old = answers.get(key)
    if old is None or (new[1], not new[0]) > (old[1], not old[0]):
        answers[key] = new


def _forget(
    answers: dict[Hashable, tuple[bool, float]],
    origin_of: Callable[[Hashable], str],
    origin: str | None,
    moment: float,
) -> None:
    """Have *origin* count as denied from *moment* on, where the file has it."""
    for key in list(answers):
        if origin is None or origin_of(key) == origin:
            _newest(answers, key, (False, moment))


def _is_name(name: object) -> bool:
    """Say whether the key of a tenant can be kept in a file."""
    return name is None or (isinstance(name, str | int) and not isinstance(name, bool))


def _is_time(value: object, now: float) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 <= value <= now + CLOCK_STEP
    )
