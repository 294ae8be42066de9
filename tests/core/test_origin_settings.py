"""What may stand in ``origins``, what may not, and what to write instead."""

from __future__ import annotations

import pytest

from flask_cors_policy import Policy
from flask_cors_policy.core.origin import OriginPattern
from flask_cors_policy.core.origin_mistakes import EXAMPLE
from tests.helpers import problems

PERMITTED = [
    "https://example.com",
    "http://example.com",
    "https://example.com:8443",
    "http://localhost",
    "http://localhost:3000",
    "http://localhost:*",
    "http://*.localhost:*",
    "https://*.example.com",
    "https://*.example.com:*",
    "https://*.example.com:8443",
    "https://*.com",
    "http://127.0.0.1:*",
    "http://[::1]:3000",
    "http://[::1]:*",
    "https://xn--bcher-kva.example",
    "https://a_b.example",
    "https://a-b.example",
    "https://1.example",
    "chrome-extension://abcdefghijklmnop",
    "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
    "capacitor://localhost",
    "tauri://localhost",
    "https://example.com.",
    "https://*.example.com.:*",
    "http://localhost.:3000",
    "app://.",
    "qrc://",
    "https://xn--fa-hia.de",
    "https://xn--i-7iq.ws",
    "https://xn--ls8h.la",
    "https://*.xn--bcher-kva.example",
]

