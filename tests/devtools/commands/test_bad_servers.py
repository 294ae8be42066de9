"""Servers that drip, lie and send escapes: one sentence, and never a traceback."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from flask_cors_policy.devtools.attacks import most_requests
from flask_cors_policy.devtools.commands import main

from .helpers import HERE, A, Read, reflecting, serving

Talk = Callable[[socket.socket], None]


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
    while True:
        connection.sendall(b"a")
        time.sleep(0.02)


def continue_for_ever(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.001)


def drip_the_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n")
    while True:
        connection.sendall(b"a")
        time.sleep(0.02)


@contextmanager
def talking(talk: Talk) -> Iterator[str]:
    """Serve one connection after the other with *talk*, until it is over."""

    def serve_one(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(20)
            try:
                connection.recv(65536)
                talk(connection)
            except OSError:
                pass  # The client has gone.

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(
                    target=serve_one, args=(connection,), daemon=True
                ).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("talk", [drip, continue_for_ever, drip_the_body])
def test_a_server_that_never_ends_is_given_up_at_the_deadline(
    talk: Talk, read: Read
) -> None:
    start = time.monotonic()
    with talking(talk) as url:
        asked = ["--url", url, "--deadline", "0.5"]
        assert main(["explain", "--origin", A, *asked]) == 2
        explained = read()
        assert main(["attack", *asked]) == 2
        attacked = read()
    for out, err in (explained, attacked):
        assert out == ""
        assert f"error: {url} had 0.5 s to answer; --deadline gives it more" in err
    assert time.monotonic() - start < 20


def test_an_attack_that_is_not_over_at_the_deadline_finds_nothing_for_sure(
    read: Read,
) -> None:
    def slow(connection: socket.socket) -> None:
        time.sleep(0.05)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with talking(slow) as url:
        assert main(["attack", "--url", url, "--deadline", "2"]) == 2
    assert "The 2 s of --deadline were over after " in read()[1]


def answering(answer: bytes) -> Talk:
    return lambda connection: connection.sendall(answer)


def close_at_once(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    "talk",
    [
        answering(b"\x1b[2J\x1b]0;owned\x07"),
        answering(b"SSH-2.0-OpenSSH_9.2\r\n"),
        answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        answering(b"HTTP/1.1 99999 OK\r\n\r\n"),
        answering(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200 + b"\r\n"),
        answering(b""),
        close_at_once,
    ],
    ids=["escapes", "ssh", "chunks", "status", "headers", "nothing", "reset"],
)
@pytest.mark.parametrize(
    "command",
    [
        ["explain", "--origin", A],
        ["explain", "--origin", A, "--method", "PUT", "--json"],
        ["attack"],
    ],
    ids=["explain", "a preflight, as JSON", "attack"],
)
def test_a_server_that_does_not_speak_http_is_told_in_one_sentence(
    talk: Talk, command: list[str], read: Read
) -> None:
    with talking(talk) as url:
        assert main([*command, "--url", url]) == 2
    out, err = read()
    assert out == ""
    announced, sentence = err.splitlines()
    assert announced.startswith("Sending ")
    assert sentence.startswith(f"error: no answer from {url}: ")
    assert "\x1b" not in err
    assert "Traceback" not in err


def test_a_server_that_fails_after_its_preflight_is_explained(read: Read) -> None:
    asked: list[None] = []

    def fail_after_the_preflight(connection: socket.socket) -> None:
        if not asked:
            asked.append(None)
            connection.sendall(
                f"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: {A}\r\n"
                "Access-Control-Allow-Methods: PUT\r\n\r\n".encode()
            )

    with talking(fail_after_the_preflight) as url:
        command = ["explain", "--origin", A, "--method", "PUT", "--send"]
        assert main([*command, "--url", url]) == 1
    out, err = read()
    assert "Blocked (no-response)." in out
    assert "RemoteDisconnected: " in err


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 " + b"x" * 60_000 + b"\r\n\r\n",
    ],
    ids=["length", "reason"],
)
def test_an_answer_that_is_hardly_http_breaks_nothing(
    answer: bytes, read: Read
) -> None:
    with talking(answering(answer)) as url:
        assert main(["explain", "--origin", A, "--url", url]) == 1
        assert main(["attack", "--url", url]) == 0
    for text in read():
        assert "Traceback" not in text


def test_what_is_printed_of_a_message_has_a_bound(read: Read) -> None:
    headers = b"".join(b"X-%d: %s\r\n" % (n, b"a" * 60_000) for n in range(90))
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + headers + b"\r\n"
    with talking(answering(answer)) as url:
        main(["explain", "--origin", A, "--url", url])
        text = read()[0]
        main(["explain", "--origin", A, "--url", url, "--json"])
        data = read()[0]
    assert len(text) < 50_000
    assert "more headers]" in text
    assert len(data) < 1_000_000


SECRETS = ("opensesame", "tok3n")


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_tokens_and_cookies_are_never_printed(form: list[str], read: Read) -> None:
    headers = b"Set-Cookie: id=opensesame; Path=/; HttpOnly\r\n"
    cors = f"Access-Control-Allow-Origin: {A}\r\n".encode()
    credentials = b"Access-Control-Allow-Credentials: true\r\n"
    names = b"Access-Control-Allow-Headers: Authorization\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
    answer = head + headers + cors + credentials + names + b"\r\n"
    sent = ["-H", "Authorization: Bearer tok3n", "--cookie", "id=opensesame"]
    with talking(answering(answer)) as url:
        asked = ["--url", url, "--origin", A, "--credentials", "include"]
        assert main(["explain", *asked, *sent, *form]) == 0
        out, err = read()
        main(["attack", "--url", url, *sent[:2], *form])
        found, _ = read()
    assert "Authorization: (not shown)" in out or '"Authorization"' in out
    for secret in SECRETS:
        assert secret not in out + err + found


def test_an_attack_prints_sarif(read: Read) -> None:
    with serving(reflecting) as server:
        assert main(["attack", "--url", f"{server.url}/me", "--sarif"]) == 1
    log = json.loads(read()[0])
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    results: list[Any] = run["results"]
    assert results[0]["ruleId"] == "origin-reflected"
    assert rules[results[0]["ruleIndex"]]["id"] == "origin-reflected"
    rule = rules[results[0]["ruleIndex"]]
    assert rule["properties"] == {
        "security-severity": "9.1",
        "tags": ["security", "external/cwe/cwe-942"],
    }
    assert rule["helpUri"] == "https://cwe.mitre.org/data/definitions/942.html"
    assert "List whole origins" in rule["help"]["text"]
    (location,) = results[0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"].startswith(
        server.url
    )


@pytest.mark.parametrize("trusted", [[], [A]])
def test_an_attack_announces_no_fewer_requests_than_it_sends(
    trusted: list[str], read: Read
) -> None:
    url = "https://api.example.com/items"
    arguments = ["attack", "--url", url, "--app", f"{HERE}:listed()", "--json"]
    main([*arguments, *(f"--trusted={origin}" for origin in trusted)])
    sent = json.loads(read()[0])["requests"]
    assert sent <= most_requests(trusted or None) < 3 * sent + 300
