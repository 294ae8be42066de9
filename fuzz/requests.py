"""Requests to begin with, and words that they are made of."""

from __future__ import annotations

from typing import Final

ORIGINS: Final = (
    b"https://a.example",
    b"http://localhost:8000",
    b"https://x.b.example",
    b"https://stored.example",
    b"https://evil.example",
    b"https://a.example.evil.example",
    b"https://a.example, https://evil.example",
    b"https://A.example",
    b"https://a.example:443",
    b"https://a.example/",
    b"null",
    b"*",
    b"",
    b"\xff\x00\x1b",
)
METHODS: Final = (b"GET", b"HEAD", b"POST", b"PUT", b"OPTIONS", b"options", b"TRACE")
PATHS: Final = (
    b"/listed/x",
    b"/enforced/x",
    b"/subdomains",
    b"/stored/",
    b"/echo/x",
    b"/echo/%2e%2e/x",
    b"/open/x?y=z",
    b"//enforced/x",
    b"/listed/../enforced/x",
    b"*",
    b"http://127.0.0.1/listed/x",
    b"",
)
NAMES: Final = (
    b"Origin",
    b"origin",
    b"Access-Control-Request-Method",
    b"Access-Control-Request-Headers",
    b"Sec-Fetch-Site",
    b"Host",
    b"Cookie",
    b"Upgrade",
    b"Connection",
    b"Transfer-Encoding",
    b"Content-Length",
    b"Expect",
)
VALUES: Final = (
    *ORIGINS,
    *METHODS,
    b"X-A, x-b",
    b"T, ",
    b"," * 200,
    b"same-origin",
    b"cross-site",
    b"127.0.0.1",
    b"websocket",
    b"upgrade",
    b"chunked",
    b"5",
)


def build(
    method: bytes, path: bytes, headers: list[tuple[bytes, bytes]], body: bytes = b""
) -> bytes:
    """Return a request; whether it is a valid one is for the server to say."""
    lines = [b"%s %s HTTP/1.1" % (method, path)]
    lines += [b"%s: %s" % header for header in headers]
    return b"\r\n".join([*lines, b"", body])


def seeds() -> list[bytes]:
    """Return one request for each path and origin, as a preflight and as a GET."""
    asked = [
        (b"Access-Control-Request-Method", b"PUT"),
        (b"Access-Control-Request-Headers", b"x-a,x-b"),
    ]
    end = (b"Connection", b"close")
    return [
        build(method, path, [(b"Origin", origin), *more, end])
        for path in PATHS
        for origin in ORIGINS
        for method, more in ((b"GET", []), (b"OPTIONS", asked))
    ]
