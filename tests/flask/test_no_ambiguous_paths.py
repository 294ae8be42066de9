"""Where there are path rules, a path that may be read in two ways grants nothing."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cors_policy import CORS, CORSMiddleware, cors_exempt
from tests.helpers import Spy, call, preflight_headers

from .helpers import EVIL, MISS, A, B
from .places import APPLICATION, BLUEPRINT, VIEW, Outcomes, StrictSite, raw_path, strict
from .sites import Site, Visit

AMBIGUOUS = [
    "/admin/files/a//b",
    "/admin/files/a/./b",
    "/admin/files/a/../b",
    "/admin/files/../../open",
    "/admin/files/..",
]
LEADING = ["//admin/files/a", "///admin/files/a", "//admin/files/a/"]


def files(place: str, **options: Any) -> StrictSite:
    """Return a site whose view takes paths of any depth, and that has path rules."""
    site = StrictSite(place, **options)
    site.protect("/admin/files/<path:name>", "files")
    site.start(resources={"/*": {}})
    return site


@pytest.mark.parametrize("path", AMBIGUOUS)
@pytest.mark.parametrize("enforce", [False, True])
def test_an_ambiguous_path_is_granted_nothing(
    place: str, path: str, enforce: bool
) -> None:
    """Under enforce, nor is the view run for pages of other origins."""
    site = files(place, enforce=enforce)
    refused = Visit(403, MISS, [])
    ran = refused if enforce else Visit(200, MISS, ["files"])
    found = site.outcomes("/", **raw_path(path))
    assert found == Outcomes(ran, refused, ran)
    assert site.ask("/", "POST", B, **raw_path(path)) == refused
    own = site.visit("/", origin=None, **raw_path(path))
    assert own == (200, MISS, ["files"])


@pytest.mark.parametrize("path", LEADING)
@pytest.mark.parametrize("enforce", [False, True])
def test_leading_slashes_are_one_as_they_are_for_flask(
    place: str, path: str, enforce: bool
) -> None:
    site = files(place, enforce=enforce)
    found = site.outcomes("/", **raw_path(path))
    assert found == strict("files", enforce=enforce)


@pytest.mark.parametrize("path", AMBIGUOUS)
@pytest.mark.parametrize("enforce", [False, True])
def test_without_path_rules_no_path_is_ambiguous(path: str, enforce: bool) -> None:
    for place in (APPLICATION, BLUEPRINT, VIEW):
        site = StrictSite(place, enforce=enforce)
        site.protect("/admin/files/<path:name>", "files")
        site.start()
        found = site.outcomes("/", **raw_path(path))
        assert found == strict("files", enforce=enforce)


def own_headers() -> tuple[str, dict[str, str]]:
    return "x", {
        "Access-Control-Allow-Origin": "*",
        "access-control-allow-credentials": "true",
        "Vary": "Accept",
    }


@pytest.mark.parametrize("path", ["/admin/files/a//b", "/admin/files/a/../b"])
def test_headers_of_the_application_do_not_pass_there(place: str, path: str) -> None:
    site = StrictSite(place)
    site.protect("/admin/files/<path:name>", "files", view=lambda name: own_headers())
    site.start(resources={"/*": {}})
    nothing = {"Vary": "Accept, Origin"}
    for origin in (EVIL, B, None):
        answer = site.visit("/", origin=origin, **raw_path(path))
        assert answer == (200, nothing, [])
    assert site.visit("/admin/files/a", origin=EVIL) == (200, nothing, [])


@pytest.mark.parametrize("path", ["/x//y", "/x/../y", "//x", "/./x"])
def test_nor_do_they_in_another_framework(path: str) -> None:
    headers = [("Access-Control-Allow-Origin", "*"), ("Content-Type", "text/plain")]
    app = CORSMiddleware(Spy(headers=headers), {"/open/*": {"origins": "*"}})
    answer = call(app, "GET", "/", {"Origin": EVIL}, PATH_INFO=path)
    assert answer.headers == [("Content-Type", "text/plain"), ("Vary", "Origin")]
    asked = call(app, "OPTIONS", "/", preflight_headers(EVIL), PATH_INFO=path)
    assert asked.status == "403 Forbidden"
    assert asked.values("Access-Control-Allow-Origin") == []


@pytest.mark.parametrize("enforcing", ["/x/*", "/y"])
def test_any_rule_that_enforces_closes_them_all(enforcing: str) -> None:
    spy = Spy()
    rules: dict[str, Any] = {"/x/*": {"origins": A}, "/y": {"origins": A}}
    rules[enforcing] = {"origins": A, "enforce": True}
    app = CORSMiddleware(spy, rules)
    answer = call(app, "POST", "/x//y", {"Origin": A})
    assert (answer.status, answer.body, spy.calls) == ("403 Forbidden", b"", [])


def test_an_exempt_view_is_left_alone_at_such_a_path_too() -> None:
    site = Site()
    site.app.add_url_rule("/x/<path:p>", "x", cors_exempt(lambda p: own_headers()))
    CORS(site.app, resources={"/*": {"origins": A, "enforce": True}})
    own = {
        "Access-Control-Allow-Origin": "*",
        "access-control-allow-credentials": "true",
        "Vary": "Accept",
    }
    assert site.visit("/x/a//b", origin=EVIL) == (200, own, [])


@pytest.mark.parametrize("path", ["/admin", "/admin/"])
def test_a_slash_at_the_end_is_not_ambiguous(place: str, path: str) -> None:
    site = StrictSite(place, enforce=True)
    site.protect(path, "admin")
    site.start(resources={"/*": {}})
    assert site.outcomes(path) == strict("admin", enforce=True)
