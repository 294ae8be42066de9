"""An outcome as a sequence of messages and notes."""

from __future__ import annotations

import pytest

from flask_cors_policy.devtools.browser import Body, PreflightCache
from flask_cors_policy.devtools.inspector.sequence import Lane, Message, Note
from tests.helpers import A

from .played import ALLOWED, API, answer, get, played, titles


def test_simple_request_is_a_call_a_request_a_response_and_a_result() -> None:
    drawn = played(get(), answer(200))
    assert (drawn.page, drawn.server) == (A, API)
    assert drawn.entries == (
        Message(Lane.PAGE, Lane.BROWSER, f'fetch("{API}/items")'),
        Message(Lane.BROWSER, Lane.SERVER, "GET /items", (f"Origin: {A}",), 4),
        Message(
            Lane.SERVER, Lane.BROWSER, "200 OK", (f"Access-Control-Allow-Origin: {A}",)
        ),
        Note("2 checks passed"),
        Message(Lane.BROWSER, Lane.PAGE, "Response 200 OK"),
    )


def test_preflight_comes_before_the_request_it_is_for() -> None:
    allowed = ALLOWED | {"Access-Control-Allow-Methods": "PUT"}
    drawn = played(get(method="PUT"), answer(204, allowed), answer(200))
    assert titles(drawn) == [
        f'fetch("{API}/items", {{',
        "OPTIONS /items (preflight)",
        "204 No Content",
        "8 checks passed",
        "PUT /items",
        "200 OK",
        "2 checks passed",
        "Response 200 OK",
    ]


def test_call_is_written_as_a_script_has_it() -> None:
    request = get(
        method="PUT",
        headers=(("X-A", "1"), ("X-B", 'a "b"')),
        credentials="include",
        body=Body.text('{"name": "kettle"}'),
    )
    call = played(request, None).entries[0]
    assert isinstance(call, Message)
    assert call.lines == (
        '  method: "PUT",',
        "  headers: {",
        '    "X-A": "1",',
        '    "X-B": "a \\"b\\"",',
        "  },",
        '  credentials: "include",',
        '  body: "{\\"name\\": \\"kettle\\"}",',
        "})",
    )


def test_long_values_are_cut_and_streams_are_named() -> None:
    request = get("/" + "a" * 999, method="POST", body=Body(stream=True))
    call = played(request, None).entries[0]
    assert len(call.title) < 200
    assert call.title.endswith('a...", {')
    assert "  body: a stream," in call.lines


def test_failed_check_says_what_was_found_and_what_would_correct_it() -> None:
    drawn = played(get(), answer(200, {"Vary": "Origin"}))
    note, result = drawn.entries[-2:]
    assert note == Note(
        "blocked (allow-origin-missing)",
        (
            "The response (200 OK) has no Access-Control-Allow-Origin.",
            f"Fix: Have the server send Access-Control-Allow-Origin: {A}.",
        ),
        failed=True,
    )
    assert result == Message(Lane.BROWSER, Lane.PAGE, "TypeError", failed=True)


def test_checks_that_passed_before_the_failed_one_are_counted() -> None:
    drawn = played(get(), answer(200, {"Access-Control-Allow-Origin": "null"}))
    assert titles(drawn)[-3:] == [
        "1 check passed",
        "blocked (allow-origin-mismatch)",
        "TypeError",
    ]


def test_request_without_an_answer_never_arrives() -> None:
    drawn = played(get(), None)
    lost = drawn.entries[1]
    assert isinstance(lost, Message)
    assert lost.failed
    assert titles(drawn)[2:] == ["blocked (no-response)", "TypeError"]


def test_what_cannot_be_sent_ends_before_the_server() -> None:
    drawn = played(get(method="TRACE"))
    assert titles(drawn)[1:] == ["blocked (request-invalid)", "TypeError"]
    assert drawn.server == f"{API}/items"


def test_cookies_are_told_of_where_they_may_go() -> None:
    drawn = played(get(credentials="include"), None)
    assert drawn.entries[1].lines[-1].startswith("Cookie: ")
    assert "Cookie" not in str(played(get(), None).entries[1])


def test_earlier_preflight_is_told_of() -> None:
    allowed = ALLOWED | {
        "Access-Control-Allow-Methods": "PUT",
        "Access-Control-Max-Age": "60",
    }
    cache = PreflightCache()
    played(get(method="PUT"), answer(204, allowed), answer(200), cache=cache)
    drawn = played(get(method="PUT"), answer(200), cache=cache)
    assert titles(drawn)[1:3] == [
        "an earlier preflight covers this request",
        "PUT /items",
    ]


@pytest.mark.parametrize(
    ("headers", "lines"),
    [
        ({}, ()),
        ({"ETag": "x"}, ()),
        ({"Content-Type": "text/plain"}, ("readable headers: content-type",)),
        (
            {"ETag": "x", "Access-Control-Expose-Headers": "ETag", "Expires": "0"},
            ("readable headers: etag, expires",),
        ),
    ],
)
def test_result_names_the_headers_that_the_page_can_read(
    headers: dict[str, str], lines: tuple[str, ...]
) -> None:
    result = played(get(), answer(200, ALLOWED | headers)).entries[-1]
    assert result.lines == lines


def test_opaque_response_tells_the_page_nothing() -> None:
    drawn = played(get(mode="no-cors"), answer(200))
    assert '  mode: "no-cors",' in drawn.entries[0].lines
    assert titles(drawn)[-1] == "a response that it can read nothing of"


def test_what_came_over_the_wire_is_escaped() -> None:
    drawn = played(get(), answer(200, ALLOWED | {"X-Evil": "\x1b[31m\u202e"}))
    assert "X-Evil: \\x1b[31m\\u202e" in drawn.entries[2].lines


def test_each_entry_reads_as_text() -> None:
    drawn = played(get(), answer(200, {"Server": "x", "Date": "y", "Vary": "Origin"}))
    assert list(map(str, drawn.entries[2:])) == [
        "The server to the browser: 200 OK\nVary: Origin (and 2 more headers)",
        "In the browser: blocked (allow-origin-missing)\n"
        "The response (200 OK) has no Access-Control-Allow-Origin.\n"
        f"Fix: Have the server send Access-Control-Allow-Origin: {A}.",
        "The browser to the page: TypeError",
    ]
