"""What the source of a view tells, and what it does not."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import flask
import pytest
from flask import Response, jsonify, make_response, request, session
from flask.views import MethodView, View

from flask_cors_policy.devtools.audit.project import Project
from flask_cors_policy.devtools.audit.source import (
    Uses,
    functions_of,
    spot_of,
    uses,
)
from tests.flask.helpers import copying

NAME = "X-" + "Dynamic"


def uses_of(view: Any) -> Uses:
    return uses(view)


def read_by_item() -> Any:
    return request.headers["X-A"]


def read_by_get() -> Any:
    return request.headers.get("X-A", ""), request.headers.getlist("X-B")


def read_through_the_module() -> Any:
    return flask.request.headers["X-A"]


def read_under_a_name_from_outside() -> Callable[[], Any]:
    asked = request

    def view() -> Any:
        return asked.headers["X-A"]

    return view


def read_of_something_else(other: Any) -> Any:
    return other.headers["X-A"], other.headers.get("X-B"), other["X-C"]


def read_of_another_name() -> Any:
    return request.headers[NAME], request.headers.get(NAME), request.headers.get()  # type: ignore


def written_by_item() -> Any:
    response = jsonify([])
    response.headers["X-A"] = "1"
    return response


def written_by_calls() -> Any:
    response = make_response("x")
    response.headers.set("X-A", "1")
    response.headers.add("X-B", "1")
    response.headers.setdefault("X-C", "1")
    response.headers.extend({"X-D": "1"})
    response.headers.update([("X-E", "1"), ["X-F", "1"]])  # type: ignore
    response.headers.update(NAME)  # type: ignore[arg-type]
    response.headers.set(NAME, "1")
    response.headers.clear()
    return response


def written_by_return() -> Any:
    return "x", 200, {"X-A": "1", NAME: "2", **{"X-B": "3"}}


def written_by_short_return() -> Any:
    return "x", [("X-A", "1")]


def written_by_response() -> Any:
    return Response("x", status=200, headers={"X-A": "1"})


def written_by_the_class_of_the_app() -> Any:
    return flask.current_app.response_class("x", headers={"X-A": "1"})


def written_by_attribute() -> Any:
    response = make_response("x")
    response.access_control_allow_origin = "*"
    return response


def written_to_somebody_else(client: Any) -> Any:
    client.get("https://other.example", headers={"X-A": "1"})
    return {"X-B": "not a header"}


def written_to_nobody_known() -> Any:
    return made_nowhere()(headers={"X-A": "1"}), request.path.title().headers  # type: ignore  # noqa: F821


def json_of_something_else(other: Any) -> Any:
    return other.get_json()


def cookies_of_the_session() -> Any:
    return session["name"]


def cookies_through_the_module() -> Any:
    return flask.session["name"]


def cookies_of_the_request() -> Any:
    return request.cookies.get("name")


def cookies_by_way_of_others() -> Any:
    return who_is_it()


def who_is_it() -> Any:
    return cookies_of_the_session() or cookies_by_way_of_others()


def cookies_of_nobody(session: Any = None) -> Any:
    return "session", "request.cookies"


@pytest.mark.parametrize(
    ("view", "names"),
    [
        (read_by_item, {"X-A"}),
        (read_by_get, {"X-A", "X-B"}),
        (read_through_the_module, {"X-A"}),
        (read_under_a_name_from_outside(), {"X-A"}),
        (read_of_something_else, set()),
        (read_of_another_name, set()),
        (lambda: request.headers["X-A"], set()),
    ],
)
def test_headers_that_are_read(view: FunctionType, names: set[str]) -> None:
    assert uses_of(view).read == names


@pytest.mark.parametrize(
    ("view", "names"),
    [
        (written_by_item, ["X-A"]),
        (written_by_calls, ["X-A", "X-B", "X-C", "X-D", "X-E"]),
        (written_by_return, ["X-A"]),
        (written_by_short_return, ["X-A"]),
        (written_by_response, ["X-A"]),
        (written_by_the_class_of_the_app, ["X-A"]),
        (written_by_attribute, ["Access-Control-Allow-Origin"]),
        (written_to_somebody_else, []),
        (written_to_nobody_known, []),
        (read_by_item, []),
    ],
)
def test_headers_that_are_written(view: FunctionType, names: list[str]) -> None:
    assert list(uses_of(view).written) == names


def test_the_line_of_a_header_is_that_of_the_file() -> None:
    source = Path(__file__).read_text("utf-8").splitlines()
    file, line = uses_of(written_by_item).written["X-A"]
    assert file == __file__
    assert source[line - 1].strip() == 'response.headers["X-A"] = "1"'


@pytest.mark.parametrize(
    ("view", "looks"),
    [
        (cookies_of_the_session, True),
        (cookies_through_the_module, True),
        (cookies_of_the_request, True),
        (cookies_by_way_of_others, True),
        (cookies_of_nobody, False),
        (read_by_item, False),
    ],
)
def test_cookies_that_are_looked_at(view: FunctionType, looks: bool) -> None:
    assert uses_of(view).cookies is looks


def test_json_of_another_object_is_no_body_of_the_request() -> None:
    assert not uses_of(json_of_something_else).json


def test_who_is_signed_in_is_a_matter_of_cookies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    login = ModuleType("flask_login")
    current_user = object()
    login.current_user = current_user  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "flask_login", login)

    def view() -> object:
        return current_user

    assert uses_of(view).cookies
    wrapper = FunctionType(
        view.__code__, {"__name__": "flask_login.utils"}, closure=view.__closure__
    )
    assert uses_of(wrapper).cookies


def test_a_variable_that_is_not_filled_yet_is_none() -> None:
    def make() -> Callable[[], Any]:
        def view() -> Any:
            return later.headers["X-A"]

        if NAME == "never":
            later = request
        return view

    assert uses_of(make()).read == set()


def test_what_has_no_source_says_nothing() -> None:
    namespace: dict[str, Any] = {"request": request}
    exec("def view(): return request.headers['X-A']", namespace)
    assert uses_of(namespace["view"]).read == set()
    assert spot_of(namespace["view"]) is None
    assert spot_of(len) is None
    assert spot_of("nothing") is None


class Item(MethodView):
    def get(self) -> Any:
        return request.headers["X-Get"]

    def put(self) -> Any:
        return request.headers["X-Put"]


class Page(View):
    def dispatch_request(self) -> Any:
        return request.headers["X-Page"]


@pytest.mark.parametrize(
    ("view", "method", "names"),
    [
        (copying(copying(read_by_item)), "GET", {"X-A"}),
        (functools.partial(read_by_item), "GET", {"X-A"}),
        (Item.as_view("item"), "PUT", {"X-Put"}),
        (Page.as_view("page"), "PUT", {"X-Page"}),
        (len, "GET", set()),
    ],
)
def test_functions_are_found_behind_views(
    view: object, method: str, names: set[str]
) -> None:
    found = [uses(function).read for function in functions_of(view, method)]
    assert set().union(*found) == names


PROJECT = """
import flask_login
from users import current_user as user
CORS_ALLOW_HEADERS = ["X-List-1"]
config["CORS_EXPOSE_HEADERS"] = ["X-List-2"]
policy(allow_headers=["X-List-3"], other=["X-Used-1"])
policies = {"allow_headers": ["X-List-4"], "other": ["X-Used-2"], **{"X-Used-3": 1}}
config["other"] = thing.attribute = "X-Used-4"
async def fetch_prices(): return "X-Used-5"
def load(): ...
cors.init_app(app)
config.update(
    CORS_ORIGINS="https://a.example",
)
"""


def test_a_project_is_read_without_its_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def module(name: str, source: str | None, suffix: str = ".py") -> None:
        path = tmp_path / f"{name}{suffix}"
        if source is not None:
            path.write_text(source, "utf-8")
        loaded = ModuleType(f"audited_{name}")
        loaded.__file__ = str(path)
        monkeypatch.setitem(sys.modules, f"audited_{name}", loaded)

    assert not Project(str(tmp_path)).readable
    module("gone", None)
    module("wrong", "def (")
    module("compiled", "", suffix=".so")
    assert not Project(str(tmp_path)).readable
    module("app", PROJECT)
    project = Project(str(tmp_path))
    assert project.readable
    assert [
        number for number in range(1, 6) if project.mentions(f"X-Used-{number}")
    ] == [
        1,
        2,
        3,
        4,
        5,
    ]
    assert not any(project.mentions(f"X-List-{number}") for number in range(1, 5))
    for name in ("login", "current_user", "attribute", "fetch_prices", "load"):
        assert project.names_any(name)
    assert not project.names_any("cookie", "session")
    file = str(tmp_path / "app.py")
    assert project.option_places == {
        "CORS_ALLOW_HEADERS": (file, 4),
        "CORS_EXPOSE_HEADERS": (file, 5),
        "CORS_ORIGINS": (file, 13),
    }
    assert project.place_of_call("") == (file, 11)
