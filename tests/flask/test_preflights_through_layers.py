"""Preflights: what sees them on their way, and whose answer is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import flask
import pytest
from flask import Response
from flask.sessions import SecureCookieSessionInterface

from flask_cors_policy import cors_exempt

from .helpers import ASKED, EVIL, MISS, B
from .places import StrictSite, names_of
from .sites import Layer, Visit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def passing(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Return a layer that changes nothing."""

    def layer(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        return wsgi_app(environ, start_response)

    return layer


LAYERS: list[tuple[str, Layer | None]] = [
    ("directly", None),
    ("through a layer", passing),
]


def started(place: str, layer: Layer | None, **options: Any) -> StrictSite:
    site = StrictSite(place, **options)
    site.protect("/admin/x", "x", "PUT")
    if layer is not None:
        site.wrap(layer)
    site.start()
    return site


def assert_answered(site: StrictSite, through: Any = None, path: str = "") -> None:
    """Assert that the preflight of the strict view has the answer of its policy."""
    path = path or "/admin/x"
    granted = site.ask(path, "PUT", B, through=through)
    assert (granted.status, granted.ran) == (204, [])
    assert granted.cors["Access-Control-Allow-Origin"] == B
    assert granted.cors["Access-Control-Allow-Methods"] == "OPTIONS, PUT"
    assert site.ask(path, "PUT", EVIL, through=through) == (403, MISS, [])


@pytest.mark.parametrize("layer", [each for _, each in LAYERS], ids=names_of(LAYERS))
def test_flask_matches_the_announced_method_and_no_body(
    place: str, layer: Layer | None
) -> None:
    seen: list[tuple[str, bytes, str]] = []

    def look(value: str) -> str:
        request = flask.request
        seen.append((request.method, request.get_data(), request.host))
        return value

    site = StrictSite(place)
    site.add_converter("own", look)
    site.protect("/admin/<own:value>", "x", "PUT")
    if layer is not None:
        site.wrap(layer)
    site.start()
    sent: dict[str, Any] = {"data": b"body", "base_url": "http://api.example"}
    assert site.ask("/admin/x", "PUT", B, **sent).status == 204
    assert seen
    if layer is None:
        assert {*seen} == {("PUT", b"", "api.example")}


def test_no_function_of_the_application_runs_for_one_that_is_answered_directly(
    place: str,
) -> None:
    site = StrictSite(place)
    ran: list[str] = []
    app = site.app
    app.before_request(lambda: ran.append("before"))

    @app.after_request
    def after(response: Response) -> Response:
        ran.append("after")
        return response

    app.url_value_preprocessor(lambda *_: ran.append("values"))
    app.teardown_request(lambda _: ran.append("teardown of the request"))
    app.teardown_appcontext(lambda _: ran.append("teardown"))
    site.protect("/admin/x", "x", "PUT")
    site.start()
    assert_answered(site)
    assert {*ran} <= {"teardown of the request", "teardown"}


@pytest.mark.parametrize("what", ["teardown", "teardown of the request", "session"])
@pytest.mark.parametrize("layer", [each for _, each in LAYERS], ids=names_of(LAYERS))
def test_what_a_context_raises_is_logged_once(
    place: str, what: str, layer: Layer | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing of it reaches the page, and nothing is granted where matching failed."""
    site = StrictSite(place)

    def failing(*_: object) -> Any:
        if flask.request.method in ("PUT", "OPTIONS"):
            raise LookupError("gone")

    class Sessions(SecureCookieSessionInterface):
        open_session = failing  # type: ignore[assignment]

    if what == "teardown":
        site.app.teardown_appcontext(failing)
    elif what == "session":
        site.app.session_interface = Sessions()
    else:
        site.app.teardown_request(failing)
    site.protect("/admin/x", "x", "PUT")
    if layer is not None:
        site.wrap(layer)
    site.start()
    for _ in range(3):
        if what != "session":
            assert_answered(site)
        else:
            assert site.ask("/admin/x", "PUT", EVIL) == (403, MISS, [])
    mine = [each for each in caplog.records if each.name == "flask_cors_policy"]
    assert len([each for each in mine if each.levelname == "ERROR"]) == 1


def refusing(
    wsgi_app: WSGIApplication, status: str = "401 Unauthorized"
) -> WSGIApplication:
    def layer(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, [("Set-Cookie", "a=b"), ("WWW-Authenticate", "Basic")])
        return [b"who are you?"]

    return layer


def raising(wsgi_app: WSGIApplication) -> WSGIApplication:
    def layer(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise LookupError("no database")

    return layer


def redirecting(wsgi_app: WSGIApplication) -> WSGIApplication:
    return refusing(wsgi_app, "302 Found")


def opening(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Return a layer that answers every preflight as Flask-CORS would."""

    def layer(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "OPTIONS":
            return wsgi_app(environ, start_response)
        origin = environ["HTTP_ORIGIN"]
        own = [("Access-Control-Allow-Origin", origin), ("Vary", "Accept")]
        start_response("200 OK", [*own, ("Access-Control-Allow-Methods", "*")])
        return [b""]

    return layer


ANSWERING: list[tuple[str, Layer]] = [
    ("refuses", refusing),
    ("redirects", redirecting),
    ("raises", raising),
    ("opens all", opening),
]


@pytest.mark.parametrize(
    "layer", [each for _, each in ANSWERING], ids=names_of(ANSWERING)
)
def test_what_a_layer_answers_is_replaced(place: str, layer: Layer) -> None:
    site = started(place, layer)
    assert_answered(site)
    response = site.send("/admin/x", "OPTIONS", B, {ASKED: "PUT"})
    assert response.data == b""
    assert "Set-Cookie" not in response.headers
    assert "Accept" not in response.headers["Vary"]


def moving(wsgi_app: WSGIApplication) -> WSGIApplication:
    """Return a layer that takes a prefix off, and refuses."""
    refuse = refusing(wsgi_app)

    def layer(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/v1")
        return refuse(environ, start_response)

    return layer


def test_one_that_reaches_nothing_is_matched_as_the_layers_have_left_it(
    place: str,
) -> None:
    assert_answered(started(place, moving), path="/v1/admin/x")


def adding(site: StrictSite) -> None:
    @site.app.after_request
    def add(response: Response) -> Response:
        response.headers["X-Own"] = "1"
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.set_cookie("own", "1")
        return response


def needing(site: StrictSite) -> None:
    """Add a function that relies on one that runs before the view."""
    site.app.before_request(lambda: setattr(flask.g, "began", 1))

    @site.app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Own"] = str(flask.g.began)
        return response


def values(site: StrictSite) -> None:
    @site.app.url_value_preprocessor
    def failing(*_: object) -> None:
        if flask.request.method == "OPTIONS":
            raise LookupError("no language")


FUNCTIONS: list[tuple[str, Callable[[StrictSite], None]]] = [
    ("add headers", adding),
    ("need what ran before", needing),
    ("raise before", values),
]


@pytest.mark.parametrize(
    "add", [each for _, each in FUNCTIONS], ids=names_of(FUNCTIONS)
)
@pytest.mark.parametrize("layer", [each for _, each in LAYERS], ids=names_of(LAYERS))
def test_what_functions_of_the_application_answer_is_replaced(
    place: str, layer: Layer | None, add: Callable[[StrictSite], None]
) -> None:
    site = StrictSite(place)
    add(site)
    site.protect("/admin/x", "x", "PUT")
    if layer is not None:
        site.wrap(layer)
    site.start()
    assert_answered(site)
    response = site.send("/admin/x", "OPTIONS", B, {ASKED: "PUT"})
    assert "X-Own" not in response.headers
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("layer", [each for _, each in LAYERS], ids=names_of(LAYERS))
def test_so_is_what_they_add_to_a_refused_request(
    place: str, layer: Layer | None
) -> None:
    site = StrictSite(place, enforce=True)
    adding(site)
    site.protect("/admin/x", "x", "PUT")
    if layer is not None:
        site.wrap(layer)
    site.start()
    response = site.send("/admin/x", "PUT", EVIL)
    assert (response.status_code, response.data) == (403, b"")
    assert "X-Own" not in response.headers
    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert site.ran == []


@pytest.mark.parametrize(
    "add", [each for _, each in FUNCTIONS], ids=names_of(FUNCTIONS)
)
@pytest.mark.parametrize("asks", [True, False])
def test_in_a_bypass_they_have_their_way_but_for_cors_headers(
    place: str, add: Callable[[StrictSite], None], asks: bool
) -> None:
    """There is no layer outside: one that raises last is the application's own 500."""
    site = StrictSite(place, enforce=True)
    add(site)
    site.protect("/admin/x", "x", "PUT")
    site.start()
    asked = {ASKED: "PUT"} if asks else {}
    method = "OPTIONS" if asks else "PUT"
    response = site.send("/admin/x", method, EVIL, asked, through=site.plain)
    assert site.ran == []
    assert "Access-Control-Allow-Origin" not in response.headers
    if add is adding:
        assert (response.status_code, response.data) == (403, b"")
        assert response.headers["X-Own"] == "1"
    elif add is needing:
        assert response.status_code == 500
    else:
        assert response.status_code == 403


@pytest.mark.parametrize("layer", [each for _, each in LAYERS], ids=names_of(LAYERS))
def test_an_exempt_view_answers_its_own(place: str, layer: Layer | None) -> None:
    """Its answer comes through as it is, chunk by chunk."""
    site = StrictSite(place)

    @cors_exempt
    def own() -> Response:
        site.ran.append("own")
        chunks = (chunk for chunk in ("a", "", "b"))
        return Response(chunks, 207, {"Access-Control-Allow-Origin": "own"})

    site.app.add_url_rule(
        "/own", view_func=own, methods=["OPTIONS"], provide_automatic_options=False
    )
    site.protect("/admin/x", "x", "PUT")
    if layer is not None:
        site.wrap(layer)
    site.start()
    for through in (None, site.plain):
        found = site.ask("/own", "OPTIONS", EVIL, through=through)
        allowed_by_itself = {"Access-Control-Allow-Origin": "own"}
        assert found == Visit(207, allowed_by_itself, ["own"])
        response = site.send("/own", "OPTIONS", EVIL, {ASKED: "OPTIONS"}, through)
        assert response.data == b"ab"
