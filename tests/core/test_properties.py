"""What holds for every policy and every request."""

from __future__ import annotations

import ipaddress
import re
import string
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy import Policy, PolicyError, PolicyWarning
from flask_cors_policy.core.answer import Decision, merge
from flask_cors_policy.core.decision import decide
from flask_cors_policy.core.fetch_standard import (
    CORS_RESPONSE_HEADERS,
    is_forbidden_request_header,
    is_token,
)
from flask_cors_policy.core.origin import (
    MAX_ORIGIN,
    Origin,
    OriginPattern,
    canonical_ipv6,
)
from flask_cors_policy.core.origin_mistakes import corrected, diagnose
from flask_cors_policy.core.paths import PathRules
from flask_cors_policy.core.request import CORSRequest
from tests.helpers import A, B

# Few letters, so that what is drawn twice often nearly meets.
LABELS = st.text("ab-", min_size=1, max_size=2)
HOSTS = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
# A host may end in a dot, and is another one then.
DOTTED_HOSTS = st.tuples(HOSTS, st.sampled_from(["", "", "."])).map("".join)
SCHEMES = st.sampled_from(["http", "https", "app"])
PORTS = st.sampled_from(["", ":1", ":80", ":443", ":8080"])
HOSTLESS = st.sampled_from(["app://", "app://.", "qrc://", "http://", "https://."])
ORIGINS = st.one_of(
    st.tuples(SCHEMES, st.just("://"), DOTTED_HOSTS, PORTS).map("".join), HOSTLESS
)
PATTERN_PORTS = st.one_of(PORTS, st.just(":*"))
WILDCARDS = st.sampled_from(["", "*."])
PATTERNS = st.one_of(
    st.tuples(SCHEMES, st.just("://"), WILDCARDS, DOTTED_HOSTS, PATTERN_PORTS).map(
        "".join
    ),
    HOSTLESS,
)
JUNK = st.text(st.sampled_from("ab.:/*[]@ ,\n0né\x00-_%\\$"), max_size=12)
PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            ["http", "https", "://", ":", "*.", "*", "/", "[::1]", "1.2.3.4", "null"]
        ),
        HOSTS,
        PORTS,
        JUNK,
    ),
    max_size=6,
).map("".join)
ANYTHING = st.one_of(st.none(), ORIGINS, PIECES, st.text(), st.just("null"))

DEFAULT_PORT = {"http": "80", "https": "443"}


def split(text: str) -> tuple[str, list[str], str]:
    """Split an origin or pattern the naive way: scheme, labels, port."""
    scheme, _, rest = text.partition("://")
    host, _, port = rest.partition(":")
    return scheme, host.split("."), port


def covers(pattern: str, origin: str) -> bool:
    """Say whether *pattern* covers *origin*, both valid, label by label."""
    scheme, labels, port = split(pattern)
    origin_scheme, origin_labels, origin_port = split(origin)
    if origin_scheme != scheme or port not in ("*", origin_port):
        return False
    if labels[0] != "*":
        return labels == origin_labels
    suffix = labels[1:]
    return len(origin_labels) > len(suffix) and origin_labels[-len(suffix) :] == suffix


def near(pattern: str) -> str:
    """Return an origin that *pattern* covers, where it covers any."""
    return pattern.replace("*.", "a.").replace(":*", "")


def is_serialised(text: str) -> bool:
    """Say whether a browser could send *text*, for what ORIGINS draws."""
    scheme, labels, port = split(text)
    if not any(labels):  # Only schemes of applications have no host, or a dot for one.
        return scheme not in DEFAULT_PORT
    return DEFAULT_PORT.get(scheme) != port


@given(st.lists(PATTERNS, min_size=1, max_size=4), st.lists(ORIGINS, min_size=8))
def test_patterns_allow_exactly_what_a_naive_oracle_allows(
    patterns: list[str], origins: list[str]
) -> None:
    written = [pattern for pattern in patterns if is_serialised(pattern)]
    policy = Policy(origins=[*written, "https://never.example"])
    for origin in [*origins, *(near(pattern) for pattern in patterns)]:
        expected = is_serialised(origin) and any(covers(p, origin) for p in written)
        assert policy.allows_origin(origin) is expected


@given(PATTERNS, PIECES)
def test_what_is_allowed_is_an_origin(pattern: str, text: str) -> None:
    policy = Policy(origins=[pattern] if is_serialised(pattern) else "http://*.a:*")
    if policy.allows_origin(text):
        assert Origin.parse(text) is not None


@given(st.one_of(ORIGINS, PIECES, st.text()))
def test_origin_is_its_own_serialisation(text: str) -> None:
    origin = Origin.parse(text)
    if origin is not None:
        port = "" if origin.port is None else f":{origin.port}"
        assert f"{origin.scheme}://{origin.host}{port}" == text
        assert len(text) <= MAX_ORIGIN


@given(PATTERNS)
def test_drawn_patterns_are_accepted_unless_they_have_a_default_port(text: str) -> None:
    assert (OriginPattern.parse(text) is not None) is is_serialised(text)


