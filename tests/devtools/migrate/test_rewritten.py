"""Source before and after: what is written, what stays, what is told.

The cases are in ``rewritten.txt``: the source, then the new source, then each note
with its line. A new case can be written with the first part alone; the failure of the
test shows the rest.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

import pytest

from flask_cors_policy.devtools.migrate.migration import migrate
from flask_cors_policy.devtools.migrate.notes import CODES, meaning

from .playing import call_sites, migrated

CASES_FILE = Path(__file__).with_name("rewritten.txt")


class Case(NamedTuple):
    before: str
    after: str
    told: str


def cases() -> dict[str, Case]:
    found = {}
    for text in CASES_FILE.read_text("utf-8").split("\n== ")[1:]:
        name, _, rest = text.partition("\n")
        before, after, told = rest.strip("\n").split("\n--")
        found[name] = Case(f"{before}\n", f"{after[1:]}\n", told[1:])
    return found


CASES = cases()


@pytest.mark.parametrize("name", CASES)
def test_the_source_is_rewritten_and_the_rest_is_told(
    name: str, tmp_path: Path
) -> None:
    case = CASES[name]
    app = tmp_path / "app.py"
    app.write_text(case.before, "utf-8")
    migration = migrate([str(app)])
    (new, *_) = [changed.text for changed in migration.changed] or [case.before]
    told = [
        f"{each.line} {each.note.code}: {each.note.message}"
        for each in migration.findings
    ]
    assert new == case.after
    assert told == case.told.split("\n")
    assert not migration.skipped
    ast.parse(new)
    app.write_text(new, "utf-8")
    again = migrate([str(app)])
    assert not again.changed


def test_every_code_is_told_somewhere(tmp_path: Path) -> None:
    found = {
        line.split(" ", 1)[1].partition(":")[0]
        for case in CASES.values()
        for line in case.told.split("\n")
    }
    for site in call_sites():
        _, migration = migrated(site.code, tmp_path)
        found |= {each.note.code for each in migration.findings}
    tmp_path.joinpath("requirements.txt").write_text("Flask-CORS\n", "utf-8")
    tmp_path.joinpath("a.ipynb").write_text('"from flask_cors import CORS"', "utf-8")
    found |= {each.note.code for each in migrate([str(tmp_path)]).findings}
    assert found == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_meaning(code: str) -> None:
    assert meaning(code)
