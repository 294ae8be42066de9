"""A request is played through any WSGI application, and what is behind it is noted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.devtools.browser import Page, PageRequest, Sent
from flask_cors_policy.devtools.browser.urls import parse_url
from flask_cors_policy.devtools.explaining import BODY, QUERY, PolicyStatus
from flask_cors_policy.devtools.playing import (
    Knowledge,
    Player,
    SeenRequest,
    described,
    middleware_info,
    policy_sees,
)
from flask_cors_policy.devtools.wsgi_client import environ_of
from tests.helpers import A, B, Spy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from flask_cors_policy.devtools.explaining import Explanation

URL = "https://api.example.com/items"
ALLOW = ("Access-Control-Allow-Origin", A)


def play(
    app: WSGIApplication, cookie: str = "", url: str = URL, **parts: Any
) -> Explanation:
    knowledge = Knowledge(app)
    return Player(app, knowledge, cookie).explain(Page(A), PageRequest(url, **parts))


def test_another_host_is_never_asked() -> None:
    spy = Spy("302 Found", [ALLOW, ("Location", "https://login.example.com/")])
    explanation = play(spy)
    assert len(spy.calls) == 1
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == "redirected-away"
    first, second = explanation.case.outcome.exchanges
    assert (first.received is not None, second.received) == (True, None)


def broken(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    raise LookupError("no such\nprice")


def test_what_the_application_raises_is_a_500_as_from_a_server() -> None:
    explanation = play(broken)
    (server,) = explanation.case.servers
    assert server.error.startswith("LookupError: no such price (test_playing.py:")
    assert server.error.endswith(", broken)")
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == "server-error"


def test_an_error_without_a_place_of_its_own_has_none() -> None:
    assert described(KeyError()) == "KeyError"
    assert described(ValueError("x")) == "ValueError: x"


def test_cookies_go_where_credentials_are_included() -> None:
    for credentials, cookie in (("include", "a=b"), ("same-origin", None)):
        spy = Spy()
        play(spy, cookie="a=b", credentials=credentials)
        assert spy.calls[0].get("HTTP_COOKIE") == cookie


def test_a_policy_in_middleware_is_found_with_its_place() -> None:
    app = CORSMiddleware(Spy(), Policy(origins=B))
    explanation = play(app)
    (server,) = explanation.case.servers
    assert server.status is PolicyStatus.POLICY
    assert server.place == "CORSMiddleware"
    assert explanation.diagnosis is not None
    fix = explanation.diagnosis.fixes[0]
    assert fix.text == f'In CORSMiddleware write origins=["{B}", "{A}"].'
    assert play(CORSMiddleware(Spy(), **fix.policy)).allowed


def test_a_path_that_middleware_may_read_otherwise_is_denied() -> None:
    app = CORSMiddleware(Spy(), {"/items/*": {"origins": A}})
    explanation = play(app, url="https://api.example.com/items//7")
    (server,) = explanation.case.servers
    assert server.status is PolicyStatus.DENIED
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == "path-ambiguous"


def test_headers_that_a_policy_takes_out_are_noted() -> None:
    spy = Spy(headers=[("Access-Control-Allow-Origin", "*")])
    explanation = play(CORSMiddleware(spy, origins=A))
    assert explanation.allowed
    assert [note.code.value for note in explanation.notes] == ["removed-header"]


def test_middleware_in_a_circle_is_left() -> None:
    class Circle:
        app: object = None

    circle = Circle()
    circle.app = circle
    from flask_cors_policy.devtools.browser import Sent
    from flask_cors_policy.devtools.browser.urls import parse_url

    sent = Sent("GET", parse_url(URL), (("Origin", A),))
    assert middleware_info(circle, sent) is None
    assert policy_sees(sent).origin == A


def test_what_middleware_takes_from_a_request_is_noted() -> None:
    headers = (("Origin", A), ("Cookie", "a=1"))
    sent = Sent("POST", parse_url(f"{URL}?q=1"), headers, b"body")
    assert SeenRequest.of(sent, environ_of(sent)) == SeenRequest()

    environ = environ_of(sent)
    del environ["HTTP_ORIGIN"], environ["QUERY_STRING"], environ["CONTENT_LENGTH"]
    assert SeenRequest.of(sent, environ).lost == ("Origin", QUERY, BODY)

    environ = environ_of(sent)
    environ["wsgi.input"].read()
    assert SeenRequest.of(sent, environ).lost == (BODY,)

    environ = {**environ_of(sent), "PATH_INFO": "/", "REQUEST_METHOD": "PUT"}
    seen = SeenRequest.of(sent, environ)
    assert seen == SeenRequest({"PATH_INFO": "/", "REQUEST_METHOD": "PUT"})
