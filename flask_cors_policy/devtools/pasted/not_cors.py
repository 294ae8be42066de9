"""Messages of consoles that are not about CORS, or do not say so: what they mean.

Whoever reads them after a failed ``fetch()`` often looks for the reason in CORS.
"""

from __future__ import annotations

import re
from typing import Final

from ..explaining import Unanswered

_NOT: Final = "This is not a CORS problem: "
_NO_REASON: Final = (
    "This line does not tell the reason. Copy another one of the same request: with "
    "CORS, net::ERR_..., Mixed Content or Content Security Policy in it."
)
_FILE: Final = (
    "The page, or what it loads, is a file, and browsers load nothing from files with "
    "CORS. Serve both over http, for example with python -m http.server."
)

# Those that look like a message about CORS. They are looked for first.
_ABOUT_CORS: Final = (
    (
        "Permission was denied.* address space|ERR_BLOCKED_BY_(PRIVATE|LOCAL)_NETWORK",
        f"{_NOT}the browser asks its user before a page may contact a local network, "
        "and the user has refused. No header helps.",
    ),
    (
        "CORS request did not succeed",
        f"{_NOT}no server answered, or the browser has stopped the request. Check that "
        "the server is running, and open the URL in a tab: it shows a certificate that "
        "is not trusted. An ad blocker, or plain http on a page of https, does the "
        "same.",
    ),
    ("only supported for protocol schemes|CORS request not http", _FILE),
)
_OTHERS: Final = (
    (
        "ERR_BLOCKED_BY_CLIENT",
        f"{_NOT}an extension of the browser, such as an ad blocker, blocks the URL. "
        "Switch it off for this page, or give the URL another path.",
    ),
    (
        "ERR_BLOCKED_BY_CSP|Content[- ]Security[- ]Policy",
        f"{_NOT}the page's own Content-Security-Policy forbids the request. Add the "
        "origin of the URL to the directive that the message names, such as "
        "connect-src, where the page is served.",
    ),
    (
        "ERR_BLOCKED_BY_ORB|Cross-Origin Read Blocking|OpaqueResponseBlocking",
        f"{_NOT}the page loads the URL without CORS, as an image or a script, and the "
        "response is something else. Correct the URL, or use fetch() to read it.",
    ),
    (
        "ERR_BLOCKED_BY_RESPONSE|Cross-Origin-(Resource|Embedder)-Policy",
        f"{_NOT}Cross-Origin-Resource-Policy stops the response. Have the server send "
        "Cross-Origin-Resource-Policy: cross-origin, or have the page load it with "
        "CORS (crossorigin).",
    ),
    (
        "Mixed Content|Blocked loading mixed active content",
        f"{_NOT}a page served over https requests plain http. Serve the API over "
        "https.",
    ),
    (
        "ERR_UNSAFE_PORT",
        f"{_NOT}browsers send nothing to this port. Serve the API on another port.",
    ),
    (
        r"WebSocket|wss?://",
        f"{_NOT}WebSockets do not use CORS. The server itself checks Origin: a 403 may "
        "be the answer of enforce to an origin that is not listed.",
    ),
    (
        "text/event-stream",
        f"{_NOT}the page opens an EventSource, and the response is something else, "
        "often an error. Look at it in the network panel.",
    ),
    (
        r"is not valid JSON|in JSON at position|JSON\.parse:|JSON Parse error",
        f"{_NOT}the page has read the response, and it is no JSON, often an HTML page. "
        "Look at it in the network panel, and correct the URL.",
    ),
    (
        "Set-Cookie|Cookie .{1,200}(rejected|blocked)",
        "The browser does not store or send a cookie. Explain the request instead: its "
        "URL, with --credentials include.",
    ),
    (
        "request credentials mode does not match",
        "The page preloads the file in another mode than it loads it. Write "
        "crossorigin at <link rel=preload>, as fonts need it.",
    ),
    (
        "Tainted canvas|[Cc]anvas has been tainted|tainted by cross-origin data",
        "The image was loaded without CORS. Write <img crossorigin>, and have its "
        "server allow the page's origin.",
    ),
    (
        "integrity.{0,40}(attribute|hash)",
        f"{_NOT}the file is not the one whose hash the page names. Correct integrity, "
        "or the file.",
    ),
    (
        "Blocked a frame with origin|Permission denied to access property",
        f"{_NOT}a page may not reach into a frame of another origin, and no header "
        "changes that. Use postMessage().",
    ),
    (
        "Failed to fetch|Load failed|NetworkError when attempting|Network Error|"
        "access control checks|ERR_FAILED",
        _NO_REASON,
    ),
)
_ERRORS: Final = (
    ("ERR_NAME_", Unanswered.NAME),
    ("ERR_CONNECTION_REFUSED", Unanswered.REFUSED),
    ("ERR_CERT_", Unanswered.CERTIFICATE),
    ("ERR_SSL_", Unanswered.TLS),
    (
        "ERR_(CONNECTION_(RESET|CLOSED|ABORTED)|EMPTY_RESPONSE|CONTENT_LENGTH|INCOMPLETE)",
        Unanswered.CLOSED,
    ),
    ("ERR_(CONNECTION_)?TIMED_OUT", Unanswered.TIMEOUT),
    ("ERR_(INVALID_HTTP|HTTP2|QUIC)", Unanswered.NOT_HTTP),
    ("ERR_(ADDRESS|INTERNET|NETWORK|PROXY)_", Unanswered.UNREACHABLE),
)


def not_cors(text: str, *, first: bool = False) -> str:
    """Return what a message of a console means; empty if it is not known here.

    :param first: whether only messages are looked for that seem to be about CORS.
    """
    for pattern, meaning in _ABOUT_CORS if first else (*_ABOUT_CORS, *_OTHERS):
        if re.search(pattern, text):
            return meaning
    for pattern, reason in () if first else _ERRORS:
        if re.search(pattern, text):
            return f"{_NOT}{reason.text}. {reason.fix}"
    return ""
