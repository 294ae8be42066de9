"""Requests that do not pass the middleware have the policy that others have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from .helpers import EVIL, MISS, B, allowed
from .places import StrictSite, names_of, strict
from .sites import Visit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Around = Callable[["WSGIApplication"], "WSGIApplication"]


def nothing_else(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [])
    return [b""]


def as_it_is(wsgi_app: WSGIApplication) -> WSGIApplication:
    return wsgi_app


def copying(wsgi_app: WSGIApplication) -> WSGIApplication:
    return lambda environ, start_response: wsgi_app({**environ}, start_response)


def mounted(wsgi_app: WSGIApplication) -> WSGIApplication:
    return DispatcherMiddleware(nothing_else, {"/mount": wsgi_app})


TAKEN: list[tuple[str, Around]] = [
    ("as it was", as_it_is),
    ("with a copied environ", copying),
    ("behind a proxy", lambda app: ProxyFix(app, x_prefix=1)),
    ("mounted", mounted),
]


@pytest.mark.parametrize("around", [each for _, each in TAKEN], ids=names_of(TAKEN))
@pytest.mark.parametrize("enforce", [False, True])
def test_wsgi_app_may_be_taken_before_the_policies(
    place: str, around: Around, enforce: bool
) -> None:
    """Connexion does so, and who writes ``ProxyFix(app.wsgi_app)`` too early."""
    site = StrictSite(place, enforce=enforce)
    through = around(site.plain)
    site.protect("/admin/x", "x")
    site.start()
    path = "/mount/admin/x" if around is mounted else "/admin/x"
    for _ in range(2):  # The first such request and the next.
        found = site.outcomes(path, through=through)
        assert found == strict("x", enforce=enforce)
    granted = allowed(B, methods="GET, HEAD, OPTIONS, POST")
    assert site.ask(path, "POST", B, through=through) == (204, granted, [])


@pytest.mark.parametrize("first", ["preflight", "404", "405", "own", "error"])
def test_whatever_the_first_such_request_is(place: str, first: str) -> None:
    site = StrictSite(place, enforce=True)
    site.protect("/admin/x", "x")

    def failing() -> str:
        raise LookupError

    site.protect("/admin/error", "error", view=failing)
    site.start()
    through = site.plain
    if first == "preflight":
        assert site.ask("/admin/x", "POST", EVIL, through=through).status == 403
    elif first == "404":
        assert site.visit("/none", "GET", B, through=through).status == 404
    elif first == "405":
        assert site.visit("/admin/x", "PUT", B, through=through).status == 405
    elif first == "own":
        found = site.visit("/admin/x", origin=None, through=through)
        assert found == (200, MISS, ["x"])
    else:
        found = site.visit("/admin/error", "POST", B, through=through)
        assert found == (500, allowed(B), [])
    assert site.outcomes("/admin/x", through=through) == strict("x", enforce=True)
    assert site.outcomes("/admin/x") == strict("x", enforce=True)


@pytest.mark.parametrize("path", ["/admin/x", "/admin/error"])
def test_headers_of_the_application_do_not_pass_there(place: str, path: str) -> None:
    own = {"Access-Control-Allow-Origin": "*", "Access-Control-Max-Age": "9"}
    site = StrictSite(place)
    site.protect("/admin/x", "x", view=lambda: ("x", own))
    site.protect("/admin/error", "error", view=lambda: ("x", 500, own))
    site.start()
    status = 200 if path == "/admin/x" else 500
    found = site.outcomes(path, through=site.plain)
    assert found == strict(status=status)


def test_nor_do_those_that_its_own_functions_set(place: str) -> None:
    """The last of them runs before the policy sets its own."""
    site = StrictSite(place, enforce=True)

    @site.app.after_request
    def open_all(response: Any) -> Any:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers.add("Vary", "Accept")
        return response

    site.protect("/admin/x", "x")
    site.start()
    with site.app.test_request_context():  # It comes without passing, too.
        pass

    @site.app.after_request
    def open_all_later(response: Any) -> Any:
        return open_all(response)

    for through in (site.plain, site.app):
        assert site.visit("/admin/x", "POST", EVIL, through=through).ran == []
        found = site.send("/admin/x", "POST", EVIL, through=through)
        assert "Access-Control-Allow-Origin" not in found.headers
        assert "Origin" in found.headers["Vary"].split(", ")
        answer = site.send("/admin/x", "POST", B, through=through)
        assert answer.headers.getlist("Access-Control-Allow-Origin") == [B]


def instrumented(site: StrictSite) -> Callable[[], None]:
    """Put a layer around the application, and return what takes it off again."""
    before = site.app.wsgi_app

    def layer(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        return before(environ, start_response)

    site.app.wsgi_app = layer  # type: ignore[method-assign]

    def undo() -> None:
        site.app.wsgi_app = before  # type: ignore[method-assign]

    return undo


@pytest.mark.parametrize("served", [False, True])
@pytest.mark.parametrize("enforce", [False, True])
def test_an_instrumentation_that_puts_the_old_one_back(
    place: str, served: bool, enforce: bool
) -> None:
    site = StrictSite(place, enforce=enforce)
    undo = instrumented(site)
    site.protect("/admin/x", "x")
    site.start()
    if served:
        assert site.outcomes("/admin/x") == strict("x", enforce=enforce)
    undo()
    assert site.outcomes("/admin/x") == strict("x", enforce=enforce)


def test_a_path_that_is_not_there_is_open_only_where_the_application_is(
    place: str,
) -> None:
    site = StrictSite(place)
    site.protect("/admin/x", "x")
    site.start()
    for path in ("/none", "/admin/none", "/admin/x/"):
        assert site.visit(path, "PUT", EVIL) == site.visit(
            path, "PUT", EVIL, through=site.plain
        )
        assert site.ask(path, "PUT", EVIL) == site.ask(
            path, "PUT", EVIL, through=site.plain
        )


@pytest.mark.parametrize("enforce", [False, True])
def test_it_may_be_bypassed_and_not_in_turns(place: str, enforce: bool) -> None:
    site = StrictSite(place, enforce=enforce)
    site.protect("/admin/x", "x")
    site.start()
    for through in (site.app, site.plain, site.app, site.plain):
        found = site.outcomes("/admin/x", through=through)
        assert found == strict("x", enforce=enforce)


def test_a_preflight_of_no_view_stays_what_it_was(place: str) -> None:
    """A bypassed preflight is answered before any function of the application."""
    site = StrictSite(place)
    site.protect("/admin/x", "x")
    ran: list[str] = []

    @site.app.before_request
    def log_in() -> tuple[str, int]:
        ran.append("log in")
        return "who are you?", 401

    site.start()
    granted = Visit(204, allowed(B, methods="GET, HEAD, OPTIONS, POST"), [])
    assert site.ask("/admin/x", "POST", B, through=site.plain) == granted
    assert ran == []
    assert site.visit("/admin/x", "POST", B, through=site.plain).status == 401
