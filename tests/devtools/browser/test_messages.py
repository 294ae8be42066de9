"""What a browser sends: exactly which messages, with exactly which headers."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cors_policy.devtools.browser import (
    Body,
    Engine,
    Page,
    PageRequest,
    PreflightCache,
    StreamUpload,
    drive,
    fetch,
)
from flask_cors_policy.devtools.browser.engines import CHROMIUM, FIREFOX, WEBKITGTK
from flask_cors_policy.devtools.browser.requests import HeaderPairs

from .helpers import API, CREDENTIALED, GOOD, OPEN, A, answer, granted, play, reason

FROM_A = (
    ("Referer", A + "/"),
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "empty"),
)


def test_simple_request_goes_without_a_preflight() -> None:
    _, script = play([GOOD], API + "/items?page=2#top")
    (sent,) = script.sent
    assert script.lines == ["GET https://api.example/items?page=2"]
    assert sent.headers == (("Accept", "*/*"), ("Origin", A), *FROM_A)
    assert (sent.preflight, sent.credentials, sent.body) == (False, False, b"")


def test_preflight_asks_for_method_and_unsafe_headers_and_carries_nothing_else() -> (
    None
):
    headers = {"X-Token": "t", "Authorization": "Bearer t", "Accept": "text/html"}
    allowing = granted(
        "PUT", "x-token, Authorization,CONTENT-TYPE", allow_credentials="true"
    )
    _, script = play(
        [allowing, CREDENTIALED],
        method="put",
        headers=headers,
        credentials="include",
        body=Body(b"{}", "application/json"),
    )
    preflight, actual = script.sent
    assert preflight.method == "OPTIONS"
    assert preflight.headers == (
        ("Accept", "*/*"),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "authorization,content-type,x-token"),
        ("Origin", A),
        *FROM_A,
    )
    assert (preflight.preflight, preflight.credentials) == (True, False)
    assert actual.method == "PUT"
    assert actual.headers == (
        *headers.items(),
        ("Content-Type", "application/json"),
        ("Origin", A),
        *FROM_A,
    )
    assert (actual.preflight, actual.credentials, actual.body) == (False, True, b"{}")


def test_preflight_for_a_method_alone_names_no_headers() -> None:
    _, script = play([granted("DELETE"), GOOD], method="DELETE")
    assert script.sent[0].values("Access-Control-Request-Headers") == []


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("get", "GET"),
        ("Post", "POST"),
        ("delete", "DELETE"),
        ("options", "OPTIONS"),
        ("patch", "patch"),
        ("PATCH", "PATCH"),
        ("query", "query"),
    ],
)
def test_some_methods_are_sent_in_upper_case_and_others_as_written(
    written: str, sent: str
) -> None:
    assert PageRequest(API, written).sent_method == sent


def test_request_to_the_pages_own_origin_is_never_preflighted() -> None:
    outcome, script = play([answer()], A + "/x", "PUT", {"X-Token": "t"})
    (sent,) = script.sent
    assert sent.values("Origin") == [A]
    assert sent.values("Sec-Fetch-Site") == ["same-origin"]
    assert sent.credentials
    assert outcome.readable is not None
    assert outcome.readable.kind == "basic"


def test_own_origin_sends_no_origin_header_with_get() -> None:
    _, script = play([answer()], A + "/x")
    assert script.sent[0].values("Origin") == []


def test_no_credentials_to_the_own_origin_where_the_page_omits_them() -> None:
    _, script = play([answer()], A + "/x", credentials="omit")
    assert not script.sent[0].credentials


def test_plain_http_is_told_nothing_of_where_a_request_comes_from() -> None:
    _, script = play(
        [answer(headers=OPEN)], "http://api.example/", origin="http://a.example"
    )
    assert script.sent[0].headers == (
        ("Accept", "*/*"),
        ("Origin", "http://a.example"),
        ("Referer", "http://a.example/"),
    )


def test_sandboxed_page_has_the_origin_null_and_no_referer() -> None:
    _, script = play([answer(headers=OPEN)], origin="null")
    assert script.sent[0].values("Origin") == ["null"]
    assert script.sent[0].values("Referer") == []


def test_sandboxed_page_is_of_another_origin_than_null() -> None:
    outcome, _ = play([answer()], origin="null")
    assert reason(outcome) == "allow-origin-missing"


def test_forbidden_headers_are_dropped_without_a_word() -> None:
    _, script = play([GOOD], headers={"Cookie": "a=b", "Sec-X": "1", "Host": "x"})
    assert script.sent[0].headers == (("Accept", "*/*"), ("Origin", A), *FROM_A)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (Body.text("h\u00e9"), "text/plain;charset=UTF-8"),
        (
            Body.urlencoded([("a", "1 2"), ("a", "&")]),
            "application/x-www-form-urlencoded;charset=UTF-8",
        ),
        (Body(b"x"), None),
    ],
)
def test_bodies_a_form_could_send_go_without_a_preflight(
    body: Body, content_type: str | None
) -> None:
    _, script = play([GOOD], method="POST", body=body)
    assert script.sent[0].body == body.content
    expected = [] if content_type is None else [content_type]
    assert script.sent[0].values("Content-Type") == expected


def test_content_type_of_the_page_wins_over_that_of_the_body() -> None:
    body = Body.text("{}")
    _, script = play(
        [granted(headers="Content-Type"), GOOD],
        method="POST",
        headers={"Content-Type": "application/json"},
        body=body,
    )
    asked = script.sent[0].values("Access-Control-Request-Headers")
    assert asked == ["content-type"]
    assert script.sent[1].values("Content-Type") == ["application/json"]


def test_urlencoded_body_is_written_as_forms_write_it() -> None:
    assert Body.urlencoded([("a", "1 2"), ("b", "\u00e9")]).content == b"a=1+2&b=%C3%A9"


def test_upload_listener_needs_a_preflight_whatever_the_request() -> None:
    _, script = play([granted(), GOOD], method="POST", upload_listener=True)
    assert script.lines == [f"OPTIONS {API}/", f"POST {API}/"]


def test_stream_needs_a_preflight_whatever_the_request() -> None:
    stream = Body(b"x", stream=True)
    _, script = play([granted(), GOOD], method="POST", body=stream)
    assert script.lines == [f"OPTIONS {API}/", f"POST {API}/"]


def test_chromium_preflights_a_stream_and_then_sends_none() -> None:
    stream = Body(b"x", stream=True)
    outcome, script = play([granted()], method="POST", body=stream, engine=CHROMIUM)
    assert script.lines == [f"OPTIONS {API}/"]
    assert reason(outcome) == "request-invalid"


def test_firefox_sends_a_stream_as_text() -> None:
    stream = Body(b"x", stream=True)
    _, script = play([GOOD], method="POST", body=stream, engine=FIREFOX)
    assert script.sent[0].body == b"[object ReadableStream]"


def test_webkit_sends_no_stream_at_all() -> None:
    stream = Body(b"x", stream=True)
    outcome, _ = play([], method="POST", body=stream, engine=WEBKITGTK)
    assert reason(outcome) == "request-invalid"
    assert WEBKITGTK.stream_upload is StreamUpload.REFUSED


def test_no_cors_request_is_sent_bare_and_its_response_is_opaque() -> None:
    outcome, script = play(
        [answer(500, {"X": "y"}, b"secret")],
        method="POST",
        headers={"X-Token": "t", "Accept": "a", "Content-Type": "application/json"},
        mode="no-cors",
        credentials="include",
    )
    (sent,) = script.sent
    assert sent.headers[:2] == (("Accept", "a"), ("Origin", A))
    assert sent.values("Sec-Fetch-Mode") == ["no-cors"]
    assert sent.credentials
    readable = outcome.readable
    assert readable is not None
    assert (readable.kind, readable.status) == ("opaque", 0)
    assert (readable.headers, readable.body, readable.url) == ((), b"", None)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ((("Accept", "a"), ("accept", "b")), ["a, b"]),
        ((("Accept", "a"), ("Accept", "(")), ["a"]),
        ((("Accept", "("), ("Accept", "b")), ["b"]),
        ((("Accept", "a" * 70), ("Accept", "b" * 70)), ["a" * 70]),
    ],
)
def test_no_cors_request_joins_the_values_of_one_header_as_long_as_they_are_safe(
    sent: HeaderPairs, kept: list[str]
) -> None:
    request = PageRequest(API, headers=sent, mode="no-cors")
    steps = fetch(Page(A), request, PreflightCache())
    (exchange,) = drive(steps, lambda message: answer()).exchanges
    assert exchange.sent.values("Accept") == kept


REFUSED = [
    (PageRequest("nonsense"), "request-invalid", "relative"),
    (PageRequest("ftp://api.example/"), "request-invalid", "not fetched over HTTP"),
    (PageRequest("https://u:p@api.example/"), "request-invalid", "user name"),
    (PageRequest(API, "GE T"), "request-invalid", "'GE T' is not a method"),
    (PageRequest(API, ""), "request-invalid", "'' is not a method"),
    (PageRequest(API, "Trace"), "request-invalid", "Trace, which no browser sends"),
    (PageRequest(API, "CONNECT"), "request-invalid", "CONNECT"),
    (PageRequest(API, body=Body(b"")), "request-invalid", "a body to GET"),
    (PageRequest(API, "HEAD", body=Body(b"")), "request-invalid", "a body to HEAD"),
    (PageRequest(API, headers=(("a b", ""),)), "request-invalid", "'a b' is not a"),
    (PageRequest(API, headers=(("A", "b\nc"),)), "request-invalid", "The value of A"),
    (PageRequest(API, headers=(("A", "\u0100"),)), "request-invalid", "The value of A"),
    (PageRequest(API, "PUT", mode="no-cors"), "request-invalid", "PUT with mode"),
    (
        PageRequest(API, "POST", mode="no-cors", upload_listener=True),
        "request-invalid",
        "this needs one",
    ),
    (
        PageRequest(API, mode="no-cors", redirect="manual"),
        "request-invalid",
        "takes no",
    ),
    (PageRequest(API, cache="only-if-cached"), "request-invalid", "only-if-cached"),
    (PageRequest(API, mode="same-origin"), "request-invalid", "the URL is"),
    (PageRequest("http://api.example/"), "mixed-content", "the URL is http"),
]


@pytest.mark.parametrize(("request_", "code", "found"), REFUSED)
def test_what_no_browser_would_send_is_not_sent(
    request_: PageRequest, code: str, found: str
) -> None:
    outcome, script = play(
        [],
        request_.url,
        request_.method,
        dict(request_.headers),
        body=request_.body,
        mode=request_.mode,
        redirect=request_.redirect,
        cache_mode=request_.cache,
        upload_listener=request_.upload_listener,
    )
    assert script.sent == []
    assert outcome.exchanges == ()
    assert outcome.failure is not None
    assert reason(outcome) == code
    assert found in outcome.failure.found
    assert outcome.failure.fix
    assert outcome.failure.exchange is None


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "navigate"},
        {"credentials": "always"},
        {"redirect": "Follow"},
        {"cache": None},
    ],
)
def test_mode_that_does_not_exist_is_refused_with_those_that_do(
    options: dict[str, Any],
) -> None:
    with pytest.raises(ValueError, match=r"^\w+ = .*: write one of '"):
        PageRequest(API, **options)


@pytest.mark.parametrize(
    ("origin", "hint"),
    [
        ("https://a.example/", 'Write "https://a.example".'),
        ("a.example", "scheme"),
        ("https://*.a.example", "A page has one origin"),
        ("*", "A page has one origin"),
    ],
)
def test_page_without_a_real_origin_is_refused(origin: str, hint: str) -> None:
    with pytest.raises(ValueError, match="origin = ") as caught:
        Page(origin)
    assert hint in str(caught.value)


def test_no_response_fails_with_where_to_look() -> None:
    outcome, _ = play([None])
    assert reason(outcome) == "no-response"
    assert "No response to the request" in str(outcome.failure)
    outcome, _ = play([None], method="PUT")
    assert "No response to the preflight" in str(outcome.failure)
    assert len(outcome.preflights) == 1


def test_engine_is_named_with_its_version() -> None:
    assert str(Engine(name="Some", version="1.2")) == "Some 1.2"
    assert str(Engine(name="Some")) == "Some"
