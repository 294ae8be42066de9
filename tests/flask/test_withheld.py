"""What enforce refuses: before the view if it can, and else nothing is sent of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import flask
import pytest
from flask import Response
from flask.views import MethodView

from flask_cors_policy import CORS, cors_exempt

from .helpers import EVIL, MISS, A, B, allowed
from .places import StrictSite, names_of, strict
from .sites import Layer, Site, lazily

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def late(view: Callable[[], Any]) -> Site:
    """Return a site that is decided about only when *view* has run.

    A function of the application makes the method one that enforce applies to.
    """
    site = Site()

    class Item(MethodView):
        @cors_exempt
        def get(self) -> str:
            return "form"

        def post(self) -> Any:
            site.ran.append("post")
            return view()

    site.app.add_url_rule("/x", view_func=Item.as_view("item"))

    @site.app.before_request
    def override() -> None:
        flask.request.method = flask.request.args.get("_method", flask.request.method)

    return site


def assert_withheld(site: Site, through: Any = None) -> None:
    """Assert that the page gets nothing of what the view answered."""
    response = site.send("/x?_method=POST", "GET", EVIL, through=through)
    assert (response.status_code, response.data) == (403, b"")
    names = {name for name, _ in response.headers}
    assert names <= {"Vary", "Cache-Control", "Content-Type", "Content-Length"}
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Vary"] == "Origin"
    assert response.headers["Content-Type"].startswith("text/plain")


def full() -> Response:
    response = Response("secret", 201, {"X-Secret": "1", "Location": "/secret"})
    response.set_cookie("secret", "1")
    response.cache_control.public = True
    response.set_etag("secret")
    return response


def failing() -> None:
    raise LookupError("secret")


def aborting() -> None:
    flask.abort(409, "secret")


def streaming() -> Response:
    return Response(iter(["sec", "ret"]), headers={"X-Secret": "1"})


def redirecting() -> Any:
    return flask.redirect("/secret")


def with_a_session() -> str:
    flask.session["user"] = "me"
    flask.flash("secret")
    return "secret"


VIEWS: list[tuple[str, Callable[[], Any]]] = [
    ("headers and cookies", full),
    ("an exception", failing),
    ("an abort", aborting),
    ("a stream", streaming),
    ("a redirect", redirecting),
    ("a session", with_a_session),
]


@pytest.mark.parametrize("bypasses", [False, True])
def test_so_is_a_switch_to_another_protocol(bypasses: bool) -> None:
    site = late(lambda: Response("secret", 101))
    CORS(site.app, origins=A, enforce=True)
    assert_withheld(site, site.plain if bypasses else None)
    assert site.send("/x?_method=POST", "GET", A).status_code == 101


@pytest.mark.parametrize("view", [each for _, each in VIEWS], ids=names_of(VIEWS))
@pytest.mark.parametrize("bypasses", [False, True])
@pytest.mark.parametrize("debug", [False, True])
def test_nothing_of_a_withheld_answer_is_sent(
    view: Callable[[], Any], bypasses: bool, debug: bool
) -> None:
    site = late(view)
    CORS(site.app, origins=A, enforce=True)
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    site.app.debug = debug
    for _ in range(2):
        assert_withheld(site, site.plain if bypasses else None)
    assert site.ran == ["post", "post"]
    answer = site.visit("/x?_method=POST", "GET", A)
    assert answer.cors == allowed(A)


@pytest.mark.parametrize("bypasses", [False, True])
def test_the_log_says_that_it_was_withheld(
    bypasses: bool, caplog: pytest.LogCaptureFixture
) -> None:
    site = late(full)
    CORS(site.app, origins=A, enforce=True)
    assert_withheld(site, site.plain if bypasses else None)
    (record,) = caplog.records
    assert "withheld" in record.getMessage()
    assert record.__dict__["cors_reason"] == "origin-not-allowed"


class Body:
    """A body that notes what happens to it."""

    def __init__(self, events: list[str]) -> None:
        self.events = events

    def __iter__(self) -> Iterator[bytes]:
        self.events.append("read")
        yield b"secret"

    def close(self) -> None:
        self.events.append("closed")


def answering(events: list[str], how: str) -> Layer:
    """Return a layer that answers by itself."""

    def around(_: WSGIApplication) -> WSGIApplication:
        def layer(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            write = start_response("200 OK", [("X-Secret", "1")])
            if how == "writes":
                write(b"secret")
            if how == "starts again":
                error = (LookupError, LookupError("secret"), None)
                start_response("500 Error", [("X-Secret", "2")], error)  # type: ignore[arg-type]
            return Body(events)

        return layer

    return around


@pytest.mark.parametrize("how", ["returns", "writes", "starts again"])
def test_a_layer_that_answers_by_itself_is_withheld(place: str, how: str) -> None:
    """What it answers is closed and not read, what it writes is dropped."""
    events: list[str] = []
    site = StrictSite(place, enforce=True)
    site.protect("/admin/x", "x")
    site.wrap(answering(events, how))
    site.start()
    response = site.send("/admin/x", "POST", EVIL)
    assert (response.status_code, response.data) == (403, b"")
    assert "X-Secret" not in response.headers
    assert events == ["closed"]
    if how != "starts again":  # The client raises what the layer passes on.
        answer = site.send("/admin/x", "POST", B)
        assert answer.headers["Access-Control-Allow-Origin"] == B


def test_one_that_answers_late_is_withheld(place: str) -> None:
    site = StrictSite(place, enforce=True)
    site.protect("/admin/x", "x")
    events: list[str] = []
    site.wrap(answering(events, "writes"))
    site.wrap(lazily)
    site.start()
    response = site.send("/admin/x", "POST", EVIL)
    assert (response.status_code, response.data) == (403, b"")
    assert "X-Secret" not in response.headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
@pytest.mark.parametrize("bypasses", [False, True])
def test_a_refused_request_runs_nothing_of_the_application(
    place: str, method: str, bypasses: bool
) -> None:
    """Neither the view, nor what runs before it: they might write."""
    site = StrictSite(place, enforce=True)
    ran: list[str] = []
    site.app.before_request(lambda: ran.append("before"))
    site.protect("/admin/x", "x", "GET", "POST", "DELETE")
    site.start()
    through = site.plain if bypasses else None
    assert site.visit("/admin/x", method, EVIL, through=through) == (403, MISS, [])
    assert ran == []
    assert site.visit("/admin/x", method, B, through=through).ran == ["x"]
    assert ran == ["before"]


@pytest.mark.parametrize("bypasses", [False, True])
def test_what_no_view_serves_is_refused_too(place: str, bypasses: bool) -> None:
    site = StrictSite(place, enforce=True)
    site.protect("/admin/x", "x")
    site.start()
    through = site.plain if bypasses else None
    found = site.outcomes("/admin/x", "PUT", through=through)
    assert found == strict(enforce=True, status=405)


@pytest.mark.parametrize("bypasses", [False, True])
def test_own_requests_are_not_refused(place: str, bypasses: bool) -> None:
    """Those of the API's own pages, of links, and of programs that are no browsers."""
    site = StrictSite(place, enforce=True)
    site.protect("/admin/x", "x")
    site.start()
    through = site.plain if bypasses else None
    own: list[tuple[str | None, dict[str, str]]] = [
        (None, {}),
        ("http://localhost", {}),
        (EVIL, {"Sec-Fetch-Site": "same-origin"}),
        ("null", {"Sec-Fetch-Site": "none"}),
    ]
    for origin, headers in own:
        found = site.visit("/admin/x", "POST", origin, headers, through)
        assert found == (200, MISS, ["x"])
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert site.visit("/admin/x", "POST", None, foreign, through) == (403, MISS, [])
    assert site.visit("/admin/x", "GET", None, foreign, through).ran == ["x"]


@pytest.mark.parametrize("bypasses", [False, True])
@pytest.mark.parametrize("credentials", [False, True])
def test_cookies_pass_only_with_credentials(
    place: str, bypasses: bool, credentials: bool
) -> None:
    """Also after a request without cookies of the same origin was allowed."""
    site = StrictSite(place, enforce=True, supports_credentials=credentials)
    site.protect("/admin/x", "x")
    site.start()
    through = site.plain if bypasses else None
    cookies = {"Cookie": "session=1"}
    for _ in range(2):
        assert site.visit("/admin/x", "POST", B, {}, through).ran == ["x"]
        found = site.visit("/admin/x", "POST", B, cookies, through)
        assert found.status == (200 if credentials else 403)
        assert found.ran == (["x"] if credentials else [])
