"""For tests of an API: a browser without sockets, and the attacks that find holes.

Each name is imported when it is asked for, because pytest imports this package, for
its plugin, in every process that has it installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .blocked import CORSBlocked
    from .client import Browser
    from .cookies import Cookie, CookieRefused
    from .exchanges import Exchanges, PageExchange
    from .reply import HiddenHeader, Reply
    from .wsgi_client import WSGIError, send_to

_MODULES: Final = {
    "Browser": "client",
    "CORSBlocked": "blocked",
    "Cookie": "cookies",
    "CookieRefused": "cookies",
    "Exchanges": "exchanges",
    "HiddenHeader": "reply",
    "PageExchange": "exchanges",
    "Reply": "reply",
    "WSGIError": "wsgi_client",
    "send_to": "wsgi_client",
}

__all__ = [
    "Browser",
    "CORSBlocked",
    "Cookie",
    "CookieRefused",
    "Exchanges",
    "HiddenHeader",
    "PageExchange",
    "Reply",
    "WSGIError",
    "send_to",
]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{module}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
