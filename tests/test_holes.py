"""The holes that were found in other CORS libraries, one test each.

Each test is named after the advisory, or after the library, and says what happens here
instead. What people suffered from without a hole stands in ``test_pains``; what
concerns Flask alone, with the Flask half.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from flask_cors_policy import CORSMiddleware, Policy, PolicyError
from tests.helpers import (
    EVIL,
    A,
    HeaderList,
    Spy,
    call,
    environ,
    preflight_headers,
)

ACAO = "Access-Control-Allow-Origin"
ACAC = "Access-Control-Allow-Credentials"
ACAM = "Access-Control-Allow-Methods"
ACAH = "Access-Control-Allow-Headers"
ACMA = "Access-Control-Max-Age"
LISTED = Policy(origins=A)
CREDENTIALS = Policy(origins=A, supports_credentials=True)


def get(policy: Policy, origin: str | None, path: str = "/") -> list[str]:
    """Return the Access-Control-Allow-Origin of a response under *policy*."""
    headers = {} if origin is None else {"Origin": origin}
    return call(CORSMiddleware(Spy(), policy), "GET", path, headers).values(ACAO)


NOT_MATCHED_WHOLE: dict[str, tuple[str, list[str]]] = {
    "CVE-2026-37737 sanic-cors: no end anchor": (
        "https://trusted.com",
        ["https://trusted.com.attacker.io", "https://trusted.community"],
    ),
    "CVE-2026-40110 jupyter-server: no end anchor": (
        "https://*.trusted.com",
        ["https://a.trusted.com.attacker.io", "https://a.trusted.com:1@attacker.io"],
    ),
    "CVE-2017-11173 rack-cors: no end anchor, no escape": (
        "https://api.example.com",
        ["https://api.example.com.evil.net", "https://apixexample.com"],
    ),
    "CVE-2026-25478 Litestar: dots not escaped": (
        "https://api.example.com",
        ["https://api-example.com", "https://apiaexampleacom.net"],
    ),
    "CVE-2025-50864 elysia: substring": (
        "https://example.com",
        ["https://evil.net/?https://example.com", "https://notexample.com"],
    ),
    "CVE-2026-27192 feathers: prefix": (
        "https://example.com",
        ["https://example.com.evil.net", "https://example.com@evil.net"],
    ),
    "CVE-2026-30964 webauthn-lib: host only": (
        "https://example.com",
        ["http://example.com", "https://example.com:8443"],
    ),
    "CVE-2019-25211 gin: trailing wildcard": (
        "http://localhost:*",
        ["http://localhost.evil.net", "http://localhost:1.evil.net"],
    ),
    "ktor#4163: a slash at the end": (
        "https://example.com",
        ["https://example.com/", "https://example.com/x"],
    ),
    "wsgicors: the wildcard swallows a slash": (
        "https://*.example.com",
        [
            "https://evil.net/.example.com",
            "https://evil.net#.example.com",
            "https://evil.net\\.example.com",
        ],
    ),
    "flask-cors: a string taken for a regular expression": (
        "http://[::1]:3000",
        ["http://1:3000", "http://::3000"],
    ),
}


@pytest.mark.parametrize(
    ("pattern", "denied"), NOT_MATCHED_WHOLE.values(), ids=list(NOT_MATCHED_WHOLE)
)
def test_origin_is_matched_whole(pattern: str, denied: list[str]) -> None:
    policy = Policy(origins=pattern)
    allowed = pattern.replace("*.", "a.").replace(":*", ":1234")
    assert get(policy, allowed) == [allowed]
    assert [origin for origin in denied if get(policy, origin)] == []


def test_ghsa_vhxv_fg4m_p2w8_two_hosts_do_not_make_a_third() -> None:
    policy = Policy(origins=["https://*.foo.com", "https://*.bar.com"])
    assert get(policy, "https://x.foo.com") == ["https://x.foo.com"]
    for origin in ("https://barfoo.com", "https://x.barfoo.com", "https://foobar.com"):
        assert get(policy, origin) == []


def test_cve_2020_25032_a_rule_applies_to_no_path_with_dot_segments() -> None:
    app = CORSMiddleware(Spy(), {"/api/*": Policy(origins="*")})
    for path in ("/api/../secret", "/api/./x", "/api/..", "/api//x", "/x/../api/y"):
        assert call(app, "GET", path, {"Origin": EVIL}).values(ACAO) == []


def test_cve_2024_6844_a_path_is_not_decoded_again() -> None:
    app = CORSMiddleware(Spy(), {"/a b": LISTED, "/api/*": LISTED, "/p+q": LISTED})
    served = ["/a b", "/a+b", "/a%20b", "/%61pi/x", "/%2561pi/x", "/p+q", "/p q"]
    governed = [
        path for path in served if call(app, "GET", path, {"Origin": A}).values(ACAO)
    ]
    assert governed == ["/a b", "/p+q"]


def test_cve_2024_6866_paths_differ_in_case() -> None:
    app = CORSMiddleware(Spy(), {"/api/*": Policy(origins="*"), "/API/*": LISTED})
    assert call(app, "GET", "/api/x", {"Origin": EVIL}).values(ACAO) == ["*"]
    assert call(app, "GET", "/API/x", {"Origin": EVIL}).values(ACAO) == []
    assert call(app, "GET", "/Api/x", {"Origin": EVIL}).values(ACAO) == []


def test_cve_2024_6839_the_rule_of_the_most_segments_wins_however_long_others_are() -> (
    None
):
    strict, lax = LISTED, Policy(origins="*")
    long_name = "a-very-long-first-segment"
    rules = {f"/{long_name}/*": lax, "/*": lax, f"/{long_name}/b/*": strict}
    for ordered in (rules, dict(reversed(rules.items()))):
        app = CORSMiddleware(Spy(), ordered)
        path = f"/{long_name}/b/c"
        assert call(app, "GET", path, {"Origin": EVIL}).values(ACAO) == []
    with pytest.raises(PolicyError, match="path-syntax"):
        CORSMiddleware(Spy(), {"/api/.*": lax})


def test_cve_2024_1681_nothing_of_a_request_is_logged_raw(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = CORSMiddleware(Spy(), {"/*": LISTED})
    forged = "https://evil.example\r\nINFO forged\x1b[31m"
    call(app, "OPTIONS", "/x\r\nINFO forged", preflight_headers(forged, "a\nb", "c\nd"))
    call(app, "GET", "/\x1b[31m", {"Origin": forged})
    assert len(caplog.records) == 2
    for record in caplog.records:
        assert record.getMessage().isprintable()
        assert "INFO forged\x1b" not in record.getMessage()


def test_cve_2024_6221_private_networks_are_not_opened() -> None:
    asked = preflight_headers(A) | {"Access-Control-Request-Private-Network": "true"}
    response = call(CORSMiddleware(Spy(), CREDENTIALS), "OPTIONS", "/", asked)
    assert response.values("Access-Control-Allow-Private-Network") == []


REFLECTED = {
    "CVE-2026-54290 hono": EVIL,
    "CVE-2018-20744 rs/cors": "http://a.example",
    "CVE-2024-25124 fiber": "https://a.example.evil.net",
    "CVE-2021-39185 http4s": "null",
    "CVE-2023-49803 koa": "",
}


@pytest.mark.parametrize("origin", REFLECTED.values(), ids=list(REFLECTED))
def test_no_origin_is_reflected(origin: str) -> None:
    response = call(CORSMiddleware(Spy(), CREDENTIALS), headers={"Origin": origin})
    assert response.headers == [("Content-Type", "text/plain"), ("Vary", "Origin")]
    response = call(CORSMiddleware(Spy(), origins="*"), headers={"Origin": origin})
    assert response.values(ACAO) == ["*"]
    assert response.values(ACAC) == []
    with pytest.raises(PolicyError, match="origin-wildcard-credentials"):
        CORSMiddleware(Spy(), origins="*", supports_credentials=True)


def test_cve_2018_8014_null_needs_its_risk_and_never_has_credentials() -> None:
    with pytest.raises(PolicyError, match="origin-null"):
        Policy(origins="null")
    accepted = Policy(origins="null", accept_risks="null-origin")
    assert get(accepted, "null") == ["null"]
    with pytest.raises(PolicyError, match="origin-null-credentials"):
        accepted.replace(supports_credentials=True)


def test_cve_2025_71381_vary_of_the_request_is_not_repeated() -> None:
    headers = {"Origin": A, "Vary": "X-Secret"}
    assert call(CORSMiddleware(Spy(), LISTED), headers=headers).values("Vary") == [
        "Origin"
    ]
    asked = preflight_headers(A) | {"Vary": "X-Secret"}
    response = call(CORSMiddleware(Spy(), LISTED), "OPTIONS", "/", asked)
    assert response.values("Vary") == ["Origin"]


@pytest.mark.parametrize("unit", [",", "x,", "a b,", "x-y-z", ", ,\t,"])
@pytest.mark.parametrize("wildcard", [True, False])
def test_cve_2025_47908_a_megabyte_of_requested_headers_costs_nothing(
    unit: str, wildcard: bool
) -> None:
    names = (unit * 1_000_000)[:1_000_000]
    app = CORSMiddleware(
        Spy(),
        origins=A,
        supports_credentials=True,
        allow_headers="*" if wildcard else "X-A",
    )
    asked = preflight_headers(A, "PUT", names)
    began = time.process_time()
    for _ in range(20):
        response = call(app, "OPTIONS", "/", asked)
        assert response.values(ACAH) == ([] if wildcard else ["X-A"])
    assert time.process_time() - began < 2


def test_origin_of_64_kilobytes_is_refused_unread() -> None:
    origin = "https://" + "a." * 32768
    began = time.process_time()
    app = CORSMiddleware(Spy(), origins=["https://*.a.example", "http://localhost:*"])
    for _ in range(1000):
        assert call(app, headers={"Origin": origin}).values(ACAO) == []
    assert time.process_time() - began < 5


def test_jub0bs_14_starlette_511_responses_share_no_list() -> None:
    seen: list[HeaderList] = []

    def greedy(status: str, headers: HeaderList, exc_info: Any = None) -> Any:
        seen.append(list(headers))
        headers.append(("X-Leak", "1"))

    app = CORSMiddleware(Spy(), CREDENTIALS)
    for method in ("GET", "OPTIONS", "GET", "OPTIONS"):
        app(environ(method, "/", preflight_headers(A)), greedy)
    assert seen[0] == seen[2]
    assert seen[1] == seen[3]


def test_cve_2015_9243_an_override_inherits_and_never_falls_back_to_lax_defaults() -> (
    None
):
    app = CORSMiddleware(
        Spy(), {"/*": {}, "/up/*": {"max_age": 60}}, origins=A, enforce=True
    )
    assert call(app, "POST", "/up/x", {"Origin": EVIL}).status == "403 Forbidden"
    response = call(app, "OPTIONS", "/up/x", preflight_headers(A))
    assert response.values(ACAO) == [A]
    assert response.values(ACMA) == ["60"]


def test_cve_2015_9236_preflight_is_not_answered_where_no_policy_applies() -> None:
    spy = Spy("404 Not Found")
    app = CORSMiddleware(spy, {"/api/*": {"origins": A}})
    response = call(app, "OPTIONS", "/other", preflight_headers(A))
    assert (response.status, response.headers) == (spy.status, spy.headers)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_cve_2022_4147_enforcing_includes_simple_requests(method: str) -> None:
    spy = Spy()
    app = CORSMiddleware(spy, origins=A, enforce=True)
    assert call(app, method, "/", {"Origin": EVIL}).status == "403 Forbidden"
    assert spy.calls == []


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("a b<script>", []),
        ("x-a\r\nSet-Cookie: a=1", []),
        ("x-a,<script>,x-b", ["x-a, x-b"]),
    ],
)
def test_flask_cors_only_tokens_are_repeated(asked: str, answered: list[str]) -> None:
    app = CORSMiddleware(Spy(), origins=A, allow_headers="*", supports_credentials=True)
    response = call(app, "OPTIONS", "/", preflight_headers(A, "PUT", asked))
    assert response.values(ACAH) == answered


def test_flask_cors_a_part_of_a_method_is_no_method() -> None:
    """The list is the policy's own whatever was asked; the browser compares."""
    app = CORSMiddleware(Spy(), origins=A, methods=["PUT", "PATCH"])
    for asked in ("PAT", "patch", "DELETE"):
        response = call(app, "OPTIONS", "/", preflight_headers(A, asked))
        assert response.values(ACAM) == ["PUT, PATCH"]
    response = call(app, "OPTIONS", "/", preflight_headers(A, "T, "))
    assert response.status == "403 Forbidden"
    assert response.values(ACAM) == []


@pytest.mark.parametrize("origin", [A, EVIL, None, "null"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_vary_is_there_hit_or_miss_unlike_in_falcon_and_litestar(
    origin: str | None, method: str
) -> None:
    headers = {} if origin is None else preflight_headers(origin)
    app = CORSMiddleware(Spy(), LISTED)
    assert call(app, method, "/", headers).values("Vary") == ["Origin"]
