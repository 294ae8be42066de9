"""What these tests share: applications, and a server for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from flask import Flask

from flask_cors_policy import CORS, CORSMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

A = "https://app.example.com"
B = "https://b.example"
HERE = __name__

Read = Callable[[], tuple[str, str]]


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None: ...


class Server:
    """An application on a socket of its own, and what it was asked."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app
        self.asked: list[WSGIEnvironment] = []
        self.url = ""

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        self.asked.append(environ)
        return self.app(environ, start_response)

    @property
    def lines(self) -> list[str]:
        return [f"{each['REQUEST_METHOD']} {each['PATH_INFO']}" for each in self.asked]


@contextmanager
def serving(app: WSGIApplication) -> Iterator[Server]:
    server = Server(app)
    with make_server("127.0.0.1", 0, server, handler_class=Quiet) as listening:
        server.url = f"http://127.0.0.1:{listening.server_port}"
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()


def items(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/elsewhere":
        start_response("302 Found", [("Location", "http://localhost/")])
        return []
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Total", "7")])
    return [b"items"]


def listed() -> CORSMiddleware:
    return CORSMiddleware(
        items, origins=A, methods="PUT", allow_headers="X-A", supports_credentials=True
    )


flask_app = Flask(__name__, static_folder=None)
flask_app.add_url_rule("/items", "items", lambda: "items")
CORS(flask_app, origins=B)

wrong_app = Flask(__name__, static_folder=None)
wrong_app.config["CORS_ORIGINS"] = [A]
CORS(wrong_app)
wrong_app.config["CORS_ORIGINS"] = [A, B]


class Holder:
    wrapped = staticmethod(CORSMiddleware(items, origins=B))


def listed_for_b() -> CORSMiddleware:
    return CORSMiddleware(items, origins=B)


def reflecting(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    origin = environ.get("HTTP_ORIGIN")
    headers = [("Access-Control-Allow-Origin", origin)] if origin else []
    start_response("200 OK", [("Content-Type", "text/plain"), *headers])
    return [b"mine"]
