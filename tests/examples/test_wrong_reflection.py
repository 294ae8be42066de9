"""The wrong example is wrong, and a policy makes the same API right."""

from __future__ import annotations

import pytest
from flask import Flask

from examples.wrong_reflection.apps import (
    create_attackers_page,
    create_right_api,
    create_wrong_api,
)
from tests.flask.helpers import EVIL, MISS, allowed, answer


def stolen(app: Flask, origin: str) -> tuple[str, tuple[int, dict[str, str]]]:
    """Return what the user's browser is sent when a page of *origin* asks."""
    client = app.test_client()
    client.post("/login", base_url="https://api")
    response = client.get("/me", headers={"Origin": origin}, base_url="https://api")
    return response.text, answer(response)


@pytest.mark.parametrize("origin", [EVIL, "null"])
def test_the_wrong_api_lets_any_page_read_it_as_its_user(origin: str) -> None:
    text, (status, headers) = stolen(create_wrong_api(), origin)
    assert "XX00 1234 5678" in text
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, origin)
    assert headers["Access-Control-Allow-Credentials"] == "true"


def test_the_right_api_lets_only_its_own_page() -> None:
    app = "https://app.example.com"
    _, got = stolen(create_right_api(), app)
    assert got == (200, allowed(app, credentials="true"))
    for origin in (EVIL, "null"):
        _, got = stolen(create_right_api(), origin)
        assert got == (200, MISS)


def test_the_attackers_page_asks_with_the_cookies_of_its_reader() -> None:
    html = create_attackers_page("https://api.example.com").test_client().get("/").text
    assert 'fetch("https://api.example.com/me", { credentials: "include" })' in html
