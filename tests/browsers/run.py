"""Play cases in a real browser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from .cases import VISIT, Answer, Case, Fetch, Resource, Seen
from .page import Page
from .wire import RUNNER, Wire

# Chromium keeps up to 1024 answers to preflights, and then drops one at random.
REQUESTS_OF_ONE_BROWSER: Final = 900
BATCH: Final = 400
AT_ONCE: Final = 4
AT_ONCE_WAITING: Final = 60
"""How many cases run at the same time: more where they mostly wait."""


def play(
    page: Page, wire: Wire, cases: Sequence[Case]
) -> Iterator[tuple[Case, list[Seen]]]:
    """Play *cases*; yield each, filled in, with what became of its fetches."""
    for top in dict.fromkeys(case.top for case in cases):
        yield from _play(page, wire, [case for case in cases if case.top == top])


def _play(
    page: Page, wire: Wire, cases: Sequence[Case]
) -> Iterator[tuple[Case, list[Seen]]]:
    """Play *cases*, which are of one top page."""
    for start in range(0, len(cases), BATCH):
        added = wire.add(cases[start : start + BATCH])
        for case in filter(lambda case: case.visited, added):
            page.goto(f"{wire.origins[case.visited]}/{case.id}/{VISIT}")
        page.goto(wire.origins[cases[0].top] + RUNNER)
        tests = [
            {
                "id": case.id,
                "page": case.page,
                "frame": _frame(wire, case),
                "fetches": case.to_json()["fetches"],
            }
            for case in added
        ]
        waiting = any(fetch.wait for case in added for fetch in case.fetches)
        at_once = AT_ONCE_WAITING if waiting else AT_ONCE
        outcomes = page.evaluate(
            "(tests, atOnce) => playAll(tests, atOnce)", tests, at_once
        )
        for case in added:
            yield case, wire.seen(case, outcomes[case.id])


def _frame(wire: Wire, case: Case) -> str | None:
    """Return the URL of the frame of *case*, if it has one that has an origin."""
    origin = wire.origins.get(case.page)
    return None if origin is None else f"{origin}{RUNNER}#frame"


def shares(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """Yield *cases* in shares for one browser each; those that wait come last."""
    share: list[Case] = []
    requests = 0
    waiting = []
    for case in cases:
        if any(fetch.wait for fetch in case.fetches):
            waiting.append(case)
            continue
        requests += len(case.fetches) * len(case.resources)
        if requests > REQUESTS_OF_ONE_BROWSER:
            yield share
            share = []
            requests = len(case.fetches) * len(case.resources)
        share.append(case)
    yield from filter(None, (share, waiting))


def warm_up(page: Page, wire: Wire) -> None:
    """Let the browser come to its usual behaviour.

    A new Firefox sends its first preflights twice, though it has the answers; so does
    each new frame in it.
    """
    allowed = Answer(
        204,
        (
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Headers", "x-warm"),
            ("Access-Control-Max-Age", "600"),
        ),
    )
    answer = Answer(200, (("Access-Control-Allow-Origin", "*"),))
    resources = {"api/a": Resource((allowed,), (answer,))}
    fetches = (Fetch(headers=(("x-warm", "1"),)),) * 4
    cases = [
        Case(f"warm-{page}{number}", "warm-up", resources, fetches, page)
        for page in ("plain", "sandboxed", "data")
        for number in range(8)
    ]
    for _ in play(page, wire, cases):
        pass
