"""The model of a browser, case by case against the browsers themselves.

No disagreement is tolerated: where one turns up the browser is right, and either the
model is mended or the difference becomes a field of
``devtools.browser.engines.Engine``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest

from flask_cors_policy.devtools.browser import ENGINES as TABLE

from .cases import Case, Seen
from .compare import differences, predict
from .engines import ENGINES, chromium
from .generate import generate
from .page import Page
from .run import play, shares, warm_up
from .wire import Wire, serving

pytestmark = pytest.mark.browsers

BLOCKING = "chromium-no-third-party"
PLAYED: dict[str, Callable[[], AbstractContextManager[Page]]] = {
    **ENGINES,
    BLOCKING: partial(chromium, third_party_cookies=False),
}

FIND_NAMES = ("chromium", "firefox", BLOCKING)
"""The engines that can be told where names lead."""

SHOWN = 20
"""Disagreements that are printed in full."""


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """Servers on four origins."""
    with serving() as servers:
        yield servers


@pytest.mark.parametrize("name", PLAYED)
def test_model_says_of_every_case_what_the_engine_does(
    name: str,
    wire: Wire,
    pytestconfig: pytest.Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    count, seed = _option(pytestconfig, "cases"), _option(pytestconfig, "seed")
    generated = generate(count, seed)
    cases = [it for it in generated if name in FIND_NAMES or not it.needs_names]
    if name == BLOCKING:
        cases = [case for case in cases if case.family.startswith("cookie")]
    found: list[str] = []
    counts: Counter[str] = Counter()
    version = ""
    for share in shares(cases):
        with PLAYED[name]() as page:
            version = page.version
            warm_up(page, wire)
            for case, seen in play(page, wire, share):
                counts["cases"] += 1
                counts["requests of pages"] += len(seen)
                for fetch in seen:
                    counts["preflights"] += sum(it.is_preflight for it in fetch.sent)
                    counts["failures"] += not fetch.ok
                found += _disagreements(name, wire, case, seen)

    with capsys.disabled():
        numbers = ", ".join(f"{number:,} {what}" for what, number in counts.items())
        print(f"\n{name} {version}, seed {seed}: {numbers}; {len(found)} disagreements")
        if left := len(generated) - len(cases):
            what = "are not about cookies" if name == BLOCKING else "need names"
            print(f"{left:,} more cases were left out for {name}: they {what}")
    assert counts["cases"] == len(cases)
    assert len(generated) == count
    assert counts["preflights"] > 0
    assert found == [], "\n".join(found[:SHOWN])


def _disagreements(
    name: str, wire: Wire, case: Case, seen: list[Seen]
) -> Iterator[str]:
    """Yield what the model had wrong about one case; of each fetch, the first thing."""
    predicted = predict(case, wire.origins, TABLE[name])
    for number, fetch in enumerate(case.fetches):
        for difference in differences(case, fetch, predicted[number], seen[number]):
            yield f"{name}, {case.id}, fetch {number}: {difference}"
            return


def _option(config: pytest.Config, name: str) -> int:
    value = config.getoption(f"--browser-{name}")
    assert isinstance(value, int)
    return value
