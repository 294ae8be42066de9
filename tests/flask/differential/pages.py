"""What a browser sends for a page, and what it keeps of the answers to preflights.

https://fetch.spec.whatwg.org/#cors-preflight-cache, as far as this is about: a list of
methods and a list of header names for each URL, page and credentials mode.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.flask.differential.answers import (
    CREDENTIALS,
    HEADERS,
    MAX_AGE,
    METHODS,
    ORIGIN,
    expectations,
    one,
)
from tests.flask.differential.describe import Request, Visit
from tests.flask.differential.oracle import Policy, look
from tests.flask.differential.words import COOKIES

if TYPE_CHECKING:
    from tests.flask.differential.play import Pair, Seen

SAFELISTED = ("GET", "HEAD", "POST")
# With these, what is at a URL depends on who asks.
PERSONAL = {"cookie", "boom"}


@dataclass
class Allowed:
    """What answers allow; ``*`` stands for all."""

    methods: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def covers(self, method: str, names: tuple[str, ...], wildcard: bool) -> bool:
        """Whether a request may be sent."""
        every = {"*"} if wildcard else set()
        return (method in SAFELISTED or bool(self.methods & {method, *every})) and all(
            self.names & {name, *every} for name in names
        )


def visit_page(pair: Pair, visit: Visit) -> Iterator[str]:
    """Play a page, and yield what ran that must not."""
    kept = Allowed()
    wildcard = not visit.credentials
    for method, names in visit.steps:
        if method in SAFELISTED and not names:
            continue  # A form could send this as well.
        if not kept.covers(method, names, wildcard):
            headers = {"Origin": visit.origin, "Access-Control-Request-Method": method}
            if names:
                headers["Access-Control-Request-Headers"] = ",".join(names)
            request = Request("OPTIONS", visit.path, headers)
            right = expectations(pair, pair.ask(request, twin=True).journal)
            if right[0].kind == "alone":
                return  # The application answers preflights here.
            fresh = learn(kept, pair.ask(request), visit)
            if fresh is None or not fresh.covers(method, names, wildcard):
                continue
        headers = {"Origin": visit.origin, **dict.fromkeys(names, "1")}
        if visit.credentials:
            headers["Cookie"] = COOKIES[0]
        request = Request(method, visit.path, headers)
        seen, twin = pair.ask(request), pair.ask(request, twin=True)
        yield from run_in_vain(pair, visit, request, names, (seen, twin))


def learn(kept: Allowed, seen: Seen, visit: Visit) -> Allowed | None:
    """Return what an answer allows, if it allows anything; keep it if it may be."""
    headers = seen.cors()
    allowed = headers.get(ORIGIN, frozenset())
    trusted = headers.get(CREDENTIALS) == one("true") or not visit.credentials
    checked = allowed == {visit.origin} and trusted
    if not checked and (visit.credentials or allowed != {"*"}):
        return None
    if not 200 <= seen.status < 300:
        return None
    methods, names = headers.get(METHODS, ()), headers.get(HEADERS, ())
    if headers.get(MAX_AGE) != one("0"):
        kept.methods.update(methods)
        kept.names.update(names)
    return Allowed({*methods}, {*names})


def run_in_vain(
    pair: Pair,
    visit: Visit,
    request: Request,
    names: tuple[str, ...],
    answers: tuple[Seen, Seen],
) -> Iterator[str]:
    """Complain if the view that ran does not grant what the page sent."""
    seen, twin = answers
    if not seen.journal.views or not twin.journal.matches:
        return
    ran, last = seen.journal.views[-1], twin.journal.matches[-1]
    built = pair.twin_of(ran.app)
    if PERSONAL & {*built.flask.url_map.converters}:
        return
    method = ran.handler.upper() or request.method
    found = look(built, last.environ, method)
    verdict = None if found.rule is None else found.verdict(found.rule, method)
    credentials = visit.credentials
    if not isinstance(verdict, Policy) or not verdict.grants(
        visit.origin, request.method, names, credentials
    ):
        yield f"{ran} ran for {request.method}: {verdict}"
