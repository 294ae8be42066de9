"""The tables of docs/live-origins.md about faults, from what ``make faults`` measured.

``python -m tests.sources.fault_table`` writes them into the page.
"""

from __future__ import annotations

import json
import textwrap
from itertools import groupby
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
RESULTS: Final = ROOT / "docs" / "data" / "faults.json"
PAGE: Final = ROOT / "docs" / "live-origins.md"
BEGIN: Final = "<!-- faults -->\n"
END: Final = "<!-- end of faults -->\n"
KINDS: Final = ("gthread", "sync", "gevent")


HEAD: Final = (
    "| store, workers | {} | longest answer | longest `/health` | until a new origin "
    "is served |\n| --- | {} | --- | --- | --- |"
)


def table() -> str:
    """Return how it was measured, a row for each store and kind of worker, and all."""
    found = json.loads(RESULTS.read_text())
    measured = [each for each in found["faults"] if each["workers"] in KINDS]
    wrong = sum(each["wrong"] for each in measured)
    requests = sum(each["requests"] for each in measured)
    text = (
        f"`make faults`: {found['clients']} clients with kept-alive connections send "
        "requests without a pause (45 % from listed origins, 15 % from unlisted, 30 % "
        "from invented ones, 10 % without Origin; 30 % are preflights). One more "
        "client requests `/health` ten times a second. gunicorn: gthread (2 workers "
        "of 8 threads), sync (4 workers), gevent (2). "
        f"`timeout={found['timeout']:g}`, each fault for 3 or {found['seconds']:g} "
        "seconds, on two cores that were also busy with other work. "
        f"**{requests:,} requests during {len(measured)} faults, {wrong} wrong "
        "answers.** The times include waiting for a free worker. The worst of each "
        "kind of worker:"
    )
    measured.sort(key=lambda each: (each["store"], KINDS.index(each["workers"])))
    groups = groupby(measured, key=_server)
    lines = [
        *textwrap.wrap(text, 104),
        "",
        HEAD.format("faults", "---"),
        *(_worst(server, list(group)) for server, group in groups),
        "",
        f"<details><summary>All {len(measured)} faults</summary>",
        "",
        "Requests per second before and during the fault, and the longest answers "
        "during it:",
        "",
        HEAD.format("fault | before | during", "--- | --- | ---"),
        *map(row, measured),
        "",
        "</details>",
    ]
    return "\n".join(lines) + "\n"


def _server(each: dict[str, Any]) -> str:
    return f"{each['store']}, {each['workers']}"


def _worst(server: str, group: list[dict[str, Any]]) -> str:
    """Return the row of the worst of some faults."""
    cells = [server, str(len(group))]
    cells += [
        f"{max(each[key] for each in group):.{digits}f} s"
        for key, digits in (("longest", 2), ("longest_health", 2), ("recovered", 1))
    ]
    return f"| {' | '.join(cells)} |"


def row(each: dict[str, Any]) -> str:
    """Return the row of one fault."""
    cells = (
        _server(each),
        each["fault"],
        f"{each['per_second_before']:,.0f}",
        f"{each['per_second']:,.0f}",
        f"{each['longest']:.2f} s",
        f"{each['longest_health']:.2f} s",
        f"{each['recovered']:.1f} s",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the tables into the page."""
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    PAGE.write_text(before + BEGIN + table() + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
