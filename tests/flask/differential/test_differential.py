"""Random applications get random requests, and an oracle says what is right.

Others than the fixed seeds: ``--fuzz-seed N --fuzz-applications N``, or
``python -m tests.flask.differential.explore``.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from tests.flask.differential import describe
from tests.flask.differential.describe import App, Case, Mark, Request, View, Visit
from tests.flask.differential.explore import explore, play
from tests.flask.differential.generate import random_case
from tests.flask.differential.play import Pair, Seen
from tests.flask.differential.words import A, B

# How many applications share one test.
PART = 25


def seeds_of(config: pytest.Config) -> range:
    """Return the seeds that the options of pytest ask for."""
    first = int(config.getoption("--fuzz-seed") or 0)
    return range(first, first + int(config.getoption("--fuzz-applications") or 0))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test have parts, each with its seeds."""
    if "seeds" in metafunc.fixturenames:
        every = seeds_of(metafunc.config)
        parts = [every[n : n + PART] for n in range(0, len(every), PART)]
        metafunc.parametrize("seeds", parts, ids=[f"from {p.start}" for p in parts])


def test_every_answer_is_that_of_the_policy_of_the_view_that_runs(
    seeds: range,
) -> None:
    kinds: Counter[str] = Counter()
    wrong = "".join(explore(seed, kinds) for seed in seeds)
    assert not wrong, wrong
    if len(seeds) == PART:  # A few applications need not have everything.
        assert kinds["views"] > PART
        for kind in ("granted", "denied", "passed", "refused", "alone", "ambiguous"):
            assert kinds[kind], kinds


def test_the_same_holds_in_a_process_in_which_nothing_is_marked(
    pytestconfig: pytest.Config,
) -> None:
    every = seeds_of(pytestconfig)
    first, end = str(every.start), str(every.start + len(every) // 3)
    module = "tests.flask.differential.explore"
    ended = subprocess.run(
        [sys.executable, "-m", module, first, end, "unmarked"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout + ended.stderr
    assert ended.stdout.startswith("0 of the applications failed")


def test_page_that_sends_what_a_kept_answer_must_not_open_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = (describe.Rule("/items"),)
    views = (
        View("open", items, ("PUT",), Mark({"origins": A, "max_age": 600})),
        View("strict", items, ("DELETE",), Mark({"origins": B})),
    )
    visit = Visit(A, "/items", (("PUT", ()), ("DELETE", ())))
    case = Case(App("app", {"origins": B}, views=views), visits=(visit,))
    assert list(play(case, Counter())) == []
    ask = Pair.ask

    def ask_carelessly(pair: Pair, request: Request, twin: bool = False) -> Seen:
        seen = ask(pair, request, twin)
        kept = {"access-control-max-age": "600"}
        kept["access-control-allow-methods"] = "PUT, DELETE"
        headers = [
            (name, kept.get(name.lower(), value)) for name, value in seen.headers
        ]
        return replace(seen, headers=headers)

    monkeypatch.setattr(Pair, "ask", ask_carelessly)
    ((_, complaint),) = play(case, Counter())
    assert "ran for DELETE" in complaint


def test_seed_makes_the_same_case_again_and_prints_it() -> None:
    for seed in range(20):
        case = random_case(seed)
        assert eval(describe.written(case), dict(vars(describe))) == case
        assert case == random_case(seed) != random_case(seed + 1)
