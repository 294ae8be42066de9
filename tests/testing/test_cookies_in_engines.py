"""Real browsers keep and send the cookies that our browser keeps and sends.

One page, on two hosts that are one site or two, has an API set cookies: first by
``fetch()``, then by a visit. What comes back each time is compared.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from flask_cors_policy.testing import Browser, CookieRefused
from tests.needs import program

pytestmark = pytest.mark.browsers

SECONDS = 60.0
PAGE_HOST = "localhost"

# What a Set-Cookie says after name and value, by the name of the cookie.
COOKIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "lax": {"same_site": "Lax"},
    "strict": {"same_site": "Strict"},
    "none": {"same_site": "None", "secure": True},
    "insecure": {"same_site": "None"},
    "chips": {"same_site": "None", "secure": True, "partitioned": True},
}

PAGE = """<script>
const asked = new URLSearchParams(location.search);
const api = "http://" + asked.get("api");
const ask = (path) => fetch(api + path, {credentials: "include"});
const tell = async (step) => fetch("/told?" + step, {
    method: "POST", body: await (await ask("/echo")).text()});
(async () => {
    if (asked.has("visited")) return tell("visit");
    await ask("/set");
    await tell("fetch");
    location = api + "/visit?" + encodeURIComponent(location + "&visited");
})();
</script>"""


def set_cookie(prefix: str) -> Iterator[str]:
    """Yield a Set-Cookie for each cookie, with *prefix* before its name."""
    for name, attributes in COOKIES.items():
        header = f"{prefix}{name}=1; Path=/"
        if "same_site" in attributes:
            header += f"; SameSite={attributes['same_site']}"
        header += "; Secure" * ("secure" in attributes)
        yield header + "; Partitioned" * ("partitioned" in attributes)


class Told:
    """What a browser has sent back, step by step."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.complete = threading.Event()


@contextmanager
def serving(told: Told) -> Iterator[int]:
    """Serve what the page, or the API, answers; give the port."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            body = PAGE if path == "/page" else self.headers.get("Cookie", "")
            self.send_response(302 if path == "/visit" else 200)
            if path == "/visit":
                self.send_header("Location", unquote(query))
            if path in ("/set", "/visit"):
                for cookie in set_cookie("v_" if path == "/visit" else "f_"):
                    self.send_header("Set-Cookie", cookie)
            self.send_header("Content-Type", "text/html")
            self.finish_response(body.encode())

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            step = self.path.partition("?")[2]
            told.cookies[step] = self.rfile.read(length).decode()
            self.send_response(200)
            self.finish_response(b"")
            if step == "visit":
                told.complete.set()

        def finish_response(self, body: bytes) -> None:
            origin = self.headers.get("Origin")
            if origin is not None:
                self.send_header("Access-Control-Allow-Origin", origin)
                self.send_header("Access-Control-Allow-Credentials", "true")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(SECONDS)


def chromium(home: Path, mode: int = 0) -> list[str]:
    """Return the command of Chromium.

    :param mode: 0 is upstream's default for cookies of other sites, 1 blocks them, as
        the build of Debian does unless its user chooses.
    """
    settings = {"profile": {"cookie_controls_mode": mode}}
    (home / "Default").mkdir()
    (home / "Default" / "Preferences").write_text(json.dumps(settings), "utf-8")
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-sync"
    quiet = "--disable-background-networking --disable-component-update"
    found = program("chromium", "browsers")
    return [found, *flags.split(), *quiet.split(), f"--user-data-dir={home}"]


def firefox(home: Path) -> list[str]:
    found = program("firefox-esr", "browsers")
    return [found, "--headless", "--no-remote", "--profile", str(home)]


def webkitgtk(home: Path) -> list[str]:
    folder = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1"
    found = program("MiniBrowser", "browsers", [folder])
    return [program("xvfb-run", "browsers"), "-a", found]


def wpe(home: Path) -> list[str]:
    folder = "/usr/lib/x86_64-linux-gnu/wpe-webkit-1.1"
    return [program("MiniBrowser", "browsers", [folder]), "--headless"]


COMMANDS: dict[str, Callable[[Path], list[str]]] = {
    "chromium": chromium,
    "chromium-no-third-party": lambda home: chromium(home, 1),
    "firefox": firefox,
    "webkitgtk": webkitgtk,
    "wpe": wpe,
}


@contextmanager
def opened(command: list[str], url: str, home: Path) -> Iterator[None]:
    """Run a browser on *url*, with all its files in *home*."""
    home.chmod(0o700)
    names = ("HOME", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    process = subprocess.Popen(
        [*command, url],
        env={**os.environ, **dict.fromkeys(names, str(home))},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(SECONDS)


def expected(engine: str, page: str, api: str) -> dict[str, str]:
    """Return what our browser sends back."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        headers = [
            ("Access-Control-Allow-Origin", page),
            ("Access-Control-Allow-Credentials", "true"),
        ]
        if environ["PATH_INFO"] == "/set":
            headers += [("Set-Cookie", cookie) for cookie in set_cookie("f_")]
        start_response("200 OK", headers)
        return [environ.get("HTTP_COOKIE", "").encode()]

    browser = Browser(app, page, api, engine)
    browser.fetch("/set", credentials="include")
    told = {"fetch": browser.fetch("/echo", credentials="include").text}
    for name, attributes in COOKIES.items():
        try:
            browser.set_cookie(f"v_{name}", "1", **attributes)
        except CookieRefused:
            continue
    told["visit"] = browser.fetch("/echo", credentials="include").text
    return told


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"], ids=["one", "two"])
@pytest.mark.parametrize("engine", COMMANDS)
def test_cookies_within_one_site_and_between_two(
    engine: str, host: str, tmp_path: Path
) -> None:
    told = Told()
    command = COMMANDS[engine](tmp_path)
    with serving(told) as page, serving(told) as api:
        where = f"{host}:{api}"
        url = f"http://{PAGE_HOST}:{page}/page?api={where}"
        with opened(command, url, tmp_path):
            assert told.complete.wait(SECONDS), told.cookies
    origin = f"http://{PAGE_HOST}:{page}"
    assert told.cookies == expected(engine, origin, f"http://{where}")
