"""Methods: those that overrides make, and those that preflights are told."""

from __future__ import annotations

from collections.abc import Callable

import flask
import pytest
from flask.views import MethodView

from flask_cors_policy import CORS, cors_exempt, cross_origin

from .helpers import EVIL, MISS, B, allowed
from .places import StrictSite, names_of, strict
from .sites import OVERRIDE, Site, Visit, overriding


@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS", "PUT"])
@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("enforce", [False, True])
def test_an_overridden_method_has_the_policy_of_the_view_that_runs(
    place: str, method: str, inside: bool, enforce: bool
) -> None:
    site = StrictSite(place, enforce=enforce)
    site.protect("/admin/x", "get", "GET")
    site.protect("/admin/x", "delete", "DELETE")
    if inside:
        site.wrap(overriding)
    site.start()
    if not inside:
        site.wrap(overriding)
    sent = {OVERRIDE: "DELETE"}
    theirs = site.visit("/admin/x", method, EVIL, sent)
    assert theirs == strict("delete", enforce=enforce).theirs
    assert site.visit("/admin/x", method, B, sent) == strict("delete").ours


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("enforce", [False, True])
def test_a_preflight_runs_no_view_whatever_method_is_made_of_it(
    place: str, method: str, enforce: bool
) -> None:
    site = StrictSite(place, enforce=enforce)
    site.protect("/admin/x", "x", method)
    site.wrap(overriding)
    site.start()
    for origin in (EVIL, B):
        asked = site.ask("/admin/x", method, origin, {OVERRIDE: method})
        assert asked.ran == []
        assert asked.status == (204 if origin == B else 403)
        assert asked.cors.get("Access-Control-Allow-Origin") == (
            B if origin == B else None
        )


def by_view(site: Site) -> None:
    site.add("/x", "get", "GET")
    site.add("/x", "post", "POST", mark=cross_origin(origins=B, enforce=True))


def by_method(site: Site) -> None:
    class Item(MethodView):
        def get(self) -> str:
            site.ran.append("get")
            return "get"

        @cross_origin(origins=B, enforce=True)
        def post(self) -> str:
            site.ran.append("post")
            return "post"

    site.app.add_url_rule("/x", view_func=Item.as_view("item"))


def by_exempt_view(site: Site) -> None:
    site.add("/x", "get", "GET", mark=cors_exempt)
    site.add("/x", "post", "POST", mark=cross_origin(origins=B, enforce=True))


def by_blueprint(site: Site) -> None:
    site.add("/x", "get", "GET")
    blueprint = flask.Blueprint("bp", __name__)
    blueprint.add_url_rule("/x", "post", site.view("post"), methods=["POST"])
    CORS(blueprint, origins=B, enforce=True)
    site.app.register_blueprint(blueprint)


BY: list[tuple[str, Callable[[Site], None]]] = [
    ("view", by_view),
    ("method of a class", by_method),
    ("exempt view", by_exempt_view),
    ("blueprint", by_blueprint),
]


@pytest.mark.parametrize("build", [each for _, each in BY], ids=names_of(BY))
def test_the_lax_policy_of_a_method_opens_no_other_by_an_override(
    build: Callable[[Site], None],
) -> None:
    site = Site()
    build(site)
    site.wrap(overriding)
    CORS(site.app, origins="*")
    sent = {OVERRIDE: "POST"}
    assert site.visit("/x", "GET", EVIL).ran == ["get"]
    for _ in range(2):
        assert site.visit("/x", "GET", EVIL, sent) == (403, MISS, [])
    assert site.visit("/x", "GET", B, sent) == (200, allowed(B), ["post"])


@pytest.mark.parametrize("build", [each for _, each in BY], ids=names_of(BY))
@pytest.mark.parametrize("asked", ["GET", "POST"])
def test_nor_does_the_preflight_of_that_method(
    build: Callable[[Site], None], asked: str
) -> None:
    """What would run in its place is refused before it has run."""
    site = Site()
    build(site)
    site.wrap(overriding)
    CORS(site.app, origins="*")
    found = site.ask("/x", asked, EVIL, {OVERRIDE: "POST"})
    assert found.ran == []
    assert found.cors.get("Access-Control-Allow-Origin") != EVIL


