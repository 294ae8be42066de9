"""What a policy may cost, beside what it costs: ratios, each of figures of one run.

``make bench`` prints them. Each figure is that of a process of its own, which serves
one contestant. The processes take turns, and the median of five is compared: how a
process lies in memory moves its time by some percent. Where valgrind is installed, the
instructions are counted, too: they are the same on a busy machine.
"""

from __future__ import annotations

import gc
import logging
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, Final, NamedTuple

from . import instructions, results
from .flask_apps import routes_with_policies
from .instructions import TABLES, Case
from .requests import ALLOWED, ROWS, environ, serve
from .wsgi_apps import OURS

PROCESSES: Final = 5
_BATCHES: Final = 12


Costs = Mapping[Case, float]
"""Of one request, in microseconds or in instructions."""


class Budget(NamedTuple):
    """A ratio, and what it may be.

    :param title: what is compared.
    :param limit: in words.
    :param over: what is above the line, and what is below it. Of a pair, what the first
        adds to the second.
    :param at_most: the largest ratio that is allowed; negative, the least.
    """

    title: str
    limit: str
    over: tuple[tuple[Case, ...], tuple[Case, ...]]
    at_most: float = 0.0

    def ratio(self, costs: Costs) -> float:
        """Return it for some costs."""
        above, below = (_difference(cases, costs) for cases in self.over)
        return above / below

    def holds(self, ratio: float) -> bool:
        """Return whether *ratio* is within the budget."""
        return ratio >= -self.at_most if self.at_most < 0 else ratio <= self.at_most


def _difference(cases: tuple[Case, ...], costs: Costs) -> float:
    first, *others = (costs[case] for case in cases)
    return first - sum(others)


def _flask(name: str, row: str = "allowed") -> Case:
    return Case("flask", name, row)


_BARE: Final = _flask("bare", "not CORS")
_BARE_ALLOWED: Final = _flask("bare")


def _added(name: str) -> tuple[Case, ...]:
    return (_flask(name), _BARE_ALLOWED)


def _added_to_wsgi(name: str) -> tuple[Case, ...]:
    return (Case("wsgi", name, "allowed"), Case("wsgi", "bare", "allowed"))


BUDGETS: Final = (
    Budget(
        "one policy adds to a minimal Flask view",
        "at most 7 %",
        (_added("app-wide"), (_BARE_ALLOWED,)),
        0.07,
    ),
    Budget(
        "a decorated view adds to it",
        "at most 10 %",
        (_added("per route"), (_BARE_ALLOWED,)),
        0.10,
    ),
    Budget(
        "`enforce` adds to it",
        "stated",
        (_added("enforce"), (_BARE_ALLOWED,)),
    ),
    Budget(
        "Flask-CORS adds, over what one policy adds",
        "at least 6",
        (_added("flask-cors app-wide"), _added("app-wide")),
        -6.0,
    ),
    Budget(
        "Flask-CORS adds to a decorated view, over what this library adds",
        "at least 6",
        (_added("flask-cors per route"), _added("per route")),
        -6.0,
    ),
    Budget(
        "a preflight, over a GET of bare Flask",
        "at most 1.1",
        ((_flask("app-wide", "preflight"),), (_BARE,)),
        1.1,
    ),
    Budget(
        "a preflight for a decorated view, over a GET of bare Flask",
        "at most 1.5",
        ((_flask("per route", "preflight"),), (_BARE,)),
        1.5,
    ),
    Budget(
        "`CORSMiddleware` adds, over what the same written by hand adds",
        "at most 1",
        (_added_to_wsgi(OURS), _added_to_wsgi("floor")),
        1.0,
    ),
)
"""Each is of requests whose origin is allowed, where nothing else is said."""


class Measured(NamedTuple):
    """What was measured of a budget.

    :param time: the median of the processes.
    :param times: the lowest and the highest of them.
    :param instructions: the same ratio in instructions; ``None`` if none were counted.
    """

    title: str
    limit: str
    time: float
    times: tuple[float, float]
    instructions: float | None
    holds: bool | None


def run(scale: float = 1.0) -> list[dict[str, Any]]:
    """Measure every budget; return what was measured, as data.

    :param scale: how much effort is made; below 1 one process of each is started, and
        no instruction is counted.
    """
    full = scale >= 1
    requests = max(2, int(400 * min(1, scale)))
    rounds = [_costs(requests) for _ in range(PROCESSES if full else 1)]
    counted: Costs | None = None
    if full and shutil.which("valgrind") is not None:
        counted = instructions.count(CASES)
    measured = [_measured(budget, rounds, counted) for budget in BUDGETS]
    measured += _first_request(rounds, 1000 if full else 10)
    return [each._asdict() for each in measured]


