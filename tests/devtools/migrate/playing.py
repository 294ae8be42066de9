"""An application, before the migration and after it: what its page gets, who else.

Two questions are asked. Does the page of a call site get what it got? And may any page
do something that it could not do, judged by the headers alone, as a browser judges?
"""

from __future__ import annotations

import itertools
import json
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.test import Client, TestResponse

from flask_cors_policy.devtools.migrate.migration import Migration, migrate
from flask_cors_policy.testing import Browser, CORSBlocked

FOLDER = Path(__file__).parent
NAMES = itertools.count()
HEADERS = ("authorization", "content-type", "x-csrftoken", "x-unusual")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND")
SAFELISTED = {"GET", "HEAD", "POST"}
STRANGERS = (
    "https://stranger.example",
    "http://stranger.example:8080",
    "http://localhost",
    "http://localhost:9999",
    "http://127.0.0.1:5173",
    "null",
)


START = """from flask import Flask
from flask_cors import CORS
app = Flask("app")
"""
VIEWS = """
@app.route("/items", methods=["GET", "POST"])
def items():
    return {"items": []}, 200, {"X-Total": "1", "Content-Disposition": "inline"}
@app.route("/items/<int:number>", methods=["PUT", "DELETE"])
def item(number):
    return {"number": number}
"""
WORDS = {
    "@start\n": START,
    "@views\n": VIEWS,
    "@api\n": VIEWS.replace("/items", "/api/items"),
}


class CallSite(NamedTuple):
    """An application on Flask-CORS, and what its page asks for.

    :ivar page: the origin of the page.
    :ivar requests: as ``JSON POST /path +auth +cookie expose:Name``.
    :ivar environment: variables that are set when it starts.
    """

    name: str
    code: str
    page: str
    requests: tuple[str, ...]
    environment: dict[str, str]


class Right(NamedTuple):
    """Something that a page may do.

    :ivar header: sent beside the safelisted ones; empty for none.
    """

    origin: str
    path: str
    method: str
    header: str
    credentials: bool


def call_sites() -> list[CallSite]:
    """Return the call sites of public code, and those that were made up."""
    found = json.loads(FOLDER.joinpath("call_sites.json").read_text("utf-8"))
    public = [
        CallSite(
            f"call site {number}",
            each["code"],
            each["page"],
            tuple(each["requests"]),
            each["environment"],
        )
        for number, each in enumerate(found)
    ]
    text = FOLDER.joinpath("own_call_sites.txt").read_text("utf-8")
    return [*public, *map(_own, text.split("\n== ")[1:])]


def _own(text: str) -> CallSite:
    name, page, code = f"{text.strip()}\n".split("\n", 2)
    for word, meaning in WORDS.items():
        code = code.replace(word, meaning)
    origin, _, requests = page.partition(": ")
    return CallSite(name, code, origin, tuple(requests.split("; ")), {})


@contextmanager
def started(code: str, environment: dict[str, str]) -> Iterator[Flask]:
    """Run a module, and yield its application."""
    name = f"call_site_{next(NAMES)}"
    module = type(sys)(name)
    sys.modules[name] = module
    present = dict(os.environ)
    os.environ.update(environment)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(code, f"{name}.py", "exec"), module.__dict__)
        yield module.__dict__["app"]
    finally:
        os.environ.clear()
        os.environ.update(present)
        del sys.modules[name]


def migrated(code: str, folder: Path) -> tuple[str, Migration]:
    """Return the migrated module, and what was told about it."""
    folder.joinpath("app.py").write_text(code, "utf-8")
    migration = migrate([str(folder)])
    (text, *_) = [changed.text for changed in migration.changed] or [code]
    return text, migration


def outcome(app: Flask, page: str, request: str) -> object:
    """Return what the page gets: a status and what it can read, or why not."""
    kind, options = _parsed(request)
    browser = Browser(app, page, raise_exceptions=False)
    try:
        reply = browser.fetch(**options)
    except CORSBlocked:
        return "blocked"
    return reply.status, [reply.headers.get(name) for name in kind]


