"""Which change to a policy lets a request through: found by building it and trying.

A change is offered only where the changed policy can be built, and where the browser
model, put before that policy, reads the response. Where it cannot be built, the reasons
are handed on instead: they say why the policy should stay as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...core.decision import URLMethods, decide
from ...core.errors import PolicyError, Problem
from ...core.fetch_standard import (
    ORIGIN,
    REQUEST_HEADERS,
    REQUEST_METHOD,
)
from ...core.policy import Policy
from ...core.request import CORSRequest
from ...core.settings import raw_options
from ..browser.cache import PreflightCache
from ..browser.fetching import drive, fetch
from ..browser.outcome import Outcome
from ..browser.requests import Page, PageRequest, Received, Sent
from ..browser.rules import Rule

Asking = Callable[[Sent], CORSRequest]
"""Returns what a policy sees of a message."""


@dataclass(frozen=True, slots=True)
class Mending:
    """What would let a request through.

    :param changes: option -> its new value; empty where no change of the policy does.
    :param policy: the policy with the changes; ``None`` where they cannot be made.
    :param problems: why they cannot, as the checks of a policy say it.
    """

    changes: dict[str, Any] = field(default_factory=dict)
    policy: Policy | None = None
    problems: tuple[Problem, ...] = ()


def plain_facts(sent: Sent) -> CORSRequest:
    """Return what a policy sees of *sent*, without an environ."""

    def one(name: str) -> str | None:
        values = sent.values(name)
        return ", ".join(values) if values else None

    return CORSRequest(
        sent.method,
        one(ORIGIN),
        one(REQUEST_METHOD),
        one(REQUEST_HEADERS),
        one("Sec-Fetch-Site"),
        sent.url.scheme,
        sent.url.authority,
    )


def play(
    policy: Policy,
    page: Page,
    request: PageRequest,
    *,
    derives_methods: bool = False,
    asking: Asking = plain_facts,
) -> Outcome:
    """Return what *page* gets from a server that has *policy* and nothing wrong.

    :param derives_methods: whether the server lists the methods of its routes, and has
        one for the method of the request.
    """

    def answer(sent: Sent) -> Received:
        asked = asking(sent)
        # Routes serve methods in upper case.
        own = ((asked.requested_method or "").upper(),)
        url = URLMethods(own) if derives_methods else None
        decision = decide(policy, asked, url)
        return Received(decision.status or 200, decision.headers)

    return drive(fetch(page, request, PreflightCache(page.engine)), answer)


def mend(
    policy: Policy,
    page: Page,
    request: PageRequest,
    *,
    derives_methods: bool = False,
    asking: Asking = plain_facts,
) -> Mending:
    """Return the smallest change to *policy* that lets *request* through.

    :return: no changes, and the policy itself, where it lets the request through as it
        is; no policy where it cannot be changed so that it does.
    """
    changes: dict[str, Any] = {}
    while True:
        outcome = play(
            policy, page, request, derives_methods=derives_methods, asking=asking
        )
        if outcome.failure is None:
            return Mending(changes, policy)
        change = _change(outcome, policy, page, request)
        changes.update(change)
        before, settings = policy, raw_options({**policy.as_settings(), **change})
        try:
            policy, _cautions = Policy.from_settings(settings)
        except PolicyError as error:
            return Mending(changes, None, error.problems)
        if policy == before:  # There is nothing that it lacks.
            return Mending()


def _change(
    outcome: Outcome, policy: Policy, page: Page, request: PageRequest
) -> dict[str, Any]:
    """Return the settings that the step which failed asks for; none if none would."""
    failure = outcome.failure
    assert failure is not None
    match failure.rule:
        case Rule.ALLOW_ORIGIN | Rule.ALLOW_ORIGIN_MATCHES:
            if policy.compiled.is_open:  # Credentials are included, then.
                return {"origins": (page.origin,), "supports_credentials": True}
            return {"origins": (*policy.origins, page.origin)}
        case Rule.ALLOW_CREDENTIALS:
            return {"supports_credentials": True}
        case Rule.METHOD:
            return {"methods": (*policy.methods, request.sent_method)}
        case Rule.AUTHORIZATION:
            return {"allow_headers": (*policy.allow_headers, "Authorization")}
        case Rule.HEADERS:
            known = {name.lower() for name in policy.allow_headers}
            spelled = {name.lower(): name for name, _ in request.headers}
            spelled.setdefault("content-type", "Content-Type")
            sent = outcome.exchanges[-1].sent
            asked = ",".join(sent.values(REQUEST_HEADERS)).split(",")
            missing = (spelled[name] for name in asked if name not in known)
            return {"allow_headers": (*policy.allow_headers, *missing)}
    return {}
