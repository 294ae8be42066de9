"""The error that a test gets if a page would get a TypeError."""

from __future__ import annotations

from collections.abc import Iterator

from ..devtools.browser.outcome import Outcome
from ..devtools.browser.rules import Step
from ..devtools.browser.text import verdict
from ..devtools.exchanges import message_lines


class CORSBlocked(AssertionError):
    """The browser has blocked a request, or the response to it.

    Its text says what was wrong, how to correct it, and which messages were exchanged.

    :ivar outcome: everything that happened, from the browser model.
    :ivar step: the check that failed.
    :ivar reason: the stable code of the reason, such as ``method-not-allowed``.
    """

    def __init__(self, outcome: Outcome, call: str, hint: str = "") -> None:
        assert outcome.failure is not None
        self.outcome = outcome
        self.step: Step = outcome.failure
        self.reason: str = self.step.rule.code.value
        self._call = call
        self._hint = hint
        super().__init__(outcome, call, hint)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield verdict(self.outcome)
        yield f"Fix: {self.step.fix}"
        if self._hint:
            yield f"Hint: {self._hint}"
        yield f"Rule: {self.step.rule.text} ({self.step.rule.section})"
        yield ""
        yield self._call
        for exchange in self.outcome.exchanges:
            yield ""
            yield from message_lines(exchange)
