"""A page's request as it is typed on a command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.errors import shown
from ..core.fetch_standard import is_token
from .browser.engines import ENGINES
from .browser.requests import Body, Page, PageRequest
from .browser.urls import parse_url


@dataclass(frozen=True, slots=True)
class TypedRequest:
    """A request, as it was typed.

    :param target: method and URL, or the URL alone; a path is relative to *base_url*.
    :param origin: the origin of the page.
    :param headers: as ``Name: value``.
    :param body: sent as a string.
    :param json_body: sent with the content type of JSON.
    :param content_type: set by the page.
    :param engine: a key of ``ENGINES``.
    :param mode: the mode of ``fetch()``.
    :param method: as an option, if it is not in *target*.
    :param top: the origin of the page around it, if it is a frame.
    """

    target: Sequence[str]
    origin: str
    base_url: str = ""
    headers: Sequence[str] = ()
    credentials: str = "same-origin"
    body: str | None = None
    json_body: str | None = None
    content_type: str | None = None
    engine: str = "standard"
    mode: str = "cors"
    method: str | None = None
    top: str = ""


def method_and_url(
    words: Sequence[str], method: str | None, base_url: str = ""
) -> tuple[str, str]:
    """Return the method and the whole URL that were typed, each empty if it was not.

    :param words: method and path, or the path alone.
    :param method: as an option.
    :raises ValueError: if something typed is wrong; the error says what to write.
    """
    *methods, path = words or ("",)
    methods += [] if method is None else [method]
    if len(methods) > 1:
        raise ValueError("write one method and one path: PUT /items/7")
    if methods and not is_token(methods[0]):
        raise ValueError(f"{shown(methods[0])} is not a method: write PUT /items/7")
    base = parse_url(base_url) if base_url else None
    if base is None and path.startswith("/"):
        raise ValueError(f"{shown(path)} is a path: write the whole URL, or --app")
    return "".join(methods), str(parse_url(path, base)) if path else ""


def page_request(typed: TypedRequest) -> tuple[Page, PageRequest]:
    """Return the page and its request.

    :raises ValueError: if something typed is wrong; the error says what to write.
    """
    method, url = method_and_url(typed.target, typed.method, typed.base_url)
    body = _body(typed)
    method = method or ("GET" if body is None else "POST")
    headers = [header_pair(text) for text in typed.headers]
    if typed.content_type is not None:
        headers.append(("Content-Type", typed.content_type))
    request = PageRequest(
        url,
        method,
        tuple(headers),
        body,
        mode=typed.mode,
        credentials=typed.credentials,
    )
    return Page(typed.origin, ENGINES[typed.engine], typed.top), request


def _body(typed: TypedRequest) -> Body | None:
    if typed.body is not None and typed.json_body is not None:
        raise ValueError("a request has one body: write --body or --json-body")
    if typed.json_body is not None:
        return Body(typed.json_body.encode(), "application/json")
    return None if typed.body is None else Body.text(typed.body)


def header_pair(text: str) -> tuple[str, str]:
    """Return name and value of a header typed as ``Name: value``.

    :raises ValueError: if there is no colon.
    """
    name, colon, value = text.partition(":")
    if not colon:
        raise ValueError(f"{shown(text)} is not a header: write 'X-Token: abc'")
    return name.strip(), value.strip()
