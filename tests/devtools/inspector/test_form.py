"""What people fill in, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cors_policy.devtools.browser import ENGINES, FIREFOX, Body, Page, PageRequest
from flask_cors_policy.devtools.inspector.form import MOST, Form, FormError, read_form
from tests.helpers import A

from .played import API

EVERYTHING = {
    "origin": A,
    "path": "/items?page=2",
    "method": "PUT",
    "headers": "X-Token: abc\n\n  X-Empty:\n",
    "credentials": "include",
    "cookie": "session=abc; b=2",
    "content_type": "application/json",
    "body": ' {"a": 1}\n',
    "engine": "firefox",
}


def read(**fields: Any) -> Form:
    return read_form({"origin": A, **fields}, API)


def test_every_field_is_used() -> None:
    headers = (
        ("X-Token", "abc"),
        ("X-Empty", ""),
        ("Content-Type", "application/json"),
    )
    assert read_form(EVERYTHING, API) == Form(
        Page(A, FIREFOX),
        PageRequest(
            f"{API}/items?page=2",
            method="PUT",
            headers=headers,
            body=Body(b' {"a": 1}\n'),
            credentials="include",
        ),
        "session=abc; b=2",
    )


def test_all_but_the_origin_may_be_left_empty() -> None:
    assert read() == Form(Page(A), PageRequest(f"{API}/"))


def test_white_space_around_a_field_is_a_slip() -> None:
    assert read(path=" /x ", method=" PUT", origin=f" {A}\n") == Form(
        Page(A), PageRequest(f"{API}/x", method="PUT")
    )


def test_own_content_type_wins_over_the_one_that_was_chosen() -> None:
    form = read(headers="content-type: a/b", content_type="text/plain", body="x")
    assert form.request.headers == (("content-type", "a/b"),)
    assert form.request.body == Body(b"x")


def test_body_without_a_content_type_gets_that_of_a_string() -> None:
    assert read(method="POST", body="x").request.body == Body.text("x")


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_can_be_chosen(engine: str) -> None:
    assert read(engine=engine).page.engine is ENGINES[engine]


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"origin": ""}, "origin", "empty"),
        ({"origin": A + "/"}, "origin", A),
        ({"origin": 7}, "origin", "Write a text"),
        ({"path": "items"}, "path", "/items"),
        ({"path": "@evil.example/"}, "path", "with its slash"),
        ({"method": "a" * (MOST + 1)}, "method", str(MOST)),
        ({"headers": "X-A: 1\nX B: 2"}, "headers", "Line 2 is not a header"),
        ({"headers": "X-A"}, "headers", "Line 1 is not a header"),
        ({"credentials": "all"}, "credentials", "'include'"),
        ({"cookie": "session"}, "cookie", "name=value"),
        ({"cookie": "a=1\r\nX-B: 2"}, "cookie", "name=value"),
        ({"cookie": "a=\u20ac"}, "cookie", "name=value"),
        ({"engine": "netscape"}, "engine", "chromium"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_told_of_at_its_field(
    fields: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(FormError, match=message) as caught:
        read(**fields)
    assert caught.value.field == field


@pytest.mark.parametrize("fields", [None, [], "x", 1])
def test_what_is_no_form_is_refused(fields: object) -> None:
    with pytest.raises(FormError, match="not a form"):
        read_form(fields, API)


def test_script_is_handed_the_same_request() -> None:
    assert read_form(EVERYTHING, API).as_fetch() == {
        "url": f"{API}/items?page=2",
        "method": "PUT",
        "headers": [
            ["X-Token", "abc"],
            ["X-Empty", ""],
            ["Content-Type", "application/json"],
        ],
        "credentials": "include",
        "body": ' {"a": 1}\n',
    }
    assert read().as_fetch()["body"] is None
