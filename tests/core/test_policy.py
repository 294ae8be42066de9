"""A policy as a value: frozen, compared, hashed, copied, changed, printed."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from flask_cors_policy import Policy, PolicyError
from flask_cors_policy.core.settings import OPTIONS
from tests.helpers import EVIL, A, B


def lookup(origin: str, environ: Mapping[str, Any]) -> bool:
    return origin == A or environ.get("tenant") == origin


POLICIES = [
    Policy(origins="*"),
    Policy(origins=A),
    Policy(origins=[A, "https://*.b.example", "http://localhost:*"]),
    Policy(origins=[lookup, A]),
    Policy(
        origins=[re.compile("x", re.I), "null"],
        accept_risks="regex-origin null-origin",
    ),
    Policy(
        origins=[A, B],
        methods=["PUT", "DELETE"],
        allow_headers=["Content-Type", "X-A"],
        expose_headers="X-B",
        supports_credentials=True,
        max_age=timedelta(minutes=10),
        preflight_status=200,
        timing_allow_origin=True,
        enforce=True,
        accept_risks=["insecure-origin"],
    ),
]


@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_policy_is_what_its_settings_say(policy: Policy) -> None:
    again = Policy(**policy.as_settings())
    assert again == policy
    assert hash(again) == hash(policy)
    assert again.as_settings() == policy.as_settings()
    assert tuple(policy.as_settings()) == OPTIONS


@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_copies_and_pickles_are_equal(policy: Policy) -> None:
    for twin in (
        copy.copy(policy),
        copy.deepcopy(policy),
        pickle.loads(pickle.dumps(policy)),
        policy.replace(),
    ):
        assert twin == policy
        assert twin.allows_origin(A) is policy.allows_origin(A)


def test_policies_of_different_settings_differ() -> None:
    assert len(set(POLICIES)) == len(POLICIES)
    changes: list[dict[str, Any]] = [
        {"origins": B},
        {"methods": "PUT"},
        {"allow_headers": "X-A"},
        {"expose_headers": "X-A"},
        {"supports_credentials": True},
        {"max_age": 0},
        {"preflight_status": 200},
        {"timing_allow_origin": True},
        {"enforce": True},
        {"accept_risks": "null-origin"},
    ]
    base = Policy(origins=A)
    assert {next(iter(change)) for change in changes} == set(OPTIONS)
    for change in changes:
        assert base.replace(**change) != base


@pytest.mark.parametrize("name", [*OPTIONS, "compiled"])
def test_no_attribute_can_be_set_or_deleted(name: str) -> None:
    policy = Policy(origins=A)
    with pytest.raises(AttributeError, match="a policy never changes"):
        setattr(policy, name, ())
    with pytest.raises(AttributeError, match="a policy never changes"):
        delattr(policy, name)


def test_what_is_passed_in_is_copied() -> None:
    origins, methods = [A], ["PUT"]
    policy = Policy(origins=origins, methods=methods)
    origins.append(EVIL)
    methods.append("DELETE")
    assert policy == Policy(origins=A, methods="PUT")
    assert not policy.allows_origin(EVIL)


@pytest.mark.parametrize("headers", [(), ("Authorization", "Content-Type"), ("*",)])
def test_settings_say_which_headers_are_allowed(headers: tuple[str, ...]) -> None:
    policy = Policy(origins=A, allow_headers=headers)
    assert policy.as_settings().get("allow_headers") == headers
    assert Policy(**policy.as_settings()) == policy
    assert (policy == Policy(origins=A)) is (len(headers) == 2)


def test_settings_handed_out_are_not_the_policy_itself() -> None:
    policy = Policy(origins=A)
    policy.as_settings()["origins"] = "*"
    assert policy.origins == (A,)


def test_replace_gives_a_new_policy_checked_as_a_whole() -> None:
    policy = Policy(origins="*", max_age=5)
    changed = policy.replace(origins=A, supports_credentials=True)
    assert changed == Policy(origins=A, supports_credentials=True, max_age=5)
    assert policy == Policy(origins="*", max_age=5)
    with pytest.raises(PolicyError, match="origin-wildcard-credentials"):
        policy.replace(supports_credentials=True)
    with pytest.raises(PolicyError, match='It is called "max_age" here'):
        policy.replace(maxage=5)  # type: ignore[call-arg]


def test_options_are_keywords_and_origins_are_required() -> None:
    with pytest.raises(TypeError):
        Policy(A)  # type: ignore[call-arg]
    with pytest.raises(PolicyError, match="origins-required"):
        Policy()
    kinds = {p.kind for p in inspect.signature(Policy).parameters.values()}
    assert kinds == {inspect.Parameter.VAR_KEYWORD}


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (Policy(origins=A), f"Policy(origins=('{A}',))"),
        (
            Policy(origins="*", max_age=0, accept_risks="null-origin"),
            "Policy(origins=('*',), max_age=0, accept_risks=('null-origin',))",
        ),
    ],
)
def test_repr_shows_what_is_not_a_default(policy: Policy, text: str) -> None:
    assert repr(policy) == text


def test_repr_of_many_origins_is_short() -> None:
    policy = Policy(origins=[f"https://shop{i}.example" for i in range(1000)])
    assert len(repr(policy)) < 200


@pytest.mark.parametrize(
    ("policy", "allowed", "denied"),
    [
        (Policy(origins="*"), [A, EVIL, "null"], []),
        (Policy(origins=A), [A], [B, "null", "", "*", f"{A}/", f"{A}, {A}", A + "\n"]),
        (Policy(origins="null", accept_risks="null-origin"), ["null"], [A, "NULL", ""]),
        (Policy(origins=lookup), [A], [B, "null", "x"]),
    ],
    ids=repr,
)
def test_allows_origin(policy: Policy, allowed: list[str], denied: list[str]) -> None:
    assert [origin for origin in allowed + denied if policy.allows_origin(origin)] == (
        allowed
    )


def test_allows_origin_hands_the_environ_to_the_function() -> None:
    policy = Policy(origins=lookup)
    assert policy.allows_origin(B, {"tenant": B})
    assert not policy.allows_origin(B, {"tenant": A})


@pytest.mark.parametrize("error", [ValueError, KeyError, RecursionError, StopIteration])
def test_allows_origin_never_raises(error: type[Exception]) -> None:
    def fail(origin: str, environ: Mapping[str, Any]) -> bool:
        raise error

    assert not Policy(origins=fail).allows_origin(A)


def test_interrupt_in_a_function_is_not_swallowed() -> None:
    def interrupted(origin: str, environ: Mapping[str, Any]) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Policy(origins=interrupted).allows_origin(A)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(A, True), ("null", True), ("", False), ("nonsense", False), (f"{A}, {B}", False)],
)
def test_a_policy_open_to_everyone_allows_what_is_an_origin(
    origin: str, allowed: bool
) -> None:
    assert Policy(origins="*").allows_origin(origin) is allowed
