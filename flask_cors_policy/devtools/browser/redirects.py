"""Redirects: what one is, where it leads, and what goes along.

https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
"""

from __future__ import annotations

from ...core.fetch_standard import (
    NON_WILDCARD_REQUEST_HEADERS,
    REQUEST_BODY_HEADERS,
    SAFELISTED_METHODS,
)
from .engines import Engine
from .opening import Opened
from .requests import Body, HeaderPairs, Received
from .rules import Rule, Step
from .safelist import unsafe_names
from .urls import URL, parse_url
from .variants import EmptyLocation, RedirectedPreflight


def is_redirect(response: Received, mode: str, engine: Engine) -> bool:
    """Say whether a page's redirect mode has something to decide about.

    What leads nowhere is a response like any other, for a page that follows.
    """
    if response.status not in engine.redirect_statuses:
        return False
    location = response.get("Location")
    if mode == "manual":
        return True
    if mode == "error" and engine.redirect_needs_location:
        return bool(location)
    if location == "" and engine.empty_location is EmptyLocation.NO_REDIRECT:
        return False
    return mode == "error" or location is not None


def target_of(response: Received, url: URL, mode: str, engine: Engine) -> URL | Step:
    """Return where *response*, which came from *url*, leads, or the step that fails."""
    location = response.get("Location") or ""
    found = f"{url} redirects to {location!a} ({response.status})."
    if mode == "error":
        fix = "Have the page ask for the final URL."
        return Step(Rule.REDIRECT_MODE, False, found, fix)
    fix = "Send a URL of the API."
    if not location and engine.empty_location is EmptyLocation.FAILURE:
        return Step(Rule.REDIRECT_TARGET, False, found, fix)
    try:
        target = parse_url(location, url)
    except ValueError:
        found += " A fetch follows http and https only."
        return Step(Rule.REDIRECT_TARGET, False, found, fix)
    if target.fragment is None:
        return target._replace(fragment=url.fragment)
    return target


class Carried:
    """Method, headers and body of a request, from redirect to redirect."""

    def __init__(self, opened: Opened, engine: Engine) -> None:
        self.method = opened.method
        self.headers: HeaderPairs = opened.headers
        self.body: Body | None = opened.body
        self.was_preflighted = False
        self._engine = engine
        self._flag = opened.uses_preflight_flag
        self._page_headers = opened.headers
        self._page_method = opened.method
        self._dropped: set[str] = set()

    @property
    def unsafe_names(self) -> tuple[str, ...]:
        """The names that a preflight asks for."""
        kind = self._engine.redirected_preflight
        if kind is RedirectedPreflight.ANEW:
            return unsafe_names(self.headers, self._engine)
        names = unsafe_names(self._page_headers, self._engine)
        if kind is RedirectedPreflight.FOR_ALL:
            return names
        return tuple(name for name in names if name not in self._dropped)

    @property
    def needs_preflight(self) -> bool:
        """Whether a preflight goes before this, where it is a CORS request."""
        if self._flag or self.method not in SAFELISTED_METHODS or self.unsafe_names:
            return True
        if self._engine.redirected_preflight is RedirectedPreflight.ANEW:
            return False
        return self.was_preflighted or bool(
            unsafe_names(self._page_headers, self._engine)
        )

    def redirect(self, status: int, *, crosses_origins: bool, leads_home: bool) -> None:
        """Become what a redirect makes of this.

        :param crosses_origins: whether it leads to another origin.
        :param leads_home: whether it leads to the page's own.
        """
        self._dropped.clear()
        missing = {name.lower() for name, _ in self._page_headers}
        missing -= {name.lower() for name, _ in self.headers}
        restored = missing & self._engine.restored_headers
        self.headers += tuple(
            header for header in self._page_headers if header[0].lower() in restored
        )
        deleted = crosses_origins and self.method == "DELETE"
        if _becomes_get(status, self.method):
            self.method, self.body = "GET", None
            self._dropped |= REQUEST_BODY_HEADERS
        elif deleted and self._engine.crossing_delete_becomes_get:
            self.method, self.body = "GET", None
        if crosses_origins:  # Step 12.
            self._dropped |= NON_WILDCARD_REQUEST_HEADERS
        if not leads_home:
            self._dropped |= self._engine.dropped_by_redirects
        dropped = self._dropped
        if self._engine.drops_for_first_method:
            if _becomes_get(status, self._page_method):
                dropped = dropped | REQUEST_BODY_HEADERS
        self.headers = tuple(
            header for header in self.headers if header[0].lower() not in dropped
        )


def _becomes_get(status: int, method: str) -> bool:
    """Say whether a redirect turns *method* into GET, and takes its body (step 11)."""
    if status == 303:
        return method not in ("GET", "HEAD")
    return status in (301, 302) and method == "POST"
