"""The process that runs an application, here as a thread of the test."""

from __future__ import annotations

import http.client
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from flask_cors_policy import CORS
from flask_cors_policy.devtools.inspector.answers import Inspected
from flask_cors_policy.devtools.inspector.inspected import inspected
from flask_cors_policy.devtools.inspector.link import LOOPBACK, Link, Switchboard
from flask_cors_policy.devtools.inspector.served import serve
from flask_cors_policy.devtools.inspector.servers import bind, port_of
from flask_cors_policy.log import logger
from tests.helpers import A, B

from .apps import shop
from .conftest import Hook
from .played import API


def load() -> Inspected:
    return inspected(shop())


@contextmanager
def serving(load: Callable[[], Inspected], port: int | None) -> Iterator[Link]:
    """Yield the inspector's end of the line to a thread that serves."""
    with closing(Switchboard()) as switchboard:
        arguments = (load, switchboard.address, port)
        thread = threading.Thread(target=serve, args=arguments)
        thread.start()
        link = switchboard.answer(lambda: True)
        assert link is not None
        with closing(link):
            yield link
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def port() -> int:
    with bind(0) as bound:
        return port_of(bound)


def ask(port: int, origin: str, path: str = "/items") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    with closing(connection):
        connection.request("GET", path, headers={"Origin": origin})
        response = connection.getresponse()
        response.read()
        return response


def test_application_is_served_and_answered_about(port: int) -> None:
    with serving(load, port) as link:
        messages = link.messages()
        loaded = next(messages)
        assert (loaded["kind"], loaded["name"]) == ("loaded", "shop")
        response = ask(port, A)
        assert response.status == 200
        assert response.headers["Access-Control-Allow-Origin"] == A
        form = {"origin": A, "path": "/items"}
        question = {"ask": "explain", "form": form, "api": API}
        link.send({"number": 7, **question})
        answer = next(messages)
        assert (answer["kind"], answer["number"]) == ("answer", 7)
        assert answer["allowed"]
        link.send({"number": 8, "ask": "routes"})
        assert len(next(messages)["routes"]) > 2
    with pytest.raises(ConnectionRefusedError):
        ask(port, A)


def test_application_that_runs_elsewhere_is_answered_about_only() -> None:
    with serving(load, None) as link:
        messages = link.messages()
        assert next(messages)["kind"] == "loaded"
        link.send({"number": 1, "ask": "routes"})
        assert "routes" in next(messages)


def test_refusals_are_sent_as_they_happen(port: int) -> None:
    with serving(load, port) as link:
        messages = link.messages()
        next(messages)
        ask(port, B)
        refusal = next(messages)
        assert refusal.pop("time") > 1_700_000_000
        assert refusal.pop("text").startswith(
            f"CORS: '{B}' may not read GET /items (origin-not-allowed, "
        )
        assert refusal == {
            "kind": "refusal",
            "reason": "origin-not-allowed",
            "place": "the application",
        }
        logger.warning("something else")
        link.send({"number": 1, "ask": "routes"})
        assert next(messages)["kind"] == "answer"
    assert not [each for each in logger.handlers if "Refusal" in type(each).__name__]


@pytest.mark.parametrize("configured", [False, True])
def test_terminal_gets_refusals_too_unless_logging_is_set_up(
    port: int,
    configured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    own: list[logging.Handler] = [logging.NullHandler()]
    monkeypatch.setattr(logging.getLogger(), "handlers", own * (not configured))
    if configured:
        monkeypatch.setattr(logger, "handlers", [logging.Handler()])
    else:
        monkeypatch.setattr(logger, "handlers", [])
    with serving(load, port) as link:
        next(link.messages())
        ask(port, B)
    printed = capsys.readouterr().err
    assert ("CORS: " in printed and "may not read" in printed) is not configured


def failure(load: Callable[[], Any], port: int | None = None) -> dict[str, Any]:
    """Return what is said of an application that cannot be loaded."""
    with serving(load, port) as link:
        (message,) = link.messages()
    assert message.pop("kind") == "failed"
    return message


def test_mistakes_in_a_policy_are_told_one_by_one() -> None:
    def mistaken() -> Inspected:
        app = shop()
        app.extensions.clear()
        CORS(app, origins=[A + "/", "example.com"])
        return inspected(app)

    found = failure(mistaken)
    first, *problems = found["text"].splitlines()
    assert first == "2 problems in the CORS policy:"
    assert [problem.partition(" = ")[0] for problem in problems] == [
        "  CORS(app): origins[0]",
        "  CORS(app): origins[1]",
    ]


def test_other_errors_are_told_with_where_they_came_from() -> None:
    def broken() -> Inspected:
        raise LookupError("no such\nsetting")

    found = failure(broken)
    assert found["text"] == "LookupError: no such\\nsetting"
    assert found["frames"][-1].startswith(f"{Path(__file__)}:")
    assert found["frames"][-1].endswith(" in broken")


def test_application_that_exits_while_it_is_loaded_is_told_of() -> None:
    def leaving() -> Inspected:
        raise SystemExit("bye")

    assert failure(leaving)["text"] == "SystemExit: bye"


def test_port_that_is_taken_is_told_of() -> None:
    with bind(0) as bound:
        port = port_of(bound)
        text = failure(load, port)["text"]
    assert f"port {port} of 127.0.0.1 cannot be used" in text


def test_files_are_named_also_where_loading_fails(
    tmp_path: Path, hooks: list[Hook]
) -> None:
    path = tmp_path / "settings.json"
    path.write_text("{")

    def broken() -> Inspected:
        hooks[-1]("open", (str(path), "r", os.O_RDONLY))
        raise ValueError(path.read_text())

    assert list(failure(broken)["files"]) == [str(path)]


def test_ctrl_c_ends_it_without_a_word() -> None:
    def interrupted() -> Inspected:
        raise KeyboardInterrupt

    with serving(interrupted, None) as link:
        assert list(link.messages()) == []


def test_application_is_served_on_loopback_only(port: int) -> None:
    with serving(load, port) as link:
        next(link.messages())
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port), timeout=5).close()
