"""No example but the wrong one has a hole that is known."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from examples import blueprints, config_keys, decorated_routes, downloads, token_api
from examples.cookie_login.api import create_api
from examples.wrong_reflection.apps import create_right_api, create_wrong_api
from flask_cors_policy.testing import Browser, CORSBlocked, attack

APP = "https://app.example.com"
LOCAL = "http://localhost:*"

RIGHT: dict[str, tuple[Flask, str, list[str], dict[str, Any]]] = {
    "config_keys": (config_keys.app, "/items/1", [APP, LOCAL], {}),
    "decorated_routes": (decorated_routes.app, "/me", [APP], {}),
    "blueprints": (
        blueprints.app,
        "/partners/orders",
        ["https://*.partner.example"],
        {},
    ),
    "token_api": (
        token_api.app,
        "/items",
        [APP, LOCAL],
        {"headers": {"Authorization": "Bearer t0ken-of-ada"}},
    ),
    "downloads": (downloads.app, "/report.csv", [APP], {}),
    "cookie_login": (create_api(APP), "/me", [APP], {}),
    "wrong_reflection, made right": (create_right_api(), "/me", [APP], {}),
}


@pytest.mark.parametrize(
    ("app", "url", "trusted", "more"), RIGHT.values(), ids=[*RIGHT]
)
def test_an_example_has_no_known_hole(
    app: Flask, url: str, trusted: list[str], more: dict[str, Any]
) -> None:
    assert not attack(app, url, trusted=trusted, **more)


def test_the_wrong_example_has_the_worst_ones() -> None:
    found = {finding.id for finding in attack(create_wrong_api(), "/me")}
    assert {"origin-reflected", "null-allowed"} <= found


def test_the_page_of_an_attacker_steals_with_the_cookies_of_its_reader() -> None:
    page = Browser(create_wrong_api(), "https://evil.example")
    page.fetch("/login", method="POST", mode="no-cors", credentials="include")
    stolen = page.fetch("/me", credentials="include")
    assert stolen.json() == {"name": "Ada", "iban": "XX00 1234 5678"}


def test_under_a_policy_it_gets_nothing() -> None:
    page = Browser(create_right_api(), "https://evil.example")
    page.fetch("/login", method="POST", mode="no-cors", credentials="include")
    with pytest.raises(CORSBlocked, match="origin-not-allowed"):
        page.fetch("/me", credentials="include")


def test_the_page_of_notes_logs_in_and_writes() -> None:
    page = Browser(create_api(APP), APP)
    body = {"name": "ada", "password": "analytical"}
    asked: dict[str, Any] = {"method": "POST", "credentials": "include"}
    assert page.fetch("/login", json=body, **asked).json() == {"name": "ada"}
    reply = page.fetch("/notes", json={"text": "milk"}, **asked)
    assert reply.json() == {"notes": ["milk"]}
    # One preflight for each URL: login, and notes once for both.
    assert len(page.preflights) == 2
