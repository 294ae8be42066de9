"""The programs in the README are run as they stand there."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

README = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
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

    assert response.text == "Hello from another origin\n"
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


def test_the_decorated_view_is_public_and_the_other_is_not() -> None:
    client = run_program("Decorate Flask views").test_client()

    news = client.get("/news", headers={"Origin": "https://anyone.example"})
    me = client.get("/me", headers={"Origin": ORIGIN})

    assert news.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in news.headers
    assert me.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert me.headers["Access-Control-Allow-Credentials"] == "true"


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


def test_every_option_of_a_policy_is_in_the_table() -> None:
    from flask_cors_policy.core.settings import OPTIONS

    assert tuple(re.findall(r"^\| `(\w+)` \|", README, re.M)) == OPTIONS
