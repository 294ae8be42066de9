"""``flask cors explain``: what is typed, what is printed, and the exit status."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import Result
from flask import Flask, session
from flask.cli import ScriptInfo

from flask_cors_policy import CORS, CORSMiddleware, Policy, cross_origin
from flask_cors_policy.devtools.cli import cors
from tests.flask.helpers import hiding

A = "https://app.example.com"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def shop(**options: Any) -> Flask:
    app = Flask("shop", static_folder=None)
    app.config["SERVER_NAME"] = "api.example.com"
    app.config["PREFERRED_URL_SCHEME"] = "https"

    @app.route("/items/<int:item>", methods=["GET", "POST", "PUT"])
    def items(item: int) -> Any:
        return {"item": item}, 200, {"ETag": '"7"'}

    if options:
        CORS(app, **options)
    return app


def run(app: Flask | Callable[[], Flask], *arguments: str, **more: Any) -> Result:
    """Run ``flask cors`` with *app*, or what makes it."""
    make = (lambda: app) if isinstance(app, Flask) else app
    info = ScriptInfo(create_app=make)
    runner = (app if isinstance(app, Flask) else Flask("x")).test_cli_runner()
    return runner.invoke(cors, arguments, obj=info, **more)


def explain(app: Flask | Callable[[], Flask], *arguments: str, **more: Any) -> Result:
    return run(app, "explain", *arguments, "--origin", A, **more)


WHOLE = f"""\
A page of {A} requests: PUT https://api.example.com/items/7

Preflight:
  > OPTIONS /items/7 HTTP/1.1
  > Host: api.example.com
  > Accept: */*
  > Access-Control-Request-Method: PUT
  > Access-Control-Request-Headers: content-type
  > Origin: {A}
  > Referer: {A}/
  > Sec-Fetch-Site: same-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 204 No Content
  < Vary: Origin, Access-Control-Request-Method
  < Access-Control-Allow-Origin: {A}
  < Access-Control-Allow-Methods: GET, HEAD, OPTIONS, POST, PUT
  < Access-Control-Allow-Headers: Content-Type
  ok  the answer to a preflight is no redirect
  ok  the response has Access-Control-Allow-Origin
  ok  Access-Control-Allow-Origin is the page's origin, byte for byte, or * where no \
credentials are included
  ok  the answer to a preflight has a status of 200 to 299
  ok  Access-Control-Allow-Methods is a list of tokens
  ok  Access-Control-Allow-Headers is a list of tokens
  ok  the method is GET, HEAD or POST, or listed in Access-Control-Allow-Methods
  ok  each header that is not safelisted is listed in Access-Control-Allow-Headers

Request:
  > PUT /items/7 HTTP/1.1
  > Host: api.example.com
  > Content-Type: application/json
  > Accept: */*
  > Origin: {A}
  > Referer: {A}/
  > Sec-Fetch-Site: same-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 200 OK
  < Content-Type: application/json
  < Content-Length: 11
  < ETag: "7"
  < Vary: Origin
  < Access-Control-Allow-Origin: {A}
  ok  the response has Access-Control-Allow-Origin
  ok  Access-Control-Allow-Origin is the page's origin, byte for byte, or * where no \
credentials are included

Allowed. The page reads the response (200 OK). Hidden from it: etag.
  Policy: the application
  Note: The browser sends a preflight because of the method PUT and the header \
content-type (JSON is not a safelisted type).
  Note: The page cannot read ETag. In CORS(app) write expose_headers=["ETag"].
