"""Model and browser side by side, in four browsers."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from flask_cors_policy import CORS
from flask_cors_policy.devtools.inspector.running import Started, inspector
from flask_cors_policy.devtools.inspector.servers import (
    bind,
    listening,
    origin_of,
    port_of,
)
from tests.browsers.engines import ENGINES
from tests.browsers.webdriver import WebDriverPage
from tests.helpers import EVIL, A

from ..apps import SHOP, inspect_command
from .using import emulate, errors, fill, opened, press

pytestmark = pytest.mark.browsers


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"path": "/items"}, "Allowed"),
        ({"path": "/items", "credentials": "omit"}, "Allowed"),
        ({"path": "/items", "credentials": "include"}, "Blocked"),
        ({"path": "/items", "method": "PUT"}, "Allowed"),
        ({"path": "/items", "method": "PATCH"}, "Allowed"),
        ({"path": "/items", "method": "TRACE"}, "Blocked"),
        ({"path": "/items", "headers": "X-Token: abc"}, "Blocked"),
        (
            {
                "path": "/orders",
                "method": "POST",
                "content_type": "application/json",
                "body": "{}",
            },
            "Allowed",
        ),
        ({"path": "/orders", "method": "POST", "body": "text"}, "Allowed"),
        ({"path": "/none"}, "Allowed"),
        ({"path": "/orders", "method": "GET", "body": "text"}, "Blocked"),
    ],
    ids=str,
)
def test_model_and_browser_agree(
    page: WebDriverPage, fields: dict[str, str], outcome: str
) -> None:
    fill(page, origin=EVIL, **fields)
    press(page, "compare")
    assert outcome in page.text("#verdict")
    assert "Model and browser agree" in page.text("#comparison")
    own = page.evaluate("() => location.origin")
    assert own in page.text("#caption")
    assert own in page.text("#comparison h3")


@pytest.mark.parametrize("engine", ["firefox", "webkitgtk", "wpe"])
def test_other_browsers_agree_with_their_models_too(
    engine: str, started: Started
) -> None:
    with ENGINES[engine]() as page:
        opened(page, started.url)
        for fields, outcome in [
            ({"path": "/items", "method": "PUT"}, "Allowed"),
            ({"path": "/items", "credentials": "include"}, "Blocked"),
            ({"path": "/items", "headers": "X-Token: abc"}, "Blocked"),
        ]:
            fill(page, **fields)
            press(page, "compare")
            assert outcome in page.text("#verdict")
            assert "Model and browser agree" in page.text("#comparison")


def test_a_fix_for_the_inspectors_own_origin_says_so(
    browser: WebDriverPage, path: Path
) -> None:
    path.write_text(SHOP)
    emulate(browser)
    with inspector(inspect_command(path)) as started:
        opened(browser, started.url)
        fill(browser, path="/items", origin=EVIL)
        press(browser, "explain")
        assert "your own pages" not in browser.text("#why")
        press(browser, "compare")
        assert "Only for “Try in this browser”" in browser.text("#why")
    errors(browser, "")


def test_server_with_other_code_than_is_on_disk_shows(
    browser: WebDriverPage, path: Path
) -> None:
    other = Flask("other")
    CORS(other, origins=A)
    emulate(browser)
    with bind(0) as bound:
        api = origin_of(port_of(bound))
        with (
            listening(other, bound),
            inspector(inspect_command(path), app_url=api) as started,
        ):
            opened(browser, started.url)
            assert f"running at {api}" in browser.text("#application")
            assert "in the log of the process" in browser.text("#no-refusals")
            fill(browser, path="/items")
            press(browser, "compare")
            assert "Model and browser differ" in browser.text("#comparison")
            assert "the browser does not" in browser.text("#comparison")
            assert "other code than is on disk" in browser.text("#comparison")
    errors(browser, "")
