"""Start the programs that a browser consists of, and end them, by their ids."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def running(
    command: Sequence[str], env: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """Run *command* in a session of its own; end it, and all in it, afterwards.

    Its standard output and error are one pipe, ``stdout``.
    """
    with subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            end_session(process.pid)


def end_session(leader: int) -> None:
    """End every process of the session that *leader* began, itself too."""
    for pid in _session(leader):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _session(leader: int) -> list[int]:
    """Return the ids of the processes in the session of *leader* (proc(5), stat)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # It has ended meanwhile.
            continue
        if int(fields[3]) == leader:
            found.append(int(stat.parent.name))
    return found
