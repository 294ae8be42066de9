"""CORSMiddleware between server and application, as PEP 3333 wants it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cors_policy import CORSMiddleware, Policy
from tests.helpers import EVIL, A, HeaderList, Server, Spy, call, environ

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

POLICY = Policy(origins=A)
CT = ("Content-Type", "text/plain")
GRANTED = [CT, ("Vary", "Origin"), ("Access-Control-Allow-Origin", A)]


def run(
    app: Any, origin: str = A, policy: Any = POLICY
) -> tuple[Server, Iterable[bytes]]:
    """Call *app* behind the policy, without a validator in between."""
    server = Server()
    iterable = CORSMiddleware(app, policy)(
        environ("GET", "/", {"Origin": origin}), server
    )
    return server, iterable


class Closing:
    """A streamed body that says when it was closed."""

    def __init__(self) -> None:
        self.closed = 0
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        for part in (b"one", b"two"):
            self.sent += 1
            yield part

    def close(self) -> None:
        self.closed += 1


def bodies() -> list[Any]:
    return [
        [b"a", b"b"],
        (b"a",),
        iter([b"a"]),
        (part for part in (b"a", b"b")),
        Closing(),
        FileWrapper(io.BytesIO(b"file")),
    ]


@pytest.mark.parametrize("body", bodies(), ids=lambda body: type(body).__name__)
@pytest.mark.parametrize("origin", [A, EVIL])
def test_iterable_is_returned_as_it_came(body: Iterable[bytes], origin: str) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        start_response("200 OK", [CT])
        return body

    _, iterable = run(app, origin)
    assert iterable is body


def test_stream_is_not_read_ahead_and_is_closed_once() -> None:
    body = Closing()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        start_response("200 OK", [CT])
        return body

    _, iterable = run(app)
    assert body.sent == 0
    assert next(iter(iterable)) == b"one"
    assert (body.sent, body.closed) == (1, 0)
    assert call(CORSMiddleware(app, POLICY), headers={"Origin": A}).body == b"onetwo"
    assert body.closed == 1


def test_file_wrapper_of_the_server_gets_back_to_the_server() -> None:
    class Wrapper:
        def __init__(self, file: io.BytesIO) -> None:
            self.file = file

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        start_response("200 OK", [CT])
        return environ["wsgi.file_wrapper"](io.BytesIO(b"file"))

    request = environ("GET", "/", {"Origin": A}) | {"wsgi.file_wrapper": Wrapper}
    result: object = CORSMiddleware(app, POLICY)(request, Server())
    assert isinstance(result, Wrapper)


def test_write_of_the_server_is_handed_to_the_application() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response("200 OK", [CT])
        write(b"written, ")
        return [b"returned"]

    response = call(CORSMiddleware(app, POLICY), headers={"Origin": A})
    assert response.body == b"written, returned"
    assert response.headers == GRANTED


def test_start_response_may_be_called_while_the_body_is_read() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [CT])
        yield b"late"

    response = call(CORSMiddleware(app, POLICY), headers={"Origin": A})
    assert (response.headers, response.body) == (GRANTED, b"late")


def test_second_start_response_replaces_the_first_and_has_the_headers_too() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [CT, ("X-First", "1")])
        try:
            raise LookupError
        except LookupError:
            start_response("500 Error", [CT], sys.exc_info())
        return [b"error"]

    server, _ = run(app)
    assert [arguments[:2] for arguments in server.started] == [
        ("200 OK", [CT, ("X-First", "1"), *GRANTED[1:]]),
        ("500 Error", GRANTED),
    ]
    assert len(server.started[0]) == 2
    assert server.started[1][2][0] is LookupError


@pytest.mark.parametrize(
    "policy", [POLICY, Policy(origins="https://*.example")], ids=["listed", "a pattern"]
)
@pytest.mark.parametrize("positional", [True, False])
def test_exc_info_may_be_named_or_not(positional: bool, policy: Any) -> None:
    error = (LookupError, LookupError(), None)

    def app(environ: WSGIEnvironment, start_response: Any) -> list[bytes]:
        if positional:
            start_response("500 Error", [CT], error)
        else:
            start_response("500 Error", [CT], exc_info=error)
        return []

    server, _ = run(app, policy=policy)
    assert server.started == [("500 Error", GRANTED, error)]


def test_start_response_may_raise_after_the_headers_were_sent() -> None:
    def app(environ: WSGIEnvironment, start_response: Any) -> list[bytes]:
        start_response("500 Error", [CT], (LookupError, LookupError("late"), None))
        raise AssertionError("never reached")

    def start(status: str, headers: HeaderList, exc_info: Any = None) -> Any:
        raise exc_info[1]

    with pytest.raises(LookupError, match="late"):
        CORSMiddleware(app, POLICY)(environ("GET", "/", {"Origin": A}), start)


def test_exception_of_the_application_is_the_servers_to_handle() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        raise LookupError("boom")

    with pytest.raises(LookupError, match="boom"):
        run(app)


def test_headers_of_the_application_are_left_as_they_were() -> None:
    headers = [CT, ("Vary", "Accept"), ("Access-Control-Allow-Origin", "*")]
    before = list(headers)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", headers)
        return []

    first, second = run(app)[0], run(app)[0]
    assert headers == before
    assert first.started == second.started
    assert first.started[0][1] is not second.started[0][1]
    assert type(first.started[0][1]) is list


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("origin", [A, EVIL, None])
@pytest.mark.parametrize("enforce", [True, False])
@pytest.mark.parametrize("asked", [{}, {"Access-Control-Request-Method": "PUT"}])
def test_middleware_is_valid_to_both_sides(
    method: str, origin: str | None, enforce: bool, asked: dict[str, str]
) -> None:
    """A validator outside checks the middleware, one inside checks it as a server."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [CT])
        return [b"x"]

    wrapped = CORSMiddleware(validator(app), origins=A, enforce=enforce)
    headers = asked if origin is None else {**asked, "Origin": origin}
    response = call(wrapped, method, "/", headers)
    assert response.values("Vary") == ["Origin"]
    granted = origin == A
    assert response.values("Access-Control-Allow-Origin") == [A] * granted


VALUES = st.one_of(
    st.sampled_from([A, EVIL, "null", "PUT", "x-a, x-b", "websocket", "same-origin"]),
    st.text(st.characters(max_codepoint=0xFF)),
)
REQUEST_HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Origin",
            "Access-Control-Request-Method",
            "Access-Control-Request-Headers",
            "Sec-Fetch-Site",
            "Host",
            "Upgrade",
        ]
    ),
    VALUES,
)


@given(
    st.sampled_from(["GET", "POST", "OPTIONS", "HEAD"]),
    st.text(st.characters(max_codepoint=0xFF)).map("/{}".format),
    REQUEST_HEADERS,
    st.booleans(),
)
def test_no_request_breaks_the_middleware(
    method: str, path: str, headers: dict[str, str], credentials: bool
) -> None:
    app = CORSMiddleware(
        Spy(),
        {"/*": {}, "/x/*": {"enforce": True}},
        origins=[A, "https://*.b.example"],
        supports_credentials=credentials,
        methods="*",
        allow_headers="*",
    )
    response = call(app, method, path, headers)
    assert response.values("Access-Control-Allow-Origin") in ([], [A])
    assert response.values("Access-Control-Allow-Origin") == [] or (
        headers["Origin"] == A
    )
