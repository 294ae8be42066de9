"""The benchmarks run, on tiny sizes, and compare what does the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import budgets, flask_apps, page, results, wsgi_apps
from benchmarks.__main__ import same_headers
from benchmarks.measuring import Effort, compare
from benchmarks.requests import ALLOWED, ROWS, headers_of
from docs.ext import plots


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run of almost no effort has kept; in a process of its own for Django."""
    folder = tmp_path_factory.mktemp("performance")
    command = "-m benchmarks --scale 0.001 --largest 10 --into".split()
    subprocess.run(
        [sys.executable, *command, str(folder)],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parents[1],
        timeout=300,
    )
    return folder


@pytest.fixture(scope="module")
def measured(folder: Path) -> dict[str, Any]:
    """The figures of that run."""
    found: dict[str, Any] = json.loads((folder / "results.json").read_text("utf-8"))
    return found


def test_every_table_and_curve_is_filled(measured: dict[str, Any]) -> None:
    tables = [*measured["wsgi"].values()]
    tables += [measured[name] for name in ("flask", "django", "asgi")]
    for table in tables:
        assert list(table) == list(ROWS)
        for times in table.values():
            assert all(cell["total"] > 0 for cell in times.values())
    assert len(measured["curves"]) == 10
    assert all(len(points) > 1 for points in measured["curves"].values())


def test_the_plots_of_the_page_can_be_drawn(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "RESULTS", folder / "results.json")
    assert all(draw().startswith("<svg ") for _, draw in plots.PLOTS.values())


def test_the_middleware_imports_neither_flask_nor_the_public_suffix_list(
    measured: dict[str, Any],
) -> None:
    assert measured["weight"]["imported in vain"] == []


def test_memory_for_an_origin_is_that_of_a_set(measured: dict[str, Any]) -> None:
    weights = measured["weight"]["bytes per origin"]
    assert 0 < weights["frozenset"] < weights["policy"]


def test_every_budget_is_measured(folder: Path) -> None:
    saved = json.loads((folder / "budgets.json").read_text("utf-8"))["budgets"]
    titles = [each["title"] for each in saved]
    assert titles[: len(budgets.BUDGETS)] == [each.title for each in budgets.BUDGETS]
    assert len(titles) == len(budgets.BUDGETS) + 2
    assert all(each["times"][0] <= each["time"] <= each["times"][1] for each in saved)
    rows = [*budgets.lines(saved)][2:]
    assert [row.split(" | ")[0] for row in rows] == [f"| {title}" for title in titles]


def test_the_page_shows_what_is_kept() -> None:
    """If it does not: python -m benchmarks.page."""
    text = page.PAGE.read_text("utf-8")
    assert page.filled(text) == text
    assert text.count("<!-- measured: ") == text.count("<!-- end -->")
    assert all(f"<!-- measured: {name} -->" in text for name in page.blocks())


def test_only_the_tables_of_the_page_are_replaced() -> None:
    begin, end = "# A\n\n<!-- measured: round trips -->\n", "<!-- end -->\n\nB\n"
    filled = page.filled(f"{begin}| old |\n{end}")
    assert filled.startswith(f"{begin}|  | preflights |\n")
    assert filled.endswith(end)
    assert "old" not in filled


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0012, "0"),
        (0.456, "0.46"),
        (-1.234, "-1.23"),
        (42.35, "42.4"),
        (1234.5, "1,234"),
    ],
)
def test_three_digits_of_a_figure_are_shown(value: float, shown: str) -> None:
    assert page.figure(value) == shown


@pytest.mark.parametrize(
    ("at_most", "ratio", "holds"),
    [(1.1, 1.1, True), (1.1, 1.2, False), (-6, 6, True), (-6, 5.9, False)],
)
def test_a_budget_says_what_exceeds_it(
    at_most: float, ratio: float, holds: bool
) -> None:
    assert budgets.BUDGETS[0]._replace(at_most=at_most).holds(ratio) is holds


def test_what_is_added_is_beyond_the_bare_application() -> None:
    budget = budgets.BUDGETS[0]
    costs = dict.fromkeys(flask_apps.builders(), 40.0) | {"app-wide": 42.0}
    by_case = {case: costs.get(case.name, 0.0) for case in budgets.CASES}
    assert budget.ratio(by_case) == pytest.approx(0.05)


@pytest.mark.parametrize("headers", [2, 8])
def test_the_floor_does_what_the_middleware_does(headers: int) -> None:
    same = same_headers(wsgi_apps.contestants(headers), wsgi_apps.OURS)
    assert all("floor" in names for names in same.values())
    assert "wsgicors" in same["allowed"]


def test_each_place_in_flask_answers_alike() -> None:
    apps = flask_apps.contestants()
    for row in ("allowed", "preflight"):
        answers = {
            name: headers_of(app, ROWS[row])
            for name, app in apps.items()
            if name in results.FLASK_RATIOS
        }
        assert len(set(map(tuple, answers.values()))) == 1, row
        assert ("access-control-allow-origin", ALLOWED[0]) in answers["app-wide"]
    for name, peer in results.FLASK_RATIOS.items():
        for row in ("allowed", "denied"):
            theirs = dict(headers_of(apps[peer], ROWS[row]))
            ours = dict(headers_of(apps[name], ROWS[row]))
            acao = "access-control-allow-origin"
            assert theirs.get(acao) == ours.get(acao)


def test_what_is_compared_is_the_difference_within_a_round() -> None:
    app = wsgi_apps.bare(2)
    times = compare({"bare": app, "same": app}, ROWS["denied"], Effort(3, 2))
    assert times["bare"].added == 0
    assert times["same"].total > 0


@pytest.mark.parametrize(
    ("name", "other", "said"),
    [
        ("ours", "bare", "adds 5.0 % to bare"),
        ("ours", "peer", "adds 0.50 x what peer adds"),
        ("quick", "peer", "takes 0.25 x the time of peer"),
    ],
)
def test_ratios_are_said_in_words(name: str, other: str, said: str) -> None:
    times = {
        "bare": {"total": 20.0, "added": 0.0},
        "ours": {"total": 21.0, "added": 1.0},
        "peer": {"total": 22.0, "added": 2.0},
        "quick": {"total": 5.5, "added": -14.5},
    }
    assert results.ratio(times, name, other) == said
