"""The browser engines: find them, start them, end them.

.. code-block:: python

    with chromium() as page:
        page.goto(url)
        page.click("#send")
        assert page.text("#result") == "..."

Each browser is a fresh one, with a profile of its own that is gone afterwards. Where
one is not installed the test is skipped, or, where ``CI`` is set, fails.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from tests.needs import program

from .bidi import firefox_page
from .page import Page
from .processes import running
from .webdriver import chromium_page, webkitgtk_page, wpe_page

TARGET: Final = "browsers"
# Debian keeps these two browsers out of PATH.
WEBKITGTK_FOLDER: Final = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1"
WPE_FOLDER: Final = "/usr/lib/x86_64-linux-gnu/wpe-webkit-1.1"


@contextmanager
def chromium(*flags: str, third_party_cookies: bool = True) -> Iterator[Page]:
    """Open Chromium; yield its page.

    :param flags: of its command line, in addition to the common ones.
    :param third_party_cookies: whether its user lets other sites have cookies.
    """
    browser, driver = program("chromium", TARGET), program("chromedriver", TARGET)
    with fresh_folder() as (folder, env):
        with chromium_page(
            browser,
            driver,
            folder,
            env,
            flags,
            third_party_cookies=third_party_cookies,
        ) as page:
            yield page


@contextmanager
def firefox() -> Iterator[Page]:
    """Open Firefox; yield its page."""
    browser = program("firefox-esr", TARGET)
    with fresh_folder() as (folder, env), firefox_page(browser, folder, env) as page:
        yield page


@contextmanager
def webkitgtk() -> Iterator[Page]:
    """Open WebKitGTK's browser on an invisible display; yield its page."""
    browser = program("MiniBrowser", TARGET, [WEBKITGTK_FOLDER])
    driver, display = program("WebKitWebDriver", TARGET), program("Xvfb", TARGET)
    with fresh_folder() as (_, env), virtual_display(display, env) as number:
        with webkitgtk_page(browser, driver, {**env, "DISPLAY": number}) as page:
            yield page


@contextmanager
def wpe() -> Iterator[Page]:
    """Open WPE WebKit's browser; yield its page."""
    browser = program("MiniBrowser", TARGET, [WPE_FOLDER])
    driver = program("WPEWebDriver", TARGET)
    with fresh_folder() as (_, env), wpe_page(browser, driver, env) as page:
        yield page


ENGINES: Final[dict[str, Callable[[], AbstractContextManager[Page]]]] = {
    "chromium": chromium,
    "firefox": firefox,
    "webkitgtk": webkitgtk,
    "wpe": wpe,
}
"""The engines by their names."""


@contextmanager
def fresh_folder() -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield a new folder, and an environment that keeps a browser's files in it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        for variable in ("tmp", "cache", "config", "data"):
            (folder / variable).mkdir()
        yield (
            folder,
            {
                **os.environ,
                "HOME": name,
                "TMPDIR": str(folder / "tmp"),
                "XDG_CACHE_HOME": str(folder / "cache"),
                "XDG_CONFIG_HOME": str(folder / "config"),
                "XDG_DATA_HOME": str(folder / "data"),
                "XDG_RUNTIME_DIR": str(runtime),
                "MESA_SHADER_CACHE_DISABLE": "1",
                "NO_AT_BRIDGE": "1",
            },
        )


@contextmanager
def virtual_display(server: str, env: dict[str, str]) -> Iterator[str]:
    """Run an X server without a screen; yield the display it has chosen."""
    command = [server, "-displayfd", "1", "-screen", "0", "1280x1024x24"]
    with running([*command, "-nolisten", "tcp"], env) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip().isdigit():
                yield f":{line.strip()}"
                return
        raise RuntimeError("Xvfb does not say which display it has")
