"""A Django application, tested as its authors would: with pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from flask_cors_policy import CORSMiddleware
from flask_cors_policy.testing import Browser, CORSBlocked

from .django_app import django_app
from .helpers import told

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PAGE = "https://www.notes.example"
API = "https://api.shop.example"


@pytest.fixture
def app() -> Iterator[WSGIApplication]:
    """Django as it comes, without a policy."""
    with django_app() as app:
        yield app


@pytest.fixture
def page(app: WSGIApplication) -> Browser:
    """A page, where a policy has been put around it."""
    policed = CORSMiddleware(
        app, origins=PAGE, supports_credentials=True, allow_headers=["Content-Type"]
    )
    return Browser(policed, PAGE, API)


def test_the_page_reads_and_writes_notes(page: Browser) -> None:
    assert page.fetch("/notes").json() == {"notes": []}
    assert page.fetch("/notes", "POST", json={"text": "x"}).status == 201


def test_a_session_between_sites_lasts_a_minute(page: Browser) -> None:
    page.fetch("/login", credentials="include")
    assert page.fetch("/who", credentials="include").json() == {"session": "s1"}
    page.wait(61)
    assert page.fetch("/who", credentials="include").json() == {"session": None}


def test_an_error_page_can_be_read_as_well(page: Browser) -> None:
    assert page.fetch("/nowhere").status == 404


def test_cause_8_json_needs_a_preflight(app: WSGIApplication) -> None:
    policed = CORSMiddleware(app, origins=PAGE, allow_headers=[])
    page = Browser(policed, PAGE, API)
    assert page.fetch("/notes", "POST", data="text").status == 201
    with pytest.raises(CORSBlocked) as caught:
        page.fetch("/notes", "POST", json={"text": "x"})
    assert (
        told(caught.value)
        == """\
Blocked (header-not-allowed).
  Why:  The page sets content-type; the answer has no Access-Control-Allow-Headers. Only the content types of forms and text/plain need no preflight; JSON does.
  Fix:  In CORSMiddleware write allow_headers=["Content-Type"].
  Policy: CORSMiddleware
  Rule: each header that is not safelisted is listed in Access-Control-Allow-Headers (https://fetch.spec.whatwg.org/#cors-preflight-fetch)"""
    )


def test_a_host_that_django_does_not_serve(app: WSGIApplication) -> None:
    with pytest.raises(CORSBlocked) as caught:
        Browser(app, PAGE).fetch("/notes")
    assert (
        told(caught.value)
        == """\
Blocked (error-without-headers).
  Why:  The response (400 Bad Request) has no Access-Control-Allow-Origin. The server may not serve the host api.example.com (ALLOWED_HOSTS in Django).
  Fix:  Request a host that the server serves (in a test: base_url). Otherwise: Allow https://www.notes.example: the server has to send Access-Control-Allow-Origin: https://www.notes.example with this response, and Vary: Origin.
  Rule: the response has Access-Control-Allow-Origin (https://fetch.spec.whatwg.org/#cors-check)"""
    )


def test_a_cookie_that_credentials_leave_at_home(page: Browser) -> None:
    page.fetch("/login", credentials="include")
    reply = page.fetch("/who")
    assert reply.json() == {"session": None}
    expected = """\
The page reads the response (200 OK).

Request:
  > GET /who HTTP/1.1
  > Host: api.shop.example
  > Accept: */*
  > Origin: https://www.notes.example
  > Referer: https://www.notes.example/
  > Sec-Fetch-Site: cross-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 200 OK
  < Content-Type: application/json
  < Content-Length: 17
  < Vary: Origin
  < Access-Control-Allow-Origin: https://www.notes.example
  < Access-Control-Allow-Credentials: true
  -- cookie 'sessionid' was not sent: with credentials: "same-origin" a page sends no cookies to another origin. Have it use credentials: "include"."""
    assert reply.explanation == expected
