"""Layers that change the path: what counts is the path as Flask routes it."""

from __future__ import annotations

import pytest

from flask_cors_policy import CORS, cross_origin

from .helpers import EVIL, MISS, B
from .sites import Site, without_prefix


@pytest.mark.parametrize("copies", [False, True])
@pytest.mark.parametrize("buffers", [False, True])
@pytest.mark.parametrize("marks", [False, True])
@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/admin/x", "POST", 200),
        ("/admin/x", "PUT", 405),
        ("/admin/none", "GET", 404),
        ("/admin/x/", "POST", 404),
    ],
)
def test_the_rule_of_the_path_inside_answers(
    path: str, method: str, status: int, marks: bool, buffers: bool, copies: bool
) -> None:
    site = Site()
    site.wrap(without_prefix("/v1", copies=copies, buffers=buffers))
    if marks:
        site.add("/marked", "marked", mark=cross_origin(origins=B))
    site.add("/admin/x", "x", "POST")
    rules = {"/v1/*": {"origins": "*"}, "/admin/*": {"origins": B}}
    CORS(site.app, resources=rules)
    ran = ["x"] if status == 200 else []
    assert site.visit(f"/v1{path}", method, EVIL) == (status, MISS, ran)
    assert site.ask(f"/v1{path}", method, EVIL) == (403, MISS, [])
