"""The Socket.IO example: its handshake and its pages are under one policy."""

from __future__ import annotations

import pytest

from examples.with_socketio import app, is_allowed, socketio
from tests.flask.helpers import EVIL, MISS, allowed, request

HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://app.example.com", 200),
        ("http://localhost:5173", 200),
        (None, 200),
        (EVIL, 400),
        ("null", 400),
        ("https://app.example.com.evil.example", 400),
    ],
)
def test_the_handshake_is_decided_by_the_policy(
    origin: str | None, status: int
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    response = app.test_client().get(HANDSHAKE, headers=headers)
    assert response.status_code == status
    expected = origin if status == 200 else None
    assert response.headers.get("Access-Control-Allow-Origin") == expected
    assert is_allowed(origin, {}) == (status == 200)


@pytest.mark.parametrize("origin", ["https://app.example.com", EVIL])
def test_pages_get_the_same_answer_over_http(origin: str) -> None:
    expected = MISS if origin == EVIL else allowed(origin, credentials="true")
    assert request(app, "/api/status", "GET", origin) == (200, expected)


def test_the_event_is_answered() -> None:
    client = socketio.test_client(app)
    answered = client.emit("ping me", callback=True)
    assert answered == {"status": "all is well"}
    client.disconnect()
