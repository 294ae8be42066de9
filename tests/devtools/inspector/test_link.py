"""The line between the inspector and the process that runs the application."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from flask_cors_policy.devtools.inspector.link import LOOPBACK, Address, Switchboard


@pytest.fixture
def switchboard() -> Iterator[Switchboard]:
    with closing(Switchboard()) as made:
        yield made


def test_messages_go_both_ways(switchboard: Switchboard) -> None:
    with closing(switchboard.address.call()) as caller:
        answering = switchboard.answer(lambda: True)
        assert answering is not None
        with closing(answering):
            caller.send({"a": "ü\n"})
            caller.send({"b": [1]})
            coming = answering.messages()
            assert [next(coming), next(coming)] == [{"a": "ü\n"}, {"b": [1]}]
            answering.send({"c": None})
            assert next(caller.messages()) == {"c": None}


def test_each_end_notices_that_the_other_is_gone(switchboard: Switchboard) -> None:
    caller = switchboard.address.call()
    answering = switchboard.answer(lambda: True)
    assert answering is not None
    with closing(answering):
        caller.close()
        assert list(answering.messages()) == []
        for _ in range(100):  # Sooner or later the system says so.
            answering.send({"nobody": "hears this"})


def test_who_does_not_know_the_key_is_not_heard(switchboard: Switchboard) -> None:
    port, key = switchboard.address
    with closing(Address(port, key + "x").call()) as stranger:
        with closing(switchboard.address.call()) as caller:
            answering = switchboard.answer(lambda: True)
            assert answering is not None
            with closing(answering):
                stranger.send({"from": "stranger"})
                caller.send({"from": "caller"})
                assert next(answering.messages()) == {"from": "caller"}
        assert list(stranger.messages()) == []


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"no json\n", b"[]\n", b'{"key": 7}\n', b"\xff\n"], ids=repr
)
def test_noise_is_not_heard(switchboard: Switchboard, line: bytes) -> None:
    with socket.create_connection((LOOPBACK, switchboard.address.port)) as noisy:
        noisy.sendall(line)
        noisy.shutdown(socket.SHUT_WR)
        assert switchboard.answer(lambda: False) is None
        assert noisy.recv(1) == b""


def test_nobody_is_waited_for_who_is_not_coming(switchboard: Switchboard) -> None:
    coming = iter([True, False])
    assert switchboard.answer(lambda: next(coming)) is None


def test_line_is_on_loopback_only(switchboard: Switchboard) -> None:
    assert switchboard._socket.getsockname()[0] == LOOPBACK


def test_address_survives_an_environment_variable(switchboard: Switchboard) -> None:
    assert Address.parse(str(switchboard.address)) == switchboard.address


@pytest.mark.parametrize("text", ["", "80", "80:", "x:key", ":key"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        Address.parse(text)
