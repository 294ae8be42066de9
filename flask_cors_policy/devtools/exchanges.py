"""What went over the wire, for people: HTTP messages, and what became of cookies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, SupportsIndex, overload

from ..core.errors import plain
from .browser.outcome import Exchange
from .browser.text import exchange_lines

# Of an error page in HTML only the words are of use here.
_MARKUP: Final = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL)
_READ: Final = 10_000
_SHOWN: Final = 160


@dataclass(frozen=True, slots=True)
class PageExchange(Exchange):
    """One request and its response, the Cookie header included.

    :param notes: why a cookie was not sent or not stored, one sentence each.
    """

    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join(message_lines(self))

    @property
    def summary(self) -> str:
        """The exchange in one line: ``PUT https://api.example.com/items 200``."""
        sent, received = self.sent, self.received
        status = "no response" if received is None else str(received.status)
        return f"{plain(sent.method)} {plain(str(sent.url))} {status}"


class Exchanges(tuple[PageExchange, ...]):
    """Several exchanges, in their order; ``print()`` shows them as HTTP messages."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n\n".join(map(str, self))

    def __repr__(self) -> str:
        count = len(self)
        summaries = "; ".join(exchange.summary for exchange in self)
        return f"<{count} exchange{'s' * (count != 1)}{': ' * bool(count)}{summaries}>"

    @overload
    def __getitem__(self, index: SupportsIndex) -> PageExchange: ...

    @overload
    def __getitem__(self, index: slice) -> Exchanges: ...

    def __getitem__(self, index: SupportsIndex | slice) -> PageExchange | Exchanges:
        found = super().__getitem__(index)
        return found if isinstance(found, PageExchange) else Exchanges(found)


def message_lines(exchange: Exchange) -> Iterator[str]:
    """Yield an exchange as HTTP messages, with the reasons for missing cookies.

    Of an error the beginning of its body is among them: it may say what the error is.
    """
    yield from exchange_lines(exchange)
    if exchange.received is not None and exchange.received.status >= 400:
        text = exchange.received.body[:_READ].decode(errors="replace")
        words = " ".join(_MARKUP.sub(" ", text).split())
        if words:
            yield f"  < [{plain(words, _SHOWN)}]"
    if isinstance(exchange, PageExchange):
        for reason in exchange.notes:
            yield f"  -- {reason}"
