"""What the Fetch standard and the HTTP RFCs say: facts only, no opinion of ours.

Each table stands under the link to its section. In this library *forbidden* is what
the standard rules out, and *prohibited* is what this library rules out on top of that
(those rules stand in ``checks``, not here).
"""

from __future__ import annotations

import re
from typing import Final

# https://fetch.spec.whatwg.org/#http-requests: the three a browser adds to a request.
ORIGIN: Final = "Origin"
REQUEST_METHOD: Final = "Access-Control-Request-Method"
REQUEST_HEADERS: Final = "Access-Control-Request-Headers"

# https://fetch.spec.whatwg.org/#http-responses
ALLOW_ORIGIN: Final = "Access-Control-Allow-Origin"
ALLOW_CREDENTIALS: Final = "Access-Control-Allow-Credentials"
ALLOW_METHODS: Final = "Access-Control-Allow-Methods"
ALLOW_HEADERS: Final = "Access-Control-Allow-Headers"
MAX_AGE: Final = "Access-Control-Max-Age"
EXPOSE_HEADERS: Final = "Access-Control-Expose-Headers"

# https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5
VARY: Final = "Vary"
# https://w3c.github.io/resource-timing/#sec-timing-allow-origin
TIMING_ALLOW_ORIGIN: Final = "Timing-Allow-Origin"

CORS_RESPONSE_HEADERS: Final = frozenset(
    name.lower()
    for name in (
        ALLOW_ORIGIN,
        ALLOW_CREDENTIALS,
        ALLOW_METHODS,
        ALLOW_HEADERS,
        MAX_AGE,
        EXPOSE_HEADERS,
    )
)
"""Response headers of the CORS protocol, in lower case."""

CORS_REQUEST_HEADERS: Final = frozenset(
    name.lower() for name in (ORIGIN, REQUEST_METHOD, REQUEST_HEADERS)
)
"""Request headers of the CORS protocol, in lower case."""

WILDCARD: Final = "*"
"""https://fetch.spec.whatwg.org/#cors-protocol-and-credentials: any value, as long as
the request's credentials mode is not "include"."""

NULL_ORIGIN: Final = "null"
"""https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin: what an opaque origin
(sandboxed frame, ``data:`` URL, some redirects) is serialised to."""
FILE_ORIGIN: Final = "file://"
"""What the origin of a local file is serialised to by a browser that was told to give
it one (Chromium: ``--allow-file-access-from-files``; some web views of Android)."""

# https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
TOKEN_CHARACTERS: Final = (
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

# https://fetch.spec.whatwg.org/#cors-safelisted-method
SAFELISTED_METHODS: Final = frozenset({"GET", "HEAD", "POST"})

# https://fetch.spec.whatwg.org/#forbidden-method (in any case)
FORBIDDEN_METHODS: Final = frozenset({"CONNECT", "TRACE", "TRACK"})

# https://fetch.spec.whatwg.org/#concept-method-normalize: upper-cased by the browser
# before anything is sent. PATCH is not among them: "patch" is sent as "patch".
NORMALIZED_METHODS: Final = frozenset(
    {"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"}
)

# https://fetch.spec.whatwg.org/#forbidden-request-header: a page cannot set these, so
# a preflight never asks for them. (X-HTTP-Method and its like are forbidden by value,
# not by name, and so are not in this table.)
FORBIDDEN_REQUEST_HEADERS: Final = frozenset(
    {
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    }
)
FORBIDDEN_REQUEST_HEADER_PREFIXES: Final = ("proxy-", "sec-")

# https://fetch.spec.whatwg.org/#forbidden-request-header: forbidden where the value
# names a forbidden method.
METHOD_OVERRIDE_HEADERS: Final = frozenset(
    {"x-http-method", "x-http-method-override", "x-method-override"}
)

# https://fetch.spec.whatwg.org/#cors-safelisted-request-header: the names; the value
# decides too (``devtools.browser.safelist``).
SAFELISTED_REQUEST_HEADERS: Final = frozenset(
    {"accept", "accept-language", "content-language", "content-type", "range"}
)
# The essences of Content-Type that a form can send.
SAFELISTED_CONTENT_TYPES: Final = frozenset(
    {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
)
MAX_SAFELISTED_VALUE: Final = 128
"""Bytes: a longer value is unsafe, whatever the name."""
MAX_SAFELISTED_VALUES: Final = 1024
"""Bytes of all safelisted values together (``#cors-unsafe-request-header-names``)."""

# https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
NON_WILDCARD_REQUEST_HEADERS: Final = frozenset({"authorization"})

# https://fetch.spec.whatwg.org/#request-body-header-name: taken off with the body,
# when a redirect turns a request into a GET.
REQUEST_BODY_HEADERS: Final = frozenset(
    {"content-encoding", "content-language", "content-location", "content-type"}
)

# https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name: what a page can
# read without Access-Control-Expose-Headers.
SAFELISTED_RESPONSE_HEADERS: Final = frozenset(
    {
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    }
)

# https://fetch.spec.whatwg.org/#forbidden-response-header-name: no page ever reads
# these, whatever Access-Control-Expose-Headers says.
FORBIDDEN_RESPONSE_HEADERS: Final = frozenset({"set-cookie", "set-cookie2"})

# https://www.rfc-editor.org/rfc/rfc9110#section-10.1, #section-12.5, #section-13.1 and
# others: fields that only requests have; and by convention X-Requested-With.
REQUEST_ONLY_HEADERS: Final = frozenset(
    {
        "accept-charset",
        "accept-language",
        "authorization",
        "cookie",
        "dnt",
        "expect",
        "from",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "max-forwards",
        "proxy-authorization",
        "range",
        "referer",
        "te",
        "upgrade-insecure-requests",
        "user-agent",
        "x-requested-with",
    }
)

# https://fetch.spec.whatwg.org/#redirect-status
REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
# https://fetch.spec.whatwg.org/#concept-http-redirect-fetch: redirects followed.
MAX_REDIRECTS: Final = 20

# https://fetch.spec.whatwg.org/#cors-preflight-fetch: seconds for which the answer to a
# preflight is kept where Access-Control-Max-Age does not say.
DEFAULT_MAX_AGE: Final = 5

# https://url.spec.whatwg.org/#default-port: left out when an origin is serialised.
DEFAULT_PORTS: Final = {"http": 80, "https": 443}

# https://html.spec.whatwg.org/#concept-origin, https://url.spec.whatwg.org/#origin: a
# page under one of these has an opaque origin, or there are no such pages.
PAGELESS_SCHEMES: Final = frozenset(
    {"about", "blob", "data", "file", "ftp", "javascript", "ws", "wss"}
)


_TOKEN = re.compile(f"[{re.escape(TOKEN_CHARACTERS)}]+")


def is_token(text: str) -> bool:
    """Say whether *text* is a token (RFC 9110, 5.6.2): a method or a field name."""
    return _TOKEN.fullmatch(text) is not None


def is_forbidden_method(method: str) -> bool:
    """Say whether no page can send *method*, in any case (``#forbidden-method``)."""
    return method.upper() in FORBIDDEN_METHODS


def is_forbidden_request_header(name: str) -> bool:
    """Say whether no page can set *name*, in any case.

    The section is ``#forbidden-request-header``.
    """
    lowered = name.lower()
    return lowered in FORBIDDEN_REQUEST_HEADERS or lowered.startswith(
        FORBIDDEN_REQUEST_HEADER_PREFIXES
    )
