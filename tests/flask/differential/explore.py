"""Plays random cases, and makes small what was wrong.

``python -m tests.flask.differential.explore FIRST END`` plays cases for as long as you
like, prints what is wrong, and exits with 1 if there is anything. With ``unmarked``
behind it, applications have ``CORS(app)`` and path rules only: in a process in which
nothing is ever marked, less is looked at for each request.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from tests.flask.differential.answers import expectations
from tests.flask.differential.describe import Case, shrink, written
from tests.flask.differential.generate import random_case
from tests.flask.differential.pages import visit_page
from tests.flask.differential.play import Pair, complaints


def play(case: Case, kinds: Counter[str]) -> Iterator[tuple[Case, str]]:
    """Send the requests of *case*; yield what is wrong, with the case up to there.

    :param kinds: counts which kind of answer was right, and how many views ran.
    """
    pair = Pair.of(case)
    for number, request in enumerate(case.requests, 1):
        twin = pair.ask(request, twin=True)
        right = expectations(pair, twin.journal)
        seen = pair.ask(request)
        kinds[right[0].kind] += 1
        kinds["views"] += bool(seen.journal.views)
        pair.reached.update(twin.journal.started)
        for complaint in complaints(seen, twin, right):
            yield Case(case.app, case.requests[:number]), complaint
    for visit in case.visits:
        kinds["pages"] += 1
        for complaint in visit_page(pair, visit):
            yield replace(case, visits=(visit,)), complaint


def explore(seed: int, kinds: Counter[str], marked: bool = True) -> str:
    """Play the case of one seed, and return what is wrong, made small.

    :param marked: whether anything may be marked.
    """
    found = next(play(random_case(seed, marked), kinds), None)
    if found is None:
        return ""
    case, complaint = found
    what = complaint.partition(":")[0]

    def fails(less: Case) -> bool:
        """Whether the last of a case goes wrong in the same way, and only that."""
        if (less.app.cors is None) > (case.app.cors is None):
            return False  # Marks may have no origins then.
        size = len(less.requests), len(less.visits)
        try:
            wrong = next(play(less, Counter()), None)
        except Exception:
            return False  # Smaller is not always sound: an endpoint may be gone.
        if wrong is None or (len(wrong[0].requests), len(wrong[0].visits)) != size:
            return False
        return wrong[1].startswith(what)

    small = shrink(case, fails)
    wrong = "\n".join(f"  {text}" for _, text in play(small, Counter()))
    return f"Seed {seed}, made small:\n{written(small)}\n{wrong}\n"


def main(first: str, end: str, kind: str = "") -> int:
    """Play the cases of many seeds, print, and return the exit status."""
    logging.getLogger("flask_cors_policy").addHandler(logging.NullHandler())
    kinds: Counter[str] = Counter()
    failed = 0
    for seed in range(int(first), int(end)):
        wrong = explore(seed, kinds, marked=kind != "unmarked")
        failed += bool(wrong)
        print(wrong, end="", flush=True)
    print(f"{failed} of the applications failed; answers: {dict(kinds)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
