"""What the options of Flask-CORS mean: compared with Flask-CORS itself."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import flask_cors
import pytest
from flask import Flask
from flask_cors.core import CONFIG_OPTIONS, DEFAULT_OPTIONS

from flask_cors_policy.devtools.flask_cors_options import (
    ALL_METHODS,
    CONFIG_KEYS,
    DEFAULTS,
    FlaskCorsPolicy,
    merge,
    read_resources,
)

ORIGINS = (
    "https://app.example.com",
    "https://APP.example.com",
    "https://app.example.com.stranger.example",
    "http://localhost:3000",
    "http://localhost",
    "http://localhostile.example",
    "null",
)
OPTIONS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a star that is sent": {"send_wildcard": True},
    "one origin": {"origins": "https://app.example.com"},
    "an origin in upper case": {"origins": "https://APP.EXAMPLE.COM"},
    "two origins": {"origins": ["http://localhost:3000", "null"]},
    "a tuple": {"origins": ("http://localhost:3000", "*")},
    "a set": {"origins": {"http://localhost:3000"}},
    "a star after a letter": {"origins": "http://localhost*"},
    "any port": {"origins": "http://localhost:*"},
    "an expression": {"origins": r"https://.*\.example\.com$"},
    "an expression without an end": {"origins": [r"https://.*\.example\.com"]},
    "a compiled one": {"origins": re.compile("https://app")},
    "a compiled one with a flag": {"origins": [re.compile("HTTPS://app", re.I)]},
    "a plus, which is no sign": {"origins": "https://.+"},
    "an empty list": {"origins": []},
    "credentials": {"supports_credentials": True},
    "methods": {"methods": ["put", "GET"]},
    "methods in one string": {"methods": "PUT, GET"},
    "a star for methods": {"methods": "*"},
    "no methods": {"methods": []},
    "headers": {"allow_headers": ["Content-Type", "x-one"]},
    "one header": {"allow_headers": "Content-Type"},
    "headers in one string": {"allow_headers": "Content-Type, X-One"},
    "headers of an expression": {"allow_headers": [r"X-.*"]},
    "exposed headers": {"expose_headers": ["X-Total", "Link"]},
    "exposed headers in one string": {"expose_headers": "X-Total, Link"},
    "max_age": {"max_age": 600},
    "max_age as text": {"max_age": "600"},
    "max_age as a timedelta": {"max_age": timedelta(minutes=10)},
    "no max_age": {"max_age": 0},
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Log nothing: Flask-CORS has much to say."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def of_flask_cors(options: dict[str, Any], **headers: str) -> dict[str, str]:
    app = Flask("app", static_folder=None)
    flask_cors.CORS(app, **options)
    app.add_url_rule("/x", "x", lambda: "x")
    method = "OPTIONS" if "Access-Control-Request-Method" in headers else "GET"
    response = app.test_client().open("/x", method=method, headers=headers)
    return {
        name.removeprefix("Access-Control-Allow-"): value
        for name, value in response.headers.items()
    }


def policy(options: dict[str, Any]) -> FlaskCorsPolicy:
    return FlaskCorsPolicy.from_options(merge(options))


@pytest.mark.parametrize("name", OPTIONS)
def test_the_origins_are_allowed_that_flask_cors_allows(name: str) -> None:
    options = OPTIONS[name]
    found = policy(options)
    for origin in ORIGINS:
        headers = of_flask_cors(options, Origin=origin)
        assert found.allows_origin(origin) == ("Origin" in headers)
        if "Origin" in headers:
            assert found.supports_credentials == ("Credentials" in headers)


@pytest.mark.parametrize("method", ["GET", "PUT", "put", "TRACE"])
@pytest.mark.parametrize("name", OPTIONS)
def test_methods_and_headers_are_allowed_that_flask_cors_allows(
    name: str, method: str
) -> None:
    options = OPTIONS[name]
    found = policy(options)
    asked = ["authorization", "content-type", "x-one"]
    for origin in filter(found.allows_origin, ORIGINS):
        headers = of_flask_cors(
            options,
            **{
                "Origin": origin,
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": ", ".join(asked),
            },
        )
        assert found.allows_method(method) == ("Methods" in headers)
        if "Methods" in headers:
            names = [name for name in asked if found.allows_header(name)]
            assert headers.get("Headers", "") == ", ".join(names)


def test_every_option_of_flask_cors_is_known_with_its_default() -> None:
    theirs = dict(DEFAULT_OPTIONS)
    assert DEFAULTS.keys() == theirs.keys()
    assert list(ALL_METHODS) == theirs["methods"]
    for name in DEFAULTS.keys() - {"methods", "origins", "allow_headers", "resources"}:
        assert DEFAULTS[name] == theirs[name]


def test_every_key_that_flask_cors_reads_is_known() -> None:
    assert frozenset(CONFIG_OPTIONS) == CONFIG_KEYS


RESOURCES: dict[str, Any] = {
    "all": r"/*",
    "a star": "*",
    "a folder": r"/api/*",
    "a list": ["/api", r"/items/\d+", "/a.b"],
    "a compiled one": re.compile("/API", re.I),
    "a plus": "/api/.+",
    "a mapping": {r"/api/*": {"origins": "https://a.example"}, "/api/x": {}},
    "a mapping with a star": {"*": {}, re.compile("/api"): {"max_age": 7}},
    "longer ones first": {"/a*": {"max_age": 1}, "/a/b*": {"max_age": 2}},
}
PATHS = ("/", "/api", "/api/x", "/apiary", "/API", "/items/7", "/a.b", "/axb", "/a/b/c")


@pytest.mark.parametrize("name", RESOURCES)
def test_the_first_resource_that_covers_a_path_applies(name: str) -> None:
    value = RESOURCES[name]
    resources = read_resources(value)
    app = Flask("app", static_folder=None)
    flask_cors.CORS(app, resources=value, max_age=99)
    for index, path in enumerate(PATHS):
        app.add_url_rule(path, str(index), lambda: "x")
    client = app.test_client()
    headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    for path in PATHS:
        response = client.options(path, headers=headers)
        covering = [each for each in resources if each.covers(path)]
        expected = response.headers.get("Access-Control-Max-Age")
        options = merge({"max_age": 99}, covering[0].options) if covering else {}
        assert expected == (str(options["max_age"]) if options else None), path


def test_an_expression_that_flask_cors_refuses_is_refused() -> None:
    with pytest.raises(ValueError, match="regular expression"):
        flask_cors.CORS(Flask("app"), origins="[")
    with pytest.raises(ValueError, match="regular expression"):
        policy({"origins": "["})


def test_resources_that_say_no_paths_are_refused() -> None:
    with pytest.raises(ValueError, match="says no paths"):
        read_resources(7)
