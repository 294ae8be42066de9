"""Nothing that requests hold, or hold on to, stays in memory."""

from __future__ import annotations

import gc
import random
import string
import tracemalloc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import flask
import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from flask_cors_policy import CORS, CORSMiddleware, cross_origin

from .helpers import ASKED, A, B
from .places import StrictSite
from .sites import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@contextmanager
def no_collector() -> Iterator[None]:
    """Leave the memory to reference counts alone."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def call(app: WSGIApplication, method: str, path: str, **headers: str) -> None:
    """Send one request, and keep nothing of it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    builder = EnvironBuilder("/", method=method, headers=list(named.items()))
    environ = builder.get_environ()
    builder.close()
    environ["PATH_INFO"] = path
    body, _, _ = run_wsgi_app(app, environ)
    for _ in body:
        pass
    close = getattr(body, "close", None)
    if close is not None:
        close()


@pytest.mark.parametrize("bypasses", [False, True])
def test_a_request_is_gone_when_it_is_answered(place: str, bypasses: bool) -> None:
    """As with Flask alone: what was uploaded does not wait for the collector."""
    site = StrictSite(place)
    seen: list[weakref.ref[Any]] = []
    contexts = site.app.request_context

    def request_context(environ: Any) -> Any:
        context = contexts(environ)
        seen.append(weakref.ref(context.request))
        return context

    site.app.request_context = request_context  # type: ignore[method-assign]
    through = site.plain if bypasses else site.app
    site.protect("/admin/x", "x")
    site.start()
    call(through, "POST", "/admin/x", Origin=B)
    seen.clear()
    with no_collector():
        call(through, "POST", "/admin/x", Origin=B)
        assert [reference() for reference in seen] == [None]


def test_flask_alone_leaves_nothing_either() -> None:
    """Else the test above would say nothing."""
    site = Site()
    seen: list[weakref.ref[Any]] = []

    def view() -> str:
        seen.append(weakref.ref(flask.globals.request_ctx.request))
        return "x"

    site.app.add_url_rule("/x", view_func=view)
    with no_collector():
        call(site.app, "GET", "/x")
        assert [reference() for reference in seen] == [None]


def junk(chance: random.Random, length: int = 12) -> str:
    return "".join(chance.choices(string.ascii_letters, k=length))


def send_junk(app: WSGIApplication, chance: random.Random, count: int) -> None:
    """Send requests of which no two are alike; two of three are allowed."""
    for _ in range(count):
        name = junk(chance).lower()
        tenant = f"https://{name}.sub.example"
        asked = {ASKED: "PUT", "Access-Control-Request-Headers": f"x-{name}"}
        call(app, "GET", f"/{name}", Origin=tenant)
        call(app, "OPTIONS", f"/{name}", Origin=tenant, **asked)

        method = chance.choice(["GET", "POST", "OPTIONS", name[:6].upper()])
        origin = chance.choice([A, B, f"https://{name}.example", name, "null"])
        headers = {"Origin": origin, f"X-{name}": name}
        if method == "OPTIONS":
            headers[ASKED] = chance.choice(["PUT", name[:6]])
        if chance.random() < 0.2:
            headers["Cookie"] = f"{name}={name}"
            headers["Sec-Fetch-Site"] = chance.choice(["cross-site", name])
        path = chance.choice(
            [f"/admin/{name}", f"/{name}", f"/admin//{name}", f"/admin/{name}/..", "/"]
        )
        call(app, method, path, **headers)


def wsgi(_: Any) -> WSGIApplication:
    return CORSMiddleware(
        flask.Response("x"),
        {"/*": {"origins": [A, "https://*.sub.example"]}, "/admin/*": {"origins": B}},
    )


@pytest.mark.parametrize("kind", ["middleware", "application", "bypassed"])
def test_no_junk_is_kept(kind: str, no_marks: None) -> None:
    """Origins, methods, paths, names of headers: what is kept of them has bounds."""
    chance = random.Random(1)
    site = StrictSite("view", allow_headers="*", supports_credentials=True)
    options = {"origins": [A, "https://*.sub.example"], "methods": "*"}
    site.protect("/admin/<name>", "x")
    site.start(resources={"/*": options, "/admin/*": {"origins": B, "enforce": True}})
    app = wsgi(site) if kind == "middleware" else site.app
    through = site.plain if kind == "bypassed" else app
    send_junk(through, chance, 300)  # What has bounds is filled.

    def size() -> int:
        site.ran.clear()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        send_junk(through, chance, 100)
        before = size()
        send_junk(through, chance, 500)
        after = size()
    finally:
        tracemalloc.stop()
    # What is emptied when it is full goes up and down by about 80 kB; to keep all that
    # was sent takes twice as much.
    assert after - before < 120_000


def test_marks_and_applications_that_are_gone_leave_nothing(no_marks: None) -> None:
    def serve() -> list[weakref.ref[Any]]:
        site = Site()
        site.add("/x", "x", mark=cross_origin(origins=B))
        CORS(site.app, origins=A)
        for through in (site.app, site.plain):
            call(through, "GET", "/x", Origin=B)
            call(through, "OPTIONS", "/x", Origin=B, **{ASKED: "GET"})
        return [weakref.ref(site.app), weakref.ref(site.app.view_functions["x"])]

    left = [reference for _ in range(5) for reference in serve()]
    gc.collect()
    assert [reference() for reference in left] == [None] * 10
