"""The CORS check and the preflight check: what passes, what fails at which rule."""

from __future__ import annotations

import pytest

from flask_cors_policy.devtools.browser import (
    CHROMIUM,
    FIREFOX,
    WEBKITGTK,
    WPE,
    Engine,
    Received,
)

from .helpers import API, CREDENTIALED, GOOD, OPEN, A, Headers, answer, play, reason

ACAO = "Access-Control-Allow-Origin"
ACAC = "Access-Control-Allow-Credentials"
ACAM = "Access-Control-Allow-Methods"
ACAH = "Access-Control-Allow-Headers"
ENGINES = (CHROMIUM, FIREFOX, WEBKITGTK, WPE)

# credentials mode, headers of the response -> the rule that fails, if one does
CORS_CHECK: list[tuple[str, list[tuple[str, str]], str | None]] = [
    ("omit", [(ACAO, "*")], None),
    ("omit", [(ACAO, A)], None),
    ("omit", [(ACAO, f" \t{A} ")], None),
    ("omit", [("access-control-allow-origin", A)], None),
    ("same-origin", [(ACAO, "*")], None),
    ("include", [(ACAO, A), (ACAC, "true")], None),
    ("include", [(ACAO, A), (ACAC, " true ")], None),
    ("omit", [(ACAO, A), (ACAC, "nonsense")], None),
    ("omit", [], "allow-origin-missing"),
    ("include", [(ACAC, "true")], "allow-origin-missing"),
    ("omit", [(ACAO, "")], "allow-origin-mismatch"),
    ("omit", [(ACAO, A.upper())], "allow-origin-mismatch"),
    ("omit", [(ACAO, A + "/")], "allow-origin-mismatch"),
    ("omit", [(ACAO, A + ":443")], "allow-origin-mismatch"),
    ("omit", [(ACAO, f"{A}, https://b.example")], "allow-origin-mismatch"),
    ("omit", [(ACAO, f"{A} https://b.example")], "allow-origin-mismatch"),
    ("omit", [(ACAO, A), (ACAO, A)], "allow-origin-mismatch"),
    ("omit", [(ACAO, "*"), (ACAO, "*")], "allow-origin-mismatch"),
    ("omit", [(ACAO, "null")], "allow-origin-mismatch"),
    ("omit", [(ACAO, '"*"')], "allow-origin-mismatch"),
    ("omit", [(ACAO, "https://*.example")], "allow-origin-mismatch"),
    ("include", [(ACAO, "*"), (ACAC, "true")], "allow-origin-mismatch"),
    ("include", [(ACAO, A)], "credentials-not-allowed"),
    ("include", [(ACAO, A), (ACAC, "True")], "credentials-not-allowed"),
    ("include", [(ACAO, A), (ACAC, "1")], "credentials-not-allowed"),
    ("include", [(ACAO, A), (ACAC, "true"), (ACAC, "true")],
     "credentials-not-allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("credentials", "headers", "code"), CORS_CHECK)
def test_cors_check_of_an_actual_response(
    credentials: str, headers: list[tuple[str, str]], code: str | None
) -> None:
    outcome, _ = play([answer(200, headers)], credentials=credentials)
    assert reason(outcome) == code


@pytest.mark.parametrize(("credentials", "headers", "code"), CORS_CHECK)
def test_preflight_is_checked_with_the_credentials_mode_of_its_request(
    credentials: str, headers: list[tuple[str, str]], code: str | None
) -> None:
    answers = [answer(204, [*headers, (ACAM, "PUT")])]
    if code is None:
        answers.append(CREDENTIALED)
    outcome, _ = play(answers, method="PUT", credentials=credentials)
    assert reason(outcome) == code
    assert outcome.exchanges[0].sent.preflight


@pytest.mark.parametrize("status", [200, 201, 304, 400, 401, 403, 404, 500, 599])
def test_page_reads_any_status_that_has_the_headers(status: int) -> None:
    outcome, _ = play([answer(status, OPEN, b"why")])
    assert outcome.readable is not None
    assert (outcome.readable.status, outcome.readable.body) == (status, b"why")


def without_credentials(**headers: str) -> Headers:
    return {
        ACAO: A,
        **{f"Access-Control-Allow-{key.title()}": v for key, v in headers.items()},
    }


# method, header of the page, answer -> the rule that fails, if one does
PREFLIGHT_CHECK: list[tuple[str, str | None, Headers, str | None]] = [
    ("PUT", None, {"methods": "PUT"}, None),
    ("PUT", None, {"methods": "GET,\tPUT ,POST"}, None),
    ("PUT", None, {"methods": ", ,PUT,"}, None),
    ("PUT", None, {"methods": "*"}, None),
    ("PUT", None, {"methods": "GET, *"}, None),
    ("POST", "X-A", {"headers": "x-a"}, None),
    ("POST", "X-A", {"headers": "X-B, X-A", "methods": "GET"}, None),
    ("GET", "X-A", {"headers": "*"}, None),
    ("HEAD", "x-a", {"headers": "X-A"}, None),
    ("GET", "Authorization", {"headers": "authorization"}, None),
    ("GET", "Authorization", {"headers": "*, Authorization"}, None),
    ("PUT", None, {}, "method-not-allowed"),
    ("PUT", None, {"methods": ""}, "method-not-allowed"),
    ("PUT", None, {"methods": "put"}, "method-not-allowed"),
    ("patch", None, {"methods": "PATCH"}, "method-not-allowed"),
    ("GET", "X-A", {}, "header-not-allowed"),
    ("GET", "X-A", {"headers": "X-B"}, "header-not-allowed"),
    ("GET", "Authorization", {"headers": "*"}, "header-not-allowed"),
    ("GET", "Authorization", {}, "header-not-allowed"),
    ("PUT", None, {"methods": "PUT POST"}, "list-malformed"),
    ("PUT", None, {"methods": "PUT;POST"}, "list-malformed"),
    ("PUT", None, {"methods": '"PUT"'}, "list-malformed"),
    ("PUT", None, {"methods": "PUT, G\xc4T"}, "list-malformed"),
    ("GET", "X-A", {"headers": "X-A, X B"}, "list-malformed"),
    ("PUT", None, {"methods": "PUT", "headers": "(x)"}, "list-malformed"),
]


@pytest.mark.parametrize(("method", "name", "lists", "code"), PREFLIGHT_CHECK)
def test_preflight_check_of_both_lists(
    method: str, name: str | None, lists: Headers, code: str | None
) -> None:
    answers = [answer(204, without_credentials(**lists))]
    if code is None:
        answers.append(GOOD)
    outcome, _ = play(answers, method=method, headers={name: "1"} if name else None)
    assert reason(outcome) == code


@pytest.mark.parametrize(
    ("lists", "code"),
    [
        ({"methods": "*", "headers": "X-A"}, "method-not-allowed"),
        ({"methods": "PUT", "headers": "*"}, "header-not-allowed"),
        ({"methods": "PUT, *", "headers": "*, X-A"}, None),
    ],
)
def test_wildcard_is_a_plain_name_beside_credentials(
    lists: Headers, code: str | None
) -> None:
    preflight = {**without_credentials(**lists), ACAC: "true"}
    answers = [answer(204, preflight)] + ([CREDENTIALED] if code is None else [])
    outcome, _ = play(answers, API, "PUT", {"X-A": "1"}, credentials="include")
    assert reason(outcome) == code
    if outcome.failure is not None:
        assert "With credentials * is a plain name" in outcome.failure.fix


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_engine_lets_authorization_through_under_a_wildcard(engine: Engine) -> None:
    preflight = answer(204, without_credentials(headers="*"))
    headers = {"Authorization": "Bearer t"}
    outcome, _ = play([preflight, GOOD], headers=headers, engine=engine)
    assert reason(outcome) is None


def test_lists_on_several_lines_are_one_list() -> None:
    lines = [(ACAO, A), (ACAM, "GET"), (ACAM, "PUT"), (ACAH, "X-A"), (ACAH, "X-B")]
    headers = {"X-A": "1", "X-B": "1"}
    outcome, _ = play([answer(204, lines), GOOD], method="PUT", headers=headers)
    assert reason(outcome) is None


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_preflight_passes_with_any_status_of_success(status: int) -> None:
    preflight = answer(status, without_credentials(methods="PUT"))
    outcome, _ = play([preflight, GOOD], method="PUT")
    assert reason(outcome) is None


@pytest.mark.parametrize(
    ("status", "code", "fix"),
    [
        (300, "preflight-refused", "Answer preflights with 204 or 200."),
        (304, "preflight-refused", "Answer preflights with 204 or 200."),
        (401, "preflight-refused", "Authentication has answered it"),
        (407, "preflight-refused", "Authentication has answered it"),
        (404, "preflight-refused", "Nothing answers OPTIONS"),
        (405, "preflight-refused", "Nothing answers OPTIONS"),
        (500, "preflight-refused", "The server failed"),
        (301, "preflight-redirected", "have the page ask for the final URL"),
        (308, "preflight-redirected", "have the page ask for the final URL"),
    ],
)
def test_preflight_fails_with_any_other_status_and_says_who_answered(
    status: int, code: str, fix: str
) -> None:
    outcome, _ = play(
        [answer(status, without_credentials(methods="PUT"))], method="PUT"
    )
    assert reason(outcome) == code
    assert outcome.failure is not None
    assert fix in outcome.failure.fix
    assert str(status) in outcome.failure.found


def test_upload_listener_passes_without_a_list_of_methods() -> None:
    outcome, _ = play(
        [answer(204, {ACAO: A}), GOOD], method="PUT", upload_listener=True
    )
    assert reason(outcome) is None


def test_upload_listener_is_held_to_a_list_that_is_there() -> None:
    preflight = answer(204, without_credentials(methods="GET"))
    outcome, _ = play([preflight], method="PUT", upload_listener=True)
    assert reason(outcome) == "method-not-allowed"


FIXES: list[tuple[str, Received, dict[str, object], str]] = [
    (
        "an origin that is not allowed",
        answer(),
        {},
        f"Have the server send Access-Control-Allow-Origin: {A}.",
    ),
    ("a bad request", answer(400), {}, "Errors need the header, too."),
    ("an error without headers", answer(500), {}, "The server failed"),
    ("a redirect without headers", answer(302), {}, "The redirect needs the header"),
    (
        "an unknown status",
        answer(799),
        {},
        f"Have the server send Access-Control-Allow-Origin: {A}.",
    ),
    ("* with credentials", answer(headers=OPEN), {"credentials": "include"},
     "supports_credentials=True"),
    ("the header twice", answer(200, [(ACAO, A), (ACAO, A)]), {},
     "let one place set it"),
    ("a list", answer(200, {ACAO: f"{A},https://b.example"}), {}, "never a list"),
    ("a slash", answer(200, {ACAO: A + "/"}), {}, f"exactly as browsers do: {A}"),
    ("upper case", answer(200, {ACAO: A.upper()}), {}, f"browsers do: {A}"),
    ("another origin", answer(200, {ACAO: "https://b.example"}), {},
     f"Have the server send Access-Control-Allow-Origin: {A}."),
    ("a null page", answer(200, {ACAO: "https://b.example"}), {"origin": "null"},
     "serve the page from an origin of its own"),
    ("no credentials", GOOD, {"credentials": "include"}, "supports_credentials=True"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("response", "options", "fix"),
    [row[1:] for row in FIXES],
    ids=[row[0] for row in FIXES],
)
def test_failed_cors_check_says_what_to_write(
    response: Received, options: dict[str, object], fix: str
) -> None:
    outcome, _ = play([response], **options)  # type: ignore[arg-type]
    assert outcome.failure is not None
    assert fix in outcome.failure.fix


@pytest.mark.parametrize(
    ("method", "headers", "lists", "fix"),
    [
        ("PUT", {}, {}, "Add it: methods=[..., 'PUT']."),
        ("PUT", {}, {"methods": "put"}, "list 'PUT', in upper case"),
        ("patch", {}, {"methods": "PATCH"}, "have the page write 'PATCH'"),
        ("GET", {"X-A": "1", "X-B": "1"}, {"headers": "x-b"},
         "allow_headers=[..., 'x-a']."),
        ("POST", {"Content-Type": "application/json"}, {}, "JSON is not among"),
        ("GET", {"Authorization": "t"}, {"headers": "*"}, "* does not cover it"),
        ("PUT", {}, {"methods": "PUT POST"}, "separated by commas only"),
    ],
)  # fmt: skip
def test_failed_preflight_check_says_what_to_write(
    method: str, headers: Headers, lists: Headers, fix: str
) -> None:
    preflight = answer(204, without_credentials(**lists))
    outcome, _ = play([preflight], method=method, headers=headers)
    assert outcome.failure is not None
    assert fix in outcome.failure.fix


def test_steps_are_made_in_their_order_and_end_at_the_first_that_fails() -> None:
    preflight = answer(204, without_credentials(methods="GET"))
    outcome, _ = play([preflight], method="PUT")
    assert [(step.rule.code.value, step.passed) for step in outcome.steps] == [
        ("preflight-redirected", True),
        ("allow-origin-missing", True),
        ("allow-origin-mismatch", True),
        ("preflight-refused", True),
        ("list-malformed", True),
        ("list-malformed", True),
        ("method-not-allowed", False),
    ]
    assert {step.exchange for step in outcome.steps} == {0}