def _parsed(request: str) -> tuple[list[str], dict[str, Any]]:
    words = request.split()
    body = words.pop(0) if words[0] in ("JSON", "FORM") else ""
    method, path, *others = words
    options: dict[str, Any] = {"url": path, "method": method}
    if body:
        options["json" if body == "JSON" else "data"] = {"name": "Ada"}
    if "+auth" in others:
        options["headers"] = {"Authorization": "Bearer token"}
    if "+cookie" in others:
        options["credentials"] = "include"
    return [each[7:] for each in others if each.startswith("expose:")], options


def rights(app: Flask, origins: list[str]) -> set[Right]:
    """Return what pages of *origins* may do at the application's own paths.

    To read an error is nothing that counts here: Flask-CORS left some without headers.
    """
    client = Client(app)
    found: set[Right] = set()
    for rule, methods in sorted(_served(app).items()):
        for origin, method in itertools.product(origins, methods):
            response = client.open(
                _another(rule), method=method, headers={"Origin": origin}
            )
            answer = client.open(
                _another(rule),
                method="OPTIONS",
                headers={
                    "Origin": origin,
                    "Access-Control-Request-Method": method,
                    "Access-Control-Request-Headers": ",".join(HEADERS),
                },
            )
            for credentials in (False, True):
                if response.status_code < 400 and _passes(
                    response, origin, credentials
                ):
                    found.update(
                        Right(origin, rule, method, header, credentials)
                        for header in _allowed(answer, origin, method, credentials)
                    )
    return found


def _another(rule: str) -> str:
    """Return a path that was not asked for: some applications keep responses."""
    return re.sub("<[^>]*>", str(next(NAMES)), rule)


def _served(app: Flask) -> dict[str, list[str]]:
    """Return the paths of the application, each with the methods that it serves."""
    served: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            served.setdefault(rule.rule, set()).update(rule.methods or ())
    return {
        path: [method for method in METHODS if method in methods]
        for path, methods in served.items()
    }


def _allowed(
    answer: TestResponse, origin: str, method: str, credentials: bool
) -> set[str]:
    """Return the headers that may be sent with *method*; ``""`` stands for none."""
    simple = {""} if method in SAFELISTED else set()
    if not _passes(answer, origin, credentials) or not 200 <= answer.status_code < 300:
        return simple
    methods = _names(answer, "Access-Control-Allow-Methods")
    if method not in SAFELISTED and not (
        {method.lower(), *_star(credentials)} & methods
    ):
        return simple
    names = _names(answer, "Access-Control-Allow-Headers")
    listed = {
        header
        for header in HEADERS
        if header in names
        or ("*" in names and not credentials and header != "authorization")
    }
    return {"", *listed}


def _star(credentials: bool) -> set[str]:
    return set() if credentials else {"*"}


def _names(response: TestResponse, header: str) -> set[str]:
    value = ",".join(response.headers.getlist(header))
    return {item.strip().lower() for item in value.split(",")}


def _passes(response: TestResponse, origin: str, credentials: bool) -> bool:
    """https://fetch.spec.whatwg.org/#cors-check"""
    allowed = ", ".join(response.headers.getlist("Access-Control-Allow-Origin"))
    if allowed == "*" and not credentials:
        return True
    if allowed != origin:
        return False
    sent = response.headers.getlist("Access-Control-Allow-Credentials")
    return not credentials or sent == ["true"]


def probed(site: CallSite) -> list[str]:
    """Return origins to try: those in the source, what is near them, and strangers."""
    texts = re.findall(r"[a-z]+://[A-Za-z0-9.:-]*[A-Za-z0-9]", site.code)
    origins = {site.page, *STRANGERS}
    for each in (site.page, *texts):
        origin = each.lower()
        host = origin.partition("://")[2].partition(":")[0]
        origins |= {
            origin,
            f"{origin}.stranger.example",
            f"https://{host}",
            f"http://{host}",
            f"https://x.{host}",
            f"https://x.y.{host}",
            f"https://x{host}",
            f"http://{host}:3000",
            f"https://{host}:8443",
        }
    return sorted(origin for origin in origins if origin.count("://") <= 1)
