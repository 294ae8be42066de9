"""Two examples, clicked in real browsers as a person would."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from examples.cookie_login.api import create_api
from examples.cookie_login.page import create_page
from examples.serve import listen, origin_of
from examples.wrong_reflection.apps import (
    create_attackers_page,
    create_right_api,
    create_wrong_api,
)
from tests.browsers.engines import chromium, firefox
from tests.browsers.page import Page

pytestmark = pytest.mark.browsers

# WebKit keeps no Secure cookie over plain http, not even from loopback.
ENGINES = {"chromium": chromium, "firefox": firefox}


@pytest.fixture(scope="module", params=ENGINES)
def window(request: pytest.FixtureRequest) -> Iterator[Page]:
    """The one window of a browser."""
    with ENGINES[request.param]() as page:
        yield page


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve *app* while the block runs; yield its origin."""
    server = listen(app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield origin_of(server)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_person_logs_in_writes_and_logs_out(window: Page) -> None:
    page_app = Flask("page")
    with served(page_app) as page, served(create_api(page)) as api:
        page_app.wsgi_app = create_page(api).wsgi_app  # type: ignore[method-assign]
        window.goto(f"{page}/")
        for number, button in enumerate(
            ["me", "login", "me", "note", "forged", "logout", "me"], 1
        ):
            window.click(f"#{button}")
            script = "n => document.querySelector('#log').innerText.split('\\n')[n]"
            window.wait_for(f"n => ({script})(n - 1)", number)
        assert window.text("#log").splitlines() == [
            'GET /me: 401 ""',
            'POST /login: 200 "ada"',
            'GET /me: 200 "ada"',
            'POST /notes: 200 ["remember the milk"]',
            'POST /notes: 403 ""',
            'POST /logout: 200 ""',
            'GET /me: 401 ""',
        ]


@pytest.mark.parametrize("right", [False, True], ids=["wrong", "right"])
def test_the_attackers_page_steals_from_the_wrong_api_only(
    window: Page, right: bool
) -> None:
    app = create_right_api() if right else create_wrong_api()
    with served(app) as api, served(create_attackers_page(api)) as page:
        window.goto(f"{page}/")
        asked = "n => document.querySelector('#loot').dataset.asked == n"
        window.wait_for(asked, 1)
        window.click("#login")
        window.wait_for(asked, 2)  # And now with the cookie.
        loot = window.text("#loot")
    if right:
        assert loot.startswith("nothing: TypeError")
    else:
        assert loot.strip() == 'stolen: {"iban":"XX00 1234 5678","name":"Ada"}'
