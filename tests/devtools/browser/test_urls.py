"""URLs, origins and sites, as a browser sees them."""

from __future__ import annotations

import pytest

from flask_cors_policy.devtools.browser.sites import farthest, relation, same_site
from flask_cors_policy.devtools.browser.urls import NotFetched, parse_url

BASE = parse_url("https://api.example/v1/items?page=2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://api.example", "https://api.example/"),
        ("HTTPS://API.Example:443/A", "https://api.example/A"),
        ("http://api.example:80/", "http://api.example/"),
        ("http://api.example:8080/", "http://api.example:8080/"),
        ("https://api.example:80/", "https://api.example:80/"),
        ("  https://api.example/a\n", "https://api.example/a"),
        ("https://api.ex\nample/\ta", "https://api.example/a"),
        ("https:\\\\api.example\\a", "https://api.example/a"),
        ("https://api.example/a#b", "https://api.example/a"),
        ("https://api.example?", "https://api.example/?"),
        ("https://api.example/?a=\\b", "https://api.example/?a=\\b"),
        ("https://api.example/a b", "https://api.example/a%20b"),
        ("https://api.example/a%20b%zz", "https://api.example/a%20b%zz"),
        ("https://api.example/\u00e9?\u00e9'", "https://api.example/%C3%A9?%C3%A9%27"),
        ("https://api.example/{a}`b", "https://api.example/%7Ba%7D%60b"),
        ("https://api.example/a/../b/./c/..", "https://api.example/b/"),
        ("https://api.example/a/%2e%2E/b/%2e", "https://api.example/b/"),
        ("https://api.example/../..", "https://api.example/"),
        ("https://api.example//a", "https://api.example//a"),
        ("https://b\u00fccher.example/", "https://xn--bcher-kva.example/"),
        ("https://[0:0::1]:8443/", "https://[::1]:8443/"),
        ("https://127.0.0.1/", "https://127.0.0.1/"),
        ("http://127.1:5000/", "http://127.0.0.1:5000/"),
        ("http://127.0.0.1./", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0x7F.0.0x1/", "http://127.0.0.1/"),
        ("http://0177.0.0.01/", "http://127.0.0.1/"),
        ("http://0/", "http://0.0.0.0/"),
        ("http://0x/", "http://0.0.0.0/"),
        ("http://1.65535/", "http://1.0.255.255/"),
        ("http://4294967295/", "http://255.255.255.255/"),
        ("http://localhost./", "http://localhost./"),
        ("/", "https://api.example/"),
        ("b", "https://api.example/v1/b"),
        ("../b?c", "https://api.example/b?c"),
        ("?c", "https://api.example/v1/items?c"),
        ("//other.example/b", "https://other.example/b"),
        ("\\\\other.example\\b", "https://other.example/b"),
        ("http://other.example", "http://other.example/"),
        ("https:b", "https://api.example/v1/b"),
        ("https:/b", "https://api.example/b"),
        ("https:///other.example", "https://other.example/"),
        ("http:other.example/b", "http://other.example/b"),
    ],
)
def test_url_is_sent_as_browsers_write_it(text: str, expected: str) -> None:
    assert str(parse_url(text, BASE)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "https://",
        "https:///",
        "https://a b.example/",
        "https://api.example:99999/",
        "https://api.example:x/",
        "https://[::1/",
        "https://[::g]/",
        "https://1.2.3.400/",
        "https://256.1/",
        "https://4294967296/",
        "https://1.16777216/",
        "https://1.2.3.4.5/",
        "https://1.2.3.09/",
        "https://1..2/",
        "https://a.0x1/",
        "https://a..example/",
        "https://" + "a" * 64 + ".example/",
    ],
)
def test_what_is_no_url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a URL"):
        parse_url(text)


def test_relative_url_needs_a_base() -> None:
    with pytest.raises(ValueError, match="'/a' is relative, and there is no base"):
        parse_url("/a")


@pytest.mark.parametrize("text", ["data:,x", "ftp://a.example/", "JavaScript:1"])
def test_other_schemes_are_not_fetched_over_http(text: str) -> None:
    with pytest.raises(NotFetched, match="is not fetched over HTTP"):
        parse_url(text, BASE)


def test_parts_of_a_url() -> None:
    url = parse_url("http://u:p@localhost:5000/a?b")
    assert (url.origin, url.authority) == ("http://localhost:5000", "localhost:5000")
    assert (url.target, url.userinfo) == ("/a?b", True)
    assert not BASE.userinfo


@pytest.mark.parametrize(
    ("text", "trustworthy"),
    [
        ("https://api.example", True),
        ("http://api.example", False),
        ("http://localhost:5000", True),
        ("http://api.localhost", True),
        ("http://127.0.0.2", True),
        ("http://[::1]", True),
        ("http://192.168.0.1", False),
    ],
)
def test_trustworthy_is_https_or_this_machine(text: str, trustworthy: bool) -> None:
    assert parse_url(text).is_trustworthy is trustworthy


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("https://a.example", "https://a.example", "same-origin"),
        ("https://a.example", "https://a.example:8443", "same-site"),
        ("https://app.a.example", "https://api.a.example", "same-site"),
        ("https://a.example", "http://a.example", "cross-site"),
        ("https://a.example", "https://b.example", "cross-site"),
        ("https://a.github.io", "https://b.github.io", "cross-site"),
        ("https://x.a.co.uk", "https://a.co.uk", "same-site"),
        ("http://localhost:3000", "http://localhost:5000", "same-site"),
        ("http://localhost:3000", "http://127.0.0.1:5000", "cross-site"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:5000", "same-site"),
        ("http://127.0.0.1", "http://127.0.0.2", "cross-site"),
        ("https://com", "https://com:8443", "same-site"),
        ("null", "https://a.example", "cross-site"),
    ],
)
def test_how_far_a_request_goes(one: str, other: str, expected: str) -> None:
    assert relation(one, other) == expected
    assert relation(other, one) == expected


def test_two_opaque_origins_are_of_no_site() -> None:
    assert not same_site("null", "null")


def test_the_farthest_place_of_a_redirect_chain_counts() -> None:
    assert farthest("same-site", "same-origin") == "same-site"
    assert farthest("same-site", "cross-site") == "cross-site"
