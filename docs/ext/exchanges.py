"""The exchanges drawn on "How CORS works".

They are played when the page is built: the library's browser model sends requests to a
Flask application with a policy.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, request
from werkzeug.test import Client

from flask_cors_policy import CORS
from flask_cors_policy.devtools.browser import (
    Exchange,
    Outcome,
    Page,
    PageRequest,
    PreflightCache,
    Received,
    Sent,
    drive,
    fetch,
)
from flask_cors_policy.devtools.inspector.sequence import (
    Entry,
    Lane,
    Message,
    Note,
    Sequence,
    counted,
)

if TYPE_CHECKING:
    from flask_cors_policy.core.options import PolicyOptions
    from flask_cors_policy.devtools.browser.requests import HeaderPairs

PAGE: Final = "https://app.example.com"
API: Final = "https://api.example.com"
EVIL: Final = "https://evil.example"
WIDTH: Final = 380
"""Of a drawing, in units of its own: about the pixels of a phone's column."""

_OF_REQUESTS: Final = ("origin", "content-type")
_OF_RESPONSES: Final = ("vary",)


@dataclass(frozen=True)
class Story:
    """The calls of ``fetch`` in a page, one after the other.

    :param caption: what the drawing shows, in a sentence or two.
    :param policy: options of the API's policy, in addition to its one origin.
    :param calls: each as the page writes it, and as the browser model takes it.
    :param origin: of the page.
    :param cookie: what the browser holds for the API.
    """

    caption: str
    policy: PolicyOptions
    calls: tuple[tuple[str, PageRequest], ...]
    origin: str = PAGE
    cookie: str = ""


def get(path: str, **more: Any) -> tuple[str, PageRequest]:
    """Return a call of ``fetch`` that gets *path*."""
    init = "".join(f', {{{name}: "{value}"}}' for name, value in more.items())
    return f'fetch(".../{path}"{init})', PageRequest(f"{API}/{path}", **more)


PUT_JSON: Final = (
    'fetch(".../items/7", {method: "PUT", headers: {...}})',
    PageRequest(
        f"{API}/items/7", "PUT", (("Content-Type", "application/json"),), body=None
    ),
)
DELETE: Final = (
    'fetch(".../items/7", {method: "DELETE"})',
    PageRequest(f"{API}/items/7", "DELETE"),
)

STORIES: Final[Mapping[str, Story]] = {
    "simple": Story("A simple request, allowed.", {}, (get("items"),)),
    "refused": Story(
        "A simple request from a page that is not allowed. It is sent, the view runs, "
        "and the browser hides the response from the page.",
        {},
        (get("items"),),
        origin=EVIL,
    ),
    "preflight": Story(
        "A request that an HTML form cannot send. The browser sends a preflight first.",
        {"allow_headers": "Content-Type"},
        (PUT_JSON,),
    ),
    "preflight-refused": Story(
        "The answer to the preflight does not list the header. The browser does not "
        "send the request.",
        {"allow_headers": []},
        (PUT_JSON,),
    ),
    "credentials": Story(
        "A request with the user's cookie. The page asks for it, and the server allows "
        "it.",
        {"supports_credentials": True},
        (get("me", credentials="include"),),
        cookie="session=ada",
    ),
    "caching": Story(
        "The browser keeps the answer to the preflight, so the DELETE needs none.",
        {"allow_headers": "Content-Type", "max_age": 600},
        (PUT_JSON, DELETE),
    ),
}
"""Name of a drawing -> what happens in it."""


def api_of(story: Story, reached: list[str]) -> Flask:
    """Return the API of *story*, which notes in *reached* what reaches a view."""
    app = Flask(__name__, static_folder=None)
    options: PolicyOptions = {**story.policy, "origins": PAGE}
    CORS(app, **options)

    def view(item: int = 0) -> dict[str, str]:
        reached.append(request.method)
        return {"name": "..."}

    app.add_url_rule("/items", "items", view)
    app.add_url_rule("/me", "me", view)
    methods = ["GET", "PUT", "DELETE"]
    app.add_url_rule("/items/<int:item>", "item", view, methods=methods)
    return app


def play(story: Story, reached: list[str]) -> Iterator[tuple[str, Outcome]]:
    """Yield each call, and what came of it."""
    app = api_of(story, reached)
    cache = PreflightCache()

    def send(sent: Sent) -> Received:
        headers = [*sent.headers]
        if sent.credentials and story.cookie:
            headers.append(("Cookie", story.cookie))
        client = Client(app, use_cookies=False)
        response = client.open(
            sent.url.target,
            method=sent.method,
            headers=headers,
            base_url=API,
            input_stream=io.BytesIO(sent.body),
        )
        return Received(response.status_code, tuple(response.headers), response.data)

    for text, asked in story.calls:
        yield text, drive(fetch(Page(story.origin), asked, cache), send)


def sequence(story: Story) -> Sequence:
    """Return the messages of *story* to draw."""
    return Sequence(story.origin, API, tuple(_entries(story)))


def _entries(story: Story) -> Iterator[Entry]:
    reached: list[str] = []
    for text, outcome in play(story, reached):
        yield Message(Lane.PAGE, Lane.BROWSER, text)
        if outcome.preflight_spared:
            yield Note("covered by the earlier answer: no preflight")
        for index, exchange in enumerate(outcome.exchanges):
            yield from _exchange(story, exchange, reached)
            yield from _checks(outcome, index)
        yield _end(outcome)


def _exchange(story: Story, exchange: Exchange, reached: list[str]) -> Iterator[Entry]:
    sent, received = exchange.sent, exchange.received
    assert received is not None
    lines = [*_headers(sent.headers, _OF_REQUESTS)]
    if sent.credentials and story.cookie:
        lines.append(f"Cookie: {story.cookie}")
    title = f"{sent.method} {sent.url.target}"
    yield Message(Lane.BROWSER, Lane.SERVER, title, tuple(lines))
    if sent.method in reached:
        yield Note("the view runs", lane=Lane.SERVER)
    else:
        yield Note("the policy answers; no view runs", lane=Lane.SERVER)
    lines = [*_headers(received.headers, _OF_RESPONSES)]
    yield Message(Lane.SERVER, Lane.BROWSER, received.status_text, tuple(lines))


def _checks(outcome: Outcome, index: int) -> Iterator[Note]:
    steps = [step for step in outcome.steps if step.exchange == index]
    failed = [step for step in steps if not step.passed]
    if not failed:
        yield Note(f"{counted(len(steps), 'check')} passed")
    for step in failed:
        yield Note(step.rule.code.value, failed=True)


def _end(outcome: Outcome) -> Message:
    readable = outcome.readable
    title = "TypeError" if readable is None else f"{readable.status}, readable"
    return Message(Lane.BROWSER, Lane.PAGE, title, failed=readable is None)


def _headers(headers: HeaderPairs, others: tuple[str, ...]) -> Iterator[str]:
    for name, value in headers:
        if name.lower().startswith("access-control-") or name.lower() in others:
            yield f"{name}: {value}"
