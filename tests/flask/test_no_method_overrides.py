"""Method overrides lead past no policy: what runs is what was decided about."""

from __future__ import annotations

import flask
import pytest
from flask.views import MethodView

from flask_cors_policy import CORS, cors_exempt

from .helpers import EVIL, MISS, A, allowed
from .sites import OVERRIDE, Site, Visit, overriding


@pytest.mark.parametrize("enforce", [False, True])
@pytest.mark.parametrize("origin", [A, EVIL])
def test_a_preflight_stays_one_though_a_layer_inside_overrides_its_method(
    origin: str, enforce: bool
) -> None:
    """Else the view runs, for a page that nobody has allowed anything yet."""
    site = Site()
    site.add("/x", "delete", "DELETE")
    site.wrap(overriding)
    CORS(site.app, origins=A, enforce=enforce)
    answer = site.ask("/x", "DELETE", origin, {OVERRIDE: "DELETE"})
    methods = "DELETE, OPTIONS"
    granted = Visit(204, allowed(A, methods=methods), [])
    assert answer == (granted if origin == A else Visit(403, MISS, []))


def overridden_by_the_query(site: Site) -> None:
    @site.app.before_request
    def override() -> None:
        flask.request.method = flask.request.args.get("_method", flask.request.method)


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
def test_an_exempt_method_opens_no_other_through_an_override(method: str) -> None:
    """The preflight of an exempt method reaches the view, but as no other method."""
    site = Site()

    class Item(MethodView):
        methods = ("GET", "POST", "OPTIONS")
        provide_automatic_options = False

        @cors_exempt
        def get(self) -> str:
            return "get"

        def post(self) -> str:
            return "secret"

        def options(self) -> str:
            return "options"

    site.app.add_url_rule("/x", view_func=Item.as_view("item"))
    overridden_by_the_query(site)
    CORS(site.app, origins=A, enforce=True)
    asked = {"Access-Control-Request-Method": "GET"} if method == "OPTIONS" else {}
    response = site.send("/x?_method=POST", method, EVIL, asked)
    assert (response.status_code, response.data) == (403, b"")