"""


def test_the_exchange_is_printed_message_by_message_with_the_verdict_at_the_end() -> (
    None
):
    app = shop(origins=A, allow_headers="Content-Type")
    result = explain(app, "PUT", "/items/7", "--json-body", "{}")
    assert result.exit_code == 0
    assert result.output == WHOLE


def test_as_json_it_is_data() -> None:
    app = shop(origins=["https://b.example"], resources={"/items/*": {}})
    result = explain(app, "/items/7", "--json")
    assert result.exit_code == 1
    data = json.loads(result.output)
    assert data["page"] == {"origin": A, "engine": "Fetch standard"}
    assert (data["allowed"], data["reason"]) == (False, "origin-not-allowed")
    assert data["diagnosis"] == {
        "cause": "origin-not-allowed",
        "meaning": "the policy does not list this origin",
        "found": f"The policy (resources '/items/*') does not list {A}.",
        "fixes": [
            {
                "text": "In resources '/items/*' write "
                f'origins=["https://b.example", "{A}"].',
                "at": "resources '/items/*'",
                "policy": {"origins": ["https://b.example", A]},
                "page": {},
                "headers": [[], []],
            }
        ],
        "refused": [],
    }
    assert data["causes"] == [data["diagnosis"]]
    (server,) = data["servers"]
    assert server == {
        "ground": "policy",
        "route": "/items/<int:item>",
        "policy": "resources '/items/*'",
        "sources": ["the application", "resources '/items/*'"],
        "written": {"origins": "CORS(app): origins"},
        "reason": "origin-not-allowed",
        "item": None,
        "error": None,
    }


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        (["/items/7"], "GET /items/7"),
        (["https://api.example.com/items/7?a=b"], "GET /items/7?a=b"),
        (["/items/7", "--body", "x"], "POST /items/7"),
        (["put", "/items/7", "--body", "x"], "PUT /items/7"),
        (["/items/7", "-H", "Accept-Language: de"], "Accept-Language: de"),
        (["/items/7", "--body", "x"], "Content-Type: text/plain;charset=UTF-8"),
        (
            ["/items/7", "--body", "a=b", "--content-type", "text/csv"],
            "Content-Type: text/csv",
        ),
        (["/items/7", "--base-url", "http://localhost:8000"], "Host: localhost:8000"),
        (["/items/7", "-H", "Authorization: t", "--engine", "firefox"], "GET"),
    ],
)
def test_a_request_is_typed_as_a_page_would_make_it(
    arguments: list[str], sent: str
) -> None:
    app = shop(origins=A, allow_headers="*")
    if "--base-url" in arguments:
        app.config["SERVER_NAME"] = None
    result = explain(app, *arguments)
    assert f"  > {sent}" in result.output
    assert result.exit_code == 0


def test_the_standard_is_stricter_than_a_browser_of_today() -> None:
    app = shop(origins=A, allow_headers="*")
    result = explain(app, "/items/7", "-H", "Authorization: t")
    assert "Blocked (header-not-allowed)." in result.output
    assert 'write allow_headers=["*", "Authorization"].' in result.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["/items/7", "--origin", f"{A}/"], f'Write "{A}"'),
        (["/items/7", "-H", "X-Token", "--origin", A], "write 'X-Token: abc'"),
        (["a", "b", "c", "--origin", A], "write one method and one path"),
        (["/a", "/b", "--origin", A], "is not a method"),
        (
            ["/a", "--body", "x", "--json-body", "x", "--origin", A],
            "a request has one body",
        ),
        (["ftp://x", "--origin", A], "is not fetched over HTTP"),
        (["/a", "--base-url", "x", "--origin", A], "is relative"),
        (["/a"], "write the origin of the page: --origin"),
        (["--origin", A], "write a PATH, or give --curl"),
        (["/a", "--origin", A, "--credentials", "yes"], "Invalid value"),
    ],
)
def test_what_is_typed_wrong_exits_with_2_and_says_what_to_write(
    arguments: list[str], says: str
) -> None:
    result = run(shop(origins=A), "explain", *arguments)
    assert result.exit_code == 2
    assert says in result.output


def test_the_cookie_of_the_browser_goes_where_credentials_are_included() -> None:
    app = shop(origins=A, supports_credentials=True)
    app.secret_key = "secret"

    @app.get("/me")
    def me() -> Any:
        return ("", 204) if session else ("", 401)

    with app.test_client() as client, client.session_transaction() as transaction:
        transaction["user"] = "ada"
    cookie = client.get_cookie("session", domain="api.example.com")
    assert cookie is not None
    typed = ["/me", "--credentials", "include"]
    signed_in = explain(app, *typed, "--cookie", f"session={cookie.value}")
    assert (
        "Allowed. The page reads the response (204 No Content).\n" in signed_in.output
    )
    without = explain(app, *typed)
    assert "There is a problem (not-signed-in):" in without.output
    assert "Sign in first; to try it here, give the cookie" in without.output


def test_colours_are_for_terminals_and_can_be_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    app = shop(origins="https://b.example")
    piped = explain(app, "/items/7")
    terminal = explain(app, "/items/7", color=True)
    assert "\x1b" not in piped.output
    assert click.style("Blocked (origin-not-allowed).", fg="red") in terminal.output
    assert ANSI.sub("", terminal.output) == piped.output
    monkeypatch.setenv("NO_COLOR", "1")
    assert explain(app, "/items/7", color=True).output == piped.output


def wrongly_decorated() -> Flask:
    app = shop(origins=A)
    app.add_url_rule("/me", view_func=hiding(cross_origin(max_age=60)(lambda: "me")))
    return app


@pytest.mark.parametrize(
    ("make", "where", "fix"),
    [
        (
            wrongly_decorated,
            "@cross_origin on",
            "above any decorator that does not use",
        ),
        (
            lambda: shop(origins="https://app.example.com/"),
            "CORS(app): origins",
            'Write "https://app.example.com".',
        ),
    ],
    ids=["at the first request", "at start"],
)
@pytest.mark.parametrize("command", ["explain", "routes"])
def test_policies_that_hold_a_mistake_are_explained_too(
    make: Callable[[], Flask], where: str, fix: str, command: str
) -> None:
    asked = ["/me", "--origin", A] if command == "explain" else []
    result = run(make, command, *asked)
    assert result.exit_code == 1
    assert result.output.startswith(
        "Blocked (policy-error).\n"
        "  Why:  The application answers every request with an error until this is "
        "corrected.\n"
        f"  In {where}"
    )
    assert fix in result.output
    data = json.loads(run(make, command, *asked, "--json").output)
    assert data["allowed"] is False
    assert data["diagnosis"]["cause"] == "policy-error"
    (problem,) = data["diagnosis"]["problems"]
    assert problem["setting"].startswith(where)
    assert fix in problem["fix"]


def test_middleware_around_the_application_is_found() -> None:
    app = shop()
    app.wsgi_app = CORSMiddleware(  # type: ignore[method-assign]
        app.wsgi_app, {"/items/*": Policy(origins="https://b.example")}
    )
    result = explain(app, "/items/7")
    assert "In CORSMiddleware '/items/*' write origins=" in result.output
    result = explain(app, "/other")
    assert "Blocked (no-route)." in result.output
    assert "No path rule of resources covers /other." in result.output
    assert f'Add a path rule: {{"/other": {{"origins": ["{A}"]}}}}.' in result.output


def test_every_engine_of_the_model_can_be_chosen() -> None:
    from flask_cors_policy.devtools.browser import ENGINES
    from flask_cors_policy.devtools.cli import ENGINE_NAMES

    assert ENGINE_NAMES == tuple(ENGINES)


def test_commands_are_there_without_the_extension() -> None:
    from importlib.metadata import entry_points

    (found,) = entry_points(group="flask.commands", name="cors")
    assert found.load() is cors


def test_a_path_of_no_route_is_under_the_policy_around_it() -> None:
    app = shop(origins=A)
    app.config["SERVER_NAME"] = None
    result = explain(app, "/nowhere", "--json")
    assert result.exit_code == 0
    data = json.loads(result.output)
    assert data["exchanges"][0]["request"]["url"] == "http://localhost:5000/nowhere"
    assert data["readable"]["status"] == 404
    (server,) = data["servers"]
    assert (server["route"], server["policy"]) == (None, "the application")


def test_a_setting_of_the_config_is_changed_there() -> None:
    app = shop()
    app.config["CORS_ORIGINS"] = ["https://b.example"]
    CORS(app)
    result = explain(app, "/items/7")
    assert f'  Fix:  Set CORS_ORIGINS=["https://b.example", "{A}"].\n' in result.output
