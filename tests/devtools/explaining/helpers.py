"""What these tests share: a page, and servers that answer as they are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_cors_policy import Policy
from flask_cors_policy.core.settings import raw_options
from flask_cors_policy.devtools.browser import (
    Outcome,
    Page,
    PageRequest,
    PreflightCache,
    Received,
    Sent,
    drive,
    fetch,
)
from flask_cors_policy.devtools.explaining import (
    Case,
    Explanation,
    PolicyStatus,
    ServerInfo,
    SessionCookie,
    explained,
)

A = "https://app.example.com"
API = "https://api.example.com"
URL = f"{API}/items"

ALLOW = ("Access-Control-Allow-Origin", A)
VARY = ("Vary", "Origin")

Answer = Callable[[Sent], Received | None]


def page_request(url: str = URL, **parts: Any) -> PageRequest:
    return PageRequest(url, **parts)


def outcome(
    answer: Answer | Received, request: PageRequest, origin: str = A
) -> Outcome:
    """Return what a page gets from a server that answers so."""
    send = answer if callable(answer) else lambda _: answer
    return drive(fetch(Page(origin), request, PreflightCache()), send)


def explain(
    answer: Answer | Received,
    server: ServerInfo | None = None,
    origin: str = A,
    **parts: Any,
) -> Explanation:
    """Explain what a page gets for a request of *parts*.

    :param server: what is known of the server, in every exchange.
    """
    request = page_request(**parts)
    came = outcome(answer, request, origin)
    servers = () if server is None else (server,) * len(came.exchanges)
    return explained(Case(Page(origin), request, came, servers))


def known(*, cookie: SessionCookie | None = None, **options: Any) -> ServerInfo:
    policy = Policy(**options) if options else None
    ground = PolicyStatus.UNKNOWN if policy is None else PolicyStatus.POLICY
    settings = {} if policy is None else raw_options(policy.as_settings())
    return ServerInfo(
        ground, policy, "the application", settings=settings, session=cookie
    )


def codes(explanation: Explanation) -> list[str]:
    return [note.code.value for note in explanation.notes]
