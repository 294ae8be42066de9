"""A view that is another function for each request has the policy of that function."""

from __future__ import annotations

from typing import Any

import flask
import pytest
from flask import Flask
from werkzeug.local import LocalProxy

from flask_cors_policy import CORS, cross_origin

from .helpers import EVIL, MISS, A, request

pytestmark = pytest.mark.usefixtures("no_marks")


VIEWS: dict[str, Any] = {}
"""What the views of the test stand for. (A closure over them would be looked into.)"""


def view_asked_for() -> Any:
    """Return the function that the request asks for."""
    return VIEWS[flask.request.args["view"]]


class Chosen:
    """A view that looks up its attributes in the function that it stands for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(view_asked_for(), name)

    def __call__(self) -> Any:
        return view_asked_for()()


@pytest.mark.parametrize("how", ["proxy", "object"])
def test_a_lax_function_lends_no_policy_to_the_next_request(how: str) -> None:
    served: list[str] = []

    @cross_origin(origins="*", enforce=False)
    def lax() -> str:
        return "lax"

    @cross_origin(origins=A, enforce=True)
    def strict() -> str:
        served.append("strict")
        return "strict"

    VIEWS.update(lax=lax, strict=strict)
    app = Flask(__name__, static_folder=None)
    CORS(app, origins=A, enforce=True)
    app.add_url_rule("/x", "x", methods=["POST"])
    proxy: Any = LocalProxy(view_asked_for)
    app.view_functions["x"] = proxy if how == "proxy" else Chosen()
    assert request(app, "/x?view=lax", "POST", EVIL).status == 200
    assert request(app, "/x?view=strict", "POST", EVIL) == (403, MISS)
    assert served == []