@given(st.one_of(PIECES, PIECES.map("https://{}".format), st.text()))
def test_every_other_string_gets_a_diagnosis_and_hints_are_valid(text: str) -> None:
    if text in ("*", "null") or OriginPattern.parse(text):
        return
    mistake = diagnose(text)
    assert mistake.message.endswith(".")
    for quoted in re.findall(r'Write "([^"]+)"\.', mistake.hint):
        assert OriginPattern.parse(quoted) is not None


SLIPS: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "a slash": "{}/".format,
    "a path": "{}/login?next=/#top".format,
    "spaces": " {}\n".format,
    "an invisible character": "\ufeff{}\u200b".format,
    "a user": lambda text: text.replace("://", "://user:secret@"),
    "another dot": lambda text: text.replace(".", "\u3002"),
    "other letters": lambda text: re.sub("(?<=[/.])a", "\uff41", text),
    "zeros before the port": lambda text: re.sub(r":(\d+)$", r":00\1", text),
    "the default port": lambda text: re.sub(r"^(http://[^:]+)$", r"\1:80", text),
    "a web socket": lambda text: re.sub("^http", "ws", text),
}


@pytest.mark.parametrize("slip", SLIPS)
@given(
    PATTERNS.filter(OriginPattern.parse),
    st.lists(st.sampled_from(sorted(SLIPS)), max_size=2),
)
def test_an_origin_that_was_written_with_slips_is_corrected(
    slip: str, pattern: str, more: list[str]
) -> None:
    written = pattern
    for each in sorted({slip, *more}):
        written = SLIPS[each](written)
    assert corrected(written) == pattern


@given(st.one_of(PIECES, PIECES.map("https://{}".format), PATTERNS, st.text()))
def test_what_is_correct_stays_as_it_is(text: str) -> None:
    better = corrected(text)
    if OriginPattern.parse(text) is not None:
        assert better in (text, None)
    if better is not None:
        assert OriginPattern.parse(better) is not None
        assert corrected(better) == better


