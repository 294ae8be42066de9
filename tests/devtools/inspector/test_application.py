"""The application as a process of its own, started anew when it has changed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flask_cors_policy.devtools.inspector import application as module
from flask_cors_policy.devtools.inspector.application import Application
from tests.helpers import A, B

from .apps import SHOP, inspect_command
from .played import API

CALLING = """
import os, sys, time
from flask_cors_policy.devtools.inspector.link import Address
from flask_cors_policy.devtools.inspector.watched import stamp
link = Address.parse(os.environ["FLASK_CORS_INSPECTED"]).call()
"""
LOADED = """
link.send({"kind": "loaded", "name": "x", "files": {}})
question = next(link.messages())
"""
# Is what a file says: its name, or that it fails. Refuses before it answers.
READING = """
path = sys.argv[1]
state = {"kind": "failed", "text": "no such file"}
try:
    text = open(path).read()
    kind = "failed" if text == "broken" else "loaded"
    state = {"kind": kind, "text": text, "files": {path: stamp(path)}}
except OSError:
    pass
link.send(state)
for question in link.messages():
    link.send({"kind": "refusal", "reason": text})
    link.send({"kind": "answer", "number": question["number"], "text": text})
"""


def acting(script: str, *arguments: str) -> Application:
    """Return an application whose process does what *script* says."""
    return Application([sys.executable, "-c", CALLING + script, *arguments], None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that stands for an application."""
    found = tmp_path / "application"
    found.write_text("one")
    return found


@pytest.fixture
def application(path: Path) -> Iterator[Application]:
    with closing(acting(READING, str(path))) as made:
        yield made


def explain(origin: str) -> dict[str, Any]:
    form = {"origin": origin, "path": "/items"}
    return {"ask": "explain", "form": form, "api": API}


def test_policy_that_is_changed_on_disk_is_seen_by_the_next_who_looks(
    tmp_path: Path,
) -> None:
    path = tmp_path / "shop.py"
    path.write_text(SHOP)
    with closing(Application(inspect_command(path), None)) as application:
        assert application.state() == {"kind": "loaded", "name": "shop"}
        assert application.ask(explain(A))["allowed"]
        path.write_text(SHOP.replace(A, f"{B}/"))
        state = application.state()
        assert "1 problem in the CORS policy" in state["text"]
        assert any(f"{path}:" in frame for frame in state["frames"])
        path.write_text(SHOP.replace(A, B))
        assert application.ask(explain(B))["allowed"]
        assert not application.ask(explain(A))["allowed"]
        assert application.generation == 3


def test_application_is_started_again_once_it_has_changed(
    application: Application, path: Path
) -> None:
    assert application.ask({}) == {"text": "one"}
    assert application.ask({}) == {"text": "one"}
    assert application.generation == 1
    path.write_text("another")
    assert application.ask({}) == {"text": "another"}
    assert application.generation == 2


def test_change_within_a_second_to_the_same_size_is_seen(tmp_path: Path) -> None:
    """Which Python's own check of compiled code would miss."""
    path = tmp_path / "policy.py"
    importing = f"""
sys.path.insert(0, {str(tmp_path)!r})
import policy
path = {str(path)!r}
link.send({{"kind": "loaded", "name": policy.name, "files": {{path: stamp(path)}}}})
next(link.messages(), None)
"""
    with closing(acting(importing)) as application:
        for nanosecond, name in enumerate("ab"):
            path.write_text(f"name = {name!r}\n")
            os.utime(path, ns=(10**18 + nanosecond, 10**18 + nanosecond))
            assert application.state()["name"] == name


def test_what_cannot_be_loaded_is_told_of_until_it_is_corrected(
    application: Application, path: Path
) -> None:
    application.state()
    path.write_text("broken")
    assert application.state() == {"kind": "failed", "text": "broken"}
    assert application.ask({}) == {"problem": "broken", "field": ""}
    assert application.generation == 2
    path.write_text("one")
    assert application.state() == {"kind": "loaded", "text": "one"}


def test_file_that_is_gone_for_a_moment_is_waited_for(
    application: Application, path: Path
) -> None:
    application.state()
    path.unlink()
    assert application.state()["text"] == "no such file"
    assert application.state()["text"] == "no such file"
    assert application.generation == 2  # It is not tried over and over.
    path.write_text("one")
    assert application.state()["text"] == "one"


def test_what_cannot_be_loaded_is_tried_again_after_a_while(
    application: Application, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY", 0.0)
    path.write_text("broken")
    application.state()
    application.state()
    assert application.generation == 2


def test_refusals_are_kept_in_their_order(application: Application) -> None:
    application.ask({})
    application.ask({})
    first, second = application.refusals(0)
    assert first == {"kind": "refusal", "reason": "one", "number": 1}
    assert second["number"] == 2
    assert application.refusals(1) == [second]
    assert application.refusals(2) == []


def test_process_ends_with_the_inspector(application: Application) -> None:
    application.state()
    running = application._running
    assert running is not None
    application.close()
    assert running.process.poll() == 0


def test_process_that_has_ended_is_started_again(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY", 0.0)
    application.state()
    running = application._running
    assert running is not None
    running.process.kill()
    running.process.wait()
    assert application.ask({}) == {"text": "one"}
    assert application.generation == 2


def test_process_that_hangs_while_it_loads_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "GRACE", 0.0)
    with closing(acting("time.sleep(60)")) as application:
        # Enough for it to call, or else it was not even that far.
        monkeypatch.setattr(module, "PATIENCE", 1.0)
        state = application.state()
    assert state["text"] == "The application takes more than 1 seconds to load."


def test_process_that_ends_at_once_is_told_of() -> None:
    with closing(Application([sys.executable, "-c", ""], None)) as application:
        state = application.state()
    assert state["kind"] == "failed"
    assert "ended before it was loaded" in state["text"]


def test_process_that_ends_while_it_loads_is_told_of() -> None:
    with closing(acting("")) as application:
        state = application.state()
    assert state["kind"] == "failed"
    assert "ended before it was loaded" in state["text"]


def test_process_that_never_calls_is_not_waited_for_and_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    monkeypatch.setattr(module, "GRACE", 0.0)
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    with closing(Application(sleeping, None)) as application:
        state = application.state()
        running = application._running
    assert state["kind"] == "failed"
    assert "more than 0 seconds to load" in state["text"]
    assert running is not None
    assert running.process.poll() not in (None, 0)


def test_answer_that_does_not_come_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait = LOADED + "next(link.messages(), None)"
    with closing(acting(wait)) as application:
        application.state()
        monkeypatch.setattr(module, "PATIENCE", 0.05)
        problem = application.ask(explain(A))["problem"]
    assert problem == "The application takes too long."


def test_process_that_ends_instead_of_answering_is_told_of() -> None:
    with closing(acting(LOADED)) as application:
        problem = application.ask(explain(A))["problem"]
    assert problem == "The application has ended."


def test_answer_that_comes_too_late_is_not_taken_for_the_next() -> None:
    late = 'link.send({"kind": "answer", "number": 0, "late": True})\n'
    own = 'link.send({"kind": "answer", "number": question["number"], "own": True})\n'
    script = LOADED + late + own + "next(link.messages(), None)"
    with closing(acting(script)) as application:
        assert application.ask(explain(A)) == {"own": True}


def test_closing_what_was_never_started_is_no_mistake() -> None:
    acting("").close()
