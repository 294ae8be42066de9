"""CORSMiddleware in front of an application: what is answered, what gets through."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.wsgi import WHOLE_APPLICATION
from tests.helpers import (
    EVIL,
    A,
    B,
    HeaderList,
    Server,
    Spy,
    call,
    environ,
    preflight_headers,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ACAO = "Access-Control-Allow-Origin"
DEFAULT_HEADERS = ("Access-Control-Allow-Headers", "Authorization, Content-Type")
CT = ("Content-Type", "text/plain")
EMPTY = [CT, ("Content-Length", "0")]
NOT_STORED = ("Cache-Control", "no-store")
LISTED = Policy(origins=A, methods="PUT", allow_headers="X-A", max_age=5)
OPEN = Policy(origins="*")
OWN = "https://api.example.com"


@pytest.mark.parametrize(
    ("policy", "headers", "status", "expected"),
    [
        (
            LISTED,
            preflight_headers(A),
            "204 No Content",
            [
                ("Vary", "Origin"),
                (ACAO, A),
                ("Access-Control-Allow-Methods", "PUT"),
                ("Access-Control-Allow-Headers", "X-A"),
                ("Access-Control-Max-Age", "5"),
            ],
        ),
        (
            Policy(origins=A, preflight_status=200),
            preflight_headers(A),
            "200 OK",
            [*EMPTY, ("Vary", "Origin"), (ACAO, A), DEFAULT_HEADERS],
        ),
        (
            OPEN,
            preflight_headers(EVIL),
            "204 No Content",
            [(ACAO, "*"), DEFAULT_HEADERS],
        ),
        (
            LISTED,
            preflight_headers(EVIL),
            "403 Forbidden",
            [*EMPTY, ("Vary", "Origin"), NOT_STORED],
        ),
        (OPEN, preflight_headers("x y"), "403 Forbidden", [*EMPTY, NOT_STORED]),
        (
            LISTED,
            preflight_headers(A, "P" * 65),
            "403 Forbidden",
            [*EMPTY, ("Vary", "Origin"), NOT_STORED],
        ),
    ],
)
def test_preflight_is_answered_without_a_body_and_never_reaches_the_application(
    policy: Policy, headers: dict[str, str], status: str, expected: HeaderList
) -> None:
    spy = Spy()
    response = call(CORSMiddleware(spy, policy), "OPTIONS", "/any", headers)
    assert (response.status, response.headers) == (status, expected)
    assert response.body == b""
    assert spy.calls == []


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("OPTIONS", {}),
        ("OPTIONS", {"Origin": A}),
        ("OPTIONS", {"Access-Control-Request-Method": "PUT"}),
        ("GET", preflight_headers(A)),
        ("POST", preflight_headers(EVIL)),
    ],
)
def test_whatever_is_no_preflight_reaches_the_application(
    method: str, headers: dict[str, str]
) -> None:
    spy = Spy()
    response = call(CORSMiddleware(spy, LISTED), method, "/", headers)
    assert response.body == b"hello"
    assert [seen["REQUEST_METHOD"] for seen in spy.calls] == [method]


@pytest.mark.parametrize(
    ("policy", "origin", "expected"),
    [
        (LISTED, A, [CT, ("Vary", "Origin"), (ACAO, A)]),
        (LISTED, EVIL, [CT, ("Vary", "Origin")]),
        (LISTED, None, [CT, ("Vary", "Origin")]),
        (LISTED, "null", [CT, ("Vary", "Origin")]),
        (OPEN, A, [CT, (ACAO, "*")]),
        (OPEN, None, [CT, (ACAO, "*")]),
    ],
)
@pytest.mark.parametrize(
    "status",
    ["200 OK", "302 Found", "404 Not Found", "405 No", "413 No", "500 Oh", "206 Part"],
)
def test_every_response_gets_the_headers_of_the_policy_whatever_its_status(
    policy: Policy, origin: str | None, expected: HeaderList, status: str
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    spy = Spy(status)
    response = call(CORSMiddleware(spy, policy), "GET", "/", headers)
    assert (response.status, response.headers) == (status, expected)
    assert response.body == b"hello"
    assert spy.headers == [CT]


def test_not_modified_keeps_its_headers_bare_but_for_those_of_the_policy() -> None:
    spy = Spy("304 Not Modified", [("ETag", '"1"')], ())
    response = call(CORSMiddleware(spy, LISTED), headers={"Origin": A})
    assert response.headers == [("ETag", '"1"'), ("Vary", "Origin"), (ACAO, A)]


PATHS: Mapping[str, Policy] = {"/api/*": LISTED, "/public/*": OPEN}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api", [CT, ("Vary", "Origin"), (ACAO, A)]),
        ("/api/x", [CT, ("Vary", "Origin"), (ACAO, A)]),
        ("/public/x", [CT, (ACAO, "*")]),
        ("/", [CT]),
        ("/apix", [CT]),
        ("/API/x", [CT]),
        ("/api/../public", [CT, ("Vary", "Origin")]),
        ("/api//x", [CT, ("Vary", "Origin")]),
    ],
)
def test_the_path_chooses_the_policy(path: str, expected: HeaderList) -> None:
    app = CORSMiddleware(Spy(), PATHS)
    assert call(app, "GET", path, {"Origin": A}).headers == expected


def test_path_without_a_policy_is_passed_through_untouched() -> None:
    seen: list[Any] = []
    body = [b"x"]

    def inner(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        seen.extend([environ, start_response])
        return body

    request = environ("OPTIONS", "/other", preflight_headers(EVIL))
    copy = dict(request)
    server = Server()
    assert CORSMiddleware(inner, PATHS)(request, server) is body
    assert seen[0] is request
    assert seen[1] is server
    assert request == copy


def test_empty_path_is_the_root() -> None:
    app = CORSMiddleware(Spy(), {"/": OPEN})
    assert call(app, "GET", "", SCRIPT_NAME="/mounted").values(ACAO) == ["*"]
    missing = environ("GET")
    del missing["PATH_INFO"]
    server = Server()
    app(missing, server)
    assert server.started == [("200 OK", [CT, (ACAO, "*")])]


def test_a_policy_of_all_paths_applies_to_the_asterisk_of_options() -> None:
    server = Server()
    request = environ("OPTIONS", "*", preflight_headers(A))
    CORSMiddleware(Spy(), LISTED)(request, server)
    assert server.started[0][0] == "204 No Content"


def test_environ_reaches_the_application_and_the_function_unchanged() -> None:
    asked: list[Any] = []

    def lookup(origin: str, environ: Mapping[str, Any]) -> bool:
        asked.append(environ)
        return True

    spy = Spy()
    request = environ("GET", "/", {"Origin": A})
    copy = dict(request)
    CORSMiddleware(spy, origins=lookup)(request, Server())
    assert asked[0] is request
    assert spy.calls[0] is request
    assert request == copy


WEBSOCKET = {"Upgrade": "websocket", "Connection": "Upgrade"}


@pytest.mark.parametrize("upgrade", ["websocket", "WebSocket", " websocket "])
def test_only_a_response_that_is_101_passes_untouched(upgrade: str) -> None:
    """A request can ask for an upgrade of any URL: that alone changes nothing."""
    for origin, sent in ((A, [(ACAO, A)]), (EVIL, [])):
        headers = {**WEBSOCKET, "Upgrade": upgrade, "Origin": origin}
        app = CORSMiddleware(Spy(headers=[CT, (ACAO, "*")]), LISTED)
        assert call(app, "GET", "/", headers).headers == [CT, ("Vary", "Origin"), *sent]
    spy = Spy("101 Switching Protocols", [("Upgrade", "websocket")], ())
    server = Server()
    for origin in (A, EVIL):
        headers = {**WEBSOCKET, "Upgrade": upgrade, "Origin": origin}
        CORSMiddleware(spy, LISTED)(environ("GET", "/", headers), server)
    assert server.started == [(spy.status, spy.headers)] * 2


@pytest.mark.parametrize(
    ("method", "upgrade"), [("GET", "h2c"), ("GET", ""), ("POST", "websocket")]
)
def test_other_upgrades_are_responses_like_any(method: str, upgrade: str) -> None:
    headers = {"Upgrade": upgrade, "Origin": A}
    response = call(CORSMiddleware(Spy(), LISTED), method, "/", headers)
    assert response.values(ACAO) == [A]


ENFORCED = Policy(origins=A, enforce=True)


@pytest.mark.parametrize(
    ("method", "headers", "admitted"),
    [
        ("GET", {}, True),
        ("POST", {"Origin": A}, True),
        ("POST", {"Origin": OWN}, True),
        ("POST", {"Origin": OWN, "Sec-Fetch-Site": "same-origin"}, True),
        ("POST", {"Origin": OWN, "Sec-Fetch-Site": "cross-site, none"}, True),
        ("POST", {"Origin": EVIL, "Sec-Fetch-Site": "same-origin"}, True),
        ("GET", {"Origin": EVIL, "Sec-Fetch-Site": "none"}, True),
        ("GET", {**WEBSOCKET, "Origin": A}, True),
        ("GET", {**WEBSOCKET}, True),
        ("GET", {"Origin": EVIL}, False),
        ("HEAD", {"Origin": EVIL}, False),
        ("POST", {"Origin": EVIL}, False),
        ("OPTIONS", {"Origin": EVIL}, False),
        ("POST", {"Origin": "null"}, False),
        ("POST", {"Origin": ""}, False),
        ("POST", {"Origin": f"{A}, {EVIL}"}, False),
        ("POST", {"Origin": OWN, "Sec-Fetch-Site": "cross-site"}, False),
        ("POST", {"Origin": "http://api.example.com"}, False),
        ("GET", {**WEBSOCKET, "Origin": EVIL}, False),
    ],
)
def test_enforced_policy_lets_in_only_allowed_and_own_origins(
    method: str, headers: dict[str, str], admitted: bool
) -> None:
    spy = Spy()
    response = call(CORSMiddleware(spy, ENFORCED), method, "/", headers)
    assert len(spy.calls) == admitted
    if not admitted:
        assert response.status == "403 Forbidden"
        assert response.headers == [*EMPTY, ("Vary", "Origin"), NOT_STORED]
        assert response.body == b""


@pytest.mark.parametrize("host", ["", None])
def test_without_a_host_header_the_server_knows_its_own_name(host: str | None) -> None:
    spy = Spy()
    request = environ("POST", "/", {"Origin": "https://10.0.0.7:8000"})
    del request["HTTP_HOST"]
    if host is not None:
        request["HTTP_HOST"] = host
    CORSMiddleware(spy, ENFORCED)(request, Server())
    assert spy.calls == [request]


OWN_CORS = [CT, (ACAO, "*"), ("access-control-max-age", "1")]


def test_headers_of_the_application_are_removed_and_warned_of_once_for_each_rule(
    caplog: pytest.LogCaptureFixture,
) -> None:
    policy = {"origins": A}
    app = CORSMiddleware(Spy(headers=OWN_CORS), {"/a/*": policy, "/b/*": policy})  # type: ignore[dict-item]
    for path in ("/a/1", "/a/2", "/b/1", "/a/1", "/c"):
        response = call(app, "GET", path, {"Origin": A})
        expected = OWN_CORS if path == "/c" else [CT, ("Vary", "Origin"), (ACAO, A)]
        assert response.headers == expected
    assert [(r.levelno, r.__dict__["cors_place"], r.args) for r in caplog.records] == [
        (logging.WARNING, "/a/*", (f"'{ACAO}'", "/a/*")),
        (logging.WARNING, "/a/*", ("'access-control-max-age'", "/a/*")),
        (logging.WARNING, "/b/*", (f"'{ACAO}'", "/b/*")),
        (logging.WARNING, "/b/*", ("'access-control-max-age'", "/b/*")),
    ]


def test_refusal_is_logged_with_the_place_of_the_policy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    call(CORSMiddleware(Spy(), LISTED), "GET", "/x", {"Origin": EVIL})
    call(CORSMiddleware(Spy(), PATHS), "OPTIONS", "/api/x", preflight_headers(EVIL))
    call(CORSMiddleware(Spy(), PATHS), "GET", "/api/x", {"Origin": A})
    call(CORSMiddleware(Spy(), PATHS), "GET", "/api/x", {"Origin": OWN})
    assert [record.__dict__["cors_place"] for record in caplog.records] == [
        WHOLE_APPLICATION,
        "/api/*",
    ]


def test_middleware_in_middleware_leaves_one_owner(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = CORSMiddleware(CORSMiddleware(Spy(), origins="*"), origins=[A, B])
    response = call(app, "GET", "/", {"Origin": B})
    assert response.headers == [CT, ("Vary", "Origin"), (ACAO, B)]
    assert len(caplog.records) == 1
