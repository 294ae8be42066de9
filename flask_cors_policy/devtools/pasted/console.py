"""Reads what the console of a browser says of a blocked request.

The sentences are those of Chromium, Firefox and WebKit as they were observed; the
documentation lists them. Each stands for a request and for the answers to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...core.errors import plain
from ...core.fetch_standard import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    NULL_ORIGIN,
    WILDCARD,
)
from ..browser.requests import HeaderPairs, Received
from .not_cors import not_cors
from .request import PastedError, stand_in

_MOST: Final = 10_000
_NO_URL: Final = (
    "The sentence does not name the URL: write it behind the options, as in --console "
    "- https://api.example.com/items."
)
_CHROMIUM: Final = re.compile(
    r"Access to .{1,40}? at '(?P<url>[^']+)' "
    r"(?:\(redirected from '(?P<first>[^']+)'\) )?"
    r"from origin '(?P<origin>[^']+)' has been blocked by CORS policy: (?P<why>.+)",
    re.DOTALL,
)
_FIREFOX: Final = re.compile(
    r"disallows reading the remote resource at \W?(?P<url>https?://\S+?)\W?\. "
    r"\(Reason: (?P<why>.+?)\)\.(?: Status code: (?P<status>\d+))?",
    re.DOTALL,
)
_WEBKIT: Final = re.compile(
    r"(?P<why>(?:Origin (?P<origin>\S+) is not allowed by|Access-Control-Allow-Origin "
    r"cannot contain|Cannot use wildcard in|Credentials flag is true|Preflight "
    r"response is not successful|Method \S+ is not allowed by|Request header field|"
    r"Header Access-Control-Allow-\w+ has an invalid).*)",
    re.DOTALL,
)
_FORMS: Final = (("chromium", _CHROMIUM), ("firefox", _FIREFOX), ("webkitgtk", _WEBKIT))


@dataclass(frozen=True, slots=True)
class ConsoleMessage:
    """A blocked request, as far as a sentence tells.

    :param engine: the browser, a key of ``ENGINES``.
    :param origin: of the page; empty if the sentence does not tell.
    :param url: of the request; empty if the sentence does not tell.
    :param target: what it was redirected to, if it was.
    :param why: the reason, as the browser says it.
    :param method: ``PUT`` if there was a preflight, and the sentence does not say why.
    :param names_method: whether the sentence tells the method.
    :param refuses_method: whether it says that the method is not allowed.
    :param headers: that the page has set.
    :param credentials: whether the page included them.
    :param preflight: the answer to the preflight; ``None`` if it allowed everything.
    :param answer: the answer to the request itself.
    :param status: of the answer that blocks the page; 0 if the sentence does not tell.
    :param tainted: whether the browser has sent the origin null, after a redirect.
    """

    engine: str
    origin: str
    url: str
    why: str
    target: str = ""
    method: str = "GET"
    names_method: bool = False
    refuses_method: bool = False
    headers: HeaderPairs = ()
    credentials: bool = False
    preflight: Received | None = None
    answer: Received | None = None
    status: int = 0
    tainted: bool = False


_Match = re.Match[str]
_Parts = dict[str, object]
_Found = Callable[[_Match, int, HeaderPairs], Mapping[str, object]]
"""Takes what a sentence says, the status and the headers that allow the origin."""


def _missing(match: _Match, status: int, allow: HeaderPairs) -> _Parts:
    return {"answer": Received(status or 200)}


def _other(match: _Match, status: int, allow: HeaderPairs) -> _Parts:
    return {"answer": Received(200, ((ALLOW_ORIGIN, match[1]),))}


def _twice(match: _Match, status: int, allow: HeaderPairs) -> _Parts:
    return {"answer": Received(200, (*allow, *allow))}


def _any(match: _Match, status: int, allow: HeaderPairs) -> _Parts:
    answer = Received(200, ((ALLOW_ORIGIN, WILDCARD), (ALLOW_CREDENTIALS, "true")))
    return {"credentials": True, "answer": answer}


def _credentials(match: _Match, status: int, allow: HeaderPairs) -> _Parts:
    return {"credentials": True, "answer": Received(200, allow)}


def _refused(match: _Match, status: int, allow: HeaderPairs) -> _Parts:
    code = int(match[1]) if match.groups() and match[1] else status
    return {"method": "PUT", "preflight": Received(code or 400, allow)}


def _redirect(match: _Match, status: int, allow: HeaderPairs) -> _Parts:
    return {"method": "PUT", "preflight": Received(308, allow)}


def _method(match: _Match, status: int, allow: HeaderPairs) -> _Parts:
    named = match[1] if match.groups() else ""
    return {
        "method": named or "PUT",
        "names_method": bool(named),
        "refuses_method": True,
        "preflight": Received(204, allow),
    }


def _header(match: _Match, status: int, allow: HeaderPairs) -> _Parts:
    name = match[1]
    return {
        "method": "POST",
        "headers": ((name, stand_in(name)),),
        "preflight": Received(204, allow),
    }


def _list(match: _Match, status: int, allow: HeaderPairs) -> _Parts:
    lists = {name.lower(): name for name in (ALLOW_HEADERS, ALLOW_METHODS)}
    bad = (lists.get(match[1].lower(), ALLOW_HEADERS), "not; a list")
    found: _Parts = {"method": "PUT"}
    return {**found, "preflight": Received(204, (*allow, bad))}


_NAME: Final = r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)"
_REASONS: Final[tuple[tuple[str, _Found], ...]] = (
    (r"No 'Access-Control-Allow-Origin' header is present", _missing),
    (r"header has a value '([^']*)' that is not equal", _other),
    (r"header contains the invalid value '([^']*)'", _other),
    (r"header contains multiple values", _twice),
    (r"must not be the wildcard '\*'", _any),
    (r"'Access-Control-Allow-Credentials' header in the response is", _credentials),
    (r"It does not have HTTP ok status", _refused),
    (r"Redirect is not allowed for a preflight", _redirect),
    (rf"Method {_NAME} is not allowed by", _method),
    (rf"Request header field {_NAME} is not allowed by", _header),
    (r"Cannot parse (Access-Control-Allow-\w+)", _list),
    (r"CORS header .Access-Control-Allow-Origin. missing", _missing),
    (r"Access-Control-Allow-Origin. does not match .([^\u2019']*)", _other),
    (r"Multiple CORS header", _twice),
    (r"Credential is not supported if", _any),
    (r"expected .true. in CORS header", _credentials),
    (r"CORS preflight response did not succeed", _refused),
    (r"CORS request external redirect not allowed", _redirect),
    (r"Did not find method in CORS header", _method),
    (rf"header .{_NAME}. is not allowed according to", _header),
    (rf"missing token .{_NAME}. in CORS header", _header),
    (r"invalid token .+ in CORS header .(Access-Control-Allow-\w+)", _list),
    (r"is not allowed by Access-Control-Allow-Origin", _missing),
    (r"cannot contain more than one origin", _twice),
    (r"Cannot use wildcard in Access-Control-Allow-Origin", _any),
    (r"Credentials flag is true", _credentials),
    (r"Preflight response is not successful\. Status code: 3\d\d", _redirect),
    (r"Preflight response is not successful\. Status code: (\d+)", _refused),
    (r"Header (Access-Control-Allow-\w+) has an invalid", _list),
)


def read_console(text: str, origin: str = "", url: str = "") -> ConsoleMessage:
    """Return the request that a sentence of a console is about.

    :param origin: of the page, if the sentence does not tell.
    :param url: of the request, if the sentence does not tell.
    :raises PastedError: if it is no such sentence, or something is missing.
    """
    if len(text) > _MOST:
        raise PastedError(f"This is longer than {_MOST} characters.")
    text = " ".join(text.split())
    meaning = not_cors(text, first=True)
    if meaning:
        raise PastedError(meaning)
    for engine, form in _FORMS:
        match = form.search(text)
        if match is not None:
            return _message(engine, match, origin, url)
    raise PastedError(
        not_cors(text)
        or f"'{plain(text)}' is not a sentence about CORS that is known here. Copy the "
        "whole line from the console."
    )


def _message(
    engine: str, match: re.Match[str], origin: str, url: str
) -> ConsoleMessage:
    said = match.groupdict()
    tainted = said.get("origin") == NULL_ORIGIN and origin not in ("", NULL_ORIGIN)
    origin = origin if tainted else said.get("origin") or origin
    first = said.get("first") or said.get("url") or url
    if not origin:
        raise PastedError(
            "The sentence does not name the page: add --origin https://app.example."
        )
    if not first:
        raise PastedError(_NO_URL)
    allow = ((ALLOW_ORIGIN, origin),)
    status = re.search(r"Status code: (\d+)", match.string)
    for pattern, found in _REASONS:
        reason = re.search(pattern, match["why"])
        if reason is not None:
            code = int(status[1]) if status else 0
            parts: dict[str, Any] = {**found(reason, code, allow), "status": code}
            if "preflight" in match["why"].lower() and "answer" in parts:
                parts |= {"method": "PUT", "preflight": parts.pop("answer")}
            own = found is _other and reason[1] == origin and not said.get("first")
            parts["tainted"] = tainted or own  # Nothing else differs from itself.
            if parts["tainted"]:
                parts["answer"] = Received(200)
            target = said["url"] if said.get("first") else ""
            return ConsoleMessage(engine, origin, first, match["why"], target, **parts)
    raise PastedError(f"The reason '{plain(match['why'])}' is not known here.")
