"""Causes of failures of servers that say nothing about their policy."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cors_policy.devtools.browser import Body, Received, Sent
from flask_cors_policy.devtools.explaining import PolicyStatus, ServerInfo
from flask_cors_policy.devtools.explaining.explanation import explanation_lines
from flask_cors_policy.devtools.lines import joined

from .helpers import ALLOW, API, URL, VARY, A, Answer, explain

PUT: dict[str, Any] = {"method": "PUT"}
WITH: dict[str, Any] = {"credentials": "include"}


def answers(preflight: Received, actual: Received | None = None) -> Answer:
    return lambda sent: preflight if sent.preflight else actual


def redirects(to: str, *headers: tuple[str, str], status: int = 308) -> Received:
    return Received(status, (("Location", to), *headers))


def elsewhere(sent: Sent) -> Received | None:
    """Redirect to another server, where nothing is asked."""
    if sent.url.origin == API:
        return redirects("https://cdn.example.com/", ALLOW)
    return None


CASES: dict[str, tuple[Answer | Received, dict[str, Any], str, str]] = {
    "no response": (lambda _: None, {}, "no-response", "No response to the request"),
    "nothing at all": (
        Received(200),
        {},
        "allow-origin-missing",
        "Either no policy applies to the URL, or it does not list",
    ),
    "a policy without this origin": (
        Received(200, (VARY,)),
        {},
        "origin-not-allowed",
        "It varies with Origin: the server's policy probably does not list it",
    ),
    "a policy that refuses the preflight": (
        Received(403, (VARY,)),
        PUT,
        "origin-not-allowed",
        "Or something in front of the server removes Origin from requests",
    ),
    "another origin": (
        Received(200, (("Access-Control-Allow-Origin", "https://b.example"),)),
        {},
        "origin-not-allowed",
        "has Access-Control-Allow-Origin: https://b.example",
    ),
    "almost this origin": (
        Received(200, (("Access-Control-Allow-Origin", f"{A}:8443"),)),
        {},
        "origin-not-allowed",
        "which differs in the port (the scheme's own)",
    ),
    "everybody, with credentials": (
        Received(200, (("Access-Control-Allow-Origin", "*"),)),
        WITH,
        "wildcard-with-credentials",
        "Browsers do not accept *",
    ),
    "credentials in upper case": (
        Received(200, (ALLOW, ("Access-Control-Allow-Credentials", "True"))),
        WITH,
        "credentials-not-allowed",
        "Access-Control-Allow-Credentials: True",
    ),
    "credentials twice": (
        Received(200, (ALLOW, *[("Access-Control-Allow-Credentials", "true")] * 2)),
        WITH,
        "header-twice",
        "Access-Control-Allow-Credentials 2 times",
    ),
    "the origin twice": (
        Received(200, (ALLOW, ALLOW)),
        {},
        "header-twice",
        "Access-Control-Allow-Origin 2 times",
    ),
    "an error": (Received(502), {}, "server-error", "The server failed (502 Bad Gate"),
    "an error on the preflight": (Received(500, (ALLOW,)), PUT, "server-error", "500"),
    "a login": (Received(401), PUT, "preflight-authenticated", "401 Unauthorized"),
    "an origin and a semicolon": (
        Received(200, (("Access-Control-Allow-Origin", f"{A};"),)),
        {},
        "allow-origin-mismatch",
        f"Browsers compare it with {A}, byte for byte.",
    ),
    "a redirect to a host of the server's network": (
        redirects("http://backend:5000/items/"),
        {},
        "changed-in-front",
        "http://backend:5000/items/, a host that only the network of the server knows",
    ),
    "a preflight that is redirected there": (
        redirects("https://10.1.2.3/items/"),
        PUT,
        "changed-in-front",
        "https://10.1.2.3/items/, a host that only the network of the server knows",
    ),
    "a header that is nearly listed": (
        Received(204, (ALLOW, ("Access-Control-Allow-Headers", "Accept, X-Tokken"))),
        {"headers": (("X-Token", "t"),)},
        "header-not-allowed",
        "The list has X-Tokken, and the page sends x-token.",
    ),
    "a firewall": (
        Received(403),
        PUT,
        "preflight-refused",
        "403 Forbidden. Something refuses it before CORS: authentication",
    ),
    "no OPTIONS": (Received(405), PUT, "preflight-unhandled", "405 Method Not"),
    "no such method": (Received(501, (ALLOW,)), PUT, "preflight-unhandled", "501"),
    "a bad request": (Received(400), PUT, "preflight-refused", "400 Bad Request"),
    "a slash": (
        redirects("/items/"),
        PUT,
        "trailing-slash",
        "The route is /items/, and the page requests /items: the preflight",
    ),
    "a slash that the response lacks headers for": (
        redirects("/items/"),
        {},
        "trailing-slash",
        "the request is redirected (308)",
    ),
    "another URL": (
        redirects(f"{API}/v2/items", status=307),
        PUT,
        "preflight-redirected",
        f"leads to {API}/v2/items",
    ),
    "no URL": (redirects("http://[", status=307), PUT, "preflight-redirected", "["),
    "an unreadable redirect": (
        redirects(f"{API}/v2/items"),
        {},
        "allow-origin-missing",
        "308 Permanent Redirect",
    ),
    "another server": (
        elsewhere,
        {},
        "redirected-away",
        f"{URL} redirects to https://cdn.example.com.",
    ),
    "a redirect in a circle": (
        redirects(URL, ALLOW, status=302),
        {},
        "redirect-failed",
        "redirects to",
    ),
    "a list that is none": (
        Received(204, (ALLOW, ("Access-Control-Allow-Methods", "PUT GET"))),
        PUT,
        "list-malformed",
        "PUT GET",
    ),
    "another method": (
        Received(204, (ALLOW, ("Access-Control-Allow-Methods", "POST"))),
        PUT,
        "method-not-allowed",
        "The page asks for PUT",
    ),
    "a method in lower case": (
        Received(204, (ALLOW, ("Access-Control-Allow-Methods", "PATCH"))),
        {"method": "patch"},
        "method-not-allowed",
        "The page asks for patch",
    ),
    "another header": (
        Received(204, (ALLOW, ("Access-Control-Allow-Headers", "X-A"))),
        {"headers": (("X-B", "b"),)},
        "header-not-allowed",
        "The page sets x-b",
    ),
    "JSON": (
        Received(204, (ALLOW,)),
        {"method": "POST", "body": Body(b"{}", "application/json")},
        "header-not-allowed",
        "need no preflight; JSON does",
    ),
    "a page of a file": (
        Received(200, (ALLOW,)),
        {"origin": "null"},
        "origin-null",
        "has Access-Control-Allow-Origin",
    ),
    "plain http": (
        Received(200),
        {"url": "http://api.example.com/"},
        "mixed-content",
        "The page is https://app.example.com",
    ),
    "a method of no page": (
        Received(200),
        {"method": "TRACE"},
        "request-invalid",
        "TRACE, which no browser sends",
    ),
    "a body that cannot be": (
        Received(200),
        {"body": Body.text("x")},
        "request-invalid",
        "gives a body to GET",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_cause_is_told_from_what_came(name: str) -> None:
    answer, parts, cause, says = CASES[name]
    explanation = explain(answer, **parts)
    diagnosis = explanation.diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == cause
    assert says in diagnosis.found
    assert all(fix.text for fix in diagnosis.fixes)
    printed = joined(explanation_lines(explanation))
    assert f"Blocked ({cause}).\n  Why:  {diagnosis.found}\n  Fix:  " in printed


def test_a_page_asks_for_the_final_url_where_a_redirect_stands_in_the_way() -> None:
    diagnosis = explain(redirects("/items/?a=b"), method="PUT").diagnosis
    assert diagnosis is not None
    assert diagnosis.fixes[0].page == {"url": f"{API}/items/?a=b"}


NO_EXTENSION = ServerInfo(PolicyStatus.NO_EXTENSION)


@pytest.mark.parametrize(
    ("origin", "parts", "says"),
    [
        ("null", {}, "Serve the page from an origin of its own"),
        (
            "http://app.example.com",
            {"credentials": "include", "url": "http://api.example.com/"},
            "Leave the policy as it is: supports_credentials is True",
        ),
        (A, {}, f'Write CORS(app, origins=["{A}"]).'),
    ],
)
def test_a_policy_that_could_not_be_built_is_not_offered(
    origin: str, parts: dict[str, Any], says: str
) -> None:
    diagnosis = explain(Received(200), NO_EXTENSION, origin, **parts).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "no-policy"
    (fix,) = diagnosis.fixes
    assert fix.text == says or fix.text.startswith(says)
    assert bool(fix.policy) is (origin == A)


def test_a_path_with_dots_is_not_given_a_rule() -> None:
    server = ServerInfo(PolicyStatus.NO_PATH_RULE)
    url = f"{API}/a%2f%2e./b"
    diagnosis = explain(Received(200), server, url=f"{API}//b").diagnosis
    assert diagnosis is not None
    assert diagnosis.fixes[0].text == (
        "Have the page request the path without ., .. and empty segments."
    )
    assert explain(Received(200), server, url=url).diagnosis is not None


def test_a_rule_that_could_not_allow_the_page_is_not_offered() -> None:
    from flask_cors_policy.core.settings import raw_options

    server = ServerInfo(
        PolicyStatus.NO_PATH_RULE,
        settings=raw_options({"origins": "https://b.example"}),
    )
    diagnosis = explain(Received(200), server, "null").diagnosis
    assert diagnosis is not None
    assert diagnosis.fixes[0].text.startswith(
        "Have the page request a path that has a policy. Leave it out, or accept_risks"
    )


def test_a_route_of_many_urls_gets_a_rule_for_all_of_them() -> None:
    server = ServerInfo(PolicyStatus.NO_PATH_RULE, route="/items/<int:item>")
    diagnosis = explain(Received(200), server, url=f"{API}/items/7").diagnosis
    assert diagnosis is not None
    assert diagnosis.fixes[0].policy == {"resources": {"/items/*": {"origins": (A,)}}}
