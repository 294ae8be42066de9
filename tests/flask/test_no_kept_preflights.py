"""Browsers keep an answer for a URL only where one policy applies to all of it."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import Rule

from flask_cors_policy import CORS, cross_origin

from .helpers import EVIL, A, allowed
from .sites import Site


def rule_without_methods(app: Flask, path: str, endpoint: str) -> None:
    app.url_map.add(Rule(path, endpoint=endpoint))


@pytest.mark.parametrize("first", ["strict", "any"])
def test_a_route_that_takes_any_method_does_not_hide_the_others(first: str) -> None:
    """Kept for one method, the names would be allowed for the stricter view too."""
    site = Site()
    if first == "any":
        rule_without_methods(site.app, "/x", "any")
    mark = cross_origin(origins=A, allow_headers=["X-A"])
    site.add("/x", "strict", "POST", mark=mark)
    if first == "strict":
        rule_without_methods(site.app, "/x", "any")
    site.app.view_functions["any"] = site.view("any")
    CORS(site.app, origins="*", allow_headers=["X-B"], max_age=600)
    serves_post = site.visit("/x", "POST", A).ran
    granted = allowed("*", methods="PUT", headers="X-B")
    if serves_post == ["strict"]:  # Then POST has another policy than PUT has.
        granted["Access-Control-Max-Age"] = "0"
        kept = site.ask("/x", "POST", A).cors["Access-Control-Max-Age"]
        assert kept == "0"
    else:
        granted["Access-Control-Max-Age"] = "600"
    assert site.ask("/x", "PUT", EVIL) == (204, granted, [])
