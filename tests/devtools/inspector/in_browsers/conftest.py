"""The page that the tests of this folder use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flask_cors_policy.devtools.inspector.running import Started, inspector

from ..apps import OPEN_SHOP, inspect_command

if TYPE_CHECKING:
    from tests.browsers.webdriver import WebDriverPage


@pytest.fixture(scope="module")
def browser() -> Iterator[WebDriverPage]:
    """The page of a Chromium."""
    from tests.browsers.engines import chromium
    from tests.browsers.webdriver import WebDriverPage

    with chromium() as page:
        assert isinstance(page, WebDriverPage)
        yield page


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with an application."""
    found = tmp_path / "shop.py"
    found.write_text(OPEN_SHOP)
    return found


@pytest.fixture
def started(path: Path) -> Iterator[Started]:
    """An inspector of that application."""
    with inspector(inspect_command(path)) as running:
        yield running


@pytest.fixture
def page(browser: WebDriverPage, started: Started) -> Iterator[WebDriverPage]:
    """The inspector's page; whatever a test does, it must log no error."""
    from .using import emulate, errors, opened

    emulate(browser)
    opened(browser, started.url)
    yield browser
    assert errors(browser, started.url) == []
