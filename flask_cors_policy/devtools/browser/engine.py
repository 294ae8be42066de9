"""What browsers can do differently: one field for each difference that was seen.

``STANDARD`` differs in nothing; it is also the strictest about Authorization, and so
the one to test an API with. ``engines`` has the browsers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...core.fetch_standard import REDIRECT_STATUSES, SAFELISTED_METHODS
from .variants import (
    STANDARD_COOKIES,
    CookieRules,
    EmptyLocation,
    Range,
    RedirectedPreflight,
    StreamUpload,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What one browser engine does where the standard, or practice, leaves a choice.

    :param name: of the engine.
    :param setting: of its user, or of those who built it, that is not the default.
    :param version: in which this was seen; empty for the standard.

    What needs a preflight:

    :param joins_same_names: several headers of one name are one, joined by a comma,
        before they are looked at.
    :param repeats_names: a name that is set twice is asked for twice.
    :param settable_names: names, in lower case, that a page can set here.
    :param ignored_names: names, in lower case, that a page sets without effect.
    :param safelisted_values: names, in lower case, that are safe beside the standard's,
        each with a regular expression of the values with which it is.
    :param non_ascii_is_safe: bytes above 0x7F in Accept and Content-Type are safe.
    :param strict_media_types: a Content-Type is safe only with parameters that RFC
        9110, 8.3.1 allows, more or less: no comma, not several semicolons in a row.
    :param range: which ranges are safe.
    :param drops_method_overrides: X-HTTP-Method-Override and its like cannot name a
        forbidden method.
    :param looks_up_flagged_methods: where a preflight is needed for the upload's sake
        alone, an answer without Access-Control-Allow-Methods allows the method
        (``#cors-preflight-fetch``, step 7.4), and an answer that is kept must list it,
        be it safelisted or not (``#concept-http-fetch``).
    :param upload_listener_needs_body: watching an upload makes for a preflight only
        where there is something to upload.

    What the answer to a preflight means, and how long it is kept:

    :param wildcard_covers_authorization: ``Access-Control-Allow-Headers: *`` lets a
        request with Authorization through (``#cors-non-wildcard-request-header-name``
        says it does not).
    :param kept_wildcard_covers_authorization: the same of an answer that was kept.
    :param checks_preflights_at_home: the origin is checked of the answer to a preflight
        that a redirect has led back to the page's own origin.
    :param max_age_cap: seconds; the answer to a preflight is not kept longer.
        Documented by the engines, too long to be seen in a test.
    :param invalid_max_age: seconds for which the answer is kept whose
        Access-Control-Max-Age is there but not valid.
    :param negative_max_age_is_zero: ``-1`` is 0, and not invalid.
    :param max_age_takes_plus: ``+60`` is 60.
    :param largest_max_age: a larger number is not valid; ``None`` takes any.
    :param skips_empty_lines: an empty line of a header that has others is no part of
        its value (but the CORS check sees it in Access-Control-Allow-Origin).
    :param shares_credentialed_entries: what a preflight with credentials allowed is
        used without them (``#concept-cache-match``).
    :param wildcard_entries: ``*`` is kept; otherwise it lets this one request through.
    :param wildcard_of_credentialed: ``*`` in an answer to a preflight with credentials
        is one for later requests without.
    :param one_answer_each: one answer is kept for a page and a URL, whole: the next one
        takes its place, and a request that it does not cover drops it.
    :param keeps_for_null_pages: answers are kept for pages of the origin ``null``.
    :param keeps_after_tainting: answers are kept that came after a redirect across
        origins has made the origin ``null``.
    :param forgets_after_failure: what a preflight allowed is dropped when the response
        after it fails the CORS check.
    :param forgets_after_refusal: the same, when a later preflight is refused.
    :param keeps_refusals: an answer is kept that refuses the very request it answers.
    :param keeps_nothing_for_zero: with a maximum age of 0 nothing that is kept changes.
    :param methods_safe_when_kept: methods that need not be listed in an answer that is
        kept.
    :param conditional_names: names, in lower case, of headers with which a request of
        cache mode ``default`` does without what earlier preflights allowed.
    :param modes_asking_again: cache modes of requests that do without what earlier
        preflights allowed.
    :param modes_not_kept: cache modes of requests whose preflights are not kept.

    Redirects:

    :param redirect_statuses: the statuses that are redirects.
    :param redirect_needs_location: where there is no Location there is no redirect, for
        a page that wants none.
    :param empty_location: see there.
    :param crossing_delete_becomes_get: a DELETE is a GET after any redirect to another
        origin.
    :param refuses_userinfo: no redirect leads to a URL with a user name or password.
    :param preflight_hides_tainted_origin: after a redirect across origins, the
        preflight has ``Origin: null`` as the request after it has.
    :param redirected_preflight: see there.
    :param dropped_by_redirects: names, in lower case, of headers that every redirect
        takes off which does not lead to the page's own origin.
    :param restored_headers: names, in lower case, of headers that one redirect took off
        and the next puts on again.
    :param drops_for_first_method: a redirect takes off the headers of a body where it
        would have done so to the method the page has asked for.
    :param keeps_sent_origin: an Origin that was sent is sent after a redirect within
        the origin, too.
    :param redirects_hide_origin: the first redirect to another origin makes the Origin
        of a ``no-cors`` request ``null``; in the standard, the second one does.
    :param redirects_count_as_credentialed: a redirect, on the way of a request that
        began at the page's own origin with credentials mode ``same-origin``, is checked
        once more, as if with credentials, after the preflight for where it leads.

    Other:

    :param hides_origin_by_referrer_policy: a request that is not a CORS request has
        ``Origin: null`` if its referrer policy hides the page.
    :param stream_upload: see there.
    :param cookies: see there.
    :param fetch_metadata: the Sec-Fetch headers are sent.
    :param refuses_proxy_status: 407 from what is no proxy is no response.
    """

    name: str
    version: str = ""
    setting: str = ""
    joins_same_names: bool = False
    repeats_names: bool = False
    settable_names: frozenset[str] = frozenset()
    ignored_names: frozenset[str] = frozenset()
    safelisted_values: tuple[tuple[str, str], ...] = ()
    non_ascii_is_safe: bool = True
    strict_media_types: bool = False
    range: Range = Range.STRICT
    drops_method_overrides: bool = True
    upload_listener_needs_body: bool = False
    looks_up_flagged_methods: bool = True

    wildcard_covers_authorization: bool = False
    kept_wildcard_covers_authorization: bool = False
    checks_preflights_at_home: bool = True
    max_age_cap: int | None = None
    invalid_max_age: int = 5
    negative_max_age_is_zero: bool = False
    max_age_takes_plus: bool = False
    largest_max_age: int | None = None
    skips_empty_lines: bool = False
    shares_credentialed_entries: bool = True
    wildcard_entries: bool = True
    wildcard_of_credentialed: bool = True
    one_answer_each: bool = False
    keeps_for_null_pages: bool = True
    keeps_after_tainting: bool = True
    forgets_after_failure: bool = True
    forgets_after_refusal: bool = False
    keeps_refusals: bool = False
    keeps_nothing_for_zero: bool = False
    methods_safe_when_kept: frozenset[str] = SAFELISTED_METHODS
    conditional_names: frozenset[str] = frozenset()
    modes_asking_again: frozenset[str] = frozenset()
    modes_not_kept: frozenset[str] = frozenset()

    redirect_statuses: frozenset[int] = REDIRECT_STATUSES
    redirect_needs_location: bool = False
    empty_location: EmptyLocation = EmptyLocation.SAME_URL
    crossing_delete_becomes_get: bool = False
    refuses_userinfo: bool = False
    preflight_hides_tainted_origin: bool = True
    redirected_preflight: RedirectedPreflight = RedirectedPreflight.ANEW
    dropped_by_redirects: frozenset[str] = frozenset()
    restored_headers: frozenset[str] = frozenset()
    drops_for_first_method: bool = False
    keeps_sent_origin: bool = False
    redirects_hide_origin: bool = False
    redirects_count_as_credentialed: bool = False

    hides_origin_by_referrer_policy: bool = True
    stream_upload: StreamUpload = StreamUpload.SENT
    cookies: CookieRules = STANDARD_COOKIES
    fetch_metadata: bool = True
    refuses_proxy_status: bool = False

    def __str__(self) -> str:
        setting = f" ({self.setting})" if self.setting else ""
        return f"{self.name} {self.version}".rstrip() + setting


STANDARD: Final = Engine(name="Fetch standard")
