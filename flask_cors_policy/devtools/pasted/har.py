"""Reads a HAR file: messages of a browser, as its network panel saves them.

http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...core.fetch_standard import REQUEST_METHOD
from ..browser.requests import HeaderPairs, Received, field_values
from ..browser.urls import parse_url
from .request import PastedError, PastedRequest, sort_headers

LARGEST: Final = 10_000_000
"""Bytes of a file."""
_MODES: Final = ("cors", "no-cors", "same-origin")


@dataclass(frozen=True, slots=True)
class HarEntry:
    """One request, and the response if there was one.

    :param preflight: whether the browser sent it by itself, to ask first.
    :param received: ``None`` if the browser has kept no response.
    """

    method: str
    url: str
    headers: HeaderPairs
    body: str | None
    preflight: bool
    received: Received | None
    error: str = ""

    @property
    def is_cross_origin(self) -> bool:
        """Whether a page of another origin has sent it."""
        origin = self.page_origin
        return bool(origin) and parse_url(self.url).origin != origin

    @property
    def page_origin(self) -> str:
        """The origin of the page, as far as the headers tell."""
        return sort_headers(self.headers).origin

    def request(self) -> PastedRequest:
        """Return the request as the page has made it."""
        headers = sort_headers(
            self.headers, _first(self.headers, "Referer") or self.page_origin
        )
        mode = _first(self.headers, "Sec-Fetch-Mode")
        request = PastedRequest(
            self.url,
            self.method,
            headers.own,
            self.body,
            "include" if headers.cookie else "same-origin",
            mode if mode in _MODES else "cors",
        )
        return headers.page_request(request)


def read_har(text: str) -> list[HarEntry]:
    """Return the requests in a HAR file that can be read, in their order.

    :raises PastedError: if it is no HAR file.
    """
    if len(text) > LARGEST:
        raise PastedError(f"The file is larger than {LARGEST // 1_000_000} MB.")
    try:
        entries = json.loads(text)["log"]["entries"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise PastedError(
            "This is not a HAR file: it has no log with entries."
        ) from None
    if not isinstance(entries, list):
        raise PastedError("This is not a HAR file: its entries are not a list.")
    return [found for entry in entries for found in _entries(entry)]


def cross_origin(entries: Sequence[HarEntry]) -> list[HarEntry]:
    """Return the requests of pages of other origins, without preflights.

    :raises PastedError: if there are none.
    """
    found = [each for each in entries if not each.preflight and each.is_cross_origin]
    if not found:
        raise PastedError(
            "The HAR file holds no request of a page of another origin. Open the "
            "network panel first, and load the page anew."
        )
    return found


def _entries(entry: Any) -> Iterator[HarEntry]:
    """Yield the request of *entry*; nothing if it is not one over HTTP."""
    try:
        request, response = entry["request"], entry["response"]
        method, url = str(request["method"]), str(request["url"])
        headers = _headers(request["headers"])
        sort_headers(headers)  # Whether they can be read at all.
        data = request.get("postData") or {}
        body = data.get("text") if isinstance(data.get("text"), str) else None
        preflight = method == "OPTIONS" and bool(field_values(headers, REQUEST_METHOD))
        url = str(parse_url(url))
        received = _received(response)
        error = str(response.get("_error") or "")
    except (TypeError, KeyError, AttributeError, ValueError):
        return
    yield HarEntry(method, url, headers, body, preflight, received, error)


def _received(response: Any) -> Received | None:
    status = int(response["status"])
    if not 100 <= status <= 999:
        return None
    content = response.get("content") or {}
    text = content.get("text")
    body = text.encode() if isinstance(text, str) else b""
    return Received(status, _headers(response["headers"]), body[:10_000])


def _headers(headers: Any) -> HeaderPairs:
    return tuple(
        (str(header["name"]), str(header["value"]))
        for header in headers
        if not str(header["name"]).startswith(":")  # Of HTTP/2.
    )


def _first(headers: HeaderPairs, name: str) -> str:
    values = field_values(headers, name)
    return values[0] if values else ""
