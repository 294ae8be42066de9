"""What people fill in: a page, in a browser, and the request it makes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...core.fetch_standard import is_token
from ..browser import ENGINES, Body, Page, PageRequest
from ..browser.requests import HeaderPairs

MOST: Final = 100_000
"""Characters in one field of the form."""

# https://www.rfc-editor.org/rfc/rfc6265#section-4.2.1: no control characters, ASCII.
_COOKIE: Final = re.compile(r"([!-~]+=[ -~]*)?")


class FormError(ValueError):
    """A field that cannot be used as it is filled in.

    :ivar field: its name.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was filled in.

    :param page: who asks.
    :param request: for what.
    :param cookie: what the browser holds: the value of Cookie, where credentials are
        included.
    """

    page: Page
    request: PageRequest
    cookie: str = ""

    def as_fetch(self) -> dict[str, Any]:
        """Return what a script hands to ``fetch()`` to make the same request."""
        request, body = self.request, self.request.body
        return {
            "url": request.url,
            "method": request.method,
            "headers": [list(header) for header in request.headers],
            "credentials": request.credentials,
            "body": None if body is None else body.content.decode(),
        }


def read_form(fields: object, api: str) -> Form:
    """Return what *fields* say.

    :param fields: a mapping of the form's fields; one that is missing is empty.
    :param api: the origin of the API; the path is asked for there.
    :raises FormError: for the first field that cannot be used.
    """
    texts = _texts(fields)
    engine = texts["engine"] or "standard"
    if engine not in ENGINES:
        raise FormError("engine", f"Choose one of {', '.join(ENGINES)}.")
    try:
        page = Page(texts["origin"], ENGINES[engine])
    except ValueError as error:
        raise FormError("origin", str(error).partition(": ")[2]) from None
    path = texts["path"] or "/"
    if not path.startswith("/"):
        raise FormError("path", "Write the path with its slash, as /items?page=2.")
    headers = _headers(texts["headers"])
    if texts["content_type"] and not _has_type(headers):
        headers = (*headers, ("Content-Type", texts["content_type"]))
    try:
        request = PageRequest(
            api + path,
            method=texts["method"] or "GET",
            headers=headers,
            body=_body(texts["body"], _has_type(headers)),
            credentials=texts["credentials"] or "same-origin",
        )
    except ValueError as error:
        raise FormError("credentials", str(error)) from None
    if not _COOKIE.fullmatch(texts["cookie"]):
        raise FormError("cookie", "Write cookies as name=value; other=value.")
    return Form(page, request, texts["cookie"])


_FIELDS: Final = (
    "origin",
    "path",
    "method",
    "headers",
    "credentials",
    "cookie",
    "content_type",
    "body",
    "engine",
)
# White space around what is typed into these is a slip; in a body it may be meant.
_EXACT: Final = frozenset({"body"})


def _texts(fields: object) -> dict[str, str]:
    if not isinstance(fields, Mapping):
        raise FormError("origin", "This is not a form.")
    texts = {}
    for name in _FIELDS:
        text = fields.get(name, "")
        if not isinstance(text, str) or len(text) > MOST:
            raise FormError(name, f"Write a text of at most {MOST} characters.")
        texts[name] = text if name in _EXACT else text.strip()
    return texts


def _headers(text: str) -> HeaderPairs:
    """Return the headers in *text*, one a line; what follows a name is its value."""
    headers = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not (colon and is_token(name.strip())):
            message = f"Line {number} is not a header: write it as X-Token: abc."
            raise FormError("headers", message)
        headers.append((name.strip(), value.strip()))
    return tuple(headers)


def _has_type(headers: HeaderPairs) -> bool:
    return any(name.lower() == "content-type" for name, _ in headers)


def _body(text: str, has_type: bool) -> Body | None:
    if not text:
        return None
    return Body(text.encode()) if has_type else Body.text(text)
