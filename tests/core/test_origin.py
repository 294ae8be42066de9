"""Which values of an Origin header are origins, and whom a set of origins allows."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable

import pytest

from flask_cors_policy.core.origin import (
    MAX_ORIGIN,
    Judge,
    Origin,
    OriginMatcher,
    OriginPattern,
    canonical_ipv6,
    is_loopback,
)
from flask_cors_policy.core.reasons import Reason

LONGEST_LABEL = "a" * 63
LONGEST_HOST = ".".join([LONGEST_LABEL] * 3 + ["a" * 61])
LONGEST_ORIGIN = f"{'s' * 64}://{LONGEST_HOST}:65535"

SERIALISED = {
    "https://example.com": ("https", "example.com", None),
    "http://example.com:8080": ("http", "example.com", 8080),
    "https://example.com:80": ("https", "example.com", 80),
    "http://example.com:443": ("http", "example.com", 443),
    "https://example.com:1": ("https", "example.com", 1),
    "https://example.com:65535": ("https", "example.com", 65535),
    "http://localhost": ("http", "localhost", None),
    "https://xn--bcher-kva.example": ("https", "xn--bcher-kva.example", None),
    "https://a_b.example": ("https", "a_b.example", None),
    "https://-a-.example": ("https", "-a-.example", None),
    "https://1.example": ("https", "1.example", None),
    "https://example.1a": ("https", "example.1a", None),
    "https://example.com.": ("https", "example.com.", None),
    "http://127.0.0.1:5000": ("http", "127.0.0.1", 5000),
    "http://255.255.255.255": ("http", "255.255.255.255", None),
    "http://[::1]:3000": ("http", "[::1]", 3000),
    "http://[::]": ("http", "[::]", None),
    "http://[2001:db8::ff00:42:8329]": ("http", "[2001:db8::ff00:42:8329]", None),
    "http://[::ffff:102:304]": ("http", "[::ffff:102:304]", None),
    "chrome-extension://abcdef": ("chrome-extension", "abcdef", None),
    "capacitor://localhost": ("capacitor", "localhost", None),
    LONGEST_ORIGIN: ("s" * 64, LONGEST_HOST, 65535),
    f"https://{LONGEST_HOST}.": ("https", f"{LONGEST_HOST}.", None),
}

NOT_SERIALISED = {
    "nothing at all": "",
    "null": "null",
    "the wildcard": "*",
    "a host alone": "example.com",
    "a scheme alone": "https://",
    "no scheme": "//example.com",
    "a slash at the end": "https://example.com/",
    "a path": "https://example.com/x",
    "a query": "https://example.com?x",
    "a fragment": "https://example.com#x",
    "a user": "https://user@example.com",
    "an upper-case scheme": "HTTPS://example.com",
    "an upper-case host": "https://Example.com",
    "the default port of https": "https://example.com:443",
    "the default port of http": "http://example.com:80",
    "an empty port": "https://example.com:",
    "port zero": "https://example.com:0",
    "a leading zero": "https://example.com:08080",
    "a port too large": "https://example.com:65536",
    "a port of six digits": "https://example.com:100000",
    "a port in other digits": "https://example.com:٨٠٨٠",
    "an umlaut": "https://bücher.example",
    "a percent escape": "https://example%2ecom",
    "a newline at the end": "https://example.com\n",
    "a space in front": " https://example.com",
    "a tab inside": "https://exam\tple.com",
    "a zero byte": "https://example.com\0",
    "two origins": "https://a.example, https://b.example",
    "two origins, a space": "https://a.example https://b.example",
    "an empty label": "https://example..com",
    "a dot in front": "https://.example.com",
    "two dots at the end": "https://example.com..",
    "a pattern": "https://*.example.com",
    "any port": "https://example.com:*",
    "a label of 64": f"https://{LONGEST_LABEL}a.com",
    "a host of 254": f"https://a{LONGEST_HOST}",
    "a scheme of 65": f"s{LONGEST_ORIGIN[:64]}://example.com",
    "one character too many": f"s{LONGEST_ORIGIN}",
    "IPv4 short": "http://127.1",
    "IPv4 in hex": "http://0x7f.0.0.1",
    "IPv4 with a leading zero": "http://127.0.0.01",
    "IPv4 as a number": "http://2130706433",
    "IPv4 too large": "http://1.2.3.256",
    "IPv4 with a dot at the end": "http://127.0.0.1.",
    "a number as the last label": "http://example.123",
    "hex as the last label": "http://example.0xff",
    "an empty hex as the last label": "http://example.0x",
    "IPv6 bare": "http://::1",
    "IPv6 long": "http://[0:0:0:0:0:0:0:1]",
    "IPv6 upper case": "http://[2001:DB8::1]",
    "IPv6 dotted": "http://[::ffff:1.2.3.4]",
    "IPv6 leading zero": "http://[2001:0db8::1]",
    "IPv6 with a scope": "http://[fe80::1%25eth0]",
    "IPv6 with one piece compressed": "http://[1:2:3::5:6:7:8]",
    "IPv6 compressed in the wrong place": "http://[1::2:0:0:0:3]",
    "IPv6 without an end": "http://[::1",
    "IPv6 of colons": "http://[:::]",
    "a wildcard before the address": "http://*.[::1]",
    "a Litestar bypass": "https://evil.net/.example.com",
}


@pytest.mark.parametrize(("text", "expected"), SERIALISED.items(), ids=SERIALISED)
def test_origin_as_a_browser_writes_it(
    text: str, expected: tuple[str, str, int | None]
) -> None:
    assert Origin.parse(text) == Origin(*expected)


@pytest.mark.parametrize("text", NOT_SERIALISED.values(), ids=NOT_SERIALISED)
def test_what_no_browser_writes_is_no_origin(text: str) -> None:
    assert Origin.parse(text) is None


def test_longest_origin_is_326_characters() -> None:
    assert len(LONGEST_ORIGIN) == MAX_ORIGIN == 326


@pytest.mark.parametrize("dot", ["", "."])
def test_a_wildcard_leaves_room_for_one_character_and_a_dot(dot: str) -> None:
    assert OriginPattern.parse(f"https://*.{LONGEST_HOST[2:]}{dot}") is not None
    assert OriginPattern.parse(f"https://*.{LONGEST_HOST[1:]}{dot}") is None


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("https://example.com", True),
        ("https://example.com:8443", True),
        ("https://*.example.com", False),
        ("http://localhost:*", False),
        ("http://*.localhost:*", False),
    ],
)
def test_pattern_knows_whether_it_is_one_origin(text: str, exact: bool) -> None:
    pattern = OriginPattern.parse(text)
    assert pattern is not None
    assert pattern.is_exact is exact


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("app.localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.9", True),
        ("[::1]", True),
        ("localhost.example", False),
        ("notlocalhost", False),
        ("128.0.0.1", False),
        ("10.0.0.1", False),
        ("[::2]", False),
        ("127.0.0.1.example", False),
        ("localhost.", True),
        ("app.localhost.", True),
        ("localhost..", False),
        ("localhost.example.", False),
    ],
)
def test_loopback_hosts_are_this_machine_only(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::1", "::1"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("1:0:0:2:0:0:3:4", "1::2:0:0:3:4"),
        ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
        ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"),
        ("2001:DB8::0001", "2001:db8::1"),
        ("::ffff:192.0.2.1", "::ffff:c000:201"),
        ("fe80::1%eth0", None),
        ("1::2::3", None),
        ("", None),
    ],
)
def test_ipv6_is_written_as_the_url_standard_serialises_it(
    text: str, expected: str | None
) -> None:
    assert canonical_ipv6(text) == expected


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        ("https://b.example", Reason.ORIGIN_NOT_ALLOWED),
        ("null", Reason.ORIGIN_NULL),
        ("https://a.example, https://b.example", Reason.ORIGIN_JOINED),
        ("https://a.example,null", Reason.ORIGIN_JOINED),
        ("https://a.example https://b.example", Reason.ORIGIN_JOINED),
        ("https://" + "a" * MAX_ORIGIN, Reason.ORIGIN_TOO_LONG),
        ("https://a.example/", Reason.ORIGIN_MALFORMED),
        ("", Reason.ORIGIN_MALFORMED),
        ("NULL", Reason.ORIGIN_MALFORMED),
        ("*", Reason.ORIGIN_MALFORMED),
    ],
)
def test_refused_origin_has_its_own_reason(origin: str, reason: Reason) -> None:
    assert matcher(["https://a.example"])(origin) is reason


def matcher(
    exact: Iterable[str],
    patterns: Iterable[OriginPattern] = (),
    judges: Iterable[re.Pattern[str]] = (),
) -> Callable[[str], Reason]:
    """Return what says why an origin is allowed or denied."""
    origins = OriginMatcher(
        dict.fromkeys(exact, "rights"),
        [(pattern, "rights") for pattern in patterns],
        [Judge(judge, "rights") for judge in judges],
    )
    return lambda origin: origins.match(origin, {}).reason


ALLOWED: dict[str, tuple[str, list[str], list[str]]] = {
    "an exact origin is that one only": (
        "https://example.com",
        ["https://example.com"],
        [
            "http://example.com",
            "https://example.com:8443",
            "https://www.example.com",
            "https://example.com.",
            "https://example.com.evil.net",
            "https://evilexample.com",
            "https://example.co",
            "https://xexample.com",
            "https://example.org",
        ],
    ),
    "a subdomain pattern is whole labels, never none": (
        "https://*.example.com",
        ["https://a.example.com", "https://a.b.c.example.com", "https://-.example.com"],
        [
            "https://example.com",
            "https://evilexample.com",
            "https://.example.com",
            "http://a.example.com",
            "https://a.example.com:8443",
            "https://a.example.com.",
            "https://a.example.com.evil.net",
            "https://a.example.org",
            "https://*.example.com",
        ],
    ),
    "any port is also no port": (
        "http://localhost:*",
        ["http://localhost", "http://localhost:1", "http://localhost:65535"],
        [
            "https://localhost:3000",
            "http://localhost:80",
            "http://localhost:0",
            "http://localhost:*",
            "http://localhost:",
            "http://localhost:65536",
            "http://a.localhost:3000",
            "http://localhost:3000@evil.net",
        ],
    ),
    "subdomains at any port": (
        "https://*.example.com:*",
        ["https://a.example.com", "https://a.example.com:8443"],
        ["https://example.com:8443", "http://a.example.com:8443"],
    ),
    "subdomains at one port": (
        "https://*.example.com:8443",
        ["https://a.example.com:8443", "https://a.b.example.com:8443"],
        ["https://a.example.com", "https://a.example.com:8444"],
    ),
    "an IPv6 address at any port": (
        "http://[::1]:*",
        ["http://[::1]", "http://[::1]:3000"],
        ["http://[::2]:3000", "http://1:3000", "http://[0:0:0:0:0:0:0:1]:3000"],
    ),
}


@pytest.mark.parametrize(
    ("written", "allowed", "denied"), ALLOWED.values(), ids=ALLOWED
)
def test_pattern(written: str, allowed: list[str], denied: list[str]) -> None:
    pattern = OriginPattern.parse(written)
    assert pattern is not None
    if pattern.is_exact:
        match = matcher([written])
    else:
        match = matcher([], [pattern])
    matches = {origin: match(origin) for origin in allowed + denied}
    granted = [o for o, reason in matches.items() if reason is Reason.ORIGIN_ALLOWED]
    assert granted == allowed
    assert all(matches[origin].denied for origin in denied)


def test_patterns_do_not_mix_their_parts() -> None:
    """No scheme, host or port of one pattern goes with those of another."""
    patterns = [
        OriginPattern("https", "a.com", None, True),
        OriginPattern("http", "b.com", 8080, True),
        OriginPattern("http", "localhost", "*", False),
    ]
    match = matcher(["https://c.com:9000"], patterns)
    for crossed in (
        "http://x.a.com",
        "https://x.a.com:8080",
        "https://x.b.com",
        "http://x.b.com",
        "https://x.localhost",
        "http://a.com:9000",
        "https://c.com",
        "https://x.c.com:9000",
        "https://b.coma.com",
    ):
        assert match(crossed) is Reason.ORIGIN_NOT_ALLOWED


def test_regular_expression_is_matched_in_full_against_valid_origins() -> None:
    match = matcher([], [], [re.compile(r"https://a\.com|.*")])
    assert match("https://any.net") is Reason.ORIGIN_ALLOWED
    assert match("https://any.net/x") is Reason.ORIGIN_MALFORMED
    assert match("null") is Reason.ORIGIN_NULL
    match = matcher([], [], [re.compile(r"https://a\.com")])
    assert match("https://a.com") is Reason.ORIGIN_ALLOWED
    assert match("https://a.com.evil.net") is Reason.ORIGIN_NOT_ALLOWED
    assert match("https://a.com\n") is Reason.ORIGIN_MALFORMED


def test_matching_does_not_slow_down_with_the_number_of_origins() -> None:
    """20,000 look-ups among 200,000 origins: far under a second, unless scanned."""
    patterns = (
        OriginPattern("https", f"tenant{i}.example", None, True) for i in range(100_000)
    )
    match = matcher([f"https://shop{i}.com" for i in range(100_000)], patterns)
    began = time.process_time()
    for _ in range(10_000):
        assert not match("https://a.tenant77777.example").denied
        assert match("https://a.b.c.d.e.example").denied
    assert time.process_time() - began < 5


@pytest.mark.parametrize("unit", ["a", "a.", "https://", "-", "1.", "[::", "*."])
def test_long_origin_is_refused_at_once(unit: str) -> None:
    began = time.process_time()
    for size in (MAX_ORIGIN - 8, 65536, 1_000_000):
        origin = "https://" + (unit * size)[:size]
        assert matcher(["https://a.com"])(origin).denied
    assert time.process_time() - began < 2
