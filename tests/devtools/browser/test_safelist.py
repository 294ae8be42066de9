"""Which headers need no preflight, by name and by value."""

from __future__ import annotations

import pytest

from flask_cors_policy.devtools.browser import (
    CHROMIUM,
    FIREFOX,
    STANDARD,
    WEBKITGTK,
    WPE,
    Engine,
    unsafe_names,
)
from flask_cors_policy.devtools.browser.safelist import (
    is_safelisted,
    mime_essence,
    settable,
)

SAFE = [
    ("Accept", ""),
    ("accept", "text/html, */*;q=0.8"),
    ("ACCEPT", "a\tb"),
    ("Accept", "a" * 128),
    ("Accept", "\xe9"),
    ("Accept-Language", "en-GB, *;q=0.5"),
    ("Content-Language", "de"),
    ("Content-Type", "text/plain"),
    ("Content-Type", " text/plain "),
    ("Content-Type", "TEXT/Plain;charset=UTF-8"),
    ("Content-Type", "text/plain;"),
    ("Content-Type", "text/plain ; anything goes, here"),
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("Content-Type", "multipart/form-data; boundary=x"),
    ("Range", "bytes=0-"),
    ("Range", "bytes=0-0"),
    ("Range", "bytes=10-200"),
    ("Range", "bytes=007-8"),
]

UNSAFE = [
    ("Accept", "a" * 129),
    *(("Accept", f"a{byte}b") for byte in '\x00\x01\x1f\n\r"():<>?@[\\]{}\x7f'),
    ("Accept-Language", "en_GB"),
    ("Accept-Language", "en\tde"),
    ("Accept-Language", "\xe9"),
    ("Content-Language", "de/at"),
    ("Content-Type", ""),
    ("Content-Type", "text"),
    ("Content-Type", "/plain"),
    ("Content-Type", "text/"),
    ("Content-Type", "text/ plain"),
    ("Content-Type", "te xt/plain"),
    ("Content-Type", "text/plain, application/json"),
    ("Content-Type", "text/plain; x=(y)"),
    ("Content-Type", "application/json"),
    ("Content-Type", "application/csp-report"),
    ("Content-Type", "text/plain;" + "x" * 118),
    ("Range", "bytes=-10"),
    ("Range", "bytes=-"),
    ("Range", "bytes=10-9"),
    ("Range", "Bytes=0-10"),
    ("Range", "bytes =0-10"),
    ("Range", "bytes= 0-10"),
    ("Range", "bytes=0-10,20-30"),
    ("Range", "bytes=0-10 "),
    ("Range", "items=0-10"),
    ("Range", "bytes=\u0660-"),
    ("X-Token", ""),
    ("Authorization", "Bearer t"),
    ("Cache-Control", "no-cache"),
    ("DPR", "2"),
]


@pytest.mark.parametrize(("name", "value"), SAFE)
def test_needs_no_preflight(name: str, value: str) -> None:
    assert is_safelisted(name, value)
    assert unsafe_names([(name, value)]) == ()


@pytest.mark.parametrize(("name", "value"), UNSAFE)
def test_needs_a_preflight(name: str, value: str) -> None:
    assert not is_safelisted(name, value)
    assert unsafe_names([(name, value)]) == (name.lower(),)


def test_unsafe_names_are_lower_case_sorted_and_each_named_once() -> None:
    headers = [("X-B", "1"), ("x-a", "1"), ("X-b", "2"), ("Accept", "*/*")]
    assert unsafe_names(headers) == ("x-a", "x-b")


@pytest.mark.parametrize(("last", "unsafe"), [(0, False), (1, True)])
def test_safe_values_of_over_1024_bytes_are_unsafe_all_of_them(
    last: int, unsafe: bool
) -> None:
    headers = [("Accept", "a" * 128)] * 8 + [("Accept-Language", "a" * last)]
    expected = ("accept", "accept-language", "x-a") if unsafe else ("x-a",)
    assert unsafe_names([*headers, ("X-A", "a" * 2000)]) == expected


@pytest.mark.parametrize(
    ("value", "essence"),
    [
        ("text/HTML", "text/html"),
        ("\ttext/html\n", "text/html"),
        ("text/html ;charset", "text/html"),
        ("text html", None),
        ("", None),
        ("text/html,text/plain", None),
    ],
)
def test_essence_of_a_mime_type(value: str, essence: str | None) -> None:
    assert mime_essence(value) == essence


