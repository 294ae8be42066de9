"""Fills in the page of the playground, and reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docs.ext.playground import cases, fragment
from tests.browsers.page import Page
from tests.devtools.playground.commands import Said, plain

from .served_site import Site

LOADING = 170.0
"""Seconds: Python is compiled, on a machine that may be busy."""
ANSWERS = "() => Number(document.getElementById('play').dataset.answers ?? 0)"
READY = "() => document.getElementById('play')?.dataset.ready === ''"
FIELDS = """() => Object.fromEntries(
  [...new FormData(document.getElementById('case'))].filter(([, text]) => text))"""
CASE = cases()[4]["fields"]


def open_page(page: Page, site: Site, behind: str = "") -> None:
    page.goto("about:blank")
    page.goto(f"{site.origin}/playground.html{behind}")
    page.wait_for(READY)
    if behind:
        page.wait_for(f"n => ({ANSWERS})() > n", 0, timeout=LOADING)


@contextmanager
def answered(page: Page) -> Iterator[None]:
    """Wait until what is done within has led to an answer, and that is shown."""
    before = page.evaluate(ANSWERS)
    yield
    page.wait_for(f"n => ({ANSWERS})() > n", before, timeout=LOADING)


def show_case(page: Page, **fields: str) -> None:
    """Follow a link to a case from within the page: Python is loaded already."""
    with answered(page):
        link = f"#{fragment({**CASE, **fields})}"
        # The same link a second time would change nothing.
        page.evaluate("() => history.replaceState(null, '', '#')")
        page.evaluate("link => { location.hash = link; }", link)


def explain(page: Page) -> None:
    with answered(page):
        click(page, "#explain")


def click(page: Page, css: str) -> None:
    """Click an element, once no smooth scrolling moves it any more."""
    page.evaluate(
        "css => document.querySelector(css).scrollIntoView("
        "{block: 'center', behavior: 'instant'})",
        css,
    )
    page.click(css)


def fill(page: Page, **fields: str) -> None:
    page.evaluate(
        """(fields) => { for (const [name, text] of Object.entries(fields))
          document.getElementById(name).value = text; }""",
        fields,
    )


def shown(page: Page, css: str) -> str:
    """Return the text of an element; empty where there is none."""
    text: str = page.evaluate(
        "css => document.querySelector(css)?.textContent ?? ''", css
    )
    return text


def said_by_page(page: Page, engine: str) -> Said:
    """Return what the page shows as seen by *engine*."""
    found: dict[str, Any] = page.evaluate(
        """(engine) => {
          const select = document.getElementById('engine');
          select.value = engine;
          select.dispatchEvent(new Event('change'));
          const texts = (css) => [...document.querySelectorAll(css)].map((each) => each.textContent);
          return {
            allowed: texts('.engines td')[select.selectedIndex] === '✓ may read',
            cause: document.getElementById('cause')?.textContent ?? null,
            found: document.getElementById('found')?.textContent ?? '',
            fixes: texts('#fixes li'),
            answers: texts('#steps .from-server strong'),
          };
        }""",  # noqa: E501
        engine,
    )
    return Said(
        found["allowed"],
        found["cause"],
        plain(found["found"]),
        tuple(map(plain, found["fixes"])),
        tuple(int(title[:3]) for title in found["answers"]),
    )
