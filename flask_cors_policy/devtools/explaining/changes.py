"""The smallest change that lets a request through, of a policy or of another server.

It is found by building the changed policy and by playing the request against it: a
change is offered only if both work. If the policy cannot be built, its problems are
returned instead: they say why the policy should stay as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ...core.decision import URLMethods, decide
from ...core.errors import PolicyError, Problem
from ...core.fetch_standard import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    ORIGIN,
    REQUEST_HEADERS,
    SAFELISTED_METHODS,
    VARY,
)
from ...core.policy import Policy
from ...core.settings import raw_options
from ..browser.cache import PreflightCache
from ..browser.fetching import drive, fetch
from ..browser.outcome import Outcome
from ..browser.requests import HeaderPairs, Page, PageRequest, Received, Sent
from ..browser.rules import Rule
from .case import AsCORSRequest, Case, cors_request_of
from .items import as_applied, for_origin


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What would let a request through.

    :param options: option -> its new value; empty if no change of the policy helps.
    :param policy: the changed policy; ``None`` if it cannot be built.
    :param problems: why it cannot, as the checks of a policy say it.
    """

    options: dict[str, Any] = field(default_factory=dict)
    policy: Policy | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """A page's request that is played against policies, with nothing else wrong.

    :param derives_methods: whether the server lists the methods of its routes, and has
        one for the method of the request.
    :param as_cors_request: returns what a policy sees of a message.
    """

    page: Page
    request: PageRequest
    derives_methods: bool = False
    as_cors_request: AsCORSRequest = cors_request_of

    @classmethod
    def of(cls, case: Case) -> Trial:
        """Return the trial of the request of *case*."""
        derives = case.server.derives_methods
        return cls(case.page, case.request, derives, case.as_cors_request)

    def play(self, policy: Policy) -> Outcome:
        """Return what the page gets from a server under *policy*."""

        def answer(sent: Sent) -> Received:
            asked = self.as_cors_request(sent)
            # Routes serve methods in upper case.
            own = ((asked.requested_method or "").upper(),)
            url = URLMethods(own) if self.derives_methods else None
            decision = decide(policy, asked, url)
            return Received(decision.status or 200, decision.headers)

        return self._drive(answer)

    def change(self, policy: Policy) -> PolicyChange:
        """Return the smallest change to *policy* that lets the request through.

        :return: no options, and the policy itself, if it lets the request through as
            it is; no policy if it cannot be changed so that it does.
        """
        options: dict[str, Any] = {}
        while True:
            outcome = self.play(policy)
            if outcome.failure is None:
                return PolicyChange(options, policy)
            applied = as_applied(policy, self.page.origin)
            step = _next_change(outcome, applied, self.page, self.request)
            step = for_origin(policy, self.page.origin, step)
            options.update(step)
            before, settings = policy, raw_options({**policy.as_settings(), **step})
            try:
                policy, _warnings = Policy.from_settings(settings)
            except PolicyError as error:
                return PolicyChange(options, None, error.problems)
            if policy == before:  # The policy lacks nothing.
                return PolicyChange()

    def needed_headers(self) -> tuple[HeaderPairs, HeaderPairs]:
        """Return the headers with which any server lets the request through.

        :return: for the answer to the preflight, empty if none is sent, and for the
            response.
        """
        preflight: list[HeaderPairs] = []
        actual: HeaderPairs = ()

        def answer(sent: Sent) -> Received:
            nonlocal actual
            headers = self._answer_headers(sent)
            if sent.preflight:
                preflight.append(headers)
                return Received(204, headers)
            actual = headers
            return Received(200, headers)

        self._drive(answer)
        return (preflight[0] if preflight else ()), actual

    def _answer_headers(self, sent: Sent) -> HeaderPairs:
        headers = [(ALLOW_ORIGIN, self.page.origin)]
        if self.request.credentials == "include":
            headers.append((ALLOW_CREDENTIALS, "true"))
        if sent.preflight:
            if self.request.sent_method not in SAFELISTED_METHODS:
                headers.append((ALLOW_METHODS, self.request.sent_method))
            names = ", ".join(sent.values(REQUEST_HEADERS)).replace(",", ", ")
            if names:
                headers.append((ALLOW_HEADERS, names))
        return (*headers, (VARY, ORIGIN))

    def _drive(self, answer: Callable[[Sent], Received]) -> Outcome:
        cache = PreflightCache(self.page.engine)
        return drive(fetch(self.page, self.request, cache), answer)


def outer_place(case: Case) -> str | None:
    """Return the place of an outer policy that would let the request through."""
    for place, policy in case.server.outer:
        change = Trial.of(case).change(policy)
        if change.policy is not None and not change.options:
            return place
    return None


def helps(case: Case, policy: Policy, **page: Any) -> bool:
    """Say whether *policy* lets a changed request through.

    :param page: parameters of ``PageRequest`` -> their new values.
    """
    trial = Trial.of(replace(case, request=replace(case.request, **page)))
    return trial.play(policy).failure is None


def _next_change(
    outcome: Outcome, policy: Policy, page: Page, request: PageRequest
) -> dict[str, Any]:
    """Return the settings that the failed check asks for; none if no setting helps."""
    failure = outcome.failure
    assert failure is not None
    match failure.rule:
        case Rule.ALLOW_ORIGIN | Rule.ALLOW_ORIGIN_MATCHES:
            return _origin_change(outcome, policy, page)
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


def _origin_change(outcome: Outcome, policy: Policy, page: Page) -> dict[str, Any]:
    if policy.compiled.is_open:  # Then the page includes credentials.
        return {"origins": (page.origin,), "supports_credentials": True}
    exchange = outcome.exchanges[-1]
    received = exchange.received
    if policy.allows_origin(page.origin) and received is not None:
        if received.status == 403 and exchange.sent.credentials:
            return {"supports_credentials": True}  # The policy enforces it.
        return {}
    return {"origins": (*policy.origins, page.origin)}
