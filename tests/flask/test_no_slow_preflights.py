"""A preflight costs the same however many routes there are: anybody may send it."""

from __future__ import annotations

from time import process_time

import pytest

from flask_cors_policy import cross_origin

from .helpers import B
from .places import StrictSite

FEW, MANY = 10, 1000
AT_MOST = 10
"""How many times as long it may take with a hundred times as many routes."""


def site_of(place: str, routes: int, own_converter: bool) -> StrictSite:
    site = StrictSite(place)
    if own_converter:
        site.add_converter("own", str)
        site.app.add_url_rule("/own/<own:name>", "own", site.view("own"))
    site.protect("/admin/x", "x")
    for number in range(routes):
        path, name = f"/route{number}/<name>", f"view{number}"
        mark = cross_origin(max_age=number) if site.has_marks else None
        site.add(path, name, mark=mark)
    site.start()
    return site


ASKED = [("/admin/x", "POST"), ("/admin/x", "PUT"), ("/none", "GET"), ("/none", "FOO")]


@pytest.mark.parametrize("own_converter", [False, True])
@pytest.mark.parametrize("place", ["application", "view"])
def test_a_preflight_looks_at_few_routes(place: str, own_converter: bool) -> None:
    def seconds(routes: int) -> list[float]:
        site = site_of(place, routes, own_converter)
        site.visit("/admin/x", "POST", B)  # The first request looks at all of them.
        return [at_best(site, *asked) for asked in ASKED]

    few, many = seconds(FEW), seconds(MANY)
    slow = [ASKED[at] for at in range(len(ASKED)) if many[at] > AT_MOST * few[at]]
    assert slow == []


def at_best(site: StrictSite, path: str, method: str) -> float:
    """Return how many seconds a preflight takes at least."""
    taken = []
    for _ in range(10):
        began = process_time()
        site.ask(path, method, B)
        taken.append(process_time() - began)
    return min(taken)


def test_methods_of_a_route_that_are_not_usual_cost_no_more() -> None:
    """What a view leads to is looked at once, however much it is."""
    site = StrictSite("view")
    view = site.view("x")
    view.data = [[number] for number in range(9_000)]  # type: ignore[attr-defined]
    marked = cross_origin(origins=B)(view)
    site.app.add_url_rule("/x", "x", marked, methods=["GET", "PROPFIND"])
    site.start()
    for method in ("GET", "PROPFIND"):
        site.visit("/x", method, B)
    assert at_best(site, "/x", "PROPFIND") < 20 * at_best(site, "/none", "PROPFIND")
