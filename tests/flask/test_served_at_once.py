"""Real servers, kept connections, many origins at once: no answer has another's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest

from benchmarks import servers

from .concurrent_app import ALLOWED, ORIGINS

pytestmark = pytest.mark.servers

CONNECTIONS = 8
REQUESTS = 30
EVIL = "https://evil.example"


def wrong_answers(port: int, number: int, paths: list[str]) -> Iterator[str]:
    """Send requests of all origins over one connection; yield what is wrong."""
    chance = random.Random(number)
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(REQUESTS):
        path = chance.choice(paths)
        allowed = ALLOWED[path]
        origin = chance.choice([*ORIGINS, allowed, EVIL, None])
        method = chance.choice(["GET", "POST", "OPTIONS"])
        headers = {} if origin is None else {"Origin": origin}
        if method == "OPTIONS":
            headers["Access-Control-Request-Method"] = "POST"
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        body = response.read().decode()
        granted = origin if origin == allowed else None
        refused = origin not in (None, allowed) and (
            method == "OPTIONS" or path == "/enforced"
        )
        right = (
            response.headers.get_all("Access-Control-Allow-Origin")
            == ([granted] if granted else None)
            and (response.headers["Access-Control-Allow-Credentials"] is not None)
            is (path == "/view" and granted is not None)
            and "Origin" in response.headers["Vary"]
            and (response.status == 403) is refused
            and (
                method == "OPTIONS"
                or path.endswith("none")
                or body == ("" if refused else origin or "none")
            )
        )
        if not right:
            what = f"{method} {path} of {origin}: {response.status}"
            yield f"{what} {response.getheaders()} {body[:60]!r}"
    connection.close()


@pytest.mark.parametrize("served", ["app", "bypassed"])
@pytest.mark.parametrize("server", servers.COMMANDS)
def test_no_answer_has_headers_of_another_origin(
    server: str, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"{__package__}.concurrent_app"
    commands = {
        name: tuple(
            part.replace("benchmarks.serving:app", f"{module}:{served}")
            .replace("benchmarks.serving", module)
            .replace("b.app", f"b.{served}")
            for part in command
        )
        for name, command in servers.COMMANDS.items()
    }
    monkeypatch.setattr(servers, "COMMANDS", commands)

    # asgiref takes the greenlets of a thread for one.
    paths = [
        path for path in ALLOWED if (path, server) != ("/async", "gunicorn gevent")
    ]

    def client(number: int) -> list[str]:
        return [*wrong_answers(running.port, number, paths)]

    with servers.started(server) as running, ThreadPoolExecutor(CONNECTIONS) as pool:
        found = [*pool.map(client, range(CONNECTIONS))]
    assert [wrong for each in found for wrong in each] == []
