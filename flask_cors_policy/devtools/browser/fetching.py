"""Fetch, from a page's call to what the page gets: the protocol in its order.

The functions here open no connection. A :data:`Fetching` yields each request as it is
sent, is given the response, and returns an :class:`~.outcome.Outcome`:

1. what the page asks for is checked (https://fetch.spec.whatwg.org/#dom-request);
2. a request to another origin is preflighted, unless it is a simple one or the
   preflight cache covers it (``#concept-http-fetch``, ``#cors-preflight-fetch``);
3. it is sent, and its response put to the CORS check (``#cors-check``);
4. a redirect begins again at 2, with what it taints (``#concept-http-redirect-fetch``);
5. the page gets the filtered response (``#concept-filtered-response``).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from http import HTTPStatus

from ...core.fetch_standard import (
    ALLOW_ORIGIN,
    MAX_REDIRECTS,
    NON_WILDCARD_REQUEST_HEADERS,
    NULL_ORIGIN,
    ORIGIN,
    REQUEST_HEADERS,
    REQUEST_METHOD,
)
from .cache import PreflightCache
from .checks import REFUSALS, Asked, allowed_lists, cors_check, preflight_check
from .metadata import hides_origin, metadata
from .opening import Opened, open_request
from .outcome import Exchange, Outcome, Readable, Record, basic, cors
from .reachable import unreachable
from .redirects import Carried, is_redirect, target_of
from .requests import (
    HeaderPairs,
    Page,
    PageRequest,
    Received,
    Sent,
    without_empty_lines,
)
from .rules import Rule, Step
from .sites import farthest, relation
from .variants import StreamUpload

Fetching = Generator[Sent, Received | None, Outcome]
"""Yields what is sent, takes what comes back (``None`` for no response)."""


def fetch(page: Page, request: PageRequest, cache: PreflightCache) -> Fetching:
    """Do what the browser of *page* does with *request*.

    :param cache: what this browser remembers of earlier preflights; it is changed.
    """
    opened = open_request(page, request)
    if isinstance(opened, Step):
        return _refused(opened)
    return _Fetch(page, request, opened, cache).run()


def drive(fetching: Fetching, send: Callable[[Sent], Received | None]) -> Outcome:
    """Run *fetching* to its end, with *send* to carry each message."""
    try:
        sent = next(fetching)
        while True:
            sent = fetching.send(send(sent))
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome


def _refused(step: Step) -> Fetching:
    """Fail before anything is sent."""
    return Outcome(None, (step,), ())
    yield  # A generator like the other one.


class _Fetch:
    """One request, on its way."""

    def __init__(
        self, page: Page, request: PageRequest, opened: Opened, cache: PreflightCache
    ) -> None:
        self._page = page
        self._engine = page.engine
        self._request = request
        self._cache = cache
        self._url = opened.url
        self._carried = Carried(opened, page.engine)
        self._uses_preflight_flag = opened.uses_preflight_flag
        self._with_credentials = request.credentials == "include"
        self._tainting = "basic"
        self._tainted_origin = False
        self._sent_origin = False
        self._site = "same-origin"
        self._counts_as_credentialed = (
            page.engine.redirects_count_as_credentialed
            and opened.url.origin == page.origin
            and request.credentials == "same-origin"
        )
        names = {name.lower() for name, _ in opened.headers}
        self._conditional = request.cache == "default" and bool(
            names & page.engine.conditional_names
        )
        self._redirects = 0
        self._spared = False
        self._put_off: list[Step] = []
        self._record = Record()

    def run(self) -> Fetching:
        """Follow the request to its end."""
        while True:
            response = yield from self._hop()
            if response is None:
                return self._outcome(None)
            mode = self._request.redirect
            if not is_redirect(response, mode, self._engine):
                return self._outcome(self._filtered(response))
            if mode == "manual":
                # https://fetch.spec.whatwg.org/#concept-filtered-response-opaque-redirect
                return self._outcome(Readable("opaqueredirect", 0, url=self._url))
            if not self._follow(response):
                return self._outcome(None)

    def _outcome(self, readable: Readable | None) -> Outcome:
        steps, exchanges = self._record.steps, self._record.exchanges
        return Outcome(readable, tuple(steps), tuple(exchanges), self._spared)

    def _hop(self) -> Generator[Sent, Received | None, Received | None]:
        """Send one request; return its response unless a check fails.

        https://fetch.spec.whatwg.org/#concept-main-fetch and ``#concept-http-fetch``.
        """
        if not self._enter():
            return None
        asked = self._asked()
        if self._tainting == "cors" and self._carried.needs_preflight:
            self._carried.was_preflighted = True
            if not (yield from self._allowed(self._asked_first(asked))):
                return None
        put_off, self._put_off = self._put_off, []
        if not self._record.passed(put_off):
            return None
        if not self._can_send_body():
            return None
        response = yield from self._send(self._actual())
        if response is None or self._tainting != "cors":
            return response
        if not self._record.passed(cors_check(asked, response)):
            if self._engine.forgets_after_failure:
                self._cache.forget(self._asked_first(asked), self._url)
            return None
        if self._counts_as_credentialed:
            again = cors_check(replace(asked, credentials=True), response)
            self._put_off = [self._record.placed(step) for step in again]
        return response

    def _enter(self) -> bool:
        """Say whether the page may ask at the present URL; set the tainting."""
        url, page = self._url, self._page
        self._site = farthest(self._site, relation(page.origin, url.origin))
        step = unreachable(page.origin, url)
        if step is not None:
            self._record.note(step)
            return False
        if url.origin == page.origin and self._tainting == "basic":
            return True
        if self._request.mode == "same-origin":
            found = f"The page is {page.origin}, the URL is {url}."
            fix = 'Have the page use mode "cors".'
            return self._record.fail(Rule.SAME_ORIGIN_MODE, found, fix)
        if self._request.mode == "no-cors" and self._request.redirect != "follow":
            found = f'Mode "no-cors" takes no redirect mode "{self._request.redirect}".'
            fix = 'Have the page use mode "cors".'
            return self._record.fail(Rule.REQUEST_VALID, found, fix)
        self._tainting = "cors" if self._request.mode == "cors" else "opaque"
        return True

    def _asked(self) -> Asked:
        names = self._carried.unsafe_names
        return Asked(
            origin=self._origin(),
            method=self._carried.method,
            unsafe_names=names,
            sets_authorization=bool(NON_WILDCARD_REQUEST_HEADERS & {*names}),
            credentials=self._with_credentials,
            uses_preflight_flag=self._uses_preflight_flag,
            at_home=self._url.origin == self._page.origin,
            tainted=self._origin() != self._page.origin,
        )

    def _asked_first(self, asked: Asked) -> Asked:
        """Return what the preflight for *asked* asks."""
        if self._engine.preflight_hides_tainted_origin:
            return asked
        return replace(asked, origin=self._page.origin, tainted=False)

    def _allowed(self, asked: Asked) -> Generator[Sent, Received | None, bool]:
        """Say whether the request may be sent: by what is kept, or by asking."""
        again = self._conditional or (
            self._request.cache in self._engine.modes_asking_again
        )
        if not again and self._cache.covers(asked, self._url):
            self._spared = True
            return True
        return (yield from self._preflight(asked))

    def _preflight(self, asked: Asked) -> Generator[Sent, Received | None, bool]:
        """https://fetch.spec.whatwg.org/#cors-preflight-fetch; return the outcome."""
        headers: list[tuple[str, str]] = [
            ("Accept", "*/*"),
            (REQUEST_METHOD, asked.method),
        ]
        if asked.unsafe_names:
            headers.append((REQUEST_HEADERS, ",".join(asked.unsafe_names)))
        headers.append((ORIGIN, asked.origin))
        headers += self._metadata("cors")
        sent = Sent("OPTIONS", self._url, tuple(headers), preflight=True)
        response = yield from self._send(sent)
        if response is None:
            return False
        passed = self._record.passed(preflight_check(asked, response, self._engine))
        kept = passed or (
            self._engine.keeps_refusals and self._record.steps[-1].rule in REFUSALS
        )
        if kept and self._request.cache not in self._engine.modes_not_kept:
            allowed = allowed_lists(asked, response, self._engine)
            self._cache.store(asked, self._url, allowed, response)
        elif not kept and self._engine.forgets_after_refusal:
            self._cache.forget(asked, self._url)
        return passed

    def _metadata(self, mode: str) -> HeaderPairs:
        policy = self._request.referrer_policy
        return metadata(self._page, self._url, self._site, mode, policy)

    def _actual(self) -> Sent:
        """Return the request itself (``#concept-http-network-or-cache-fetch``)."""
        credentials = self._with_credentials or (
            self._request.credentials == "same-origin" and self._tainting == "basic"
        )
        carried = self._carried
        headers = [*carried.headers]
        # https://fetch.spec.whatwg.org/#append-a-request-origin-header
        if (
            self._tainting == "cors"
            or carried.method not in ("GET", "HEAD")
            or (self._sent_origin and self._engine.keeps_sent_origin)
        ):
            self._sent_origin = True
            hidden = hides_origin(self._page, self._request, self._url)
            headers.append((ORIGIN, NULL_ORIGIN if hidden else self._origin()))
        headers += self._metadata(self._request.mode)
        content = b"" if carried.body is None else carried.body.content
        return Sent(
            carried.method,
            self._url,
            tuple(headers),
            content,
            credentials=credentials,
        )

    def _can_send_body(self) -> bool:
        body = self._carried.body
        if body is None or not body.stream:
            return True
        if self._engine.stream_upload is not StreamUpload.FAILS:
            return True
        found = f"{self._engine} sends no stream as a body over HTTP/1.1."
        fix = "Have the page send a string, a form or a Blob."
        return self._record.fail(Rule.STREAM_UPLOAD, found, fix)

    def _send(self, sent: Sent) -> Generator[Sent, Received | None, Received | None]:
        received = yield sent
        if (
            received is not None
            and received.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
            and self._engine.refuses_proxy_status
        ):
            received = None
        self._record.exchanges.append(Exchange(sent, received))
        if received is None:
            which = "the preflight" if sent.preflight else "the request"
            found = f"No response to {which} came from {sent.url.origin}."
            fix = "Look whether the server runs there, and into its log."
            self._record.fail(Rule.ANSWERED, found, fix)
        elif self._engine.skips_empty_lines:
            received = without_empty_lines(received, but=ALLOW_ORIGIN)
        return received

    def _origin(self) -> str:
        """Return the request's origin (``#serializing-a-request-origin``)."""
        return NULL_ORIGIN if self._tainted_origin else self._page.origin

    def _follow(self, response: Received) -> bool:
        """Go where a redirect leads; say whether that is possible."""
        carried, engine = self._carried, self._engine
        target = target_of(response, self._url, self._request.redirect, engine)
        if isinstance(target, Step):
            self._record.note(target)
            return False
        found = f"{self._url} redirects to {target} ({response.status})."
        if self._redirects == MAX_REDIRECTS:
            fix = "Look for a redirect that leads to itself."
            return self._record.fail(Rule.REDIRECT_COUNT, found, fix)
        foreign = self._tainting == "cors" or target.origin != self._page.origin
        refused = engine.refuses_userinfo or (self._request.mode == "cors" and foreign)
        if target.userinfo and refused:
            fix = "Leave user name and password out of the URL."
            return self._record.fail(Rule.REDIRECT_USERINFO, found, fix)
        body = carried.body
        if response.status != 303 and body is not None and body.stream:
            fix = "Have the page ask for the final URL."
            return self._record.fail(Rule.REDIRECT_BODY, found, fix)
        self._redirects += 1
        crosses = target.origin != self._url.origin
        carried.redirect(
            response.status,
            crosses_origins=crosses,
            leads_home=target.origin == self._page.origin,
        )
        # https://fetch.spec.whatwg.org/#concept-request-tainted-origin
        at_once = engine.redirects_hide_origin and self._request.mode == "no-cors"
        if crosses and (at_once or self._url.origin != self._page.origin):
            self._tainted_origin = True
        self._sent_origin = self._sent_origin and not crosses
        self._url = target
        return True

    def _filtered(self, response: Received) -> Readable:
        if self._engine.skips_empty_lines:
            response = without_empty_lines(response)
        if self._tainting == "basic":
            return basic(response, self._url)
        if self._tainting == "cors":
            return cors(response, self._url, credentials=self._with_credentials)
        return Readable("opaque", 0)
