"""The error that a test gets if a page would get a TypeError."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ..devtools.browser.outcome import Outcome
from ..devtools.browser.rules import Step
from ..devtools.exchanges import message_lines
from ..devtools.explaining import Explanation
from ..devtools.explaining.explanation import cause_lines, policy_lines


class CORSBlocked(AssertionError):
    """The browser has blocked a request, or the response to it.

    Its text says what was wrong, how to correct it, and which messages were exchanged:
    the same explanation as that of ``flask cors explain``.

    :ivar outcome: everything that happened, from the browser model.
    :ivar step: the check that failed.
    :ivar reason: the stable code of the cause, such as ``method-not-allowed``.
    """

    def __init__(self, explanation: Explanation, call: str) -> None:
        outcome, diagnosis = explanation.case.outcome, explanation.diagnosis
        assert outcome.failure is not None
        assert diagnosis is not None
        self.outcome: Outcome = outcome
        self.step: Step = outcome.failure
        self.reason: str = diagnosis.cause.value
        self._explanation = explanation
        self._call = call
        super().__init__(explanation, call)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self._explanation.verdict
        yield from (line.text for line in cause_lines(self._explanation))
        server = self._explanation.case.server
        yield from (line.text for line in islice(policy_lines(server), 1))
        yield f"  Rule: {self.step.rule.text} ({self.step.rule.section})"
        yield ""
        yield self._call
        for exchange in self.outcome.exchanges:
            yield ""
            yield from message_lines(exchange)
