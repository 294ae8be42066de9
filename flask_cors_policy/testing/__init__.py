"""For tests of an API: a browser without sockets, and the attacks that find holes.

Each name is imported when it is asked for, because pytest imports this package, for
its plugin, in every process that has it installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .attacks import FLAWS, Finding, Findings, Severity, attack, attack_over
    from .blocked import CORSBlocked
    from .client import Browser
    from .cookies import Cookie, CookieRefused
    from .exchanges import Exchanges, PageExchange
    from .reply import HiddenHeader, MissingHeader, Reply
    from .wsgi_client import WSGIError, send_to

_MODULES: Final = {
    "FLAWS": "attacks",
    "Browser": "client",
    "CORSBlocked": "blocked",
    "Cookie": "cookies",
    "CookieRefused": "cookies",
    "Exchanges": "exchanges",
    "Finding": "attacks",
    "Findings": "attacks",
    "HiddenHeader": "reply",
    "MissingHeader": "reply",
    "PageExchange": "exchanges",
    "Reply": "reply",
    "Severity": "attacks",
    "WSGIError": "wsgi_client",
    "attack": "attacks",
    "attack_over": "attacks",
    "send_to": "wsgi_client",
}

__all__ = [
    "FLAWS",
    "Browser",
    "CORSBlocked",
    "Cookie",
    "CookieRefused",
    "Exchanges",
    "Finding",
    "Findings",
    "HiddenHeader",
    "MissingHeader",
    "PageExchange",
    "Reply",
    "Severity",
    "WSGIError",
    "attack",
    "attack_over",
    "send_to",
]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{module}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
