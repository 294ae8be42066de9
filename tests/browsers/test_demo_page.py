"""The page of the demo, in real browsers, as a person would use it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from examples.demo.servers import demo_servers
from examples.serve import origin_of

from .engines import ENGINES
from .page import Page

pytestmark = pytest.mark.browsers

MARK = "css => document.querySelector(css).className.replace('result', '').trim()"


class Shown(NamedTuple):
    """What the page says once a button is clicked.

    :param text: how the result begins.
    :param mark: how it is marked.
    :param wire: lines of the headers below it.
    """

    text: str
    mark: str
    wire: tuple[str, ...]


READ = '200 <?xml version="1.0"?>'
BLOCKED = "TypeError: the page cannot read the response.\nAs expected."
SHOWN = {
    "public": Shown(READ, "read", ("< Access-Control-Allow-Origin: *",)),
    "one-origin": Shown(
        READ, "read", ("> Origin: {page}", "< Access-Control-Allow-Origin: {page}")
    ),
    "denied": Shown(BLOCKED, "blocked", ("> Origin: {page}", "< 200 OK")),
    "post-here": Shown(
        READ,
        "read",
        (
            "> OPTIONS /resources/post-here/",
            "> Access-Control-Request-Headers: x-pingother",
            "< Access-Control-Allow-Headers: X-PINGOTHER",
            "> POST /resources/post-here/",
            "> X-Pingother: pingpong",
        ),
    ),
    "not-listed": Shown(
        BLOCKED,
        "blocked",
        (
            "> Access-Control-Request-Headers: x-other",
            "< Access-Control-Allow-Headers: X-PINGOTHER",
        ),
    ),
    "cookie": Shown(
        READ,
        "read",
        ("< Access-Control-Allow-Credentials: true", "< Set-Cookie: visits=1;"),
    ),
    "cookie-public": Shown(BLOCKED, "blocked", ("< Access-Control-Allow-Origin: *",)),
}


def look(page: Page, button: str, origin: str) -> None:
    """Look at what the page says of *button*, which was clicked."""
    expected = SHOWN[button]
    assert page.wait_for(MARK, f"#{button}-result") == expected.mark
    text = page.text(f"#{button}-result")
    assert text.startswith(expected.text)
    assert "\nAs expected" in text
    wire = page.text(f"#{button}-wire")
    for line in expected.wire:
        assert line.format(page=origin) in wire


@pytest.mark.parametrize("name", ENGINES)
def test_each_button_shows_what_its_text_promises(name: str) -> None:
    with demo_servers() as (page_server, api), ENGINES[name]() as page:
        origin = origin_of(page_server)
        page.goto(f"{origin}/")

        assert page.text("h1") == "CORS demo"
        assert page.text("#here") == origin
        assert origin_of(api) in page.text("body")
        count = page.evaluate("() => document.querySelectorAll('button').length")
        assert count == len(SHOWN)
        for button in SHOWN:
            assert page.text(f"#{button}-result") == ""
            page.click(f"#{button}")
            look(page, button, origin)
        # The denied page gets no header of CORS, and the view does not run without
        # the preflight's leave.
        assert "Access-Control-Allow-Origin" not in page.text("#denied-wire")
        assert "> POST" not in page.text("#not-listed-wire")


@pytest.mark.parametrize("name", ENGINES)
def test_the_cookie_comes_back_at_the_second_click(name: str) -> None:
    with demo_servers() as (page_server, _), ENGINES[name]() as page:
        page.goto(f"{origin_of(page_server)}/")
        for visit in (1, 2):
            page.click("#cookie")
            shown = "text => document.querySelector('#cookie-result').innerText"
            page.wait_for(f"{shown}.includes(text)", f"Visit {visit},")
        assert "> Cookie: visits=1" in page.text("#cookie-wire")


def test_page_can_be_used_with_the_keyboard_alone() -> None:
    with demo_servers() as (page_server, _), ENGINES["chromium"]() as page:
        page.goto(origin_of(page_server) + "/")

        for button in SHOWN:
            page.press("Tab")
            assert page.evaluate("() => document.activeElement.id") == button
            page.press("Enter")
            look(page, button, origin_of(page_server))
