"""Where routes with a policy of their own meet path rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, Response

from flask_cors_policy import CORS, cross_origin

from .helpers import (
    MISS,
    A,
    allowed,
    preflight,
    problems,
    request,
)

# Where a route meets path rules


def path_routes(*rules: str) -> Callable[[], object]:
    """Return a start of an app whose marked routes conflict with "/open/*"."""

    def start() -> object:
        app = Flask(__name__)
        CORS(app, resources={"/*": {"origins": A}, "/open/*": {"origins": "*"}})
        for number, rule in enumerate(rules):
            view = cross_origin(supports_credentials=True)(lambda **_: "x")
            app.add_url_rule(rule, f"view{number}", view)
        return request(app, "/")

    return start


@pytest.mark.parametrize(
    "rule",
    ["/open/x", "/open/<x>", "/<x>/y", "/<path:x>", "/<path:x>/z", "/open", "/open/"],
)
def test_a_route_that_may_meet_a_path_rule_is_checked_with_it(rule: str) -> None:
    """It is an error at the start, not at the request where they meet."""
    assert problems(path_routes(rule)) == [
        (
            "CORS(app): resources['/open/*']['origins']",
            "origin-wildcard-credentials",
        )
    ]


@pytest.mark.parametrize("rule", ["/", "/x", "/x/<path:y>", "/opened", "/x/open/y"])
def test_a_route_that_cannot_meet_a_path_rule_is_not(rule: str) -> None:
    assert path_routes(rule)()


def test_an_exact_path_rule_meets_routes_of_the_same_length_only() -> None:
    app = Flask(__name__)
    CORS(app, resources={"/*": {"origins": A}, "/a/b": {"origins": "*"}})
    strict = cross_origin(supports_credentials=True)
    app.add_url_rule("/<x>", view_func=strict(lambda x: x))
    app.add_url_rule("/a/b/<x>", "deep", strict(lambda x: x))
    assert request(app, "/a") == (200, allowed(A, credentials="true"))
    assert request(app, "/a/b/c") == (200, allowed(A, credentials="true"))


def test_no_path_can_bring_policies_together_that_were_not_checked() -> None:
    """ "/a/./b" is ambiguous: the view would inherit from no path rule."""
    app = Flask(__name__)
    CORS(app, resources={"/*": {"origins": A}})

    @app.route("/<path:rest>")
    @cross_origin(max_age=1)
    def view(rest: str) -> Response:
        return Response(rest)

    assert request(app, "/a/b") == (200, allowed(A))
    for path in ("/a/./b", "/a/../b"):
        overrides = {"PATH_INFO": path}
        assert request(app, "/", environ_overrides=overrides) == (200, MISS)
        assert preflight(app, "/", "GET", environ_overrides=overrides) == (403, MISS)
