"""Chromium, WebKitGTK and WPE: driven over WebDriver, by Selenium."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from selenium import webdriver
from selenium.webdriver.chrome.service import Service as ChromeService
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.service import Service
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.webkitgtk.service import Service as WebKitGTKService
from selenium.webdriver.wpewebkit.service import Service as WPEService

from .page import KEYS, SCRIPT_TIMEOUT, Page, call_of, result_of
from .processes import end_session

# Chromium's sandbox does not work as root, as which a container runs. The rest keeps
# it from calling home, which would show in the log of the requests.
CHROMIUM_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,1024",
    # Names of the cases lead to this machine; nobody has signed their certificates.
    "--host-resolver-rules=MAP *.test 127.0.0.1",
    "--ignore-certificate-errors",
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
)


class WebDriverPage(Page):
    """The window of a browser that speaks WebDriver."""

    def __init__(self, name: str, driver: WebDriver) -> None:
        super().__init__(name, driver.capabilities["browserVersion"])
        self._driver = driver
        driver.set_script_timeout(SCRIPT_TIMEOUT)

    def goto(self, url: str) -> None:
        """Open *url* and wait until it is loaded."""
        self._driver.get(url)

    def evaluate(self, script: str, *arguments: Any) -> Any:
        """Call *script* with *arguments*; return what it returns."""
        call = call_of(script, arguments)
        done = f"{call}.then(arguments[arguments.length - 1])"
        return result_of(self._driver.execute_async_script(done))

    def click(self, css: str) -> None:
        """Click the element."""
        self._driver.find_element(By.CSS_SELECTOR, css).click()

    def press(self, *keys: str) -> None:
        """Press the keys together."""
        actions = ActionChains(self._driver, duration=0)
        pressed = [KEYS.get(key, key) for key in keys]
        for key in pressed:
            actions.key_down(key)
        for key in reversed(pressed):
            actions.key_up(key)
        actions.perform()

    def resize(self, width: int, height: int) -> None:
        """Make the window as large as a screen of this size."""
        self._driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def screenshot(self, path: Path) -> None:
        """Write what the window shows."""
        path.write_bytes(self._driver.get_screenshot_as_png())


@contextmanager
def chromium_page(
    browser: str,
    driver: str,
    folder: Path,
    env: Mapping[str, str],
    flags: Sequence[str] = (),
    *,
    third_party_cookies: bool = True,
) -> Iterator[Page]:
    """Open Chromium, headless, with more *flags*."""
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    # The build of Debian blocks cookies of other sites; Chromium itself does not.
    mode = 0 if third_party_cookies else 1
    options.add_experimental_option("prefs", {"profile.cookie_controls_mode": mode})
    for flag in (*CHROMIUM_FLAGS, *flags, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    service = ChromeService(driver, env=env, popen_kw=_own_session())
    with _window("chromium", service, lambda: webdriver.Chrome(options, service)) as it:
        yield it


@contextmanager
def webkitgtk_page(browser: str, driver: str, env: Mapping[str, str]) -> Iterator[Page]:
    """Open WebKitGTK's MiniBrowser, on the display that *env* names."""
    options = webdriver.WebKitGTKOptions()
    options.binary_location = browser
    options.add_argument("--automation")
    service = WebKitGTKService(driver, env=env, popen_kw=_own_session())
    with _window(
        "webkitgtk", service, lambda: webdriver.WebKitGTK(options, service)
    ) as it:
        yield it


@contextmanager
def wpe_page(browser: str, driver: str, env: Mapping[str, str]) -> Iterator[Page]:
    """Open WPE WebKit's MiniBrowser, headless."""
    options = webdriver.WPEWebKitOptions()
    options.binary_location = browser
    options.add_argument("--automation")
    options.add_argument("--headless")
    service = WPEService(driver, env=env, popen_kw=_own_session())
    with _window("wpe", service, lambda: webdriver.WPEWebKit(options, service)) as it:
        yield it


@contextmanager
def _window(
    name: str, service: Service, start: Callable[[], WebDriver]
) -> Iterator[Page]:
    """Open a window; end the driver, the browser and all they started at the end."""
    try:
        with warnings.catch_warnings():
            # Of Selenium itself, about how its parts speak to each other.
            warnings.simplefilter("ignore", DeprecationWarning)
            window = start()
        try:
            yield WebDriverPage(name, window)
        finally:
            window.quit()
    finally:
        process = getattr(service, "process", None)
        if process is not None:
            end_session(process.pid)


def _own_session() -> dict[str, bool]:
    """Let each process that a driver starts be in one session with it."""
    return {"start_new_session": True}
