"""What an error says: its status, and its text, without what lets somebody in."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from flask_cors_policy.devtools.browser import Received, Sent

from .helpers import ALLOW, explain

JSON = "application/json"
HTML = "text/html; charset=utf-8"


def error(body: bytes, kind: str, status: int = 400) -> Received:
    return Received(status, (ALLOW, ("Content-Type", kind)), body)


def found(answer: Received | Callable[[Sent], Received], **parts: object) -> str:
    diagnosis = explain(answer, **parts).diagnosis  # type: ignore[arg-type]
    assert diagnosis is not None
    assert diagnosis.cause.value in ("client-error", "preflight-refused")
    return diagnosis.found


TEXTS = {
    "JSON": (b'{"message": "name is missing."}', JSON, "name is missing"),
    "JSON in JSON": (b'{"error": {"detail": "no name"}}', JSON, "no name"),
    "problem details": (b'{"title": "No name"}', "application/problem+json", "No name"),
    "a page": (
        b"<title>400</title><p>No <b>name</b> &amp; no age</p>",
        HTML,
        "No name & no age",
    ),
    "a page with a title": (b"<TITLE>Bad request</TITLE>", HTML, "Bad request"),
    "XML": (b"<Error><Code>1</Code><Message>No</Message></Error>", "text/xml", "No"),
    "text": (b"no\n  name", "text/plain", "no name"),
    "text without a type": (b"no name", "", "no name"),
    "long text": (b"x" * 500, "text/plain", "x" * 160 + "..."),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_of_an_error_is_quoted(name: str) -> None:
    body, kind, text = TEXTS[name]
    assert f" It says: {text}. The page can read it" in found(error(body, kind))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "text/plain"),
        (b"{", JSON),
        (b"[1]", JSON),
        (b'{"error": {"error": {"error": "deep"}}}', JSON),
        (b'{"message": 1}', JSON),
        (b"<div>no</div>", HTML),
        (b"\x00\x01", "application/octet-stream"),
    ],
)
def test_a_body_without_a_short_text_is_not_quoted(body: bytes, kind: str) -> None:
    assert "It says" not in found(error(body, kind))


def test_a_text_that_repeats_a_token_is_not_quoted() -> None:
    def answer(sent: Sent) -> Received:
        if sent.preflight:
            names = ("Access-Control-Allow-Headers", "authorization")
            return Received(204, (ALLOW, names))
        return error(b"bad token s3cr3t", "text/plain")

    headers = (("Authorization", "Bearer s3cr3t"),)
    assert "s3cr3t" not in found(answer, headers=headers)
    headers = (("Authorization", "Bearer other"),)
    assert "It says: bad token s3cr3t." in found(answer, headers=headers)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (404, "nothing is at this URL"),
        (405, "the URL does not take this method"),
        (406, "the API has no response of the kind that Accept asks for"),
        (409, "the request is in conflict with what is stored"),
        (412, "a condition of the request, such as If-Match, does not hold"),
        (413, "the body is larger than the server accepts"),
        (414, "the URL is longer than the server accepts"),
        (418, "the API refuses the request"),
        (422, "the API does not accept the values that were sent"),
        (431, "the headers, often the cookies, are larger than the server accepts"),
    ],
)
def test_a_readable_error_is_no_cors_problem(status: int, says: str) -> None:
    diagnosis = explain(Received(status, (ALLOW,))).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "client-error"
    assert diagnosis.found.endswith(
        f" says that {says}. The page can read it: this is not a CORS problem."
    )


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (502, "a proxy got no valid response from the server behind it"),
        (503, "the service is stopped, overloaded or in maintenance"),
        (504, "a proxy has waited too long for the server behind it"),
    ],
)
@pytest.mark.parametrize("headers", [(), (ALLOW,)], ids=["blocked", "readable"])
def test_errors_of_proxies_are_told_apart(
    status: int, says: str, headers: tuple[tuple[str, str], ...]
) -> None:
    diagnosis = explain(Received(status, headers)).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "server-error"
    assert says in diagnosis.found


def test_an_error_without_headers_is_named_as_well() -> None:
    diagnosis = explain(Received(413)).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "error-without-headers"
    assert "The status says that the body is larger" in diagnosis.found
    assert diagnosis.fixes[1].text.startswith("Have the page send less")


def test_who_may_refuse_a_preflight_is_not_claimed_to_be_known() -> None:
    body = b'{"message": "Missing Authentication Token"}'
    answer = Received(403, (("Content-Type", JSON),), body)
    assert found(answer, method="PUT") == (
        "The preflight was answered 403 Forbidden. Something refuses it before CORS: "
        "authentication (preflights never carry credentials), a firewall, or a gateway "
        "that serves no OPTIONS. It says: Missing Authentication Token."
    )


def test_a_page_where_data_should_be_is_named() -> None:
    answer = Received(200, (("Content-Type", HTML),), b" <html>Sign in</html>")
    diagnosis = explain(answer).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "allow-origin-missing"
    assert "It is an HTML page: where the URL should give data, a login" in (
        diagnosis.found
    )
    empty = explain(Received(200, (("Content-Type", HTML),))).diagnosis
    assert empty is not None
    assert "HTML" not in empty.found


def test_json_of_any_depth_is_read_without_an_error() -> None:
    deep = json.dumps({"error": [[]]}).replace("[[]]", "[" * 5000 + "]" * 5000)
    assert "It says" not in found(error(deep.encode(), JSON))


def test_whatever_refuses_a_preflight_has_to_let_it_pass() -> None:
    diagnosis = explain(Received(403), method="PUT").diagnosis
    assert diagnosis is not None
    assert diagnosis.fixes[0].text.startswith(
        "Have it let preflights (OPTIONS) pass. Allow https://app.example.com: the "
    )


def test_texts_that_repeat_the_status_are_left_out() -> None:
    text = b"<p>The method is not allowed for the requested URL.</p>"
    assert "It says" not in found(error(text, HTML, 405))


def test_the_text_of_any_refused_preflight_is_quoted() -> None:
    body = b"Missing Access-Control-Request-Headers"
    answer = Received(400, (("Content-Type", "text/plain"),), body)
    assert found(answer, method="PUT").endswith(
        "It says: Missing Access-Control-Request-Headers."
    )


def test_a_header_that_is_written_in_a_page_is_named() -> None:
    body = b'<html><meta http-equiv="Access-Control-Allow-Origin" content="*"></html>'
    diagnosis = explain(Received(200, (("Content-Type", HTML),), body)).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "allow-origin-missing"
    assert diagnosis.found.endswith(
        "The page has it as <meta http-equiv>, which browsers do not read."
    )