# What was written -> the reason code, and what the hint says to write: an origin, or
# None where no better origin can be told without a guess.
PROHIBITED: dict[str, tuple[str, str | None]] = {
    # nothing, and more than one
    "": ("origin-whitespace", None),
    "  ": ("origin-whitespace", None),
    "https://a.com,https://b.com": ("origin-list", None),
    "https://a.com;https://b.com": ("origin-list", None),
    "https://a.com," * 100: ("origin-list", None),
    # whitespace, control and invisible characters
    " https://example.com": ("origin-whitespace", "https://example.com"),
    "https://example.com\n": ("origin-whitespace", "https://example.com"),
    "https://a.com https://b.com": ("origin-whitespace", None),
    "https://exam ple.com": ("origin-whitespace", None),
    "https://exam\u200bple.com": ("origin-whitespace", "https://example.com"),
    "\ufeffhttps://example.com": ("origin-whitespace", "https://example.com"),
    "https://exam\xadple.com": ("origin-whitespace", "https://example.com"),
    "https://exam\x1bple.com": ("origin-whitespace", None),
    "https://exam\ud800ple.com": ("origin-whitespace", None),
    # regular expressions
    r"^https://.*\.example\.com$": ("origin-regex", "https://*.example.com"),
    r"https://.*\.example\.com": ("origin-regex", "https://*.example.com"),
    r"https://.+\.example\.com\Z": ("origin-regex", "https://*.example.com"),
    r"https://\w+\.example\.com": ("origin-regex", "https://*.example.com"),
    "https://[a-z0-9-]+.example.com": ("origin-regex", "https://*.example.com"),
    r"http://localhost:\d+": ("origin-regex", "http://localhost:*"),
    "http://localhost:[0-9]+": ("origin-regex", "http://localhost:*"),
    "http://localhost:.*": ("origin-regex", "http://localhost:*"),
    r"https://example\.com": ("origin-regex", "https://example.com"),
    "https://(www|api).example.com": ("origin-regex", None),
    "https://a.com|https://b.com": ("origin-regex", None),
    "https?://.*": ("origin-regex", None),
    ".*": ("origin-regex", None),
    "https://**.example.com": ("origin-regex", None),
    "https://.*example.com": ("origin-regex", None),
    # schemes
    "example.com": ("origin-scheme-missing", "https://example.com"),
    "*.example.com": ("origin-scheme-missing", "https://*.example.com"),
    "//example.com": ("origin-scheme-missing", "https://example.com"),
    "example.com:443": ("origin-scheme-missing", "https://example.com"),
    "localhost:3000": ("origin-scheme-missing", "http://localhost:3000"),
    "127.0.0.1:5000": ("origin-scheme-missing", "http://127.0.0.1:5000"),
    "[::1]:5000": ("origin-scheme-missing", "http://[::1]:5000"),
    "https:example.com": ("origin-scheme-missing", "https://example.com"),
    "http:/example.com": ("origin-scheme-missing", "http://example.com"),
    "https//example.com": ("origin-scheme-missing", "https://example.com"),
    "data:text/html": ("origin-scheme-missing", None),
    "NULL": ("origin-null", None),
    "Null": ("origin-null", None),
    "*://example.com": ("origin-wildcard-place", "https://example.com"),
    "http*://example.com": ("origin-wildcard-place", "https://example.com"),
    "wss://example.com": ("origin-scheme", "https://example.com"),
    "ws://localhost:3000": ("origin-scheme", "http://localhost:3000"),
    "wss://": ("origin-scheme", None),
    "file:///home": ("origin-scheme", None),
    "FTP://example.com": ("origin-scheme", None),
    "about://blank": ("origin-scheme", None),
    "blob://example.com": ("origin-scheme", None),
    "data://text": ("origin-scheme", None),
    "javascript://x": ("origin-scheme", None),
    "1https://example.com": ("origin-scheme", None),
    "s" * 65 + "://example.com": ("origin-scheme", None),
    "\uff28ttps://example.com": ("origin-scheme", None),
    # what follows host and port, or precedes them
    "https://user:secret@example.com": ("origin-userinfo", "https://example.com"),
    "https://@example.com": ("origin-userinfo", "https://example.com"),
    "https://example.com/": ("origin-path", "https://example.com"),
    "https://example.com/app": ("origin-path", "https://example.com"),
    "https://example.com?x=1": ("origin-path", "https://example.com"),
    "https://example.com#top": ("origin-path", "https://example.com"),
    "HTTPS://Example.com:443/": ("origin-path", "https://example.com"),
    "https://example.com:*/": ("origin-path", "https://example.com:*"),
    "https://example.com/*": ("origin-path", "https://example.com"),
    "https:///": ("origin-path", None),
    # case and alphabet
    "https://Example.com": ("origin-upper-case", "https://example.com"),
    "HTTPS://example.com": ("origin-upper-case", "https://example.com"),
    "https://bücher.example": ("origin-unicode", "https://xn--bcher-kva.example"),
    "https://BÜCHER.example": ("origin-unicode", "https://xn--bcher-kva.example"),
    "https://faß.de": ("origin-unicode", "https://xn--fa-hia.de"),
    "https://*.bücher.example": ("origin-unicode", "https://*.xn--bcher-kva.example"),
    "https://ex\u3002ample.com": ("origin-unicode", "https://ex.ample.com"),
    "https://i\u2764\ufe0f.ws": ("origin-unicode", "https://xn--i-7iq.ws"),
    "https://" + "ü" * 63 + ".com": ("origin-unicode", None),
    # wildcards
    "https://*": ("origin-wildcard-place", None),
    "https://*:8443": ("origin-wildcard-place", None),
    "https://a.*.com": ("origin-wildcard-place", None),
    "https://*example.com": ("origin-wildcard-place", None),
    "https://example.*": ("origin-regex", None),
    "https://*.*.example.com": ("origin-wildcard-place", None),
    "http://localhost:*:*": ("origin-wildcard-place", None),
    "http://*.127.0.0.1": ("origin-wildcard-place", None),
    "http://*.[::1]": ("origin-wildcard-place", None),
    # hosts
    "https://": ("origin-host", None),
    "https://:8443": ("origin-host", None),
    "https://*.": ("origin-host", None),
    "https://Example.com.": ("origin-upper-case", "https://example.com."),
    "https://example.com..": ("origin-host", None),
    "https://.": ("origin-host", None),
    "app://..": ("origin-host", None),
    "app://.:80": ("origin-host", None),
    "app://:*": ("origin-host", None),
    "https://.example.com": ("origin-host", None),
    "https://example..com": ("origin-host", None),
    "https://exam%70le.com": ("origin-host", None),
    "https://exam'ple.com": ("origin-host", None),
    "https://" + "a" * 64 + ".com": ("origin-host", None),
    "https://" + "a." * 126 + "ab": ("origin-host", None),
    "https://*." + "a." * 125 + "ab": ("origin-host", None),
    "https://" + "a" * 319: ("origin-too-long", None),
    # Punycode
    "https://xn--.com": ("origin-punycode", None),
    "https://xn--abc-.com": ("origin-punycode", None),
    "https://xn--99999999.com": ("origin-punycode", None),
    "https://www.xn--bcher-kv.example": ("origin-punycode", None),
    "https://*.xn--bcher-.example": ("origin-punycode", None),
    # addresses
    "http://127.0.0.1.": ("origin-ipv4", "http://127.0.0.1"),
    "http://1.2.3.4.:80": ("origin-ipv4", "http://1.2.3.4"),
    "http://127.1": ("origin-ipv4", None),
    "http://0x7f.0.0.1": ("origin-ipv4", None),
    "http://127.0.0.01": ("origin-ipv4", None),
    "http://256.0.0.1": ("origin-ipv4", None),
    "http://*.1.2.3": ("origin-ipv4", None),
    "http://example.0x": ("origin-ipv4", None),
    "http://::1": ("origin-ipv6", None),
    "http://::1:3000": ("origin-ipv6", None),
    "http://[::1": ("origin-ipv6", None),
    "http://::1]": ("origin-ipv6", None),
    "http://[::1]x:80": ("origin-ipv6", None),
    "http://[::1%25eth0]": ("origin-ipv6", None),
    "http://[fe80::1%eth0]": ("origin-ipv6", None),
    "http://[0:0:0:0:0:0:0:1]:3000": ("origin-ipv6", "http://[::1]:3000"),
    "http://[2001:DB8::1]": ("origin-ipv6", "http://[2001:db8::1]"),
    "http://[::ffff:1.2.3.4]": ("origin-ipv6", "http://[::ffff:102:304]"),
    # ports
    "https://example.com:443": ("origin-default-port", "https://example.com"),
    "http://example.com:80": ("origin-default-port", "http://example.com"),
    "http://example.com:0080": ("origin-default-port", "http://example.com"),
    "https://*.example.com:443": ("origin-default-port", "https://*.example.com"),
    "https://example.com:": ("origin-port", "https://example.com"),
    "https://example.com:0": ("origin-port", "https://example.com"),
    "https://example.com:08443": ("origin-port", "https://example.com:8443"),
    "http://[::1]:0": ("origin-port", "http://[::1]"),
    "http://[::1]:03000": ("origin-port", "http://[::1]:3000"),
    "https://example.com:65536": ("origin-port", None),
    "https://example.com:http": ("origin-port", None),
    "https://example.com:80*": ("origin-port", None),
    "https://example.com:-1": ("origin-port", None),
    "https://example.com:\uff18\uff14\uff14\uff13": ("origin-port", None),
    "app://example:None": ("origin-unset", None),
    "http://None:3000": ("origin-unset", None),
    "None": ("origin-unset", None),
    "undefined": ("origin-unset", None),
    "${FRONTEND_URL}": ("origin-unset", None),
    "https://$HOST": ("origin-unset", None),
    "https://{host}:3000": ("origin-unset", None),
    "%(origin)s": ("origin-unset", None),
    "https://<your-domain>": ("origin-unset", None),
    # quotes, as environment variables and JSON have them
    '"https://example.com"': ("origin-quotes", "https://example.com"),
    "'https://example.com'": ("origin-quotes", "https://example.com"),
    "['https://example.com']": ("origin-quotes", "https://example.com"),
    "[https://example.com": ("origin-quotes", "https://example.com"),
    "app://example:": ("origin-port", "app://example"),
}


