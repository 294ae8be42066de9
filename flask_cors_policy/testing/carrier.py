"""Carries the messages of pages to the application: with cookies, in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.errors import shown
from ..devtools.browser.cache import PreflightCache
from ..devtools.browser.cookies import CookieJar, CookieRefused
from ..devtools.browser.engines import Engine
from ..devtools.browser.outcome import Outcome
from ..devtools.browser.requests import Page, PageRequest, Received, Sent
from ..devtools.browser.urls import URL, parse_url
from ..devtools.exchanges import PageExchange
from ..devtools.explaining import Case, ServerInfo
from ..devtools.knowledge import info_after, knowledge_of
from ..devtools.playing import SeenRequest, described, policy_sees

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from ..core.request import CORSRequest

Send = Callable[[Sent], Received]


class Window:
    """The parts of a browser that its pages share.

    :ivar knowledge: what is known of the application.
    :ivar hosts: the hosts at which the application answers.
    """

    def __init__(
        self,
        app: WSGIApplication,
        send: Send,
        base: URL,
        engine: Engine,
        clock: Callable[[], float] | None,
    ) -> None:
        self.send = send
        self.knowledge = knowledge_of(app)
        self.hosts = {base.host}
        self.engine = engine
        self.waited = 0.0
        start = time.time()
        self._clock = clock or (lambda: start)
        self._base = base
        self.jar = CookieJar(engine, self.now)
        self.forget_preflights()

    def now(self) -> float:
        return self._clock() + self.waited

    def absolute(self, url: str) -> str:
        """Return *url* relative to the base; an invalid URL is returned as it is."""
        try:
            parsed = parse_url(url, self._base)
        except ValueError:
            return url
        self.hosts.add(parsed.host)
        return url if parsed.userinfo else str(parsed)

    def forget_preflights(self) -> None:
        self.preflights = PreflightCache(self.engine, self.now)


class Carrier:
    """Carries the messages of one request, with their cookies."""

    def __init__(self, window: Window, page: Page, credentials: str) -> None:
        self._window = window
        self._page = page
        self._credentials = credentials
        self.exchanges: list[PageExchange] = []
        self.errors: list[str] = []
        self._seen: list[SeenRequest | None] = []

    def send(self, sent: Sent) -> Received | None:
        """Send one message; note the exchange, also if the application raises.

        :return: ``None`` for a host at which the application does not answer.
        """
        sent, notes = self._with_cookies(sent)
        self.exchanges.append(PageExchange(sent, None, tuple(notes)))
        self.errors.append("")
        self._seen.append(None)
        if sent.url.host not in self._window.hosts:
            return None
        knowledge = self._window.knowledge
        with knowledge.errors() as errors, knowledge.seen(sent) as seen:
            received = self._window.send(sent)
        self._seen[-1] = seen[0] if seen else None
        if errors:
            self.errors[-1] = described(errors[0])
        notes += self._keep_cookies(sent, received)
        self.exchanges[-1] = PageExchange(sent, received, tuple(notes))
        return received

    def case(self, page: Page, request: PageRequest, outcome: Outcome) -> Case:
        """Return the case of a blocked request, to explain it."""
        knowledge = self._window.knowledge
        servers: list[ServerInfo] = []
        answered = zip(self.exchanges, self.errors, self._seen, strict=True)
        for exchange, error, seen in answered:
            known = ServerInfo()
            if exchange.sent.url.host in self._window.hosts:
                known = info_after(knowledge, exchange.sent, seen)
            servers.append(replace(known, error=error or known.error))
        return Case(page, request, outcome, tuple(servers), self._as_cors_request)

    def _as_cors_request(self, sent: Sent) -> CORSRequest:
        """Return what a policy sees of *sent*, with the cookies that were sent."""
        cookies = [
            ("Cookie", value)
            for exchange in self.exchanges
            for value in exchange.sent.values("Cookie")
        ]
        if sent.credentials:
            sent = replace(sent, headers=(*sent.headers, *cookies[:1]))
        return policy_sees(sent)

    def _with_cookies(self, sent: Sent) -> tuple[Sent, list[str]]:
        """Return *sent* with the cookies for it, and why others are not."""
        if sent.preflight:  # https://fetch.spec.whatwg.org/#cors-preflight-fetch
            return sent, []
        jar, page = self._window.jar, self._page
        cookies: list[str] = []
        notes: list[str] = []
        for cookie in jar.known_to(sent.url):
            why = self._without_credentials("sends no cookies to")
            if sent.credentials:
                why = jar.why_not_sent(cookie, sent.url, page.origin, page.top)
            if why:
                notes.append(f"cookie {shown(cookie.name)} was not sent: {why}")
            else:
                cookies.append(f"{cookie.name}={cookie.value}".removeprefix("="))
        if not cookies:
            return sent, notes
        headers = (*sent.headers, ("Cookie", "; ".join(cookies)))
        return replace(sent, headers=headers), notes

    def _keep_cookies(self, sent: Sent, received: Received) -> list[str]:
        """Keep the cookies of a response; return why others are not kept."""
        if sent.preflight:
            return []
        notes = []
        page = self._page
        for header in received.values("Set-Cookie"):
            try:
                if not sent.credentials:
                    why = self._without_credentials("keeps no cookies of")
                    raise CookieRefused(why)
                self._window.jar.take(header, sent.url, page.origin, page.top)
            except CookieRefused as error:
                name = header.partition(";")[0].partition("=")[0].strip()
                notes.append(f"cookie {shown(name)} was not kept: {error}")
        return notes

    def _without_credentials(self, does: str) -> str:
        other = "another origin" if self._credentials == "same-origin" else "anyone"
        return (
            f'with credentials: "{self._credentials}" a page {does} {other}. Have it '
            'use credentials: "include".'
        )
