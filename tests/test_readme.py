"""The programs in the README are run as they stand there."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo
from werkzeug.test import Client

from examples.config_keys import app
from flask_cors_policy.devtools.cli import cors

ROOT = Path(__file__).parents[1]
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^### (.+?)\n.*?```python\n(.*?)```", README, re.M | re.S)
ORIGIN = "https://app.example.com"


def run_program(title: str) -> Any:
    """Return the ``app`` of the README's program under *title*."""
    source = dict(PROGRAMS)[title]
    namespace: dict[str, Any] = {"__name__": "app"}
    exec(compile(source, f"README: {title}", "exec"), namespace)
    return namespace["app"]


def test_there_are_three_ways_in() -> None:
    assert [title for title, _ in PROGRAMS] == [
        "Wrap any WSGI application",
        "Configure a Flask application",
        "Decorate Flask views",
    ]


def test_the_wrapped_application_allows_its_one_origin() -> None:
    client = Client(run_program("Wrap any WSGI application"))

    response = client.get("/", headers={"Origin": ORIGIN})

    assert response.text.startswith("Hello world!")
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    refused = client.get("/", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in refused.headers


@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:5173"])
def test_the_configured_application_answers_the_preflight_of_its_view(
    origin: str,
) -> None:
    app: Flask = run_program("Configure a Flask application")

    response = app.test_client().options(
        "/items/7",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "content-type",
        },
    )

    assert response.status_code == 204
    assert dict(response.headers) == {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "OPTIONS, PUT",
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Vary": "Origin, Access-Control-Request-Method",
    }


def test_the_decorated_view_may_be_read_by_every_page() -> None:
    app: Flask = run_program("Decorate Flask views")

    response = app.test_client().get("/news", headers={"Origin": "https://a.example"})

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.json == {"news": []}


def test_the_error_message_is_printed_as_the_readme_shows_it() -> None:
    session = "".join(re.findall(r"```pycon\n(.*?)```", README, re.S))
    # Doctest compares the text of an exception only up to its first blank; spell out
    # what is raised and compare the whole of it.
    lines = session.splitlines()
    command = next(line[4:] for line in lines if line.startswith(">>> Policy"))
    shown = session[session.index("PolicyError: ") + len("PolicyError: ") :]
    from flask_cors_policy import Policy, PolicyError

    with pytest.raises(PolicyError) as caught:
        eval(command, {"Policy": Policy})

    assert str(caught.value) == shown.rstrip("\n")
    assert doctest.DocTestParser().get_examples(session)


def test_its_commands_are_there() -> None:
    named = re.findall(r"`(flask cors|python -m flask_cors_policy) (\w+)`", README)
    assert len(named) > 4
    for program, command in named:
        module = program.removeprefix("python -m ").split()
        code = [sys.executable, "-m", *module, command, "--help"]
        done = subprocess.run(code, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr


def test_its_make_targets_are_there() -> None:
    for targets in re.findall(r"\bmake (\w+)", README):
        command = ["make", "--dry-run", "--silent", targets]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr


def test_explain_prints_what_it_shows() -> None:
    pattern = r"```console\n\$ flask cors (.+)\n((?:.*\n)*?)```"
    ((command, shown),) = re.findall(pattern, README)
    info = ScriptInfo(create_app=lambda: app)
    result = CliRunner().invoke(cors, shlex.split(command), obj=info)
    assert result.output == shown


def test_it_is_short_and_tells_nobody_to_install_from_an_index() -> None:
    for path in ("README.md", "README.ko.md"):
        text = ROOT.joinpath(path).read_text("utf-8")
        assert len(text.splitlines()) <= 120
        assert not re.search(r"pip install flask.cors.policy\b", text)
