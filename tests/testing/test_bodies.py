"""What a page sends as a body, and the type a browser gives it."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cors_policy.devtools.browser import Body
from flask_cors_policy.testing import (
    Browser,
)

from .helpers import APP, Open


@pytest.fixture
def page() -> Browser:
    return Browser(Open(), APP)


@pytest.mark.parametrize(
    ("arguments", "content_type", "body"),
    [
        ({"json": {"a": "\u00e9"}}, "application/json", '{"a":"\xc3\xa9"}'),
        ({"json": None}, "application/json", "null"),
        ({"data": "text"}, "text/plain;charset=UTF-8", "text"),
        ({"data": b"bytes"}, None, "bytes"),
        (
            {"data": {"a": "1", "b": "x y"}},
            "application/x-www-form-urlencoded;charset=UTF-8",
            "a=1&b=x+y",
        ),
        (
            {"data": [("a", "1"), ("a", "2")]},
            "application/x-www-form-urlencoded;charset=UTF-8",
            "a=1&a=2",
        ),
        ({"body": Body(b"raw", "text/plain")}, "text/plain", "raw"),
        ({}, None, ""),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_body_is_sent_with_the_type_a_browser_gives_it(
    page: Browser, arguments: dict[str, Any], content_type: str | None, body: str
) -> None:
    received = page.fetch("/", "POST", **arguments).json()
    assert (received["type"], received["body"]) == (content_type, body)


def test_a_form_with_files_is_sent_in_parts(page: Browser) -> None:
    received = page.fetch(
        "/",
        "POST",
        data={"note": "two\nlines"},
        files={
            "a": b"1",
            "b": ('x"\r\n.txt', b"2"),
            "c": ("y.txt", b"3", "text/plain"),
        },
    ).json()
    kind, boundary = received["type"].split("; boundary=")
    assert kind == "multipart/form-data"
    assert received["body"].replace(boundary, "B").split("\r\n") == [
        "--B",
        'Content-Disposition: form-data; name="note"',
        "",
        "two",
        "lines",
        "--B",
        'Content-Disposition: form-data; name="a"; filename="blob"',
        "Content-Type: application/octet-stream",
        "",
        "1",
        "--B",
        'Content-Disposition: form-data; name="b"; filename="x%22%0D%0A.txt"',
        "Content-Type: application/octet-stream",
        "",
        "2",
        "--B",
        'Content-Disposition: form-data; name="c"; filename="y.txt"',
        "Content-Type: text/plain",
        "",
        "3",
        "--B--",
        "",
    ]
    assert len(page.preflights) == 0
    page.fetch("/", "POST", files={"a": b"1"})
    assert b'name="a"' in page.exchanges[-1].sent.body


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"json": 1, "data": "x"}, "a request has one body"),
        ({"json": 1, "files": {}}, "a request has one body"),
        ({"data": "x", "body": Body()}, "a request has one body"),
        ({"data": "x", "files": {}}, "data holds the other fields"),
    ],
    ids=str,
)
def test_two_bodies_are_a_mistake(
    page: Browser, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        page.fetch("/", "POST", **arguments)
    assert page.exchanges == ()
