"""What was pasted: a request of a page, with what had to be guessed or left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from ...core.errors import plain
from ...core.fetch_standard import (
    SAFELISTED_REQUEST_HEADERS,
    is_forbidden_request_header,
    is_token,
)
from ...core.origin import is_origin
from ..browser.requests import HeaderPairs
from ..browser.urls import parse_url

# What browsers add to a request by themselves and pages could set too. In a request
# that was copied from a browser these are the browser's.
_ADDED: Final = frozenset(
    {
        "accept",
        "accept-language",
        "cache-control",
        "pragma",
        "priority",
        "user-agent",
        "x-client-data",
    }
)


STAND_IN: Final = "value"
"""What stands for a value that is not known, or shall not be shown."""


class PastedError(ValueError):
    """A text that holds no request that can be read; says why in a sentence."""


@dataclass(frozen=True, slots=True)
class PastedRequest:
    """A request of a page.

    :param origin: of the page; empty where the text does not tell.
    :param cookie: what the browser sent as Cookie.
    :param body: as text; ``None`` where there is none.
    :param notes: what was left out or assumed, a sentence each.
    """

    url: str
    method: str = "GET"
    headers: HeaderPairs = ()
    body: str | None = None
    credentials: str = "same-origin"
    mode: str = "cors"
    origin: str = ""
    cookie: str = ""
    notes: tuple[str, ...] = ()

    def without_secrets(self) -> PastedRequest:
        """Return it with stand-ins for values that CORS does not look at.

        A request that was copied from a browser holds tokens, cookies and passwords.
        """
        headers = tuple(
            (name, value if name.lower() in SAFELISTED_REQUEST_HEADERS else STAND_IN)
            for name, value in self.headers
        )
        cookies = [part.partition("=")[0].strip() for part in self.cookie.split(";")]
        cookie = "; ".join(f"{name}={STAND_IN}" for name in cookies if name)
        body = self.body and ("{}" if self.body.lstrip()[:1] in "[{" else STAND_IN)
        notes = self.notes
        if (headers, cookie, body) != (self.headers, self.cookie, self.body):
            notes = (*notes, "Values of headers, cookies and the body were left out.")
        return replace(self, headers=headers, cookie=cookie, body=body, notes=notes)

    def as_fields(self) -> dict[str, Any]:
        """Return it as a form has it."""
        return {
            "url": self.url,
            "method": self.method,
            "headers": "\n".join(f"{name}: {value}" for name, value in self.headers),
            "body": self.body or "",
            "credentials": self.credentials,
            "mode": self.mode,
            "origin": self.origin,
            "cookie": self.cookie,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class SortedHeaders:
    """The headers of a text, by whose they are.

    :param own: those that the page sets.
    :param origin: of the page, as Origin, Referer or the like tell; else empty.
    :param cookie: the value of Cookie.
    :param copied: whether a browser has written them down.
    """

    own: HeaderPairs
    origin: str
    cookie: str
    copied: bool


def sort_headers(
    headers: Iterable[tuple[str, str]], referrer: str = ""
) -> SortedHeaders:
    """Tell the headers of the page from those that its browser adds.

    :param referrer: the URL of the page, where it is known.
    :raises PastedError: where one of them is no header.
    """
    pairs = [(name.strip(), value.strip()) for name, value in headers]
    for name, value in pairs:
        if not is_token(name):
            raise PastedError(f"{plain(name)!r} is not the name of a header.")
        if any(ord(character) > 0xFF or character in "\r\n\0" for character in value):
            raise PastedError(f"The value of {name} is not one that can be sent.")
    by_name = {name.lower(): value for name, value in pairs}
    copied = bool(referrer) or any(name.startswith("sec-") for name in by_name)
    own = tuple(
        (name, value)
        for name, value in pairs
        if not is_forbidden_request_header(name)
        and not (copied and name.lower() in _ADDED)
    )
    origin = by_name.get("origin") or _origin_of(referrer or by_name.get("referer", ""))
    return SortedHeaders(own, origin, by_name.get("cookie", ""), copied)


def _origin_of(url: str) -> str:
    try:
        origin = parse_url(url).origin
    except ValueError:
        return ""
    return origin if is_origin(origin) else ""


def absolute(url: str) -> str:
    """Return *url* as it is sent.

    :raises PastedError: where it is relative, or no URL of HTTP.
    """
    try:
        return str(parse_url(url))
    except ValueError:
        pass
    text = plain(url, 80)
    if url.startswith(("/", ".", "?")) and not url.startswith("//"):
        raise PastedError(
            f"{text} is relative: the page asks its own origin, which needs no CORS. "
            "If the API is elsewhere, write the whole URL."
        )
    raise PastedError(f"{text} is not a URL. Write https://api.example.com/items.")
