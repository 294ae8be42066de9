"""Starts nginx and the API behind it, and ends both."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).with_name("nginx.conf")
TIMEOUT = 15.0
"""Seconds a server has to begin to listen, or to end."""


@contextmanager
def started(
    port: int = 0,
    application: str = "examples.behind_nginx.api:app",
    configuration: str | None = None,
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run the API and nginx while the block runs.

    :param port: where nginx listens; 0 takes a free one.
    :param application: the API, as gunicorn names it.
    :param configuration: nginx's; that of this example where it is left out.
    :return: nginx's process, and the URL under which it serves the API.
    :raises OSError: where nginx is not installed, or a server does not start.
    """
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if nginx is None:
        raise OSError('nginx is not installed: "make servers" installs it')
    text = configuration or CONFIGURATION.read_text(encoding="utf-8")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        Path(folder).chmod(0o755)  # nginx's worker is another user.
        api_port, port = free_port(), port or free_port()
        for name, value in {
            "folder": folder,
            "port": str(port),
            "api_port": str(api_port),
        }.items():
            text = text.replace("{{" + name + "}}", value)
        conf = Path(folder, "nginx.conf")
        conf.write_text(text, encoding="utf-8")
        bind = f"127.0.0.1:{api_port}"
        gunicorn = [sys.executable, "-m", "gunicorn", "--threads=4", "--bind", bind]
        stack.enter_context(running([*gunicorn, application], api_port))
        process = stack.enter_context(running([nginx, "-c", str(conf)], port))
        yield process, f"http://127.0.0.1:{port}"


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run *command*, which listens on *port*, while the block runs.

    :raises OSError: where it ends, or does not listen in time.
    """
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
    try:
        _wait_for(process, command[0], port)
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _wait_for(process: subprocess.Popen[bytes], command: str, port: int) -> None:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            assert process.stderr is not None
            raise OSError(f"{command} ended: {process.stderr.read().decode()}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise OSError(f"{command} does not listen")
