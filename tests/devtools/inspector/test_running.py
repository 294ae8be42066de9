"""The whole inspector, and the command that runs it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_cors_policy.devtools.cli import cors
from flask_cors_policy.devtools.inspector import running
from flask_cors_policy.devtools.inspector.application import PORT_VARIABLE, VARIABLE
from flask_cors_policy.devtools.inspector.link import Switchboard
from flask_cors_policy.devtools.inspector.running import inspector, own_command, wait
from flask_cors_policy.devtools.inspector.servers import bind, port_of
from tests.helpers import A, B

from .apps import SHOP, inspect_command, shop
from .played import API

LIFETIME = 60  # Seconds after which a command is ended, whatever happens.


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "shop.py"
    found.write_text(SHOP)
    return found


def fetched(url: str, form: dict[str, str] | None = None) -> Any:
    """Return the JSON at *url*, that of a form where one is given."""
    request = urllib.request.Request(url)
    if form is not None:
        request.data = json.dumps({"form": form}).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("http://localhost:*", "localhost"),
        ("http://127.0.0.1:*", "127.0.0.1"),
        ("*", "127.0.0.1"),
        (B, "127.0.0.1"),
    ],
)
def test_its_address_is_one_that_the_policy_allows(
    allowed: str, host: str, path: Path
) -> None:
    path.write_text(SHOP.replace(A, allowed))
    with inspector(inspect_command(path)) as started:
        assert started.url.startswith(f"http://{host}:")
        assert fetched(f"{started.url}state")["kind"] == "loaded"


def test_inspector_serves_its_page_and_the_application(path: Path) -> None:
    with inspector(inspect_command(path)) as started:
        assert started.problem == ""
        state = fetched(f"{started.url}state")
        assert (state["name"], state["api"]) == ("shop", started.api)
        assert "/items" in {route["rule"] for route in state["routes"]}
        with urllib.request.urlopen(f"{started.api}/items", timeout=30) as response:
            assert json.load(response) == ["kettle"]
        found = fetched(f"{started.url}explain", {"origin": B, "path": "/items"})
        assert not found["allowed"]
        (refusal,) = fetched(f"{started.url}news")["refusals"]
        assert refusal["reason"] == "origin-not-allowed"
    for url in (started.url, f"{started.api}/items"):
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(url, timeout=5)


def test_token_is_another_one_each_time_and_no_request_is_logged(
    capfd: pytest.CaptureFixture[str],
) -> None:
    nothing = [sys.executable, "-c", ""]
    urls = []
    for _ in range(2):
        with inspector(nothing) as started:
            assert "ended before it was loaded" in started.problem
            assert fetched(f"{started.url}state")["kind"] == "failed"
        urls.append(started.url)
    tokens = [url.split("/")[3] for url in urls]
    assert tokens[0] != tokens[1]
    assert min(map(len, tokens)) >= 22  # 128 bits.
    assert capfd.readouterr().err == ""


def test_application_that_runs_already_is_not_served_again() -> None:
    with inspector([sys.executable, "-c", ""], app_url=API) as started:
        assert started.api == API
        state = fetched(f"{started.url}state")
        assert (state["api"], state["serves"]) == (API, False)


@pytest.mark.parametrize("which", ["the page", "the application"])
def test_port_that_is_taken_is_told_of(which: str) -> None:
    with bind(0) as bound:
        taken = port_of(bound)
        ports = (taken, 0) if which == "the page" else (0, taken)
        with pytest.raises(OSError, match=f"port {taken} of 127.0.0.1"):
            with inspector([], *ports):
                pass


def test_own_command_is_the_one_that_was_typed() -> None:
    script = (
        "from flask_cors_policy.devtools.inspector.running import own_command\n"
        "import sys; print(own_command()[1:], own_command()[0] == sys.executable)"
    )
    command = [sys.executable, "-X", "utf8", "-c", script, "--app", "x"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == f"{command[1:]!r} True"
    assert own_command()[0] == sys.executable


def test_waiting_ends_with_ctrl_c(capsys: pytest.CaptureFixture[str]) -> None:
    # Shells have what they start in the background ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupt = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    try:
        wait()
    finally:
        interrupt.join()
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().out == "\n"


def test_command_says_where_to_look_and_leaves_nothing_behind(path: Path) -> None:
    with subprocess.Popen(
        [*inspect_command(path), "--port", "0"],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        end = threading.Timer(LIFETIME, process.kill)
        end.start()
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        url = re.fullmatch(r"Inspector:   (http://127\.0\.0\.1:\d+/\S+/)\n", lines[0])
        api = re.fullmatch(r"Application: (http://127\.0\.0\.1:\d+)\n", lines[1])
        assert lines[2] == "Ctrl-C ends it.\n"
        assert url is not None
        assert api is not None
        assert fetched(f"{url[1]}state")["kind"] == "loaded"
        process.kill()  # Even then, without a chance to tidy up.
        end.cancel()
    assert is_gone(f"{api[1]}/items")


def is_gone(url: str) -> bool:
    """Say whether nothing is served at *url* any more, before long."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            return True
        time.sleep(0.05)
    return False


