"""Every example starts with one command, and prints another one that works."""

from __future__ import annotations

import re
import runpy
import shlex
import subprocess
import sys
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from werkzeug.test import Client, TestResponse

import examples
from examples import serve as serving
from examples.behind_nginx import __main__ as behind_nginx
from examples.multitenant import __main__ as multitenant
from examples.serve import Attempt
from tests.helpers import EVIL

ROOT = Path(examples.__file__ or "").parents[1]
EXAMPLES = {
    path.stem
    for path in ROOT.joinpath("examples").iterdir()
    if path.suffix == ".py" or path.joinpath("__main__.py").is_file()
} - {"__init__", "serve"}
OTHERWISE = {"behind_nginx", "demo", "multitenant", "with_django"}
"""Examples whose start has a test of its own."""
WITH_A_PAGE = ["cookie_login", "wrong_reflection"]
NAMES = sorted(EXAMPLES - OTHERWISE - {*WITH_A_PAGE})
ALLOW_ORIGIN = "Access-Control-Allow-Origin"


def start(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    """Run an example as a program; return what it has given to the server."""
    served: list[Any] = []
    for function in ("serve", "serve_both"):
        monkeypatch.setattr(serving, function, lambda *given: served.append(given))
    monkeypatch.setattr(sys, "argv", [f"examples.{name}"])
    path, package = ROOT / "examples" / f"{name}.py", "examples"
    if not path.is_file():
        path, package = ROOT / "examples" / name / "__main__.py", f"examples.{name}"
    code = compile(path.read_text("utf-8"), str(path), "exec")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pyramid imports what is deprecated.
        exec(code, {"__name__": "__main__", "__package__": package})
    (given,) = served
    return tuple(given)


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_of_the_file_is_a_program_by_itself(name: str, tmp_path: Path) -> None:
    source = ROOT.joinpath("examples", f"{name}.py").read_text("utf-8")
    copied = tmp_path / "copied.py"
    copied.write_text(source, "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pyramid imports what is deprecated.
        assert callable(runpy.run_path(str(copied), run_name="copied")["app"])


def ask(app: Any, attempt: Attempt) -> TestResponse:
    """Send to *app* what the printed command sends."""
    words = shlex.split(attempt.command("http://127.0.0.1:5000"))
    headers = [word.split(": ", 1) for word in words if ": " in word]
    path = words[-1].removeprefix("http://127.0.0.1:5000")
    return Client(app).get(path, headers=[(name, value) for name, value in headers])


@pytest.mark.parametrize("name", NAMES)
def test_the_printed_command_shows_what_the_example_is_about(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, attempt = start(name, monkeypatch)

    allowed = ask(app, attempt)
    other = ask(app, attempt._replace(origin=EVIL))

    assert allowed.status_code == 200
    assert allowed.headers[ALLOW_ORIGIN] == attempt.origin
    assert ALLOW_ORIGIN not in other.headers


@pytest.mark.parametrize("name", WITH_A_PAGE)
def test_the_printed_command_asks_as_the_page_does(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_api, create_page, path, options = start(name, monkeypatch)
    page_origin = "http://127.0.0.1:5001"

    reply = ask(create_api(page_origin), Attempt(path, page_origin))
    page = Client(create_page("http://127.0.0.1:5000")).get("/")

    assert (options.port, options.page_port) == (5000, 5001)
    assert reply.status_code == 401
    assert reply.headers[ALLOW_ORIGIN] == page_origin
    assert "http://127.0.0.1:5000" in page.text


@contextmanager
def running(name: str, *arguments: str) -> Iterator[IO[str]]:
    """Start an example; yield what it prints, and end it."""
    command = [sys.executable, "-m", f"examples.{name}", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout
        finally:
            process.terminate()


def run_curl(command: str) -> Any:
    """Do what a command of curl does; return the response, whatever its status."""
    words = shlex.split(command)
    headers = dict(word.split(": ", 1) for word in words if ": " in word)
    try:
        return urllib.request.urlopen(
            urllib.request.Request(words[-1], headers=headers), timeout=10
        )
    except urllib.error.HTTPError as error:
        return error


def test_an_example_is_served_until_it_is_ended() -> None:
    with running("downloads", "--port", "0") as printed:
        lines = [printed.readline() for _ in range(2)]
        (command,) = re.findall(r"Try: +(curl .+)", "".join(lines))
        with run_curl(command) as response:
            assert response.status == 200
            assert response.headers[ALLOW_ORIGIN] == serving.APP_ORIGIN


def test_a_page_and_its_api_know_each_other_on_any_port() -> None:
    ports = ["--port", "0", "--page-port", "0"]
    with running("wrong_reflection", "--right", *ports) as printed:
        lines = "".join(printed.readline() for _ in range(3))
        (page,) = re.findall(r"Open the page: +(\S+)", lines)
        (api,) = re.findall(r"The API: +(\S+)", lines)
        with urllib.request.urlopen(page, timeout=10) as response:
            shown = response.read().decode()
        (command,) = re.findall(r"Try: +(curl .+)", lines)
        with run_curl(command) as response:
            assert response.status == 401
    assert "You have won" in shown
    assert api in shown


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_option_has_a_help_text(name: str) -> None:
    command = [sys.executable, "-m", f"examples.{name}", "--help"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    description, _, options = done.stdout.partition("options:\n")
    assert len(description.splitlines()) > 2
    for entry in re.split(r"^  (?=-)", options, flags=re.M)[1:]:
        assert len(entry.split()) > 4, f"no help: {entry}"


def test_behind_nginx_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str, path: str) -> None:
        """Find nothing, as ``shutil.which`` does."""

    monkeypatch.setattr("shutil.which", missing)

    assert behind_nginx.main(["--port", "0"]) == 1
    assert '"make servers" installs it' in capsys.readouterr().err


def test_multitenant_prints_a_command_that_the_api_answers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses: list[int] = []

    def visit() -> None:
        (command,) = re.findall(r"Try: +(curl .+)", capsys.readouterr().out)
        with run_curl(command) as response:
            statuses.append(response.status)

    monkeypatch.setattr(multitenant, "wait", visit)
    monkeypatch.setattr("signal.signal", lambda *_: None)

    assert multitenant.main(["--workers", "1"]) == 0
    assert statuses == [200]


def test_the_documentation_lists_every_example() -> None:
    page = ROOT.joinpath("docs", "examples.md").read_text("utf-8")
    listed = set(re.findall(r"^python -m examples\.(\w+)", page, re.M))
    assert listed == EXAMPLES
