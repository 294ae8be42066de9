"""``methods=[]`` allows GET, HEAD and POST only, wherever it is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from flask_cors_policy import CORS, Policy, cross_origin
from flask_cors_policy.sources import PolicyFile
from flask_cors_policy.testing import Browser, CORSBlocked

from .helpers import A, preflight

pytestmark = pytest.mark.usefixtures("no_marks")

METHODS = "Access-Control-Allow-Methods"


def app_of_put(served: list[str]) -> Flask:
    """Return an application with a view for PUT that notes that it was served."""
    app = Flask(__name__, static_folder=None)

    @app.put("/x")
    def put() -> str:
        served.append("put")
        return "x"

    return app


def test_a_browser_keeps_no_method_that_another_view_does_not_allow() -> None:
    """Both policies are equal, but for the methods: one lists those of its routes."""
    served: list[str] = []
    app = app_of_put(served)
    CORS(app, origins=A, max_age=600)

    @app.delete("/x")
    @cross_origin(methods=[])
    def delete() -> str:
        served.append("delete")
        return "x"

    page = Browser(app, origin=A)
    with pytest.raises(CORSBlocked):
        page.fetch("/x", method="DELETE")
    assert page.fetch("/x", method="PUT").status == 200
    with pytest.raises(CORSBlocked):
        page.fetch("/x", method="DELETE")
    assert served == ["put"]
    _, answer = preflight(app, "/x", "PUT")
    assert "DELETE" not in answer[METHODS]


def in_resources(app: Flask, _: Path) -> None:
    CORS(app, resources={"/*": Policy(origins=A, methods=[])})


def in_a_mark(app: Flask, _: Path) -> None:
    CORS(app, origins=A)
    cross_origin(Policy(origins=A, methods=[]))(app.view_functions["put"])


def in_an_empty_tuple(app: Flask, _: Path) -> None:
    CORS(app, origins=A)
    cross_origin(methods=())(app.view_functions["put"])


def reconfigured(app: Flask, _: Path) -> None:
    CORS(app, origins=A, methods=[]).reconfigure(Policy(origins=A, methods=[]))


def in_a_policy_file(app: Flask, folder: Path) -> None:
    path = folder / "cors.toml"
    path.write_text(f'origins = "{A}"\nmethods = []\n')
    policy = PolicyFile(path).policy
    assert isinstance(policy, Policy)
    CORS(app, origins=A).reconfigure(policy)


@pytest.mark.parametrize(
    "configure",
    [in_resources, in_a_mark, in_an_empty_tuple, reconfigured, in_a_policy_file],
)
def test_an_empty_list_in_a_policy_opens_no_method_of_a_route(
    configure: Callable[[Flask, Path], None], tmp_path: Path
) -> None:
    app = app_of_put([])
    configure(app, tmp_path)
    status, answer = preflight(app, "/x", "PUT")
    assert (status, answer.get(METHODS)) == (204, None)
