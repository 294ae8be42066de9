"""A Flask application, tested as its authors would: with pages, not with headers."""

from __future__ import annotations

from typing import Any

import flask_cors
import pytest
from flask import Flask, Response, jsonify, request

from flask_cors_policy import CORS, cross_origin
from flask_cors_policy.testing import Browser, CORSBlocked

from .helpers import told

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
    assert lines[:3] == [
        "Blocked (server-error).",
        "  Why:  The server failed (500 Internal Server Error).",
        "  Fix:  Look into the server's log.",
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
    assert (
        told(caught.value)
        == """\
Blocked (preflight-authenticated).
  Why:  The application has no CORS(app). The answer to the preflight (401 Unauthorized) has no status of 200 to 299. Authentication answers the preflight, which never carries credentials.
  Fix:  A policy answers preflights before authentication: Write CORS(app, origins=["https://app.example.com"]).
  Rule: the answer to a preflight has a status of 200 to 299 (https://fetch.spec.whatwg.org/#cors-preflight-fetch)"""
    )


def test_cause_3_a_slash_is_missing(page: Browser) -> None:
    @page_app_without_policy.put("/things/")
    def put_things() -> str:
        return "put"

    with pytest.raises(CORSBlocked) as caught:
        Browser(page_app_without_policy, APP).fetch("/things", "PUT")
    assert caught.value.reason == "trailing-slash"
    assert (
        told(caught.value)
        == """\
Blocked (trailing-slash).
  Why:  The route is /things/, and the page requests /things: the preflight is redirected (308).
  Fix:  A policy answers preflights before anything redirects: Write CORS(app, origins=["https://app.example.com"]).
  Or:   Have the page request https://api.example.com/things/.
  Rule: the answer to a preflight is no redirect (https://fetch.spec.whatwg.org/#cors-preflight-fetch)"""
    )
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
    assert (
        told(caught.value)
        == """\
Blocked (origin-not-allowed).
  Why:  The policy (@cross_origin on tests.testing.test_flask_app.create_app.<locals>.partners) does not list https://app.example.com. The policy (the application) would allow this, but the nearest one applies: @cross_origin on tests.testing.test_flask_app.create_app.<locals>.partners.
  Fix:  In @cross_origin on tests.testing.test_flask_app.create_app.<locals>.partners write origins=["https://partner.example.net", "https://app.example.com"].
  Or:   Remove origins from @cross_origin on tests.testing.test_flask_app.create_app.<locals>.partners, so that the application decides.
  Policy: @cross_origin on tests.testing.test_flask_app.create_app.<locals>.partners, inside the application
  Rule: the response has Access-Control-Allow-Origin (https://fetch.spec.whatwg.org/#cors-check)"""
    )


def test_cause_9_the_decorator_stands_above_the_route() -> None:
    app = Flask("Flask-CORS")

    @flask_cors.cross_origin(origins=APP)  # type: ignore[untyped-decorator,unused-ignore]
    @app.get("/items")
    def items() -> str:
        return "items"

    with pytest.raises(CORSBlocked) as caught:
        Browser(app, APP).fetch("/items")
    assert (
        told(caught.value)
        == """\
Blocked (no-policy).
  Why:  The application has no CORS(app). The response (200 OK) has no Access-Control-Allow-Origin. A decorator of Flask-CORS above @app.route has no effect.
  Fix:  Write CORS(app, origins=["https://app.example.com"]).
  Rule: the response has Access-Control-Allow-Origin (https://fetch.spec.whatwg.org/#cors-check)"""
    )


def test_cause_10_a_header_is_not_allowed(page: Browser) -> None:
    with pytest.raises(CORSBlocked, match="header-not-allowed") as caught:
        page.fetch("/items/1", "PUT", headers={"X-Trace": "1"})
    assert (
        told(caught.value)
        == """\
Blocked (header-not-allowed).
  Why:  The page sets x-trace; the answer has Access-Control-Allow-Headers: Content-Type, X-Token.
  Fix:  In CORS(app) write allow_headers=["Content-Type", "X-Token", "X-Trace"].
  Policy: the application
  Rule: each header that is not safelisted is listed in Access-Control-Allow-Headers (https://fetch.spec.whatwg.org/#cors-preflight-fetch)"""
    )


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


def test_a_policy_that_is_invalid_is_the_cause_of_an_error_that_is_answered() -> None:
    app = Flask("shop")
    app.config["CORS_ORIGINS"] = [APP]
    CORS(app)
    app.config["CORS_ORIGINS"] = [APP, "https://b.example"]
    inner = app.wsgi_app

    def answering_errors(environ: Any, start_response: Any) -> Any:
        try:
            return inner(environ, start_response)
        except ValueError:
            start_response("500 Internal Server Error", [])
            return []

    app.wsgi_app = answering_errors  # type: ignore[method-assign]
    with pytest.raises(CORSBlocked) as blocked:
        Browser(app, APP).fetch("/items/")
    assert "Blocked (policy-error)." in str(blocked.value)
    assert "CORS_ORIGINS" in str(blocked.value)
