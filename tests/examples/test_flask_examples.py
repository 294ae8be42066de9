"""The Flask examples: who gets what from each."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from examples import blueprints, config_keys, decorated_routes, downloads, token_api
from tests.flask.helpers import EVIL, MISS, NOTHING, OPEN, allowed, preflight, request

APP = "https://app.example.com"


def test_config_keys_put_is_listed_and_the_404_is_readable() -> None:
    app = config_keys.app
    headers = {"Access-Control-Request-Headers": "content-type"}
    assert preflight(app, "/items/1", "PUT", APP, headers) == (
        204,
        allowed(
            APP,
            methods="GET, HEAD, OPTIONS, PUT",
            headers="Content-Type",
            max_age="600",
        ),
    )
    assert request(app, "/items/3", "GET", APP) == (404, allowed(APP))
    assert request(app, "/items/1", "GET", "http://localhost:5173") == (
        200,
        allowed("http://localhost:5173"),
    )


@pytest.mark.parametrize(
    ("path", "origin", "expected"),
    [
        ("/me", APP, allowed(APP, credentials="true")),
        ("/me", EVIL, MISS),
        ("/news", EVIL, OPEN),
        ("/orders", "https://b.partner.example", allowed("https://b.partner.example")),
        ("/orders", APP, MISS),
        ("/health", APP, NOTHING),
    ],
)
def test_decorated_routes_each_view_has_its_policy(
    path: str, origin: str, expected: Any
) -> None:
    assert request(decorated_routes.app, path, "GET", origin) == (200, expected)


@pytest.mark.parametrize(
    ("method", "origin", "expected"),
    [
        ("GET", "https://reports.example.com", 204),
        ("GET", APP, 403),
        ("PUT", APP, 204),
        ("PUT", "https://reports.example.com", 403),
    ],
)
def test_decorated_routes_one_url_has_two_policies(
    method: str, origin: str, expected: int
) -> None:
    status, _ = preflight(decorated_routes.app, "/report", method, origin)
    assert status == expected


@pytest.mark.parametrize(
    ("path", "method", "origin", "expected"),
    [
        (
            "/shop/items",
            "GET",
            "https://shop.example.com",
            allowed(
                "https://shop.example.com", methods="GET, HEAD, OPTIONS", max_age="600"
            ),
        ),
        (
            "/partners/orders",
            "GET",
            "https://a.partner.example",
            allowed(
                "https://a.partner.example",
                methods="GET, HEAD, OPTIONS",
                headers="Authorization",
                max_age="600",
            ),
        ),
        (
            "/staff/items/1",
            "DELETE",
            "https://staff.example.com",
            allowed(
                "https://staff.example.com",
                methods="DELETE, OPTIONS",
                credentials="true",
                max_age="600",
            ),
        ),
    ],
)
def test_blueprints_inherit_from_the_application(
    path: str, method: str, origin: str, expected: Any
) -> None:
    assert preflight(blueprints.app, path, method, origin) == (204, expected)


def test_blueprints_have_no_origin_in_common() -> None:
    paths = {
        "/shop/items": "https://shop.example.com",
        "/partners/orders": "https://a.partner.example",
    }
    for path, own in paths.items():
        for origin in (*paths.values(), "https://staff.example.com", EVIL):
            expected = allowed(origin) if origin == own else MISS
            assert request(blueprints.app, path, "GET", origin) == (200, expected)
    assert request(blueprints.app, "/internal/metrics", "GET", APP) == (200, NOTHING)


def test_token_api_preflights_need_no_token_and_its_401_is_readable() -> None:
    app = token_api.app
    asked = {"Access-Control-Request-Headers": "authorization"}
    status, headers = preflight(app, "/items/1", "DELETE", APP, asked)
    assert status == 204
    assert headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert "Access-Control-Allow-Credentials" not in headers
    client = app.test_client()
    refused = client.get("/items", headers={"Origin": APP})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == APP
    assert refused.headers["Access-Control-Expose-Headers"] == "WWW-Authenticate"
    token = {"Origin": APP, "Authorization": "Bearer t0ken-of-ada"}
    assert client.get("/items", headers=token).json == {
        "owner": "Ada",
        "items": ["a hammer"],
    }


@pytest.mark.parametrize(("range_", "status"), [(None, 200), ("bytes=0-4", 206)])
def test_downloads_expose_name_and_checksum(range_: str | None, status: int) -> None:
    headers = {"Origin": APP} | ({"Range": range_} if range_ else {})
    response = downloads.app.test_client().get("/report.csv", headers=headers)
    assert response.status_code == status
    exposed = response.headers["Access-Control-Expose-Headers"].split(", ")
    readable = {name for name in exposed if name in response.headers}
    assert {"Content-Disposition", "ETag", "X-Checksum"} <= readable
    assert ("Content-Range" in readable) == (status == 206)
    assert "sales" in response.headers["Content-Disposition"]


@pytest.mark.parametrize("app", [config_keys.app, token_api.app, downloads.app])
def test_pages_of_other_origins_get_nothing(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            _, headers = request(app, rule.rule, "GET", EVIL)
            assert headers == MISS
