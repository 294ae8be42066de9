"""Every page fits a phone, and plots can be read there, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsers.engines import chromium
from tests.browsers.page import Page

from .served_site import Site, served

pytestmark = pytest.mark.browsers

PHONE = 390
# The theme hides what is wider than the page, and lets the content scroll within it.
WIDTH = """() => Math.max(...[document.documentElement,
  ...document.querySelectorAll('.content, article')].map((each) => each.scrollWidth))"""
# Size of letters on the screen, and contrast of text, bars and curves:
# https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio
PLOTTED = """() => {
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((value) => {
      const c = value / 255;
      return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = luminance(getComputedStyle(document.body).backgroundColor);
  const contrast = (color) => {
    const pair = [luminance(color), paper].map((each) => each + 0.05);
    return Math.max(...pair) / Math.min(...pair);
  };
  return [...document.querySelectorAll('figure.plot svg')].map((svg) => {
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const least = (css, part) => Math.min(...[...svg.querySelectorAll(css)].map(
      (each) => contrast(getComputedStyle(each)[part])));
    const letters = getComputedStyle(svg.querySelector('text')).fontSize;
    return {
      letters: parseFloat(letters) * scale,
      text: least('text', 'fill'),
      shapes: Math.min(least('rect', 'fill'), least('polyline', 'stroke')),
    };
  });
}"""

LETTERS = """() => [...document.querySelectorAll('figure.exchange svg')].map((svg) =>
  parseFloat(getComputedStyle(svg.querySelector('text')).fontSize)
  * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)"""


@pytest.fixture(scope="module")
def site(site_folder: Path) -> Iterator[Site]:
    with served(site_folder) as found:
        yield found


@pytest.fixture(scope="module")
def phone() -> Iterator[Page]:
    with chromium() as page:
        page.resize(PHONE, 844)
        yield page


def test_no_page_is_wider_than_a_phone(
    site: Site, site_folder: Path, phone: Page
) -> None:
    paths = [str(path.relative_to(site_folder)) for path in site_folder.rglob("*.html")]
    wide = {}
    for path in paths:
        phone.goto(f"{site.origin}/{path}")
        phone.evaluate(
            "() => document.querySelectorAll('details').forEach(d => d.open = true)"
        )
        if phone.evaluate(WIDTH) > PHONE:
            wide[path] = phone.evaluate(WIDTH)
    assert len(paths) > 30
    assert wide == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_plots_can_be_read_on_a_phone(site: Site, phone: Page, theme: str) -> None:
    phone.goto(f"{site.origin}/performance.html")
    phone.evaluate("theme => { document.body.dataset.theme = theme; }", theme)
    plots = phone.evaluate(PLOTTED)
    assert len(plots) == 4
    for plot in plots:
        assert plot["letters"] >= 11
        assert plot["text"] >= 4.5
        assert plot["shapes"] >= 3


def test_drawings_of_exchanges_can_be_read_on_a_phone(site: Site, phone: Page) -> None:
    phone.goto(f"{site.origin}/how-cors-works.html")
    letters = phone.evaluate(LETTERS)
    assert len(letters) == 6
    assert min(letters) >= 10.5


def test_names_of_rows_stay_in_view_while_a_wide_table_scrolls(
    site: Site, phone: Page
) -> None:
    phone.goto(f"{site.origin}/comparison.html")
    before, after = phone.evaluate("""() => {
      const table = document.querySelector('table');
      const left = (css) => Math.round(
        table.querySelector(css).getBoundingClientRect().left);
      const both = () => [left('td'), left('td:nth-child(3)')];
      const before = both();
      table.parentElement.scrollLeft = 200;
      return [before, both()];
    }""")
    assert after == [before[0], before[1] - 200]


def test_commands_and_headers_are_not_cut_on_a_phone(site: Site, phone: Page) -> None:
    for page in ("quickstart", "troubleshooting"):
        phone.goto(f"{site.origin}/{page}.html")
        css = ":is(.highlight-sh, .highlight-http) pre"
        cut = phone.evaluate(
            "css => [...document.querySelectorAll(css)]"
            ".map((pre) => pre.scrollWidth > pre.clientWidth)",
            css,
        )
        assert len(cut) > 1
        assert not any(cut)


def test_no_module_is_underlined_in_dark_code(site: Site, phone: Page) -> None:
    phone.goto(f"{site.origin}/quickstart.html")
    phone.evaluate("() => { document.body.dataset.theme = 'dark'; }")
    lines = phone.evaluate(
        "() => [...document.querySelectorAll('.highlight .nn')]"
        ".map((name) => getComputedStyle(name).textDecorationLine)"
    )
    assert len(lines) > 2
    assert set(lines) == {"none"}