def invoke(app: Flask, *options: str) -> Any:
    return app.test_cli_runner().invoke(cors, ["inspect", *options])


@pytest.mark.parametrize(
    ("problem", "url"),
    [("", None), ("It cannot be loaded.", None), ("", "http://localhost:5000")],
)
def test_command_runs_itself_as_the_application(
    problem: str, url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    @contextmanager
    def noted(*arguments: object) -> Iterator[running.Started]:
        asked.extend(arguments)
        yield running.Started("http://inspector/", "http://app", problem)

    monkeypatch.setattr(running, "inspector", noted)
    monkeypatch.setattr(running, "wait", lambda: asked.append("waited"))
    options = () if url is None else ("--app-url", f"{url}/")
    found = invoke(shop(), "--port", "7", "--app-port", "8", *options)
    assert found.exit_code == 0
    assert asked == [own_command(), 7, 8, url, "waited"]
    lines = ["Inspector:   http://inspector/", "Application: http://app", problem]
    assert found.output.splitlines() == [*filter(None, lines), "Ctrl-C ends it."]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--app-url", "http://127.0.0.1:5000/api"], "write http://127.0.0.1:5000"),
        (["--app-url", "ftp://x"], "not fetched over HTTP"),
        (["--app-url", "x"], "is relative"),
        (["--port", "x"], "not a valid integer"),
    ],
    ids=str,
)
def test_command_says_what_is_wrong_with_its_options(
    options: list[str], text: str
) -> None:
    found = invoke(shop(), *options)
    assert found.exit_code == 2
    assert text in " ".join(found.output.split())


def test_command_says_which_port_is_taken() -> None:
    with bind(0) as bound:
        found = invoke(shop(), "--port", str(port_of(bound)))
    assert found.exit_code == 2
    assert "cannot be used" in found.output


@pytest.mark.parametrize("served", [True, False])
def test_command_serves_where_the_inspector_asks_it_to(
    served: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bind(0) as bound:
        port = port_of(bound)
    with closing(Switchboard()) as switchboard:
        monkeypatch.setenv(VARIABLE, str(switchboard.address))
        monkeypatch.setenv(PORT_VARIABLE, str(port) if served else "")
        states: list[Any] = []
        bodies: list[bytes] = []

        def listen() -> None:
            link = switchboard.answer(lambda: True)
            assert link is not None
            with closing(link):
                states.append(link.first(30))
                if served:
                    url = f"http://127.0.0.1:{port}/items"
                    with urllib.request.urlopen(url, timeout=30) as response:
                        bodies.append(response.read())

        thread = threading.Thread(target=listen)
        thread.start()
        found = invoke(shop())
        thread.join()
    assert (found.exit_code, found.output) == (0, "")
    assert states[0]["name"] == "shop"
    assert len(bodies) == served
