"""What is answered: policy -> requests -> exact status, headers and Vary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from flask_cors_policy import Policy
from flask_cors_policy.core.decision import decide, decide_denied
from flask_cors_policy.core.reasons import Reason
from flask_cors_policy.core.request import CORSRequest
from tests.helpers import EVIL, A, B, actual, preflight

ACAO = "Access-Control-Allow-Origin"
ACAC = "Access-Control-Allow-Credentials"
ACAM = "Access-Control-Allow-Methods"
ACAH = "Access-Control-Allow-Headers"
ACMA = "Access-Control-Max-Age"
ACEH = "Access-Control-Expose-Headers"
TAO = "Timing-Allow-Origin"

# Where no policy can be found: see ``decide_denied``.
WITHOUT_POLICY = {Reason.PATH_AMBIGUOUS, Reason.ROUTE_UNKNOWN, Reason.POLICY_INVALID}

# What is expected: status (None lets the application run), the headers, Vary.
Expected = tuple[Reason, int | None, list[tuple[str, str]], list[str]]
Table = dict[str, tuple[CORSRequest, Expected]]


def fail(origin: str, environ: Mapping[str, Any]) -> bool:
    raise LookupError


INVALID = {
    "null": ("null", Reason.ORIGIN_NULL),
    "joined": (f"{A}, {B}", Reason.ORIGIN_JOINED),
    "over-long": ("https://" + "a" * 400, Reason.ORIGIN_TOO_LONG),
    "malformed": (f"{A}/", Reason.ORIGIN_MALFORMED),
    "empty": ("", Reason.ORIGIN_MALFORMED),
}

OPEN = Policy(
    origins="*",
    methods=["PUT", "DELETE"],
    allow_headers=["X-A", "X-B"],
    expose_headers="X-C",
    max_age=600,
)
OPEN_ACTUAL: Expected = (
    Reason.ANY_ORIGIN_ALLOWED, None, [(ACAO, "*"), (ACEH, "X-C")], [],
)  # fmt: skip
OPEN_NOT_CORS: Expected = (Reason.NOT_CORS, *OPEN_ACTUAL[1:])
OPEN_PREFLIGHT: Expected = (
    Reason.ANY_ORIGIN_ALLOWED,
    204,
    [(ACAO, "*"), (ACAM, "PUT, DELETE"), (ACAH, "X-A, X-B"), (ACMA, "600")],
    [],
)


def short_of_method(answer: Expected) -> Expected:
    """Return the same answer, to which the browser will say no for the method."""
    return (Reason.METHOD_NOT_ALLOWED, *answer[1:])


def short_of_headers(answer: Expected) -> Expected:
    """Return the same answer, to which the browser will say no for a header."""
    return (Reason.HEADER_NOT_ALLOWED, *answer[1:])


def malformed(vary: list[str]) -> Expected:
    """Return the answer to a preflight that asks for what is no method."""
    return (Reason.METHOD_MALFORMED, 403, [], vary)


OPEN_REQUESTS: Table = {
    "no Origin": (actual(None), OPEN_NOT_CORS),
    "an actual request": (actual(A), OPEN_ACTUAL),
    "an actual request of another": (actual(EVIL, "DELETE"), OPEN_ACTUAL),
    "an actual request of null": (actual("null"), OPEN_ACTUAL),
    "an actual request of nonsense": (actual("x y"), OPEN_ACTUAL),
    "OPTIONS without a requested method": (actual(A, "OPTIONS"), OPEN_ACTUAL),
    "a preflight": (preflight(A), OPEN_PREFLIGHT),
    "a preflight of null": (preflight("null"), OPEN_PREFLIGHT),
    "a preflight for a method that is not listed": (
        preflight(A, "PATCH", "x-z"), short_of_method(OPEN_PREFLIGHT),
    ),
    "a preflight for a header that is not listed": (
        preflight(A, "PUT", "x-a, x-z"), short_of_headers(OPEN_PREFLIGHT),
    ),
    "a preflight for listed headers in another case": (
        preflight(A, "PUT", " X-a,\tx-B ,"), OPEN_PREFLIGHT,
    ),
    "a preflight for more names than are looked at": (
        preflight(A, "PUT", "x-a," * 1000), short_of_headers(OPEN_PREFLIGHT),
    ),
    "a preflight without Origin": (preflight(None), OPEN_NOT_CORS),
    "a preflight of nonsense": (
        preflight("x"), (Reason.ORIGIN_MALFORMED, 403, [], []),
    ),
}  # fmt: skip

LISTED = Policy(
    origins=[A, "https://*.b.example"],
    methods=["PUT"],
    allow_headers=["Authorization", "X-A"],
    expose_headers=["X-B", "X-C"],
    supports_credentials=True,
    max_age=0,
    preflight_status=200,
    timing_allow_origin=True,
)
GRANTED = [(ACAO, A), (ACAC, "true"), (ACEH, "X-B, X-C"), (TAO, A)]
LISTED_PREFLIGHT = [
    (ACAO, A), (ACAC, "true"), (ACAM, "PUT"), (ACAH, "Authorization, X-A"), (ACMA, "0"),
]  # fmt: skip
LISTED_REQUESTS: Table = {
    "no Origin": (actual(None), (Reason.NOT_CORS, None, [], ["Origin"])),
    "an allowed origin": (
        actual(A), (Reason.ORIGIN_ALLOWED, None, GRANTED, ["Origin"]),
    ),
    "an allowed origin, any method": (
        actual(A, "DELETE"), (Reason.ORIGIN_ALLOWED, None, GRANTED, ["Origin"]),
    ),
    "another origin": (
        actual(EVIL), (Reason.ORIGIN_NOT_ALLOWED, None, [], ["Origin"]),
    ),
    "the API's own origin": (
        actual("https://api.example"), (Reason.SAME_ORIGIN, None, [], ["Origin"]),
    ),
    "a preflight": (
        preflight(A), (Reason.ORIGIN_ALLOWED, 200, LISTED_PREFLIGHT, ["Origin"]),
    ),
    "a preflight for what is not listed": (
        preflight(A, "PATCH", "x-z,x-y"),
        (Reason.METHOD_NOT_ALLOWED, 200, LISTED_PREFLIGHT, ["Origin"]),
    ),
    "a preflight for nonsense": (
        preflight(A, "<script>", "a b,\x00"),
        malformed(["Origin"]),
    ),
    "a preflight for an empty method": (
        preflight(A, ""),
        malformed(["Origin"]),
    ),
    "a preflight for a method of 64 characters": (
        preflight(A, "P" * 64),
        (Reason.METHOD_NOT_ALLOWED, 200, LISTED_PREFLIGHT, ["Origin"]),
    ),
    "a preflight for a method of 65 characters": (
        preflight(A, "P" * 65), malformed(["Origin"]),
    ),
    "a preflight of another origin": (
        preflight(EVIL), (Reason.ORIGIN_NOT_ALLOWED, 403, [], ["Origin"]),
    ),
    "a preflight of the API's own origin": (
        preflight("https://api.example"),
        (Reason.ORIGIN_NOT_ALLOWED, 403, [], ["Origin"]),
    ),
    **{
        f"a preflight whose origin is {name}": (
            preflight(origin), (reason, 403, [], ["Origin"]),
        )
        for name, (origin, reason) in INVALID.items()
    },
    **{
        f"an actual request whose origin is {name}": (
            actual(origin), (reason, None, [], ["Origin"]),
        )
        for name, (origin, reason) in INVALID.items()
    },
}  # fmt: skip

SPARSE = Policy(origins=A)
SPARSE_PREFLIGHT = [(ACAO, A), (ACAH, "Authorization, Content-Type")]
SPARSE_REQUESTS: Table = {
    "an allowed origin": (
        actual(A), (Reason.ORIGIN_ALLOWED, None, [(ACAO, A)], ["Origin"]),
    ),
    "a preflight": (
        preflight(A), (Reason.METHOD_NOT_ALLOWED, 204, SPARSE_PREFLIGHT, ["Origin"]),
    ),
    "a preflight for JSON with a token": (
        preflight(A, "POST", "authorization,content-type"),
        (Reason.ORIGIN_ALLOWED, 204, SPARSE_PREFLIGHT, ["Origin"]),
    ),
}  # fmt: skip

WILD = Policy(origins="*", methods="*", allow_headers=["*", "Authorization"])
WILD_REQUESTS: Table = {
    "a preflight": (
        preflight(A, "PATCH", "x-z"),
        (
            Reason.ANY_ORIGIN_ALLOWED,
            204,
            [(ACAO, "*"), (ACAM, "*"), (ACAH, "*, Authorization")],
            [],
        ),
    ),
}

ECHO = Policy(origins=A, methods="*", allow_headers="*", supports_credentials=True)
ECHO_VARY = [
    "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers",
]  # fmt: skip


def echoed(*headers: tuple[str, str]) -> Expected:
    granted = [(ACAO, A), (ACAC, "true"), *headers]
    return (Reason.ORIGIN_ALLOWED, 204, granted, ECHO_VARY)


MANY = [f"x-{number}" for number in range(129)]
ECHO_REQUESTS: Table = {
    "an actual request": (
        actual(A),
        (Reason.ORIGIN_ALLOWED, None, [(ACAO, A), (ACAC, "true")], ["Origin"]),
    ),
    "a method alone": (preflight(A, "PATCH"), echoed((ACAM, "PATCH"))),
    "a method as it is spelled": (preflight(A, "patch"), echoed((ACAM, "patch"))),
    "a method and headers": (
        preflight(A, "PUT", "x-a,x-b"), echoed((ACAM, "PUT"), (ACAH, "x-a, x-b")),
    ),
    "blanks around names": (
        preflight(A, "PUT", " x-a ,\tx-b, "),
        echoed((ACAM, "PUT"), (ACAH, "x-a, x-b")),
    ),
    "a name asked for twice": (
        preflight(A, "PUT", "x-a,x-a"), echoed((ACAM, "PUT"), (ACAH, "x-a")),
    ),
    "what is no token": (
        preflight(A, "PUT", "x a,<script>,x-ä,x-a\r\nSet-Cookie: x,x-b"),
        echoed((ACAM, "PUT"), (ACAH, "x-b")),
    ),
    "a method that is no token": (preflight(A, "a b", "x-b"), malformed(ECHO_VARY)),
    "a split method": (preflight(A, "PUT\r\nX: y"), malformed(ECHO_VARY)),
    "a split header": (preflight(A, "PUT", "x\r\ny"), echoed((ACAM, "PUT"))),
    "no names": (preflight(A, "PUT", ""), echoed((ACAM, "PUT"))),
    "commas only": (preflight(A, "PUT", ",,,, ,"), echoed((ACAM, "PUT"))),
    "a wildcard": (preflight(A, "*"), short_of_method(echoed())),
    "forbidden names": (
        preflight(A, "TRACE", "cookie,sec-x,proxy-x,host,x-a"),
        short_of_method(echoed((ACAH, "x-a"))),
    ),
    "128 names": (
        preflight(A, "PUT", ",".join(MANY[:128])),
        echoed((ACAM, "PUT"), (ACAH, ", ".join(MANY[:128]))),
    ),
    "129 names": (preflight(A, "PUT", ",".join(MANY)), echoed((ACAM, "PUT"))),
    "4096 bytes": (
        preflight(A, "PUT", "x" * 4096), echoed((ACAM, "PUT"), (ACAH, "x" * 4096)),
    ),
    "4097 bytes": (preflight(A, "PUT", "x" * 4097), echoed((ACAM, "PUT"))),
    "another origin": (
        preflight(EVIL, "PUT", "x-a"),
        (Reason.ORIGIN_NOT_ALLOWED, 403, [], ECHO_VARY),
    ),
}  # fmt: skip

ENFORCED = Policy(origins=A, enforce=True)
OWN = "https://api.example"


def refused(reason: Reason) -> Expected:
    return (reason, 403, [], ["Origin"])


SAME: Expected = (Reason.SAME_ORIGIN, None, [], ["Origin"])
ENFORCED_REQUESTS: Table = {
    "no Origin": (actual(None), (Reason.NOT_CORS, None, [], ["Origin"])),
    "an allowed origin": (
        actual(A), (Reason.ORIGIN_ALLOWED, None, [(ACAO, A)], ["Origin"]),
    ),
    **{
        f"{method} of another origin": (
            actual(EVIL, method), refused(Reason.ORIGIN_NOT_ALLOWED),
        )
        for method in ("GET", "HEAD", "POST", "OPTIONS", "DELETE", "brew")
    },
    **{
        f"an origin that is {name}": (actual(origin), refused(reason))
        for name, (origin, reason) in INVALID.items()
    },
    "its own origin": (actual(OWN, "POST"), SAME),
    "its own origin under another scheme": (
        actual("http://api.example"), refused(Reason.ORIGIN_NOT_ALLOWED),
    ),
    "its own origin, a port in Host": (actual(OWN, host="api.example:443"), SAME),
    "its own origin, Host in upper case": (actual(OWN, host="API.Example"), SAME),
    "another origin that calls itself same-origin": (
        actual(B, fetch_site="same-origin"), SAME,
    ),
    "a request the user began": (actual(B, fetch_site="none"), SAME),
    **{
        f"its own origin that calls itself {site!r}": (
            actual(OWN, fetch_site=site), refused(Reason.ORIGIN_NOT_ALLOWED),
        )
        for site in ("same-site", "cross-site")
    },
    **{
        f"its own origin, and {site!r}, which no browser sends": (
            actual(OWN, fetch_site=site), SAME,
        )
        for site in ("Same-Origin", "", "none, none", "cross-site, cross-site")
    },
    **{
        f"{method} without Origin from a page that is {site}": (
            actual(None, method, fetch_site=site), answer,
        )
        for method, answer in (
            ("POST", refused(Reason.ORIGIN_MISSING)),
            ("brew", refused(Reason.ORIGIN_MISSING)),
            ("GET", (Reason.NOT_CORS, None, [], ["Origin"])),
            ("HEAD", (Reason.NOT_CORS, None, [], ["Origin"])),
            ("OPTIONS", (Reason.NOT_CORS, None, [], ["Origin"])),
        )
        for site in ("cross-site", "same-site")
    },
    **{
        f"POST without Origin, and {site!r}": (
            actual(None, "POST", fetch_site=site),
            (Reason.NOT_CORS, None, [], ["Origin"]),
        )
        for site in ("same-origin", "none", None, "cross-site, none")
    },
    "a WebSocket handshake without Origin from another site": (
        actual(None, fetch_site="cross-site", is_websocket=True),
        refused(Reason.ORIGIN_MISSING),
    ),
    "an allowed origin, with cookies": (
        actual(A, has_cookies=True), refused(Reason.CREDENTIALS_NOT_ALLOWED),
    ),
    "its own origin, with cookies": (actual(OWN, has_cookies=True), SAME),
    "an origin that is not allowed, with cookies": (
        actual(EVIL, has_cookies=True), refused(Reason.ORIGIN_NOT_ALLOWED),
    ),
    "null, which only Sec-Fetch-Site can call its own": (
        actual("null", fetch_site="same-origin"), SAME,
    ),
}  # fmt: skip

ENFORCED_WITH_CREDENTIALS = ENFORCED.replace(supports_credentials=True)
ENFORCED_WITH_CREDENTIALS_REQUESTS: Table = {
    "an allowed origin, with cookies": (
        actual(A, has_cookies=True),
        (Reason.ORIGIN_ALLOWED, None, [(ACAO, A), (ACAC, "true")], ["Origin"]),
    ),
}

ENFORCED_OPEN = Policy(origins="*", enforce=True)
ENFORCED_OPEN_REQUESTS: Table = {
    "an origin": (
        actual(EVIL, "POST"), (Reason.ANY_ORIGIN_ALLOWED, None, [(ACAO, "*")], []),
    ),
    "an origin, with cookies": (
        actual(EVIL, has_cookies=True),
        (Reason.CREDENTIALS_NOT_ALLOWED, 403, [], []),
    ),
    "nonsense, with cookies": (
        actual("x y", has_cookies=True), (Reason.CREDENTIALS_NOT_ALLOWED, 403, [], []),
    ),
    "its own origin, with cookies": (
        actual(OWN, has_cookies=True),
        (Reason.SAME_ORIGIN, None, [(ACAO, "*")], []),
    ),
}  # fmt: skip

FAILING = Policy(origins=fail, enforce=True)
FAILING_REQUESTS: Table = {
    "a preflight": (preflight(A), refused(Reason.ORIGIN_LOOKUP_FAILED)),
    "an actual request": (actual(A), refused(Reason.ORIGIN_LOOKUP_FAILED)),
    "its own origin": (actual(OWN), SAME),
}

JUDGED = Policy(
    origins=re.compile(r"https?://[a-z]+\.example"),
    accept_risks="regex-origin",
    supports_credentials=True,
)
JUDGED_REQUESTS: Table = {
    "plain http": (
        actual("http://a.example"), (Reason.ORIGIN_INSECURE, None, [], ["Origin"]),
    ),
    "a preflight from plain http": (
        preflight("http://a.example"), refused(Reason.ORIGIN_INSECURE),
    ),
}  # fmt: skip

JUDGED_AND_ENFORCED = Policy(origins=lambda origin, environ: True, enforce=True)
JUDGED_AND_ENFORCED_REQUESTS: Table = {
    "plain http": (actual("http://a.example"), refused(Reason.ORIGIN_INSECURE)),
    "a preflight from plain http": (
        preflight("http://a.example"), refused(Reason.ORIGIN_INSECURE),
    ),
    "plain http on this machine": (
        actual("http://localhost:3000"),
        (Reason.ORIGIN_ALLOWED, None, [(ACAO, "http://localhost:3000")], ["Origin"]),
    ),
}  # fmt: skip

PUBLIC_TIMING = Policy(origins=A, timing_allow_origin="*", enforce=True)
PUBLIC_TIMING_REQUESTS: Table = {
    "an allowed origin": (
        actual(A),
        (Reason.ORIGIN_ALLOWED, None, [(TAO, "*"), (ACAO, A)], ["Origin"]),
    ),
    "an image, a font, a navigation": (
        actual(None), (Reason.NOT_CORS, None, [(TAO, "*")], ["Origin"]),
    ),
    "its own origin": (
        actual(OWN), (Reason.SAME_ORIGIN, None, [(TAO, "*")], ["Origin"]),
    ),
    "another origin": (
        actual(EVIL), (Reason.ORIGIN_NOT_ALLOWED, 403, [(TAO, "*")], ["Origin"]),
    ),
    "a preflight": (
        preflight(A, "GET", "content-type"),
        (
            Reason.ORIGIN_ALLOWED, 204,
            [(ACAO, A), (ACAH, "Authorization, Content-Type")], ["Origin"],
        ),
    ),
}  # fmt: skip

OPEN_PUBLIC_TIMING = Policy(origins="*", timing_allow_origin="*")
OPEN_PUBLIC_TIMING_REQUESTS: Table = {
    "any origin": (
        actual(EVIL), (Reason.ANY_ORIGIN_ALLOWED, None, [(TAO, "*"), (ACAO, "*")], []),
    ),
    "no Origin": (
        actual(None), (Reason.NOT_CORS, None, [(TAO, "*"), (ACAO, "*")], []),
    ),
}  # fmt: skip

OPEN_TIMING = Policy(origins="*", timing_allow_origin=True, enforce=True)
OPEN_TIMING_REQUESTS: Table = {
    "an actual request": (
        actual(EVIL),
        (Reason.ANY_ORIGIN_ALLOWED, None, [(ACAO, "*"), (TAO, "*")], []),
    ),
}

TABLES = {
    "open": (OPEN, OPEN_REQUESTS),
    "listed": (LISTED, LISTED_REQUESTS),
    "sparse": (SPARSE, SPARSE_REQUESTS),
    "wildcards without credentials": (WILD, WILD_REQUESTS),
    "wildcards with credentials": (ECHO, ECHO_REQUESTS),
    "enforced": (ENFORCED, ENFORCED_REQUESTS),
    "enforced, with credentials": (
        ENFORCED_WITH_CREDENTIALS,
        ENFORCED_WITH_CREDENTIALS_REQUESTS,
    ),
    "enforced and open": (ENFORCED_OPEN, ENFORCED_OPEN_REQUESTS),
    "a failing function": (FAILING, FAILING_REQUESTS),
    "a regular expression with credentials": (JUDGED, JUDGED_REQUESTS),
    "a function that is enforced": (JUDGED_AND_ENFORCED, JUDGED_AND_ENFORCED_REQUESTS),
    "open, with timings": (OPEN_TIMING, OPEN_TIMING_REQUESTS),
    "timings for everybody": (PUBLIC_TIMING, PUBLIC_TIMING_REQUESTS),
    "open, with timings for everybody": (
        OPEN_PUBLIC_TIMING,
        OPEN_PUBLIC_TIMING_REQUESTS,
    ),
}
CASES = {
    f"{policy_name} - {name}": (policy, request, expected)
    for policy_name, (policy, table) in TABLES.items()
    for name, (request, expected) in table.items()
}


@pytest.mark.parametrize(
    ("policy", "request_", "expected"), CASES.values(), ids=list(CASES)
)
def test_answer_is_exactly(
    policy: Policy, request_: CORSRequest, expected: Expected
) -> None:
    decision = decide(policy, request_)
    reason, status, headers, vary = expected
    assert decision.reason is reason
    assert decision.status == status
    varies = [("Vary", ", ".join(vary))] if vary else []
    stored = [("Cache-Control", "no-store")] if status == 403 else []
    assert list(decision.headers) == [*varies, *headers, *stored]
    assert decision.kind is request_.kind


def test_every_reason_is_reached_by_the_tables() -> None:
    reached = {expected[0] for _, _, expected in CASES.values()}
    assert reached | WITHOUT_POLICY == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_each_refusal_says_what_to_do(reason: Reason) -> None:
    assert [other for other in Reason if other.value == reason.value] == [reason]
    assert reason.sentence
    allowed = {"not-cors", "same-origin", "any-origin-allowed", "origin-allowed"}
    assert reason.denied is bool(reason.fix)
    assert reason.denied is (reason.value not in allowed)


def test_what_a_function_raised_is_part_of_the_decision() -> None:
    for request in (preflight(A), actual(A), actual(OWN)):
        assert isinstance(decide(FAILING, request).error, LookupError)
    assert decide(FAILING, actual("null")).error is None


@pytest.mark.parametrize("enforced", [False, True])
@pytest.mark.parametrize("reason", [each for each in Reason if each in WITHOUT_POLICY])
def test_without_a_policy_nothing_is_granted(reason: Reason, enforced: bool) -> None:
    refused = 403 if enforced else None
    expected = {
        "a preflight": (preflight(A), reason, 403),
        "an actual request": (actual(A), reason, refused),
        "its own origin": (actual(OWN), Reason.SAME_ORIGIN, None),
        "no Origin": (actual(None), Reason.NOT_CORS, None),
        "no Origin, from another site": (
            actual(None, "POST", fetch_site="cross-site"),
            Reason.ORIGIN_MISSING if enforced else Reason.NOT_CORS,
            refused,
        ),
    }
    for name, (request, its_reason, status) in expected.items():
        decision = decide_denied(request, reason, enforced)
        assert (decision.reason, decision.status) == (its_reason, status), name
        stored = [("Cache-Control", "no-store")] if status == 403 else []
        vary = "Origin, Access-Control-Request-Method"
        vary = vary if name == "a preflight" else "Origin"
        assert list(decision.headers) == [("Vary", vary), *stored]
