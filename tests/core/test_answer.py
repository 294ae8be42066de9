"""How a decision gets onto a response."""

from __future__ import annotations

import pytest

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.core.answer import merge, merge_vary
from flask_cors_policy.core.decision import decide
from tests.helpers import EVIL, A, HeaderList, Spy, actual, call

LISTED = Policy(origins=A)
OPEN = Policy(origins="*")
TIMED = Policy(origins=A, timing_allow_origin=True)
ACAO = "Access-Control-Allow-Origin"
CT = ("Content-Type", "text/plain")


@pytest.mark.parametrize(
    ("values", "names", "merged"),
    [
        (["Accept-Encoding"], ["Origin"], "Accept-Encoding, Origin"),
        (["Origin"], ["Origin"], "Origin"),
        (["origin"], ["Origin"], "origin"),
        (["Accept , ORIGIN"], ["Origin"], "Accept, ORIGIN"),
        (["A,B", "C"], ["Origin"], "A, B, C, Origin"),
        (["A", "a, B"], [], "A, B"),
        (["*"], ["Origin"], "*"),
        (["Accept, *"], ["Origin"], "*"),
        (["*", "Accept"], [], "*"),
        ([""], ["Origin"], "Origin"),
        ([" ,,\t, "], ["Origin"], "Origin"),
        (["\tA\t,\tB"], [], "A, B"),
        ([""], [], ""),
        (["X-Origin"], ["Origin"], "X-Origin, Origin"),
        (["Cookie"], ["Origin", "Cookie"], "Cookie, Origin"),
    ],
)
def test_vary_is_merged_and_never_doubled(
    values: list[str], names: list[str], merged: str
) -> None:
    assert merge_vary([*values, *names]) == merged


@pytest.mark.parametrize(
    ("policy", "origin", "headers", "expected", "removed"),
    [
        (LISTED, A, [CT], [CT, ("Vary", "Origin"), (ACAO, A)], []),
        (LISTED, EVIL, [CT], [CT, ("Vary", "Origin")], []),
        (LISTED, None, [], [("Vary", "Origin")], []),
        (OPEN, None, [CT], [CT, (ACAO, "*")], []),
        (
            OPEN,
            A,
            [("vary", "A"), ("Vary", "B")],
            [("vary", "A"), ("Vary", "B"), (ACAO, "*")],
            [],
        ),
        (
            LISTED,
            A,
            [("Vary", "A"), CT, ("vary", "B")],
            [("Vary", "A, B, Origin"), CT, (ACAO, A)],
            [],
        ),
        (LISTED, EVIL, [("Vary", "*")], [("Vary", "*")], []),
        (
            LISTED,
            EVIL,
            [(ACAO, "*"), CT, ("access-control-allow-CREDENTIALS", "true")],
            [CT, ("Vary", "Origin")],
            [ACAO, "access-control-allow-CREDENTIALS"],
        ),
        (
            LISTED,
            A,
            [(ACAO, EVIL), (ACAO, "*")],
            [("Vary", "Origin"), (ACAO, A)],
            [ACAO, ACAO],
        ),
        (
            LISTED,
            EVIL,
            [("Timing-Allow-Origin", "*")],
            [("Timing-Allow-Origin", "*"), ("Vary", "Origin")],
            [],
        ),
        (
            TIMED,
            EVIL,
            [("Timing-Allow-Origin", "*")],
            [("Vary", "Origin")],
            ["Timing-Allow-Origin"],
        ),
        (
            LISTED,
            EVIL,
            [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")],
            [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Vary", "Origin")],
            [],
        ),
    ],
)
def test_response_headers_are_exactly(
    policy: Policy,
    origin: str | None,
    headers: HeaderList,
    expected: HeaderList,
    removed: list[str],
) -> None:
    before = list(headers)
    decision = decide(policy, actual(origin))
    result = merge(headers, decision.headers, policy.compiled.owned)
    assert result == (expected, removed)
    assert headers == before
    assert result[0] is not headers


@pytest.mark.parametrize(
    "name",
    [
        "Access-Control-Allow-Origin",
        "Access-Control-Allow-Credentials",
        "Access-Control-Allow-Methods",
        "Access-Control-Allow-Headers",
        "Access-Control-Max-Age",
        "Access-Control-Expose-Headers",
    ],
)
def test_each_header_of_the_protocol_belongs_to_the_policy(name: str) -> None:
    decision = decide(LISTED, actual(None))
    for spelled in (name, name.lower(), name.upper()):
        sent, owned = [(spelled, "x")], LISTED.compiled.owned
        kept, removed = merge(sent, decision.headers, owned)
        assert kept == [("Vary", "Origin")]
        assert removed == [spelled]


def test_every_response_gets_a_list_of_its_own() -> None:
    decision = decide(LISTED, actual(A))
    first, _ = merge([], decision.headers, LISTED.compiled.owned)
    first.append(("X-Leak", "1"))
    second, _ = merge([], decision.headers, LISTED.compiled.owned)
    assert second == [("Vary", "Origin"), (ACAO, A)]


def test_an_answer_that_is_too_long_to_be_kept_is_given_all_the_same() -> None:
    names = [f"X-Header-{number}" for number in range(200)]
    app = CORSMiddleware(
        Spy(), origins=A, methods="PUT", allow_headers=names, expose_headers=names
    )
    asked = {"Origin": A, "Access-Control-Request-Method": "PUT"}
    for _ in range(2):
        response = call(app, "OPTIONS", "/", asked)
        assert response.values("Access-Control-Allow-Headers") == [", ".join(names)]
        response = call(app, "GET", "/", {"Origin": A})
        assert response.values("Access-Control-Expose-Headers") == [", ".join(names)]
