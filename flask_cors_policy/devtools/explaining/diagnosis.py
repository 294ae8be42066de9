"""What a diagnosis is: the true cause, and what to change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Problem
from ...core.policy import Policy
from ..browser.outcome import Exchange, Outcome
from ..browser.requests import Page, PageRequest
from ..browser.rules import Step
from .causes import Cause
from .mending import Asking, Mending, mend, plain_facts
from .sighting import Sighting


@dataclass(frozen=True, slots=True)
class Fix:
    """One way out; of several, the first is the one to take.

    :param text: what to do, for people.
    :param at: the place of the policy to change; empty where it is not the policy.
    :param policy: option -> the value it has to get there. The policy with these was
        built, and the browser model reads its response.
    :param page: parameter of ``PageRequest`` -> what the page has to write instead.
    """

    text: str
    at: str = ""
    policy: Mapping[str, Any] = field(default_factory=dict)
    page: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a page does not get what it asked for.

    :param cause: the true cause.
    :param found: what was found, in one or two sentences.
    :param fixes: what to do; never empty.
    :param refused: why the policy is not to be changed in the way that suggests
        itself, as the checks of a policy say it.
    """

    cause: Cause
    found: str
    fixes: tuple[Fix, ...]
    refused: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be diagnosed.

    :param sightings: one for each exchange.
    :param asking: returns what a policy sees of a message.
    """

    page: Page
    request: PageRequest
    outcome: Outcome
    sightings: Sequence[Sighting] = ()
    asking: Asking = plain_facts

    @property
    def step(self) -> Step:
        """The step that failed; there is one."""
        assert self.outcome.failure is not None
        return self.outcome.failure

    @property
    def exchange(self) -> Exchange | None:
        """The exchange that failed, or else the last one."""
        exchanges = self.outcome.exchanges
        return exchanges[-1] if exchanges else None

    @property
    def sighting(self) -> Sighting:
        """What is known of the server in that exchange."""
        return self.sightings[-1] if self.sightings else Sighting()

    @property
    def status(self) -> int:
        """The status of its response; 0 where none came."""
        exchange = self.exchange
        received = None if exchange is None else exchange.received
        return 0 if received is None else received.status

    @property
    def first_url(self) -> str:
        """The URL the page asked for, as it was sent."""
        return str(self.outcome.exchanges[0].sent.url)

    def mended(self, policy: Policy) -> Mending:
        """Return what change to *policy* would let the request through."""
        return mend(
            policy,
            self.page,
            self.request,
            derives_methods=self.sighting.derives_methods,
            asking=self.asking,
        )

    def allowed_around(self) -> str | None:
        """Return the place of an outer policy that would let the request through."""
        for place, policy in self.sighting.around:
            mending = self.mended(policy)
            if mending.policy is not None and not mending.changes:
                return place
        return None


def assignment(options: Mapping[str, Any]) -> str:
    """Return *options* as one writes keyword arguments."""
    return ", ".join(f"{name}={literal(value)}" for name, value in options.items())


def literal(value: object) -> str:
    """Return the value of a setting as one writes it."""
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, Mapping):
        items = (f"{literal(key)}: {literal(item)}" for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, Iterable):
        return f"[{', '.join(map(literal, value))}]"
    name = getattr(value, "__name__", None)  # A function among the origins.
    if name == "<lambda>":
        return "lambda origin, environ: ..."
    return name if isinstance(name, str) else repr(value)
