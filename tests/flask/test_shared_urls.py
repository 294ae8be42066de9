"""One URL, several routes: no list names a method that another policy applies to.

Browsers keep the answer to a preflight for its URL, not for the one that it, or a
redirect, leads to.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from flask import Blueprint, Flask

from flask_cors_policy import CORS, cors_exempt, cross_origin

from .helpers import MISS, A, B, C, allowed, make_app, marked, ok, preflight, request

ALLOW_ORIGIN = "Access-Control-Allow-Origin"
METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")


def test_a_redirect_brings_in_no_methods_that_another_view_serves_here() -> None:
    """POST /x leads to /x/; PUT /x does not, and is for others."""
    app = make_app([A, B], methods=["PUT", "DELETE"])
    app.add_url_rule("/x/", "lax", ok, methods=["POST", "PUT"])
    app.add_url_rule("/x", "strict", marked(B), methods=["PUT"])
    assert preflight(app, "/x", "POST") == (
        204,
        allowed(A, methods="DELETE", max_age="0"),
    )
    assert preflight(app, "/x/", "POST") == (204, allowed(A, methods="PUT, DELETE"))
    assert preflight(app, "/x", "PUT") == (403, MISS)
    assert request(app, "/x", "PUT") == (200, MISS)


def test_a_redirect_out_of_the_application_has_the_policy_of_the_views() -> None:
    """No view serves POST here, so that it is answered as a 405 would be."""
    app = make_app([A, B], methods=["PUT", "DELETE"])
    app.add_url_rule(
        "/x", "out", ok, methods=["POST"], redirect_to="https://elsewhere.example/"
    )
    app.add_url_rule("/x", "strict", marked(B), methods=["PUT"])
    assert preflight(app, "/x", "POST", A) == (403, MISS)
    assert request(app, "/x", "POST", A) == (308, MISS)
    assert preflight(app, "/x", "POST", B) == (
        204,
        allowed(B, methods="PUT, DELETE"),
    )
    assert request(app, "/x", "POST", B) == (308, allowed(B))


@pytest.mark.parametrize("asked", ["POST", "PATCH"])
@pytest.mark.parametrize("lax", [True, False])
def test_a_route_that_is_lax_about_its_slash_counts(lax: bool, asked: str) -> None:
    """Werkzeug serves it at this URL, but does not count it among its methods."""
    app = make_app([A, B], methods=["PUT", "DELETE"])
    app.add_url_rule("/x/", "strict", marked(B), methods=["PUT"], strict_slashes=False)
    if lax:
        app.add_url_rule("/x", "lax", ok, methods=["POST"])
    answered = (204, allowed(A, methods="DELETE", max_age="0")) if lax else (403, MISS)
    assert preflight(app, "/x", asked) == answered
    assert preflight(app, "/x", "PUT") == (403, MISS)
    assert request(app, "/x", "PUT") == (200, MISS)


def random_app(number: int) -> Flask:
    """Return an app whose routes overlap, with policies on some of them."""
    rng = random.Random(number)
    origins = [[A], [B], [A, B], "*", [C]]

    def options() -> dict[str, Any]:
        written: dict[str, Any] = {"origins": rng.choice(origins)}
        if rng.random() < 0.3:
            written["methods"] = rng.choice([["PUT"], ["PUT", "DELETE"], "*", []])
        if rng.random() < 0.3:
            written["allow_headers"] = rng.choice(["*", ["X-A"]])
        return written

    def add(target: Flask | Blueprint) -> None:
        for index in range(rng.randint(1, 5)):
            view: Any = lambda **_: "ok"  # noqa: E731
            if rng.random() < 0.4:
                view = cross_origin(**options())(view)
            elif rng.random() < 0.1:
                view = cors_exempt(view)
            rule = rng.choice(
                ["/x", "/x/", "/x/<i>", "/x/<int:i>", "/<path:p>", "/<s>", "/<s>/y"]
            )
            target.add_url_rule(
                rule,
                f"view{index}",
                view,
                methods=rng.sample(METHODS, rng.randint(1, 3)),
            )

    app = Flask(__name__, static_folder=None)
    app.url_map.strict_slashes = rng.random() < 0.7
    app.url_map.merge_slashes = rng.random() < 0.6
    outer = options()
    if number % 2:
        rules = rng.sample(["/*", "/x/*", "/x", "/v/*"], 2)
        outer["resources"] = {rule: options() for rule in rules}
    CORS(app, **outer)
    add(app)
    blueprint = Blueprint("b", __name__, url_prefix="/v")
    add(blueprint)
    if rng.random() < 0.5:
        CORS(blueprint, **options())
    app.register_blueprint(blueprint)
    return app


PATHS = ("/x", "/x/", "/x/1", "/x/a", "/y", "/v/x", "/v/x/", "/v/none")


def allowed_methods(app: Flask, path: str, asked: str) -> set[str]:
    """Return the methods that a page of ``A`` may send after a preflight."""
    status, headers = preflight(app, path, asked)
    if status != 204:
        return set()
    listed = headers.get("Access-Control-Allow-Methods", "").split(", ")
    simple = {"GET", "POST"} & {asked}
    return {*METHODS} if "*" in listed else {*METHODS} & {*listed, *simple}


def test_what_a_preflight_allows_is_allowed_when_it_comes() -> None:
    """What is served at all is served under a policy that allows the origin."""
    served_methods = 0
    for number in range(20):
        app = random_app(number)
        for path in PATHS:
            for asked in (*METHODS, "LOCK", "*"):
                for method in allowed_methods(app, path, asked):
                    status, headers = request(app, path, method)
                    if status != 200:  # A redirect, 404 or 405.
                        continue
                    served_methods += 1
                    place = f"app {number}: {path}, {method} after asking for {asked}"
                    assert headers.get(ALLOW_ORIGIN) in (A, "*"), place
    assert served_methods > 150