@given(st.ip_addresses(v=6))
def test_ipv6_is_the_short_form_without_dots(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    for spelled in (address.compressed, address.exploded, address.exploded.upper()):
        canonical = canonical_ipv6(spelled)
        assert canonical is not None
        assert ipaddress.ip_address(canonical) == address
        assert set(canonical) <= set("0123456789abcdef:")
        if address.ipv4_mapped is None:  # type: ignore[union-attr]
            assert canonical == address.compressed


TOKENS = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=8)
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "origins": st.one_of(
        st.sampled_from(["*", A, "http://localhost:*", f"{A},{B}"]),
        st.lists(st.sampled_from([A, B, "https://*.a.example"]), min_size=1),
    ),
    "methods": st.one_of(
        st.just("*"), st.lists(st.sampled_from(["PUT", "DELETE", "PATCH", "X", "x"]))
    ),
    "allow_headers": st.one_of(
        st.just("*"),
        st.just(["*", "Authorization"]),
        st.lists(TOKENS.map("X-{}".format), max_size=3),
    ),
    "expose_headers": st.lists(TOKENS.map("X-{}".format), max_size=3),
    "supports_credentials": st.booleans(),
    "max_age": st.one_of(st.none(), st.integers(0, 2**31), st.timedeltas()),
    "preflight_status": st.sampled_from([200, 204]),
    "timing_allow_origin": st.booleans(),
    "enforce": st.sampled_from([False, True, "unsafe"]),
    "accept_risks": st.lists(st.sampled_from(["null-origin", "insecure-origin"])),
}


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Draw a policy that can be built."""
    options = draw(st.fixed_dictionaries({}, optional=OPTIONS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PolicyWarning)
        try:
            return Policy(**options)
        except PolicyError:
            return Policy(origins=A)


REQUESTS = st.builds(
    CORSRequest,
    method=st.sampled_from(["GET", "OPTIONS", "OPTIONS", "DELETE", "options", ""]),
    origin=st.one_of(ANYTHING, st.sampled_from([A, B, "https://x.a.example"])),
    requested_method=st.one_of(ANYTHING, st.sampled_from(["PUT", "patch"])),
    requested_headers=st.one_of(ANYTHING, st.lists(TOKENS).map(",".join)),
    fetch_site=st.one_of(st.none(), st.sampled_from(["same-origin", "cross-site"])),
    scheme=st.sampled_from(["https", "http", ""]),
    host=st.one_of(HOSTS, st.just("")),
    has_cookies=st.booleans(),
    is_websocket=st.booleans(),
    environ=st.just({}),
)


@given(policies())
def test_policy_is_what_its_settings_say(policy: Policy) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PolicyWarning)
        twin = Policy(**policy.as_settings())
    assert twin == policy
    assert hash(twin) == hash(policy)
    assert twin.as_settings() == policy.as_settings()


def vary(decision: Decision) -> list[str]:
    """Return what the response of *decision* varies with."""
    names = dict(decision.headers).get("Vary", "")
    return names.split(", ") if names else []


@given(policies(), REQUESTS)
def test_every_answer_keeps_the_rules(policy: Policy, request: CORSRequest) -> None:
    decision = decide(policy, request)
    headers = dict(decision.headers)
    assert len(headers) == len(decision.headers)
    assert decision.status in (None, 403, policy.preflight_status)
    assert (headers.get("Cache-Control") == "no-store") is (decision.status == 403)
    origin = headers.get("Access-Control-Allow-Origin")
    if policy.origins == ("*",):
        assert "Origin" not in vary(decision)
        assert origin in (None, "*")
    else:
        assert "Origin" in vary(decision)
        assert origin in (None, request.origin)
        allowed = request.origin is not None and policy.allows_origin(request.origin)
        assert origin is None or allowed
        assert (origin is not None) is (allowed and decision.status != 403)
    if origin in (None, "*"):
        assert "Access-Control-Allow-Credentials" not in headers
    if origin is None:
        assert not [name for name in headers if name.startswith("Access-Control-")]
    if decision.reason.denied and not decision.reason.by_browser:
        assert origin is None
    if decision.status == 403:
        assert decision.reason.denied


@given(policies(), REQUESTS)
def test_nothing_is_repeated_but_allowed_origins_and_tokens(
    policy: Policy, request: CORSRequest
) -> None:
    said_by_policy = {
        "*",
        "true",
        ", ".join(policy.methods),
        ", ".join(policy.allow_headers),
        ", ".join(policy.expose_headers),
        str(policy.max_age),
    }
    for name, value in decide(policy, request).headers:
        if value in said_by_policy or name in ("Vary", "Cache-Control"):
            continue
        if name in ("Access-Control-Allow-Origin", "Timing-Allow-Origin"):
            assert Origin.parse(value) is not None
            assert policy.allows_origin(value)
        else:
            assert name in (
                "Access-Control-Allow-Methods",
                "Access-Control-Allow-Headers",
            )
            assert policy.supports_credentials
            assert all(is_token(part) for part in value.split(", "))
            assert len(value) <= 2 * 4096


RESPONSE_HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "Vary",
                "vary",
                "X-A",
                "Access-Control-Allow-Origin",
                "ACCESS-CONTROL-MAX-AGE",
            ]
        ),
        st.sampled_from(["*", "Origin", "accept, origin", "", A]),
    ),
    max_size=5,
)


NAMES = st.one_of(
    st.sampled_from(["x-a", "X-A", "host", "Cookie", "sec-a", "x-sec-a", "proxy-", ""]),
    st.text(st.sampled_from("aZ0-_ \t\r;\x00\xe9\u20ac\ud800"), max_size=4),
    st.integers(0, 200).map("x-{}".format),
)


@given(st.lists(NAMES, max_size=140), st.sampled_from([",", ", ", " ,\t"]))
def test_names_are_echoed_as_a_look_at_each_says(names: list[str], comma: str) -> None:
    policy = Policy(origins=A, allow_headers="*", supports_credentials=True)
    request = CORSRequest("OPTIONS", A, "GET", comma.join(names))
    stripped = [name.strip(" \t") for name in names]
    tokens = [
        name
        for name in stripped
        if is_token(name) and not is_forbidden_request_header(name)
    ]
    expected = ", ".join(dict.fromkeys(tokens)) if len(names) <= 128 else ""
    answer = dict(decide(policy, request).headers)
    assert answer.get("Access-Control-Allow-Headers", "") == expected


@given(policies(), REQUESTS, RESPONSE_HEADERS)
def test_response_has_each_header_of_the_protocol_once_and_one_vary(
    policy: Policy, request: CORSRequest, own: list[tuple[str, str]]
) -> None:
    decision = decide(policy, request)
    headers, _ = merge(own, decision.headers, policy.compiled.owned)
    names = [name.lower() for name, _ in headers]
    for name in CORS_RESPONSE_HEADERS:
        assert names.count(name) <= 1
    assert names.count("vary") == 1 or not vary(decision)
    varies = ", ".join(value for name, value in headers if name == "Vary").split(", ")
    for name in vary(decision):
        folded = [part.lower() for part in varies]
        assert folded.count(name.lower()) == 1 or varies == ["*"]
    assert [header for header in headers if header[0] == "X-A"] == [
        header for header in own if header[0] == "X-A"
    ]


SEGMENTS = st.lists(st.sampled_from(["a", "b", "A", "a b", "ab"]), max_size=4)
RULES = st.tuples(SEGMENTS, st.booleans())


@given(st.lists(RULES, min_size=1, max_size=6), SEGMENTS)
def test_path_rule_is_the_one_a_naive_oracle_finds(
    drawn: list[tuple[list[str], bool]], segments: list[str]
) -> None:
    rules = {
        "/" + "/".join([*r, "*"] if below else r): (r, below) for r, below in drawn
    }
    best = max(
        (
            (len(rule), not below, text)
            for text, (rule, below) in rules.items()
            if (segments[: len(rule)] == rule if below else segments == rule)
        ),
        default=None,
    )
    found = PathRules(rules).find("/" + "/".join(segments))
    assert (found and found[0]) == (best and best[2])
