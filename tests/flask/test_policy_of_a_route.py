"""Which policy a route has, what browsers may keep of it, and what 404 and 405 have."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import pytest
from flask import Blueprint
from flask.views import MethodView

from flask_cors_policy import CORS, PolicyError, cors_exempt, cross_origin

from .helpers import EVIL, MISS, NOTHING, A, B, C, allowed, problems
from .places import StrictSite, names_of
from .sites import Site, Visit

LEVELS = [
    "method of a class",
    "class",
    "decorators of a class",
    "inner blueprint",
    "outer blueprint",
    "path rule",
    "application",
]


@pytest.mark.parametrize("nearest", LEVELS)
@pytest.mark.parametrize("with_outer", [False, True])
def test_the_nearest_policy_wins(nearest: str, with_outer: bool) -> None:
    """Each level allows its own origin, and inherits what it does not say."""
    at = LEVELS.index(nearest)
    levels = LEVELS[at:] if with_outer else [nearest, "application"]
    origins = {name: f"https://{number}.example" for number, name in enumerate(LEVELS)}
    site = Site()

    def mark(level: str) -> Any:
        if level in levels:
            return cross_origin(origins=origins[level], expose_headers=f"X-{at}")
        return lambda target: target

    class Item(MethodView):
        decorators: ClassVar[list[Any]] = [mark("decorators of a class")]
        post = staticmethod(mark("method of a class")(site.view("post")))

    mark("class")(Item)
    outer = Blueprint("outer", __name__, url_prefix="/outer")
    inner = Blueprint("inner", __name__, url_prefix="/inner")
    inner.add_url_rule("/x", view_func=Item.as_view("item"))
    mark("inner blueprint")(inner)
    outer.register_blueprint(inner)
    mark("outer blueprint")(outer)
    site.app.register_blueprint(outer)
    options: dict[str, Any] = {}
    if "path rule" in levels:
        options["resources"] = {"/outer/*": {"origins": origins["path rule"]}}
    CORS(site.app, origins=origins["application"], **options)

    for through in (None, site.plain):
        for level, origin in origins.items():
            found = site.visit("/outer/inner/x", "POST", origin, through=through)
            granted = found.cors.get("Access-Control-Allow-Origin")
            assert granted == (origin if level == nearest else None)


def test_what_a_class_says_is_nearer_than_what_its_views_are_decorated_with() -> None:
    site = Site()

    @cross_origin(origins=B)
    class Item(MethodView):
        decorators: ClassVar[list[Any]] = [cross_origin(origins=A, max_age=5)]
        put = staticmethod(site.view("put"))

    site.app.add_url_rule("/x", view_func=Item.as_view("item"))
    CORS(site.app, origins=C)
    granted = allowed(B, methods="OPTIONS, PUT", max_age="5")
    assert site.ask("/x", "PUT", B) == (204, granted, [])
    assert site.ask("/x", "PUT", A) == (403, MISS, [])


def equal_options(site: Site) -> None:
    site.add("/x", "get", "GET", mark=cross_origin(origins=A))
    site.add("/x", "put", "PUT", mark=cross_origin(origins=[A], max_age=600))


def equal_to_the_application(site: Site) -> None:
    site.add("/x", "get", "GET")
    site.add("/x", "put", "PUT", mark=cross_origin)


def only_one_method(site: Site) -> None:
    """OPTIONS is Flask's own, and HEAD comes with GET."""

    class Item(MethodView):
        get = staticmethod(cross_origin(allow_headers="X-A")(site.view("get")))

    site.app.add_url_rule("/x", view_func=Item.as_view("item"))


def one_class(site: Site) -> None:
    @cross_origin(allow_headers="X-A")
    class Item(MethodView):
        get = staticmethod(site.view("get"))
        put = staticmethod(site.view("put"))

    site.app.add_url_rule("/x", view_func=Item.as_view("item"))


KEPT: list[tuple[str, Callable[[Site], None]]] = [
    ("equal options", equal_options),
    ("the options of the application", equal_to_the_application),
    ("a policy for the only method", only_one_method),
    ("a policy of a class", one_class),
]


@pytest.mark.parametrize("build", [each for _, each in KEPT], ids=names_of(KEPT))
def test_browsers_may_keep_the_answer_for_a_url_of(
    build: Callable[[Site], None],
) -> None:
    site = Site()
    build(site)
    CORS(site.app, origins=A, max_age=600)
    assert site.ask("/x", "GET", A).cors["Access-Control-Max-Age"] == "600"


def test_no_answer_that_denies_may_be_kept(place: str) -> None:
    site = StrictSite(place, max_age=600)
    site.protect("/admin/x", "x")
    site.start()
    for through in (None, site.plain):
        assert site.ask("/admin/x", "POST", EVIL, through=through) == (403, MISS, [])


@pytest.mark.parametrize("method", ["PUT", "FOO", "DELETE"])
@pytest.mark.parametrize("bypasses", [False, True])
def test_a_405_has_the_policy_of_its_url(
    place: str, method: str, bypasses: bool
) -> None:
    site = StrictSite(place)
    site.protect("/admin/x", "x")
    site.start()
    through = site.plain if bypasses else None
    assert site.visit("/admin/x", method, EVIL, through=through) == (405, MISS, [])
    assert site.visit("/admin/x", method, B, through=through) == (405, allowed(B), [])


