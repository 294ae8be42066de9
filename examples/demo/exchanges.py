"""The exchanges of the demo, each with the response that is expected."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

from .api import (
    CLASSIC_ORIGIN,
    ONE_ORIGIN,
    OTHER_ORIGIN,
    POST_HERE,
    PUBLIC,
    WITH_COOKIE,
)

TIMEOUT = 10.0
"""Seconds a server has to answer."""

# Headers that tell of the server and of the day, not of the exchange.
_OF_THE_SERVER = frozenset({"server", "date", "connection"})

_FROM_PAGE = (
    ("Host", "bar.other"),
    ("Accept-Encoding", "gzip"),
    ("Origin", CLASSIC_ORIGIN),
    ("Referer", CLASSIC_ORIGIN + "/"),
)
_COMPRESSED = {
    "Content-Type": "application/xml; charset=utf-8",
    "Content-Encoding": "gzip",
}
_BODY = b'<?xml version="1.0"?><person><name>Arun</name></person>'


@dataclass(frozen=True)
class Message:
    """An HTTP message: its first line, its headers in order, its body."""

    first_line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def __str__(self) -> str:
        lines = [self.first_line, *(f"{name}: {value}" for name, value in self.headers)]
        text = self.body
        if ("Content-Encoding", "gzip") in self.headers:
            text = gzip.decompress(text)
        return "\n".join(lines) + (f"\n\n{text.decode()}" if text else "\n")


@dataclass(frozen=True)
class Exchange:
    """A request to play, and the response that is expected.

    :param outcome: whether the page can read the response, for people.
    :param expected: status line and headers, all of them but those of the server; the
        length of a compressed body is not fixed and so left out.
    """

    title: str
    outcome: str
    request: Message
    status: str
    expected: Mapping[str, str] = field(default_factory=dict)

    def differences(self, response: Message) -> list[str]:
        """Return the differences in *response*, for people; empty if there are none."""
        found = []
        if response.first_line != self.status:
            found.append(f"expected {self.status!r}, got {response.first_line!r}")
        got = {
            name: value
            for name, value in response.headers
            if name.lower() not in _OF_THE_SERVER
        }
        if "Content-Encoding" in got:
            got.pop("Content-Length", None)
        for name in sorted({*got, *self.expected}):
            if got.get(name) != self.expected.get(name):
                found.append(
                    f"{name}: expected {self.expected.get(name)!r}, "
                    f"got {got.get(name)!r}"
                )
        return found


def classic_exchanges() -> list[Exchange]:
    """Return the exchanges in the order they are played."""
    return [*_simple(), *_preflighted(), *_denied(), _with_cookie()]


def _simple() -> list[Exchange]:
    return [
        Exchange(
            "A simple request to a public resource",
            "Allowed: every page can read the response.",
            Message(f"GET {PUBLIC} HTTP/1.1", _FROM_PAGE),
            "HTTP/1.1 200 OK",
            {
                **_COMPRESSED,
                "Access-Control-Allow-Origin": "*",
                "Vary": "Accept-Encoding",
            },
        ),
        Exchange(
            "A simple request to a resource for one origin",
            "Allowed: pages of this origin can read the response.",
            Message(f"GET {ONE_ORIGIN} HTTP/1.1", _FROM_PAGE),
            "HTTP/1.1 200 OK",
            {
                **_COMPRESSED,
                "Access-Control-Allow-Origin": CLASSIC_ORIGIN,
                "Vary": "Accept-Encoding, Origin",
            },
        ),
    ]


def _preflighted() -> list[Exchange]:
    return [
        Exchange(
            "A request with a custom header: first the preflight ...",
            "Allowed: the browser sends the request next.",
            Message(
                f"OPTIONS {POST_HERE} HTTP/1.1",
                (
                    *_FROM_PAGE[:3],
                    ("Access-Control-Request-Method", "POST"),
                    ("Access-Control-Request-Headers", "X-PINGOTHER"),
                ),
            ),
            "HTTP/1.1 200 OK",
            {
                "Access-Control-Allow-Origin": CLASSIC_ORIGIN,
                "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
                "Access-Control-Allow-Headers": "X-PINGOTHER",
                "Access-Control-Max-Age": "1728000",
                "Vary": "Origin, Access-Control-Request-Method",
                "Content-Type": "text/plain",
                "Content-Length": "0",
            },
        ),
        Exchange(
            "... then the request itself",
            "Allowed: the page can read the response.",
            # As text/plain: today's browsers would ask for the header content-type
            # too if this said application/xml, as it did when the example was new.
            Message(
                f"POST {POST_HERE} HTTP/1.1",
                (
                    *_FROM_PAGE,
                    ("X-PINGOTHER", "pingpong"),
                    ("Content-Type", "text/plain;charset=UTF-8"),
                    ("Content-Length", str(len(_BODY))),
                ),
                _BODY,
            ),
            "HTTP/1.1 200 OK",
            {
                **_COMPRESSED,
                "Access-Control-Allow-Origin": CLASSIC_ORIGIN,
                "Vary": "Accept-Encoding, Origin",
            },
        ),
    ]


def _denied() -> list[Exchange]:
    from_other = (*_FROM_PAGE[:2], ("Origin", OTHER_ORIGIN))
    return [
        Exchange(
            "A page whose origin is not allowed",
            "Blocked, as it should be: the view runs, but the page cannot read the "
            "response.",
            Message(f"GET {ONE_ORIGIN} HTTP/1.1", from_other),
            "HTTP/1.1 200 OK",
            {**_COMPRESSED, "Vary": "Accept-Encoding, Origin"},
        ),
        Exchange(
            "The preflight of a page whose origin is not allowed",
            "Blocked, as it should be: no view runs, and the browser does not send the "
            "request.",
            Message(
                f"OPTIONS {POST_HERE} HTTP/1.1",
                (
                    *from_other,
                    ("Access-Control-Request-Method", "POST"),
                    ("Access-Control-Request-Headers", "x-pingother"),
                ),
            ),
            "HTTP/1.1 403 Forbidden",
            {
                "Vary": "Origin, Access-Control-Request-Method",
                "Cache-Control": "no-store",
                "Content-Type": "text/plain",
                "Content-Length": "0",
            },
        ),
    ]


def _with_cookie() -> Exchange:
    return Exchange(
        "A request with credentials: a cookie",
        "Allowed: the page can read the response, and the browser keeps the cookie.",
        Message(f"GET {WITH_COOKIE} HTTP/1.1", (*_FROM_PAGE, ("Cookie", "visits=1"))),
        "HTTP/1.1 200 OK",
        {
            **_COMPRESSED,
            "Access-Control-Allow-Origin": CLASSIC_ORIGIN,
            "Access-Control-Allow-Credentials": "true",
            "Set-Cookie": "visits=2; Path=/; SameSite=Lax",
            "Vary": "Accept-Encoding, Origin",
        },
    )


def play(request: Message, address: tuple[str, int]) -> Message:
    """Send *request* to *address* over a socket of its own; return the response.

    :raises OSError: where nobody answers in time.
    """
    lines = [request.first_line]
    lines += [f"{name}: {value}" for name, value in request.headers]
    data = "\r\n".join([*lines, "Connection: close", "", ""]).encode() + request.body
    received = b""
    with socket.create_connection(address, timeout=TIMEOUT) as connection:
        connection.sendall(data)
        while chunk := connection.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    first_line, *headers = head.decode("latin-1").split("\r\n")
    pairs = (header.partition(":")[::2] for header in headers)
    return Message(
        first_line, tuple((name, value.strip()) for name, value in pairs), body
    )
