"""``flask cors routes``: each route, its policy, and where that comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask
from flask.views import MethodView

from flask_cors_policy import CORS, cors_exempt, cross_origin
from flask_cors_policy.devtools.app_routes import route_policies
from flask_cors_policy.devtools.cli import cors
from tests.flask.helpers import A, B, C, allowed, ok, problems, request


def partner(origin: str, environ: Mapping[str, Any]) -> bool:
    return origin == B


class Item(MethodView):
    def get(self) -> str:
        return "item"

    @cross_origin(origins=B)
    def delete(self) -> str:
        return ""


def shop(**options: Any) -> Flask:
    app = Flask(__name__)
    blueprint = Blueprint("shop", __name__, url_prefix="/shop")
    CORS(blueprint, supports_credentials=True, max_age=600)
    blueprint.add_url_rule("/cart", "cart", ok, methods=["GET", "POST"])
    app.register_blueprint(blueprint)
    app.add_url_rule("/item", view_func=Item.as_view("item"))
    app.add_url_rule(
        "/me",
        "me",
        cross_origin(
            enforce=True, expose_headers="ETag", allow_headers="X-A", methods="PUT"
        )(lambda: "me"),
    )
    app.add_url_rule("/own", "own", cors_exempt(lambda: "own"))
    app.add_url_rule("/old", "old", ok, methods=["OPTIONS"])
    if options:
        CORS(app, **options)
    return app


def test_the_table_has_a_line_for_each_route_and_policy() -> None:
    result = shop(origins=[A, B, C]).test_cli_runner().invoke(cors, ["routes"])
    assert result.exit_code == 0
    origins = f"{A}, {B} and 1 more"
    rows = [re.split("  +", line) for line in result.output.splitlines()]
    assert rows == [
        ["Rule", "Methods", "Origins", "Also", "From"],
        ["/item", "DELETE", B, f"@cross_origin on {__name__}.Item.delete"],
        ["/item", "GET", origins, "the application"],
        [
            "/me",
            "GET",
            origins,
            "methods PUT; allows X-A; exposes ETag; enforce",
            f"@cross_origin on {__name__}.shop.<locals>.<lambda>",
        ],
        ["/old", "OPTIONS", origins, "the application"],
        ["/own", "GET", "-", f"@cors_exempt on {__name__}.shop.<locals>.<lambda>"],
        [
            "/shop/cart",
            "GET, POST",
            origins,
            "credentials; max_age 600",
            "CORS(...) on blueprint 'shop'",
        ],
        ["/static/<path:filename>", "GET", origins, "the application"],
        ["(any other path)", origins, "the application"],
    ]


def test_without_cors_and_marks_nothing_has_a_policy() -> None:
    app = Flask(__name__)
    app.add_url_rule("/x", "x", ok)
    found = route_policies(app)
    assert {each.place for each in found} == {"no CORS(app)"}
    assert all(each.policy is None for each in found)


def test_without_cors_only_what_is_marked_has_a_policy() -> None:
    app = Flask(__name__, static_folder=None)
    app.config["CORS_POLICIES"] = {"partners": {"origins": B}}
    app.add_url_rule("/x", "x", ok)
    app.add_url_rule("/own", "own", cross_origin(origins=A)(lambda: "own"))
    app.add_url_rule("/named", "named", cross_origin("partners")(lambda: "named"))
    found = {each.rule: each.policy for each in route_policies(app)}
    assert {rule: policy and policy.origins for rule, policy in found.items()} == {
        "/named": (B,),
        "/own": (A,),
        "/x": None,
    }
    # What the first request reads is read anew: nothing was fixed by looking.
    app.config["CORS_POLICIES"] = {"partners": {"origins": C}}
    assert request(app, "/named", origin=C) == (200, allowed(C))


def test_without_cors_a_mark_without_origins_is_a_mistake() -> None:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/own", "own", cross_origin(max_age=60)(lambda: "own"))
    assert [reason for _, reason in problems(lambda: route_policies(app))] == [
        "origins-required"
    ]


def test_a_route_under_several_path_rules_has_a_line_for_each() -> None:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/<name>", "page", ok)
    app.add_url_rule("/api/items", "items", ok)
    CORS(
        app,
        resources={
            "/open": {"origins": "*", "timing_allow_origin": True},
            "/api/*": {"origins": [partner]},
        },
    )
    result = app.test_cli_runner().invoke(cors, ["routes"])
    data = json.loads(app.test_cli_runner().invoke(cors, ["routes", "--json"]).output)
    assert data[-1]["policy"]["origins"] == [repr(partner)]
    rows = [re.split("  +", line) for line in result.output.splitlines()[1:]]
    assert rows == [
        ["/<name>", "GET", "-", "no path rule"],
        ["/<name>", "GET", "*", "timing", "resources '/open'"],
        ["/<name>", "GET", "partner", "resources '/api/*'"],
        ["/api/items", "GET", "partner", "resources '/api/*'"],
        ["/open (any other)", "*", "timing", "resources '/open'"],
        ["/api/* (any other)", "partner", "resources '/api/*'"],
    ]


def test_as_json_each_setting_says_where_it_was_written() -> None:
    app = Flask(__name__, static_folder=None, host_matching=True)
    app.config["CORS_ORIGINS"] = [A]
    app.add_url_rule(
        "/x", "x", cross_origin(max_age=60)(lambda: "x"), host="api.example.com"
    )
    CORS(app, supports_credentials=True)
    runner = app.test_cli_runner()
    first, rest = json.loads(runner.invoke(cors, ["routes", "--json"]).output)
    place = (
        f"@cross_origin on {__name__}.test_as_json_each_setting_says_where_it_was_"
        "written.<locals>.<lambda>"
    )
    assert first == {
        "rule": "/x",
        "host": "api.example.com",
        "endpoint": "x",
        "methods": ["GET"],
        "path_rule": None,
        "policy": {
            "origins": [A],
            "methods": [],
            "allow_headers": ["Authorization", "Content-Type"],
            "expose_headers": [],
            "supports_credentials": True,
            "max_age": 60,
            "preflight_status": 204,
            "timing_allow_origin": False,
            "enforce": False,
            "accept_risks": [],
        },
        "derives_methods": True,
        "from": place,
        "sources": ["the application", place],
        "written": {
            "origins": "CORS_ORIGINS",
            "supports_credentials": "CORS(app): supports_credentials",
            "max_age": f"{place}: max_age",
        },
    }
    assert (rest["endpoint"], rest["from"]) == ("", "the application")
    assert (
        runner.invoke(cors, ["routes"])
        .output.splitlines()[1]
        .startswith("api.example.com /x")
    )
