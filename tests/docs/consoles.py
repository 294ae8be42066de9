"""What the consoles of real browsers say while a page runs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from tests.browsers import engines
from tests.browsers.bidi import firefox_page
from tests.browsers.processes import running
from tests.browsers.webdriver import CHROMIUM_FLAGS
from tests.needs import program

END: Final = "case end"
"""What the page writes into its console when it is done."""

# https://www.chromium.org/for-testers/enable-logging/: how a line of the console looks.
_CHROMIUM_LINE: Final = re.compile(r'CONSOLE[^\]]*\] "(.*)", source: ')

Console = tuple[str, list[str]]
"""The version of the browser, and the lines."""


def chromium(url: str) -> Console:
    """Open *url* in Chromium; return what its console says until the page is done."""
    browser = program("chromium", engines.TARGET)
    with engines.fresh_folder() as (folder, env):
        flags = [
            *CHROMIUM_FLAGS,
            "--enable-logging=stderr",
            f"--user-data-dir={folder}",
        ]
        found = map(_CHROMIUM_LINE.search, _output([browser, *flags, url], env))
        lines = [match[1] for match in found if match]
    return _version([browser, "--version"]), lines


def firefox(url: str) -> Console:
    """Open *url* in Firefox; return what its console says until the page is done."""
    browser = program("firefox-esr", engines.TARGET)
    with engines.fresh_folder() as (folder, env):
        with firefox_page(browser, folder, env) as page:
            page.goto(url)
            page.wait_for("() => window.ended")
            page.wait_for("() => true")  # What was said last is heard of with this.
            return page.version, [*page.console]


def webkitgtk(url: str) -> Console:
    """Open *url* in WebKitGTK; return what its console says until the page is done."""
    browser = program("MiniBrowser", engines.TARGET, [engines.WEBKITGTK_FOLDER])
    server = program("Xvfb", engines.TARGET)
    with (
        engines.fresh_folder() as (_, env),
        engines.virtual_display(server, env) as number,
    ):
        env = {**env, "DISPLAY": number}
        option = "--enable-write-console-messages-to-stdout=TRUE"
        lines = [*_output([browser, option, url], env)]
        return _version([browser, "--version"], env), lines


CONSOLES: Final[dict[str, Callable[[str], Console]]] = {
    "chromium": chromium,
    "firefox": firefox,
    "webkitgtk": webkitgtk,
}


def _output(command: Sequence[str], env: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that *command* writes, up to the one that is the last."""
    with running(command, env) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield line.rstrip("\n")
            if END in line:
                break


def _version(command: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=60, check=True
    )
    match = re.search(r"\d+(\.\d+)+", done.stdout)
    assert match is not None, done.stdout
    return match[0]
