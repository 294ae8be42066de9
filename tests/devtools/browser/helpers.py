"""A server that answers what it is told, and pages that ask it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_cors_policy.devtools.browser import (
    STANDARD,
    Engine,
    Outcome,
    Page,
    PageRequest,
    PreflightCache,
    Received,
    Sent,
    drive,
    fetch,
)

A = "https://a.example"
API = "https://api.example"
OTHER = "https://other.example"

Headers = dict[str, str]
Answer = Received | None
OPEN: Headers = {"Access-Control-Allow-Origin": "*"}


def answer(
    status: int = 200,
    headers: Headers | Sequence[tuple[str, str]] = (),
    body: bytes = b"",
) -> Received:
    """Return a response; headers given as a dict or as pairs."""
    pairs = headers.items() if isinstance(headers, dict) else headers
    return Received(status, tuple(pairs), body)


def granted(methods: str = "", headers: str = "", **more: str) -> Received:
    """Return a good answer to a preflight of ``A``; *more* as ``max_age="60"``."""
    pairs = {"Access-Control-Allow-Origin": A}
    if methods:
        pairs["Access-Control-Allow-Methods"] = methods
    if headers:
        pairs["Access-Control-Allow-Headers"] = headers
    for name, value in more.items():
        pairs[f"Access-Control-{name.replace('_', '-').title()}"] = value
    return answer(204, pairs)


GOOD = answer(200, {"Access-Control-Allow-Origin": A})
CREDENTIALED = answer(
    200,
    {"Access-Control-Allow-Origin": A, "Access-Control-Allow-Credentials": "true"},
)


@dataclass
class Script:
    """Answers in turn; notes what was sent, and fails on one request too many."""

    answers: list[Answer]
    sent: list[Sent] = field(default_factory=list)

    def __call__(self, sent: Sent) -> Answer:
        self.sent.append(sent)
        return self.answers.pop(0)

    @property
    def lines(self) -> list[str]:
        """Method and URL of each request."""
        return [f"{sent.method} {sent.url}" for sent in self.sent]


def play(
    answers: Iterable[Answer],
    url: str = API + "/",
    method: str = "GET",
    headers: Headers | None = None,
    *,
    origin: str = A,
    engine: Engine = STANDARD,
    cache: PreflightCache | None = None,
    cache_mode: str = "default",
    **request: Any,
) -> tuple[Outcome, Script]:
    """Have a page ask, and a script answer; every answer must have been asked for."""
    script = Script(list(answers))
    pairs = tuple((headers or {}).items())
    asked = PageRequest(url, method, pairs, cache=cache_mode, **request)
    steps = fetch(Page(origin, engine), asked, cache or PreflightCache(engine))
    outcome = drive(steps, script)
    assert script.answers == [], "the browser sent less than expected"
    return outcome, script


def reason(outcome: Outcome) -> str | None:
    """Return the code of the rule that failed, ``None`` where none did."""
    return None if outcome.failure is None else outcome.failure.rule.code.value
