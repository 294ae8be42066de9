"""Regular expressions: the patterns that they stand for, and where they are open."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy import Policy, PolicyError, PolicyWarning
from flask_cors_policy.core.origin import Origin, OriginPattern
from flask_cors_policy.core.origin_regex import is_for_any_host, patterns_of
from flask_cors_policy.core.regex_reader import read
from tests.helpers import problems

MEANT: dict[str, list[str]] = {
    # ports
    r"^http://localhost(:[0-9]+)?$": ["http://localhost:*"],
    r"^http://localhost(?::\d+)?$": ["http://localhost:*"],
    r"http://localhost:\d{4,5}\Z": ["http://localhost:*"],
    r"http://localhost:300\d": ["http://localhost:*"],
    r"http://localhost:[35]000": ["http://localhost:3000", "http://localhost:5000"],
    r"http://localhost.*": ["http://localhost:*"],
    r"localhost:.*": ["http://localhost:*"],
    r"http://\[::1\]:\d+": ["http://[::1]:*"],
    r"https://example\.com:8\d\d\d": [],
    r"https://example\.com:443": ["https://example.com"],
    r"https://example\.com:.*": ["https://example.com:*"],
    # alternatives
    r"https?://localhost(:\d+)?": ["https://localhost:*", "http://localhost:*"],
    r"https?://a\.com": ["https://a.com", "http://a.com"],
    r"^https://a\.com$|^https://b\.com$": ["https://a.com", "https://b.com"],
    r"https://(www|api)\.a\.com": ["https://www.a.com", "https://api.a.com"],
    r"https://(?P<name>www|api)\.a\.com": ["https://www.a.com", "https://api.a.com"],
    r"https://a\.(com|org)": ["https://a.com", "https://a.org"],
    r"https://(www\.)?a\.com": ["https://www.a.com", "https://a.com"],
    r"https://[ab]\.example": ["https://a.example", "https://b.example"],
    # subdomains
    r"https://.*\.a\.com": ["https://*.a.com"],
    r"(?i)https://.+\.a\.com": ["https://*.a.com"],
    r"https://[^.]+\.a\.com(:\d+)?": ["https://*.a.com:*"],
    r"https://(.*\.)?a\.com": ["https://*.a.com", "https://a.com"],
    r"https://([a-z0-9-]+\.)*a\.com": ["https://*.a.com", "https://a.com"],
    r"https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+a\.com": ["https://*.a.com"],
    r"https://[a-z]+(\.[a-z]+)*\.a\.com": ["https://*.a.com"],
    r"https://.*?\.a\.com": ["https://*.a.com"],
    # slips
    r"https://a.com": ["https://a.com"],
    r"https:\/\/a\.com\/?": ["https://a.com"],
    r"https://a\.com/.*": ["https://a.com"],
    r"a\.com": ["https://a.com"],
    # what patterns cannot say
    r"https://.*-team\.vercel\.app": [],
    r"http://192\.168\.\d+\.\d+": [],
    r"https://a\.com.*": [],
    r".*": [],
    r"https?://.*": [],
    r"https://(?!evil)a\.com": [],
    r"https://a{2}\.com": [],
    r"https://(ab)+\.com": [],
    r"(a)\1": [],
    r"https://a\.com)": [],
    r"https://(a\.com": [],
    r"https://[a\.com": [],
    r"https://a\x2ecom": [],
    "x" * 600: [],
    "https://" + "(a|b)" * 8 + ".com": [],
    "https://" + "[abcdef]" * 2 + ".com": [],
    "": [],
}


@pytest.mark.parametrize(("text", "patterns"), MEANT.items(), ids=map(ascii, MEANT))
def test_expression_stands_for_these_patterns(text: str, patterns: list[str]) -> None:
    assert patterns_of(text) == patterns


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".*", True),
        ("https?://.*", True),
        (r"https://[^/]+(:\d+)?", True),
        (r"https://.*:\d+", True),
        (r"https://.*\.com", False),
        ("http://localhost:.*", False),
        (r"(?<!x).*", False),
    ],
)
def test_expression_for_every_host_is_known(text: str, expected: bool) -> None:
    assert is_for_any_host(text) is expected


SCHEMES = st.sampled_from(["https://", "http://", "https?://", "^https://"])
HOSTS = st.sampled_from(
    [
        r"localhost", r"127\.0\.0\.1", r"a\.com", r"(a|b)\.com", r"a\.(com|org)",
        r".*\.a\.com", r"[a-z]+\.a\.com", r"(.*\.)?a\.com", r"([a-z-]+\.)+a\.com",
    ]
)  # fmt: skip
PORTS = st.sampled_from(["", r":\d+", r"(:\d+)?", ":3000", r":(3000|5000)", "$"])
EXPRESSIONS = st.lists(
    st.tuples(SCHEMES, HOSTS, PORTS).map("".join), min_size=1, max_size=2
).map("|".join)
SAMPLES = [
    f"{scheme}://{host}{port}"
    for scheme in ("http", "https")
    for host in (
        "localhost", "127.0.0.1", "a.com", "b.com", "a.org", "x.a.com", "x-y.a.com",
        "x.y.a.com", "evil.com", "xa.com", "a.com.evil.net",
    )
    for port in ("", ":1", ":3000", ":5000")
]  # fmt: skip


@given(EXPRESSIONS)
def test_patterns_allow_what_the_expression_allows(expression: str) -> None:
    """More only in two ways: the depth of a subdomain, and the port."""
    policy = Policy(origins=patterns_of(expression))
    for origin in SAMPLES:
        if re.fullmatch(expression, origin):
            assert policy.allows_origin(origin), origin
        elif policy.allows_origin(origin):
            nearer = re.sub(r":\d+$", "", origin).replace("x.y.", "x.").replace("-", "")
            spelled = (nearer, f"{nearer}:3000", f"{nearer}:1")
            assert any(re.fullmatch(expression, each) for each in spelled), origin


# Traps


def refused(expression: str) -> list[str]:
    """Return why the expression is refused, though its risk is accepted."""
    options: dict[str, Any] = {"accept_risks": ["regex-origin"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PolicyWarning)
        try:
            Policy(origins=re.compile(expression), **options)
        except PolicyError as error:
            return [problem.reason for problem in error.problems]
    return []


TRAPS: dict[str, list[str]] = {
    # every origin
    ".*": ["regex-any-origin"],
    r"https://.*": ["regex-any-origin"],
    r"https?://[^/]+": ["regex-any-origin"],
    r"https://[a-z.]+": ["regex-any-origin"],
    r"https://\w+\.\w+": ["regex-any-origin"],
    r"http://([a-z]+\.)+[a-z]+": ["regex-any-origin"],
    r"https://[a-z]+\.[a-z]+\.[a-z]+": ["regex-any-origin"],
    r"(https://.+|https://a\.com)": ["regex-any-origin"],
    r"https://.+:\d+": ["regex-any-origin"],
    r"https://a\.com|.+": ["regex-any-origin"],
    r"(?x) https:// .+ ": ["regex-any-origin"],
    # an open end
    r"https://a\.com.*": ["regex-open"],
    r"https://a\.com.+": ["regex-open"],
    r"^https://a\.com.*$": ["regex-open"],
    r"https://a\.com[^/]*": ["regex-open"],
    r"https://a\.com\S*\Z": ["regex-open"],
    r"https://a\.com(.*)": ["regex-open"],
    r"https://a\.com(.*)?": ["regex-open"],
    r"https://a\.com(\..*)?": ["regex-open"],
    r"https://a\.com:?.*": ["regex-open"],
    r"https://a\.com/?.*": ["regex-open"],
    r"https://a\.com.{0,9}": ["regex-open"],
    r"https://a\.com.*(:\d+)?": ["regex-open"],
    r"https://a\.\w+": ["regex-open"],
    r"https://a\.[a-z]{2,3}": ["regex-open"],
    r"https://(a\.com.*|b\.com)": ["regex-open"],
    r"https://a\.com|https://b\.com.*": ["regex-open"],
    r"http://localhost.*": ["regex-open"],
    r"http://192\.168\.\d+\.\d+.*": ["regex-open"],
    # neither
    r"http://localhost:\d+": [],
    r"http://localhost:.*": [],
    r"[a-z]+://localhost:.*": [],
    r"https?://(localhost|127\.0\.0\.1)(:\d+)?": [],
    r"http://localhost(:.*)?": [],
    r"https://a\.com(/.*)?": [],
    r"https://pr-\d+\.a\.com": [],
    r"https://.*\.a\.com": [],
    r"https://(.*|www)\.a\.com": [],
    r"https://[a-z]+-team\.a\.com(:\d+)?": [],
    r"http://192\.168\.\d+\.\d+(:\d+)?": [],
    r"http://dev-[a-z]+": [],
    r"http://dev-[a-z]+(/.*)?": [],
    r"http://localhost([.]\w+)*": ["regex-open"],
    r"https://a\.com(?!x)": [],
}  # fmt: skip


@pytest.mark.parametrize(("expression", "reasons"), TRAPS.items(), ids=TRAPS)
def test_an_expression_that_is_too_wide_is_refused(
    expression: str, reasons: list[str]
) -> None:
    assert refused(expression) == reasons


WIDE_HOSTS = st.sampled_from(
    [
        r"a\.com", "a.com", r"www\.a\.com", "localhost", r"[a-z]+\.a\.com", r"\w+",
        r".*\.a\.com", r"(www|api)\.a\.com", r"(.*\.)?a\.com", r"a\.(com|org)", ".+",
        r"a\.[a-z]+", r"app-\w+", "[a-z-]+", r"192\.168\.\d+\.\d+", r"[\w.-]+",
    ]
)  # fmt: skip
TAILS = st.sampled_from(
    [
        "", r"(:\d+)?", r":\d+", ":.*", ".*", ".+", "$", "/?$", "(/.*)?", "(:.*)?",
        r"[:\d]*", "[^/]*", r"(\..*)?", r"\S*", r"\.?", ":?.*", "/?.*", r"(:\d+|.*)",
        r".*(:\d+)?", r"([.]\w+)*", r"(|.*)",
    ]
)  # fmt: skip
BASES = [
    "https://a.com", "http://a.com", "https://www.a.com", "http://localhost",
    "http://localhost:3000", "https://x.a.com", "http://192.168.1.1", "https://app-x",
    "https://b",
]  # fmt: skip


@given(st.tuples(SCHEMES, WIDE_HOSTS, TAILS).map("".join))
def test_no_expression_that_lets_a_longer_host_in_is_taken(expression: str) -> None:
    regex = re.compile(expression)
    taken = not refused(expression)
    for base in filter(regex.fullmatch, BASES):
        for end in (".evil.net", "evil.net", ".evil.net:8443"):
            if Origin.parse(base + end) and regex.fullmatch(base + end):
                assert not taken


@pytest.mark.parametrize(
    ("expression", "dot"),
    [
        ("https://example.com", "example.com"),
        (r"https://www\.example.com", "example.com"),
        (r"https://.*.example\.com", ".example"),
        (r"https://(a.com|b\.com)", "a.com"),
        (r"https://app-1.example\.com", "app-1.example"),
        (r"https://(www|api).example\.com", ".example"),
        (r"https://example\.com", ""),
        (r"https://pr-...\.example\.com", ""),
        (r"https://pr-.+\.example\.com", ""),
        (r"(?x) https://example.com", ""),
    ],
)
def test_an_unescaped_dot_of_a_host_is_a_warning(expression: str, dot: str) -> None:
    options: dict[str, Any] = {"accept_risks": ["regex-origin"]}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Policy(origins=re.compile(expression), **options)
    assert [f'"{dot}"' in str(item.message) for item in caught] == [True] * bool(dot)


def test_all_that_is_wrong_with_an_expression_is_told_at_once() -> None:
    found = problems(origins=re.compile(r"http://192\.168\.\d+\.\d+.*"))
    assert [problem.reason for problem in found] == ["origin-regex-risk", "regex-open"]
    assert r"with the port: (:\d+)?" in found[1].hint


@given(st.text(st.sampled_from(r"ab.*+?()[]{}|^$\1,-:/"), max_size=16))
def test_any_text_is_read_or_left_alone(text: str) -> None:
    """What the reader reads, Python compiles, and no text makes it fail."""
    read(text)
    for pattern in patterns_of(text):
        assert OriginPattern.parse(pattern) is not None
