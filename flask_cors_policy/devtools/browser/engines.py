"""Where browsers differ from the standard, and from each other: one table.

Each field of :class:`Engine` is one difference that was seen, in the versions that the
table names.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ...core.fetch_standard import (
    NON_WILDCARD_REQUEST_HEADERS,
    REDIRECT_STATUSES,
    REQUEST_BODY_HEADERS,
)
from .engine import STANDARD, Engine
from .variants import (
    CookieRules,
    EmptyLocation,
    Range,
    RedirectedPreflight,
    StreamUpload,
    ThirdParty,
)

__all__ = [
    "CHROMIUM",
    "CHROMIUM_BLOCKING",
    "ENGINES",
    "FIREFOX",
    "STANDARD",
    "WEBKITGTK",
    "WPE",
    "Engine",
]

# https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch: with these the
# cache mode changes, there after the preflight, here before.
_CONDITIONAL: Final = frozenset(
    {
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
    }
)
_DECIMAL: Final = r"[0-9]+(\.[0-9]+)?"

CHROMIUM: Final = Engine(
    name="Chromium",
    version="156.0.8078.108",
    joins_same_names=True,
    ignored_names=frozenset({"user-agent"}),
    safelisted_values=(
        ("device-memory", _DECIMAL),
        ("downlink", _DECIMAL),
        ("dpr", _DECIMAL),
        ("ect", "(?i:slow-2g|2g|3g|4g)"),
        ("rtt", "[0-9]+"),
        ("save-data", "(?i:on)"),
        ("viewport-width", "[0-9]+"),
        ("width", "[0-9]+"),
    ),
    looks_up_flagged_methods=False,
    upload_listener_needs_body=True,
    wildcard_covers_authorization=True,
    max_age_cap=7200,
    negative_max_age_is_zero=True,
    max_age_takes_plus=True,
    largest_max_age=2**63 - 1,
    wildcard_of_credentialed=False,
    one_answer_each=True,
    keeps_for_null_pages=False,
    keeps_after_tainting=False,
    forgets_after_failure=False,
    conditional_names=_CONDITIONAL,
    modes_asking_again=frozenset({"no-cache", "no-store", "reload"}),
    modes_not_kept=frozenset({"no-store"}),
    redirect_needs_location=True,
    empty_location=EmptyLocation.NO_REDIRECT,
    dropped_by_redirects=frozenset(
        {"device-memory", "downlink", "dpr", "ect", "rtt", "viewport-width", "width"}
    ),
    refuses_userinfo=True,
    redirects_hide_origin=True,
    hides_origin_by_referrer_policy=False,
    stream_upload=StreamUpload.FAILS,
    refuses_proxy_status=True,
)

# What a user can choose, and what the build of Debian does unless its user chooses.
CHROMIUM_BLOCKING: Final = replace(
    CHROMIUM,
    setting="third-party cookies blocked",
    cookies=CookieRules(third_party=ThirdParty.BLOCKED),
)

FIREFOX: Final = Engine(
    name="Firefox",
    version="153.8.0",
    repeats_names=True,
    non_ascii_is_safe=False,
    strict_media_types=True,
    looks_up_flagged_methods=False,
    wildcard_covers_authorization=True,
    checks_preflights_at_home=False,
    max_age_cap=86400,
    invalid_max_age=0,
    skips_empty_lines=True,
    shares_credentialed_entries=False,
    wildcard_entries=False,
    forgets_after_refusal=True,
    methods_safe_when_kept=frozenset({"GET", "POST"}),
    conditional_names=_CONDITIONAL,
    keeps_nothing_for_zero=True,
    modes_asking_again=frozenset({"no-store", "reload"}),
    preflight_hides_tainted_origin=False,
    redirected_preflight=RedirectedPreflight.FOR_THE_REST,
    restored_headers=NON_WILDCARD_REQUEST_HEADERS | REQUEST_BODY_HEADERS,
    drops_for_first_method=True,
    stream_upload=StreamUpload.AS_TEXT,
    cookies=CookieRules(
        lax_by_default=False, third_party=ThirdParty.PARTITIONED, schemeful=False
    ),
)

WEBKITGTK: Final = Engine(
    name="WebKitGTK",
    version="2.50.6",
    joins_same_names=True,
    range=Range.LENIENT,
    looks_up_flagged_methods=False,
    wildcard_covers_authorization=True,
    kept_wildcard_covers_authorization=True,
    max_age_cap=600,
    negative_max_age_is_zero=True,
    max_age_takes_plus=True,
    largest_max_age=2**63 - 1,
    one_answer_each=True,
    keeps_after_tainting=False,
    forgets_after_failure=False,
    keeps_refusals=True,
    redirect_statuses=REDIRECT_STATUSES | frozenset(range(309, 400)),
    redirect_needs_location=True,
    empty_location=EmptyLocation.FAILURE,
    crossing_delete_becomes_get=True,
    redirected_preflight=RedirectedPreflight.FOR_ALL,
    restored_headers=REQUEST_BODY_HEADERS,
    keeps_sent_origin=True,
    redirects_count_as_credentialed=True,
    stream_upload=StreamUpload.REFUSED,
    cookies=CookieRules(
        lax_by_default=False,
        none_needs_secure=False,
        secure_on_loopback=False,
        third_party=ThirdParty.SENT,
        partitioned=False,
        sees_frames=False,
    ),
)

WPE: Final = replace(
    WEBKITGTK,
    name="WPE WebKit",
    version="2.38.6",
    settable_names=frozenset({"set-cookie"}),
    range=Range.AS_NUMBERS,
    drops_method_overrides=False,
    keeps_after_tainting=True,
    fetch_metadata=False,
)

ENGINES: Final = {
    "standard": STANDARD,
    "chromium": CHROMIUM,
    "chromium-no-third-party": CHROMIUM_BLOCKING,
    "firefox": FIREFOX,
    "webkitgtk": WEBKITGTK,
    "wpe": WPE,
}
"""Engines by the names that commands and tests take."""