FORBIDDEN = [
    ("Cookie", "a=b"),
    ("hOST", "x"),
    ("Origin", "https://b.example"),
    ("Access-Control-Request-Method", "PUT"),
    ("Sec-Fetch-Site", "none"),
    ("proxy-anything", ""),
    ("X-HTTP-Method-Override", "TRACE"),
    ("x-http-method", "get, track"),
    ("X-Method-Override", "PUT,\tconnect "),
]
SETTABLE = [
    ("X-HTTP-Method-Override", "PUT"),
    ("X-HTTP-Method-Override", "TRACER"),
    ("X-HTTP-Method-Override", '"TRACE"'),
    ("Authorization", "Bearer t"),
    ("Second", ""),
    ("User-Agent", "me"),
]


@pytest.mark.parametrize(("name", "value"), FORBIDDEN)
def test_a_page_sets_a_forbidden_header_without_effect(name: str, value: str) -> None:
    assert not settable(name, value)


@pytest.mark.parametrize(("name", "value"), SETTABLE)
def test_a_page_can_set_any_other_header(name: str, value: str) -> None:
    assert settable(name, value)


@pytest.mark.parametrize(
    ("name", "value", "safe_in"),
    [
        ("Accept", "\xe9", {STANDARD, CHROMIUM, WEBKITGTK, WPE}),
        ("Range", "bytes=-10", {WPE}),
        ("Range", "bytes=-", {WPE}),
        ("Range", "bytes=10-0", {WPE}),
        ("Range", "bytes=10-10", {STANDARD, CHROMIUM, FIREFOX, WEBKITGTK}),
        ("Range", "Bytes=0-10", {WEBKITGTK}),
        ("Range", "bytes=+0-+10", {WEBKITGTK}),
        ("RTT", "100", {CHROMIUM}),
        ("RTT", "1.5", set[Engine]()),
        ("DPR", "1.5", {CHROMIUM}),
        ("DPR", "1.", set[Engine]()),
        ("Save-Data", "On", {CHROMIUM}),
        ("Viewport-Width", "100", {CHROMIUM}),
        ("Content-Type", "text/plain;a=\xe9", {STANDARD, CHROMIUM, WEBKITGTK, WPE}),
        ("Content-Type", "text/plain;a,b", {STANDARD, CHROMIUM, WEBKITGTK, WPE}),
        ("Content-Type", "text/plain;a;", {STANDARD, CHROMIUM, WEBKITGTK, WPE}),
        (
            "Content-Type",
            "text/plain;;a",
            {STANDARD, CHROMIUM, FIREFOX, WEBKITGTK, WPE},
        ),
    ],
)
def test_engines_take_for_safe_what_they_were_seen_to(
    name: str, value: str, safe_in: set[Engine]
) -> None:
    engines = (STANDARD, CHROMIUM, FIREFOX, WEBKITGTK, WPE)
    found = {engine for engine in engines if is_safelisted(name, value, engine)}
    assert found == safe_in


def test_chromium_ignores_a_user_agent_that_a_page_sets() -> None:
    assert not settable("User-Agent", "me", CHROMIUM)
    assert settable("User-Agent", "me", FIREFOX)


def test_old_webkit_lets_a_page_override_the_method_with_a_forbidden_one() -> None:
    assert settable("X-HTTP-Method-Override", "TRACE", WPE)
    assert not settable("X-HTTP-Method-Override", "TRACE", WEBKITGTK)


TWICE = (("Accept", "a" * 64), ("accept", "b" * 64))


@pytest.mark.parametrize(
    ("engine", "names"),
    [
        (STANDARD, ()),
        (CHROMIUM, ("accept",)),
        (FIREFOX, ()),
        (WEBKITGTK, ("accept",)),
        (WPE, ("accept",)),
    ],
    ids=str,
)
def test_two_headers_of_one_name_are_looked_at_together_or_not(
    engine: Engine, names: tuple[str, ...]
) -> None:
    assert unsafe_names(TWICE, engine) == names


def test_firefox_asks_twice_for_a_name_that_is_set_twice() -> None:
    headers = (("X-A", "1"), ("x-a", "2"))
    assert unsafe_names(headers, FIREFOX) == ("x-a", "x-a")
    assert unsafe_names(headers, STANDARD) == ("x-a",)


@pytest.mark.parametrize("engine", [STANDARD, CHROMIUM, FIREFOX, WEBKITGTK], ids=str)
def test_set_cookie_can_be_set_in_wpe_only(engine: Engine) -> None:
    assert not settable("Set-Cookie", "a=1", engine)
    assert settable("Set-Cookie", "a=1", WPE)
