"""What was looked up once is not used when it is no longer so."""

from __future__ import annotations

import functools
import gc
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from werkzeug.local import LocalProxy
from werkzeug.routing import Rule
from werkzeug.test import EnvironBuilder

from flask_cors_policy import (
    CORS,
    PolicyError,
    PolicyWarning,
    cors_exempt,
    cross_origin,
)

from .helpers import EVIL, MISS, NOTHING, A, B, allowed, copying
from .places import StrictSite, names_of
from .places import strict as strictly
from .sites import Site, View

strict = cross_origin(origins=B, enforce=True)


def not_found(site: Site, _: CORS) -> None:
    assert site.visit("/none", origin=None).status == 404


def a_preflight(site: Site, _: CORS) -> None:
    assert site.ask("/admin/x", "POST", B).ran == []


def a_reconfiguration(_: Site, cors: CORS) -> None:
    cors.reconfigure(expose_headers=[])


def a_check(_: Site, cors: CORS) -> None:
    with suppress(PolicyWarning):  # Of marks without a view, which are others'.
        cors.check()


def a_context(site: Site, _: CORS) -> None:
    with site.app.test_request_context("/none"):
        pass


EARLIER: list[tuple[str, Callable[[Site, CORS], None]]] = [
    ("a 404", not_found),
    ("a preflight", a_preflight),
    ("reconfigure", a_reconfiguration),
    ("check", a_check),
    ("a context", a_context),
]


@pytest.mark.parametrize(
    "happens", [each for _, each in EARLIER], ids=names_of(EARLIER)
)
@pytest.mark.parametrize("enforce", [False, True])
def test_a_view_that_is_added_later_has_its_policy(
    place: str, happens: Callable[[Site, CORS], None], enforce: bool
) -> None:
    """Whatever has looked at the routes before."""
    site = StrictSite(place, enforce=enforce)
    site.protect("/admin/first", "first", "GET")
    cors = site.start()
    happens(site, cors)
    view = site.view("late")
    if site.place == "view":
        view = cross_origin(**site.options)(view)
    endpoint = "admin.late" if site.place == "blueprint" else "late"
    site.app.view_functions[endpoint] = view
    rule = Rule("/admin/x", endpoint=endpoint, methods=["GET", "POST"])
    site.app.url_map.add(rule)
    assert site.outcomes("/admin/x") == strictly("late", enforce=enforce)
    methods = allowed(B, methods="GET, HEAD, POST")
    assert site.ask("/admin/x", "POST", B) == (204, methods, [])
    site.app.url_map.add(Rule("/admin/x", endpoint=endpoint, methods=["PUT"]))
    methods = allowed(B, methods="GET, HEAD, POST, PUT")
    assert site.ask("/admin/x", "POST", B) == (204, methods, [])


NAMED = {"policies": {"strict": {"origins": B, "enforce": True}}}
INHERITED = {"resources": {}, "enforce": True}


@pytest.mark.parametrize(
    ("options", "mark"),
    [(NAMED, cross_origin("strict")), (INHERITED, cross_origin(origins=B))],
    ids=["a named policy", "the application's options"],
)
@pytest.mark.usefixtures("no_marks")
def test_a_late_mark_enforces_what_it_inherits(options: Any, mark: Any) -> None:
    """Even if nothing has enforced before, the first request is refused."""
    site = Site()
    CORS(site.app, origins=A, **options)
    site.add("/x", "x", "POST")
    assert site.visit("/x", "POST", A).ran == ["x"]
    site.app.view_functions["x"] = mark(site.view("late"))
    for _ in range(2):
        assert site.visit("/x", "POST", EVIL) == (403, MISS, [])
    assert site.visit("/x", "POST", B) == (200, allowed(B), ["late"])


def replaced_anew(site: Site, marked: View) -> None:
    """Replace the view by one that takes the memory, and the id, of the old one."""
    before = id(site.app.view_functions["x"])
    for _ in range(100):
        del site.app.view_functions["x"]
        site.app.view_functions["x"] = copying(marked)
        if id(site.app.view_functions["x"]) == before:
            return


def copied_in_place(site: Site, marked: View) -> None:
    functools.update_wrapper(site.app.view_functions["x"], marked)


CHANGES: list[tuple[str, Callable[[Site, View], None]]] = [
    ("replaced by a copy", replaced_anew),
    ("made a copy", copied_in_place),
]


@pytest.mark.parametrize("change", [each for _, each in CHANGES], ids=names_of(CHANGES))
def test_a_mark_that_comes_with_a_copy_takes_effect(
    change: Callable[[Site, View], None],
) -> None:
    """``functools.wraps`` copies a mark, and nobody is told of it."""
    site = Site()
    marked = strict(site.view("marked"))
    CORS(site.app, origins="*")
    site.app.add_url_rule("/x", "x", lambda: "x", methods=["GET", "POST"])
    assert site.visit("/x", "POST", EVIL).status == 200
    change(site, marked)
    assert site.visit("/x", "POST", EVIL) == (403, MISS, [])


