"""Applications on Flask-CORS: which of their options blocks a page, and where it is."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask

from flask_cors_policy.devtools.app_explain import explain
from flask_cors_policy.devtools.browser.requests import Body, Page, PageRequest
from flask_cors_policy.devtools.explaining import Explanation
from flask_cors_policy.testing import Browser, CORSBlocked

A, B = "https://a.example", "https://b.example"
URL = "https://api.example/items"
LINES = """\
from flask import Blueprint, Flask
from flask_cors import CORS, cross_origin
app = Flask(__name__)
shop = Blueprint("shop", __name__, url_prefix="/shop")

{}

@app.route("/items", methods=["GET", "POST", "PUT"])
def items():
    return {{}}

{}
"""
EXTENSION = 6
"""The line of what is written first, of one line or more."""


class Blocked(NamedTuple):
    """What blocks a page.

    :ivar code: what is written for the whole application.
    :ivar repaired: the same, with the fix.
    :ivar line: of the option that is to be changed.
    """

    code: str
    repaired: str
    cause: str
    found: str
    fix: str
    line: int
    request: PageRequest = PageRequest(URL)
    views: str = ""


COOKIES = PageRequest(URL, credentials="include")
JSON = Body(b"{}", "application/json")
CASES = {
    "an origin that is not listed": Blocked(
        f'CORS(app,\n  origins=["{B}"])',
        f'CORS(app, origins=["{B}", "{A}"])',
        "origin-not-allowed",
        f"CORS(app) of Flask-CORS, /* (HERE) does not list {A}.",
        f'Add "{A}" to origins in CORS(app) of Flask-CORS, /* (HERE).',
        EXTENSION + 1,
    ),
    "an origin with a slash": Blocked(
        f'CORS(app, origins="{A}/")',
        f'CORS(app, origins=["{A}/", "{A}"])',
        "origin-not-allowed",
        f"does not list {A}. It lists {A}/. Browsers compare it with {A}, byte",
        f'Add "{A}" to origins',
        EXTENSION,
    ),
    "a key": Blocked(
        f'app.config["CORS_ORIGINS"] = "{B}"\nCORS(app, max_age=60)',
        f'app.config["CORS_ORIGINS"] = ["{B}", "{A}"]\nCORS(app, max_age=60)',
        "origin-not-allowed",
        f"CORS(app) of Flask-CORS, /* (HERE) does not list {A}.",
        f'Add "{A}" to origins',
        EXTENSION,
    ),
    "an item of resources": Blocked(
        f"""CORS(app, resources={{
            "/shop/*": {{"origins": "{A}"}},
            "/items": {{
                "max_age": 60,
                "origins": "{B}",
            }},
        }})""",
        f'CORS(app, resources={{"/items": {{"origins": ["{B}", "{A}"]}}}})',
        "origin-not-allowed",
        f"CORS(app) of Flask-CORS, /items (HERE) does not list {A}.",
        f'Add "{A}" to origins in CORS(app) of Flask-CORS, /items (HERE).',
        EXTENSION + 4,
    ),
    "a path that nothing covers": Blocked(
        f'CORS(app, origins="{A}",\n  resources=["/shop/.*"])',
        f'CORS(app, origins="{A}", resources=["/shop/.*", "/items"])',
        "no-path-rule",
        "No path in the resources of Flask-CORS covers /items: they are for /shop/.*.",
        "Add to the resources of Flask-CORS (HERE): ",
        EXTENSION + 1,
    ),
    "credentials": Blocked(
        f'CORS(app, origins="{A}")',
        f'CORS(app, origins="{A}", supports_credentials=True)',
        "credentials-not-allowed",
        "CORS(app) of Flask-CORS, /* (HERE) does not allow credentials.",
        "Write supports_credentials=True in CORS(app) of Flask-CORS, /* (HERE).",
        EXTENSION,
        COOKIES,
    ),
    "credentials for every site": Blocked(
        "CORS(app, send_wildcard=True)",
        f'CORS(app, origins=["{A}"], supports_credentials=True)',
        "wildcard-with-credentials",
        "allows every origin and does not allow credentials.",
        f'Write origins=["{A}"] and write supports_credentials=True in CORS(app)',
        EXTENSION,
        COOKIES,
    ),
    "a method": Blocked(
        f'CORS(app, origins="{A}", methods=["GET"])',
        f'CORS(app, origins="{A}", methods=["GET", "PUT"])',
        "method-not-allowed",
        "CORS(app) of Flask-CORS, /* (HERE) does not allow PUT.",
        'Add "PUT" to methods in CORS(app)',
        EXTENSION,
        PageRequest(URL, "PUT"),
    ),
    "a header": Blocked(
        f'CORS(app, origins="{A}", allow_headers=["X-A"])',
        f'CORS(app, origins="{A}", allow_headers=["X-A", "content-type", "x-b"])',
        "header-not-allowed",
        "CORS(app) of Flask-CORS, /* (HERE) does not allow content-type, x-b.",
        'Add "content-type", "x-b" to allow_headers in CORS(app)',
        EXTENSION,
        PageRequest(URL, "POST", (("X-A", "1"), ("X-B", "2")), JSON),
    ),
    "a decorator": Blocked(
        f"CORS(app, origins='{A}')",
        "",
        "origin-not-allowed",
        f"@cross_origin of Flask-CORS on me (HERE) does not list {A}.",
        f'Add "{A}" to origins in @cross_origin of Flask-CORS on me (HERE).',
        14,
        PageRequest("https://api.example/me"),
        f"""@app.get("/me")
