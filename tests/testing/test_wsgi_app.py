"""A plain WSGI application, tested as its authors would: with pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

from flask_cors_policy import CORSMiddleware
from flask_cors_policy.testing import Browser, CORSBlocked

from .helpers import told

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PAGE = "http://localhost:3000"
API = "http://localhost:5000"


def clock(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Tell the time to GET, set it by PUT, fail under /broken."""
    text = [("Content-Type", "text/plain")]
    if environ["PATH_INFO"] == "/broken":
        start_response("500 Internal Server Error", text)
        return [b"broken"]
    if environ["REQUEST_METHOD"] == "PUT":
        start_response("204 No Content", [])
        return []
    start_response("200 OK", text)
    return [b"noon"]


def answering(*headers: tuple[str, str]) -> WSGIApplication:
    """Return the same, with headers written by hand."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, own: list[tuple[str, str]], *rest: object) -> object:
            return start_response(status, [*own, *headers])

        return clock(environ, start)  # type: ignore[arg-type]

    return app


def test_the_page_tells_the_time_and_sets_it() -> None:
    app = CORSMiddleware(clock, origins=PAGE, methods=["PUT"])
    page = Browser(app, PAGE, API)
    assert page.fetch("/").text == "noon"
    assert page.fetch("/", "PUT").status == 204
    assert [exchange.sent.method for exchange in page.exchanges] == [
        "GET",
        "OPTIONS",
        "PUT",
    ]
    with pytest.raises(CORSBlocked, match="method"):
        page.fetch("/", "DELETE")


def test_cause_1_the_error_behind_the_cors_error() -> None:
    with pytest.raises(CORSBlocked) as caught:
        Browser(clock, PAGE, API).fetch("/broken")
    assert (
        told(caught.value)
        == """\
Blocked (server-error).
  Why:  The server failed (500 Internal Server Error).
  Fix:  Look into the server's log.
  Rule: the response has Access-Control-Allow-Origin (https://fetch.spec.whatwg.org/#cors-check)"""
    )
    # Under a policy the page sees what it is.
    app = CORSMiddleware(clock, origins=PAGE)
    assert Browser(app, PAGE, API).fetch("/broken").status == 500


def test_cause_4_any_origin_with_credentials() -> None:
    app = answering(("Access-Control-Allow-Origin", "*"))
    page = Browser(app, PAGE, API)
    assert page.fetch("/").ok
    with pytest.raises(CORSBlocked) as caught:
        page.fetch("/", credentials="include")
    assert (
        told(caught.value)
        == """\
Blocked (wildcard-with-credentials).
  Why:  The response (200 OK) has Access-Control-Allow-Origin: *. Browsers do not accept * together with credentials.
  Fix:  Allow http://localhost:3000: the server has to send Access-Control-Allow-Origin: http://localhost:3000 and Access-Control-Allow-Credentials: true with this response, and Vary: Origin.
  Or:   If the page needs no cookies, have it leave them out: credentials: "omit".
  Rule: Access-Control-Allow-Origin is the page's origin, byte for byte, or * where no credentials are included (https://fetch.spec.whatwg.org/#cors-check)"""
    )


def test_cause_5_a_slash_at_the_end() -> None:
    app = answering(("Access-Control-Allow-Origin", "http://localhost:3000/"))
    with pytest.raises(CORSBlocked) as caught:
        Browser(app, PAGE, API).fetch("/")
    assert (
        told(caught.value)
        == """\
Blocked (allow-origin-mismatch).
  Why:  The response (200 OK) has Access-Control-Allow-Origin: http://localhost:3000/. Browsers compare it with http://localhost:3000, byte for byte.
  Fix:  Allow http://localhost:3000: the server has to send Access-Control-Allow-Origin: http://localhost:3000 with this response, and Vary: Origin.
  Rule: Access-Control-Allow-Origin is the page's origin, byte for byte, or * where no credentials are included (https://fetch.spec.whatwg.org/#cors-check)"""
    )


def test_cause_5_localhost_is_not_127_0_0_1() -> None:
    app = answering(("Access-Control-Allow-Origin", "http://127.0.0.1:3000"))
    with pytest.raises(CORSBlocked) as caught:
        Browser(app, PAGE, API).fetch("/")
    assert (
        told(caught.value)
        == """\
Blocked (origin-not-allowed).
  Why:  The response (200 OK) has Access-Control-Allow-Origin: http://127.0.0.1:3000. It lists http://127.0.0.1:3000, which differs in the name of this machine (localhost).
  Fix:  Allow http://localhost:3000: the server has to send Access-Control-Allow-Origin: http://localhost:3000 with this response, and Vary: Origin.
  Rule: Access-Control-Allow-Origin is the page's origin, byte for byte, or * where no credentials are included (https://fetch.spec.whatwg.org/#cors-check)"""
    )


def test_cause_6_the_header_is_there_twice() -> None:
    twice = ("Access-Control-Allow-Origin", PAGE)
    with pytest.raises(CORSBlocked) as caught:
        Browser(answering(twice, twice), PAGE, API).fetch("/")
    assert (
        told(caught.value)
        == """\
Blocked (header-twice).
  Why:  The response has Access-Control-Allow-Origin 2 times: http://localhost:3000 and http://localhost:3000.
  Fix:  Let one place set the header, and remove it from the other: a proxy, another extension, middleware, the view.
  Rule: Access-Control-Allow-Origin is the page's origin, byte for byte, or * where no credentials are included (https://fetch.spec.whatwg.org/#cors-check)"""
    )


def test_plain_http_is_mixed_content_to_a_page_that_came_over_https() -> None:
    app = answering(("Access-Control-Allow-Origin", "*"))
    page = Browser(app, "https://app.example.com", "http://api.example.com")
    with pytest.raises(CORSBlocked) as caught:
        page.fetch("/")
    assert (
        told(caught.value)
        == """\
Blocked (mixed-content).
  Why:  The page is https://app.example.com, the URL is http://api.example.com/.
  Fix:  Serve the API over https.
  Rule: a page served over https requests no plain http (https://w3c.github.io/webappsec-mixed-content/#should-block-fetch)"""
    )
