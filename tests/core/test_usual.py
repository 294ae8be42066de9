"""What is prepared is what ``decide`` says, for every policy and request."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.core import headers as core_headers
from flask_cors_policy.core.decision import decide
from flask_cors_policy.core.headers import apply
from flask_cors_policy.core.request import CORSRequest
from flask_cors_policy.core.usual import Usual
from flask_cors_policy.serving import cors_request
from tests.core.test_properties import policies
from tests.helpers import EVIL, A, B, Server, Spy, environ

ORIGINS = st.sampled_from([None, A, B, EVIL, "null", "", f"{A}, {B}", "x" * 400])
OWN = st.lists(
    st.sampled_from(
        [
            ("Content-Type", "text/plain"),
            ("X-A", "1"),
            ("vary", "Accept"),
            ("Vary", "Cookie"),
            ("ACCESS-CONTROL-ALLOW-ORIGIN", "*"),
            ("Timing-Allow-Origin", "*"),
        ]
    ),
    max_size=4,
)


@settings(max_examples=400)
@given(
    policy=policies(),
    requests=st.lists(st.tuples(ORIGINS, OWN), min_size=1, max_size=5),
    method=st.sampled_from(["GET", "POST", "DELETE", "OPTIONS"]),
)
def test_middleware_answers_as_decide_and_apply_say(
    policy: Policy, requests: Iterable[tuple[str | None, list[Any]]], method: str
) -> None:
    logging.getLogger("flask_cors_policy").addHandler(logging.NullHandler())
    spy = Spy()
    app = CORSMiddleware(spy, policy)
    for origin, own in requests:
        spy.headers = own
        sent = environ(method, "/", {} if origin is None else {"Origin": origin})
        server = Server()
        decision = decide(policy, cors_request(sent))

        app(sent, server)

        (started,) = server.started
        expected = apply(decision, own, policy.compiled.owned)[0]
        assert decision.status is not None or list(started[1]) == expected
        assert decision.status is None or started[0].startswith(str(decision.status))


def test_nothing_is_prepared_for_a_policy_that_repeats_the_origin_twice() -> None:
    assert Usual(Policy(origins=A)).listed == {A}
    assert Usual(Policy(origins=A, timing_allow_origin=True)).listed == frozenset()


@pytest.mark.parametrize(
    "options",
    [
        {"origins": "*"},
        {"origins": [A, lambda origin, environ: True]},
        {"origins": A, "enforce": True},
        {"origins": A, "timing_allow_origin": True},
    ],
    ids=["any origin", "a function", "enforced", "with timings"],
)
def test_a_refusal_is_only_prepared_where_written_origins_decide_alone(
    options: Any,
) -> None:
    assert not Usual(Policy(**options)).denied_alike
    assert Usual(Policy(origins=[A, "https://*.a.example"])).denied_alike


@pytest.fixture
def plain_names(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names known to be plain, none but one at first."""
    names = {"Content-Type"}
    monkeypatch.setattr(core_headers, "PLAIN_NAMES", names)
    return names


def test_names_that_need_a_look_never_count_as_plain(plain_names: set[str]) -> None:
    apply(
        decide(Policy(origins=A), CORSRequest("GET")),
        [("vArY", ""), ("access-Control-Max-Age", ""), ("X-A", ""), ("x-a", "")],
        frozenset(),
    )

    assert plain_names == {"Content-Type", "X-A", "x-a"}


def test_an_application_with_endless_header_names_fills_no_memory(
    plain_names: set[str],
) -> None:
    many = [(f"X-{number}", "") for number in range(10_000)]
    decision = decide(Policy(origins=A), CORSRequest("GET"))
    headers, _ = apply(decision, many, frozenset())

    assert headers == [*many, ("Vary", "Origin")]

    assert len(plain_names) == core_headers.MAX_PLAIN_NAMES
