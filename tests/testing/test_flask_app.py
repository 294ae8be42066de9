"""A Flask application, tested as its authors would: with pages, not with headers."""

from __future__ import annotations

import flask_cors
import pytest
from flask import Flask, Response, jsonify, request

from flask_cors_policy import CORS, cross_origin
from flask_cors_policy.testing import Browser, CORSBlocked

APP = "https://app.example.com"


def create_app() -> Flask:
    """An API under a policy: items for the front end, news for everybody."""
    app = Flask("shop")
    app.testing = True
    CORS(
        app,
        origins=APP,
        supports_credentials=True,
        allow_headers=["Content-Type", "X-Token"],
        expose_headers="ETag",
        max_age=600,
    )

    @app.put("/items/<int:item>")
    def put_item(item: int) -> Response:
        response = jsonify(item=item, **request.get_json())
        response.headers["ETag"] = '"1"'
        response.headers["X-Total"] = "1"
        return response

    @app.get("/items/")
    def items() -> list[str]:
        return ["a", "b"]

    @app.post("/login")
    def login() -> Response:
        response = jsonify(name="Ada")
        response.set_cookie("session", "s1", secure=True, httponly=True)
        return response

    @app.get("/me")
    def me() -> Response | tuple[str, int]:
        if request.cookies.get("session") != "s1":
            return "Log in first.", 401
        return jsonify(name="Ada")

    @app.get("/partners")
    @cross_origin(origins="https://partner.example.net")
    def partners() -> str:
        return "for partners"

    @app.get("/news")
    @cross_origin(origins="*", supports_credentials=False)
    def news() -> str:
        return "for everybody"

    return app


@pytest.fixture
def page() -> Browser:
    return Browser(create_app(), origin=APP)


def test_the_front_end_puts_an_item(page: Browser) -> None:
    reply = page.fetch(
        "/items/1",
        method="PUT",
        headers={"X-Token": "t"},
        credentials="include",
        json={"name": "Ada"},
    )
    assert reply.ok
    assert reply.json() == {"item": 1, "name": "Ada"}
    assert reply.headers["ETag"] == '"1"'
    assert len(page.preflights) == 1


def test_one_preflight_is_enough_for_ten_minutes(page: Browser) -> None:
    for seconds, preflights in ((0, 1), (599, 1), (2, 2)):
        page.wait(seconds)
        page.fetch("/items/1", "PUT", json={})
        assert len(page.preflights) == preflights


def test_the_session_cookie_comes_back(page: Browser) -> None:
    assert page.fetch("/me", credentials="include").status == 401
    page.fetch("/login", "POST", credentials="include")
    assert page.cookies["session"].http_only
    assert page.fetch("/me", credentials="include").json() == {"name": "Ada"}


def test_everybody_may_read_the_news(page: Browser) -> None:
    assert page.open("https://elsewhere.example").fetch("/news").text == "for everybody"


def test_cause_1_the_error_behind_the_cors_error() -> None:
    def app(environ: object, start_response: object) -> list[bytes]:
        raise LookupError("in middleware outside of Flask")

    page = Browser(app, origin=APP, raise_exceptions=False)
    with pytest.raises(CORSBlocked) as caught:
        page.fetch("/items")
    lines = str(caught.value).splitlines()
    assert lines[:2] == [
        "Blocked (allow-origin-missing): The response (500 Internal Server Error) has no Access-Control-Allow-Origin.",
        "Fix: Allow this origin: origins=['https://app.example.com']. The server failed: look into its log.",
    ]
    assert lines[-1] == "  < [Internal Server Error]"


