"""The multi-tenant example: origins come and go, and nothing is started again."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from examples.multitenant import admin
from examples.multitenant.servers import Addresses, all_servers
from examples.multitenant.store import KNOWN_GOOD, STATED_SECONDS, open_store
from flask_cors_policy.sources import SQLAlchemyOrigins
from tests.needs import program
from tests.sources import stores

ROOT = Path(__file__).parents[1]
ORIGIN = "https://app.acme.example"


# The admin page


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[FlaskClient, SQLAlchemyOrigins]]:
    """The admin page, asked from this machine, and the store it changes."""
    store = open_store(f"sqlite:///{tmp_path}/origins.db")
    assert isinstance(store, SQLAlchemyOrigins)
    store.create_table()
    app: Flask = admin.create_app(store)
    yield app.test_client(), store
    store.close()


def token(client: FlaskClient) -> str:
    """Return the token that the forms of the page carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/").text)
    assert found is not None
    return found[1]


def test_origins_are_added_and_removed_for_one_tenant(
    desk: tuple[FlaskClient, SQLAlchemyOrigins],
) -> None:
    client, store = desk
    form = {"csrf_token": token(client), "origin": f" {ORIGIN} "}
    assert client.post("/acme/add", data=form).status_code == 302
    assert (store.origins("acme"), store.origins("globex")) == ([ORIGIN], [])
    assert client.get("/").text.count(ORIGIN) == 3
    form["origin"] = ORIGIN
    assert client.post("/acme/remove", data=form).status_code == 302
    assert store.origins("acme") == []
    assert client.post("/other/add", data=form).status_code == 404


def test_form_without_its_token_changes_nothing(
    desk: tuple[FlaskClient, SQLAlchemyOrigins],
) -> None:
    client, store = desk
    for wrong in ({}, {"csrf_token": ""}, {"csrf_token": "x" + token(client)}):
        form = {**wrong, "origin": ORIGIN}
        assert client.post("/acme/add", data=form).status_code == 400
    assert store.origins("acme") == []


@pytest.mark.parametrize(
    ("host", "remote", "status"),
    [
        ("127.0.0.1:5000", "127.0.0.1", 200),
        ("localhost:5000", "127.0.0.1", 200),
        ("[::1]:5000", "::1", 200),
        ("127.0.0.1:5000", "192.0.2.7", 403),
        ("rebound.evil.example:5000", "127.0.0.1", 403),
        ("127.0.0.1.evil.example", "127.0.0.1", 403),
        ("localhost.evil.example", "127.0.0.1", 403),
    ],
)
def test_admin_page_answers_to_loopback_only(
    desk: tuple[FlaskClient, SQLAlchemyOrigins], host: str, remote: str, status: int
) -> None:
    client, _ = desk
    asked = client.get(
        "/", headers={"Host": host}, environ_base={"REMOTE_ADDR": remote}
    )
    assert asked.status_code == status


def test_origin_that_cannot_be_is_explained(
    desk: tuple[FlaskClient, SQLAlchemyOrigins],
) -> None:
    client, store = desk
    form = {"csrf_token": token(client), "origin": f"{ORIGIN}/"}
    page = client.post("/acme/add", data=form, follow_redirects=True).text
    assert "no path, not even a slash" in page
    assert "Write &#34;https://app.acme.example&#34;." in page
    assert store.origins("acme") == []


# All of it


def page_may_read(addresses: Addresses, origin: str, tenant: str = "acme") -> bool:
    """Say whether a page of *origin* may read what *tenant* has."""
    port = int(addresses.api.rpartition(":")[2])
    answer = ask_json(port, f"/{tenant}/items", origin)
    assert answer["tenant"] == tenant
    return bool(answer["allowed"])


def ask_json(port: int, path: str, origin: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Origin": origin})
    response = connection.getresponse()
    content: dict[str, Any] = json.loads(response.read())
    content["allowed"] = response.headers["Access-Control-Allow-Origin"] == origin
    connection.close()
    return content


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.stores),
        pytest.param("redis", marks=pytest.mark.stores),
    ]
)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield f"sqlite:///{tmp_path}/origins.db"
        elif request.param == "redis":
            server = stack.enter_context(stores.redis_server())
            yield f"redis://127.0.0.1:{server.port}/0"
        else:
            server = stack.enter_context(stores.postgres_server())
            at = f"postgres@127.0.0.1:{server.port}/postgres"
            yield f"postgresql+psycopg://{at}"


@pytest.mark.servers
def test_every_worker_follows_the_store(store_url: str) -> None:
    with all_servers(store_url) as addresses:
        own = addresses.pages["acme"]
        assert not page_may_read(addresses, own)
        store = open_store(store_url)
        store.add(own, "acme")
        end = time.monotonic() + STATED_SECONDS
        while not all(page_may_read(addresses, own) for _ in range(8)):
            assert time.monotonic() < end
        assert not any(page_may_read(addresses, own, "globex") for _ in range(8))
        store.remove(own, "acme")
        time.sleep(STATED_SECONDS)
        assert not any(page_may_read(addresses, own) for _ in range(8))
        store.close()


