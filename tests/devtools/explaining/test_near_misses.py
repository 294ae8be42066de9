"""Which listed origin a page's origin is similar to."""

from __future__ import annotations

import pytest

from flask_cors_policy.devtools.explaining.refused import near_miss

LOCAL = "http://localhost:3000"


@pytest.mark.parametrize(
    ("listed", "origin", "difference"),
    [
        (LOCAL, "http://localhost:5173", "the port (5173)"),
        (LOCAL, "http://localhost", "the port (the scheme's own)"),
        (LOCAL, "https://localhost:3000", "the scheme (https)"),
        (LOCAL, "http://127.0.0.1:3000", "the name of this machine (127.0.0.1)"),
        (LOCAL, "http://[::1]:3000", "the name of this machine ([::1])"),
        (
            LOCAL,
            "https://127.0.0.1:1",
            "the scheme (https) and the name of this machine (127.0.0.1) and the port "
            "(1)",
        ),
        ("http://localhost:*", "https://localhost:3000", "the scheme (https)"),
        ("https://a.com", "https://www.a.com", "the subdomain (www.a.com)"),
        ("https://www.a.com", "https://a.com", "the subdomain (a.com)"),
        (
            "https://*.a.com",
            "https://a.com",
            "the host (a pattern does not cover its own apex)",
        ),
        ("https://*.a.com", "https://b.a.com:8443", "the port (8443)"),
    ],
)
def test_the_difference_is_named(listed: str, origin: str, difference: str) -> None:
    others = [len, "https://other.example", "null"]
    assert near_miss([*others, listed], origin) == (listed, difference)


@pytest.mark.parametrize(
    ("listed", "origin"),
    [
        ("https://a.com", "https://b.com"),
        ("https://a.com", "https://evila.com"),
        ("https://*.a.com", "https://b.com"),
        ("https://a.com", "null"),
        ("*", "https://a.com"),
        (LOCAL, "http://localhost.example:3000"),
    ],
)
def test_what_is_another_origin_is_not_near(listed: str, origin: str) -> None:
    assert near_miss([listed], origin) is None
