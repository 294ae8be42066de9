"""What changes while the inspector's page is open."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from flask_cors_policy.devtools.inspector.running import Started, inspector
from tests.browsers.webdriver import WebDriverPage
from tests.helpers import EVIL, A

from ..apps import OPEN_SHOP, inspect_command
from .using import driver, emulate, errors, fill, opened, press

pytestmark = pytest.mark.browsers


def test_policy_changed_on_disk_is_seen_after_reload(
    page: WebDriverPage, path: Path
) -> None:
    assert EVIL not in page.text("#routes")
    path.write_text(OPEN_SHOP.replace(A, EVIL))
    driver(page).refresh()
    page.wait_for("() => document.querySelectorAll('#routes li').length > 0")
    assert EVIL in page.text("#routes")
    assert A not in page.text("#routes")
    fill(page, origin=EVIL, path="/items")
    press(page, "explain")
    assert page.text("#verdict").startswith("✓ Allowed.")


def test_policy_changed_on_disk_is_seen_without_reload_too(
    page: WebDriverPage, path: Path
) -> None:
    page.evaluate("() => { document.querySelector('#routes details').open = true; }")
    path.write_text(OPEN_SHOP.replace(A, EVIL))
    page.wait_for("e => document.getElementById('routes').innerText.includes(e)", EVIL)
    assert "Loaded again" in page.text("#loaded")
    assert page.evaluate("() => document.querySelector('#routes details').open")


def test_mistake_in_a_policy_is_shown_and_goes_when_it_is_corrected(
    page: WebDriverPage, path: Path
) -> None:
    path.write_text(OPEN_SHOP.replace(A, A + "/"))
    driver(page).refresh()
    page.wait_for("() => document.getElementById('trouble').innerText !== ''")
    assert "1 problem in the CORS policy" in page.text("#trouble")
    assert "shop.py:" in page.text("#trouble")
    press(page, "explain")
    assert "1 problem in the CORS policy" in page.text("#verdict")
    path.write_text(OPEN_SHOP)
    page.wait_for("() => document.getElementById('trouble').hidden")
    fill(page, origin=A, path="/items")
    press(page, "explain")
    assert page.text("#verdict").startswith("✓ Allowed.")


def test_refusals_are_shown_as_they_happen(
    page: WebDriverPage, started: Started
) -> None:
    assert page.text("#no-refusals") == "None yet."
    request = urllib.request.Request(f"{started.api}/items", headers={"Origin": EVIL})
    urllib.request.urlopen(request, timeout=30).close()
    page.wait_for("() => document.querySelectorAll('#refusals li').length === 1")
    assert "origin-not-allowed" in page.text("#refusals")
    assert EVIL in page.text("#refusals")
    assert not page.evaluate(
        "() => document.getElementById('no-refusals').checkVisibility()"
    )


def test_page_says_when_the_inspector_has_ended(
    browser: WebDriverPage, path: Path
) -> None:
    emulate(browser)
    with inspector(inspect_command(path)) as started:
        opened(browser, started.url)
    browser.wait_for("() => document.getElementById('trouble').innerText !== ''")
    assert "The inspector has ended" in browser.text("#trouble")
    errors(browser, "")


def test_page_of_another_origin_cannot_talk_to_it(
    browser: WebDriverPage, started: Started
) -> None:
    """Not even with the token: it reads nothing, and its form is refused."""
    browser.goto(f"{started.api}/items")
    read = "url => fetch(url).then(() => 'read', () => 'nothing')"
    assert browser.evaluate(read, f"{started.url}state") == "nothing"
    sent = """url => fetch(url, {method: "POST", mode: "no-cors", body: "{}"})
        .then(() => 'sent', () => 'refused')"""
    assert browser.evaluate(sent, f"{started.url}explain") == "refused"
    errors(browser, "")
