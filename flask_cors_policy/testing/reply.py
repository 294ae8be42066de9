"""What a page gets: the response, with only what a page could read of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..core.errors import plain
from ..core.fetch_standard import FORBIDDEN_RESPONSE_HEADERS
from ..devtools.browser.outcome import Outcome, Readable
from ..devtools.browser.requests import Received, field_values, status_text
from ..devtools.browser.text import verdict
from ..devtools.exchanges import Exchanges, PageExchange, message_lines


class MissingHeader(KeyError):
    """The page finds no such header in the response; the text says why."""

    def __str__(self) -> str:
        return str(self.args[0])


class HiddenHeader(MissingHeader):
    """The response has this header, and the page cannot read it."""


class ReadableHeaders(Mapping[str, str]):
    """The response headers that the page can read, by name in any case.

    Several of one name are one value, joined by a comma, as ``headers.get()`` of a page
    has it (https://fetch.spec.whatwg.org/#concept-header-list-get).
    """

    def __init__(self, readable: Readable, received: Received) -> None:
        self._readable = readable
        self._received = received

    def __getitem__(self, name: str) -> str:
        """Return the value of the header *name*.

        :raises HiddenHeader: if it came, but the page cannot read it.
        :raises MissingHeader: if it did not come.
        """
        __tracebackhide__ = True
        values = field_values(self._readable.headers, name)
        if not values:
            came = bool(self._received.values(name))
            raise (HiddenHeader if came else MissingHeader)(self.why_missing(name))
        return ", ".join(values)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.lower() for name, _ in self._readable.headers))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<headers that the page can read: {dict(self)}>"

    def why_missing(self, name: str) -> str:
        """Say why the page does not see the header *name*."""
        values = self._received.values(name)
        if not values:
            return f"{plain(name)}: the response has no such header."
        came = f"{plain(name)}: {plain(', '.join(values))} came, and no page can read"
        if self._readable.kind in ("opaque", "opaqueredirect"):
            return f"{came} anything of a response of type {self._readable.kind}."
        if name.lower() in FORBIDDEN_RESPONSE_HEADERS:
            return f"{came} that header. Look at page.cookies."
        return f"{came} it before it is exposed: expose_headers=[..., {name!r}]."


class Reply:
    """The response to a page's ``fetch()``.

    Its names are those of https://fetch.spec.whatwg.org/#response-class, and where a
    page would wait for a promise, those of the HTTP clients of Python: ``text``,
    ``json()``, ``body``.

    :ivar outcome: everything that happened, as the browser model tells it.
    """

    def __init__(self, outcome: Outcome) -> None:
        readable, received = outcome.readable, outcome.exchanges[-1].received
        assert readable is not None
        assert received is not None
        self.outcome = outcome
        self._readable = readable
        self.headers = ReadableHeaders(readable, received)

    @property
    def type(self) -> str:
        """``basic``, ``cors``, ``opaque`` or ``opaqueredirect``."""
        return self._readable.kind

    @property
    def status(self) -> int:
        """The status, as 200; 0 where the page cannot know it."""
        return self._readable.status

    @property
    def ok(self) -> bool:
        """Whether the status is one of 200 to 299."""
        return 200 <= self.status <= 299

    @property
    def url(self) -> str:
        """The URL that has answered, after redirects; empty if the page cannot know."""
        return "" if self._readable.url is None else str(self._readable.url)

    @property
    def redirected(self) -> bool:
        """Whether redirects were followed, as far as the page can know."""
        sent = [each for each in self.outcome.exchanges if not each.sent.preflight]
        return self._readable.url is not None and len(sent) > 1

    @property
    def body(self) -> bytes:
        """The body; empty if the page cannot read it."""
        return self._readable.body

    @property
    def text(self) -> str:
        """The body as text: UTF-8, whatever its type says, as pages have it."""
        return self.body.decode("utf-8-sig", "replace")

    def json(self) -> Any:
        """Return the body, which is JSON, as Python has it.

        :raises ValueError: if it is not JSON.
        """
        return json.loads(self.text)

    @property
    def exchanges(self) -> Exchanges:
        """What went over the wire for it, preflights included."""
        return Exchanges(
            each for each in self.outcome.exchanges if isinstance(each, PageExchange)
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Why a cookie was not sent or not kept, one sentence each."""
        return tuple(note for each in self.exchanges for note in each.notes)

    @property
    def explanation(self) -> str:
        """The messages that were exchanged, and what the page can read."""
        lines = [verdict(self.outcome)]
        for exchange in self.exchanges:
            lines += ["", *message_lines(exchange)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        status = status_text(self.status) if self.status else f"({self.type})"
        asked = next(each for each in self.exchanges if not each.sent.preflight)
        about = f"{status}, {plain(asked.sent.method)} {plain(str(asked.sent.url))}"
        notes = self.notes
        return f"<Reply {' '.join([about + ';' * bool(notes), *notes])}>"