def test_an_override_in_a_function_of_the_application_is_withheld() -> None:
    """There the view has run when the policy sees the method that it ran for."""
    site = Site()
    by_method(site)

    @site.app.before_request
    def override() -> None:
        flask.request.method = flask.request.args.get("_method", flask.request.method)

    CORS(site.app, origins="*")
    for through in (None, site.plain):
        response = site.send("/x?_method=POST", "GET", EVIL, through=through)
        assert (response.status_code, response.data) == (403, b"")
        assert response.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in response.headers
        answer = site.visit("/x?_method=POST", "GET", B, through=through)
        assert answer == (200, allowed(B), ["post"])


def test_a_function_may_choose_another_route() -> None:
    site = Site()
    by_view(site)
    rules = {rule.endpoint: rule for rule in site.app.url_map.iter_rules()}

    @site.app.before_request
    def choose() -> None:
        flask.request.url_rule = rules["post"]

    CORS(site.app, origins="*")
    for through in (None, site.plain):
        found = site.visit("/x", "GET", EVIL, through=through)
        assert found[:2] == (403, MISS)
        answer = site.visit("/x", "GET", B, through=through)
        assert answer == (200, allowed(B), ["post"])


NEVER = ["*", "TRACE", "CONNECT", "TRACK"]


@pytest.mark.parametrize("method", NEVER)
@pytest.mark.parametrize("asked", ["GET", "PUT", "method"])
def test_a_preflight_is_never_told_a_method_that_means_all_or_is_forbidden(
    place: str, method: str, asked: str
) -> None:
    site = StrictSite(place)
    site.protect("/admin/x", "x", "GET", "PUT", method)
    site.start()
    name = method if asked == "method" else asked
    for through in (None, site.plain):
        found = site.ask("/admin/x", name, B, through=through)
        listed = allowed(B, methods="GET, HEAD, OPTIONS, PUT")
        assert found == Visit(204, listed, [])


@pytest.mark.parametrize("method", NEVER)
@pytest.mark.parametrize("asked", ["GET", "method"])
def test_nor_is_it_if_there_is_no_other(place: str, method: str, asked: str) -> None:
    site = StrictSite(place)
    site.protect("/admin/x", "x", method, provide_automatic_options=False)
    site.start()
    found = site.ask("/admin/x", method if asked == "method" else asked, B)
    listed = found.cors.get("Access-Control-Allow-Methods", "").split(", ")
    assert not {*NEVER}.intersection(listed)


@pytest.mark.parametrize("method", NEVER)
def test_nor_is_it_if_the_path_has_no_route(place: str, method: str) -> None:
    site = StrictSite(place)
    site.protect("/admin/x", "x")
    site.start()
    for path in ("/admin/x", "/admin/none", "/none"):
        listed = site.ask(path, method, B).cors.get("Access-Control-Allow-Methods", "")
        assert method not in listed.split(", ")


def test_a_method_is_as_flask_reads_it(place: str) -> None:
    """Browsers send "patch" as it is, and Flask serves it as PATCH."""
    site = StrictSite(place, enforce=True)
    site.protect("/admin/x", "x", "PATCH")
    site.start()
    for method in ("patch", "Patch", "PATCH"):
        assert site.visit("/admin/x", method, EVIL) == (403, MISS, [])
        assert site.ask("/admin/x", method, EVIL) == (403, MISS, [])
        assert site.visit("/admin/x", method, B) == (200, allowed(B), ["x"])


@pytest.mark.parametrize("layered", [False, True])
@pytest.mark.parametrize("enforce", [False, True])
@pytest.mark.parametrize("override", [False, True])
def test_a_route_of_any_method_is_not_run_by_a_preflight(
    layered: bool, enforce: bool, override: bool, place: str
) -> None:
    """A rule without methods, as libraries add them, takes OPTIONS too."""
    site = StrictSite(place, enforce=enforce)
    site.protect("/admin/x", "x")
    if layered:
        site.wrap(overriding)
    site.start()
    for rule in site.app.url_map.iter_rules():
        if rule.rule == "/admin/x":
            rule.methods = None
    sent = {OVERRIDE: "DELETE"} if override else {}
    for through in (None, site.plain):
        for origin in (EVIL, B):
            found = site.ask("/admin/x", "DELETE", origin, sent, through=through)
            assert found.ran == []
            assert found.status == (204 if origin == B else 403)
