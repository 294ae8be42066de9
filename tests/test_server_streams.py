"""Streams, connections and clients that go away, under every kind of server."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks import servers
from benchmarks.serving import ALLOWED

from .streaming_app import CHUNK, CHUNKS

pytestmark = pytest.mark.servers

ORIGIN = "access-control-allow-origin"
EVIL = "https://evil.example"
SERVERS = [*servers.COMMANDS, *servers.NOT_MEASURED]


@pytest.fixture(scope="module", params=SERVERS)
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of each server in turn."""
    with servers.started(request.param, module="tests.streaming_app") as running:
        wait_until_it_serves(running.port)
        yield running.port


def wait_until_it_serves(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            with asked(port, "/", ALLOWED[0]) as response:
                assert response.status == 200
                return
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.1)


@contextmanager
def asked(
    port: int, path: str, origin: str, method: str = "GET", **headers: str
) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, headers={"Origin": origin, **headers})
        yield connection.getresponse()
    finally:
        connection.close()


def allowed(response: http.client.HTTPResponse) -> list[str]:
    return response.headers.get_all(ORIGIN) or []


def test_stream_has_the_headers_of_its_page_and_all_its_chunks(port: int) -> None:
    for origin in (ALLOWED[0], EVIL, ALLOWED[1]):
        with asked(port, "/stream", origin) as response:
            assert response.read() == CHUNK * CHUNKS
            assert allowed(response) == [origin] * (origin in ALLOWED)
            assert response.headers.get_all("Vary") == ["Origin"]


def test_client_that_goes_away_leaves_nothing_to_the_next(port: int) -> None:
    for number in range(20):
        with socket.create_connection(("127.0.0.1", port), 20) as client:
            head = (
                f"GET /stream HTTP/1.1\r\nHost: a\r\nOrigin: {ALLOWED[number]}\r\n\r\n"
            )
            client.sendall(head.encode())
            if number % 2:
                client.recv(64)
        origin = EVIL if number % 3 else ALLOWED[-1]
        with asked(port, "/", origin) as response:
            assert response.status == 200
            assert response.read() == origin.encode()
            assert allowed(response) == [origin] * (origin in ALLOWED)


def test_connection_that_is_kept_alive_gets_the_headers_of_each_request(
    port: int,
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for number in range(30):
        origin = (ALLOWED[number], EVIL)[number % 2]
        preflight = number % 5 == 0
        headers = {"Origin": origin}
        if preflight:
            headers["Access-Control-Request-Method"] = "PUT"
        connection.request("OPTIONS" if preflight else "GET", "/", headers=headers)
        response = connection.getresponse()
        response.read()
        assert allowed(response) == [origin] * (origin in ALLOWED)
    connection.close()


def test_answer_without_a_body_is_one(port: int) -> None:
    for path, status in (("/empty", 200), ("/no-content", 204)):
        with asked(port, path, ALLOWED[0]) as response:
            assert (response.status, response.read()) == (status, b"")
            assert allowed(response) == [ALLOWED[0]]
    with asked(port, "/", ALLOWED[0], "HEAD") as response:
        assert (response.status, response.read()) == (200, b"")
        assert allowed(response) == [ALLOWED[0]]


def test_stream_that_fails_at_its_first_chunk_gives_a_page_nothing_to_read(
    port: int,
) -> None:
    """A 500 of the server, which no page can read; a closed connection; or nothing."""
    try:
        with asked(port, "/fails-at-first", ALLOWED[0]) as response:
            body = response.read()
            if response.status == 200:  # uWSGI has sent the headers already.
                assert body == b""
            else:
                assert response.status == 500
                assert allowed(response) == []
    except (OSError, http.client.HTTPException):
        pass  # The connection was closed.
    with asked(port, "/", EVIL) as response:
        assert response.status == 200
        assert allowed(response) == []
