"""gunicorn, started for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ..processes import listening

ROOT = Path(__file__).parents[2]
LIFETIME = 300.0


class Served(NamedTuple):
    """A server, and what it has logged so far."""

    port: int
    log: list[str]
    process: int


@contextmanager
def gunicorn(
    app: str, *arguments: str, lifetime: float = LIFETIME, **environment: str
) -> Iterator[Served]:
    """Serve *app* on a port of the system's choice while the block runs.

    :param lifetime: seconds after which it is ended, whatever happens.
    """
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0"]
    command += ["--graceful-timeout", "2", "--no-control-socket", *arguments, app]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        end = threading.Timer(lifetime, os.killpg, [process.pid, signal.SIGKILL])
        end.start()
        try:
            port, log, reader = listening(process, "Listening at: ")
            yield Served(port, log, process.pid)
            process.terminate()
            process.wait(30)
        finally:
            end.cancel()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        reader.join()
