"""How the inspector's page looks: on a phone, in the dark, and at rest."""

from __future__ import annotations

import re

import pytest

from tests.browsers.webdriver import WebDriverPage
from tests.helpers import EVIL, A, B

from .using import emulate, fill, press

pytestmark = pytest.mark.browsers


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
