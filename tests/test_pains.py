"""What users of CORS libraries suffer from, and what they get here; one test each.

What concerns Flask alone is tested in ``tests/flask``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from flask_cors_policy import CORSMiddleware, Policy, PolicyError
from tests.helpers import (
    EVIL,
    A,
    B,
    Server,
    Spy,
    call,
    environ,
    preflight_headers,
    problems,
    reasons,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ACAO = "Access-Control-Allow-Origin"
ACAM = "Access-Control-Allow-Methods"
ACMA = "Access-Control-Max-Age"
CT = ("Content-Type", "text/plain")


@pytest.mark.parametrize("status", ["400", "404", "405", "413", "500", "302", "304"])
def test_errors_and_redirects_have_the_headers_too(status: str) -> None:
    spy = Spy(f"{status} As It Is", [] if status == "304" else [CT], ())
    response = call(CORSMiddleware(spy, origins=A), headers={"Origin": A})
    assert response.values(ACAO) == [A]
    assert response.values("Vary") == ["Origin"]


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "302 Found"])
def test_preflight_is_answered_before_authentication_and_routing(
    status: str,
) -> None:
    spy = Spy(status)
    response = call(
        CORSMiddleware(spy, origins=A), "OPTIONS", "/", preflight_headers(A)
    )
    assert response.status == "204 No Content"
    assert spy.calls == []


def test_only_real_preflights_are_intercepted() -> None:
    spy = Spy("401 Unauthorized")
    app = CORSMiddleware(spy, origins=A)
    for headers in ({}, {"Origin": A}, {"Access-Control-Request-Method": "GET"}):
        assert call(app, "OPTIONS", "/", headers).status == "401 Unauthorized"


def test_redirect_of_the_application_never_meets_a_preflight() -> None:
    app = CORSMiddleware(Spy("308 Permanent Redirect"), origins=A)
    response = call(app, "OPTIONS", "/no-slash", preflight_headers(A))
    assert response.status == "204 No Content"
    assert call(app, "GET", "/no-slash", {"Origin": A}).values(ACAO) == [A]


@pytest.mark.parametrize("stray", ["*", EVIL, A, "null"])
def test_policy_is_the_sole_owner_of_the_headers(stray: str) -> None:
    app = CORSMiddleware(Spy(headers=[CT, (ACAO, stray), (ACAO, stray)]), origins=A)
    assert call(app, headers={"Origin": A}).values(ACAO) == [A]
    assert call(app, headers={"Origin": EVIL}).values(ACAO) == []


def test_options_beside_path_rules_are_inherited() -> None:
    app = CORSMiddleware(Spy(), {"/api/*": {"max_age": 60}}, origins=A)
    assert call(app, "GET", "/api", {"Origin": EVIL}).values(ACAO) == []
    assert call(app, "GET", "/api", {"Origin": A}).values(ACAO) == [A]
    assert call(app, "GET", "/", {"Origin": A}).values(ACAO) == []


def test_string_is_never_guessed_to_be_a_regular_expression() -> None:
    policy = Policy(origins="http://[::1]:3000")
    assert policy.allows_origin("http://[::1]:3000")
    assert not policy.allows_origin("http://1:3000")
    (problem,) = problems(origins=r"https://.*\.example\.com")
    assert problem.reason == "origin-regex"
    assert problem.hint == 'Write "https://*.example.com".'


def test_subdomains_have_a_pattern_of_whole_labels() -> None:
    policy = Policy(origins="https://*.example.com")
    assert policy.allows_origin("https://a.example.com")
    assert policy.allows_origin("https://a.b.example.com")
    assert not policy.allows_origin("https://example.com")
    assert not policy.allows_origin("https://evilexample.com")


def test_localhost_is_allowed_on_any_port() -> None:
    policy = Policy(origins="http://localhost:*", supports_credentials=True)
    assert policy.allows_origin("http://localhost")
    assert policy.allows_origin("http://localhost:5173")
    assert not policy.allows_origin("http://localhost.example:5173")
    assert not policy.allows_origin("https://localhost:5173")


def test_origins_from_a_database_change_without_a_restart() -> None:
    tenants: dict[str, set[str]] = {"one": {A}}

    def lookup(origin: str, environ: Mapping[str, Any]) -> bool:
        return origin in tenants.get(environ["HTTP_X_TENANT"], ())

    app = CORSMiddleware(Spy(), origins=lookup)
    request = {"Origin": B, "X-Tenant": "one"}
    assert call(app, headers=request).values(ACAO) == []
    tenants["one"].add(B)
    assert call(app, headers=request).values(ACAO) == [B]
    assert call(app, headers={**request, "X-Tenant": "two"}).values(ACAO) == []


@pytest.mark.parametrize(
    ("origins", "reason", "fix"),
    [
        ("https://a.example/", "origin-path", '"https://a.example"'),
        ("a.example", "origin-scheme-missing", '"https://a.example"'),
        ("https://a.example:443", "origin-default-port", '"https://a.example"'),
        ([" https://a.example"], "origin-whitespace", '"https://a.example"'),
        (["https://a.example,https://b.example"], "origin-list", "an item of its own"),
    ],
)
def test_origin_that_could_never_match_is_refused_with_the_fix(
    origins: Any, reason: str, fix: str
) -> None:
    (problem,) = problems(origins=origins)
    assert problem.reason == reason
    assert fix in problem.hint


def test_comma_and_space_lists_are_lists() -> None:
    policy = Policy(origins=f"{A}, {B}")
    assert policy.allows_origin(A)
    assert policy.allows_origin(B)


def test_misspelt_option_is_an_error_that_says_what_was_meant() -> None:
    with pytest.raises(PolicyError, match='Did you mean "origins"'):
        CORSMiddleware(Spy(), orgins=A)  # type: ignore[call-arg]
    with pytest.raises(PolicyError, match='Did you mean "origins"'):
        CORSMiddleware(Spy(), {"/*": {"orgins": A}})  # type: ignore[dict-item]


def test_none_allows_nobody() -> None:
    assert reasons(origins=None) == [("origins", "origins-required")]


def test_there_is_no_default_that_allows_all() -> None:
    for build in (Policy, lambda: CORSMiddleware(Spy())):
        with pytest.raises(PolicyError, match="origins-required"):
            build()


def test_server_blocks_where_it_is_told_to_and_only_there() -> None:
    spy = Spy()
    call(CORSMiddleware(spy, origins=A), "POST", "/", {"Origin": EVIL})
    assert len(spy.calls) == 1
    app = CORSMiddleware(spy, origins=A, enforce=True)
    assert call(app, "POST", "/", {"Origin": EVIL}).status == "403 Forbidden"
    assert len(spy.calls) == 1


@pytest.mark.parametrize(
    ("own", "merged"),
    [
        (None, "Origin"),
        ("Accept-Encoding", "Accept-Encoding, Origin"),
        ("origin", "origin"),
        ("*", "*"),
    ],
)
@pytest.mark.parametrize("origin", [A, EVIL, None])
def test_response_varies_with_origin_hit_miss_or_none(
    own: str | None, merged: str, origin: str | None
) -> None:
    spy = Spy(headers=[CT] if own is None else [CT, ("Vary", own)])
    headers = {} if origin is None else {"Origin": origin}
    response = call(CORSMiddleware(spy, origins=A), headers=headers)
    assert response.values("Vary") == [merged]


def test_websockets_can_be_enforced_or_ask_the_policy() -> None:
    policy = Policy(origins=A, enforce=True)
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    spy = Spy()
    app = CORSMiddleware(spy, policy)
    assert call(app, headers={**upgrade, "Origin": EVIL}).status == "403 Forbidden"
    assert spy.calls == []
    assert call(app, headers={**upgrade, "Origin": A}).values(ACAO) == [A]
    switching = Spy("101 Switching Protocols", [("Upgrade", "websocket")], ())
    server = Server()
    CORSMiddleware(switching, policy)(
        environ("GET", "/", {**upgrade, "Origin": A}), server
    )
    assert server.started == [(switching.status, switching.headers)]
    assert policy.allows_origin(A)
    assert not policy.allows_origin(EVIL)


def test_refusal_says_why_and_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    app = CORSMiddleware(Spy(), origins=A)
    for origin in (EVIL, "null", f"{A}/"):
        call(app, headers={"Origin": origin})
    assert [record.__dict__["cors_reason"] for record in caplog.records] == [
        "origin-not-allowed",
        "origin-null",
        "origin-malformed",
    ]
    assert f"add '{EVIL}' to origins" in caplog.text


def test_nothing_is_advertised_that_the_policy_does_not_list() -> None:
    app = CORSMiddleware(Spy(), origins=A)
    response = call(app, "OPTIONS", "/", preflight_headers(A, "DELETE", "x-a"))
    listed = ("Access-Control-Allow-Headers", "Authorization, Content-Type")
    assert response.headers == [("Vary", "Origin"), (ACAO, A), listed]


@pytest.mark.parametrize("method", ["patch", "PATCH", "Custom"])
def test_method_is_compared_as_it_is_spelled(method: str) -> None:
    app = CORSMiddleware(Spy(), origins=A, methods="*", supports_credentials=True)
    response = call(app, "OPTIONS", "/", preflight_headers(A, method))
    assert response.values(ACAM) == [method]


@pytest.mark.parametrize(
    ("max_age", "sent"),
    [(0, ["0"]), (None, []), (600, ["600"]), (timedelta(minutes=10), ["600"])],
)
def test_max_age_is_sent_as_it_was_meant(
    max_age: int | timedelta | None, sent: list[str]
) -> None:
    app = CORSMiddleware(Spy(), origins=A, max_age=max_age)
    response = call(app, "OPTIONS", "/", preflight_headers(A))
    assert response.values(ACMA) == sent


@pytest.mark.parametrize("max_age", ["abc", "600", 600.5, True, -1])
def test_max_age_that_is_no_number_of_seconds_is_refused(max_age: Any) -> None:
    assert [setting for setting, _ in reasons(origins=A, max_age=max_age)] == [
        "max_age"
    ]


def test_real_error_is_not_hidden_behind_a_cors_error() -> None:
    """A page of an allowed origin can read the 500 and its body."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("500 Error", [("Content-Type", "application/json")])
        return [json.dumps({"error": "database"}).encode()]

    response = call(CORSMiddleware(app, origins=A), "POST", "/", {"Origin": A})
    assert response.values(ACAO) == [A]
    assert json.loads(response.body) == {"error": "database"}
