"""The benchmarks run, on tiny sizes, and compare what does the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import flask_apps, others, results, wsgi_apps
from benchmarks.__main__ import run, same_headers
from benchmarks.measuring import Effort, compare
from benchmarks.requests import ALLOWED, ROWS, headers_of


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    """The results of a run of almost no effort."""
    return run(scale=0.001, largest=10)


def test_every_table_and_curve_is_filled(measured: dict[str, Any]) -> None:
    tables = [*measured["wsgi"].values()]
    tables += [measured[name] for name in ("flask", "django", "asgi")]
    for table in tables:
        assert list(table) == list(ROWS)
        for times in table.values():
            assert all(cell["total"] > 0 for cell in times.values())
    assert len(measured["curves"]) == 10
    assert all(len(points) > 1 for points in measured["curves"].values())


def test_results_are_kept_as_data_and_drawn(
    measured: dict[str, Any], tmp_path: Path
) -> None:
    results.save(measured, tmp_path / "results.json")
    results.plot(measured, tmp_path / "curves.svg")
    assert '"flask-cors app-wide"' in (tmp_path / "results.json").read_text()
    assert "<svg" in (tmp_path / "curves.svg").read_text()


def test_the_middleware_imports_neither_flask_nor_the_public_suffix_list(
    measured: dict[str, Any],
) -> None:
    assert measured["weight"]["imported in vain"] == []


def test_memory_for_an_origin_is_that_of_a_set(measured: dict[str, Any]) -> None:
    weights = results.machine() and measured["weight"]["bytes per origin"]
    assert weights["policy"] > 0
    assert weights["frozenset"] > 0


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


def test_django_has_the_peer_in_one_of_its_handlers_only() -> None:
    apps = others.django_contestants()
    assert headers_of(apps["bare"], ROWS["allowed"]) == []
    assert headers_of(apps["django-cors-headers"], ROWS["allowed"]) != []


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
