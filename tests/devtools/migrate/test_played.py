"""Applications of public code, played before and after the command.

Each is started with Flask-CORS, migrated, and started again. Its page sends the same
requests both times, with the browser of ``flask_cors_policy.testing``.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from flask_cors_policy.devtools.migrate.notes import CODES, Group

from .playing import (
    CallSite,
    Right,
    call_sites,
    migrated,
    outcome,
    probed,
    rights,
    started,
)

SITES = {site.name: site for site in call_sites()}

# A view there sets Access-Control-Allow-Origin and answers OPTIONS itself, so that
# Flask-CORS added nothing to it: no page could send JSON, which CORS(app) allowed.
WAS_BROKEN = "call site 5"


class Played(NamedTuple):
    """What the page of a call site got, and what any page may do.

    :ivar again: the text after a second migration.
    :ivar codes: what was told, with its group.
    """

    text: str
    again: str
    codes: tuple[tuple[str, Group], ...]
    before: list[object]
    after: Sequence[object]
    more: set[Right]

    @property
    def questions(self) -> list[str]:
        """The codes of what a person has to decide."""
        return [code for code, group in self.codes if group is Group.DECIDE]


@cache
def played(name: str) -> Played:
    site = SITES[name]
    before, rights_before = _run(site, site.code)
    with TemporaryDirectory() as folder:
        text, migration = migrated(site.code, Path(folder))
        again, _ = migrated(text, Path(folder))
    codes = [(each.note.code, each.note.group) for each in migration.findings]
    after: Sequence[object]
    try:
        after, rights_after = _run(site, text)
    except (ValueError, RuntimeError) as error:  # The policy is refused at start.
        after, rights_after = [str(error)], set()
    more = rights_after - rights_before
    return Played(text, again, tuple(codes), before, after, more)


def _run(site: CallSite, code: str) -> tuple[list[object], set[Right]]:
    with started(code, site.environment) as app:
        got = [outcome(app, site.page, request) for request in site.requests]
        return got, rights(app, probed(site))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Log nothing: the requests of strangers are refused, which fills the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", SITES)
def test_the_page_is_served_as_before_or_a_person_is_asked(name: str) -> None:
    it = played(name)
    assert it.after == it.before or it.questions


@pytest.mark.parametrize("name", SITES)
def test_no_page_may_do_more_than_before(name: str) -> None:
    assert not played(name).more or name == WAS_BROKEN


def test_what_was_broken_by_hand_is_told() -> None:
    it = played(WAS_BROKEN)
    assert (it.before, it.after) == (["blocked"], [(200, [])])
    assert {"headers-by-hand", "any-origin-credentials"} <= dict(it.codes).keys()


@pytest.mark.parametrize("name", SITES)
def test_a_second_run_changes_nothing(name: str) -> None:
    it = played(name)
    assert it.again == it.text


@pytest.mark.parametrize("name", SITES)
def test_what_is_told_begins_with_the_most_dangerous(name: str) -> None:
    ranks = [CODES.index(code) for code, _ in played(name).codes]
    assert ranks == sorted(ranks)


def test_so_many_pages_are_served_as_before() -> None:
    public = [name for name in SITES if name.startswith("call site ")]
    asked = [name for name in public if played(name).before != played(name).after]
    assert len(public) == 51
    # Four allowed every origin with credentials, one may do so when it runs. The last
    # is the one that was broken.
    assert Counter(played(name).questions[0] for name in asked) == {
        "any-origin-credentials": len(asked)
    }
    assert len(public) - len(asked) >= 46
    own = SITES.keys() - set(public)
    same = [name for name in own if played(name).before == played(name).after]
    assert len(own) - len(same) <= 4
