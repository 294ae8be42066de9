"""12 servers of other makes that block a page, and the cause that has to come first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flask_cors_policy.devtools.browser import Body, Page, PageRequest
from flask_cors_policy.devtools.explaining import Explanation
from flask_cors_policy.devtools.playing import Knowledge, Player

from .broken_apps import API, A, Middleware, Options, sending

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Pairs = list[tuple[str, str]]
Answer = Callable[["WSGIEnvironment"], tuple[str, Pairs, bytes]]

ACAO = "Access-Control-Allow-Origin"
ALLOW = (ACAO, A)
JSON = Body(b"{}", "application/json")


@dataclass(frozen=True)
class Server:
    """A server, by what it answers.

    :param answer: returns status, headers and body.
    :param cause: the code of the true cause.
    :param says: a part of the explanation.
    :param ask: the request of the page.
    :param corrected: what the server answers once it is corrected by hand; ``None`` if
        the headers of the advice are sent.
    :param middleware: applied in front of the server.
    """

    answer: Answer
    cause: str
    says: str
    ask: Options = field(default_factory=dict)
    corrected: Answer | None = None
    middleware: Middleware | None = None

    def app(self) -> WSGIApplication:
        def call(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            status, headers, body = self.answer(environ)
            start_response(status, [*headers, ("Content-Length", str(len(body)))])
            return [body]

        return call if self.middleware is None else self.middleware(call)

    def request(self) -> PageRequest:
        return PageRequest(**{"url": f"{API}/items", **self.ask})


def explained(server: Server) -> Explanation:
    app = server.app()
    return Player(app, Knowledge(app)).explain(Page(A), server.request())


def repaired(server: Server, explanation: Explanation) -> Server:
    """Return the server, or its page, after the first fix was applied."""
    assert explanation.diagnosis is not None
    fix = explanation.diagnosis.fixes[0]
    server = replace(server, ask={**server.ask, **fix.page})
    if server.corrected is not None:
        return replace(server, answer=server.corrected)
    if any(fix.headers):
        return replace(server, middleware=sending(*fix.headers))
    return server


def is_preflight(environ: WSGIEnvironment) -> bool:
    return "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ


def always(status: str, *headers: tuple[str, str], body: bytes = b"[]") -> Answer:
    return lambda environ: (status, list(headers), body)


def preflight(status: str, *headers: tuple[str, str], body: bytes = b"") -> Answer:
    """Answer preflights so, and all else with success and the header."""

    def answer(environ: WSGIEnvironment) -> tuple[str, Pairs, bytes]:
        if is_preflight(environ):
            return status, list(headers), body
        return "200 OK", [ALLOW], b"[]"

    return answer


def allowing(*headers: tuple[str, str]) -> Answer:
    return preflight("204 No Content", ALLOW, *headers)


def nginx_without_always(environ: WSGIEnvironment) -> tuple[str, Pairs, bytes]:
    """Send the header with successes only, as add_header does."""
    return "404 Not Found", [("Server", "nginx")], b"<h1>404 Not Found</h1>"


def nginx_always(environ: WSGIEnvironment) -> tuple[str, Pairs, bytes]:
    return "404 Not Found", [("Server", "nginx"), ALLOW], b"<h1>404 Not Found</h1>"


SERVERS: Mapping[str, Server] = {
    "nginx: add_header without always, on a 404": Server(
        nginx_without_always,
        "error-without-headers",
        "nginx: add_header ... always",
        corrected=nginx_always,
    ),
    "nginx and the application send the header": Server(
        always("200 OK", ALLOW, ALLOW),
        "header-twice",
        "Let one place set the header, and remove it from the other",
        corrected=always("200 OK", ALLOW),
    ),
    "Express: a list of origins in one header": Server(
        always("200 OK", (ACAO, f"{A}, https://b.example")),
        "allow-origin-list",
        "Browsers accept one origin there.",
    ),
    "Express: an error that says so": Server(
        always("500 Internal Server Error", body=b"Error: Not allowed by CORS"),
        "origin-not-allowed",
        "Its text mentions CORS",
        corrected=always("200 OK", ALLOW),
    ),
    "Starlette: a preflight of another origin": Server(
        preflight(
            "400 Bad Request", ("Vary", "Origin"), body=b"Disallowed CORS origin"
        ),
        "origin-not-allowed",
        "It says: Disallowed CORS origin.",
        {"method": "PUT"},
    ),
    "Spring: 403 Invalid CORS request": Server(
        always("403 Forbidden", ("Vary", "Origin"), body=b"Invalid CORS request"),
        "origin-not-allowed",
        "a policy of the server refuses the request. It says: Invalid CORS request.",
        corrected=always("200 OK", ALLOW),
    ),
    "Django: a missing slash": Server(
        lambda environ: (
            ("200 OK", [ALLOW, ("Access-Control-Allow-Methods", "PUT")], b"")
            if environ["PATH_INFO"].endswith("/")
            else ("301 Moved Permanently", [("Location", "/items/")], b"")
        ),
        "trailing-slash",
        "Have the page request https://api.example.com/items/.",
        {"method": "PUT"},
    ),
    "a gateway asks preflights for a login": Server(
        preflight("401 Unauthorized", ("WWW-Authenticate", "Bearer")),
        "preflight-authenticated",
        "Answer preflights before authentication.",
        {"headers": (("Authorization", "Bearer t"),)},
    ),
    "a CDN answers with the response for another origin": Server(
        always(
            "200 OK", (ACAO, "https://b.example"), ("Age", "37"), ("X-Cache", "HIT")
        ),
        "cached-response",
        "A cache has answered (Age: 37)",
        corrected=always("200 OK", ALLOW, ("Vary", "Origin")),
    ),
    "a slash after the origin": Server(
        always("200 OK", (ACAO, f"{A}/")),
        "allow-origin-mismatch",
        f"Browsers compare it with {A}, byte for byte.",
    ),
    "credentials in upper case": Server(
        always("200 OK", ALLOW, ("Access-Control-Allow-Credentials", "True")),
        "credentials-not-allowed",
        "Access-Control-Allow-Credentials: True",
        {"credentials": "include"},
    ),
    "* for headers, with credentials": Server(
        allowing(
            ("Access-Control-Allow-Headers", "*"),
            ("Access-Control-Allow-Credentials", "true"),
        ),
        "header-not-allowed",
        "Access-Control-Allow-Headers: *",
        {"credentials": "include", "method": "POST", "body": JSON},
    ),
}
"""What is wrong -> the server."""
