"""The measured table of docs/live-origins.md, made from what ``make faults`` measured.

``python -m tests.sources.fault_table`` writes it into the page.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
RESULTS: Final = ROOT / "docs" / "data" / "faults.json"
PAGE: Final = ROOT / "docs" / "live-origins.md"
BEGIN: Final = "<!-- faults -->\n"
END: Final = "<!-- end of faults -->\n"
KINDS: Final = ("gthread", "sync", "gevent")


def table() -> str:
    """Return the table, with what says how it was measured."""
    found = json.loads(RESULTS.read_text())
    measured = [each for each in found["faults"] if each["workers"] in KINDS]
    wrong = sum(each["wrong"] for each in measured)
    requests = sum(each["requests"] for each in measured)
    text = (
        f"`make faults`: {found['clients']} clients with kept-alive connections ask "
        "without a pause (45 % from listed origins, 15 % from unlisted, 30 % from "
        "made-up ones, 10 % without Origin; 30 % preflights), and one more asks "
        "`/health` ten times a second. gunicorn: gthread (2 workers of 8 threads), "
        f"sync (4 workers), gevent (2). `timeout={found['timeout']:g}`, each fault "
        f"for 3 or {found['seconds']:g} seconds, on two cores busy with other work "
        f"as well. {requests:,} requests during {len(measured)} faults, {wrong} wrong "
        "answers. Requests per second before and during the fault, and the longest "
        "answers during it:"
    )
    lines = [
        *textwrap.wrap(text, 104),
        "",
        "| store, workers | fault | before | during | longest | longest `/health` | "
        "until a new origin is served |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    measured.sort(key=lambda each: (each["store"], KINDS.index(each["workers"])))
    lines += [row(each) for each in measured]
    return "\n".join(lines) + "\n"


def row(each: dict[str, Any]) -> str:
    """Return the row of one fault."""
    cells = (
        f"{each['store']}, {each['workers']}",
        each["fault"],
        f"{each['per_second_before']:,.0f}",
        f"{each['per_second']:,.0f}",
        f"{each['longest']:.2f} s",
        f"{each['longest_health']:.2f} s",
        f"{each['recovered']:.1f} s",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the table into the page."""
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    PAGE.write_text(before + BEGIN + table() + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
