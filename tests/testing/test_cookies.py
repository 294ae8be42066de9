"""Which cookies a browser keeps, which it sends, and the reasons it gives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flask_cors_policy.devtools.browser import (
    CHROMIUM,
    CHROMIUM_BLOCKING,
    FIREFOX,
    STANDARD,
    WEBKITGTK,
    Engine,
)
from flask_cors_policy.devtools.browser.cookies import (
    Cookie,
    CookieJar,
    CookieRefused,
    parse_cookie,
)
from flask_cors_policy.devtools.browser.urls import parse_url

NOW = 1_000_000_000.0
API = parse_url("https://api.example.com/v1/items")
HERE = "https://api.example.com"
SIBLING = "https://app.example.com"
ELSEWHERE = "https://other.example"

PLAIN = Cookie("a", "b", "api.example.com", True, "/v1")

KEPT: dict[str, Cookie] = {
    "a=b": PLAIN,
    " a = b ": PLAIN,
    "a=b; Unknown; Other=1": PLAIN,
    "a=b; Path=relative": PLAIN,
    "a=b; SameSite=nonsense": PLAIN,
    "a=b; Max-Age=nonsense": PLAIN,
    "a=b; Expires=nonsense": PLAIN,
    "a=b; Domain=": PLAIN,
    "=b": replace(PLAIN, name=""),
    "b": replace(PLAIN, name=""),
    'a="b=c"': replace(PLAIN, value='"b=c"'),
    "a=b; Path=/": replace(PLAIN, path="/"),
    "a=b; Path=/x; path=/y": replace(PLAIN, path="/y"),
    "a=b; Domain=.Example.COM": replace(PLAIN, domain="example.com", host_only=False),
    "a=b; Domain=api.example.com": replace(PLAIN, host_only=False),
    "a=b; Secure; HttpOnly": replace(PLAIN, secure=True, http_only=True),
    "a=b; SameSite=strict": replace(PLAIN, same_site="Strict"),
    "a=b; SameSite=None; Secure; Partitioned": replace(
        PLAIN, same_site="None", secure=True, partitioned=True
    ),
    "a=b; Max-Age=60": replace(PLAIN, expires=NOW + 60),
    "a=b; Max-Age=-1": replace(PLAIN, expires=NOW - 1),
    "a=b; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT": replace(
        PLAIN, expires=NOW + 60
    ),
    "a=b; Expires=Sun, 09 Sep 2001 01:46:41 GMT": replace(PLAIN, expires=NOW + 1),
    "a=b; Expires=Sun, 09-Sep-2001 01:46:41 GMT": replace(PLAIN, expires=NOW + 1),
    "__Host-a=b; Secure; Path=/": replace(
        PLAIN, name="__Host-a", secure=True, path="/"
    ),
    "__Secure-a=b; Secure": replace(PLAIN, name="__Secure-a", secure=True),
}

REFUSED: dict[str, str] = {
    "": "no name and no value",
    "; Secure": "no name and no value",
    "a=\x01": "control characters",
    "a=" + "b" * 4096: "longer than 4096 bytes",
    "a=b; Domain=app.example.com": "its Domain is app.example.com, and the response "
    "comes from api.example.com",
    "a=b; Domain=v1.api.example.com": "comes from api.example.com",
    "a=b; Domain=ample.com": "comes from api.example.com",
    "a=b; Domain=com": "under which anybody can register a name",
    "a=b; SameSite=None": "SameSite=None and not Secure",
    "__Secure-a=b": "by its name it must be Secure",
    "__host-a=b; Path=/": "by its name it must be Secure",
    "__Host-a=b; Secure": "it must have Path=/ and no Domain",
    "__Host-a=b; Secure; Path=/; Domain=example.com": "it must have Path=/",
}


@pytest.mark.parametrize(("header", "cookie"), KEPT.items(), ids=list(KEPT))
def test_a_cookie_is_kept_as_browsers_read_it(header: str, cookie: Cookie) -> None:
    assert parse_cookie(header, API, NOW) == cookie


@pytest.mark.parametrize(
    ("header", "why"), REFUSED.items(), ids=[header[:40] for header in REFUSED]
)
def test_a_cookie_that_browsers_refuse_is_refused_with_the_reason(
    header: str, why: str
) -> None:
    with pytest.raises(CookieRefused, match=why):
        parse_cookie(header, API, NOW)


@pytest.mark.parametrize(
    ("url", "path"), [("/", "/"), ("/v1", "/"), ("/v1/", "/v1"), ("/v1/a/b", "/v1/a")]
)
def test_a_cookie_without_path_is_for_the_folder(url: str, path: str) -> None:
    assert parse_cookie("a=b", parse_url(url, API), NOW).path == path


@pytest.mark.parametrize(
    ("url", "host_only"),
    [
        ("http://localhost:5000/", True),
        ("http://127.0.0.1:5000/", True),
        ("https://api.example.com/", False),
    ],
)
def test_a_domain_that_is_the_host_covers_what_is_below_where_that_can_be(
    url: str, host_only: bool
) -> None:
    where = parse_url(url)
    cookie = parse_cookie(f"a=b; Domain={where.host}", where, NOW)
    assert (cookie.domain, cookie.host_only) == (where.host, host_only)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://api.example.com/", False),
        ("http://localhost:5000/", True),
        ("http://127.0.0.1:5000/", True),
        ("https://api.example.com/", True),
    ],
)
def test_secure_needs_https_or_this_machine(url: str, kept: bool) -> None:
    if kept:
        assert parse_cookie("a=b; Secure", parse_url(url), NOW).secure
    else:
        with pytest.raises(CookieRefused, match="it is Secure, and the URL is plain"):
            parse_cookie("a=b; Secure", parse_url(url), NOW)


def test_an_address_has_no_domain_above_it() -> None:
    with pytest.raises(CookieRefused, match=r"comes from 127\.0\.0\.1"):
        parse_cookie("a=b; Domain=0.0.1", parse_url("http://127.0.0.1/"), NOW)


def jar_of(*headers: str, engine: Engine = STANDARD) -> CookieJar:
    jar = CookieJar(engine, lambda: NOW)
    for header in headers:
        jar.take(header, API, HERE)
    return jar


def names(jar: CookieJar, url: str) -> list[str]:
    return [cookie.name for cookie in jar.known_to(parse_url(url))]


def test_cookies_go_to_their_host_or_domain_only() -> None:
    jar = jar_of("own=1; Path=/", "all=1; Domain=example.com; Path=/")
    assert names(jar, "https://api.example.com/") == ["own", "all"]
    assert names(jar, "https://www.example.com/") == ["all"]
    assert names(jar, "https://example.com/") == ["all"]
    assert names(jar, "https://v1.api.example.com/") == ["all"]
    assert names(jar, "https://notexample.com/") == []


def test_cookies_for_longer_paths_come_first() -> None:
    jar = jar_of("root=1; Path=/", "items=1; Path=/v1/items", "v1=1; Path=/v1")
    assert names(jar, "https://api.example.com/") == ["items", "v1", "root"]


def test_a_cookie_set_again_is_changed_and_one_that_is_over_is_gone() -> None:
    jar = jar_of("a=1", "a=2", "b=1", "b=; Max-Age=0", "c=1; Path=/", "c=2; Path=/v1")
    assert [(cookie.name, cookie.value) for cookie in jar] == [
        ("a", "2"),
        ("c", "1"),
        ("c", "2"),
    ]


def test_a_cookie_is_over_when_its_time_has_come() -> None:
    now = [NOW]
    jar = CookieJar(STANDARD, lambda: now[0])
    jar.take("a=1; Max-Age=60", API, HERE)
    now[0] += 59
    assert [cookie.name for cookie in jar] == ["a"]
    now[0] += 1
    assert [cookie.name for cookie in jar] == []


NOT_SENT: dict[str, tuple[str, str, str, str]] = {
    "path": (
        "a=1; Path=/admin",
        "https://api.example.com/administrator",
        HERE,
        "it is for the path /admin. Set it with Path=/.",
    ),
    "plain http": (
        "a=1; Secure; Path=/",
        "http://api.example.com/",
        "http://api.example.com",
        "it is Secure, and the URL is plain http. Serve the API over https.",
    ),
    "another site, nothing said": (
        "a=1; Path=/",
        "https://api.example.com/",
        ELSEWHERE,
        "it is SameSite=Lax (as every cookie that does not say), and "
        "https://other.example and https://api.example.com are two sites. Set it with "
        "SameSite=None; Secure.",
    ),
    "another site, Strict": (
        "a=1; Path=/; SameSite=Strict",
        "https://api.example.com/",
        ELSEWHERE,
        "it is SameSite=Strict, and https://other.example and https://api.example.com "
        "are two sites. Set it with SameSite=None; Secure.",
    ),
    "a sandboxed frame": (
        "a=1; Path=/; SameSite=Lax",
        "https://api.example.com/",
        "null",
        "it is SameSite=Lax, and null and https://api.example.com are two sites. Set "
        "it with SameSite=None; Secure.",
    ),
    "another scheme": (
        "a=1; Path=/; SameSite=Lax",
        "https://api.example.com/",
        "http://app.example.com",
        "it is SameSite=Lax, and http://app.example.com and https://api.example.com "
        "are two sites. Set it with SameSite=None; Secure.",
    ),
}


@pytest.mark.parametrize(
    ("header", "url", "page", "why"), NOT_SENT.values(), ids=list(NOT_SENT)
)
def test_a_cookie_that_is_not_sent_has_a_reason(
    header: str, url: str, page: str, why: str
) -> None:
    jar = jar_of(header)
    (cookie,) = jar
    assert jar.why_not_sent(cookie, parse_url(url), page) == why


@pytest.mark.parametrize(
    ("header", "url", "page"),
    [
        ("a=1; Path=/admin", "https://api.example.com/admin", HERE),
        ("a=1; Path=/admin", "https://api.example.com/admin/users", HERE),
        ("a=1; Path=/admin/", "https://api.example.com/admin/users", HERE),
        ("a=1; Path=/", "https://api.example.com/x", SIBLING),
        ("a=1; Path=/; SameSite=Strict", "https://api.example.com/", SIBLING),
        ("a=1; Path=/; SameSite=None; Secure", "https://api.example.com/", ELSEWHERE),
    ],
)
def test_other_cookies_are_sent(header: str, url: str, page: str) -> None:
    jar = jar_of(header)
    (cookie,) = jar
    assert jar.why_not_sent(cookie, parse_url(url), page) == ""


ONE_SITE = (
    "{} keeps cookies to one site, and https://other.example and "
    "https://api.example.com are two sites. Serve both under one domain, or send a "
    "token in Authorization."
)
FOR_ALL = "a=1; SameSite=None; Secure"


def test_chromium_sends_cookies_of_other_sites_that_say_so() -> None:
    jar = jar_of(FOR_ALL, engine=CHROMIUM)
    (cookie,) = jar
    assert jar.why_not_sent(cookie, API, ELSEWHERE) == ""
    jar.take(FOR_ALL, API, ELSEWHERE)


@pytest.mark.parametrize("engine", [CHROMIUM, CHROMIUM_BLOCKING, FIREFOX], ids=str)
def test_a_partitioned_cookie_is_sent_from_the_site_where_it_was_set(
    engine: Engine,
) -> None:
    jar = CookieJar(engine, lambda: NOW)
    jar.take(f"{FOR_ALL}; Partitioned", API, ELSEWHERE)
    (cookie,) = jar
    assert jar.why_not_sent(cookie, API, ELSEWHERE) == ""
    assert "kept for pages of the site of" in jar.why_not_sent(cookie, API, SIBLING)
    jar = jar_of(f"{FOR_ALL}; Partitioned", engine=engine)
    (cookie,) = jar
    assert "kept for pages of the site of" in jar.why_not_sent(cookie, API, ELSEWHERE)
    assert jar.why_not_sent(cookie, API, SIBLING) == ""


def test_a_partitioned_cookie_must_be_secure() -> None:
    with pytest.raises(CookieRefused, match="Partitioned and not Secure"):
        parse_cookie("a=b; Partitioned", API, NOW)


def test_chromium_that_blocks_neither_keeps_nor_sends_cookies_of_other_sites() -> None:
    jar = jar_of(FOR_ALL, engine=CHROMIUM_BLOCKING)
    (cookie,) = jar
    why = ONE_SITE.format(CHROMIUM_BLOCKING)
    assert jar.why_not_sent(cookie, API, ELSEWHERE) == why
    assert jar.why_not_sent(cookie, API, SIBLING) == ""
    with pytest.raises(CookieRefused, match="keeps cookies to one site"):
        jar.take(FOR_ALL, API, ELSEWHERE)


def test_webkit_sends_them_and_does_not_keep_them() -> None:
    jar = jar_of(FOR_ALL, "b=1; SameSite=Lax", engine=WEBKITGTK)
    cookie, lax = jar
    assert jar.why_not_sent(cookie, API, ELSEWHERE) == ""
    assert "are two sites" in jar.why_not_sent(lax, API, ELSEWHERE)
    with pytest.raises(CookieRefused, match="keeps cookies to one site"):
        jar.take(FOR_ALL, API, ELSEWHERE)


def test_firefox_keeps_them_apart_for_each_site_that_asks() -> None:
    jar = jar_of("a=own", engine=FIREFOX)
    jar.take("a=elsewhere", API, ELSEWHERE)
    jar.take("a=elsewhere2", API, "https://www.other.example")
    jar.take("a=third", API, "https://third.example")
    sent = {
        page: [
            cookie.value
            for cookie in jar.known_to(API)
            if not jar.why_not_sent(cookie, API, page)
        ]
        for page in (SIBLING, ELSEWHERE, "https://third.example", "https://b.example")
    }
    assert sent == {
        SIBLING: ["own"],
        ELSEWHERE: ["elsewhere2"],
        "https://third.example": ["third"],
        "https://b.example": [],
    }
    own, apart, _ = jar.known_to(API)
    assert jar.why_not_sent(own, API, ELSEWHERE) == ONE_SITE.format(FIREFOX)
    assert jar.why_not_sent(apart, API, SIBLING) == (
        "it is kept for pages of the site of https://other.example."
    )


def test_another_site_sets_no_cookie_that_it_could_not_send() -> None:
    jar = jar_of()
    with pytest.raises(CookieRefused, match="are two sites"):
        jar.take("a=1", API, ELSEWHERE)
    jar.take("b=1; SameSite=None; Secure", API, ELSEWHERE)
    assert [cookie.name for cookie in jar] == ["b"]
    jar.clear()
    assert list(jar) == []
