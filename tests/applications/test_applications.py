"""Real applications that use Flask-CORS: migrated, and started as their users do.

Each is served as it was installed, then with its migrated source in front. Its page
asks the same both times, as ``flask_cors_policy explain --send`` asks.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from flask_cors_policy.devtools.cli import cors
from flask_cors_policy.devtools.commands import main
from tests.needs import program

pytestmark = pytest.mark.applications

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-applications" / "bin"
PAGE = "https://console.example"
SECONDS = 60


class Application(NamedTuple):
    """An application, and what its page asks for.

    :ivar package: what is served from a copy.
    :ivar part: the folder of it that is migrated; moto has 1,000 modules more.
    :ivar command: what starts it; ``PORT`` stands for the port.
    :ivar requests: path, and options of ``explain``.
    """

    package: str
    part: str
    command: tuple[str, ...]
    requests: tuple[tuple[str, ...], ...]


LOCUSTFILE = "from locust import HttpUser\n\n\nclass Visitor(HttpUser):\n    pass\n"
APPLICATIONS = {
    "locust": Application(
        "locust",
        "locust",
        ("locust", "-f", "locustfile.py", "--web-host=127.0.0.1", "--web-port=PORT"),
        (
            ("/stats/requests",),
            ("/swarm", "--method=POST", "--body=user_count=1"),
            ("/swarm", "--json-body={}", "-H", "Authorization: Bearer t0ken"),
            ("/nothing-here",),
        ),
    ),
    "moto": Application(
        "moto",
        "moto/moto_server",
        ("moto_server", "-H", "127.0.0.1", "-p", "PORT"),
        (
            ("/moto-api/data.json",),
            ("/moto-api/reset", "--method=POST"),
            ("/moto-api/seed?a=42", "--method=POST"),
            ("/nothing-here",),
        ),
    ),
}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_an_application_serves_its_page_as_before(name: str, tmp_path: Path) -> None:
    application = APPLICATIONS[name]
    found = program(str(ENVIRONMENT / application.command[0]), "applications")
    folder = Path(found).parent
    tmp_path.joinpath("locustfile.py").write_text(LOCUSTFILE, "utf-8")
    with started(application, folder, tmp_path) as url:
        before = [asked(url, request) for request in application.requests]
    assert [status for status, _ in before] == [0] * len(before), before

    new = tmp_path / "migrated"
    (installed,) = folder.parent.glob(f"lib/*/site-packages/{application.package}")
    shutil.copytree(installed, new / application.package)
    part = str(new / application.part)
    assert CliRunner().invoke(cors, ["migrate", "--write", part]).exit_code == 0
    left = CliRunner().invoke(cors, ["migrate", "--check", part])
    assert left.exit_code == 0, left.output
    assert not uses(Path(part), "flask_cors")
    (new / "flask_cors_policy").symlink_to(ROOT / "flask_cors_policy")
    with started(application, folder, tmp_path, new) as url:
        after = [asked(url, request) for request in application.requests]
    assert after == before


def uses(folder: Path, package: str) -> list[Path]:
    """Return the modules that import from *package*."""
    return [
        path
        for path in folder.rglob("*.py")
        if f"from {package} import" in path.read_text("utf-8")
    ]


def asked(url: str, request: tuple[str, ...]) -> tuple[int, str]:
    """Return whether the page may read the response (0), and what it gets."""
    path, *options = request
    ask = ["explain", "--url", url + path, "--origin", PAGE, "--json", "--send"]
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(io.StringIO()):
        status = main([*ask, *options])
    return status, json.loads(output.getvalue())["verdict"]


@contextmanager
def started(
    application: Application, folder: Path, work: Path, new: Path | None = None
) -> Iterator[str]:
    """Serve an application; yield its URL.

    :param folder: the programs of its environment.
    :param new: a folder of packages that take the place of installed ones.
    """
    port = str(free_port())
    name, *options = application.command
    command = [str(folder / name), *(each.replace("PORT", port) for each in options)]
    environment = {**os.environ, "PYTHONPATH": str(new or "")}
    with subprocess.Popen(
        command,
        cwd=work,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(int(port), process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until something answers."""
    end = time.monotonic() + SECONDS
    while True:
        assert process.poll() is None, "the application has ended"
        assert time.monotonic() < end, "the application does not answer"
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/", headers={"Connection": "close"})
                with connection.getresponse() as response:
                    response.read()
        except OSError:
            time.sleep(0.2)
        else:
            return
