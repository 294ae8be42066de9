"""Real stores for tests: private servers on loopback, in folders of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.needs import program

STARTS_WITHIN = 30.0
POSTGRES_FOLDERS = [
    str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"))
]


class Store:
    """A server that tests start, pause, kill and start again, at one port.

    :param command: how it is started.
    :param answers: whether it serves by now.
    :ivar folder: where its data and its sockets are.
    """

    def __init__(
        self,
        command: list[str],
        port: int,
        answers: Callable[[], bool],
        folder: str = "",
    ) -> None:
        self.port = port
        self.folder = folder
        self._command = command
        self._answers = answers
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; return when it serves."""
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            assert self._process.poll() is None, f"{self._command} ended"
            assert time.monotonic() < end, f"{self._command} does not serve"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it, and the processes it started, without a chance to say good-bye."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(STARTS_WITHIN)
            self._process = None

    def pause(self) -> None:
        """Stop all of its processes: connections stay open, nobody answers."""
        self._signal(signal.SIGSTOP)

    def pause_backends(self) -> None:
        """Stop what serves the present connections; new ones are served."""
        assert self._process is not None
        for process in descendants(self._process.pid):
            with suppress(OSError):
                title = Path(f"/proc/{process}/cmdline").read_bytes()
                if b"127.0.0.1" in title:
                    os.kill(process, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self._process is not None:
            for process in [self._process.pid, *descendants(self._process.pid)]:
                with suppress(ProcessLookupError):
                    os.kill(process, number)


def descendants(process: int) -> list[int]:
    """Return the processes that *process* has started, and those they have."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*"):
        with suppress(OSError):
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *descendants(child)]
    return found


def free_port() -> int:
    """Return a port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def connects(port: int) -> bool:
    """Say whether somebody listens at *port*."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextmanager
def redis_server(*arguments: str) -> Iterator[Store]:
    """Run a Redis server of our own, which keeps what it is told to ``SAVE``."""
    server = program("redis-server", "stores")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        command = [server, "--bind", "127.0.0.1", "--port", str(port)]
        command += ["--dir", folder, "--save", "", "--appendonly", "no", *arguments]
        store = Store(command, port, lambda: connects(port))
        store.start()
        try:
            yield store
        finally:
            store.kill()


@contextmanager
def postgres_server() -> Iterator[Store]:
    """Run a PostgreSQL server of our own; its user ``postgres`` needs no password.

    A user ``app``, should there be one, needs one on loopback.
    """
    initdb = program("initdb", "stores", POSTGRES_FOLDERS)
    postgres = program("postgres", "stores", POSTGRES_FOLDERS)
    ready = program("pg_isready", "stores", POSTGRES_FOLDERS)
    port = free_port()
    folder = tempfile.mkdtemp(prefix="postgres-")
    try:
        data = f"{folder}/data"
        as_user: list[str] = []
        if os.geteuid() == 0:  # It refuses to run as root.
            shutil.chown(folder, "postgres", "postgres")
            user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
            as_user = [program("setpriv", "stores"), *user]
        options = ["--auth=trust", "--username=postgres", "--no-sync", "--locale=C"]
        subprocess.run(
            [*as_user, initdb, *options, "--encoding=UTF8", f"--pgdata={data}"],
            check=True,
            capture_output=True,
            timeout=STARTS_WITHIN,
            cwd=folder,
        )
        hosts = Path(data, "pg_hba.conf")
        first = "host all app 127.0.0.1/32 scram-sha-256\n"
        hosts.write_text(first + hosts.read_text())
        settings = ["listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
        settings += ["fsync=off", "max_connections=300", "shared_buffers=16MB"]
        command = [*as_user, postgres, "-D", data, "-p", str(port)]
        command += [part for setting in settings for part in ("-c", setting)]
        is_ready = [ready, "-h", "127.0.0.1", "-p", str(port), "-t", "1"]

        def answers() -> bool:
            return not subprocess.run(
                is_ready, capture_output=True, check=False
            ).returncode

        store = Store(command, port, answers, folder)
        store.start()
        try:
            yield store
        finally:
            store.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