@pytest.mark.servers
@pytest.mark.stores
@pytest.mark.parametrize("kind", ["postgres", "redis"])
def test_it_starts_while_its_store_is_down_and_serves_what_was_known(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KNOWN_GOOD, str(tmp_path / "known.json"))
    with ExitStack() as stack:
        if kind == "redis":
            server = stack.enter_context(stores.redis_server())
            url = f"redis://127.0.0.1:{server.port}/0"
        else:
            server = stack.enter_context(stores.postgres_server())
            at = f"postgres@127.0.0.1:{server.port}/postgres"
            url = f"postgresql+psycopg://{at}"
        with all_servers(url) as addresses:
            with closing(open_store(url)) as store:
                store.add(ORIGIN, "acme")
            wait_for(lambda: page_may_read(addresses, ORIGIN))
            wait_for((tmp_path / "known.json").exists)
        server.kill()
        with all_servers(url) as addresses:
            assert all(page_may_read(addresses, ORIGIN) for _ in range(8))
            assert not page_may_read(addresses, ORIGIN, "globex")
            port = int(addresses.admin.rpartition(":")[2])
            assert status_of(port) == 503
            server.start()
            new = "https://new.acme.example"
            wait_for(lambda: status_of(port) == 200)
            with closing(open_store(url)) as store:
                store.add(new, "acme")
            wait_for(lambda: page_may_read(addresses, new))


@pytest.mark.servers
@pytest.mark.stores
def test_database_that_comes_up_later_gets_its_table() -> None:
    with stores.postgres_server() as server:
        at = f"postgres@127.0.0.1:{server.port}/postgres"
        server.kill()
        with all_servers(f"postgresql+psycopg://{at}") as addresses:
            own = addresses.pages["acme"]
            assert not page_may_read(addresses, own)
            server.start()
            store = open_store(f"postgresql+psycopg://{at}")
            port = int(addresses.admin.rpartition(":")[2])
            wait_for(lambda: status_of(port) == 200)
            store.add(own, "acme")
            wait_for(lambda: page_may_read(addresses, own))
            store.close()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def status_of(port: int) -> int:
    """Ask for the admin page; return its status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.servers
def test_one_command_starts_it_and_one_signal_ends_it() -> None:
    command = [sys.executable, "-m", "examples.multitenant", "--workers", "1"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(7)]
            port = int(lines[3].rpartition(":")[2])
            assert ask_json(port, "/acme/items", ORIGIN)["allowed"] is False
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
            assert process.stderr is not None
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()
    assert "A change applies in every worker within 2 seconds." in lines[6]


# In a real browser


@pytest.mark.browsers
def test_page_in_a_browser_works_as_soon_as_its_origin_is_added(tmp_path: Path) -> None:
    browser = chromium(tmp_path)
    try:
        with all_servers() as addresses:
            desk, page = Tab(browser), Tab(browser)
            desk.open(addresses.admin)
            page.open(addresses.pages["acme"])
            own = addresses.pages["acme"]
            assert page.click("get") == "TypeError: the page cannot read the response."

            desk.submit("#acme form[action$=add]", own)
            assert page.within(STATED_SECONDS, "get", "200")
            assert page.within(STATED_SECONDS, "put", '"changed"')
            assert page.click("other").startswith("TypeError")

            desk.submit("#acme form[action$=remove]")
            time.sleep(STATED_SECONDS)
            assert page.click("get").startswith("TypeError")
            assert page.click("put").startswith("TypeError")
            desk.submit("#globex form[action$=add]", own)
            assert page.within(STATED_SECONDS, "other", "200")
            assert page.click("get").startswith("TypeError")
    finally:
        browser.quit()


def chromium(folder: Path) -> webdriver.Chrome:
    """Start Chromium, so that it stays by itself."""
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium", "browsers")
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={folder}",
    ):
        options.add_argument(argument)
    service = Service(program("chromedriver", "browsers"))
    return webdriver.Chrome(options=options, service=service)


class Tab:
    """A tab, driven as a person does."""

    def __init__(self, browser: Any) -> None:
        browser.switch_to.new_window("tab")
        self._browser = browser
        self._handle = browser.current_window_handle

    def open(self, address: str) -> None:
        self._browser.switch_to.window(self._handle)
        self._browser.get(f"{address}/")

    def click(self, button: str) -> str:
        """Click a button; return what the page says then."""
        self._browser.switch_to.window(self._handle)
        self._browser.find_element("id", button).click()
        result = self._browser.find_element("id", "result")
        end = time.monotonic() + 20
        while result.text in ("", "..."):
            assert time.monotonic() < end
            time.sleep(0.02)
        text: str = result.text
        return text

    def within(self, seconds: float, button: str, said: str) -> bool:
        """Say whether a click is answered so, *seconds* later at the latest."""
        end = time.monotonic() + seconds
        while said not in self.click(button):
            if time.monotonic() > end:
                return said in self.click(button)
            time.sleep(0.1)
        return True

    def submit(self, form: str, text: str | None = None) -> None:
        """Fill in a form and send it."""
        self._browser.switch_to.window(self._handle)
        found = self._browser.find_element("css selector", form)
        if text is not None:
            found.find_element("name", "origin").send_keys(text)
        found.find_element("css selector", "button").click()
