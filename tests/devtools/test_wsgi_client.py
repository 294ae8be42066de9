"""An application is called as PEP 3333 says, and its answer comes as it is."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from wsgiref.validate import validator

import pytest

from flask_cors_policy.devtools.browser import Received, Sent
from flask_cors_policy.devtools.browser.urls import parse_url
from flask_cors_policy.devtools.wsgi_client import environ_of
from flask_cors_policy.testing import WSGIError, send_to
from tests.helpers import Spy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TEXT = [("Content-Type", "text/plain")]


def sent(
    url: str = "https://api.example.com/", method: str = "GET", **parts: Any
) -> Sent:
    return Sent(method, parse_url(url), **parts)


def test_environ_holds_what_a_server_puts_there() -> None:
    request = sent(
        "http://api.example.com:8080/a%20b%2Fc/%C3%A9?q=%20x&y",
        "POST",
        headers=(
            ("Origin", "https://app.example.com"),
            ("Content-Type", "text/plain"),
            ("X-Token", "a"),
            ("x-token", "b"),
            ("Cookie", "a=1"),
            ("cookie", "b=2"),
            ("X_Token", "forged"),
        ),
        body=b"hello",
    )

    environ = environ_of(request)

    stream = environ.pop("wsgi.input")
    assert isinstance(stream, io.BytesIO)
    assert stream.read() == b"hello"
    assert environ.pop("wsgi.errors") is sys.stderr
    assert environ == {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a b/c/\xc3\xa9",
        "QUERY_STRING": "q=%20x&y",
        "SERVER_NAME": "api.example.com",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "5",
        "HTTP_HOST": "api.example.com:8080",
        "HTTP_ORIGIN": "https://app.example.com",
        "HTTP_X_TOKEN": "a, b",
        "HTTP_COOKIE": "a=1; b=2",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


@pytest.mark.parametrize(
    ("method", "length"),
    [("GET", None), ("DELETE", None), ("POST", "0"), ("PUT", "0")],
)
def test_a_request_without_body_says_so_where_browsers_do(
    method: str, length: str | None
) -> None:
    assert environ_of(sent(method=method)).get("CONTENT_LENGTH") == length


@pytest.mark.parametrize(
    ("url", "name", "port"),
    [
        ("https://api.example.com/", "api.example.com", "443"),
        ("http://api.example.com/", "api.example.com", "80"),
        ("http://[::1]:5000/", "[::1]", "5000"),
    ],
)
def test_server_name_and_port_are_those_of_the_url(
    url: str, name: str, port: str
) -> None:
    environ = environ_of(sent(url))
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == (name, port)
    assert environ["QUERY_STRING"] == ""
    assert "CONTENT_TYPE" not in environ


def test_the_checker_of_the_standard_library_has_nothing_to_say() -> None:
    app = Spy(headers=[*TEXT, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    received = send_to(validator(app))(sent("https://api.example.com/x?y", "POST"))
    assert received == Received(
        200, (*TEXT, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")), b"hello"
    )
    assert len(app.calls) == 1


@pytest.mark.parametrize(
    ("method", "status"),
    [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")],
)
def test_a_response_that_has_no_body_gets_none(method: str, status: str) -> None:
    assert send_to(Spy(status=status))(sent(method=method)).body == b""


class Closing:
    """A body that says when it was closed."""

    def __init__(self, chunks: Iterable[bytes] = (b"a", b"b"), *, fails: bool = False):
        self.chunks = chunks
        self.fails = fails
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self.chunks
        if self.fails:
            raise ZeroDivisionError("in the body")

    def close(self) -> None:
        self.closed = True


def test_a_body_is_closed_at_its_end() -> None:
    body = Closing()
    assert send_to(Spy(body=body))(sent()).body == b"ab"
    assert body.closed


def test_a_body_is_closed_when_it_fails_and_the_failure_goes_to_the_test() -> None:
    body = Closing(fails=True)
    with pytest.raises(ZeroDivisionError, match="in the body"):
        send_to(Spy(body=body))(sent())
    assert body.closed


def test_what_the_application_raises_goes_to_the_test() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        raise LookupError("in the view")

    with pytest.raises(LookupError, match="in the view"):
        send_to(app)(sent())


def test_a_failure_may_be_answered_as_servers_do() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Access-Control-Allow-Origin", "*")])
        raise LookupError("in the view")

    assert send_to(app, raise_exceptions=False)(sent()) == Received(
        500, (("Content-Type", "text/plain"),), b"Internal Server Error"
    )


def test_a_generator_may_start_its_response_late() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        yield b""
        start_response("201 Created", list(TEXT))
        yield b"late"

    assert send_to(app)(sent()) == Received(201, tuple(TEXT), b"late")


def test_write_comes_before_what_is_returned() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        write = start_response("200 OK", list(TEXT))
        write(b"first ")
        return [b"second"]

    assert send_to(app)(sent()).body == b"first second"


def failing(*, body_sent: bool) -> Any:
    """Return an application that starts over with exc_info, after all has begun."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        write = start_response("200 OK", list(TEXT))
        try:
            if body_sent:
                write(b"begun")
            raise ZeroDivisionError("in the view")
        except ZeroDivisionError:
            start_response("500 Internal Server Error", [], sys.exc_info())
        return [b"sorry"]

    return app


def test_exc_info_replaces_headers_that_were_not_sent() -> None:
    assert send_to(failing(body_sent=False))(sent()) == Received(500, (), b"sorry")


def test_exc_info_is_raised_once_headers_were_sent() -> None:
    with pytest.raises(ZeroDivisionError, match="in the view"):
        send_to(failing(body_sent=True))(sent())


def starting(*calls: tuple[Any, ...], body: Any = (b"",)) -> Any:
    def app(environ: WSGIEnvironment, start_response: Any) -> Any:
        for arguments in calls:
            start_response(*arguments)
        return body

    return app


BREACHES: dict[str, tuple[Any, str]] = {
    "never started": (starting(), "was not called before the body"),
    "body before the start": (starting(body=[b"x"]), "was not called before the body"),
    "started twice": (starting(("200 OK", []), ("200 OK", [])), "a second time"),
    "text for a body": (starting(("200 OK", []), body=["x"]), "not of str"),
    "a number for a status": (starting((200, [])), "not a status"),
    "a status without a code": (starting(("OK", [])), "not a status"),
    "a code of four digits": (starting(("2000 OK", [])), "not a status"),
    "a list for a header": (starting(("200 OK", [["A", "b"]])), "not a header"),
    "a number for a value": (starting(("200 OK", [("A", 1)])), "not a header"),
    "a line break": (starting(("200 OK", [("A", "b\r\nC: d")])), "not a header"),
    "beyond Latin-1": (starting(("200 OK", [("A", "\u20ac")])), "as Latin-1"),
}


@pytest.mark.parametrize(("app", "message"), BREACHES.values(), ids=list(BREACHES))
def test_breaches_of_pep_3333_are_named(app: Any, message: str) -> None:
    with pytest.raises(WSGIError, match=message):
        send_to(app)(sent())


def test_what_cannot_be_called_is_no_application() -> None:
    with pytest.raises(TypeError, match="not a WSGI application: 'app'"):
        send_to("app")  # type: ignore[arg-type]
