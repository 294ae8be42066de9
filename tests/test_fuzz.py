"""Request bytes through real servers' parsers: the short form of ``make fuzz``."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import invariants, requests
from fuzz.invariants import ALLOWS, Broken, check, servers

ANSWER = servers()


def words(known: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Return a strategy of known words and of any bytes at all."""
    return st.sampled_from(known) | st.binary(max_size=60)


REQUESTS = st.builds(
    requests.build,
    words(requests.METHODS),
    words(requests.PATHS),
    st.lists(st.tuples(words(requests.NAMES), words(requests.VALUES)), max_size=6).map(
        lambda headers: [*headers, (b"Connection", b"close")]
    ),
)


@pytest.mark.parametrize("server", [0, 1], ids=["werkzeug", "wsgiref"])
def test_every_seed_gets_the_answer_that_it_must(server: int) -> None:
    answers = [ANSWER[server](seed) for seed in requests.seeds()]
    granted = [a for a in answers if b"\r\naccess-control-allow-origin:" in a.lower()]
    assert len(answers) == len(requests.seeds())
    assert 10 < len(granted) < len(answers) / 2
    for answer in answers:
        head = answer.partition(b"\r\n\r\n")[0].lower()
        assert head.count(b"\r\naccess-control-allow-origin:") <= 1


@pytest.mark.parametrize("server", [0, 1], ids=["werkzeug", "wsgiref"])
def test_server_does_not_hide_what_must_not_be(
    server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = {**ALLOWS, "/listed": lambda origin: True}
    monkeypatch.setattr(invariants, "ALLOWS", everybody)
    evil = [(b"Origin", b"https://evil.example"), (b"Connection", b"close")]
    with pytest.raises(Broken):
        ANSWER[server](requests.build(b"GET", b"/listed/x", evil))


@settings(max_examples=200)
@given(received=REQUESTS, server=st.sampled_from([0, 1]))
def test_words_in_any_order_break_nothing(received: bytes, server: int) -> None:
    ANSWER[server](received)


@settings(max_examples=100)
@given(received=st.binary(max_size=500), server=st.sampled_from([0, 1]))
def test_bytes_of_any_kind_break_nothing(received: bytes, server: int) -> None:
    ANSWER[server](received)


ENVIRON: dict[str, Any] = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/listed/x",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "80",
    "HTTP_ORIGIN": "https://evil.example",
}
VARY = ("Vary", "Origin")
GRANTED = ("Access-Control-Allow-Origin", "https://a.example")
NOT_STORED = ("Cache-Control", "no-store")
PREFLIGHT = {
    "REQUEST_METHOD": "OPTIONS",
    "HTTP_ORIGIN": GRANTED[1],
    "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT",
}


@pytest.mark.parametrize(
    ("environ", "status", "headers", "reached"),
    [
        ({}, "200", [VARY, ("Access-Control-Allow-Origin", "*")], True),
        ({}, "200", [VARY, ("Access-Control-Allow-Origin", "https://evil.example")],
         True),
        ({}, "200", [], True),
        ({}, "200", [VARY, VARY], True),
        ({}, "200", [VARY, ("X", "a\r\nb")], True),
        ({}, "200", [VARY, ("Access-Control-Allow-Credentials", "true")], True),
        ({"HTTP_ORIGIN": "https://a.example"}, "200", [VARY], True),
        ({"PATH_INFO": "/x"}, "200", [("Access-Control-Allow-Origin", "*")], True),
        ({"PATH_INFO": "/open"}, "200", [], True),
        ({"PATH_INFO": "/enforced"}, "200", [VARY], True),
        ({"REQUEST_METHOD": "OPTIONS", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT"},
         "403", [VARY], True),
        ({"REQUEST_METHOD": "OPTIONS", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT"},
         "204", [VARY], False),
        ({**PREFLIGHT, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "P T"},
         "204", [VARY, GRANTED], False),
        ({**PREFLIGHT, "PATH_INFO": "//listed"}, "204", [VARY, GRANTED], False),
        ({"PATH_INFO": "//listed"}, "200", [VARY], True),
        ({"PATH_INFO": "/enforced"}, "403", [VARY], False),
        ({"PATH_INFO": "/enforced", "HTTP_ORIGIN": GRANTED[1], "HTTP_COOKIE": "a=b"},
         "200", [VARY, GRANTED], True),
        ({"HTTP_ORIGIN": GRANTED[1], "HTTP_UPGRADE": "websocket"}, "200", [], True),
        ({}, "200", [VARY, ("Access-Control-Max-Age", "1")], True),
        ({"PATH_INFO": "/x"}, "200", [], True),
    ],
)  # fmt: skip
def test_what_must_not_be_is_noticed(
    environ: dict[str, str], status: str, headers: Any, reached: bool
) -> None:
    with pytest.raises(Broken):
        check({**ENVIRON, **environ}, status, headers, reached)


@pytest.mark.parametrize(
    ("environ", "status", "headers", "reached"),
    [
        ({}, "200", [VARY], True),
        ({"HTTP_ORIGIN": GRANTED[1]}, "200", [VARY, GRANTED], True),
        (PREFLIGHT, "204", [VARY, GRANTED], False),
        ({**PREFLIGHT, "PATH_INFO": "//listed"}, "403", [VARY, NOT_STORED], False),
        ({"PATH_INFO": "/enforced"}, "403", [VARY, NOT_STORED], False),
        ({"PATH_INFO": "/x"}, "200", [("Access-Control-Max-Age", "1")], True),
    ],
)
def test_what_is_right_passes(
    environ: dict[str, str], status: str, headers: Any, reached: bool
) -> None:
    check({**ENVIRON, **environ}, status, headers, reached)