CASES: Final = sorted(
    {case for budget in BUDGETS for side in budget.over for case in side}
)


def _costs(requests: int) -> Costs:
    return {case: float(_process(*case, str(requests))) for case in CASES}


def _process(*arguments: str) -> str:
    command = [sys.executable, "-m", __spec__.name, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _measured(budget: Budget, rounds: list[Costs], counted: Costs | None) -> Measured:
    middle = {case: median(costs[case] for costs in rounds) for case in CASES}
    time = budget.ratio(middle)
    ratios = sorted(budget.ratio(costs) for costs in rounds)
    count = None if counted is None else budget.ratio(counted)
    return Measured(
        budget.title,
        budget.limit,
        time,
        (ratios[0], ratios[-1]),
        count,
        budget.holds(time if count is None else count) if budget.at_most else None,
    )


def _first_request(rounds: list[Costs], few: int) -> Iterator[Measured]:
    """Yield the two budgets of the first request, with a policy for each route.

    :param few: routes; the other application has ten times as many.
    """
    many = few * 10
    firsts = [
        tuple(float(_process("first", str(routes))) for routes in (few, many))
        for _ in rounds
    ]
    growth = sorted(most / least for least, most in firsts)
    shares = sorted(
        most / many / costs[_BARE]
        for (_, most), costs in zip(firsts, rounds, strict=True)
    )
    yield _first(
        f"the first request with {many} policies, over that with {few}", 12, growth
    )
    yield _first(
        f"the same for each of {many} routes, over a GET of bare Flask", 2.5, shares
    )


def _first(title: str, at_most: float, ratios: list[float]) -> Measured:
    time, ends = median(ratios), (ratios[0], ratios[-1])
    return Measured(title, f"at most {at_most}", time, ends, None, time <= at_most)


def lines(measured: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a table in Markdown, for people and for the page."""
    yield "| | budget | time (range of the processes) | instructions |"
    yield "| --- | --- | --- | --- |"
    for each in measured:
        show = _percent if "%" in each["limit"] or each["holds"] is None else _plain
        low, high = map(show, each["times"])
        count = each["instructions"]
        missed = " **missed**" if each["holds"] is False else ""
        yield (
            f"| {each['title']} | {each['limit']}{missed} | "
            f"{show(each['time'])} ({low} to {high}) | "
            f"{'' if count is None else show(count)} |"
        )


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.1f} %"


def _plain(ratio: float) -> str:
    return f"{ratio:.2f}"


def microseconds(case: Case, requests: int) -> float:
    """Return the processor time of one request, in this process."""
    app, sent = TABLES[case.table][case.name](), ROWS[case.row]
    for _ in range(4 * requests):
        serve(app, dict(sent))
    gc.collect()
    gc.freeze()
    times = []
    for _ in range(_BATCHES):
        environs = [dict(sent) for _ in range(requests)]
        begin = process_time()
        for each in environs:
            serve(app, each)
        times.append((process_time() - begin) / requests * 1e6)
    return median(times)


def first_request(routes: int) -> float:
    """Return the microseconds of the first request, with a policy for each route."""
    app, sent = routes_with_policies(routes), environ(origin=ALLOWED[0])
    # A collection of all that the routes are made of would count as the policies'.
    gc.collect()
    gc.freeze()
    begin = process_time()
    serve(app, sent)
    return (process_time() - begin) * 1e6


def main(arguments: list[str]) -> None:
    """Measure everything; or one figure, for the process that has started this one."""
    logging.getLogger("flask_cors_policy").setLevel(logging.CRITICAL)
    if not arguments:
        measure(results.DOCS)
    elif arguments[0] == "first":
        print(first_request(int(arguments[1])))
    else:
        table, name, row, requests = arguments
        print(microseconds(Case(table, name, row), int(requests)))


def measure(folder: Path, scale: float = 1.0) -> None:
    """Measure every budget, print it, and keep it in *folder*."""
    measured = run(scale)
    print(*lines(measured), "", sep="\n", flush=True)
    most = 5 if scale >= 1 else 2
    firsts = {
        str(routes): median(float(_process("first", str(routes))) for _ in range(3))
        for routes in (10**power for power in range(most))
    }
    print("microseconds of the first request, by routes:", firsts, flush=True)
    saved = {
        "machine": results.machine(),
        "budgets": measured,
        "first requests": firsts,
    }
    results.save(saved, folder / "budgets.json")


if __name__ == "__main__":
    main(sys.argv[1:])
