"""What a page asks for, before anything is sent: can it be asked for at all?

https://fetch.spec.whatwg.org/#dom-request. A page gets a TypeError for what cannot, and
no word about a header that is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from ...core.errors import shown
from ...core.fetch_standard import (
    SAFELISTED_METHODS,
    SAFELISTED_REQUEST_HEADERS,
    is_forbidden_method,
    is_token,
)
from .engines import Engine
from .requests import Body, HeaderPairs, Page, PageRequest
from .rules import Rule, Step
from .safelist import is_safelisted, settable
from .urls import URL, parse_url
from .variants import StreamUpload

# https://fetch.spec.whatwg.org/#header-value, once the white space around it is gone.
_NOT_A_VALUE: Final = re.compile(r"[\x00\r\n]|[^\x00-\xff]")
# https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header-name
_NO_CORS_HEADERS: Final = SAFELISTED_REQUEST_HEADERS - {"range"}


class Opened(NamedTuple):
    """A request that can be sent, as it begins its way.

    :param uses_preflight_flag: whether it is preflighted, whatever it is
        (https://fetch.spec.whatwg.org/#use-cors-preflight-flag).
    """

    url: URL
    method: str
    headers: HeaderPairs
    body: Body | None
    uses_preflight_flag: bool


def open_request(page: Page, request: PageRequest) -> Opened | Step:
    """Return what *page* really sends for *request*, or the step that fails."""
    try:
        url = parse_url(request.url)
    except ValueError as error:
        return _invalid(f"{error}.", "Have the page write an http or https URL.")
    method = request.sent_method
    if is_forbidden_method(method):
        found = f"The page asks for {method}, which no browser sends."
        fix = "Have the page use another method."
        return Step(Rule.METHOD_NOT_FORBIDDEN, False, found, fix)
    body = request.body
    if body is not None and body.stream:
        upload = page.engine.stream_upload
        if upload is StreamUpload.REFUSED:
            found = f"{page.engine} sends no stream as a body."
            fix = "Have the page send a string, a form or a Blob."
            return Step(Rule.STREAM_UPLOAD, False, found, fix)
        if upload is StreamUpload.AS_TEXT:
            body = Body.text("[object ReadableStream]")
    watched = request.upload_listener and (
        body is not None or not page.engine.upload_listener_needs_body
    )
    flag = watched or (body is not None and body.stream)
    return (
        _impossible(request, url, method, flag)
        or _bad_header(request.headers)
        or Opened(url, method, _headers(page, request, body), body, flag)
    )


def _impossible(
    request: PageRequest, url: URL, method: str, uses_preflight_flag: bool
) -> Step | None:
    """Return why the parts of a request do not go together."""
    if url.userinfo:
        found = "The URL has a user name or password in it."
        return _invalid(found, "Have the page send Authorization instead.")
    if not is_token(method):
        return _invalid(f"{shown(method)} is not a method.", 'Write one, as "PUT".')
    if request.body is not None and method in ("GET", "HEAD"):
        found = f"The page gives a body to {method}."
        return _invalid(found, "Have it use POST, or leave the body out.")
    if request.mode == "no-cors":
        if method not in SAFELISTED_METHODS:
            found = f'The page asks for {method} with mode "no-cors".'
            return _invalid(found, 'Have it use mode "cors".')
        if uses_preflight_flag:
            found = 'With mode "no-cors" there is no preflight, and this needs one.'
            return _invalid(found, 'Have the page use mode "cors".')
    if request.cache == "only-if-cached" and request.mode != "same-origin":
        found = 'Cache mode "only-if-cached" goes with mode "same-origin" only.'
        return _invalid(found, "Have the page use another cache mode.")
    if request.cache == "only-if-cached":  # There is no HTTP cache here.
        found = 'With cache mode "only-if-cached" nothing is sent.'
        return _invalid(found, "Have the page use another cache mode.")
    return None


def _bad_header(headers: HeaderPairs) -> Step | None:
    for name, value in headers:
        if not is_token(name):
            found = f"{shown(name)} is not a header name."
            return _invalid(found, 'Write a name such as "X-Token".')
        wrong = _NOT_A_VALUE.search(value.strip(" \t\r\n"))
        if wrong is not None:  # The rest of the value may be a secret.
            found = f"The value of {name} holds {shown(wrong[0])}, which no header can."
            return _invalid(found, "Have the page encode it.")
    return None


def _headers(page: Page, request: PageRequest, body: Body | None) -> HeaderPairs:
    """Return the headers that are sent because the page, or its body, says so."""
    engine = page.engine
    headers = [
        (name, value.strip(" \t\r\n"))
        for name, value in request.headers
        if settable(name, value, engine)
    ]
    if request.mode == "no-cors":
        headers = _no_cors_headers(headers, engine)
    names = {name.lower() for name, _ in headers}
    content_type = None if body is None else body.content_type
    if content_type is not None and "content-type" not in names:
        headers.append(("Content-Type", content_type))
    if "accept" not in names:  # https://fetch.spec.whatwg.org/#concept-fetch
        headers.append(("Accept", "*/*"))
    return tuple(headers)


def _no_cors_headers(
    headers: Iterable[tuple[str, str]], engine: Engine
) -> list[tuple[str, str]]:
    """Return the headers that a page may set in mode ``no-cors``.

    https://fetch.spec.whatwg.org/#concept-headers-append: the values of one name are
    joined as long as that is safe; what would make them unsafe is dropped.
    """
    kept: dict[str, tuple[str, str]] = {}
    for name, value in headers:
        lowered = name.lower()
        if lowered in kept:
            name, value = kept[lowered][0], f"{kept[lowered][1]}, {value}"
        if lowered in _NO_CORS_HEADERS and is_safelisted(name, value, engine):
            kept[lowered] = name, value
    return list(kept.values())


def _invalid(found: str, fix: str) -> Step:
    return Step(Rule.REQUEST_VALID, False, found, fix)
