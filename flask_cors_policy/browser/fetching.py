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

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace

from ..core.fetch_standard import (
    MAX_REDIRECTS,
    NON_WILDCARD_REQUEST_HEADERS,
    NULL_ORIGIN,
    ORIGIN,
    REDIRECT_STATUSES,
    REQUEST_BODY_HEADERS,
    REQUEST_HEADERS,
    REQUEST_METHOD,
    SAFELISTED_METHODS,
)
from .cache import PreflightCache
from .checks import Asked, allowed_lists, cors_check, preflight_check
from .engines import StreamUpload, StrippedAuthorization
from .metadata import metadata
from .opening import Opened, open_request
from .outcome import Exchange, Outcome, Readable, basic, cors
from .requests import HeaderPairs, Page, PageRequest, Received, Sent
from .rules import Rule, Step
from .safelist import unsafe_names
from .sites import farthest, relation
from .urls import URL, parse_url

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
        self._method = opened.method
        self._headers = opened.headers
        self._body = opened.body
        self._uses_preflight_flag = opened.uses_preflight_flag
        self._with_credentials = request.credentials == "include"
        self._tainting = "basic"
        self._tainted_origin = False
        self._stripped = False
        self._site = "same-origin"
        self._redirects = 0
        self._spared = False
        self._steps: list[Step] = []
        self._exchanges: list[Exchange] = []

    def run(self) -> Fetching:
        """Follow the request to its end."""
        while True:
            response = yield from self._hop()
            if response is None:
                return self._outcome(None)
            if not self._is_redirect(response):
                return self._outcome(self._filtered(response))
            if self._request.redirect == "manual":
                return self._outcome(Readable("opaqueredirect", 0))
            if not self._follow(response):
                return self._outcome(None)

    def _outcome(self, readable: Readable | None) -> Outcome:
        steps, exchanges = tuple(self._steps), tuple(self._exchanges)
        return Outcome(readable, steps, exchanges, self._spared)

    def _hop(self) -> Generator[Sent, Received | None, Received | None]:
        """Send one request; return its response unless a check fails.

        https://fetch.spec.whatwg.org/#concept-main-fetch and ``#concept-http-fetch``.
        """
        if not self._enter():
            return None
        asked = self._asked()
        cross_origin = self._tainting == "cors"
        if cross_origin and self._needs_preflight(asked):
            if self._covered(asked):
                self._spared = True
            elif not (yield from self._preflight(asked)):
                return None
        if not self._can_send_body():
            return None
        response = yield from self._send(self._actual())
        if response is not None and cross_origin:
            if not self._passed(cors_check(asked, response)):
                if self._engine.forgets_after_failure:
                    self._cache.forget(asked, str(self._url))
                return None
        return response

    def _enter(self) -> bool:
        """Say whether the page may ask at the present URL; set the tainting."""
        url, page = self._url, self._page
        self._site = farthest(self._site, relation(page.origin, url.origin))
        if page.origin.startswith("https:") and not url.is_trustworthy:
            found = f"The page is {page.origin}, the URL is {url}."
            return self._fail(Rule.MIXED_CONTENT, found, "Serve the API over https.")
        if url.origin == page.origin and self._tainting == "basic":
            return True
        if self._request.mode == "same-origin":
            found = f"The page is {page.origin}, the URL is {url}."
            fix = 'Have the page use mode "cors".'
            return self._fail(Rule.SAME_ORIGIN_MODE, found, fix)
        self._tainting = "cors" if self._request.mode == "cors" else "opaque"
        return True

    def _asked(self) -> Asked:
        names = unsafe_names(self._headers, self._engine)
        if self._after_stripping(StrippedAuthorization.NAMED):
            names = tuple(sorted({*names, *NON_WILDCARD_REQUEST_HEADERS}))
        return Asked(
            origin=self._origin(),
            method=self._method,
            unsafe_names=names,
            sets_authorization=bool(NON_WILDCARD_REQUEST_HEADERS & {*names}),
            credentials=self._with_credentials,
            uses_preflight_flag=self._uses_preflight_flag,
        )

    def _needs_preflight(self, asked: Asked) -> bool:
        return (
            asked.uses_preflight_flag
            or asked.method not in SAFELISTED_METHODS
            or bool(asked.unsafe_names)
            or self._after_stripping(StrippedAuthorization.PREFLIGHT)
        )

    def _covered(self, asked: Asked) -> bool:
        if self._request.cache == "no-store" and self._engine.no_store_asks_again:
            return False
        if self._after_stripping(StrippedAuthorization.PREFLIGHT):
            return False
        return self._cache.covers(asked, str(self._url))

    def _after_stripping(self, then: StrippedAuthorization) -> bool:
        """Say whether Authorization was stripped and the engine does *then*."""
        return self._stripped and self._engine.stripped_authorization is then

    def _preflight(self, asked: Asked) -> Generator[Sent, Received | None, bool]:
        """https://fetch.spec.whatwg.org/#cors-preflight-fetch; return the outcome."""
        if not self._engine.preflight_hides_tainted_origin:
            asked = replace(asked, origin=self._page.origin)
        headers: list[tuple[str, str]] = [
            ("Accept", "*/*"),
            (REQUEST_METHOD, asked.method),
        ]
        if asked.unsafe_names:
            headers.append((REQUEST_HEADERS, ",".join(asked.unsafe_names)))
        headers.append((ORIGIN, asked.origin))
        headers += metadata(self._page.origin, self._url, self._site, "cors")
        sent = Sent("OPTIONS", self._url, tuple(headers), preflight=True)
        response = yield from self._send(sent)
        if response is None:
            return False
        if not self._passed(preflight_check(asked, response, self._engine)):
            return False
        allowed = allowed_lists(asked, response)
        self._cache.store(asked, str(self._url), allowed, response)
        return True

    def _actual(self) -> Sent:
        """Return the request itself (``#concept-http-network-or-cache-fetch``)."""
        credentials = self._with_credentials or (
            self._request.credentials == "same-origin" and self._tainting == "basic"
        )
        headers, mode = [*self._headers], self._request.mode
        # https://fetch.spec.whatwg.org/#append-a-request-origin-header
        if self._tainting == "cors" or self._method not in ("GET", "HEAD"):
            headers.append((ORIGIN, self._origin()))
        headers += metadata(self._page.origin, self._url, self._site, mode)
        content = b"" if self._body is None else self._body.content
        return Sent(
            self._method,
            self._url,
            tuple(headers),
            content,
            credentials=credentials,
        )

    def _can_send_body(self) -> bool:
        if self._body is None or not self._body.stream:
            return True
        if self._engine.stream_upload is not StreamUpload.FAILS:
            return True
        found = f"{self._engine} sends no stream as a body over HTTP/1.1."
        fix = "Have the page send a string, a form or a Blob."
        return self._fail(Rule.STREAM_UPLOAD, found, fix)

    def _send(self, sent: Sent) -> Generator[Sent, Received | None, Received | None]:
        received = yield sent
        self._exchanges.append(Exchange(sent, received))
        if received is None:
            which = "the preflight" if sent.preflight else "the request"
            found = f"No response to {which} came from {sent.url.origin}."
            fix = "Look whether the server runs there, and into its log."
            self._fail(Rule.ANSWERED, found, fix)
        return received

    def _origin(self) -> str:
        """Return the request's origin (``#serializing-a-request-origin``)."""
        return NULL_ORIGIN if self._tainted_origin else self._page.origin

    def _is_redirect(self, response: Received) -> bool:
        """Say whether the page's redirect mode has something to decide about."""
        if response.status not in REDIRECT_STATUSES:
            return False
        # What leads nowhere is a response like any other, for a page that follows.
        return (
            self._request.redirect != "follow" or response.get("Location") is not None
        )

    def _follow(self, response: Received) -> bool:
        """Go where a redirect leads; say whether that is possible.

        https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
        """
        location = response.get("Location") or ""
        found = f"{self._url} redirects to {location!a} ({response.status})."
        if self._request.redirect == "error":
            fix = "Have the page ask for the final URL."
            return self._fail(Rule.REDIRECT_MODE, found, fix)
        try:
            target = parse_url(location, self._url)
        except ValueError:
            return self._fail(Rule.REDIRECT_TARGET, found, "Send a URL of the API.")
        if self._redirects == MAX_REDIRECTS:
            fix = "Look for a redirect that leads to itself."
            return self._fail(Rule.REDIRECT_COUNT, found, fix)
        foreign = self._tainting == "cors" or target.origin != self._page.origin
        if target.userinfo and self._request.mode == "cors" and foreign:
            fix = "Leave user name and password out of the URL."
            return self._fail(Rule.REDIRECT_USERINFO, found, fix)
        if response.status != 303 and self._body is not None and self._body.stream:
            fix = "Have the page ask for the final URL."
            return self._fail(Rule.REDIRECT_BODY, found, fix)
        self._redirects += 1
        self._turn_into_get(response.status)
        self._move_to(target)
        return True

    def _turn_into_get(self, status: int) -> None:
        """Drop method and body where a redirect does (step 11)."""
        posted = status in (301, 302) and self._method == "POST"
        other = status == 303 and self._method not in ("GET", "HEAD")
        if posted or other:
            self._method, self._body = "GET", None
            self._headers = _without(self._headers, REQUEST_BODY_HEADERS)

    def _move_to(self, target: URL) -> None:
        """Make *target* the present URL, with what crossing origins costs."""
        if target.origin != self._url.origin:
            kept = _without(self._headers, NON_WILDCARD_REQUEST_HEADERS)
            self._stripped = kept != self._headers
            self._headers = kept
            # https://fetch.spec.whatwg.org/#concept-request-tainted-origin
            if self._url.origin != self._page.origin:
                self._tainted_origin = True
        self._url = target

    def _filtered(self, response: Received) -> Readable:
        if self._tainting == "basic":
            return basic(response, self._url)
        if self._tainting == "cors":
            return cors(response, self._url, credentials=self._with_credentials)
        return Readable("opaque", 0)

    def _passed(self, steps: Iterable[Step]) -> bool:
        """Note *steps*; say whether the last of them, and so all, have passed."""
        for step in steps:
            self._note(step)
        return self._steps[-1].passed

    def _fail(self, rule: Rule, found: str, fix: str) -> bool:
        """Note the step that ends the request; return ``False``."""
        self._note(Step(rule, False, found, fix))
        return False

    def _note(self, step: Step) -> None:
        last = len(self._exchanges) - 1
        self._steps.append(replace(step, exchange=last if last >= 0 else None))


def _without(headers: HeaderPairs, names: frozenset[str]) -> HeaderPairs:
    return tuple(header for header in headers if header[0].lower() not in names)
