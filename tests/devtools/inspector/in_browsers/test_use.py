"""The inspector's page used in Chromium, by keyboard and by mouse."""

from __future__ import annotations

import re

import pytest

from tests.browsers.webdriver import WebDriverPage
from tests.helpers import A, B

from .using import driver, fill, press

pytestmark = pytest.mark.browsers


CONTROL = "\ue009"


def tab_to(page: WebDriverPage, name: str) -> None:
    """Press Tab until the element with an id has the focus, and shows it."""
    for _ in range(80):
        page.press("Tab")
        if page.evaluate("() => document.activeElement.id") == name:
            style = "getComputedStyle(document.activeElement)"
            assert page.evaluate(f"() => {style}.outlineStyle") == "solid"
            return
    pytest.fail(f"Tab never comes to {name}")


def test_keyboard_alone_is_enough(page: WebDriverPage) -> None:
    def clear_and_type(text: str) -> None:
        page.press(CONTROL, "a")
        page.type(text)

    page.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.press("Enter")
    tab_to(page, "origin")
    clear_and_type(B)
    page.press("Escape")  # The list of suggestions.
    tab_to(page, "method")
    clear_and_type("PUT")
    page.press("Escape")
    tab_to(page, "path")
    clear_and_type("/items")
    page.press("Escape")
    tab_to(page, "headers")
    page.type("X-Token: abc")
    tab_to(page, "credentials")
    page.type("i")
    tab_to(page, "content_type")
    page.type("a")
    tab_to(page, "body")
    page.type('{"a": 1}')
    tab_to(page, "engine")
    page.type("F")
    page.type("i")
    tab_to(page, "explain")
    page.press("Enter")
    page.wait_for("() => document.querySelector('#diagram svg') !== null")
    assert "Blocked" in page.text("#verdict")
    assert "Firefox" in page.text("#caption")
    assert "allow_headers" in page.text("#why")
    assert page.evaluate("() => document.activeElement.id") == "explain"
    tab_to(page, "compare")
    page.press("Space")
    page.wait_for("() => document.querySelector('#comparison h3') !== null")
    assert "Model and browser agree" in page.text("#comparison")
    for summary in ("messages", "checks"):
        hidden = f"document.getElementById('{summary}').checkVisibility()"
        assert not page.evaluate(f"() => {hidden}")
        page.evaluate(
            f"() => document.querySelector('details:has(#{summary}) summary').focus()"
        )
        page.press("Enter")
        assert page.evaluate(f"() => {hidden}")


def test_focus_passes_through_the_whole_page_and_leaves_it(
    page: WebDriverPage,
) -> None:
    press(page, "explain")
    page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = 1)")
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    focusable = page.evaluate(
        """() => [...document.querySelectorAll(
            "a, button, input, select, textarea, summary"
        )].filter(each => each.checkVisibility()).length"""
    )
    page.goto(driver(page).current_url.partition("#")[0] + "#request")
    seen = []
    for _ in range(focusable + 20):
        page.press("Tab")
        active = page.evaluate("() => document.activeElement.tagName")
        if active == "BODY":
            break
        seen.append(active)
    assert seen[-1] != "BODY"
    assert len(seen) >= focusable - 1  # The link before the form is behind it.


def test_blocked_and_allowed_exchange_are_drawn_and_told(page: WebDriverPage) -> None:
    fill(page, origin=B, path="/items")
    press(page, "explain")
    assert page.text("#verdict").startswith("✗ Blocked.")
    assert "origin-not-allowed" in page.text("#why")
    assert "blocked (origin-not-allowed)" in page.evaluate(
        "() => document.querySelector('#diagram svg').textContent"
    )
    fill(page, origin=A, path="/items", method="PUT")
    press(page, "explain")
    assert page.text("#verdict").startswith("✓ Allowed.")
    told = page.evaluate("() => document.getElementById('messages').textContent")
    drawn = page.evaluate(
        """() => [...document.querySelectorAll("#diagram text")]
            .map(each => each.textContent)"""
    )
    assert "OPTIONS /items (preflight)" in drawn
    bare = re.sub(r"\s", "", told)
    for line in drawn[5:]:
        assert re.sub(r"\s|^✓", "", line) in bare


def test_field_that_is_wrong_says_so_and_has_the_focus(page: WebDriverPage) -> None:
    fill(page, origin=A + "/", path="items")
    press(page, "explain")
    assert page.evaluate("() => document.activeElement.id") == "origin"
    assert A in page.text("#origin-error")
    described = "document.getElementById('origin').getAttribute('aria-describedby')"
    assert page.evaluate(f"() => {described}") == "origin-error"
    fill(page, origin=A, path="items")
    press(page, "explain")
    assert page.evaluate("() => document.activeElement.id") == "path"
    assert page.evaluate("() => document.querySelectorAll('.error').length") == 1
    fill(page, origin=A, path="/items")
    press(page, "explain")
    assert page.evaluate("() => document.querySelectorAll('.error').length") == 0


def test_form_begins_with_a_route_that_is_there(page: WebDriverPage) -> None:
    press(page, "explain")
    assert page.text("#verdict").startswith("✓ Allowed.")
    assert '/items"' in page.text("#exchange")


def test_route_fills_in_the_form(page: WebDriverPage) -> None:
    for key in ("GET", "POST"):
        page.evaluate(
            """key => [...document.querySelectorAll("#routes details")]
                .find(each => each.dataset.key.includes(key))
                .querySelector("button").click()""",
            key,
        )
    values = "['origin', 'method', 'path'].map(id => document.getElementById(id).value)"
    assert page.evaluate(f"() => {values}") == [A, "POST", "/orders"]
