"""Probes for forged requests: what another site has a browser send with its cookies.

They are made only where the caller logs in with a cookie; and writes only with a method
that the caller named, for a URL where that does no harm.
"""

from __future__ import annotations

from typing import Final

from ...core.fetch_standard import NULL_ORIGIN
from ...core.request import SAFE_METHODS
from .hostile import EVIL
from .target import Target, answer

_CROSS_SITE: Final = ("Sec-Fetch-Site", "cross-site")
_FORM: Final = ("Content-Type", "application/x-www-form-urlencoded")
_TEXT: Final = ("Content-Type", "text/plain")
_NO_CORS: Final = ("Sec-Fetch-Mode", "no-cors")
_SWITCHED: Final = 101

FORGED: Final = (
    ("a form", EVIL, _FORM),
    ("JSON as text/plain", EVIL, _TEXT),
    ("fetch() with the mode no-cors", EVIL, _NO_CORS),
    ("a form in a sandboxed frame", NULL_ORIGIN, _FORM),
    ("a form without Origin", None, _FORM),
)
"""What sends it, as which origin, with which header."""

HANDSHAKE: Final = (
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "cHJvYmUgb2YgdGhlIGtleQ=="),
)


def probe_forgery(target: Target) -> None:
    """Send what pages of another site can send without a preflight."""
    if not target.has_cookie or answer(target.plain).status >= 400:
        return
    for origin in (EVIL, NULL_ORIGIN, None):
        exchange = target.request(origin, _CROSS_SITE, *HANDSHAKE, method="GET")
        if answer(exchange).status == _SWITCHED:
            sent = f"a WebSocket handshake, Origin: {origin or 'none'}"
            target.found("websocket-forged", sent, exchange)
    if target.method in SAFE_METHODS:
        return
    for what, origin, header in FORGED:
        exchange = target.request(origin, _CROSS_SITE, header)
        if answer(exchange).status < 400:
            sent = f"{what}, Origin: {origin or 'none'}"
            target.found("request-forged", sent, exchange)
