"""The flaws that attacks look for: one table.

Each was found in a CORS library or in an API, most of them more than once. Some are not
dangerous, but broken: no browser accepts the response.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..codes import Cause, CheckCode, FlawCode
from ..findings import Flaw, Severity

_C, _H, _M, _L = Severity

_LOOKALIKE: Final = (
    "Registers such a name and serves a page there, which reads the API as whoever "
    "opens it."
)
_NO_BROWSER: Final = (
    "Cannot use this alone, because no browser sends it; but the comparison is looser "
    "than it looks, and other values may pass."
)
_POISON: Final = (
    "Requests the URL first, from a page of theirs: a cache then serves that response "
    "to every other page, which is blocked by it, or can read it."
)

_ROWS: Final = (
    Flaw(
        FlawCode.ORIGIN_REFLECTED,
        _M,
        _C,
        "Serves a page on any site, which reads the API as whoever visits it.",
    ),
    Flaw(
        FlawCode.ORIGIN_FROM_REFERER,
        _M,
        _C,
        "Opens the API to any site, through requests that caches keep.",
    ),
    Flaw(
        FlawCode.NULL_ALLOWED,
        _M,
        _C,
        "Puts a sandboxed frame into a page of any site: its origin is null.",
    ),
    Flaw(FlawCode.SUFFIX_MATCHED, _M, _H, _LOOKALIKE),
    Flaw(FlawCode.PREFIX_MATCHED, _M, _H, _LOOKALIKE),
    Flaw(FlawCode.DOT_UNESCAPED, _M, _H, _LOOKALIKE),
    Flaw(
        FlawCode.SPECIAL_CHARACTER,
        _M,
        _H,
        "Serves all names below a domain of theirs: some browsers open pages under "
        "names with such characters.",
    ),
    Flaw(
        FlawCode.PUBLIC_SUFFIX,
        _M,
        _C,
        "Registers a name there, as anyone can.",
    ),
    Flaw(
        FlawCode.SCHEME_DOWNGRADE,
        _L,
        _H,
        "Answers for it on a network they control: plain http does not prove who "
        "answers.",
    ),
    Flaw(
        FlawCode.SUBDOMAIN_ALLOWED,
        _L,
        _M,
        "Takes over a forgotten subdomain, or finds one that runs scripts of others.",
    ),
    Flaw(
        FlawCode.PORT_IGNORED,
        _L,
        _M,
        "Uses any service on that host that runs scripts of others.",
    ),
    Flaw(
        FlawCode.WILDCARD_ALLOWED,
        _M,
        _M,
        "Serves a page on any site, which reads the API from the visitor's network, "
        "without cookies.",
    ),
    Flaw(
        CheckCode.ORIGIN_PLAYGROUND,
        _M,
        _H,
        "Writes a script there, as anyone can, and sends people the link.",
    ),
    Flaw(
        FlawCode.LOCAL_ALLOWED,
        _L,
        _M,
        "Uses any program on the machine or in the network of the visitor that serves "
        "scripts.",
    ),
    Flaw(
        FlawCode.APP_ALLOWED,
        _L,
        _M,
        "Has people open a file, or install an app, that holds the page.",
    ),
    Flaw(
        FlawCode.EXTENSION_ALLOWED,
        _L,
        _M,
        "Publishes an extension that asks for no permissions, and reads the API.",
    ),
    Flaw(
        FlawCode.HOST_REFLECTED,
        _L,
        _M,
        "Points a name of theirs to the API's address, or has a cache pass the header "
        "on.",
    ),
    Flaw(FlawCode.PORT_MALFORMED, _L, _L, _NO_BROWSER),
    Flaw(FlawCode.USERINFO_ALLOWED, _L, _L, _NO_BROWSER),
    Flaw(FlawCode.DELIMITER_SWALLOWED, _L, _L, _NO_BROWSER),
    Flaw(FlawCode.ORIGIN_NORMALISED, _L, _L, _NO_BROWSER),
    Flaw(FlawCode.JOINED_REFLECTED, _L, _L, _NO_BROWSER),
    Flaw(FlawCode.MALFORMED_REFLECTED, _L, _L, _NO_BROWSER),
    Flaw(
        FlawCode.OPEN_ON_ERROR,
        _M,
        _H,
        "Reads error pages, which tell of users and of internals.",
    ),
    Flaw(
        FlawCode.OPEN_BY_PATH,
        _H,
        _C,
        "Has the page request that spelling.",
    ),
    Flaw(FlawCode.VARY_MISSING, _M, _M, _POISON),
    Flaw(FlawCode.VARY_MISSING_ON_MISS, _M, _M, _POISON),
    Flaw(FlawCode.VARY_MISSING_WITHOUT_ORIGIN, _M, _M, _POISON),
    Flaw(
        FlawCode.VARY_MISSING_ON_PREFLIGHT,
        _L,
        _L,
        "Can do little: few caches keep answers to OPTIONS, and those that do may "
        "serve them to the wrong page.",
    ),
    Flaw(
        FlawCode.VARY_COPIED,
        _L,
        _L,
        "Fills a cache with copies, or keeps it from storing any.",
    ),
    Flaw(
        Cause.WILDCARD_WITH_CREDENTIALS,
        _L,
        _L,
        "Can do nothing: browsers refuse it. But somebody wanted to allow every site "
        "what its visitors may do, and may find a way that works.",
    ),
    Flaw(
        FlawCode.CREDENTIALS_MALFORMED,
        _L,
        _L,
        "Can do nothing: browsers treat the header as missing.",
    ),
    Flaw(
        Cause.ALLOW_ORIGIN_LIST,
        _L,
        _L,
        "Can do nothing: browsers refuse it, so that no page can read the response.",
    ),
    Flaw(
        FlawCode.PREFLIGHT_RUNS_VIEW,
        _M,
        _H,
        "Sends a preflight by hand: views that let OPTIONS through without a login "
        "answer it with the data.",
    ),
    Flaw(
        FlawCode.PREFLIGHT_ECHOES_GARBAGE,
        _L,
        _L,
        "Hopes for a cache or a log that trusts what it reads.",
    ),
    Flaw(
        FlawCode.HEADER_INJECTED,
        _H,
        _H,
        "Sets cookies and CORS headers of their choice.",
    ),
    Flaw(FlawCode.METHOD_SUBSTRING, _L, _L, _NO_BROWSER),
    Flaw(
        FlawCode.TRACE_LISTED,
        _L,
        _L,
        "Can do nothing from a page: no browser sends them.",
    ),
    Flaw(
        FlawCode.METHOD_OVERRIDE,
        _H,
        _H,
        "Has a page send any method, with a request that needs no preflight.",
    ),
    Flaw(
        FlawCode.REQUEST_FORGED,
        _H,
        _H,
        "Changes data as the visitor, if SameSite lets the cookie through.",
    ),
    Flaw(
        FlawCode.WEBSOCKET_FORGED,
        _H,
        _H,
        "Reads and writes as the visitor, if SameSite lets the cookie through.",
    ),
    Flaw(
        FlawCode.PRIVATE_NETWORK_ALLOWED,
        _M,
        _M,
        "Reaches, with an older browser, what only the private network should.",
    ),
    Flaw(
        FlawCode.TIMING_REFLECTED,
        _L,
        _L,
        "Learns from timings what the visitor sees.",
    ),
    Flaw(
        FlawCode.MAX_AGE_MALFORMED,
        _L,
        _L,
        "Can do nothing: browsers ignore the header, and send more preflights.",
    ),
    Flaw(
        FlawCode.REQUEST_CRASHES,
        _M,
        _M,
        "Sends it, from anywhere.",
    ),
)

FLAWS: Final[Mapping[str, Flaw]] = MappingProxyType(
    {flaw.code.value: flaw for flaw in _ROWS}
)
"""Stable code -> the flaw."""
