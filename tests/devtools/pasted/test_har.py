"""What a HAR file holds of requests of pages, and what it leaves out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flask_cors_policy.devtools.explaining import Explanation
from flask_cors_policy.devtools.pasted import PastedError
from flask_cors_policy.devtools.pasted.har import cross_origin, read_har
from flask_cors_policy.devtools.recorded import explain_har

A = "https://app.example.com"
URL = "https://api.example.com/items"
ALLOW = ("Access-Control-Allow-Origin", A)
JSON = ("Content-Type", "application/json")


def entry(
    method: str = "GET",
    status: int = 200,
    sent: tuple[tuple[str, str], ...] = (),
    received: tuple[tuple[str, str], ...] = (),
    **request: Any,
) -> dict[str, Any]:
    headers = (("Origin", A), ("Sec-Fetch-Mode", "cors"), (":path", "/items"), *sent)
    return {
        "request": {"method": method, "url": URL, "headers": pairs(headers), **request},
        "response": {"status": status, "headers": pairs(received), "content": {}},
    }


def pairs(headers: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def preflight(status: int = 204, *received: tuple[str, str]) -> dict[str, Any]:
    asked = (
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "content-type"),
    )
    return entry("OPTIONS", status, asked, received)


def explained(*entries: Any) -> Explanation:
    found = read_har(json.dumps({"log": {"entries": entries}}))
    return explain_har(found, cross_origin(found))


PUT = entry("PUT", 0, (JSON,), postData={"text": "{}", "mimeType": "application/json"})
OF_DELETE = entry(
    "OPTIONS", 204, (("Access-Control-Request-Method", "DELETE"),), (ALLOW,)
)
LISTS = (("Access-Control-Allow-Methods", "GET"),)


@pytest.mark.parametrize(
    ("entries", "verdict"),
    [
        ([entry(received=(ALLOW,))], "Allowed."),
        ([entry()], "Blocked (allow-origin-missing)."),
        ([entry(status=500)], "Blocked (server-error)."),
        ([entry(received=(ALLOW,)), entry()], "Allowed."),
        ([preflight(405), PUT], "Blocked (preflight-unhandled)."),
        ([preflight(204, ALLOW, *LISTS), PUT], "Blocked (method-not-allowed)."),
        ([OF_DELETE, preflight(405), PUT], "Blocked (preflight-unhandled)."),
        ([entry("PUT", 200, (JSON,), (ALLOW,))], "Allowed."),
        (
            [entry(sent=(("Cookie", "a=b"),), received=(ALLOW,))],
            "Blocked (credentials-not-allowed).",
        ),
    ],
    ids=[
        "allowed",
        "no header",
        "an error",
        "the first answer counts",
        "a preflight that failed",
        "a preflight that does not list the method",
        "a preflight of another method before it",
        "a preflight that was left out",
        "cookies",
    ],
)
def test_a_request_is_explained_by_its_recorded_answers(
    entries: list[Any], verdict: str
) -> None:
    assert explained(*entries).verdict.startswith(verdict)


def test_the_first_request_that_is_blocked_is_explained() -> None:
    other = entry()
    other["request"]["url"] = "https://api.example.com/other"
    explanation = explained(entry(received=(ALLOW,)), other)
    assert not explanation.allowed
    assert explanation.case.request.url.endswith("/other")


def test_what_the_browser_has_left_out_is_not_guessed() -> None:
    with pytest.raises(PastedError, match="has no answer to PUT https"):
        explained(PUT)


def test_requests_of_the_own_origin_and_broken_entries_are_passed_over() -> None:
    own = entry()
    own["request"]["url"] = f"{A}/data"
    data = entry()
    data["request"]["url"] = "data:text/plain,x"
    empty: dict[str, Any] = {"request": {}, "response": {}}
    broken: list[Any] = [None, {}, {"request": 7}, empty, data]
    assert explained(own, *broken, entry()).case.request.url == URL
    with pytest.raises(PastedError, match="no request of a page of another origin"):
        explained(own, *broken)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"log": 7}', '{"log": {"entries": 7}}', "[" * 100_000],
    ids=["nothing", "cut", "list", "empty", "no log", "no entries", "deep"],
)
def test_what_is_no_har_file_is_refused(text: str) -> None:
    with pytest.raises(PastedError, match="not a HAR file"):
        read_har(text)


def test_a_large_file_is_refused() -> None:
    with pytest.raises(PastedError, match="larger than 10 MB"):
        read_har(" " * 10_000_001)
