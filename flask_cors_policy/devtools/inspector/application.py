"""The application under inspection, seen from the inspector: a process of its own.

It is started anew as soon as somebody looks and a file has changed since it was loaded.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from .link import Link, Message, Switchboard
from .watched import Stamps, changed, stamp

VARIABLE: Final = "FLASK_CORS_INSPECTED"
"""The environment variable that tells a process where to call, and to serve."""
PORT_VARIABLE: Final = "FLASK_CORS_INSPECTED_PORT"
"""The one that tells it at which port; empty for nowhere."""

KEPT: Final = 100
"""Refusals that are kept."""
PATIENCE: Final = 60.0
"""Seconds that an application may take to load, or to answer."""
GRACE: Final = 5.0
"""Seconds that a process may take to end."""
RETRY: Final = 10.0
"""Seconds after which what could not be loaded is tried again."""


@dataclass
class Running:
    """A process, and what it has said."""

    process: subprocess.Popen[bytes]
    link: Link | None
    state: Message
    started: float
    answers: queue.SimpleQueue[Message | None] = field(
        default_factory=queue.SimpleQueue
    )

    @property
    def works(self) -> bool:
        """Whether it has loaded the application, and is there still."""
        return self.state["kind"] == "loaded" and self.process.poll() is None


class Application:
    """Starts the process, starts it again, asks it, and ends it.

    :param command: runs the application where ``VARIABLE`` is set.
    :param port: where it is served, on loopback; ``None`` for nowhere.
    """

    def __init__(self, command: Sequence[str], port: int | None) -> None:
        self._command = command
        self._port = port
        self._switchboard = Switchboard()
        self._lock = threading.RLock()
        self._running: Running | None = None
        self._files: Stamps = {}
        self._refusals: deque[Message] = deque(maxlen=KEPT)
        self._refused = 0
        self._refusals_lock = threading.Lock()
        self._questions = 0
        self.generation = 0
        """How often it was started."""

    def state(self) -> Message:
        """Return what became of loading the application as it is now on disk.

        ``kind`` is ``loaded``, with ``name``, or ``failed``, with ``text``
        and ``frames``.
        """
        with self._lock:
            running = self._running
            if running is None or self._is_outdated(running):
                self._end()
                running = self._running = self._start()
            return running.state

    def ask(self, question: Mapping[str, Any]) -> Message:
        """Return what the application answers."""
        with self._lock:
            state = self.state()
            running = self._running
            assert running is not None
            if running.link is None or state["kind"] != "loaded":
                return {"problem": state["text"], "field": ""}
            self._questions += 1
            running.link.send({**question, "number": self._questions})
            return self._answer(running, self._questions)

    def refusals(self, after: int) -> list[Message]:
        """Return the refusals that came after the one numbered *after*."""
        with self._refusals_lock:
            return [each for each in self._refusals if each["number"] > after]

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()
            self._switchboard.close()

    def _is_outdated(self, running: Running) -> bool:
        if changed(self._files):
            return True
        return not running.works and time.monotonic() - running.started > RETRY

    def _start(self) -> Running:
        self.generation += 1
        port = "" if self._port is None else str(self._port)
        environment = {
            **os.environ,
            VARIABLE: str(self._switchboard.address),
            PORT_VARIABLE: port,
            # Python takes compiled code for current if the source has the same size
            # and second: too coarse for who tries one thing after another.
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        process = subprocess.Popen(self._command, env=environment)
        started = time.monotonic()
        end = started + PATIENCE
        link = self._switchboard.answer(
            lambda: process.poll() is None and time.monotonic() < end
        )
        state = None if link is None else link.first(PATIENCE)
        if state is None:
            state = _silent(time.monotonic() >= end)
        running = Running(process, link, state, started)
        if link is not None:
            arguments = (running, link.messages())
            reader = threading.Thread(target=self._listen, args=arguments, daemon=True)
            reader.start()
        self._watch(running.state)
        return running

    def _watch(self, state: Message) -> None:
        """Note the files that matter from now on."""
        files: Stamps = state.pop("files", {})
        if state["kind"] != "loaded":
            # It may be one that was not even read this time that has to change.
            files = {path: stamp(path) for path in self._files} | files
        self._files = files

    def _listen(self, running: Running, messages: Iterator[Message]) -> None:
        for message in messages:
            if message["kind"] == "refusal":
                with self._refusals_lock:
                    self._refused += 1
                    self._refusals.append({**message, "number": self._refused})
            else:
                running.answers.put(message)
        running.answers.put(None)

    def _answer(self, running: Running, number: int) -> Message:
        while True:
            try:
                found = running.answers.get(timeout=PATIENCE)
            except queue.Empty:
                found = {"problem": "The application takes too long.", "field": ""}
                return found
            if found is None:
                return {"problem": "The application has ended.", "field": ""}
            if found.pop("number") == number:
                del found["kind"]
                return found

    def _end(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        if running.link is not None:
            running.link.close()
        try:
            running.process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            running.process.kill()
            running.process.wait()


def _silent(too_long: bool) -> Message:
    """Return the state of a process that has said nothing."""
    text = "The application has ended before it was loaded: look at the terminal."
    if too_long:
        text = f"The application takes more than {PATIENCE:.0f} seconds to load."
    return {"kind": "failed", "text": text, "frames": []}
