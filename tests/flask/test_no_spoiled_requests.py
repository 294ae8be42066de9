"""A policy reads no body, and leaves nothing but its headers."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import flask
import pytest
from werkzeug.formparser import FormDataParser

from .helpers import EVIL, MISS, B, allowed
from .places import StrictSite
from .sites import cors_of


def sent(kind: str) -> dict[str, Any]:
    """Return arguments for a request with a body, which ``received`` repeats."""
    if kind == "form":
        return {"data": {"text": "hello"}}
    if kind == "json":
        return {"json": {"text": "hello"}}
    if kind == "file":
        return {"data": {"text": (BytesIO(b"hello"), "hello.txt")}}
    if kind == "chunks":
        own = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        return {"environ_overrides": {**own, "wsgi.input": BytesIO(b"hello")}}
    return {"data": b"hello", "content_type": "application/octet-stream"}


def received(kind: str) -> str:
    request = flask.request
    if kind == "form":
        return request.form["text"]
    if kind == "json":
        text: str = request.get_json()["text"]
        return text
    if kind == "file":
        return str(request.files["text"].read(), "utf-8")
    if kind == "stream":
        return request.stream.read(3).decode() + request.stream.read().decode()
    return request.get_data(as_text=True)


BODIES = ["form", "json", "file", "bytes", "stream", "chunks"]


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("bypasses", [False, True])
@pytest.mark.parametrize("enforce", [False, True])
def test_a_view_reads_the_whole_body(
    place: str, kind: str, bypasses: bool, enforce: bool
) -> None:
    site = StrictSite(place, enforce=enforce)
    site.protect("/admin/x", "x", view=lambda: received(kind))
    site.start()
    through = site.plain if bypasses else None
    response = site.send("/admin/x", "POST", B, through=through, **sent(kind))
    assert (response.text, cors_of(response)) == ("hello", allowed(B))


@pytest.mark.parametrize("bypasses", [False, True])
def test_who_is_refused_has_no_body_read(
    place: str, bypasses: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = StrictSite(place, enforce=True)
    site.protect("/admin/x", "x", view=lambda: received("form"))
    site.start()
    body = BytesIO(b"x" * 1000)
    sending = {"environ_overrides": {"wsgi.input": body, "CONTENT_LENGTH": "1000"}}
    monkeypatch.setattr(FormDataParser, "parse", lambda *_: pytest.fail("parsed"))
    through = site.plain if bypasses else None
    found = site.visit("/admin/x", "POST", EVIL, through=through, **sending)
    assert found == (403, MISS, [])
    assert body.tell() == 0


@pytest.mark.parametrize("bypasses", [False, True])
@pytest.mark.parametrize("value", ["websocket", "WebSocket", "h2c", "h2c, websocket"])
def test_an_upgrade_that_is_only_asked_for_changes_nothing(
    place: str, value: str, bypasses: bool
) -> None:
    """The answer is an ordinary one, which a cache may keep for the next page."""
    own = {"Access-Control-Allow-Origin": "*", "X-Own": "1"}
    site = StrictSite(place)
    site.protect("/admin/x", "x", view=lambda: ("x", own))
    site.start()
    through = site.plain if bypasses else None
    asking = {"Upgrade": value}
    assert site.visit("/admin/x", "GET", EVIL, asking, through) == (200, MISS, [])
    assert site.visit("/admin/x", "GET", B, asking, through) == (200, allowed(B), [])
    assert site.visit("/admin/x", "GET", None, asking, through) == (200, MISS, [])


@pytest.mark.parametrize("bypasses", [False, True])
def test_a_refused_handshake_runs_no_view(place: str, bypasses: bool) -> None:
    site = StrictSite(place, enforce=True)
    site.protect("/admin/x", "x", "GET", websocket=True)
    site.start()
    through = site.plain if bypasses else None
    asking = {"Upgrade": "websocket", "Connection": "Upgrade"}
    assert site.visit("/admin/x", "GET", B, asking, through).ran == ["x"]
    assert site.visit("/admin/x", "GET", EVIL, asking, through) == (403, MISS, [])
    foreign = {**asking, "Sec-Fetch-Site": "cross-site"}
    assert site.visit("/admin/x", "GET", None, foreign, through) == (403, MISS, [])


@pytest.mark.parametrize("status", [100, 101, 102, 103, 200, 204, 304, 426])
@pytest.mark.parametrize("bypasses", [False, True])
def test_only_a_switch_of_protocols_is_left_alone(
    place: str, status: int, bypasses: bool
) -> None:
    own = {"Access-Control-Allow-Origin": "own"}
    site = StrictSite(place)
    site.protect("/admin/x", "x", view=lambda: ("", status, own))
    site.start()
    through = site.plain if bypasses else None
    found = site.visit("/admin/x", "GET", EVIL, through=through)
    assert found == (status, own if status == 101 else MISS, [])


def test_no_variable_of_a_request_is_lost(place: str) -> None:
    """What layers and the view have put into environ is there, and what is ours too."""
    seen: list[Any] = []

    def view() -> str:
        seen.append(flask.request.environ["layer.own"])
        flask.request.environ["view.own"] = "view"
        return "x"

    def layer(wsgi_app: Any) -> Any:
        def inner(environ: Any, start_response: Any) -> Any:
            environ["layer.own"] = "layer"
            body = wsgi_app(environ, start_response)
            seen.append(environ["view.own"])
            return body

        return inner

    site = StrictSite(place)
    site.protect("/admin/x", "x", view=view)
    site.wrap(layer)
    site.start()
    assert site.visit("/admin/x", "POST", B) == (200, allowed(B), [])
    assert seen == ["layer", "view"]
