"""The URL under attack: what is sent to it, and what was found so far."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from ...core.fetch_standard import (
    ALLOW_CREDENTIALS,
    ALLOW_ORIGIN,
    ORIGIN,
    REQUEST_HEADERS,
    REQUEST_METHOD,
    WILDCARD,
)
from ..browser.outcome import Exchange
from ..browser.requests import HeaderPairs, Received, Sent
from ..browser.urls import URL
from ..findings import Evidence, Finding, Severity
from .flaws import FLAWS

Send = Callable[[Sent], Received]

PROBE: Final = "cors-probe"
"""Names the parameter that keeps caches from answering one request like another."""
_PROBED: Final = re.compile(rb"cors-probe=[0-9a-z]+")


class OutOfTime(ValueError):
    """Raised by a ``Send``: there is no time for more requests."""


class Target:
    """A URL, and everything that an attack learns about it.

    :param send: carries a message there and its answer back.
    :param method: of actual requests; it must be harmless to send it many times.
    :param headers: what stands on every request, to log in for instance.
    :param ignored: ids of flaws that are not to be reported.
    :param token: the beginning of what makes the URL of each request different.
    :ivar plain: the answer to a request without Origin.
    """

    def __init__(
        self,
        send: Send,
        url: URL,
        method: str,
        headers: HeaderPairs,
        ignored: frozenset[str],
        token: str = "",
    ) -> None:
        self.url = url
        self.method = method
        self.requests = 0
        self.findings: dict[str, Finding] = {}
        self._send = send
        self._headers = headers
        self._ignored = ignored
        self._token: str | None = token
        self._always_fails = True  # Until that is known.
        self.plain = self.request()
        if answer(self.plain).status >= 400:
            self._without_parameter()
        self._always_fails = answer(self.plain).status >= 500

    def _without_parameter(self) -> None:
        """Leave the parameter out, if the server refuses parameters."""
        token, self._token = self._token, None
        plain = self.request()
        if answer(plain).status < answer(self.plain).status:
            self.plain = plain
        else:
            self._token = token

    @property
    def has_cookie(self) -> bool:
        """Whether the caller's headers log in with a cookie."""
        return any(name.lower() == "cookie" for name, _ in self._headers)

    def request(
        self,
        origin: str | None = None,
        *more: tuple[str, str],
        url: URL | None = None,
        method: str = "",
    ) -> Exchange:
        """Send an actual request."""
        headers = [("Accept", "*/*"), *self._headers, *more]
        if origin is not None:
            headers.append((ORIGIN, origin))
        return self._exchange(method or self.method, url or self.url, headers)

    def preflight(
        self,
        origin: str,
        *more: tuple[str, str],
        method: str = "PUT",
        names: str = "x-probe",
    ) -> Exchange:
        """Send a preflight, which carries no credentials."""
        asked = ((REQUEST_METHOD, method), (REQUEST_HEADERS, names))
        headers = [("Accept", "*/*"), *asked, (ORIGIN, origin), *more]
        return self._exchange("OPTIONS", self.url, headers)

    def found(self, flaw: str, sent: str, exchange: Exchange) -> None:
        """Note a finding; the first of its kind is enough."""
        if flaw not in self._ignored:
            self.findings.setdefault(flaw, self._finding(flaw, sent, exchange))

    def allowing(self, origin: str) -> Exchange | None:
        """Return the exchange in which *origin* is allowed by its own name."""
        exchange = self.request(origin)
        if allows(exchange, origin):
            return exchange
        exchange = self.preflight(origin)
        return exchange if allows(exchange, origin) else None

    def try_origin(self, flaw: str, origin: str) -> bool:
        """Say whether *origin* is allowed, which it should not be."""
        exchange = self.allowing(origin)
        if exchange is not None:
            self.found(flaw, f"Origin: {origin}", exchange)
        return exchange is not None

    def _finding(self, flaw: str, sent: str, exchange: Exchange) -> Finding:
        row = FLAWS[flaw]
        severity: Severity = row.severity
        if answer(exchange).get(ALLOW_CREDENTIALS) == "true":
            severity = row.with_credentials
        evidence = Evidence(row, sent, exchange)
        return Finding(
            flaw, severity, str(self.url), row.title, row.fix, evidence=evidence
        )

    def _different(self, url: URL) -> URL:
        """Return *url* with a parameter, so that no cache has an answer to it.

        And so that no answer is kept that somebody else could get.
        """
        if self._token is None:
            return url
        query = f"{url.query}&" if url.query else ""
        probe = f"{PROBE}={self._token}{self.requests:03}"
        return url._replace(query=f"{query}{probe}")

    def _exchange(
        self, method: str, url: URL, headers: Iterable[tuple[str, str]]
    ) -> Exchange:
        url = self._different(url)
        sent = Sent(method, url, tuple(headers), preflight=method == "OPTIONS")
        received = self._send(sent)
        self.requests += 1
        exchange = Exchange(sent, received)
        if received.status >= 500 and not self._always_fails:
            self.found("request-crashes", _odd_header(sent), exchange)
        return exchange


def same_body(exchange: Exchange, other: Exchange) -> bool:
    """Say whether two responses have one body, but for the parameter of the URL."""
    bodies = (_PROBED.sub(b"", answer(each).body) for each in (exchange, other))
    return next(bodies) == next(bodies)


def answer(exchange: Exchange) -> Received:
    """Return the response, which in an attack always came."""
    assert exchange.received is not None
    return exchange.received


def allows(exchange: Exchange, origin: str) -> bool:
    """Say whether a response allows *origin* by its own name."""
    return answer(exchange).get(ALLOW_ORIGIN) == origin


def is_open_to(exchange: Exchange, origin: str) -> bool:
    """Say whether a response allows *origin*, by its own name or as anybody's."""
    return answer(exchange).get(ALLOW_ORIGIN) in (origin, WILDCARD)


def _odd_header(sent: Sent) -> str:
    """Name what is most likely to be the trouble with a request."""
    names = (REQUEST_METHOD, ORIGIN) if sent.preflight else (ORIGIN,)
    shown = [f"{name}: {value}" for name in names for value in sent.values(name)]
    return ", ".join(shown) or str(sent.url)
