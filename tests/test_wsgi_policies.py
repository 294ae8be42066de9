"""How CORSMiddleware is given its policies, and what it refuses."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from flask_cors_policy import CORSMiddleware, Policy, PolicyError, PolicyWarning
from tests.helpers import EVIL, A, B, Server, Spy, call, environ, preflight_headers

OPEN = Policy(origins="*")


def granted(app: CORSMiddleware, path: str = "/") -> dict[str, list[str]]:
    """Return which origins *app* allows at *path*."""
    return {
        origin: call(app, "GET", path, {"Origin": origin}).values(
            "Access-Control-Allow-Origin"
        )
        for origin in (A, B, EVIL)
    }


@pytest.mark.parametrize(
    "app",
    [
        CORSMiddleware(Spy(), Policy(origins=A)),
        CORSMiddleware(Spy(), policy=Policy(origins=A)),
        CORSMiddleware(Spy(), origins=A),
        CORSMiddleware(Spy(), {"/*": Policy(origins=A)}),
        CORSMiddleware(Spy(), {"/*": {"origins": A}}),
        CORSMiddleware(Spy(), {"/*": {}}, origins=A),
        CORSMiddleware(Spy(), {"/*": {}, "/x": {}}, origins=(o for o in [A])),
    ],
    ids=["policy", "named", "options", "rules", "dicts", "inherited", "iterator"],
)
def test_one_policy_may_be_given_in_many_ways(app: CORSMiddleware) -> None:
    expected = {A: [A], B: [], EVIL: []}
    assert granted(app, "/") == granted(app, "/x") == expected


def test_policies_by_path_inherit_the_options_beside_them() -> None:
    app = CORSMiddleware(
        Spy(),
        {"/b/*": {"origins": B}, "/open": OPEN, "/*": {}},
        origins=A,
        supports_credentials=True,
    )
    assert granted(app, "/b/x") == {A: [], B: [B], EVIL: []}
    assert granted(app, "/open") == {A: ["*"], B: ["*"], EVIL: ["*"]}
    assert granted(app, "/x") == {A: [A], B: [], EVIL: []}
    response = call(app, "GET", "/b/x", {"Origin": B})
    assert response.values("Access-Control-Allow-Credentials") == ["true"]
    response = call(app, "GET", "/open", {"Origin": B})
    assert response.values("Access-Control-Allow-Credentials") == []


def test_mapping_is_copied() -> None:
    rules: dict[str, Any] = {"/a": {"origins": A}}
    app = CORSMiddleware(Spy(), rules)
    rules["/a"]["origins"] = "*"
    rules["/b"] = OPEN
    assert granted(app, "/a") == {A: [A], B: [], EVIL: []}
    assert granted(app, "/b") == {A: [], B: [], EVIL: []}


REFUSED: list[tuple[Any, dict[str, Any], list[tuple[str, str]]]] = [
    (None, {}, [("origins", "origins-required")]),
    (None, {"orgins": A}, [("orgins", "unknown-option")]),
    (A, {}, [("policy", "wrong-type")]),
    ([OPEN], {}, [("policy", "wrong-type")]),
    (Policy, {}, [("policy", "wrong-type")]),
    (OPEN, {"max_age": 5}, [("options", "conflicting-options")]),
    (OPEN, {"orgins": A}, [("options", "conflicting-options")]),
    (A, {"max_age": 5}, [
        ("options", "conflicting-options"), ("policy", "wrong-type"),
    ]),
    ({}, {}, [("policy", "paths-empty")]),
    ({}, {"origins": A}, [("policy", "paths-empty")]),
    ({"/a": OPEN}, {"max_age": 5}, [("options", "conflicting-options")]),
    ({"/a": OPEN}, {"orgins": A}, [("options", "conflicting-options")]),
    ({"/a": OPEN, "/b": {}}, {"orgins": A}, [("orgins", "unknown-option")]),
    ({"/a": {}, "/b": {}}, {}, [
        ("policy['/a']: origins", "origins-required"),
        ("policy['/b']: origins", "origins-required"),
    ]),
    ({"/a": None}, {}, [("policy['/a']", "wrong-type")]),
    ({"/a": "*"}, {}, [("policy['/a']", "unknown-policy")]),
    ({"a": OPEN}, {}, [("policy['a']", "path-syntax")]),
    ({"/a": {}, 7: {}}, {"origins": A}, [("policy[7]", "path-syntax")]),
    ({"/\ud800": OPEN}, {}, [("policy['/\\ud800']", "path-syntax")]),
    ({r"^/api/.*": {"origins": "b"}, "/c": {"origins": A, "max_age": -1}}, {}, [
        ("policy['^/api/.*']", "path-syntax"),
        ("policy['^/api/.*']['origins']", "origin-scheme-missing"),
        ("policy['/c']['max_age']", "out-of-range"),
    ]),
    ({"/a": {"origins": "*"}}, {"supports_credentials": True}, [
        ("policy['/a']['origins']", "origin-wildcard-credentials"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "options", "expected"), REFUSED)
def test_every_problem_is_reported_when_the_process_starts(
    policy: Any, options: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(PolicyError) as caught:
        CORSMiddleware(Spy(), policy, **options)
    assert [(p.setting, p.reason) for p in caught.value.problems] == expected
    assert all(problem.hint for problem in caught.value.problems)


def test_options_without_effect_are_named() -> None:
    with pytest.raises(PolicyError, match="options = 'max_age, enforce'"):
        CORSMiddleware(Spy(), OPEN, max_age=5, enforce=True)


@pytest.mark.parametrize("app", [None, "app", 7, {}])
def test_what_cannot_be_called_is_no_application(app: Any) -> None:
    with pytest.raises(TypeError, match="not a WSGI application"):
        CORSMiddleware(app, OPEN)


def test_a_warning_comes_once_at_the_line_that_built_the_middleware() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        CORSMiddleware(Spy(), {"/a": {}, "/b": {}}, origins=A, max_age=10**6)
    assert [(item.category, item.filename) for item in caught] == [
        (PolicyWarning, __file__)
    ]
    with pytest.warns(PolicyWarning, match="max-age-beyond-browsers"):
        CORSMiddleware(Spy(), origins=A, max_age=10**6)


def test_inner_application_stays_within_reach() -> None:
    spy = Spy()
    assert CORSMiddleware(spy, OPEN).app is spy


AMBIGUOUS = ["//admin", "/./admin", "/x/../admin", "/admin/..", "admin"]


@pytest.mark.parametrize("path", AMBIGUOUS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_no_spelling_of_a_path_gets_a_request_past_rules_that_enforce(
    path: str, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    spy = Spy()
    app = CORSMiddleware(spy, {"/public": {}, "/admin": {"enforce": True}}, origins=A)
    sent = environ(method, "/", {"Origin": A}) | {"PATH_INFO": path}
    server = Server()

    assert b"".join(app(sent, server)) == b""

    assert spy.calls == []
    assert server.started[0][0] == "403 Forbidden"
    assert [r.__dict__["cors_reason"] for r in caplog.records] == ["path-ambiguous"]


@pytest.mark.parametrize("path", AMBIGUOUS)
@pytest.mark.parametrize(
    ("headers", "enforce"),
    [
        ({}, True),
        ({"Origin": "https://api.example.com"}, True),
        ({"Origin": EVIL, "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": EVIL}, False),
    ],
    ids=["no Origin", "its own origin", "same-origin by fetch metadata", "no enforce"],
)
def test_an_ambiguous_path_gets_no_cors_headers_otherwise(
    path: str, headers: dict[str, str], enforce: bool
) -> None:
    spy = Spy(headers=[("ETag", '"1"'), ("Access-Control-Allow-Origin", "*")])
    app = CORSMiddleware(spy, {"/admin": {"enforce": enforce}}, origins=A)
    sent = environ("POST", "/", headers) | {"PATH_INFO": path}
    server = Server()

    list(app(sent, server))

    assert spy.calls == [sent]
    assert server.started == [(spy.status, [("ETag", '"1"'), ("Vary", "Origin")])]


@pytest.mark.parametrize("path", AMBIGUOUS)
@pytest.mark.parametrize("enforce", [True, False])
def test_no_preflight_is_granted_at_an_ambiguous_path(path: str, enforce: bool) -> None:
    spy = Spy()
    app = CORSMiddleware(spy, {"/*": {}, "/admin": {"enforce": enforce}}, origins=A)
    sent = environ("OPTIONS", "/", preflight_headers(A)) | {"PATH_INFO": path}
    server = Server()

    list(app(sent, server))

    assert spy.calls == []
    status, sent_headers = server.started[0]
    assert status == "403 Forbidden"
    assert not any(name.startswith("Access-Control-") for name, _ in sent_headers)


def test_without_path_rules_no_path_is_ambiguous() -> None:
    app = CORSMiddleware(Spy(), origins=A)
    for path in AMBIGUOUS:
        sent = environ("GET", "/", {"Origin": A}) | {"PATH_INFO": path}
        server = Server()
        list(app(sent, server))
        assert ("Access-Control-Allow-Origin", A) in server.started[0][1]


@pytest.mark.parametrize("name", ["resources", "paths", "routes"])
def test_paths_as_an_option_are_answered_with_where_they_go(name: str) -> None:
    with pytest.raises(PolicyError) as caught:
        CORSMiddleware(Spy(), origins=A, **{name: ["/api/*"]})  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    assert problem.reason == "unknown-option"
    assert 'CORSMiddleware(app, {"/api/*": {...}})' in problem.hint
