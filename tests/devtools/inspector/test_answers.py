"""What the page asks about an application, and what it is told."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask, request

from flask_cors_policy import cross_origin
from flask_cors_policy.devtools.inspector.answers import WIDTHS, Inspected, answer
from flask_cors_policy.devtools.inspector.inspected import inspected
from tests.helpers import A, B

from .apps import shop
from .played import API


def explained(**fields: str) -> dict[str, Any]:
    form = {"origin": A, "path": "/items", **fields}
    question = {"ask": "explain", "form": form, "api": API}
    return answer(inspected(shop()), question)


def test_routes_come_with_their_policies_and_places() -> None:
    routes = answer(inspected(shop()), {"ask": "routes"})["routes"]
    found = {(route["rule"], *route["methods"]): route for route in routes}
    items, orders = found["/items", "GET", "PUT"], found["/orders", "POST"]
    assert (items["from"], items["policy"]["origins"]) == ("the application", [A])
    assert orders["policy"]["origins"] == [B]
    assert orders["policy"]["supports_credentials"]
    assert "cross_origin" in orders["from"]


def test_origins_that_any_policy_allows_are_told() -> None:
    origins = ["http://127.0.0.1:5050", B, "http://localhost:5050", A]
    question = {"ask": "allowed", "origins": origins}
    assert answer(inspected(shop()), question) == {"allowed": [B, A]}


def test_allowed_exchange_is_told_and_drawn() -> None:
    found = explained()
    assert (found["allowed"], found["diagnosis"]) == (True, None)
    assert found["page"] == {"origin": A, "engine": "Fetch standard"}
    assert found["fetch"]["url"] == f"{API}/items"
    assert ["X-Total", "1"] in found["readable"]["headers"]
    assert found["messages"][0] == f'The page to the browser: fetch("{API}/items")'
    assert found["messages"][-1].startswith("The browser to the page: Response 200 OK")


def test_blocked_exchange_names_the_cause_at_the_step_that_failed() -> None:
    found = explained(origin=B)
    assert (found["allowed"], found["reason"]) == (False, "origin-not-allowed")
    assert found["diagnosis"]["cause"] == "origin-not-allowed"
    fix = found["diagnosis"]["fixes"][0]["text"]
    failed = found["messages"][-2]
    assert failed.startswith("In the browser: blocked (origin-not-allowed)\n")
    assert failed.endswith(f"\n{found['diagnosis']['found']}\nFix: {fix}")
    assert "blocked (origin-not-allowed)" in found["drawings"][-1]["svg"]


def test_diagram_is_drawn_at_several_widths() -> None:
    drawings = explained()["drawings"]
    assert [each["width"] for each in drawings] == list(WIDTHS)
    for each in drawings:
        root = ElementTree.fromstring(each["svg"])
        assert root.get("width") == str(each["width"])


def test_mistake_in_the_form_is_told_with_its_field() -> None:
    assert explained(path="items") == {
        "problem": "Write the path with its slash, as /items?page=2.",
        "field": "path",
    }


def test_view_that_fails_is_an_exchange_like_others() -> None:
    found = explained(path="/crash")
    assert found["exchanges"][0]["response"]["status"] == 500
    assert "LookupError: the cupboard is bare" in found["servers"][0]["error"]


@pytest.mark.parametrize(
    ("credentials", "received"),
    [("include", "session=abc"), ("same-origin", "none"), ("omit", "none")],
)
def test_cookies_go_where_credentials_are_included(
    credentials: str, received: str
) -> None:
    app = shop()

    @app.get("/cookie")
    def cookie() -> tuple[str, dict[str, str]]:
        return "", {"X-Cookie": request.headers.get("Cookie", "none")}

    form = {"origin": A, "path": "/cookie", "cookie": "session=abc"}
    form["credentials"] = credentials
    question = {"ask": "explain", "form": form, "api": API}
    (exchange,) = answer(inspected(app), question)["exchanges"]
    assert ["X-Cookie", received] in exchange["response"]["headers"]


def test_policies_with_mistakes_are_told_of() -> None:
    app = shop()

    @app.get("/wrong")
    @cross_origin("no-such-policy")
    def wrong() -> str:
        return ""

    question = {"ask": "explain", "form": {"origin": A}, "api": API}
    for asked in (question, {"ask": "routes"}):
        found = answer(inspected(app), asked)
        assert "1 problem in the CORS policy" in found["problem"]
        assert "no-such-policy" in found["problem"]
        assert found["field"] == ""


def test_what_fails_otherwise_is_told_in_one_line() -> None:
    def routes() -> list[dict[str, Any]]:
        raise RuntimeError("of all things\n\x1b[31m")

    app = inspected(shop())
    broken = Inspected(app.name, app.app, routes, app.explain, app.allows)
    assert answer(broken, {"ask": "routes"}) == {
        "problem": "The application failed: RuntimeError: of all things\\n\\x1b[31m",
        "field": "",
    }


def test_application_without_an_extension_can_be_looked_at() -> None:
    found = answer(inspected(Flask("bare")), {"ask": "routes"})
    assert [route["policy"] for route in found["routes"]] == [None]
