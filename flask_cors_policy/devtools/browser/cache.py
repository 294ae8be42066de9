"""The preflight cache: what need not be asked again.

https://fetch.spec.whatwg.org/#concept-cache. An entry is for one page origin, one URL
with its query, and one method or one header name; a complete answer makes one for each
item it lists, so that later requests to that URL need no preflight of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from ...core.fetch_standard import (
    DEFAULT_MAX_AGE,
    MAX_AGE,
    NON_WILDCARD_REQUEST_HEADERS,
    NULL_ORIGIN,
    WILDCARD,
)
from .checks import Allowed, Asked
from .engines import STANDARD, Engine
from .requests import Received
from .urls import URL

_DIGITS: Final = re.compile(r"[0-9]+")
_METHOD: Final = "method"
_HEADER: Final = "header"
_ANY: Final = "anything"


class _Entry(NamedTuple):
    """What one entry allows: a method, or a header name in lower case."""

    origin: str
    url: URL
    credentials: bool
    kind: str
    item: str


class PreflightCache:
    """What answers to preflights have allowed, for all pages of one browser.

    :param engine: the browser.
    :param clock: returns seconds, from any start on; left out, no time passes.
    """

    def __init__(
        self,
        engine: Engine = STANDARD,
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.engine = engine
        self._clock = clock
        self._ends: dict[_Entry, float] = {}

    def covers(self, asked: Asked, url: URL) -> bool:
        """Say whether the request may go without a preflight of its own.

        https://fetch.spec.whatwg.org/#concept-http-fetch, the conditions under
        makeCORSPreflight.
        """
        covered = self._covers(asked, url)
        if not covered and self.engine.one_answer_each:
            self.forget(asked, url)
        return covered

    def _covers(self, asked: Asked, url: URL) -> bool:
        flagged = asked.uses_preflight_flag and self.engine.looks_up_flagged_methods
        if flagged or asked.method not in self.engine.methods_safe_when_kept:
            if not self._has(asked, url, _METHOD, asked.method):
                return False
        elif not asked.unsafe_names:
            # A preflight for nothing in particular: any answer is one to it.
            return self._has(asked, url, _ANY, "")
        return all(
            self._has(asked, url, _HEADER, name, self._wildcard_for(name))
            for name in asked.unsafe_names
        )

    def store(
        self, asked: Asked, url: URL, allowed: Allowed, response: Received
    ) -> None:
        """Keep what the answer to a preflight allows, as long as it says.

        https://fetch.spec.whatwg.org/#cors-preflight-fetch, steps 8 and on.
        """
        engine = self.engine
        if asked.origin == NULL_ORIGIN:
            kept = engine.keeps_for_null_pages
            if asked.tainted:
                kept = engine.keeps_after_tainting
            if not kept:
                return
        age = self.max_age(response)
        if age == 0 and engine.keeps_nothing_for_zero:
            return
        if engine.one_answer_each:
            self.forget(asked, url)
        end = self._clock() + age
        methods, headers = set(allowed.methods), set(allowed.headers)
        if not engine.wildcard_entries:
            methods.discard(WILDCARD)
            headers.discard(WILDCARD)
        place = (asked.origin, url, asked.credentials)
        self._ends[_Entry(*place, _ANY, "")] = end
        for method in methods:
            self._ends[_Entry(*place, _METHOD, method)] = end
        for name in headers:
            self._ends[_Entry(*place, _HEADER, name.lower())] = end

    def forget(self, asked: Asked, url: URL) -> None:
        """Drop what is kept for a page and a URL (``#concept-cache-clear``)."""
        self._ends = {
            entry: end
            for entry, end in self._ends.items()
            if (entry.origin, entry.url) != (asked.origin, url)
        }

    def max_age(self, response: Received) -> int:
        """Return for how many seconds an answer to a preflight is kept.

        ``#http-access-control-max-age``: digits; what is no number counts as left out.
        """
        engine = self.engine
        values = response.values(MAX_AGE)
        if not any(values):
            return DEFAULT_MAX_AGE
        digits = values[0]
        if engine.max_age_takes_plus:
            digits = digits.removeprefix("+")
        if engine.negative_max_age_is_zero and digits.startswith("-"):
            largest = engine.largest_max_age
            negative = digits[1:].lstrip("0")
            if largest is not None and _exceeds(negative, largest + 1):
                return engine.invalid_max_age
            return 0
        if len(values) > 1 or _DIGITS.fullmatch(digits) is None:
            return engine.invalid_max_age
        # As text, because a number may have more digits than Python converts.
        largest = engine.largest_max_age
        significant = digits.lstrip("0")
        if largest is not None and _exceeds(significant, largest):
            return engine.invalid_max_age
        cap = engine.max_age_cap
        if cap is not None and _exceeds(significant, cap):
            return cap
        return int(significant[:_MOST_DIGITS] or "0")

    def _has(
        self,
        asked: Asked,
        url: URL,
        kind: str,
        item: str,
        wildcard: str | None = WILDCARD,
    ) -> bool:
        """Say whether *item* is allowed; or, without credentials, *wildcard*."""
        now, engine = self._clock(), self.engine

        def kept(credentials: bool, name: str) -> bool:
            entry = _Entry(asked.origin, url, credentials, kind, name)
            return self._ends.get(entry, now) > now

        # ``#concept-cache-match``: what was allowed with credentials is allowed
        # without them, and never the other way round.
        shared = asked.credentials or engine.shares_credentialed_entries
        if kept(asked.credentials, item) or (shared and kept(True, item)):
            return True
        if wildcard is None or asked.credentials:
            return False
        shared = shared and engine.wildcard_of_credentialed
        return kept(False, wildcard) or (shared and kept(True, wildcard))

    def _wildcard_for(self, name: str) -> str | None:
        """Return ``*`` where an entry for it covers the header *name*."""
        if name not in NON_WILDCARD_REQUEST_HEADERS:
            return WILDCARD
        return WILDCARD if self.engine.kept_wildcard_covers_authorization else None


_MOST_DIGITS: Final = 18
"""Digits read of an Access-Control-Max-Age: more than a browser will ever run."""


def _exceeds(digits: str, number: int) -> bool:
    """Say whether *digits*, without leading zeros, are more than *number*."""
    limit = str(number)
    return (len(digits), digits) > (len(limit), limit)
