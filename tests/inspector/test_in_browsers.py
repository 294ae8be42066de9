"""The inspector's page in real browsers, used as people use it."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from selenium.webdriver.chromium.webdriver import ChromiumDriver

from flask_cors_policy import CORS
from flask_cors_policy.inspector.running import Started, inspector
from flask_cors_policy.inspector.servers import bind, listening, origin_of, port_of

from ..browsers.engines import ENGINES, chromium
from ..browsers.page import Page
from ..browsers.webdriver import WebDriverPage
from ..helpers import EVIL, A, B
from .apps import SHOP, inspect_command

CONTROL = "\ue009"

pytestmark = pytest.mark.browsers

# The page's own origin is among these: what it asks for can be allowed.
OPEN_SHOP = SHOP.replace(f'"{A}"', f'["{A}", "http://127.0.0.1:*"]')


@pytest.fixture(scope="module")
def browser() -> Iterator[WebDriverPage]:
    with chromium() as page:
        assert isinstance(page, WebDriverPage)
        yield page


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "shop.py"
    found.write_text(OPEN_SHOP)
    return found


@pytest.fixture
def started(path: Path) -> Iterator[Started]:
    with inspector(inspect_command(path)) as running:
        yield running


@pytest.fixture
def page(browser: WebDriverPage, started: Started) -> Iterator[WebDriverPage]:
    """The inspector's page; whatever a test does, it must log no error."""
    emulate(browser)
    opened(browser, started.url)
    yield browser
    assert errors(browser, started.url) == []


def opened(browser: Page, url: str) -> None:
    browser.goto(url)
    browser.wait_for("() => document.querySelectorAll('#routes li').length > 0")


def driver(page: WebDriverPage) -> ChromiumDriver:
    assert isinstance(page._driver, ChromiumDriver)
    return page._driver


def errors(page: WebDriverPage, own: str) -> list[str]:
    """Return what the console holds since it was last asked.

    Chromium reports there each fetch that CORS has blocked, and each status of 400 or
    more: no mistake of ours, unless it is one of the inspector's own answers.
    """
    entries: list[dict[str, Any]]
    entries = driver(page).get_log("browser")  # type: ignore[no-untyped-call]
    return [
        f"{entry['source']}: {entry['message']}"
        for entry in entries
        if not (
            "blocked by CORS policy" in entry["message"]
            or (entry["source"] == "network" and not entry["message"].startswith(own))
        )
    ]


def emulate(
    page: WebDriverPage, width: int = 1280, height: int = 900, **features: str
) -> None:
    """Give the browser a screen, and its user preferences."""
    metrics = {"deviceScaleFactor": 1, "mobile": False}
    command = driver(page).execute_cdp_cmd
    size = {"width": width, "height": height, **metrics}
    command("Emulation.setDeviceMetricsOverride", size)
    media = [
        {"name": f"prefers-{name.replace('_', '-')}", "value": value}
        for name, value in features.items()
    ]
    command("Emulation.setEmulatedMedia", {"features": media})


def fill(page: Page, **fields: str) -> None:
    """Fill in the whole form: what is not named is empty, or its first choice."""
    page.evaluate(
        """fields => {
            const form = document.getElementById("form");
            form.reset();
            for (const [name, value] of Object.entries(fields)) {
                form.elements.namedItem(name).value = value;
            }
        }""",
        fields,
    )


def press(page: Page, button: str) -> None:
    """Press a button, and wait for what comes of it."""
    page.evaluate("() => document.getElementById('verdict').replaceChildren()")
    page.click(f"#{button}")
    page.wait_for(
        """() => document.querySelector("#verdict .verdict") !== null
            && !document.querySelector("[aria-disabled]")"""
    )


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
    assert "blocked (allow-origin-missing)" in page.evaluate(
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


def test_mistake_in_a_policy_is_shown_and_goes_when_it_is_mended(
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


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_nothing_is_wider_than_the_screen(page: WebDriverPage, width: int) -> None:
    fill(page, origin=A, path="/items", method="PUT", headers="X-Token: abc")
    press(page, "compare")
    emulate(page, width, 844)
    page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = 1)")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    # It is not scaled, letters keep their size; it was drawn for this width.
    page.wait_for(
        """() => {
            const svg = document.querySelector("#diagram svg");
            const drawn = svg.getBoundingClientRect().width;
            const room = document.getElementById("diagram").clientWidth;
            return drawn === Number(svg.getAttribute("width")) && drawn > room * 0.75;
        }"""
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(page: WebDriverPage, scheme: str) -> None:
    emulate(page, color_scheme=scheme)
    fill(page, origin=EVIL, path="/items")
    press(page, "compare")
    fill(page, origin=B, path="/items")
    press(page, "explain")
    page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = 1)")
    contrasts: list[tuple[float, str]] = page.evaluate(CONTRASTS)
    assert len(contrasts) > 50
    # https://www.w3.org/TR/WCAG21/#contrast-minimum
    assert [each for each in contrasts if each[0] < 4.5] == []
    background = "getComputedStyle(document.body).backgroundColor"
    red = int(re.findall(r"\d+", page.evaluate(f"() => {background}"))[0])
    assert (red > 128) is (scheme == "light")


# https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio, of each element that has text.
CONTRASTS = """() => {
    const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
    const luminance = (color) => {
        const [r, g, b] = numbers(color).slice(0, 3).map((value) => {
            const c = value / 255;
            return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const color = getComputedStyle(each).backgroundColor;
            if (numbers(color).length < 4 || numbers(color)[3] > 0) return color;
        }
    };
    const found = [];
    for (const element of document.querySelectorAll("body *")) {
        const text = [...element.childNodes].filter((node) => node.nodeType === 3)
            .map((node) => node.data).join("").trim();
        const aside = element.closest(".skip, select, datalist, title");
        if (!text || aside || !element.checkVisibility()) continue;
        const style = getComputedStyle(element);
        const color = element.closest("svg") ? style.fill : style.color;
        const [one, other] = [color, behind(element)].map(luminance)
            .sort((a, b) => a - b);
        found.push([(other + 0.05) / (one + 0.05), text]);
    }
    return found;
}"""


def test_nothing_moves(page: WebDriverPage) -> None:
    """Whatever somebody prefers: results stand where they are."""
    press(page, "explain")
    moving = """() => [...document.querySelectorAll("*")].filter((each) => {
        const style = getComputedStyle(each);
        return style.transitionDuration !== "0s" || style.animationName !== "none"
            || style.scrollBehavior !== "auto";
    }).length"""
    assert page.evaluate(moving) == 0


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
