"""``python -m flask_cors_policy attack``: what it sends, prints and exits with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from flask_cors_policy.devtools.commands import main

from .helpers import HERE, A, B, Read, Server, reflecting, serving


def attack(url: str, *arguments: str) -> int:
    return main(["attack", "--url", url, *arguments])


def test_an_attack_says_what_it_sends_and_what_it_finds(read: Read) -> None:
    with serving(reflecting) as server:
        assert attack(f"{server.url}/me", "-H", "X-A: 1") == 1
        assert {each["REQUEST_METHOD"] for each in server.asked} <= {
            "GET",
            "HEAD",
            "OPTIONS",
        }
        gets = [each for each in server.asked if each["REQUEST_METHOD"] == "GET"]
        assert {each["HTTP_X_A"] for each in gets} == {"1"}
        assert len(server.asked) < 300
    out, err = read()
    assert "origin-reflected" in out
    assert err == (
        f"Sending up to 740 requests to {server.url}/me: GET, with Origin headers of "
        "all kinds, and preflights. They change nothing; no other host is asked.\n"
    )


def test_an_attack_on_a_sound_policy_finds_nothing(server: Server, read: Read) -> None:
    assert attack(f"{server.url}/items", "--trusted", A, "--json") == 0
    data = json.loads(read()[0])
    assert data["findings"] == []
    assert data["trusted"] == [A]
    assert data["requests"] == len(server.asked)


def test_an_attack_on_an_application_needs_no_network(read: Read) -> None:
    url = "https://api.example.com/items"
    assert attack(url, "--app", f"{HERE}:flask_app", "--trusted", B) == 0
    assert attack(url, "--app", f"{HERE}:reflecting", "--json") == 1
    out, err = read()
    assert err == ""
    assert '"id": "origin-reflected"' in out


def test_an_attack_on_an_application_prints_no_log_of_what_it_refuses() -> None:
    url, app = "https://api.example.com/items", f"{HERE}:flask_app"
    arguments = ["attack", "--url", url, "--trusted", B, "--app", app]
    done = subprocess.run(
        [sys.executable, "-m", "flask_cors_policy", *arguments],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.startswith("no findings at ")
    assert done.stderr == ""


def test_an_attack_where_nobody_answers_exits_with_2(read: Read) -> None:
    with serving(reflecting) as server:
        url = server.url
    assert attack(url) == 2
    assert f"error: no answer from {url}: ConnectionRefusedError" in read()[1]
