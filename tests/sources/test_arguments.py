"""CachedOrigins in a policy, and what it may be made of."""

from __future__ import annotations

import re
from typing import Any

import pytest

from flask_cors_policy import CORSMiddleware, Policy
from flask_cors_policy.sources import CachedOrigins
from tests.helpers import Spy, call

from .helpers import EVIL, A, B, Clock, Store, ask, cached, tenant_of

# In a policy


def test_it_is_a_function_for_origins(caplog: pytest.LogCaptureFixture) -> None:
    store, clock = Store(A), Clock()
    cache = cached(store, clock)
    policy = Policy(origins=cache, enforce=True)
    app = CORSMiddleware(Spy(), policy)

    assert call(app, headers={"Origin": A}).status == "200 OK"
    assert call(app, headers={"Origin": EVIL}).status == "403 Forbidden"
    store.failure = OSError("down")
    assert call(app, headers={"Origin": B}).status == "403 Forbidden"
    assert call(app, headers={"Origin": "https://no.example/"}).status[:3] == "403"

    assert store.asked == [A, EVIL, B]
    failing, refused = caplog.records[-3:-1]
    assert "OSError: down" in failing.getMessage()
    assert refused.__dict__["cors_reason"] == "origin-lookup-failed"
    assert [failing.exc_info, refused.exc_info] == [None, None]
    assert policy == Policy(**policy.as_settings())
    assert repr(policy).startswith("Policy(origins=(<CachedOrigins of")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lookup": None}, "lookup must be a function that can be called as (origin)"),
        ({"lookup": lambda: True}, "can be called as (origin)"),
        ({"lookup": lambda origin, environ: True}, "give key="),
        ({"lookup": lambda origin, environ: True, "key": "tenant"}, "key must be"),
        ({"lookup": lambda origin, environ: True, "key": lambda environ: 1},
         "key must be a function that can be called as (origin, environ)"),
        ({"lookup": lambda origin: True, "key": tenant_of},
         "lookup must be a function that can be called as (origin, environ)"),
        ({"ttl": "60"}, "ttl is a number of seconds, not '60'"),
        ({"ttl": True}, "ttl is a number of seconds"),
        ({"ttl": None}, "ttl is a number of seconds"),
        ({"maxsize": 1.5}, "maxsize is a whole number"),
        ({"max_lookups": True}, "max_lookups is a whole number"),
    ],
)  # fmt: skip
def test_arguments_of_the_wrong_type_are_refused(
    arguments: dict[str, Any], message: str
) -> None:
    given = {"lookup": Store(), **arguments}
    with pytest.raises(TypeError, match=re.escape(message)):
        CachedOrigins(**given)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ttl": -1}, "ttl is 0 or more seconds, not -1"),
        ({"negative_ttl": float("nan")}, "negative_ttl is 0 or more seconds"),
        ({"stale_if_error": float("inf")}, "stale_if_error is 0 or more"),
        ({"retry_after": 0}, "retry_after is more than 0"),
        ({"known_good": "f", "stale_if_error": 0}, "known_good is of no use"),
        ({"timeout": 0}, "timeout is more than 0 seconds, not 0"),
        ({"maxsize": 0}, "maxsize is 1 or more, not 0"),
        ({"max_lookups": -3}, "max_lookups is 1 or more"),
    ],
)
def test_arguments_out_of_range_are_refused(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        CachedOrigins(Store(), **arguments)


def test_coroutine_functions_are_refused() -> None:
    async def lookup(origin: str) -> bool:
        return True

    with pytest.raises(TypeError, match="coroutine"):
        CachedOrigins(lookup)


def test_function_without_a_signature_is_taken_at_its_word() -> None:
    assert ask(cached(frozenset({A}).__contains__)) is True
    without: Any = getattr
    cache = CachedOrigins(without, key=tenant_of, timeout=None)
    assert str(ask(cache, A, tenant="one")).startswith("TypeError")


def test_environ_is_optional_for_a_look_up_that_can_do_without() -> None:
    def lookup(origin: str, environ: object = None) -> bool:
        assert environ is None
        return True

    assert ask(cached(lookup)) is True
