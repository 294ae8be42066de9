"""Two examples, clicked in real browsers as a person would."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from flask import Flask

from examples.cookie_login import api as cookie_login
from examples.cookie_login.api import create_api
from examples.cookie_login.page import create_page
from examples.serve import listen, origin_of
from examples.wrong_reflection.apps import (
    create_attackers_page,
    create_right_api,
    create_wrong_api,
)
from flask_cors_policy import CORS
from tests.browsers.engines import chromium, firefox
from tests.browsers.page import Page

from .forging import create_forging_page, note_what_runs, take_forms

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
            ["me", "login", "me", "note", "logout", "me"], 1
        ):
            window.click(f"#{button}")
            script = "n => document.querySelector('#log').innerText.split('\\n')[n]"
            window.wait_for(f"n => ({script})(n - 1)", number)
        assert window.text("#log").splitlines() == [
            'GET /me: 401 ""',
            'POST /login: 200 "ada"',
            'GET /me: 200 "ada"',
            'POST /notes: 200 ["remember the milk"]',
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


@pytest.mark.parametrize("enforce", ["unsafe", False])
def test_a_page_of_another_origin_forges_nothing(
    window: Page, enforce: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without ``enforce`` all of it arrives, from the same site with the cookie."""
    monkeypatch.setattr(cookie_login, "CORS", partial(CORS, enforce=enforce))
    page_app, attacker_app = Flask("page"), Flask("attacker")
    with served(page_app) as page, served(attacker_app) as attacker:
        api_app = take_forms(create_api(page))
        ran = note_what_runs(api_app)
        with served(api_app) as api:
            page_app.wsgi_app = create_page(api).wsgi_app  # type: ignore[method-assign]
            forging = create_forging_page(api)
            attacker_app.wsgi_app = forging.wsgi_app  # type: ignore[method-assign]
            window.goto(f"{page}/")
            window.click("#login")
            shown = "n => document.querySelector('#log').innerText.includes(n)"
            window.wait_for(shown, 'POST /login: 200 "ada"')
            window.goto(f"{attacker}/")
            done = "n => document.querySelector('#log').dataset.done == n"
            window.wait_for(done, 1)
            window.goto(f"{page}/")
            window.click("#note")
            window.wait_for(shown, "POST /notes: ")
            written = window.text("#log")
    forged = [line for line in ran if not line.endswith(page)]
    if enforce:
        assert forged == []
        assert written.strip() == 'POST /notes: 200 ["remember the milk"]'
    else:
        assert f"GET /socket {attacker}" in forged
        assert "POST /notes null" in forged
        # Two of fetch(), a beacon, three forms; JSON is stopped by its preflight.
        assert forged.count(f"POST /notes {attacker}") == 6
        assert written.count("forged") == 7
