"""What a console says of a blocked request, in the words of each engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flask_cors_policy.devtools.pasted import PastedError
from flask_cors_policy.devtools.pasted.console import read_console
from flask_cors_policy.devtools.recorded import explain_message

DATA = Path(__file__).parents[3] / "docs" / "data" / "console_messages.json"
MESSAGES: dict[str, dict[str, str]] = {
    engine: said["messages"]
    for engine, said in json.loads(DATA.read_text("utf-8")).items()
}
A = "https://app.example.com"
URL = "https://api.example.com/items"

CAUSES = {
    "not-allowed": "allow-origin-missing",
    "error-500": "server-error",
    "another-origin": "origin-not-allowed",
    "slash": "allow-origin-mismatch",
    "twice": "header-twice",
    "wildcard-credentials": "wildcard-with-credentials",
    "no-credentials": "credentials-not-allowed",
    "preflight-not-allowed": "preflight-refused",
    "preflight-401": "preflight-authenticated",
    "preflight-405": "preflight-unhandled",
    "preflight-redirect": "preflight-redirected",
    "method": "method-not-allowed",
    "patch": "method-not-allowed",
    "header": "header-not-allowed",
    "content-type": "header-not-allowed",
    "invalid-list": "list-malformed",
    "redirect": "redirected-away",
}
# What a browser does not tell, nobody can know.
VAGUE = {
    ("chromium", "error-500"): "allow-origin-missing",
    ("chromium", "preflight-not-allowed"): "allow-origin-missing",
    ("chromium", "preflight-401"): "allow-origin-missing",
    ("chromium", "preflight-405"): "preflight-refused",
    ("firefox", "preflight-not-allowed"): "error-without-headers",
    ("firefox", "preflight-401"): "error-without-headers",
    ("webkitgtk", "another-origin"): "allow-origin-missing",
    ("webkitgtk", "slash"): "allow-origin-missing",
}
CASES = [
    (engine, case)
    for engine, messages in MESSAGES.items()
    for case in messages
    if case in CAUSES
]


@pytest.mark.parametrize(("engine", "case"), CASES)
def test_the_sentences_of_the_page_lead_to_their_causes(engine: str, case: str) -> None:
    message = read_console(MESSAGES[engine][case], A, URL)
    explanation = explain_message(message)
    assert not explanation.allowed
    assert explanation.diagnosis is not None
    cause = VAGUE.get((engine, case), CAUSES[case])
    assert explanation.diagnosis.cause.value == cause
    assert "(200 OK)" not in explanation.diagnosis.found
    for fix in explanation.diagnosis.fixes:
        assert "null" not in fix.text
        assert "*" not in fix.text


def test_every_case_of_the_page_is_known() -> None:
    assert {case for _, case in CASES} == set(CAUSES)


def test_what_is_no_cors_problem_is_said_to_be_none() -> None:
    for text in (
        MESSAGES["firefox"]["no-server"],
        f"Access to fetch at '{URL}' from origin '{A}' has been blocked by CORS "
        "policy: Permission was denied for this request to access the `loopback` "
        "address space.",
    ):
        with pytest.raises(PastedError, match="not a CORS problem"):
            read_console(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a sentence about CORS"),
        ("Uncaught TypeError: x is undefined", "not a sentence about CORS"),
        ("x" * 20_000, "longer than"),
        (MESSAGES["firefox"]["not-allowed"], "add --origin"),
        (MESSAGES["webkitgtk"]["not-allowed"], "does not name the URL"),
        (
            f"Access to fetch at '{URL}' from origin '{A}' has been blocked by CORS "
            "policy: \x1b[2J something new.",
            "is not known here",
        ),
    ],
    ids=["nothing", "another error", "long", "no page", "no url", "new"],
)
def test_what_cannot_be_read_says_why(text: str, says: str) -> None:
    with pytest.raises(PastedError, match=says) as caught:
        read_console(text)
    assert "\x1b" not in str(caught.value)
