"""For tests of an API: a browser without sockets, and the attacks that find holes.

Each name is imported when it is asked for, because pytest imports this package, for
its plugin, in every process that has it installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ..devtools.attacks import (
        FLAWS,
        Finding,
        Findings,
        Severity,
        attack,
        attack_over,
    )
    from ..devtools.browser.cookies import Cookie, CookieRefused
    from ..devtools.exchanges import Exchanges, PageExchange
    from ..devtools.wsgi_client import WSGIError, send_to
    from .blocked import CORSBlocked
    from .client import Browser
    from .reply import HiddenHeader, MissingHeader, Reply

_MODULES: Final = {
    "FLAWS": "..devtools.attacks",
    "Browser": ".client",
    "CORSBlocked": ".blocked",
    "Cookie": "..devtools.browser.cookies",
    "CookieRefused": "..devtools.browser.cookies",
    "Exchanges": "..devtools.exchanges",
    "Finding": "..devtools.attacks",
    "Findings": "..devtools.attacks",
    "HiddenHeader": ".reply",
    "MissingHeader": ".reply",
    "PageExchange": "..devtools.exchanges",
    "Reply": ".reply",
    "Severity": "..devtools.attacks",
    "WSGIError": "..devtools.wsgi_client",
    "attack": "..devtools.attacks",
    "attack_over": "..devtools.attacks",
    "send_to": "..devtools.wsgi_client",
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
    return getattr(import_module(module, __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
