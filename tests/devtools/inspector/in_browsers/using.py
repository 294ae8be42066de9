"""How the tests of this folder use the inspector's page."""

from __future__ import annotations

from typing import Any

from selenium.webdriver.chromium.webdriver import ChromiumDriver

from tests.browsers.page import Page
from tests.browsers.webdriver import WebDriverPage


def opened(browser: Page, url: str) -> None:
    """Open the inspector's page, and wait for what it shows first."""
    browser.goto(url)
    browser.wait_for("() => document.querySelectorAll('#routes li').length > 0")


def driver(page: WebDriverPage) -> ChromiumDriver:
    """Return what drives a Chromium."""
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