@pytest.mark.parametrize("text", PERMITTED)
def test_permitted(text: str) -> None:
    policy = Policy(origins=[text])
    assert policy.origins == (text,)
    assert policy == Policy(origins=text)


@pytest.mark.parametrize(
    ("text", "reason", "better"),
    [(text, *expected) for text, expected in PROHIBITED.items()],
    ids=[ascii(text)[:60] for text in PROHIBITED],
)
def test_prohibited(text: str, reason: str, better: str | None) -> None:
    (problem,) = problems(origins=[text])
    assert (problem.setting, problem.value) == ("origins[0]", text)
    assert problem.reason == reason
    assert problem.message.endswith(".")
    assert problem.hint
    if better is not None:
        assert f'Write "{better}".' in problem.hint
        assert OriginPattern.parse(better) is not None
    elif 'Write "' in problem.hint:
        # A general example then, or how to allow everybody; never a computed guess.
        assert "example.com" in problem.hint


def test_hint_without_a_guess_is_the_general_example() -> None:
    (problem,) = problems(origins=["https://exam%70le.com"])
    assert problem.hint == EXAMPLE


def test_every_origin_of_a_list_is_reported_under_its_own_index() -> None:
    found = problems(
        origins=["https://a.com/", "https://b.com", "c.com", 7, None, b"https://d.com"]
    )
    assert [(problem.setting, problem.reason) for problem in found] == [
        ("origins[0]", "origin-path"),
        ("origins[2]", "origin-scheme-missing"),
        ("origins[3]", "wrong-type"),
        ("origins[4]", "wrong-type"),
        ("origins[5]", "wrong-type"),
    ]


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("https://a.com", ("https://a.com",)),
        ("https://a.com,https://b.com", ("https://a.com", "https://b.com")),
        ("https://a.com https://b.com", ("https://a.com", "https://b.com")),
        (" https://a.com ,\n https://b.com, ", ("https://a.com", "https://b.com")),
        ("https://a.com https://a.com", ("https://a.com",)),
        ("*", ("*",)),
    ],
)
def test_string_is_a_list_as_environment_variables_carry_it(
    text: str, origins: tuple[str, ...]
) -> None:
    assert Policy(origins=text).origins == origins


def test_lone_mistake_in_a_string_is_named_without_an_index() -> None:
    assert problems(origins="https://a.com/")[0].setting == "origins"
    assert problems(origins="https://a.com, b.com")[0].setting == "origins[1]"
