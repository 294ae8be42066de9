"""An outcome as people read it, and as programs do."""

from __future__ import annotations

import json

from flask_cors_policy.devtools.browser import as_data, explanation, verdict

from .helpers import API, OPEN, A, answer, granted, play


def test_blocked_request_is_told_from_its_first_message_to_its_fix() -> None:
    outcome, _ = play([granted("PUT")], API + "/items/1", "DELETE")
    assert explanation(outcome) == (
        """\
Preflight:
  > OPTIONS /items/1 HTTP/1.1
  > Host: api.example
  > Accept: */*
  > Access-Control-Request-Method: DELETE
  > Origin: https://a.example
  > Referer: https://a.example/
  > Sec-Fetch-Site: cross-site
  > Sec-Fetch-Mode: cors
  > Sec-Fetch-Dest: empty
  < HTTP/1.1 204 No Content
  < Access-Control-Allow-Origin: https://a.example
  < Access-Control-Allow-Methods: PUT
  ok  the answer to a preflight is no redirect
  ok  the response has Access-Control-Allow-Origin
  ok  Access-Control-Allow-Origin is the page's origin, byte for byte, or * where no \
credentials are included
  ok  the answer to a preflight has a status of 200 to 299
  ok  Access-Control-Allow-Methods is a list of tokens
  ok  Access-Control-Allow-Headers is a list of tokens
  NO  the method is GET, HEAD or POST, or listed in Access-Control-Allow-Methods
      The page asks for DELETE; the answer has Access-Control-Allow-Methods: PUT.
      Fix: Add it: methods=[..., 'DELETE'].
      See https://fetch.spec.whatwg.org/#cors-preflight-fetch

Blocked (method-not-allowed): The page asks for DELETE; the answer has \
Access-Control-Allow-Methods: PUT."""
    )


def test_what_is_never_sent_is_told_without_messages() -> None:
    outcome, _ = play([], method="TRACE")
    assert explanation(outcome) == (
        """\
  NO  the method is not CONNECT, TRACE or TRACK
      The page asks for TRACE, which no browser sends.
      Fix: Have the page use another method.
      See https://fetch.spec.whatwg.org/#forbidden-method

Blocked (request-invalid): The page asks for TRACE, which no browser sends."""
    )


def test_missing_response_is_told() -> None:
    outcome, _ = play([None])
    assert "  < (no response)\n" in explanation(outcome)


def test_verdict_names_the_status_and_what_stays_hidden() -> None:
    headers = {**OPEN, "ETag": "1", "X-Total": "3", "Date": "now", "Vary": "x"}
    outcome, _ = play([answer(404, headers)])
    assert verdict(outcome) == (
        "The page reads the response (404 Not Found). Hidden from it: etag, x-total."
    )


def test_verdict_of_an_unknown_status() -> None:
    outcome, _ = play([answer(299, OPEN)])
    assert verdict(outcome) == "The page reads the response (299)."


def test_verdict_of_an_opaque_response() -> None:
    outcome, _ = play([answer()], mode="no-cors")
    assert verdict(outcome) == "The page gets a response that it can read nothing of."


def test_nothing_from_the_wire_reaches_a_terminal_unescaped() -> None:
    headers = {"Access-Control-Allow-Origin": "\x1b[2J\xe9", "X\x07": "a\r\nb"}
    outcome, _ = play([answer(200, headers)], API + "/\x1b]0;x")
    text = explanation(outcome)
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert "\\x1b[2J\\xe9" in text
    assert "a\\r\\nb" in text


def test_what_is_long_is_cut() -> None:
    headers = {"Access-Control-Allow-Origin": "x" * 10_000}
    outcome, _ = play([answer(200, headers)])
    assert max(map(len, explanation(outcome).splitlines())) < 260


def test_data_holds_the_same_and_can_be_written_as_json() -> None:
    outcome, _ = play([granted("PUT"), answer(200, {"X": "y"})], method="PUT")
    data = json.loads(json.dumps(as_data(outcome)))
    assert data["allowed"] is False
    assert data["reason"] == "allow-origin-missing"
    assert data["verdict"] == verdict(outcome)
    assert data["readable"] is None
    assert data["preflight_spared"] is False
    assert [each["preflight"] for each in data["exchanges"]] == [True, False]
    assert data["exchanges"][1] == {
        "preflight": False,
        "request": {
            "method": "PUT",
            "url": API + "/",
            "headers": [list(header) for header in outcome.exchanges[1].sent.headers],
            "credentials": False,
        },
        "response": {"status": 200, "headers": [["X", "y"]]},
    }
    assert data["steps"][-1] == {
        "rule": "allow-origin-missing",
        "text": "the response has Access-Control-Allow-Origin",
        "section": "https://fetch.spec.whatwg.org/#cors-check",
        "setting": "origins",
        "passed": False,
        "found": "The response (200 OK) has no Access-Control-Allow-Origin.",
        "fix": f"Have the server send Access-Control-Allow-Origin: {A}.",
        "exchange": 1,
    }


def test_data_of_a_readable_response() -> None:
    outcome, _ = play([answer(200, {**OPEN, "Content-Type": "a", "X": "y"})])
    data = as_data(outcome)
    assert data["allowed"] is True
    assert data["reason"] is None
    assert data["readable"] == {
        "type": "cors",
        "status": 200,
        "headers": [["Content-Type", "a"]],
        "hidden": ["access-control-allow-origin", "x"],
    }


def test_data_of_a_response_that_never_came() -> None:
    outcome, _ = play([None])
    assert as_data(outcome)["exchanges"][0]["response"] is None
