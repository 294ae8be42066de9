"""Where browsers differ from the standard, and from each other: one table.

Each field of :class:`Engine` is one difference that was seen, in the versions that the
table names. ``STANDARD`` differs in nothing; it is also the strictest about
Authorization, and so the one to test an API with.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class StreamUpload(Enum):
    """What becomes of a stream given as a body, over HTTP/1.1."""

    SENT = "the request is sent"
    FAILS = "a preflight is sent, and then the request fails"
    AS_TEXT = "what is sent is the text that the object converts to"
    REFUSED = "nothing is sent"


class StrippedAuthorization(Enum):
    """What a redirect to another origin leaves of an Authorization that it strips."""

    NOTHING = "no preflight"
    PREFLIGHT = "a preflight that names no header"
    NAMED = "a preflight that names authorization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What one browser engine does where the standard, or practice, leaves a choice.

    :param name: of the engine.
    :param version: in which this was seen; empty for the standard.
    :param wildcard_covers_authorization: ``Access-Control-Allow-Headers: *`` lets a
        request with Authorization through (``#cors-non-wildcard-request-header-name``
        says it does not).
    :param max_age_cap: seconds; the answer to a preflight is not kept longer.
        Documented by the engines, too long to be seen in a test.
    :param invalid_max_age: seconds for which the answer is kept whose
        Access-Control-Max-Age is there but not valid.
    :param negative_max_age_is_zero: ``-1`` is 0, and not invalid.
    :param max_age_takes_plus: ``+60`` is 60.
    :param largest_max_age: a larger number is not valid; ``None`` takes any.
    :param shares_credentialed_entries: what a preflight with credentials allowed is
        used without them (``#concept-cache-match``).
    :param wildcard_entries: ``*`` is kept as ``*``, and not as what was asked for.
    :param forgets_after_failure: what a preflight allowed is dropped when the response
        after it fails the CORS check.
    :param no_store_asks_again: a request with cache mode ``no-store`` does without
        what earlier preflights allowed.
    :param preflight_hides_tainted_origin: after a redirect across origins, the
        preflight has ``Origin: null`` as the request after it has.
    :param stripped_authorization: see there.
    :param safelisted_names: names, in lower case, that need no preflight beside the
        standard's.
    :param ignored_names: names, in lower case, that a page sets in vain.
    :param accept_takes_non_ascii: bytes above 0x7F in Accept are safe.
    :param suffix_range_safelisted: ``Range: bytes=-10`` needs no preflight.
    :param descending_range_safelisted: nor does ``bytes=10-0``.
    :param range_unit_in_any_case: nor does ``Bytes=0-10``.
    :param drops_method_overrides: X-HTTP-Method-Override and its like cannot name a
        forbidden method.
    :param stream_upload: see there.
    :param third_party_cookies: cookies are sent to other sites.
    """

    name: str
    version: str = ""
    wildcard_covers_authorization: bool = False
    max_age_cap: int | None = None
    invalid_max_age: int = 5
    negative_max_age_is_zero: bool = False
    max_age_takes_plus: bool = False
    largest_max_age: int | None = None
    shares_credentialed_entries: bool = True
    wildcard_entries: bool = True
    forgets_after_failure: bool = True
    no_store_asks_again: bool = False
    preflight_hides_tainted_origin: bool = True
    stripped_authorization: StrippedAuthorization = StrippedAuthorization.NOTHING
    safelisted_names: frozenset[str] = frozenset()
    ignored_names: frozenset[str] = frozenset()
    accept_takes_non_ascii: bool = True
    suffix_range_safelisted: bool = False
    descending_range_safelisted: bool = False
    range_unit_in_any_case: bool = False
    drops_method_overrides: bool = True
    stream_upload: StreamUpload = StreamUpload.SENT
    third_party_cookies: bool = True

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()


STANDARD: Final = Engine(name="Fetch standard")

CHROMIUM: Final = Engine(
    name="Chromium",
    version="156.0.8078.79",
    wildcard_covers_authorization=True,
    max_age_cap=7200,
    negative_max_age_is_zero=True,
    max_age_takes_plus=True,
    largest_max_age=2**63 - 1,
    forgets_after_failure=False,
    no_store_asks_again=True,
    safelisted_names=frozenset(
        {"device-memory", "downlink", "dpr", "rtt", "viewport-width", "width"}
    ),
    ignored_names=frozenset({"user-agent"}),
    stream_upload=StreamUpload.FAILS,
    third_party_cookies=False,
)

FIREFOX: Final = Engine(
    name="Firefox",
    version="153.7.0",
    wildcard_covers_authorization=True,
    max_age_cap=86400,
    invalid_max_age=0,
    shares_credentialed_entries=False,
    wildcard_entries=False,
    no_store_asks_again=True,
    preflight_hides_tainted_origin=False,
    stripped_authorization=StrippedAuthorization.PREFLIGHT,
    accept_takes_non_ascii=False,
    stream_upload=StreamUpload.AS_TEXT,
)

WEBKITGTK: Final = Engine(
    name="WebKitGTK",
    version="2.50.6",
    wildcard_covers_authorization=True,
    max_age_cap=600,
    negative_max_age_is_zero=True,
    max_age_takes_plus=True,
    largest_max_age=2**63 - 1,
    forgets_after_failure=False,
    stripped_authorization=StrippedAuthorization.NAMED,
    range_unit_in_any_case=True,
    stream_upload=StreamUpload.REFUSED,
    third_party_cookies=False,
)

WPE: Final = Engine(
    name="WPE WebKit",
    version="2.38.6",
    wildcard_covers_authorization=True,
    max_age_cap=600,
    negative_max_age_is_zero=True,
    max_age_takes_plus=True,
    largest_max_age=2**63 - 1,
    forgets_after_failure=False,
    stripped_authorization=StrippedAuthorization.NAMED,
    suffix_range_safelisted=True,
    descending_range_safelisted=True,
    drops_method_overrides=False,
    stream_upload=StreamUpload.REFUSED,
    third_party_cookies=False,
)

ENGINES: Final = {
    "standard": STANDARD,
    "chromium": CHROMIUM,
    "firefox": FIREFOX,
    "webkitgtk": WEBKITGTK,
    "wpe": WPE,
}
"""Engines by the names that commands and tests take."""