def test_cause_2_the_preflight_meets_the_login() -> None:
    app = Flask("no policy")

    @app.before_request
    def login() -> tuple[str, int]:
        return "Log in first.", 401

    @app.after_request
    def by_hand(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = APP
        return response

    with pytest.raises(CORSBlocked) as caught:
        Browser(app, APP).fetch("/me", headers={"Authorization": "Bearer t"})
    expected = """\
Blocked (preflight-refused): The answer to the preflight (401 Unauthorized) has no status of 200 to 299.
Fix: Answer preflights with 204 or 200. Authentication has answered it: browsers send preflights without credentials, so answer them before authentication.
Rule: the answer to a preflight has a status of 200 to 299 (https://fetch.spec.whatwg.org/#cors-preflight-fetch)

The page at https://app.example.com asks for GET https://api.example.com/me.

Preflight:
  > OPTIONS /me HTTP/1.1
  > Host: api.example.com
  > Accept: */*
  > Access-Control-Request-Method: GET
  > Access-Control-Request-Headers: authorization
  > Origin: https://app.example.com
  > Referer: https://app.example.com/
  > Sec-Fetch-Site: same-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 401 Unauthorized
  < Content-Type: text/html; charset=utf-8
  < Content-Length: 13
  < Access-Control-Allow-Origin: https://app.example.com
  < [Log in first.]"""
    assert str(caught.value) == expected


def test_cause_3_a_slash_is_missing(page: Browser) -> None:
    @page_app_without_policy.put("/things/")
    def put_things() -> str:
        return "put"

    with pytest.raises(CORSBlocked) as caught:
        Browser(page_app_without_policy, APP).fetch("/things", "PUT")
    assert caught.value.reason == "preflight-redirected"
    expected = """\
Blocked (preflight-redirected): The answer to the preflight (308 Permanent Redirect) leads to /things/.
Fix: No browser follows that: have the page ask for the final URL (its slash, https), or answer preflights before anything that redirects.
Rule: the answer to a preflight is no redirect (https://fetch.spec.whatwg.org/#cors-preflight-fetch)

The page at https://app.example.com asks for PUT https://api.example.com/things.

Preflight:
  > OPTIONS /things HTTP/1.1
  > Host: api.example.com
  > Accept: */*
  > Access-Control-Request-Method: PUT
  > Origin: https://app.example.com
  > Referer: https://app.example.com/
  > Sec-Fetch-Site: same-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 308 Permanent Redirect
  < Location: /things/
  < Content-Type: text/html; charset=utf-8
  < Content-Length: 0"""
    assert str(caught.value) == expected
    # Under a policy the preflight of that URL is answered, and the redirect followed.
    assert page.fetch("/items").redirected


page_app_without_policy = Flask("redirects preflights")


@page_app_without_policy.before_request
def redirect_what_lacks_a_slash() -> Response | None:
    if request.path.endswith("/"):
        return None
    return Response(status=308, headers={"Location": f"{request.path}/"})


def test_cause_7_the_view_has_a_policy_of_its_own(page: Browser) -> None:
    with pytest.raises(CORSBlocked) as caught:
        page.fetch("/partners")
    expected = """\
Blocked (allow-origin-missing): The response (200 OK) has no Access-Control-Allow-Origin.
Fix: Allow this origin: origins=['https://app.example.com'].
Hint: Vary says that a policy applies to this URL, and it does not list this origin. The nearest policy decides: that of the view, before that of its blueprint, before that of the application.
Rule: the response has Access-Control-Allow-Origin (https://fetch.spec.whatwg.org/#cors-check)

The page at https://app.example.com asks for GET https://api.example.com/partners.

Request:
  > GET /partners HTTP/1.1
  > Host: api.example.com
  > Accept: */*
  > Origin: https://app.example.com
  > Referer: https://app.example.com/
  > Sec-Fetch-Site: same-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 200 OK
  < Content-Type: text/html; charset=utf-8
  < Content-Length: 12
  < Vary: Origin"""
    assert str(caught.value) == expected


def test_cause_9_the_decorator_stands_above_the_route() -> None:
    app = Flask("Flask-CORS")

    @flask_cors.cross_origin(origins=APP)  # type: ignore[untyped-decorator,unused-ignore]
    @app.get("/items")
    def items() -> str:
        return "items"

    with pytest.raises(CORSBlocked) as caught:
        Browser(app, APP).fetch("/items")
    expected = """\
Blocked (allow-origin-missing): The response (200 OK) has no Access-Control-Allow-Origin.
Fix: Allow this origin: origins=['https://app.example.com'].
Hint: It seems that no policy applies to this URL. (A decorator that wraps views, like that of Flask-CORS, does nothing above @app.route.)
Rule: the response has Access-Control-Allow-Origin (https://fetch.spec.whatwg.org/#cors-check)

The page at https://app.example.com asks for GET https://api.example.com/items.

Request:
  > GET /items HTTP/1.1
  > Host: api.example.com
  > Accept: */*
  > Origin: https://app.example.com
  > Referer: https://app.example.com/
  > Sec-Fetch-Site: same-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 200 OK
  < Content-Type: text/html; charset=utf-8
  < Content-Length: 5"""
    assert str(caught.value) == expected


def test_cause_10_a_header_is_not_allowed(page: Browser) -> None:
    with pytest.raises(CORSBlocked, match="header-not-allowed") as caught:
        page.fetch("/items/1", "PUT", headers={"X-Trace": "1"})
    expected = """\
Blocked (header-not-allowed): The page sets x-trace; the answer has Access-Control-Allow-Headers: Content-Type, X-Token.
Fix: Add what is missing: allow_headers=[..., 'x-trace'].
Rule: each header that is not safelisted is listed in Access-Control-Allow-Headers (https://fetch.spec.whatwg.org/#cors-preflight-fetch)

The page at https://app.example.com asks for PUT https://api.example.com/items/1.

Preflight:
  > OPTIONS /items/1 HTTP/1.1
  > Host: api.example.com
  > Accept: */*
  > Access-Control-Request-Method: PUT
  > Access-Control-Request-Headers: x-trace
  > Origin: https://app.example.com
  > Referer: https://app.example.com/
  > Sec-Fetch-Site: same-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 204 No Content
  < Vary: Origin, Access-Control-Request-Method
  < Access-Control-Allow-Origin: https://app.example.com
  < Access-Control-Allow-Credentials: true
  < Access-Control-Allow-Methods: OPTIONS, PUT
  < Access-Control-Allow-Headers: Content-Type, X-Token
  < Access-Control-Max-Age: 600"""
    assert str(caught.value) == expected


def test_cause_10_a_header_is_not_exposed(page: Browser) -> None:
    reply = page.fetch("/items/1", "PUT", json={})
    with pytest.raises(KeyError) as caught:
        reply.headers["X-Total"]
    expected = """\
X-Total: 1 came, and no page can read it before it is exposed: expose_headers=[..., 'X-Total']."""
    assert str(caught.value) == expected


def test_a_method_that_no_route_has(page: Browser) -> None:
    reply = page.fetch("/items/1", "DELETE")
    assert (reply.status, reply.ok) == (405, False)


def test_the_first_trap_a_cookie_stays_behind_between_sites() -> None:
    app = create_app()
    page = Browser(app, origin=APP, base_url="https://api.example.net")
    reply = page.fetch("/login", "POST", credentials="include")
    expected = """\
<Reply 200 OK, POST https://api.example.net/login; cookie 'session' was not kept: it is SameSite=Lax (as every cookie that does not say), and https://app.example.com and https://api.example.net are two sites. Set it with SameSite=None; Secure.>"""
    assert repr(reply) == expected
    assert dict(page.cookies) == {}
