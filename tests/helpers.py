"""What the tests share: requests, applications that take notes, and problems."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from wsgiref.validate import validator

import pytest

from flask_cors_policy import Policy, PolicyError, Problem
from flask_cors_policy.core.request import CORSRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

A = "https://a.example"
B = "https://b.example"
EVIL = "https://evil.example"

HeaderList = list[tuple[str, str]]


def environ(
    method: str = "GET", path: str = "/", headers: Mapping[str, str] | None = None
) -> WSGIEnvironment:
    """Return the environ of a request to https://api.example.com (PEP 3333)."""
    result: WSGIEnvironment = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "10.0.0.7",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "api.example.com",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in (headers or {}).items():
        key = name.upper().replace("-", "_")
        result[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return result


@dataclass(frozen=True)
class Response:
    """What came back through start_response and the iterable."""

    status: str
    headers: HeaderList
    body: bytes

    def values(self, name: str) -> list[str]:
        """Return every value of the header *name*."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Spy:
    """An application that answers as told and notes who called."""

    status: str = "200 OK"
    headers: HeaderList = field(
        default_factory=lambda: [("Content-Type", "text/plain")]
    )
    body: Iterable[bytes] = (b"hello",)
    calls: list[WSGIEnvironment] = field(default_factory=list)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        self.calls.append(environ)
        start_response(self.status, list(self.headers))
        return self.body


class Server:
    """A start_response that notes how it was called, and checks nothing."""

    def __init__(self) -> None:
        self.started: list[tuple[Any, ...]] = []
        self.written: list[bytes] = []

    def __call__(self, *arguments: Any) -> Callable[[bytes], object]:
        self.started.append(arguments)
        return self.written.append


def call(
    app: WSGIApplication,
    method: str = "GET",
    path: str = "/",
    headers: Mapping[str, str] | None = None,
    **environ_items: Any,
) -> Response:
    """Call *app* as a strict server would, and return the whole response."""
    server = Server()
    request = environ(method, path, headers) | environ_items
    iterable = validator(app)(request, server)
    try:
        server.written.extend(iterable)
    finally:
        close = getattr(iterable, "close", None)
        if close is not None:
            close()
    status, response_headers = server.started[-1][:2]
    return Response(status, response_headers, b"".join(server.written))


def preflight_headers(
    origin: str, method: str = "PUT", names: str | None = None
) -> dict[str, str]:
    """Return what a browser sends to ask for *method* with the header *names*."""
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    if names is not None:
        headers["Access-Control-Request-Headers"] = names
    return headers


def preflight(
    origin: str | None = A, method: str = "PUT", names: str | None = None
) -> CORSRequest:
    """Return a preflight, free of WSGI."""
    return CORSRequest("OPTIONS", origin, method, names, None, "https", "api.example")


def actual(origin: str | None = A, method: str = "GET", **facts: Any) -> CORSRequest:
    """Return an actual request, free of WSGI (not a CORS one without *origin*)."""
    here = {"scheme": "https", "host": "api.example"}
    return CORSRequest(method, origin, **{**here, **facts})


def problems(**options: Any) -> tuple[Problem, ...]:
    """Return everything that is wrong with the policy of *options*."""
    with pytest.raises(PolicyError) as caught:
        Policy(**options)
    return caught.value.problems


def reasons(**options: Any) -> list[tuple[str, str]]:
    """Return setting and reason code of everything wrong with *options*."""
    return [(problem.setting, problem.reason) for problem in problems(**options)]