@pytest.mark.parametrize("rules", [False, True])
@pytest.mark.parametrize("bypasses", [False, True])
def test_a_405_of_two_policies_has_that_of_the_path(
    rules: bool, bypasses: bool
) -> None:
    site = Site()
    site.add("/x", "get", "GET", mark=cross_origin(origins=A))
    site.add("/x", "put", "PUT", mark=cross_origin(origins=B))
    options: dict[str, Any] = {"resources": {"/x": {"origins": C}}} if rules else {}
    CORS(site.app, origins=EVIL if rules else C, **options)
    through = site.plain if bypasses else None
    for origin in (A, B, EVIL):
        found = site.visit("/x", "DELETE", origin, through=through)
        assert found == (405, MISS, [])
    assert site.visit("/x", "DELETE", C, through=through) == (405, allowed(C), [])


@pytest.mark.parametrize("bypasses", [False, True])
def test_a_redirect_has_the_policy_of_the_route_that_it_leads_to(
    place: str, bypasses: bool
) -> None:
    site = StrictSite(place)
    site.protect("/admin/x/", "x")
    site.start()
    through = site.plain if bypasses else None
    assert site.visit("/admin/x", "POST", EVIL, through=through) == (308, MISS, [])
    assert site.visit("/admin/x", "POST", B, through=through) == (308, allowed(B), [])
    asked = site.ask("/admin/x", "POST", B, through=through)
    assert (asked.status, asked.cors["Access-Control-Allow-Origin"]) == (204, B)
    assert site.ask("/admin/x", "POST", EVIL, through=through) == (403, MISS, [])


def test_the_prefix_of_a_blueprint_counts_for_a_404_only_as_far_as_it_is_told() -> None:
    site = Site()
    for name, prefix in (("told", "/told"), ("silent", None)):
        blueprint = Blueprint(name, __name__, url_prefix=prefix)
        blueprint.add_url_rule(f"/{name}/x", "x", site.view("x"))
        CORS(blueprint, origins=B)
        site.app.register_blueprint(blueprint)
    CORS(site.app, origins=A)
    for through in (None, site.plain):
        found = site.visit("/told/none", origin=B, through=through)
        assert found == (404, allowed(B), [])
        found = site.visit("/silent/none", origin=A, through=through)
        assert found == (404, allowed(A), [])


def test_an_exempt_view_beside_others_is_left_alone_for_its_method_only() -> None:
    site = Site()
    site.add("/x", "get", "GET", mark=cors_exempt)
    site.add("/x", "put", "PUT")
    CORS(site.app, origins=A, enforce=True)
    for through in (None, site.plain):
        assert site.visit("/x", "GET", EVIL, through=through) == (200, NOTHING, ["get"])
        assert site.visit("/x", "PUT", EVIL, through=through) == (403, MISS, [])
        asked = site.ask("/x", "PUT", A, through=through)
        assert asked.cors["Access-Control-Allow-Methods"] == "PUT"


@pytest.mark.parametrize("bypasses", [False, True])
def test_a_mistake_of_a_route_is_raised_until_the_process_starts_anew(
    place: str, bypasses: bool
) -> None:
    """A health check sees it, and no view runs meanwhile."""
    site = StrictSite(place, enforce=True)
    site.app.testing = True
    site.protect("/admin/x", "x")
    wrong = cross_origin("nobody")
    site.app.add_url_rule("/wrong", "wrong", wrong(site.view("wrong")))
    site.add("/health", "health")
    cors = site.start()
    through = site.plain if bypasses else None
    told = [
        problems(partial(site.visit, path, "GET", origin, through=through))
        for path in ("/health", "/wrong", "/admin/x", "/health")
        for origin in (None, B, EVIL)
    ]
    assert len({*map(tuple, told)}) == 1
    assert told[0] == problems(cors.check)
    assert told[0][0][1] == "unknown-policy"
    assert site.ran == []
    site.app.view_functions["wrong"] = site.view("mended")
    with pytest.raises(PolicyError):
        site.visit("/health", through=through)


@pytest.mark.parametrize("bypasses", [False, True])
def test_outside_of_tests_such_a_mistake_is_a_500_in_a_bypass(bypasses: bool) -> None:
    site = Site()
    site.add("/x", "x", "POST", mark=cross_origin(supports_credentials=True))
    CORS(site.app, origins="*")
    if bypasses:
        for _ in range(2):
            found = site.visit("/x", "POST", EVIL, through=site.plain)
            assert (found.status, found.ran) == (500, [])
            assert "Access-Control-Allow-Origin" not in found.cors
            asked = site.ask("/x", "POST", EVIL, through=site.plain)
            assert asked.cors.get("Access-Control-Allow-Credentials") is None
    with pytest.raises(PolicyError):
        site.visit("/x", "POST", EVIL)
    assert Visit(200, NOTHING, []).ran == site.ran
