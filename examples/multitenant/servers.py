"""The servers of the example: gunicorn for the API, Werkzeug for the pages."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from . import admin
from .pages import create_page
from .store import TENANTS, VARIABLE, open_store, table_of

HOST = "127.0.0.1"
STARTS_WITHIN = 20.0


class Addresses(NamedTuple):
    """Where everything is.

    :param api: the origin of the API.
    :param admin: the origin of the admin page.
    :param pages: tenant to the origin of its front end.
    """

    api: str
    admin: str
    pages: dict[str, str]


@contextmanager
def all_servers(
    store_url: str | None = None, workers: int = 2, ports: dict[str, int] | None = None
) -> Iterator[Addresses]:
    """Run the API, the admin page and the tenants' pages while the block runs.

    :param store_url: of the store; by default an SQLite file in a temporary folder.
    :param workers: processes that serve the API.
    :param ports: of ``api``, ``admin`` and each tenant's page; others are free ones.
    """
    ports = ports or {}
    with ExitStack() as stack:
        if store_url is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            store_url = f"sqlite:///{folder}/origins.db"
        store = open_store(store_url)
        stack.callback(store.close)
        if not stack.enter_context(table_of(store)):  # The workers need it.
            print("The database does not answer; it is asked again each second.")
        api = stack.enter_context(api_server(store_url, workers, ports.get("api", 0)))
        desk = stack.enter_context(
            serve(admin.create_app(store), ports.get("admin", 0))
        )
        pages = {
            tenant: stack.enter_context(
                serve(create_page(tenant, api), ports.get(tenant, 0))
            )
            for tenant in TENANTS
        }
        yield Addresses(api, desk, pages)


@contextmanager
def api_server(store_url: str, workers: int, port: int) -> Iterator[str]:
    """Serve the API with gunicorn; yield its origin."""
    with socket.create_server((HOST, port)) as listening:
        origin = f"http://{HOST}:{listening.getsockname()[1]}"
        command = [sys.executable, "-m", "gunicorn", "--no-control-socket"]
        command += ["--bind", f"fd://{listening.fileno()}", "--log-level", "warning"]
        command += ["--workers", str(workers), "--threads", "4"]
        process = subprocess.Popen(
            [*command, "examples.multitenant.api:create_app()"],
            cwd=Path(__file__).parents[2],
            env={**os.environ, VARIABLE: store_url},
            pass_fds=[listening.fileno()],
        )
        try:
            _wait_for(origin, process)
            yield origin
        finally:
            process.terminate()
            process.wait()


@contextmanager
def serve(app: Flask, port: int) -> Iterator[str]:
    """Serve a page of few visitors; yield its origin."""
    server = make_server(HOST, port, app, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{HOST}:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _QuietHandler(WSGIRequestHandler):
    """Serve without a line in the log for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


def _wait_for(origin: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the workers answer (the socket takes connections before they do)."""
    address = (HOST, int(origin.rpartition(":")[2]))
    end = time.monotonic() + STARTS_WITHIN
    while True:
        with socket.create_connection(address, 1) as probe:
            probe.settimeout(1)
            probe.sendall(b"GET / HTTP/1.0\r\n\r\n")
            try:
                if probe.recv(1):
                    return
            except TimeoutError:
                pass
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("the API does not start")