@cross_origin(
    origins="{B}",
)
def me():
    return {{}}""",
    ),
    "a blueprint": Blocked(
        f"CORS(app, max_age=60, resources='/items')\nCORS(shop, origins='{B}')",
        "",
        "origin-not-allowed",
        f"CORS(blueprint 'shop') of Flask-CORS, /* (HERE) does not list {A}.",
        f"Add \"{A}\" to origins in CORS(blueprint 'shop') of Flask-CORS, /* (HERE).",
        EXTENSION + 1,
        PageRequest("https://api.example/shop/all"),
        """@shop.get("/all")
def everything():
    return {}
app.register_blueprint(shop)""",
    ),
}


Load = Callable[[str, str], Flask]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    monkeypatch.chdir(tmp_path)

    def load(code: str, views: str) -> Flask:
        path = tmp_path / "on_flask_cors.py"
        path.write_text(LINES.format(code, views), "utf-8")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        app: Flask = module.app
        return app

    yield load
    del sys.modules["on_flask_cors"]


def explained(app: Flask, request: PageRequest) -> Explanation:
    return explain(app, Page(A), request)


@pytest.mark.parametrize("name", CASES)
def test_the_option_and_its_place_are_named(name: str, load: Load) -> None:
    case = CASES[name]
    diagnosis = explained(load(case.code, case.views), case.request).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == case.cause
    here = f"on_flask_cors.py:{case.line}"
    assert case.found.replace("HERE", here) in diagnosis.found
    assert case.fix.replace("HERE", here) in diagnosis.fixes[0].text


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].repaired])
def test_the_page_works_once_that_is_written(name: str, load: Load) -> None:
    case = CASES[name]
    app = load(case.repaired, case.views)
    assert explained(app, case.request).allowed


def test_a_failed_test_says_the_same(load: Load) -> None:
    case = CASES["an origin that is not listed"]
    with pytest.raises(CORSBlocked, match=re.escape(case.fix.partition(" (")[0])):
        Browser(load(case.code, ""), A).fetch(URL)


def test_what_the_options_allow_is_not_blamed_on_them(load: Load) -> None:
    code = f"""
@app.after_request
def remove(response):
    response.headers.remove("Access-Control-Allow-Origin")
    return response
CORS(app, origins="{A}")"""
    diagnosis = explained(load(code, ""), PageRequest(URL)).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause.value == "allow-origin-missing"
    assert "CORS(app)" not in diagnosis.found
    assert f"Allow {A} in the options of Flask-CORS" in diagnosis.fixes[0].text


def test_a_page_without_an_origin_of_its_own_is_not_told_to_be_listed(
    load: Load,
) -> None:
    app: Any = load(f'CORS(app, origins="{A}")', "")
    diagnosis = explain(app, Page("null"), PageRequest(URL)).diagnosis
    assert diagnosis is not None
    assert "to origins" not in diagnosis.fixes[0].text
