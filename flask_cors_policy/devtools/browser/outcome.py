"""What came of a request: what the page can read, or the step that failed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ...core.fetch_standard import (
    EXPOSE_HEADERS,
    FORBIDDEN_RESPONSE_HEADERS,
    SAFELISTED_RESPONSE_HEADERS,
    WILDCARD,
)
from .checks import header_list
from .requests import HeaderPairs, Received, Sent
from .rules import Rule, Step
from .urls import URL


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response, as they went over the wire.

    :param received: ``None`` if no response came.
    """

    sent: Sent
    received: Received | None


@dataclass(frozen=True, slots=True)
class Readable:
    """What a page can read of a response (``#concept-filtered-response``).

    :param kind: ``basic``, ``cors``, ``opaque`` or ``opaqueredirect``.
    :param status: 0 where the page cannot know.
    :param headers: those that the page can read.
    :param body: empty if the page cannot read it.
    :param url: of the response; ``None`` if the page cannot know.
    :param hidden: names of the headers that came and that the page cannot read, in
        lower case.
    """

    kind: str
    status: int
    headers: HeaderPairs = ()
    body: bytes = field(default=b"", repr=False)
    url: URL | None = None
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that happened because of one request of a page.

    :param readable: what the page gets; ``None`` if it gets a network error.
    :param steps: the checks that were made, in their order.
    :param exchanges: what went over the wire, preflights included.
    :param preflight_spared: whether a preflight was not sent because of an earlier
        one that the browser remembers.
    """

    readable: Readable | None
    steps: tuple[Step, ...]
    exchanges: tuple[Exchange, ...]
    preflight_spared: bool = False

    @property
    def failure(self) -> Step | None:
        """The step that failed, ``None`` if the page gets its response."""
        return None if self.readable is not None else self.steps[-1]

    @property
    def preflights(self) -> tuple[Exchange, ...]:
        """The preflights among the exchanges."""
        return tuple(each for each in self.exchanges if each.sent.preflight)


@dataclass(slots=True)
class Record:
    """What has happened so far because of one request."""

    steps: list[Step] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)

    def note(self, step: Step) -> None:
        """Add *step*."""
        self.steps.append(self.placed(step))

    def passed(self, steps: Iterable[Step]) -> bool:
        """Add *steps*; say whether the last of them, and so all, have passed."""
        passed = True
        for step in steps:
            self.note(step)
            passed = step.passed
        return passed

    def fail(self, rule: Rule, found: str, fix: str) -> bool:
        """Add the step that ends the request; return ``False``."""
        return self.passed([Step(rule, False, found, fix)])

    def placed(self, step: Step) -> Step:
        """Return *step* as one about the last exchange, unless it is about another."""
        if step.exchange is not None or not self.exchanges:
            return step
        return replace(step, exchange=len(self.exchanges) - 1)


def basic(response: Received, url: URL) -> Readable:
    """Return what a page reads of its own origin.

    https://fetch.spec.whatwg.org/#concept-filtered-response-basic
    """
    return _filtered("basic", response, url, None)


def cors(response: Received, url: URL, *, credentials: bool) -> Readable:
    """Return what a page reads of another origin that lets it.

    https://fetch.spec.whatwg.org/#concept-filtered-response-cors

    :param credentials: whether the credentials mode is ``include``: then ``*`` in
        Access-Control-Expose-Headers is a plain name.
    """
    exposed = header_list(response, EXPOSE_HEADERS) or ()
    if WILDCARD in exposed and not credentials:
        return _filtered("cors", response, url, None)
    names = SAFELISTED_RESPONSE_HEADERS | {name.lower() for name in exposed}
    return _filtered("cors", response, url, names)


def _filtered(
    kind: str, response: Received, url: URL, names: Iterable[str] | None
) -> Readable:
    """Return *response* with the headers of *names*, ``None`` standing for all."""
    sent = {name.lower() for name, _ in response.headers}
    shown = (sent if names is None else sent & set(names)) - FORBIDDEN_RESPONSE_HEADERS
    return Readable(
        kind,
        response.status,
        tuple(
            (name, value.strip(" \t\r\n"))
            for name, value in response.headers
            if name.lower() in shown
        ),
        response.body,
        url,
        frozenset(sent - shown),
    )
