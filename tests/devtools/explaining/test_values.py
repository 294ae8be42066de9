"""Headers that servers write by hand, and what is wrong with each."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cors_policy.devtools.browser import Received
from flask_cors_policy.devtools.explaining.explanation import explanation_lines
from flask_cors_policy.devtools.lines import joined

from .helpers import ALLOW, API, URL, VARY, A, Answer, explain
from .test_servers import PUT, WITH, answers, redirects

TRUE = ("Access-Control-Allow-Credentials", "true")
TOKEN = {"headers": (("Authorization", "Bearer t"),)}
PATTERN = "Browsers know no patterns there: only one origin, or * alone."
VARIABLE = "That looks like a variable that the server has not replaced."
BYTES = f"Browsers compare it with {A}, byte for byte."
NAMES = "Browsers want names there, separated by commas."


def preflight(*headers: tuple[str, str]) -> Received:
    return Received(204, (ALLOW, TRUE, *headers))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("https://*.example.com", PATTERN),
        ("*.example.com", PATTERN),
        ("$http_origin", VARIABLE),
        ("${ORIGIN}", VARIABLE),
        ("{{ origin }}", VARIABLE),
        ("<origin>", VARIABLE),
        ("", "The header is empty."),
        (f'"{A}"', BYTES),
        (f"{A}:443", BYTES),
        (f"{A}/", BYTES),
        (f"{A}/index.html", BYTES),
        ("app.example.com", BYTES),
        ("HTTPS://APP.EXAMPLE.COM", BYTES),
    ],
)
def test_a_value_that_means_the_origin_is_not_taken_for_another_origin(
    value: str, says: str
) -> None:
    response = Received(200, (("Access-Control-Allow-Origin", value),))
    diagnosis = explain(response).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "allow-origin-mismatch"
    assert diagnosis.found.endswith(says)
    (fix,) = diagnosis.fixes
    assert fix.headers == ((), (ALLOW, VARY))


@pytest.mark.parametrize(
    "value", ["null", "https://b.example", f"{A}:80", "http://app.example.com"]
)
def test_another_origin_is_one_that_the_server_allows_instead(value: str) -> None:
    response = Received(200, (("Access-Control-Allow-Origin", value),))
    diagnosis = explain(response).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "origin-not-allowed"


METHODS, HEADERS = "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"
WILDCARD = "With credentials included, the wildcard * allows nothing."
CASES: dict[str, tuple[Received, dict[str, Any], str, str]] = {
    "the wildcard for a method, with credentials": (
        preflight((METHODS, "*")),
        {**PUT, **WITH},
        "method-not-allowed",
        WILDCARD,
    ),
    "the wildcard for a header, with credentials": (
        preflight((HEADERS, "*")),
        {**WITH, "headers": (("X-A", "a"),)},
        "header-not-allowed",
        WILDCARD,
    ),
    "the wildcard for a token": (
        preflight((HEADERS, "*")),
        TOKEN,
        "header-not-allowed",
        "The wildcard * does not cover Authorization.",
    ),
    "a method in lower case": (
        preflight((METHODS, "get, put")),
        PUT,
        "method-not-allowed",
        "Browsers distinguish upper and lower case in methods.",
    ),
    "semicolons": (
        preflight((METHODS, "GET; PUT")),
        PUT,
        "list-malformed",
        NAMES,
    ),
    "quotes": (preflight((HEADERS, '"x-a"')), TOKEN, "list-malformed", NAMES),
    "credentials in upper case": (
        Received(200, (ALLOW, ("Access-Control-Allow-Credentials", "True"))),
        WITH,
        "credentials-not-allowed",
        "Browsers accept true only, in lower case.",
    ),
    "a name without its last letter": (
        preflight(("Access-Control-Allow-Header", "x-a")),
        {"headers": (("X-A", "a"),)},
        "header-not-allowed",
        "It has Access-Control-Allow-Header, a name that browsers do not know.",
    ),
    "a name with underscores": (
        Received(200, (("Access_Control_Allow_Origin", A),)),
        {},
        "allow-origin-missing",
        "It has Access_Control_Allow_Origin, a name that browsers do not know.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_with_a_header_is_said(name: str) -> None:
    response, parts, cause, says = CASES[name]
    diagnosis = explain(response, **parts).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == cause
    assert diagnosis.found.endswith(says)


PUTS: tuple[str, str] = (METHODS, "PUT")


@pytest.mark.parametrize("headers", [(), (VARY,)])
def test_headers_on_the_preflight_alone_are_no_policy_without_the_origin(
    headers: tuple[tuple[str, str], ...],
) -> None:
    answer = answers(preflight(PUTS), Received(200, headers))
    diagnosis = explain(answer, **PUT).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "allow-origin-missing"
    assert diagnosis.found.endswith(
        "The answer to the preflight has it, and this response needs it, too."
    )


@pytest.mark.parametrize(
    ("answer", "parts"),
    [
        (Received(200), {}),
        (Received(200, (VARY,)), {}),
        (Received(403, (VARY,)), PUT),
        (Received(500, (VARY,)), {}),
    ],
)
def test_a_page_without_an_origin_has_one_cause_at_every_server(
    answer: Answer | Received, parts: dict[str, Any]
) -> None:
    diagnosis = explain(answer, origin="null", **parts).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "origin-null"
    assert diagnosis.fixes[0].text.startswith("Serve the page from an origin of its")


@pytest.mark.parametrize("parts", [{}, PUT], ids=["request", "preflight"])
def test_a_doubled_slash_that_is_redirected_is_named(parts: dict[str, Any]) -> None:
    answer = redirects(URL, VARY)
    diagnosis = explain(answer, url=f"{API}//items", **parts).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "path-ambiguous"
    assert diagnosis.found == (
        "The path has a doubled slash or a dot segment: //items is redirected to "
        "/items."
    )
    assert diagnosis.fixes[0].page == {"url": URL}


@pytest.mark.parametrize(
    ("attributes", "first"),
    [
        ("SameSite=None", "Set it with SameSite=None; Secure."),
        ("SameSite=Lax; Secure", "Serve page and API from one site, such as"),
    ],
)
def test_the_attribute_that_a_dropped_cookie_lacks_comes_first(
    attributes: str, first: str
) -> None:
    origin = "https://shop.example.org"
    allow = ("Access-Control-Allow-Origin", origin)
    cookie = ("Set-Cookie", f"session=s; {attributes}")
    response = Received(200, (allow, TRUE, cookie))
    diagnosis = explain(response, origin=origin, **WITH).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "cookie-not-stored"
    assert diagnosis.fixes[0].text.startswith(first)


@pytest.mark.parametrize("value", [f"{A}, $other", f"{A} https://b.example", "*, *"])
def test_several_origins_are_a_list_whatever_they_are(value: str) -> None:
    diagnosis = explain(Received(200, (("Access-Control-Allow-Origin", value),)))
    assert diagnosis.diagnosis is not None
    assert diagnosis.diagnosis.cause.value == "allow-origin-list"


@pytest.mark.parametrize("parts", [{}, PUT], ids=["request", "preflight"])
def test_name_and_password_in_a_url_are_not_shown(parts: dict[str, Any]) -> None:
    response = redirects("https://ada:secret@api.example.com/items", ALLOW)
    explanation = explain(response, **parts)
    printed = joined(explanation_lines(explanation))
    assert "Location: https://(not shown)@api.example.com/items" in printed
    assert "secret" not in printed + repr(explanation.as_data())


def test_a_token_that_no_header_can_hold_is_not_shown() -> None:
    explanation = explain(
        Received(200), headers=(("Authorization", "Bearer secret\nnext"),)
    )
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == "request-invalid"
    printed = joined(explanation_lines(explanation))
    assert "The value of Authorization holds '\\n', which no header can." in printed
    assert "secret" not in printed + repr(explanation.as_data())
