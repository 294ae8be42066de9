"""An application of streams, whole and broken ones, for real servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from benchmarks.serving import ALLOWED
from flask_cors_policy import CORSMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CHUNK = b"chunk" * 2000
CHUNKS = 20


def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer as the path asks for; else with the origin of the request."""
    path = environ["PATH_INFO"]
    headers = [("Content-Type", "text/plain")]
    if path == "/stream":
        start_response("200 OK", headers)
        return (CHUNK for _ in range(CHUNKS))
    if path == "/fails-at-first":
        start_response("200 OK", headers)
        return failing()
    if path == "/no-content":
        start_response("204 No Content", [])
        return [b""]
    body = b"" if path == "/empty" else environ.get("HTTP_ORIGIN", "none").encode()
    start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]


def failing() -> Iterator[bytes]:
    """Fail where the first chunk is asked for."""
    raise RuntimeError("before the first chunk")
    yield b""


app = CORSMiddleware(answer, origins=ALLOWED, methods="PUT")