@pytest.mark.parametrize("late", [None, cors_exempt])
def test_a_view_that_loses_its_mark_loses_its_policy(late: Any) -> None:
    site = Site()
    CORS(site.app, origins="*")
    site.add("/x", "x", "POST", mark=strict)
    assert site.visit("/x", "POST", EVIL) == (403, MISS, [])
    view = site.view("other")
    site.app.view_functions["x"] = late(view) if late else view
    open_to_all = NOTHING if late else allowed("*")
    assert site.visit("/x", "POST", EVIL) == (200, open_to_all, ["other"])


@pytest.mark.parametrize("enforce", [False, True])
def test_a_late_mistake_is_denied_and_raises_in_no_request(
    place: str, enforce: bool, caplog: pytest.LogCaptureFixture
) -> None:
    site = StrictSite(place, enforce=enforce)
    site.protect("/admin/x", "x")
    site.start()
    assert site.visit("/admin/x", "POST", B).ran == ["x"]
    wrong = cross_origin("nobody")(site.view("late"))
    endpoint = "admin.x" if site.place == "blueprint" else "x"
    site.app.view_functions[endpoint] = wrong
    # A view or a blueprint with a policy of its own was refused before.
    ran = (403, MISS, []) if enforce else (200, MISS, ["late"])
    for origin in (EVIL, B):
        for _ in range(2):
            assert site.visit("/admin/x", "POST", origin) == ran
            assert site.ask("/admin/x", "POST", origin) == (403, MISS, [])
    logged = [each for each in caplog.records if each.levelname == "ERROR"]
    assert len(logged) == 1


def test_contexts_of_a_factory_leave_the_checks_to_the_first_request() -> None:
    """Also where a context is opened again for the same environ, as for an event."""
    site = Site()
    CORS(site.app, origins="*")
    site.add("/x", "x", mark=cross_origin(supports_credentials=True))
    environ = EnvironBuilder("/x").get_environ()
    for _ in range(3):
        with site.app.request_context(environ):
            pass
    for _ in range(2):
        with pytest.raises(PolicyError, match="origin-wildcard-credentials"):
            site.visit("/x")
    assert site.ran == []


@pytest.mark.usefixtures("no_marks")
def test_a_mark_that_came_later_is_not_told_as_unused() -> None:
    """Another application is checked, and this one serves the view."""
    gc.collect()
    site, other = Site(), Site()
    CORS(site.app, origins=A)
    site.add("/x", "x")
    site.add("/marked", "marked", mark=strict)
    assert site.visit("/x").ran == ["x"]
    site.app.view_functions["x"] = strict(site.view("late"))
    assert site.visit("/x", origin=B).ran == ["late"]
    CORS(other.app, origins=A).check()  # A warning would be an error.


@pytest.mark.usefixtures("no_marks")
def test_a_late_mark_enforces_while_another_request_looks_for_marks() -> None:
    """It may take its time: here, until a view is imported."""
    site = Site()
    imports, imported = threading.Event(), threading.Event()
    waits: list[bool] = []

    def slow() -> View:
        if waits:
            imports.set()
            imported.wait(20)
        return site.view("slow")

    CORS(site.app, origins=A)
    site.app.add_url_rule("/slow", "slow")
    site.app.view_functions["slow"] = LocalProxy(slow)
    site.add("/x", "x", "POST")
    site.add("/y", "y")
    assert site.visit("/x", "POST", EVIL).ran == ["x"]
    site.app.view_functions["x"] = strict(site.view("late"))
    waits.append(True)
    first = threading.Thread(target=lambda: site.send("/y"))
    second = threading.Thread(target=lambda: site.send("/x", "POST", EVIL))
    first.start()
    imports.wait(5)
    second.start()
    second.join(1)  # It may wait for the first one.
    imported.set()
    first.join()
    second.join()
    assert "late" not in site.ran
    assert site.visit("/x", "POST", B).ran == ["late"]


@pytest.mark.usefixtures("no_marks")
def test_a_late_mark_with_enforce_counts_at_once_where_no_path_rule_can_be_told() -> (
    None
):
    site = Site()
    CORS(site.app, origins=A, resources={"/api/*": {}})
    site.add("/me", "me")
    site.add("/items/<path:rest>", "items", mark=cross_origin(origins=B))
    assert site.visit("/me").ran == ["me"]
    strict(site.app.view_functions["me"])
    assert site.visit("/items/a/../b", origin=EVIL) == (403, MISS, [])
