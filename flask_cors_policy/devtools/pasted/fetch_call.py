"""Reads a call of ``fetch``, as a program has it or as a browser copies it.

https://fetch.spec.whatwg.org/#fetch-method
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode, urljoin

from .javascript import Made, Reader, Unread
from .request import STAND_IN, PastedError, PastedRequest, absolute, sort_headers

NAME: Final = "fetch"

_OPTIONS: Final = frozenset(
    {
        "attributionReporting",
        "body",
        "browsingTopics",
        "cache",
        "credentials",
        "duplex",
        "headers",
        "integrity",
        "keepalive",
        "method",
        "mode",
        "priority",
        "privateToken",
        "redirect",
        "referrer",
        "referrerPolicy",
        "signal",
        "targetAddressSpace",
        "window",
    }
)
"""The members of ``#requestinit`` that browsers know."""
_MEANT: Final = {
    "withcredentials": 'credentials: "include"',
    "header": "headers",
    "data": "body",
    "params": "the query of the URL",
    "url": "the first argument",
}
_FORM: Final = "application/x-www-form-urlencoded;charset=UTF-8"
_MULTIPART: Final = "multipart/form-data; boundary=----boundary"
_EMPTY_FORM: Final = "------boundary--"
_PREFLIGHT: Final = (
    "This is a preflight, and fetch(...) does not say what it asks for: copy its row "
    "as cURL, or copy the row of the request itself."
)
_WRITE_NAMES: Final = "Write the names of the headers."


def read_fetch(text: str) -> PastedRequest:
    """Return the request that a call of ``fetch`` in *text* makes.

    :raises PastedError: where it cannot be read; it says why in a sentence.
    """
    reader = Reader(text)
    if not reader.find(NAME):
        raise PastedError(
            "There is no fetch(...) and no cURL command here. The network panel of a "
            'browser has "Copy as fetch" and "Copy as cURL".'
        )
    arguments = reader.arguments()
    if not arguments:
        raise PastedError("fetch() has no URL here.")
    target, *rest = arguments
    if isinstance(target, Made) and target.name == "new Request" and target.arguments:
        target, *more = target.arguments
        rest = rest or list(more)
    options = rest[0] if rest else {}
    if isinstance(options, Unread):
        raise PastedError(f"{options.source[:60]} is a variable. Write its value.")
    if options is None:
        options = {}
    if not isinstance(options, dict):
        raise PastedError("The second argument of fetch() is not { ... }.")
    return _Call(options).request(_url(target))


def _url(target: Any) -> str:
    """Return the URL of a call."""
    if isinstance(target, Made) and target.name == "new URL":
        match target.arguments:
            case (str(url),):
                return absolute(url)
            case (str(url), str(base)):
                return absolute(urljoin(base, url))
    if isinstance(target, Unread):
        raise PastedError(f"The URL {target.source[:80]} is not known. Write it out.")
    if not isinstance(target, str):
        raise PastedError("The first argument of fetch() is no URL. Write it out.")
    return absolute(target)


class _Call:
    """The options of a call, and what there is to say about them."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._notes: list[str] = []
        self._type = ""

    def request(self, url: str) -> PastedRequest:
        """Return the request of this call to *url*."""
        self._look_for_mistakes()
        referrer = self._options.get("referrer")
        given = self._headers(self._options.get("headers"))
        headers = sort_headers(given, referrer if isinstance(referrer, str) else "")
        method = self._string("method", "GET")
        if headers.copied and method == "OPTIONS" and headers.asks_for is None:
            raise PastedError(_PREFLIGHT)
        body = self._body(self._options.get("body"))
        own = headers.own
        if self._type and not any(name.lower() == "content-type" for name, _ in own):
            own = (*own, ("Content-Type", self._type))
        if headers.cookie:
            self._notes.append(
                "fetch() cannot set Cookie. The browser sends its own cookies with "
                'credentials: "include".'
            )
        return headers.page_request(
            PastedRequest(
                url,
                method,
                own,
                body,
                self._string("credentials", "same-origin"),
                self._string("mode", "cors"),
                notes=tuple(self._notes),
            )
        )

    def _look_for_mistakes(self) -> None:
        if "..." in self._options:
            source = self._options["..."].source
            raise PastedError(f"...{source[:60]} is not known. Write the options out.")
        for name in self._options:
            if name not in _OPTIONS:
                lowered = name.lower()
                known = (each for each in _OPTIONS if each.lower() == lowered)
                meant = _MEANT.get(lowered) or next(known, None)
                hint = f" Is {meant} meant?" if meant else ""
                self._notes.append(f"fetch() ignores {name}.{hint}")

    def _string(self, name: str, default: str) -> str:
        value = self._options.get(name)
        if value is None:
            return default
        if isinstance(value, Unread):
            raise PastedError(
                f"{name}: {value.source[:60]} is not known. Write its value."
            )
        if not isinstance(value, str):
            raise PastedError(f"{name} is not a string.")
        return value

    def _headers(self, value: Any) -> list[tuple[str, str]]:
        """Return the headers: an object, a list of pairs, or ``new Headers`` of one."""
        if isinstance(value, Made) and value.name == "new Headers":
            value = value.arguments[0] if value.arguments else {}
        if value is None:
            return []
        if isinstance(value, Unread | Made):
            source = value.source if isinstance(value, Unread) else value.name
            raise PastedError(f"headers: {source[:60]} is not known. {_WRITE_NAMES}")
        headers = []
        for name, item in _pairs(value):
            if name == "...":
                source = item.source[:60]
                raise PastedError(f"headers: ...{source} is not known. {_WRITE_NAMES}")
            headers.append((name, self._header_value(name, item)))
        return headers

    def _header_value(self, name: str, value: Any) -> str:
        if isinstance(value, Unread | Made):
            self._notes.append(
                f'The value of {name} is not known: "{STAND_IN}" stands for it.'
            )
            return STAND_IN
        if isinstance(value, bool):
            return "true" if value else "false"
        return "null" if value is None else str(value)

    def _body(self, value: Any) -> str | None:
        """Return the body as text, and note the type that the browser gives it."""
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, Made):
            given = value.arguments[0] if value.arguments else None
            if value.name == "JSON.stringify":
                return self._json(given)
            if value.name == "new URLSearchParams":
                self._type = _FORM
                return _urlencoded(given)
            if value.name == "new FormData":
                self._type = _MULTIPART
                return _EMPTY_FORM
        source = value.source if isinstance(value, Unread) else "of this kind"
        self._notes.append(
            f"The body {source[:40]} is not known: "
            f'the string "{STAND_IN}" stands for it.'
        )
        return STAND_IN

    def _json(self, value: Any) -> str:
        if _is_known(value):
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        self._notes.append("The JSON of the body is not known: {} stands for it.")
        return "{}"


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield names and values of headers, as an object or a list has them."""
    pairs = value.items() if isinstance(value, dict) else value
    for pair in pairs if isinstance(value, dict | list) else [None]:
        match pair:
            case (str(name), item):
                yield name, item
            case _:
                raise PastedError("headers are not { ... } or a list of pairs.")


def _urlencoded(value: Any) -> str:
    if isinstance(value, dict) and _is_known(value):
        return urlencode({name: str(item) for name, item in value.items()})
    return value if isinstance(value, str) else f"name={STAND_IN}"


def _is_known(value: Any) -> bool:
    if isinstance(value, dict):
        return "..." not in value and all(map(_is_known, value.values()))
    if isinstance(value, list):
        return all(map(_is_known, value))
    return not isinstance(value, Unread | Made)
