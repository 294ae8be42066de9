"""Refusals as data, and the answer that an application gives them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from flask_cors_policy import CORSMiddleware
from flask_cors_policy.log import FLOOD
from flask_cors_policy.refusals import Refusal
from tests.helpers import EVIL, A, Spy, call, preflight_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

COOKIE = {"Origin": A, "Cookie": "session=1"}


def test_every_refusal_is_told_also_those_that_the_log_leaves_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[Refusal] = []
    app = CORSMiddleware(Spy(), {"/api/*": {"origins": A}}, on_refused=seen.append)
    for _ in range(3 * FLOOD):
        call(app, path="/api/items", headers={"Origin": EVIL})
    assert len(caplog.records) < FLOOD
    told = Refusal("origin-not-allowed", "actual", "/api/*", "", EVIL, None, "browser")
    assert seen == [told] * 3 * FLOOD


def test_a_refusal_says_who_refused_and_how() -> None:
    seen: list[Refusal] = []
    app = CORSMiddleware(Spy(), origins=A, enforce=True, on_refused=seen.append)
    call(app, headers={"Origin": EVIL})
    call(app, headers=COOKIE)
    call(app, method="POST", headers={"Sec-Fetch-Site": "cross-site"})
    call(app, method="OPTIONS", headers=preflight_headers(EVIL))
    call(app, method="OPTIONS", headers=preflight_headers(A))
    assert [(each.reason, each.kind, each.status, each.by) for each in seen] == [
        ("origin-not-allowed", "actual", 403, "server"),
        ("credentials-not-allowed", "actual", 403, "server"),
        ("origin-missing", "not CORS", 403, "server"),
        ("origin-not-allowed", "preflight", 403, "server"),
        ("method-not-allowed", "preflight", 204, "browser"),
    ]
    assert [each.origin for each in seen] == [EVIL, A, None, EVIL, A]


def test_requests_that_are_allowed_are_not_told() -> None:
    seen: list[Refusal] = []
    app = CORSMiddleware(
        Spy(), origins=A, methods="PUT", enforce=True, on_refused=seen.append
    )
    call(app)
    call(app, headers={"Origin": A})
    call(app, method="POST", headers={"Origin": EVIL, "Sec-Fetch-Site": "same-origin"})
    call(app, method="OPTIONS", headers=preflight_headers(A))
    assert seen == []


def test_an_origin_in_a_refusal_is_escaped_and_cut() -> None:
    seen: list[Refusal] = []
    app = CORSMiddleware(Spy(), origins=A, on_refused=seen.append)
    call(app, headers={"Origin": "\x1b[2Jé"})
    call(app, headers={"Origin": "x" * 5000})
    assert seen[0].origin == "\\x1b[2J\\xe9"
    assert seen[1].origin == "x" * 200 + "..."


def test_on_refused_that_raises_changes_nothing_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def raises(refusal: Refusal) -> None:
        raise OSError(refusal.reason)

    app = CORSMiddleware(Spy(), origins=A, enforce=True, on_refused=raises)
    for _ in range(3):
        response = call(app, headers={"Origin": EVIL})
        assert response.status == "403 Forbidden"
        assert response.body == b""
    failures = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert [each.__dict__["cors_reason"] for each in failures] == ["on-refused-failed"]


def teapot(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer as an application does that knows nothing of what it stands for."""
    environ["PATH_INFO"] = "/changed"
    write = start_response(
        "418 I'm a teapot",
        [
            ("Content-Type", "text/html"),
            ("Access-Control-Allow-Origin", "*"),
            ("Timing-Allow-Origin", "*"),
            ("Cache-Control", "public"),
            ("X-Own", "1"),
            ("Vary", "Accept"),
        ],
    )
    write(b"Not ")
    yield b"allowed."


def test_refusal_response_gives_the_body_of_a_refused_request() -> None:
    spy = Spy()
    app = CORSMiddleware(spy, origins=A, enforce=True, refusal_response=teapot)
    response = call(app, headers={"Origin": EVIL}, PATH_INFO="/items")
    assert response.status == "403 Forbidden"
    assert response.body == b"Not allowed."
    assert sorted(response.headers) == [
        ("Cache-Control", "no-store"),
        ("Content-Type", "text/html"),
        ("Vary", "Accept, Origin"),
        ("X-Own", "1"),
    ]
    assert spy.calls == []


def test_refusal_response_gets_an_environ_of_its_own() -> None:
    paths: list[str] = []

    def server(environ: WSGIEnvironment, start_response: StartResponse) -> None:
        list(app(environ, start_response))
        paths.append(environ["PATH_INFO"])

    app = CORSMiddleware(Spy(), origins=A, enforce=True, refusal_response=teapot)
    environ = {"HTTP_ORIGIN": EVIL, "PATH_INFO": "/items", "REQUEST_METHOD": "GET"}
    environ |= {"wsgi.url_scheme": "https", "HTTP_HOST": "api.example.com"}
    server(environ, lambda *_: lambda _data: None)
    assert paths == ["/items"]


@pytest.mark.parametrize("fails", ["at once", "late", "unstarted"])
def test_refusal_response_that_raises_leaves_the_empty_answer(
    fails: str, caplog: pytest.LogCaptureFixture
) -> None:
    def page(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if fails == "at once":
            raise OSError
        return late(start_response)

    def late(start_response: StartResponse) -> Iterable[bytes]:
        if fails == "late":
            start_response("403 Forbidden", [("X-Own", "1")])
            yield b"half"
            raise OSError

    app = CORSMiddleware(Spy(), origins=A, enforce=True, refusal_response=page)
    response = call(app, headers={"Origin": EVIL})
    assert response.status == "403 Forbidden"
    assert response.body == b""
    assert response.values("X-Own") == []
    (failure,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert failure.__dict__["cors_reason"] == "refusal-response-failed"


def test_refusal_response_never_answers_a_preflight() -> None:
    app = CORSMiddleware(Spy(), origins=A, enforce=True, refusal_response=teapot)
    response = call(app, method="OPTIONS", headers=preflight_headers(EVIL))
    assert response.status == "403 Forbidden"
    assert response.body == b""


@pytest.mark.parametrize("option", ["on_refused", "refusal_response"])
def test_what_cannot_be_called_is_told_at_start(option: str) -> None:
    with pytest.raises(TypeError, match=f"{option} must be callable, not 'page'"):
        CORSMiddleware(Spy(), origins=A, **{option: "page"})  # type: ignore[arg-type]


def test_a_refusal_response_to_a_head_request_has_no_body() -> None:
    def page(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"no"]

    app = CORSMiddleware(Spy(), origins=A, enforce=True, refusal_response=page)
    foreign = {"Origin": EVIL}
    assert call(app, "HEAD", headers=foreign).body == b""
    assert call(app, "POST", headers=foreign).body == b"no"


def test_a_refusal_response_without_headers_leaves_the_empty_answer() -> None:
    def page(_environ: WSGIEnvironment, start_response: Any) -> list[bytes]:
        start_response("200 OK", None)
        return [b"no"]

    app = CORSMiddleware(Spy(), origins=A, enforce=True, refusal_response=page)
    answer = call(app, "POST", headers={"Origin": EVIL})
    assert (answer.status[:3], answer.body) == ("403", b"")
