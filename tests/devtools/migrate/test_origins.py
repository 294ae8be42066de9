"""Items of ``origins``: what is written never allows more than Flask-CORS did."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from flask_cors_policy import Policy, PolicyError, PolicyWarning
from flask_cors_policy.devtools.flask_cors_options import compiled, matches
from flask_cors_policy.devtools.migrate.origins import translate_origin

SCHEMES = ("https://", "https?://", "http://", ".*://", "", "^https://", "[a-z]+://")
HOSTS = (
    "a",
    "example",
    r"\.",
    ".",
    ".*",
    ".+",
    "[a-z]+",
    r"[^.]+",
    "(b|c)",
    "(b.)?",
    r"\d+",
    r"\w*",
    "-",
    "*",
    r"\.example\.com",
    ".example.com",
    "localhost",
    "192.168.",
    r"10\.0\.",
)
ENDS = ("", "$", r"(:\d+)?$", ":*", r":\d+", ":3000", ":30*", "/?", "/.*", ".*", r"\Z")
HOST_NAMES = (
    "a",
    "b.example.com",
    "a.b.example.com",
    "aexample.com",
    "example.com",
    "a-example.com",
    "localhost",
    "192.168.0.7",
    "10.0.3.4",
    "example.com.stranger.invalid",
    "c",
    "stranger.invalid",
    "1",
    "xn--bcher-kva.example.com",
)
ORIGINS = [
    f"{scheme}://{host}{port}"
    for scheme in ("https", "http")
    for host in HOST_NAMES
    for port in ("", ":3000", ":30", ":8443", ":1")
]
expressions = st.builds(
    lambda scheme, host, end: f"{scheme}{''.join(host)}{end}",
    st.sampled_from(SCHEMES),
    st.lists(st.sampled_from(HOSTS), max_size=4),
    st.sampled_from(ENDS),
)


def allowed(items: tuple[Any, ...]) -> set[str]:
    """Return the origins that a policy with *items* allows."""
    risks = ["null-origin"]
    if any(isinstance(item, re.Pattern) for item in items):
        risks.append("regex-origin")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PolicyWarning)
        policy = Policy(origins=list(items), accept_risks=risks)
    return {origin for origin in ORIGINS if policy.allows_origin(origin)}


@example(r"https://192.168.:\d+")
@example("https://192.168.[^.]+$")
@given(expressions)
def test_no_origin_is_allowed_that_was_not(text: str) -> None:
    try:
        pattern = compiled(text, ignore_case=True)
    except ValueError:
        return
    before = {origin for origin in ORIGINS if matches(pattern, origin)}
    items = translate_origin(text).new
    assume(items)  # Otherwise nobody is allowed.
    try:
        after = allowed(items)
    except PolicyError:
        return  # The application does not start; the command says so.
    assert after <= before


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("https://A.example", ("https://a.example",)),
        ("https://a.example/", ()),
        (r"https://.*\.example\.com$", ("https://*.example.com",)),
        (r"https://.*\.example\.com", ("https://*.example.com:*",)),
        ("http://localhost:*", ("http://localhost:*",)),
        (r"^http://localhost:\d+$", (re.compile(r"http://localhost:[0-9]+"),)),
        (r"https?://a\.example", ("http://a.example:*", "https://a.example:*")),
        ("https://*.example.com", ()),
        (".*", ("*",)),
        ("*", ("*",)),
        (r"https://.*", ()),
        ("null", ("null",)),
        ("", ()),
        (None, ()),
        (
            r"https://.*-team\.vercel\.app$",
            (re.compile(r"https://[a-z0-9._-]*-team\.vercel\.app"),),
        ),
        (r".*https://a\.example$", ("https://a.example",)),
        (r".+https://a\.example$", ()),
        (r"https://(?!evil).*", ()),
        (r"https://.*|https://a\.example", ("https://a.example:*",)),
        (r"https://$", ()),
        (r"https://()*a\.example$", (re.compile(r"https://()*a\.example$", re.I),)),
        (r"chrome-extension://.*", (re.compile("chrome-extension://[a-z0-9-]{1,64}"),)),
        (r"chrome-extension://$", ()),
        (r"https://[a-z0-9.-]+example\.com$", ("https://*.example.com",)),
        (r"https://([a-z0-9-]+\.)+example\.com$", ("https://*.example.com",)),
        (r"https://(?:www\.){1}example\.com$", ("https://www.example.com",)),
        (r"https://[ab]\.example$", ("https://a.example", "https://b.example")),
        (r"https://[a-z]\.example$", (re.compile(r"https://[a-z]\.example"),)),
        (r"https://[a-z]{3}\.example$", (re.compile(r"https://[a-z]{3}\.example"),)),
        (r"https://[a-z]{3,}\.example$", (re.compile(r"https://[a-z]{3,}\.example"),)),
        (r"https://a\d?\.example$", (re.compile(r"https://a[0-9]{0,1}\.example"),)),
        (r"https://app[0-9]{2}:*$", (re.compile(r"https://app[0-9]{2}"),)),
        (r"https://[a-z]+-app$", ()),
        (r".+[0-9]+$", ()),
        (r"https://[!$]+\.example$", ()),
        (r"https://a\.example:[a-z]+", ()),
        (r"https://a\.example:99999$|https://b\.example$", ("https://b.example",)),
        (r"http://192\.168\.[0-9a-z]+$", ()),
        (
            r"https://a\.example\b",
            (re.compile(r"(?:https://a\.example\b)(:[0-9]+)?", re.I),),
        ),
    ],
)
def test_an_origin_is_written_as(item: Any, expected: tuple[Any, ...]) -> None:
    assert translate_origin(item).new == expected
