"""An outcome as a sequence: who sends what to whom, and where it ends.

Between three lanes: the page, its browser, and the server. The diagram is drawn from
this, and its text alternative says the same, entry by entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ...core.errors import plain
from ..browser import Exchange, Outcome, Page, PageRequest, Readable, Step
from ..browser.requests import HeaderPairs, status_text

LONGEST: Final = 160
"""Characters shown of one value."""

# What every message has, and no rule of the protocol looks at.
_BACKGROUND: Final = frozenset(
    {
        "accept",
        "cache-control",
        "connection",
        "content-length",
        "date",
        "host",
        "pragma",
        "referer",
        "sec-fetch-dest",
        "sec-fetch-mode",
        "sec-fetch-site",
        "server",
        "transfer-encoding",
    }
)


class Lane(Enum):
    """Who takes part. ``value`` is the word for people."""

    PAGE = "page"
    BROWSER = "browser"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Message:
    """Something that goes from one lane to another.

    :param title: its first line.
    :param lines: its headers, or the rest of a call; a leading space is indentation.
    :param more: how many headers are left out.
    :param failed: whether it tells of a failure, or never arrives.
    """

    source: Lane
    target: Lane
    title: str
    lines: tuple[str, ...] = ()
    more: int = 0
    failed: bool = False

    def __str__(self) -> str:
        rest = f" (and {counted(self.more, 'more header')})" if self.more else ""
        text = "\n".join([self.title, *self.lines])
        return f"The {self.source.value} to the {self.target.value}: {text}{rest}"


@dataclass(frozen=True, slots=True)
class Note:
    """What happens in one lane, and no message shows.

    In the browser: checks that passed, or the one that failed.

    :param lines: what was found, and how to correct it.
    """

    title: str
    lines: tuple[str, ...] = ()
    failed: bool = False
    lane: Lane = Lane.BROWSER

    def __str__(self) -> str:
        return "\n".join([f"In the {self.lane.value}: {self.title}", *self.lines])


Entry = Message | Note


@dataclass(frozen=True, slots=True)
class Sequence:
    """All that happened because of one request of a page.

    :param page: the page's origin.
    :param server: the server's, or the URL as the page has it.
    :param entries: in their order.
    """

    page: str
    server: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the request failed, if more is known than the browser model knows.

    :param code: the code of the cause.
    :param lines: what was found, and how to correct it.
    """

    code: str
    lines: tuple[str, ...]


def sequence(
    page: Page, request: PageRequest, outcome: Outcome, why: Reason | None = None
) -> Sequence:
    """Return what happened when *page* made *request*, with the *outcome*.

    Whatever came over the wire is escaped, and cut after ``LONGEST`` characters.

    :param why: what to say at the check that failed; left out, what the browser model
        alone knows of it.
    """
    entries: list[Entry] = [_call(request), *_checks(outcome, None, why)]
    if outcome.preflight_spared:
        entries.append(Note("an earlier preflight covers this request"))
    for index, exchange in enumerate(outcome.exchanges):
        entries += _exchange(exchange)
        entries += _checks(outcome, index, why)
    entries.append(_result(outcome.readable))
    if outcome.exchanges:
        server = outcome.exchanges[0].sent.url.origin
    else:
        server = plain(request.url)
    return Sequence(page.origin, server, tuple(entries))


def counted(number: int, thing: str) -> str:
    """Return *number* with what it counts: ``1 check``, ``2 checks``."""
    return f"{number} {thing}{'s' * (number != 1)}"


def _call(request: PageRequest) -> Message:
    """Return the call of ``fetch()`` as a page's script has it."""
    options: list[str] = []
    if request.method != "GET":
        options.append(f"method: {_string(request.method)},")
    if request.headers:
        headers = [
            f"{_string(name)}: {_string(value)}" for name, value in request.headers
        ]
        options += ["headers: {", *(f"  {header}," for header in headers), "},"]
    for option, default in (
        ("mode", "cors"),
        ("credentials", "same-origin"),
        ("redirect", "follow"),
        ("cache", "default"),
    ):
        value = getattr(request, option)
        if value != default:
            options.append(f"{option}: {_string(value)},")
    if request.body is not None:
        content = request.body.content.decode("utf-8", "replace")
        body = "a stream" if request.body.stream else _string(content)
        options.append(f"body: {body},")
    url = _string(request.url)
    if not options:
        return Message(Lane.PAGE, Lane.BROWSER, f"fetch({url})")
    lines = (*(f"  {option}" for option in options), "})")
    return Message(Lane.PAGE, Lane.BROWSER, f"fetch({url}, {{", lines)


def _string(text: str) -> str:
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "..."
    return json.dumps(cut)


def _exchange(exchange: Exchange) -> Iterator[Message]:
    sent, received = exchange.sent, exchange.received
    title = f"{plain(sent.method)} {plain(sent.url.target, LONGEST)}"
    if sent.preflight:
        title = f"{title} (preflight)"
    lines, more = _headers(sent.headers)
    if sent.credentials:
        lines = (*lines, "Cookie: those of this server, if there are any")
    lost = received is None
    yield Message(Lane.BROWSER, Lane.SERVER, title, lines, more, lost)
    if received is not None:
        lines, more = _headers(received.headers)
        yield Message(Lane.SERVER, Lane.BROWSER, received.status_text, lines, more)


def _headers(headers: HeaderPairs) -> tuple[tuple[str, ...], int]:
    """Return the headers that matter, and how many others there are."""
    lines = tuple(
        f"{plain(name)}: {plain(value, LONGEST)}"
        for name, value in headers
        if name.lower() not in _BACKGROUND
    )
    return lines, len(headers) - len(lines)


def _checks(
    outcome: Outcome, exchange: int | None, why: Reason | None
) -> Iterator[Note]:
    """Yield how many checks an exchange has passed, and which one it has not."""
    steps = [step for step in outcome.steps if step.exchange == exchange]
    passed = sum(step.passed for step in steps)
    if passed:
        yield Note(f"{counted(passed, 'check')} passed")
    yield from (_failed(step, why) for step in steps if not step.passed)


def _failed(step: Step, why: Reason | None) -> Note:
    known = Reason(step.rule.code.value, (step.found, f"Fix: {step.fix}"))
    why = why or known
    return Note(f"blocked ({why.code})", why.lines, failed=True)


def _result(readable: Readable | None) -> Message:
    """Return what the page's script gets."""
    if readable is None:
        return Message(Lane.BROWSER, Lane.PAGE, "TypeError", failed=True)
    if readable.status == 0:
        title = "a response that it can read nothing of"
        return Message(Lane.BROWSER, Lane.PAGE, title)
    names = ", ".join(sorted({plain(name.lower()) for name, _ in readable.headers}))
    lines = (f"readable headers: {names}",) if names else ()
    title = f"Response {status_text(readable.status)}"
    return Message(Lane.BROWSER, Lane.PAGE, title, lines)
