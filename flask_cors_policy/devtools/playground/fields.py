"""A case as the page has it: fields of a form in, what they say out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ...core.errors import shown
from ...core.fetch_standard import is_token
from ..browser.requests import CREDENTIALS, MODES, HeaderPairs
from ..browser.urls import parse_url
from ..inspector.form import Form, FormError, read_form

MOST: Final = 20_000
"""Characters of one field."""
FRONTS: Final = ("", "preflights", "everything", "adds")
"""What stands in front of the API: nothing, something that answers preflights, or
everything, or something that adds headers to every answer."""
METHODS: Final = "GET, POST, PUT, PATCH, DELETE"

_HEADER: Final = re.compile(r"([^:]+):[ \t]*([ -~\xa0-\xff]*)")


class FieldError(ValueError):
    """A field that cannot be used as it is filled in.

    :ivar field: its name.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Server:
    """What the API and what is in front of it answer.

    :param methods: those of the URL's routes, in order.
    :param status: of the API's answer.
    :param headers: that the API sends itself.
    :param front: one of ``FRONTS``.
    :param front_status: of the answers that what is in front gives.
    :param front_headers: of these answers, or the headers that are added.
    """

    methods: tuple[str, ...]
    status: int = 200
    headers: HeaderPairs = ()
    front: str = ""
    front_status: int = 401
    front_headers: HeaderPairs = ()


@dataclass(frozen=True, slots=True)
class PlayedCase:
    """A case that was filled in.

    :param policy: the text of the policy.
    :param form: the page, its request, and its cookies.
    :param server: the other side.
    """

    policy: str
    form: Form
    server: Server


def read_case(fields: object) -> PlayedCase:
    """Return what *fields* say; one that is missing is empty.

    :raises FieldError: for the first field that cannot be used.
    """
    texts = _texts(fields)
    try:
        url = parse_url(texts["url"])
    except ValueError as error:
        hint = "Write a whole URL, as https://api.example.com/items."
        raise FieldError("url", f"{str(error).capitalize()}. {hint}") from None
    for name, known in (("credentials", CREDENTIALS), ("mode", MODES)):
        if texts[name] and texts[name] not in known:
            raise FieldError(name, f"Choose one of {', '.join(known)}.")
    try:
        form = read_form({**texts, "path": url.target, "engine": ""}, url.origin)
    except FormError as error:
        raise FieldError(error.field, str(error)) from None
    request = replace(form.request, mode=texts["mode"] or "cors")
    form = replace(form, request=request)
    if not is_token(form.request.method):
        text = f"{shown(form.request.method)} is not a method. Write GET, or another."
        raise FieldError("method", text)
    return PlayedCase(texts["policy"], form, _server(texts))


def _texts(fields: object) -> dict[str, str]:
    if not isinstance(fields, Mapping):
        raise FieldError("", "This is not a case.")
    texts = {name: "" for name in NAMES}
    for name in NAMES:
        value: Any = fields.get(name, "")
        if not isinstance(value, str) or len(value) > MOST:
            raise FieldError(name, f"Write a text of at most {MOST} characters.")
        texts[name] = value if name in ("body", "policy") else value.strip()
    return texts


NAMES: Final = (
    "policy",
    "origin",
    "url",
    "method",
    "headers",
    "credentials",
    "mode",
    "cookie",
    "body",
    "routes",
    "status",
    "answer_headers",
    "front",
    "front_status",
    "front_headers",
)
"""The fields of a case."""


def _server(texts: Mapping[str, str]) -> Server:
    front = texts["front"]
    if front not in FRONTS:
        raise FieldError("front", "Choose one of the list.")
    return Server(
        _methods(texts["routes"] or METHODS),
        _status(texts, "status", "200"),
        _headers(texts, "answer_headers"),
        front,
        _status(texts, "front_status", "401"),
        _headers(texts, "front_headers"),
    )


def _methods(text: str) -> tuple[str, ...]:
    """Return the methods of a route, with those that Flask adds."""
    methods = {method.upper() for method in text.replace(",", " ").split()}
    for method in methods:
        if not is_token(method):
            raise FieldError("routes", "Write methods, as GET, POST.")
    if "GET" in methods:
        methods.add("HEAD")
    return tuple(sorted(methods | {"OPTIONS"}))


def _status(texts: Mapping[str, str], name: str, default: str) -> int:
    text = texts[name] or default
    if not re.fullmatch("[2-5][0-9]{2}", text):
        raise FieldError(name, "Write a status of three digits, as 200 or 404.")
    return int(text)


def _headers(texts: Mapping[str, str], name: str) -> HeaderPairs:
    headers = []
    for number, line in enumerate(texts[name].splitlines(), 1):
        found = _HEADER.fullmatch(line.strip())
        if found is not None and is_token(found[1].strip()):
            headers.append((found[1].strip(), found[2].strip()))
        elif line.strip():
            message = f"Line {number} is not a header: write it as X-Total: 7."
            raise FieldError(name, message)
    return tuple(headers)
