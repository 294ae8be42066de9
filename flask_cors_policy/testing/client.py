"""A page in a browser, for tests of an API: no socket, no real browser.

.. code-block:: python

    page = Browser(app, origin="https://app.example.com")
    reply = page.fetch("/items/1", method="PUT", json={"name": "Ada"})
    assert reply.ok
    assert reply.headers["ETag"]            # only what the page could read
    with pytest.raises(CORSBlocked, match="method-not-allowed"):
        page.fetch("/items/1", method="DELETE")

What the browser does is in ``flask_cors_policy.devtools.browser``; here it gets
cookies, a clock, and a WSGI application to talk to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ..core.errors import plain, shown
from ..devtools import journal
from ..devtools.browser.cookies import Cookie, CookieRefused
from ..devtools.browser.engines import ENGINES, STANDARD, Engine
from ..devtools.browser.fetching import drive, fetch
from ..devtools.browser.outcome import Outcome
from ..devtools.browser.requests import Body, Page, PageRequest
from ..devtools.browser.urls import parse_url
from ..devtools.exchanges import Exchanges, PageExchange
from ..devtools.explaining import explained
from ..devtools.wsgi_client import BASE_URL, send_to
from .blocked import CORSBlocked
from .bodies import UNSET, Data, File, build_body
from .carrier import Carrier, Window
from .reply import Reply

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MOST_TOLD: Final = 10
"""Exchanges, the last ones, in the report of a failed test."""


class Browser:
    """A page of one origin, in a browser of its own.

    :param app: any WSGI application. It answers at the hosts of *base_url* and of the
        URLs that ``fetch`` is given; a redirect to another host gets no answer.
    :param origin: of the page: ``https://app.example.com``; ``"null"`` is that of a
        sandboxed frame.
    :param base_url: where *app* is; the URLs that ``fetch`` takes are relative to it.
    :param engine: the browser, or its name in ``devtools.browser.ENGINES``; the
        standard itself if left out, which is the strictest.
    :param clock: returns seconds since the epoch. Left out, time stands still, but for
        ``wait``.
    :param top: the origin of the page in the address bar, if the page is a frame in it:
        a frame of another site sends fewer cookies, also to the API of its own site.
    :param raise_exceptions: whether the test gets what *app* raises. If not, the page
        gets what a server answers: a 500, without a header of the application.
    :ivar origin: see above.
    :raises ValueError: if *origin*, *top* or *base_url* is none, with what to write.
    """

    def __init__(
        self,
        app: WSGIApplication,
        origin: str,
        base_url: str = BASE_URL,
        engine: Engine | str = STANDARD,
        clock: Callable[[], float] | None = None,
        *,
        top: str = "",
        raise_exceptions: bool = True,
    ) -> None:
        send = send_to(app, raise_exceptions=raise_exceptions)
        window = Window(app, send, parse_url(base_url), _engine(engine), clock)
        self._begin(window, origin, top)

    def _begin(self, window: Window, origin: str, top: str) -> None:
        self._window = window
        self._page = Page(origin, window.engine, top)
        self._exchanges: list[PageExchange] = []
        journal.keep(f"page {origin}", lambda: str(self.exchanges[-MOST_TOLD:]))

    def open(self, origin: str, *, top: str = "") -> Browser:
        """Return another page in the same browser.

        It shares the cookies, what preflights have allowed, and the clock.

        :param top: as for the first page.
        """
        page = Browser.__new__(Browser)
        page._begin(self._window, origin, top)
        return page

    @property
    def origin(self) -> str:
        """The page's origin, serialised."""
        return self._page.origin

    def fetch(
        self,
        url: str,
        method: str = "GET",
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        *,
        credentials: str = "same-origin",
        json: object = UNSET,
        data: Data | None = None,
        files: Mapping[str, File] | None = None,
        body: Body | None = None,
        mode: str = "cors",
        redirect: str = "follow",
        cache: str = "default",
        upload_listener: bool = False,
        referrer_policy: str = "",
    ) -> Reply:
        """Do what ``fetch()`` does in a page (https://fetch.spec.whatwg.org/#dom-fetch).

        :param url: absolute, or relative to ``base_url``.
        :param method: as the page writes it.
        :param headers: those the page sets. A browser drops some of them.
        :param credentials: ``same-origin``, as browsers have it: no cookies to another
            origin; ``include`` or ``omit``.
        :param json: sent as JSON, with the Content-Type that says so.
        :param data: text, bytes, or the fields of a form.
        :param files: the files of a form: bytes, ``(name, bytes)`` or
            ``(name, bytes, type)`` by field.
        :param body: a body of any other kind.
        :param mode: ``cors``, ``no-cors`` or ``same-origin``.
        :param redirect: ``follow``, ``error`` or ``manual``.
        :param cache: the cache mode. There is no HTTP cache here, but some browsers
            preflight again for ``no-store``.
        :param upload_listener: whether the page watches its upload (XMLHttpRequest).
        :param referrer_policy: of the page or the request; with ``no-referrer`` most
            browsers send ``Origin: null`` with a POST that is not a CORS request.
        :return: what the page gets.
        :raises CORSBlocked: if it gets a TypeError instead.
        :raises TypeError: if more than one body is given.
        :raises ValueError: if a mode is not one of those.
        :raises Exception: whatever the application raises.
        """
        __tracebackhide__ = True  # pytest then shows the test's own line alone.
        pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
        request = PageRequest(
            self._window.absolute(url),
            method,
            tuple((str(name), str(value)) for name, value in pairs),
            build_body(json, data, files, body),
            mode,
            credentials,
            redirect,
            cache,
            upload_listener,
            referrer_policy,
        )
        carrier = Carrier(self._window, self._page, request.credentials)
        outcome = self._run(request, carrier)
        if outcome.failure is not None:
            case = carrier.case(self._page, request, outcome)
            raise CORSBlocked(explained(case), self._call(request))
        return Reply(outcome)

    @property
    def exchanges(self) -> Exchanges:
        """What this page has sent and received so far."""
        return Exchanges(self._exchanges)

    @property
    def preflights(self) -> Exchanges:
        """The preflights among ``exchanges``."""
        return Exchanges(each for each in self._exchanges if each.sent.preflight)

    @property
    def cookies(self) -> Mapping[str, Cookie]:
        """All cookies of the browser by name, also those no script can read.

        Of several with one name (for other hosts or paths) the last that was set.
        """
        return MappingProxyType({each.name: each for each in self._window.jar})

    def set_cookie(
        self,
        name: str,
        value: str = "",
        *,
        url: str = "/",
        domain: str | None = None,
        path: str = "/",
        secure: bool = False,
        http_only: bool = False,
        same_site: str | None = None,
        max_age: int | None = None,
        partitioned: bool = False,
    ) -> None:
        """Set a cookie, as a visit to the API itself would have set it.

        :param url: what was visited, relative to ``base_url``.
        :param same_site: ``None`` leaves it out, which counts as ``Lax``.
        :param max_age: seconds.
        :param partitioned: sent from pages of this site only, in most browsers.
        :raises ValueError: if no browser keeps such a cookie; it says why.
        """
        settings = {"Domain": domain, "Path": path, "SameSite": same_site}
        settings["Max-Age"] = None if max_age is None else str(max_age)
        parts = [f"{key}={text}" for key, text in settings.items() if text is not None]
        flags = ["Secure"] * secure + ["HttpOnly"] * http_only
        flags += ["Partitioned"] * partitioned
        visited = parse_url(self._window.absolute(url))
        header = "; ".join([f"{name}={value}", *parts, *flags])
        try:
            self._window.jar.take(header, visited, visited.origin)
        except CookieRefused as error:
            raise CookieRefused(f"cookie {shown(name)}: {error}") from None

    def forget_cookies(self) -> None:
        """Forget all cookies of the browser."""
        self._window.jar.clear()

    def forget_preflights(self) -> None:
        """Forget what preflights have allowed, so that the next request asks again."""
        self._window.forget_preflights()

    def wait(self, seconds: float) -> None:
        """Let time pass, for all pages of the browser."""
        self._window.waited += seconds

    def __repr__(self) -> str:
        return f"<Browser at {self.origin}, {self._window.engine}>"

    def _run(self, request: PageRequest, carrier: Carrier) -> Outcome:
        try:
            steps = fetch(self._page, request, self._window.preflights)
            outcome = drive(steps, carrier.send)
        finally:
            self._exchanges += carrier.exchanges
        return replace(outcome, exchanges=tuple(carrier.exchanges))

    def _call(self, request: PageRequest) -> str:
        """Say in one sentence what the page has asked for."""
        engine = self._page.engine
        where = "" if engine == STANDARD else f" in {engine}"
        call = f"{plain(request.method)} {plain(request.url, 200)}"
        defaults = PageRequest(request.url)
        options = [
            f'{option}: "{getattr(request, option)}"'
            for option in ("mode", "credentials", "redirect", "cache")
            if getattr(request, option) != getattr(defaults, option)
        ]
        told = f", with {', '.join(options)}" if options else ""
        return f"The page at {self.origin}{where} requests {call}{told}."


def _engine(engine: Engine | str) -> Engine:
    if isinstance(engine, Engine):
        return engine
    if engine not in ENGINES:
        choice = ", ".join(map(repr, ENGINES))
        raise ValueError(f"engine = {shown(engine)}: write one of {choice}")
    return ENGINES[engine]
