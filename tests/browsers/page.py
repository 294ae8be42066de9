"""A page in a real browser, the same for every engine."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Final

SCRIPT_TIMEOUT: Final = 300.0
"""Seconds that a script run in a page may take."""

KEYS: Final = {
    "ArrowDown": "\ue015",
    "ArrowLeft": "\ue012",
    "ArrowRight": "\ue014",
    "ArrowUp": "\ue013",
    "Backspace": "\ue003",
    "Delete": "\ue017",
    "End": "\ue010",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Home": "\ue011",
    "Shift": "\ue008",
    "Space": " ",
    "Tab": "\ue004",
}
"""Keys by their names, as WebDriver writes them.

https://www.w3.org/TR/webdriver2/#keyboard-actions
"""


class Page(ABC):
    """The one tab of a browser with a profile of its own.

    :param name: of the engine: ``chromium``, ``firefox``, ``webkitgtk``, ``wpe``.
    :param version: of the engine, as it says itself.
    """

    def __init__(self, name: str, version: str) -> None:
        self.name = name
        self.version = version

    @abstractmethod
    def goto(self, url: str) -> None:
        """Open *url* and wait until it is loaded."""

    @abstractmethod
    def evaluate(self, script: str, *arguments: Any) -> Any:
        """Call *script*, the text of a JavaScript function, and return what it returns.

        Arguments and result are JSON; a promise is awaited.

        :raises PageError: with the text of what the script threw.
        """

    @abstractmethod
    def click(self, css: str) -> None:
        """Click the one element that *css* selects, as a person would."""

    @abstractmethod
    def press(self, *keys: str) -> None:
        """Press the *keys* together: names in ``KEYS``, or single characters."""

    def resize(self, width: int, height: int) -> None:
        """Make the window as large as a screen of this size, in CSS pixels."""
        raise NotImplementedError(f"{self.name} keeps its size")

    @abstractmethod
    def screenshot(self, path: Path) -> None:
        """Write what the window shows into *path*, as PNG."""

    def type(self, text: str) -> None:
        """Press one key for each character of *text*."""
        for character in text:
            self.press(character)

    def text(self, css: str) -> str:
        """Return the text that a person sees in the element *css* selects."""
        found: str = self.evaluate("css => document.querySelector(css).innerText", css)
        return found

    def wait_for(self, script: str, *arguments: Any, timeout: float = 20) -> Any:
        """Call *script* until it returns something true; return that.

        :param timeout: in seconds.
        :raises TimeoutError: where it stays false.
        """
        end = time.monotonic() + timeout
        while True:
            found = self.evaluate(script, *arguments)
            if found:
                return found
            if time.monotonic() > end:
                raise TimeoutError(f"{script} is {found!r} in {self.name}")
            time.sleep(0.02)


class PageError(Exception):
    """What a script threw in a page."""


def call_of(script: str, arguments: tuple[Any, ...]) -> str:
    """Return an expression: a promise of the JSON of what *script* comes to."""
    return (
        f"Promise.resolve().then(() => ({script})(...{json.dumps(arguments)})).then("
        "value => JSON.stringify({value: value === undefined ? null : value}), "
        "error => JSON.stringify({error: String(error)}))"
    )


def result_of(answer: str) -> Any:
    """Return the value in *answer*, which ``call_of`` led to; raise what it threw."""
    outcome = json.loads(answer)
    if "error" in outcome:
        raise PageError(outcome["error"])
    return outcome["value"]
