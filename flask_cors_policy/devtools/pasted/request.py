"""What was pasted: a request of a page, with what had to be guessed or left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from ...core.errors import plain
from ...core.fetch_standard import (
    REQUEST_HEADERS,
    REQUEST_METHOD,
    SAFELISTED_REQUEST_HEADERS,
    is_forbidden_request_header,
    is_token,
)
from ...core.origin import is_origin
from ..browser.requests import HeaderPairs, field_values
from ..browser.urls import parse_url

# What browsers add to a request by themselves and pages could set too. In a request
# that was copied from a browser these are the browser's.
_ADDED: Final = frozenset(
    {
        "accept",
        "accept-language",
        "cache-control",
        "if-modified-since",
        "if-none-match",
        "pragma",
        "priority",
        "save-data",
        "upgrade-insecure-requests",
        "user-agent",
        "x-client-data",
    }
)
# Only browsers write these down.
_OF_BROWSERS: Final = frozenset({"user-agent", "origin", "referer"})

STAND_IN: Final = "value"
"""What stands for a value that is not known, or shall not be shown."""

# Of these a page can mean the same names; they say when they were taken from it.
_OF_CACHES: Final = frozenset(
    {"cache-control", "if-modified-since", "if-none-match", "pragma"}
)


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
    :param asks_for: method and headers that a preflight with these headers asks for;
        ``None`` if they are not those of a preflight.
    :param notes: what was left out, a sentence each.
    """

    own: HeaderPairs
    origin: str
    cookie: str
    copied: bool
    asks_for: tuple[str, HeaderPairs] | None
    notes: tuple[str, ...]

    def page_request(self, request: PastedRequest) -> PastedRequest:
        """Return *request* with what these headers tell of the page.

        Of a preflight, that is the request that it asks for: a browser shows the row of
        the preflight as the one that has failed.
        """
        request = replace(request, origin=self.origin, cookie=self.cookie)
        if request.method.upper() != "OPTIONS" or self.asks_for is None:
            return replace(request, notes=(*request.notes, *self.notes))
        method, headers = self.asks_for
        note = f"This is a preflight: what is played is the {method} that it asks for."
        notes = (*request.notes, note)
        return replace(request, method=method, headers=headers, body=None, notes=notes)


def sort_headers(
    headers: Iterable[tuple[str, str]], referrer: str = "", *, curl: bool = False
) -> SortedHeaders:
    """Tell the headers of the page from those that its browser adds.

    :param referrer: the URL of the page, where it is known.
    :param curl: whether cURL sends them; what it names itself is then not the page's.
    :raises PastedError: where one of them is no header.
    """
    pairs = tuple((name.strip(), value.strip()) for name, value in headers)
    for name, value in pairs:
        if not is_token(name):
            raise PastedError(f"{plain(name)!r} is not the name of a header.")
        if any(ord(character) > 0xFF or character in "\r\n\0" for character in value):
            raise PastedError(f"The value of {name} is not one that can be sent.")
    by_name = {name.lower(): value for name, value in pairs}
    copied = bool(referrer) or any(name.startswith("sec-") for name in by_name)
    # A call of fetch() has no User-Agent, Origin or Referer. A command that has one
    # was copied, even from a browser without Sec-Fetch-*, or is written like it.
    copied = copied or (curl and not by_name.keys().isdisjoint(_OF_BROWSERS))
    own = tuple(
        (name, value)
        for name, value in pairs
        if not is_forbidden_request_header(name)
        and not (copied and name.lower() in _ADDED)
    )
    origin = by_name.get("origin") or _origin_of(referrer or by_name.get("referer", ""))
    left_out = (name for name, _ in pairs if copied and name.lower() in _OF_CACHES)
    notes = tuple(
        f"{name} is left out: browsers add it by themselves." for name in left_out
    )
    cookie = by_name.get("cookie", "")
    return SortedHeaders(own, origin, cookie, copied, _asked_for(pairs), notes)


def _asked_for(pairs: HeaderPairs) -> tuple[str, HeaderPairs] | None:
    """Return method and headers that a preflight with *pairs* asks for."""
    method = "".join(field_values(pairs, REQUEST_METHOD))
    if not is_token(method):
        return None
    names = ",".join(field_values(pairs, REQUEST_HEADERS)).split(",")
    return method, tuple(
        (name.strip(), stand_in(name)) for name in names if is_token(name.strip())
    )


def stand_in(name: str) -> str:
    """Return a value for the header *name* that makes a preflight ask for it."""
    return "application/json" if name.strip().lower() == "content-type" else STAND_IN


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
