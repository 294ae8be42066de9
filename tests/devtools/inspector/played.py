"""What the tests of this folder share: requests played to given answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_cors_policy.devtools.browser import (
    Page,
    PageRequest,
    PreflightCache,
    Received,
    drive,
    fetch,
)
from flask_cors_policy.devtools.inspector.sequence import Sequence, sequence
from tests.helpers import A

API = "http://127.0.0.1:5000"
ALLOWED = {"Access-Control-Allow-Origin": A}


def answer(status: int, headers: Mapping[str, str] = ALLOWED) -> Received:
    """Return a response with *headers*."""
    return Received(status, tuple(headers.items()))


def played(
    request: PageRequest,
    *answers: Received | None,
    origin: str = A,
    cache: PreflightCache | None = None,
) -> Sequence:
    """Return what happens when the server gives these *answers*, one after another."""
    page, coming = Page(origin), iter(answers)
    cache = PreflightCache() if cache is None else cache
    outcome = drive(fetch(page, request, cache), lambda _: next(coming))
    assert next(coming, "all used") == "all used"
    return sequence(page, request, outcome)


def get(path: str = "/items", **options: Any) -> PageRequest:
    """Return a request that a page makes to ``API``."""
    return PageRequest(API + path, **options)


def titles(drawn: Sequence) -> list[str]:
    """Return the title of each entry."""
    return [entry.title for entry in drawn.entries]
