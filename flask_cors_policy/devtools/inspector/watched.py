"""Which files an application was made from, and whether they have changed since.

Not only its modules: whatever it opened for reading while it was loaded, and so the
configuration files, too.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import source_from_cache
from typing import Any, Final

Stamps = dict[str, list[int]]
"""Path -> size and time of the last change, in ns; nothing where there is no file."""

# What others wrote does not change while somebody works on an application.
_ELSEWHERE: Final = frozenset({"site-packages", "dist-packages"})
_STANDARD_LIBRARY: Final = os.path.dirname(os.__file__) + os.sep
_WRITING: Final = os.O_WRONLY | os.O_RDWR


@contextmanager
def files_read() -> Iterator[Stamps]:
    """Yield what is filled with the files that are read within.

    A stamp is taken before the file is read, so that a change meanwhile shows.
    """
    found: Stamps = {}
    watching = True

    # An audit hook cannot be taken away; this one has nothing to do afterwards.
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event == "open":
            path = _path_read(*arguments)
            if path is not None and path not in found:
                mark = stamp(path)
                if mark:
                    found[path] = mark

    sys.addaudithook(hook)
    try:
        yield found
    finally:
        watching = False


def changed(stamps: Mapping[str, list[int]]) -> bool:
    """Say whether any of the files is not what it was."""
    return any(stamp(path) != mark for path, mark in stamps.items())


def stamp(path: str) -> list[int]:
    """Return what tells one state of a file from another; empty if it is no file."""
    try:
        found = os.stat(path)
    except OSError:
        return []
    if not stat.S_ISREG(found.st_mode):
        return []
    return [found.st_size, found.st_mtime_ns]


def _path_read(path: object, mode: object, flags: object) -> str | None:
    """Return the absolute path of what is opened, where it is worth watching."""
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if not isinstance(path, str) or (isinstance(flags, int) and flags & _WRITING):
        return None
    absolute = os.path.abspath(path)
    if absolute.endswith(".pyc"):
        try:
            absolute = source_from_cache(absolute)
        except ValueError:  # It lies in no __pycache__: there may be no source.
            return absolute
    return absolute if written_here(absolute) else None


def written_here(path: str) -> bool:
    """Say whether the file at *path* is of somebody's own making, and not installed."""
    installed = bool(_ELSEWHERE & set(path.split(os.sep)))
    return not installed and not path.startswith(_STANDARD_LIBRARY)
