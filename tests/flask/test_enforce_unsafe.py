"""``enforce="unsafe"`` in Flask: before the view, unless the view says otherwise."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from flask import Blueprint, Flask, Response, session
from werkzeug.routing import UnicodeConverter

from flask_cors_policy import CORS, CORSMiddleware, cross_origin

from .helpers import ASKED, EVIL, A

FORM = "application/x-www-form-urlencoded"
PAGES: dict[str, dict[str, Any]] = {
    "a form": {"content_type": FORM, "data": "a=1"},
    "a form with a file": {"content_type": "multipart/form-data", "data": {"a": "1"}},
    "JSON as text/plain": {"content_type": "text/plain", "data": '{"a": 1}'},
    "nothing": {},
}
PLACES = ["the application", "a path rule", "a blueprint", "a view", "around Flask"]


class Site:
    """An application with a session that notes what ran.

    :param place: where the policy is written.
    :param options: of the policy, over those of a login by cookie.
    """

    def __init__(self, place: str, **options: Any) -> None:
        policy: Any = {
            "origins": A,
            "supports_credentials": True,
            "enforce": "unsafe",
            **options,
        }
        self.ran: list[str] = []
        self.app = app = Flask(__name__)
        app.config.update(SECRET_KEY="x", TESTING=True)
        views = Blueprint("views", __name__)

        def view() -> Response:
            self.ran.append("view")
            session["seen"] = True
            return Response("secret")

        def paid() -> str:
            self.ran.append("paid")
            return "thanks"

        if place == "a view":
            cross_origin(**policy)(view)
        methods = ["GET", "POST", "DELETE"]
        views.add_url_rule("/x", "x", view, methods=methods)
        if place == "a view":
            view = cross_origin(**policy)(partial(view))
        views.add_url_rule("/ws", "ws", view, websocket=True)
        if place != "around Flask":
            cross_origin(enforce=False)(paid)
            views.add_url_rule("/paid", "paid", paid, methods=["POST"])
        app.before_request(lambda: self.ran.append("before"))
        if place == "around Flask":
            app.register_blueprint(views)
            app.wsgi_app = CORSMiddleware(app.wsgi_app, **policy)  # type: ignore[method-assign]
            return
        own: dict[str, Any] = {
            "the application": policy,
            "a path rule": {"resources": {"/*": policy}},
            "a blueprint": {"resources": {}},
        }
        CORS(app, **own.get(place, {"origins": A}))
        if place == "a blueprint":
            CORS(views, **policy)
        app.register_blueprint(views)

    def send(
        self,
        method: str = "POST",
        path: str = "/x",
        origin: str | None = EVIL,
        **more: Any,
    ) -> int:
        headers = {"Sec-Fetch-Site": "cross-site", **more.pop("headers", {})}
        if origin is not None:
            headers["Origin"] = origin
        client = self.app.test_client()
        client.set_cookie("session", "x")
        self.ran.clear()
        response = client.open(path, method=method, headers=headers, **more)
        if response.status_code == 403:
            assert response.data == b""
            assert "Set-Cookie" not in response.headers
        return response.status_code


@pytest.mark.parametrize("origin", [EVIL, "null", None])
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("place", PLACES)
def test_a_page_of_another_site_changes_nothing(
    place: str, page: str, origin: str | None
) -> None:
    site = Site(place)
    assert site.send(origin=origin, **PAGES[page]) == 403
    assert site.ran == []
    assert site.send("DELETE", origin=origin) == 403
    assert site.ran == []


@pytest.mark.parametrize("place", PLACES)
def test_a_page_of_another_site_opens_no_websocket(place: str) -> None:
    site = Site(place)
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    for origin in (EVIL, "null", None):
        assert site.send("GET", "/ws", origin, headers=upgrade) == 403
        assert site.ran == []
    assert site.send("GET", "/ws", A, headers=upgrade) == 200


@pytest.mark.parametrize("place", PLACES)
def test_links_images_and_reads_pass_and_so_does_the_front_end(place: str) -> None:
    site = Site(place)
    for origin in (EVIL, "null", None):
        assert site.send("GET", origin=origin) == 200
        assert site.send("HEAD", origin=origin) == 200
    assert site.send("POST", origin=A) == 200
    assert site.send("DELETE", origin=A) == 200
    own = {"Sec-Fetch-Site": "same-origin"}
    assert site.send("POST", origin="null", headers=own) == 200
    assert "view" in site.ran


@pytest.mark.parametrize("place", PLACES)
def test_a_preflight_of_another_site_is_refused_as_ever(place: str) -> None:
    assert Site(place).send("OPTIONS", headers={ASKED: "DELETE"}) == 403


@pytest.mark.parametrize("place", ["the application", "a path rule", "a blueprint"])
def test_a_view_that_other_sites_post_to_says_so(place: str) -> None:
    site = Site(place)
    assert site.send(path="/paid", **PAGES["a form"]) == 200
    assert site.ran == ["before", "paid"]
    assert site.send(**PAGES["a form"]) == 403
    assert site.ran == []


def test_a_view_that_refuses_more_than_the_application_does() -> None:
    site = Site("the application")
    strict = cross_origin(enforce=True)(lambda: "x")
    site.app.add_url_rule("/strict", "strict", strict)
    assert site.send("GET", "/strict") == 403
    assert site.send("GET", "/x") == 200


def test_a_changed_method_is_decided_again_and_the_answer_withheld() -> None:
    site = Site("the application")

    def override() -> None:
        from flask import request

        request.environ["REQUEST_METHOD"] = request.method = "DELETE"

    site.app.before_request(override)
    assert site.send("GET") == 403
    assert site.ran == ["before", "view"]


def test_a_url_of_no_route_is_answered_404_or_refused_by_the_same_rule() -> None:
    site = Site("the application")
    assert site.send("GET", "/none") == 404
    assert site.send("POST", "/none") == 403


def test_the_config_key_takes_it() -> None:
    app = Flask(__name__)
    app.config.update(CORS_ORIGINS=A, CORS_ENFORCE="unsafe")
    CORS(app)
    app.add_url_rule("/x", "x", lambda: "x", methods=["GET", "POST"])
    client = app.test_client()
    assert client.get("/x", headers={"Origin": EVIL}).status_code == 200
    assert client.post("/x", headers={"Origin": EVIL}).status_code == 403


def test_a_route_that_cannot_be_told_refuses_what_the_marks_refuse() -> None:
    """The mark of one view says "unsafe", so an unknown route refuses no GET."""
    app = Flask(__name__)

    class Broken(UnicodeConverter):
        def to_python(self, value: str) -> Any:
            raise LookupError

    app.url_map.converters["broken"] = Broken
    app.config["PROPAGATE_EXCEPTIONS"] = False
    view = cross_origin(origins=A, enforce="unsafe")(lambda: "x")
    app.add_url_rule("/x", "x", view)
    app.add_url_rule("/y/<broken:z>", "y", lambda z: z, methods=["GET", "POST"])
    CORS(app, resources={})
    client = app.test_client()
    assert client.get("/x", headers={"Origin": A}).status_code == 200
    assert client.post("/y/z", headers={"Origin": EVIL}).status_code == 403
    assert client.get("/y/z", headers={"Origin": EVIL}).status_code != 403
