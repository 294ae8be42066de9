"""Firefox: driven over WebDriver BiDi, which needs no driver program.

https://www.w3.org/TR/webdriver-bidi/
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import websocket

from .cases import HOSTS, NAMED
from .page import KEYS, SCRIPT_TIMEOUT, Page, PageError, call_of, result_of
from .processes import running

START_TIMEOUT: Final = 60.0

PREFERENCES: Final = {
    # A page that reaches a loopback address waits for a person's permission otherwise.
    "network.lna.blocking": False,
    # What calls home would show in the log of the requests.
    "app.normandy.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    # Names of the cases lead to this machine.
    "network.dns.localDomains": ",".join(
        HOSTS[name].partition("//")[2] for name in NAMED
    ),
}

# The certificates of the servers are signed by nobody.
_CAPABILITIES: Final = {"alwaysMatch": {"acceptInsecureCerts": True}}
_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


class FirefoxPage(Page):
    """The window of a Firefox.

    :ivar console: what its console has said, as far as it was heard of when a command
        was answered.
    :ivar requested: the URLs that it has asked for since ``watch_requests``, likewise.
    """

    def __init__(self, connection: websocket.WebSocket) -> None:
        self._connection = connection
        self._last_id = 0
        self.console: list[str] = []
        self.requested: list[str] = []
        session = self._command("session.new", capabilities=_CAPABILITIES)
        super().__init__("firefox", session["capabilities"]["browserVersion"])
        self._command("session.subscribe", events=["log.entryAdded"])
        tree = self._command("browsingContext.getTree")
        self._context: str = tree["contexts"][0]["context"]
        self.resize(1280, 1024)

    def watch_requests(self) -> None:
        """Keep the URLs of all requests from now on, those of workers too."""
        self._command("session.subscribe", events=["network.beforeRequestSent"])

    def resize(self, width: int, height: int) -> None:
        """Make the window as large as a screen of this size."""
        viewport = {"width": width, "height": height}
        self._command(
            "browsingContext.setViewport", context=self._context, viewport=viewport
        )

    def goto(self, url: str) -> None:
        """Open *url* and wait until it is loaded."""
        self._command(
            "browsingContext.navigate", context=self._context, url=url, wait="complete"
        )

    def evaluate(self, script: str, *arguments: Any) -> Any:
        """Call *script* with *arguments*; return what it returns."""
        answer = self._command(
            "script.evaluate",
            expression=call_of(script, arguments),
            target={"context": self._context},
            awaitPromise=True,
            userActivation=False,
        )
        if answer["type"] == "exception":  # A mistake of grammar in the script.
            raise PageError(answer["exceptionDetails"]["text"])
        return result_of(answer["result"]["value"])

    def click(self, css: str) -> None:
        """Click the middle of the element."""
        self.evaluate(
            "css => document.querySelector(css).scrollIntoView({block: 'center'})", css
        )
        found = self._command(
            "browsingContext.locateNodes",
            context=self._context,
            locator={"type": "css", "value": css},
        )
        element = {"sharedId": found["nodes"][0]["sharedId"]}
        self._perform(
            "pointer",
            [
                {
                    "type": "pointerMove",
                    "x": 0,
                    "y": 0,
                    "origin": {"type": "element", "element": element},
                },
                {"type": "pointerDown", "button": 0},
                {"type": "pointerUp", "button": 0},
            ],
        )

    def press(self, *keys: str) -> None:
        """Press the keys together."""
        pressed = [KEYS.get(key, key) for key in keys]
        self._perform(
            "key",
            [{"type": "keyDown", "value": key} for key in pressed]
            + [{"type": "keyUp", "value": key} for key in reversed(pressed)],
        )

    def screenshot(self, path: Path) -> None:
        """Write what the window shows."""
        shot = self._command("browsingContext.captureScreenshot", context=self._context)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        """End the browser."""
        self._command("browser.close")

    def _perform(self, device: str, actions: list[dict[str, Any]]) -> None:
        source = {"type": device, "id": device, "actions": actions}
        self._command("input.performActions", context=self._context, actions=[source])

    def _command(self, method: str, **params: Any) -> Any:
        """Send a command and return its result.

        :raises PageError: where the browser answers with an error.
        """
        self._last_id += 1
        command = {"id": self._last_id, "method": method, "params": params}
        self._connection.send(json.dumps(command))
        while True:
            answer = json.loads(self._connection.recv())
            if answer.get("id") == self._last_id:
                break
            if answer.get("method") == "log.entryAdded":
                self.console.append(answer["params"]["text"] or "")
            if answer.get("method") == "network.beforeRequestSent":
                self.requested.append(answer["params"]["request"]["url"])
        if answer["type"] == "error":
            raise PageError(f"{method}: {answer['error']}: {answer['message']}")
        return answer["result"]


@contextmanager
def firefox_page(
    browser: str, folder: Path, env: Mapping[str, str]
) -> Iterator[FirefoxPage]:
    """Open Firefox, headless."""
    profile = folder / "profile"
    profile.mkdir()
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});"
        for name, value in PREFERENCES.items()
    ]
    (profile / "user.js").write_text("\n".join(lines) + "\n")
    command = [browser, "--headless", "--no-remote", "--profile", str(profile)]
    with running([*command, "--remote-debugging-port", "0"], env) as process:
        assert process.stdout is not None
        connection = websocket.create_connection(
            _address(process.stdout) + "/session",
            timeout=SCRIPT_TIMEOUT,
            suppress_origin=True,
        )
        try:
            page = FirefoxPage(connection)
            yield page
            page.close()
        finally:
            connection.close()


def _address(output: IO[str]) -> str:
    """Return where the browser listens, as its output says; go on reading that."""
    found: list[str] = []
    told = threading.Event()

    def read() -> None:
        for line in output:
            match = _LISTENING.search(line)
            if match:
                found.append(match[1])
                told.set()
        told.set()

    threading.Thread(target=read, daemon=True).start()
    told.wait(START_TIMEOUT)
    if not found:
        raise TimeoutError("Firefox does not say where it listens")
    return found[0]
