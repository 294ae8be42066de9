"""A plain WSGI application, tested as its authors would: with pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

from flask_cors_policy import CORSMiddleware
from flask_cors_policy.testing import Browser, CORSBlocked

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
    expected = """\
Blocked (allow-origin-missing): The response (500 Internal Server Error) has no Access-Control-Allow-Origin.
Fix: Allow this origin: origins=['http://localhost:3000']. The server failed: look into its log.
Rule: the response has Access-Control-Allow-Origin (https://fetch.spec.whatwg.org/#cors-check)

The page at http://localhost:3000 asks for GET http://localhost:5000/broken.

Request:
  > GET /broken HTTP/1.1
  > Host: localhost:5000
  > Accept: */*
  > Origin: http://localhost:3000
  > Referer: http://localhost:3000/
  > Sec-Fetch-Site: same-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 500 Internal Server Error
  < Content-Type: text/plain
  < [broken]"""
    assert str(caught.value) == expected
    # Under a policy the page sees what it is.
    app = CORSMiddleware(clock, origins=PAGE)
    assert Browser(app, PAGE, API).fetch("/broken").status == 500


def test_cause_4_any_origin_with_credentials() -> None:
    app = answering(("Access-Control-Allow-Origin", "*"))
    page = Browser(app, PAGE, API)
    assert page.fetch("/").ok
    with pytest.raises(CORSBlocked) as caught:
        page.fetch("/", credentials="include")
    expected = """\
Blocked (allow-origin-mismatch): The response (200 OK) has Access-Control-Allow-Origin: *.
Fix: The page includes credentials, and then * matches nothing: list the origin (origins=['http://localhost:3000'], supports_credentials=True), or have the page leave the credentials out.
Rule: Access-Control-Allow-Origin is the page's origin, byte for byte, or * where no credentials are included (https://fetch.spec.whatwg.org/#cors-check)

The page at http://localhost:3000 asks for GET http://localhost:5000/, with credentials: "include".

Request:
  > GET / HTTP/1.1
  > Host: localhost:5000
  > Accept: */*
  > Origin: http://localhost:3000
  > Referer: http://localhost:3000/
  > Sec-Fetch-Site: same-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 200 OK
  < Content-Type: text/plain
  < Access-Control-Allow-Origin: *"""
    assert str(caught.value) == expected


def test_cause_5_a_slash_at_the_end() -> None:
    app = answering(("Access-Control-Allow-Origin", "http://localhost:3000/"))
    with pytest.raises(CORSBlocked) as caught:
        Browser(app, PAGE, API).fetch("/")
    expected = """\
Blocked (allow-origin-mismatch): The response (200 OK) has Access-Control-Allow-Origin: http://localhost:3000/.
Fix: Write it exactly as browsers do: http://localhost:3000
Rule: Access-Control-Allow-Origin is the page's origin, byte for byte, or * where no credentials are included (https://fetch.spec.whatwg.org/#cors-check)

The page at http://localhost:3000 asks for GET http://localhost:5000/.

Request:
  > GET / HTTP/1.1
  > Host: localhost:5000
  > Accept: */*
  > Origin: http://localhost:3000
  > Referer: http://localhost:3000/
  > Sec-Fetch-Site: same-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 200 OK
  < Content-Type: text/plain
  < Access-Control-Allow-Origin: http://localhost:3000/"""
    assert str(caught.value) == expected


def test_cause_5_localhost_is_not_127_0_0_1() -> None:
    app = answering(("Access-Control-Allow-Origin", "http://127.0.0.1:3000"))
    with pytest.raises(CORSBlocked) as caught:
        Browser(app, PAGE, API).fetch("/")
    expected = """\
Blocked (allow-origin-mismatch): The response (200 OK) has Access-Control-Allow-Origin: http://127.0.0.1:3000.
Fix: The page's origin is http://localhost:3000: allow that (origins=['http://localhost:3000']).
Hint: The two origins differ in the host (localhost is not 127.0.0.1).
Rule: Access-Control-Allow-Origin is the page's origin, byte for byte, or * where no credentials are included (https://fetch.spec.whatwg.org/#cors-check)

The page at http://localhost:3000 asks for GET http://localhost:5000/.

Request:
  > GET / HTTP/1.1
  > Host: localhost:5000
  > Accept: */*
  > Origin: http://localhost:3000
  > Referer: http://localhost:3000/
  > Sec-Fetch-Site: same-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 200 OK
  < Content-Type: text/plain
  < Access-Control-Allow-Origin: http://127.0.0.1:3000"""
    assert str(caught.value) == expected


def test_cause_6_the_header_is_there_twice() -> None:
    twice = ("Access-Control-Allow-Origin", PAGE)
    with pytest.raises(CORSBlocked) as caught:
        Browser(answering(twice, twice), PAGE, API).fetch("/")
    expected = """\
Blocked (allow-origin-mismatch): The response (200 OK) has Access-Control-Allow-Origin: http://localhost:3000, http://localhost:3000.
Fix: The header is there more than once: let one place set it, the policy, and take it out of the proxy, the view or the other extension.
Rule: Access-Control-Allow-Origin is the page's origin, byte for byte, or * where no credentials are included (https://fetch.spec.whatwg.org/#cors-check)

The page at http://localhost:3000 asks for GET http://localhost:5000/.

Request:
  > GET / HTTP/1.1
  > Host: localhost:5000
  > Accept: */*
  > Origin: http://localhost:3000
  > Referer: http://localhost:3000/
  > Sec-Fetch-Site: same-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 200 OK
  < Content-Type: text/plain
  < Access-Control-Allow-Origin: http://localhost:3000
  < Access-Control-Allow-Origin: http://localhost:3000"""
    assert str(caught.value) == expected


def test_plain_http_is_mixed_content_to_a_page_that_came_over_https() -> None:
    app = answering(("Access-Control-Allow-Origin", "*"))
    page = Browser(app, "https://app.example.com", "http://api.example.com")
    with pytest.raises(CORSBlocked) as caught:
        page.fetch("/")
    expected = """\
Blocked (mixed-content): The page is https://app.example.com, the URL is http://api.example.com/.
Fix: Serve the API over https.
Rule: a page served over https requests no plain http (https://w3c.github.io/webappsec-mixed-content/#should-block-fetch)

The page at https://app.example.com asks for GET http://api.example.com/."""
    assert str(caught.value) == expected
