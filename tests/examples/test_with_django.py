"""The Django example, in a process of its own: its settings are made once in one."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import examples
from tests.helpers import EVIL

ROOT = Path(examples.__file__ or "").parents[1]
APP = "https://app.example.com"
READABLE = {
    "Vary": "Origin",
    "Access-Control-Allow-Origin": APP,
    "Access-Control-Allow-Credentials": "true",
}
MISS = {"Vary": "Origin"}
COMPRESSED = {"Vary": "Accept-Encoding, Origin"}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the example listens, started as anybody starts it."""
    command = [sys.executable, "-m", "examples.with_django", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            match = re.search(r":(\d+)$", process.stdout.readline())
            assert match is not None
            yield int(match[1])
        finally:
            process.terminate()


def ask(
    port: int, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str]]:
    """Return the status of a response, and what CORS is about in it."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, headers=sent)
    response = connection.getresponse()
    response.read()
    connection.close()
    found = [
        (name, value)
        for name, value in response.getheaders()
        if name == "Vary" or name.startswith("Access-Control-")
    ]
    assert len(found) == len(dict(found))
    return response.status, dict(found)


def test_the_preflight_is_answered_and_meets_no_redirect(port: int) -> None:
    for path in ("/api/items/", "/api/items"):
        asked = {"Origin": APP, "Access_Control_Request_Method": "PUT"}
        assert ask(port, path, "OPTIONS", **asked) == (
            204,
            READABLE
            | {
                "Access-Control-Allow-Methods": "PUT",
                "Access-Control-Allow-Headers": "Content-Type, X-CSRFToken",
            },
        )


@pytest.mark.parametrize(
    ("path", "status", "vary"),
    [
        ("/api/items/", 200, COMPRESSED),
        ("/api/items", 301, {}),
        ("/api/nothing/", 404, {}),
    ],
)
def test_the_page_reads_responses_redirects_and_errors(
    port: int, path: str, status: int, vary: dict[str, str]
) -> None:
    got = ask(port, path, Origin=APP, Accept_Encoding="gzip")
    assert got == (status, READABLE | vary)


def test_another_page_reads_nothing(port: int) -> None:
    got = ask(port, "/api/items/", Origin=EVIL, Accept_Encoding="gzip")
    assert got == (200, MISS | COMPRESSED)
