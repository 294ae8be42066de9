"""The samples on the pages are run, and a wrong one is noticed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from docs.ext.samples import ROOT, differences, messages, unknown_commands
from flask_cors_policy import CORS

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
RUN = {"console", "http", "js", "pycon", "python", "sh", "text"}
"""Languages of samples that are run."""
WIDEST = 66
"""Characters of a line of code; a phone shows about 45."""

EXCHANGE = """\
OPTIONS /items HTTP/1.1
Origin: https://app.example.com
Access-Control-Request-Method: PUT

HTTP/1.1 204 No Content
Access-Control-Allow-Origin: https://app.example.com
Access-Control-Allow-Methods: OPTIONS, PUT
Access-Control-Allow-Headers: Authorization, Content-Type
Vary: Origin, Access-Control-Request-Method
"""


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    CORS(app, origins="https://app.example.com")
    app.add_url_rule("/items", "items", lambda: {"items": []}, methods=["PUT"])
    return app


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_sample_is_in_a_language_that_is_run(page: Path) -> None:
    fences = re.findall(r"^```([^\n`{]+)$", page.read_text("utf-8"), re.M)
    assert set(fences) <= RUN


def test_an_exchange_that_is_right_has_no_differences(app: Flask) -> None:
    assert differences(app, EXCHANGE) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("204 No Content", "200 OK"),
        ("Access-Control-Allow-Methods: OPTIONS, PUT\n", ""),
        ("\nVary:", "\nAccess-Control-Max-Age: 5\nVary:"),
        ("\nVary:", "\nContent-Type: text/html\nVary:"),
        (
            "\nAccess-Control-Allow-Origin: https://app",
            "\nAccess-Control-Allow-Origin: *",
        ),
    ],
)
def test_an_exchange_that_is_wrong_is_noticed(
    app: Flask, right: str, wrong: str
) -> None:
    assert right in EXCHANGE
    assert differences(app, EXCHANGE.replace(right, wrong)) != []


def test_a_body_that_is_shown_is_compared(app: Flask) -> None:
    shown = "PUT /items HTTP/1.1\n\nHTTP/1.1 200 OK\nVary: Origin\n\n"
    assert differences(app, shown + '{"items":[]}') == []
    assert differences(app, shown + '{"items":[1]}') != []


def test_a_message_with_a_body_is_read_whole() -> None:
    request, response = messages(
        "POST / HTTP/1.1\nA: b\n\nx=1\n\nHTTP/1.1 200 OK\n\n{}"
    )
    assert request == ("POST / HTTP/1.1", [("A", "b")], "x=1")
    assert response == ("HTTP/1.1 200 OK", [], "{}")


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("make docs  # into docs/_build", True),
        ("make tea", False),
        ("pip install flask_cors_policy", True),
        ("pip install flask_cors_polcy", False),
        ('pip install ".[migrate]"', True),
        ('pip install ".[migrat]"', False),
        ("python -m examples.demo --once", True),
        ("python -m examples.nothing", False),
        ("flask --app app run", True),
        ("flask --app app fly", False),
        ("gunicorn examples.config_keys:app", True),
        ("sudo make docs", False),
    ],
)
def test_shell_samples_run_what_there_is(line: str, known: bool) -> None:
    assert unknown_commands(line) == ([] if known else [line])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_code_on_a_page_scrolls_little_on_a_phone(page: Path) -> None:
    code = re.compile(r"^```(?:python|js)\n(.*?)^```", re.M | re.S)
    blocks = code.findall(page.read_text("utf-8"))
    lines = [line for block in blocks for line in block.splitlines()]
    assert [line for line in lines if len(line) > WIDEST] == []
