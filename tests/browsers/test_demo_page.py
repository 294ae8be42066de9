"""The page of the demo, in real browsers, as a person would use it."""

from __future__ import annotations

import pytest

from examples.demo.servers import demo_servers
from examples.serve import origin_of

from .engines import ENGINES

pytestmark = pytest.mark.browsers

MARK = "css => document.querySelector(css).className"
# Button -> what the page says once it is clicked, and how it marks that.
SHOWN = {
    "public": ('200 <?xml version="1.0"?>', "read"),
    "one-origin": ('200 <?xml version="1.0"?>', "read"),
    "post-here": ('200 <?xml version="1.0"?>', "read"),
    "not-listed": ("TypeError: the page may not read this.", "blocked"),
}


@pytest.mark.parametrize("name", ENGINES)
def test_each_button_shows_what_its_text_promises(name: str) -> None:
    with demo_servers() as (page_server, api), ENGINES[name]() as page:
        page.goto(origin_of(page_server) + "/")

        assert page.text("h1") == "CORS, clicked"
        assert page.text("#here") == origin_of(page_server)
        assert origin_of(api) in page.text("body")
        assert page.evaluate("() => document.querySelectorAll('button').length") == 4
        for button, (text, mark) in SHOWN.items():
            result = f"#{button}-result"
            assert page.text(result) == ""
            page.click(f"#{button}")
            assert page.wait_for(MARK, result) == mark
            assert page.text(result).startswith(text)


def test_page_can_be_used_with_the_keyboard_alone() -> None:
    with demo_servers() as (page_server, _), ENGINES["chromium"]() as page:
        page.goto(origin_of(page_server) + "/")

        for button, (text, _) in SHOWN.items():
            page.press("Tab")
            assert page.evaluate("() => document.activeElement.id") == button
            page.press("Enter")
            page.wait_for(MARK, f"#{button}-result")
            assert page.text(f"#{button}-result").startswith(text)
