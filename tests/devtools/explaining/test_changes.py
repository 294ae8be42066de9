"""A change to a policy is offered where it can be built and works, only there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from flask_cors_policy import Policy
from flask_cors_policy.core.decision import decide
from flask_cors_policy.core.request import CORSRequest
from flask_cors_policy.core.settings import raw_options
from flask_cors_policy.devtools.browser import Body, Page, Received, Sent
from flask_cors_policy.devtools.explaining import (
    PolicyStatus,
    ServerInfo,
    Trial,
)
from flask_cors_policy.devtools.explaining.case import cors_request_of
from flask_cors_policy.devtools.explaining.fixes import assignment
from tests.helpers import reasons

from .helpers import VARY, A, explain, page_request

B = "https://b.example"
HTTP = "http://app.example.com"
PLAIN = "http://api.example.com/items"
JSON = Body(b"{}", "application/json")
WITH = {"credentials": "include"}


def everybody(origin: str, environ: Mapping[str, Any]) -> bool:
    return True


@pytest.mark.parametrize(
    ("options", "parts", "changes"),
    [
        ({"origins": A}, {}, {}),
        ({"origins": B}, {}, {"origins": (B, A)}),
        ({"origins": "*"}, WITH, {"origins": (A,), "supports_credentials": True}),
        ({"origins": A}, WITH, {"supports_credentials": True}),
        ({"origins": A}, {"method": "PUT"}, {"methods": ("PUT",)}),
        (
            {"origins": A, "methods": "DELETE"},
            {"method": "PUT"},
            {"methods": ("DELETE", "PUT")},
        ),
        (
            {"origins": A, "allow_headers": "X-A"},
            {"method": "POST", "body": JSON, "headers": (("x-b", "1"),)},
            {"allow_headers": ("X-A", "Content-Type", "x-b")},
        ),
        (
            {"origins": A, "allow_headers": "*"},
            {"headers": (("authorization", "t"),)},
            {"allow_headers": ("*", "Authorization")},
        ),
        (
            {"origins": A, "supports_credentials": True, "allow_headers": "*"},
            {"headers": (("X-A", "1"), ("Authorization", "t")), **WITH},
            {},
        ),
    ],
)
def test_the_change_is_what_is_missing_and_nothing_more(
    options: dict[str, Any], parts: dict[str, Any], changes: dict[str, Any]
) -> None:
    policy = Policy(**options)
    change = Trial(Page(A), page_request(**parts)).change(policy)
    assert change.options == changes
    assert change.policy == policy.replace(**changes)
    assert change.problems == ()


@pytest.mark.parametrize(
    ("options", "origin", "parts", "reason"),
    [
        ({"origins": B}, "null", {}, "origin-null"),
        ({"origins": "*"}, "null", WITH, "origin-null"),
        (
            {"origins": B, "supports_credentials": True},
            HTTP,
            {"url": PLAIN, **WITH},
            "origin-insecure",
        ),
        ({"origins": HTTP}, HTTP, {"url": PLAIN, **WITH}, "origin-insecure"),
        (
            {"origins": A, "expose_headers": "*"},
            A,
            WITH,
            "expose-wildcard-credentials",
        ),
        ({"origins": A}, A, {"method": "patch"}, "method-case"),
    ],
)
def test_what_cannot_be_built_says_why(
    options: dict[str, Any], origin: str, parts: dict[str, Any], reason: str
) -> None:
    policy = Policy(**options)
    change = Trial(Page(origin), page_request(**parts)).change(policy)
    assert change.policy is None
    assert reason in [problem.reason for problem in change.problems]
    built = {**policy.as_settings(), **change.options}
    assert reason in [code for _, code in reasons(**built)]


def test_methods_of_routes_need_not_be_listed() -> None:
    policy = Policy(origins=A)
    request = page_request(method="PUT")
    assert Trial(Page(A), request, derives_methods=True).change(policy).options == {}


def test_a_function_among_the_origins_sees_the_environ_it_needs() -> None:
    def needs_host(origin: str, environ: Mapping[str, Any]) -> bool:
        return bool(environ["HTTP_HOST"] == "api.example.com")

    def asking(sent: Sent) -> CORSRequest:
        return cors_request_of(sent)._replace(environ={"HTTP_HOST": sent.url.authority})

    policy = Policy(origins=needs_host)
    assert Trial(Page(A), page_request()).change(policy).options == {
        "origins": (needs_host, A)
    }
    assert (
        Trial(Page(A), page_request(), as_cors_request=asking).change(policy).options
        == {}
    )


@pytest.mark.parametrize(
    "parts",
    [{"method": "TRACE"}, {"url": "http://api.example.com/"}],
    ids=["nothing is sent", "mixed content"],
)
def test_no_change_is_offered_where_none_would_help(parts: dict[str, Any]) -> None:
    change = Trial(Page(A), page_request(**parts)).change(Policy(origins=A))
    assert (change.options, change.policy, change.problems) == ({}, None, ())


def server_under(policy: Policy, request: CORSRequest, **more: Any) -> ServerInfo:
    settings = raw_options(policy.as_settings())
    return ServerInfo(
        PolicyStatus.POLICY,
        policy,
        "the application",
        settings=settings,
        decision=decide(policy, request),
        **more,
    )


@pytest.mark.parametrize(
    ("options", "origin", "parts", "first"),
    [
        ({"origins": B}, "null", {}, "Serve the page from an origin of its own"),
        (
            {"origins": everybody, "supports_credentials": True},
            HTTP,
            {"url": PLAIN, **WITH},
            "Serve the page over https, or write accept_risks",
        ),
        (
            {"origins": [B], "supports_credentials": True},
            HTTP,
            {"url": PLAIN},
            "Leave the policy as it is: ",
        ),
    ],
)
def test_what_should_not_be_changed_comes_with_what_to_do_instead(
    options: dict[str, Any], origin: str, parts: dict[str, Any], first: str
) -> None:
    policy = Policy(**options)
    server = server_under(policy, CORSRequest("GET", origin))
    answer = Received(200, (VARY,))
    diagnosis = explain(answer, server, origin, **parts).diagnosis
    assert diagnosis is not None
    assert diagnosis.fixes[0].text.startswith(first)
    assert not any(fix.policy for fix in diagnosis.fixes)
    assert diagnosis.refused


def refuses_nobody_but_fails(origin: str, environ: Mapping[str, Any]) -> bool:
    raise LookupError


def test_a_function_that_fails_is_the_cause() -> None:
    policy = Policy(origins=refuses_nobody_but_fails)
    server = server_under(policy, CORSRequest("GET", A))
    diagnosis = explain(Received(200, (VARY,)), server).diagnosis
    assert diagnosis is not None
    assert "raised an exception" in diagnosis.found
    assert diagnosis.fixes[0].text.startswith("See the error in the log")
    assert diagnosis.fixes[1].text == (
        f'In CORS(app) write origins=[refuses_nobody_but_fails, "{A}"]. '
        "Or have the function there allow the origin."
    )


def test_a_policy_that_lacks_nothing_is_not_changed() -> None:
    def blind(sent: Sent) -> CORSRequest:
        return cors_request_of(sent)._replace(origin=None)

    change = Trial(Page(A), page_request(), as_cors_request=blind).change(
        Policy(origins=A)
    )
    assert (change.options, change.policy) == ({}, None)


def test_where_no_change_helps_the_step_says_what_does() -> None:
    server = server_under(Policy(origins=A), CORSRequest("GET", None))
    answer = Received(200, (("Access-Control-Allow-Origin", B),))
    explanation = explain(answer, server)
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause.value == "changed-in-front"


def test_settings_are_shown_as_one_writes_them() -> None:
    shown = assignment(
        {
            "origins": (A, everybody, re.compile("a"), lambda *_: True),
            "supports_credentials": True,
            "max_age": None,
            "resources": {"/*": {"methods": ("PUT",)}},
        }
    )
    assert shown == (
        f"origins=[\"{A}\", everybody, re.compile('a'), "
        "lambda origin, environ: ...], supports_credentials=True, "
        'max_age=None, resources={"/*": {"methods": ["PUT"]}}'
    )


def test_where_the_policy_lacks_nothing_the_step_says_what_helps() -> None:
    server = ServerInfo(PolicyStatus.POLICY, Policy(origins=A), "the application")
    diagnosis = explain(Received(200), server).diagnosis
    assert diagnosis is not None
    (fix,) = diagnosis.fixes
    assert (
        fix.text
        == "Have the server send Access-Control-Allow-Origin: https://app.example.com."
    )


@pytest.mark.parametrize(
    ("status", "cause"), [(405, "preflight-unhandled"), (418, "changed-in-front")]
)
def test_a_preflight_that_the_policy_would_answer_was_answered_in_front(
    status: int, cause: str
) -> None:
    server = server_under(Policy(origins=A), CORSRequest("OPTIONS", A, "PUT"))
    diagnosis = explain(Received(status), server, method="PUT").diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == cause
    assert "something in front of the policy has answered" in diagnosis.found
    assert diagnosis.fixes[0].text.startswith("Have the policy outermost")


def test_a_route_taken_out_of_every_policy_is_named() -> None:
    server = ServerInfo(PolicyStatus.EXEMPT, place="@cors_exempt on app.items")
    diagnosis = explain(Received(200), server).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "exempt"
    assert diagnosis.found.startswith("@cors_exempt on app.items excludes this route")


def test_a_response_that_enforce_would_have_refused_was_answered_in_front() -> None:
    server = server_under(Policy(origins=B, enforce=True), CORSRequest("GET", A))
    diagnosis = explain(Received(200), server).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "changed-in-front"
    assert "The policy sends" not in diagnosis.found
