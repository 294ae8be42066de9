"""The form of the playground: with the keyboard, on a phone, in light and dark."""

from __future__ import annotations

import time

import pytest

from tests.browsers.page import Page

from .playground_page import (
    FIELDS,
    answered,
    click,
    explain,
    fill,
    show_case,
    shown,
)

pytestmark = pytest.mark.browsers


def test_page_is_used_with_the_keyboard_alone(window: Page) -> None:
    show_case(window)
    window.evaluate("() => document.querySelector('#start summary').focus()")
    window.press("Enter")  # The list of cases is closed: less to step through.
    reached = []
    for _ in range(40):
        window.press("Tab")
        reached.append(window.evaluate("() => document.activeElement.id"))
        if reached[-1] == "explain":
            break
    names = ["policy", "origin", "url", "method", "credentials", "mode", "headers"]
    assert [name for name in reached if name in names] == names
    assert reached[-1] == "explain"
    with answered(window):
        window.press("Enter")
    assert window.evaluate("() => document.activeElement.id") == "result"
    assert shown(window, "#verdict").startswith("✗")


def test_field_that_cannot_be_used_is_marked_and_focused(
    window: Page,
) -> None:
    show_case(window)
    fill(window, status="abc", front="adds")
    explain(window)
    assert window.evaluate("() => document.activeElement.id") == "status"
    assert window.evaluate("() => document.getElementById('server').open")
    assert shown(window, "#mistake").startswith("Write a status of three digits")
    fill(window, status="200")
    explain(window)
    assert shown(window, "#mistake") == ""


def test_pasted_request_fills_in_the_form(window: Page) -> None:
    show_case(window)
    click(window, "#paste summary")
    fill(
        window,
        pasted="fetch('https://api.example.com/me', {method: 'DELETE', "
        "headers: {Authorization: `Bearer ${token}`}})",
    )
    with answered(window):
        click(window, "#read")
    assert window.evaluate(FIELDS)["url"] == "https://api.example.com/me"
    assert window.evaluate(FIELDS)["method"] == "DELETE"
    assert window.evaluate(FIELDS)["headers"] == "Authorization: value"
    assert "The value of Authorization is not known" in shown(window, "#read-notes")

    fill(window, pasted="hello")
    with answered(window):
        click(window, "#read")
    assert shown(window, "#mistake").startswith("There is no fetch(...)")


SIDEWAYS = """() => {
  const {scrollWidth, clientWidth} = document.documentElement;
  return scrollWidth - clientWidth;
}"""
"""By how many pixels the page is wider than the window."""
CONTRAST = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = parts(colour).map((part) => part / 255).map(
      (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const paper = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if ((parts(colour)[3] ?? 1) > 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = [];
  for (const element of document.querySelectorAll('#play *')) {
    const text = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!text || !element.checkVisibility() || element.closest('.spoken, option')) continue;
    const pair = [getComputedStyle(element).color, paper(element)].map(luminance);
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < 4.5) found.push(`${element.tagName} ${element.textContent.slice(0, 40)} ${contrast}`);
  }
  return found;
}"""  # noqa: E501


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_fits_a_phone_and_can_be_read_in_light_and_dark(
    window: Page, theme: str
) -> None:
    try:
        window.resize(390, 844)
        for fields in (
            {},
            {"policy": 'origins="https://app.example.com/", methods="put"'},
            {"url": "https://api.example.com/" + "a" * 300, "method": "PUT"},
            {"policy": f'origins="https://{"a" * 200}.example"'},
        ):
            show_case(window, **fields)
            window.evaluate("theme => { document.body.dataset.theme = theme; }", theme)
            time.sleep(0.5)  # Colours fade.
            assert window.evaluate(SIDEWAYS) == 0
            assert window.evaluate(CONTRAST) == []
    finally:
        window.resize(1280, 1024)
