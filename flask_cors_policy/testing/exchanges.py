"""What went over the wire, for people: HTTP messages, and what became of cookies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import SupportsIndex, overload

from ..browser.outcome import Exchange
from ..browser.text import exchange_lines
from ..core.errors import plain


@dataclass(frozen=True, slots=True)
class PageExchange(Exchange):
    """One request and its response, the Cookie header included.

    :param remarks: why a cookie was not sent or not kept, one sentence each.
    """

    remarks: tuple[str, ...] = ()

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
    """Yield an exchange as HTTP messages, with its remarks."""
    yield from exchange_lines(exchange)
    if isinstance(exchange, PageExchange):
        for remark in exchange.remarks:
            yield f"  -- {remark}"
