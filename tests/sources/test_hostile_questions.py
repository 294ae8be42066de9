"""What a request has chosen stops no other request, and a look-up may say no."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fakeredis
import pytest

from flask_cors_policy.sources import (
    CachedOrigins,
    OriginLookupError,
    RedisOrigins,
    SQLAlchemyOrigins,
)

from .helpers import A, B, Clock


def tenant_of(environ: Any) -> str:
    found: str = environ["tenant"]
    return found


@pytest.fixture(params=["sql", "redis"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A source with two origins of the tenant "acme"."""
    made: Any
    if request.param == "sql":
        url = f"sqlite:///{tmp_path}/origins.db"
        made = SQLAlchemyOrigins(url, tenant=tenant_of, timeout=20)
        made.create_table()
    else:
        made = RedisOrigins(fakeredis.FakeRedis(), tenant=tenant_of, timeout=20)
    made.add(A, "acme")
    made.add(B, "acme")
    yield made
    made.close()


@pytest.mark.parametrize("tenant", ["\ud800", "a\udcff", "\x00", "x" * 300])
def test_a_tenant_that_no_store_can_hold_does_not_count_as_its_failure(
    source: Any, tenant: str
) -> None:
    """A server, or ``surrogateescape``, makes lone surrogates of bytes."""
    for _ in range(5):
        with pytest.raises(OriginLookupError):
            source(A, {"tenant": tenant})
    assert source.health().failing_since is None
    assert source(B, {"tenant": "acme"}) is True


def test_an_origin_is_denied_where_the_look_up_says_that_it_cannot_answer() -> None:
    """The store works, so there is no failure to survive with what it said before."""
    clock, answers = Clock(), [True]

    def lookup(_origin: str) -> bool:
        if not answers:
            raise OriginLookupError("this customer was suspended")
        return answers.pop()

    origins = CachedOrigins(lookup, ttl=60, stale_if_error=300, timer=clock)
    assert origins(A, {}) is True
    clock.pass_(61)
    with pytest.raises(OriginLookupError):
        origins(A, {})
