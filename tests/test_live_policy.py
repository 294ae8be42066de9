"""``middleware.policy = ...`` while requests are served: all at once, or not at all."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

from flask_cors_policy import CORSMiddleware, Policy, PolicyError, PolicyWarning
from tests.helpers import EVIL, A, B, Spy, call, preflight_headers
from tests.threads import in_threads

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ACAO = "Access-Control-Allow-Origin"
CT = ("Content-Type", "text/plain")
FIRST = Policy(origins=A, supports_credentials=True)
SECOND = Policy(origins=B, expose_headers="X-B")

OF_FIRST = [
    CT,
    ("Vary", "Origin"),
    (ACAO, A),
    ("Access-Control-Allow-Credentials", "true"),
]
OF_SECOND = [
    CT,
    ("Vary", "Origin"),
    (ACAO, B),
    ("Access-Control-Expose-Headers", "X-B"),
]
MISS = [CT, ("Vary", "Origin")]


def headers(app: CORSMiddleware, origin: str, path: str = "/") -> list[tuple[str, str]]:
    """Return the headers of the response to a page of *origin*."""
    return call(app, "GET", path, {"Origin": origin}).headers


def test_new_policy_applies_to_the_next_request() -> None:
    app = CORSMiddleware(Spy(), FIRST)
    assert headers(app, A) == OF_FIRST

    app.policy = SECOND

    assert app.policy is SECOND
    assert headers(app, A) == MISS
    assert headers(app, B) == OF_SECOND
    asked = call(app, "OPTIONS", "/", preflight_headers(A))
    assert asked.status == "403 Forbidden"


def test_one_policy_may_give_way_to_path_rules_and_come_back() -> None:
    app = CORSMiddleware(Spy(), origins=A, supports_credentials=True)

    app.policy = {"/b/*": SECOND, "/a": {"origins": A}}

    assert app.policy == {"/b/*": SECOND, "/a": Policy(origins=A)}
    assert headers(app, B, "/b/x") == OF_SECOND
    assert headers(app, A, "/a") == [*MISS, (ACAO, A)]
    assert headers(app, A, "/") == [CT]
    app.policy = FIRST
    assert headers(app, A, "/b/x") == OF_FIRST


def test_policies_that_can_be_read_cannot_be_changed_in_place() -> None:
    app = CORSMiddleware(Spy(), {"/a": FIRST})
    with pytest.raises(TypeError):
        app.policy["/b"] = SECOND  # type: ignore[index]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (None, [("origins", "origins-required")]),
        ("*", [("policy", "wrong-type")]),
        ({}, [("policy", "paths-empty")]),
        ({"a": FIRST, "/b": {"origins": "b"}}, [
            ("policy['a']", "path-syntax"),
            ("policy['/b']['origins']", "origin-scheme-missing"),
        ]),
    ],
)  # fmt: skip
def test_what_is_no_policy_is_refused_and_the_old_one_stays(
    wrong: Any, expected: list[tuple[str, str]]
) -> None:
    app = CORSMiddleware(Spy(), FIRST)
    with pytest.raises(PolicyError) as caught:
        app.policy = wrong
    assert [(p.setting, p.reason) for p in caught.value.problems] == expected
    assert app.policy is FIRST
    assert headers(app, A) == OF_FIRST


def test_caution_warns_at_the_line_that_set_the_policy() -> None:
    app = CORSMiddleware(Spy(), FIRST)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        app.policy = {"/a": {"origins": A, "max_age": 10**6}}
    assert [(item.category, item.filename) for item in caught] == [
        (PolicyWarning, __file__)
    ]


@pytest.mark.parametrize("before", [FIRST, {"/*": FIRST}], ids=["policy", "rules"])
@pytest.mark.parametrize("after", [SECOND, {"/other": SECOND}], ids=["policy", "rules"])
def test_request_keeps_the_policy_it_began_with(before: Any, after: Any) -> None:
    def inner(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        app.policy = after
        start_response("200 OK", [CT, (ACAO, "*")])
        return [b""]

    app = CORSMiddleware(inner, before)
    assert headers(app, A) == OF_FIRST
    assert app.policy == after


def test_enforced_decision_and_headers_come_from_one_policy() -> None:
    admitted: list[str] = []

    def inner(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        app.policy = Policy(origins=B, enforce=True)
        admitted.append(environ["HTTP_ORIGIN"])
        start_response("200 OK", [CT])
        return [b""]

    app = CORSMiddleware(inner, FIRST.replace(enforce=True))
    assert headers(app, A) == OF_FIRST
    assert call(app, "GET", "/", {"Origin": A}).status == "403 Forbidden"
    assert admitted == [A]


def test_no_response_mixes_two_policies_while_threads_swap_them() -> None:
    app = CORSMiddleware(Spy(), FIRST)
    seen: set[tuple[str, ...]] = set()

    def work(_: int) -> None:
        for turn in range(60):
            app.policy = (FIRST, SECOND, {"/x": SECOND, "/*": FIRST})[turn % 3]
            for origin, own in ((A, OF_FIRST), (B, OF_SECOND)):
                found = headers(app, origin)
                assert found in (own, MISS)
                seen.add((origin, *map(str, found)))
            assert headers(app, EVIL) == MISS

    in_threads(4, work)

    assert len(seen) == 4
