"""What an error says: its status, and its text where that is short.

See https://www.rfc-editor.org/rfc/rfc9110#section-15.
"""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any, Final, NamedTuple

from ...core.errors import plain
from ..browser.requests import HeaderPairs, Received
from .case import Case, Fix


class Meaning(NamedTuple):
    """What a status says, as the end of a sentence, and what to do about it."""

    text: str
    fix: str


_READ_IT: Final = (
    "Correct what the page sends: the response, or the log of the server, says what is "
    "wrong."
)
_MEANINGS: Final = {
    400: Meaning("the request is not as the API expects it", _READ_IT),
    401: Meaning(
        "nobody is signed in",
        "Have the page send what signs its user in: a cookie, or Authorization.",
    ),
    403: Meaning(
        "the server does not permit this request",
        "Find what answers 403: a view, a check of CSRF tokens, a firewall. A right or "
        "a token may be missing.",
    ),
    404: Meaning(
        "nothing is at this URL",
        "Correct the URL in the page: host, port and path.",
    ),
    405: Meaning(
        "the URL does not take this method",
        "Correct the method in the page, or add it to the route.",
    ),
    406: Meaning(
        "the API has no response of the kind that Accept asks for",
        "Correct Accept in the page.",
    ),
    409: Meaning("the request is in conflict with what is stored", _READ_IT),
    412: Meaning(
        "a condition of the request, such as If-Match, does not hold",
        "Have the page read the present state first.",
    ),
    413: Meaning(
        "the body is larger than the server accepts",
        "Have the page send less, or raise the limit (MAX_CONTENT_LENGTH in Flask, "
        "client_max_body_size in nginx).",
    ),
    414: Meaning(
        "the URL is longer than the server accepts",
        "Have the page send the values in a body.",
    ),
    415: Meaning(
        "the API does not take a body of this Content-Type",
        "Have the page set the Content-Type that the API expects: for JSON "
        "application/json.",
    ),
    422: Meaning("the API does not accept the values that were sent", _READ_IT),
    429: Meaning(
        "too many requests have come from here",
        "Have the page ask less often, and wait as long as Retry-After says; or raise "
        "the limit.",
    ),
    431: Meaning(
        "the headers, often the cookies, are larger than the server accepts",
        "Remove cookies of the site, or raise the limit.",
    ),
    502: Meaning(
        "a proxy got no valid response from the server behind it",
        "Check that the server behind the proxy is running, and look into its log.",
    ),
    503: Meaning(
        "the service is stopped, overloaded or in maintenance",
        "Look at what stops the service, or wait.",
    ),
    504: Meaning(
        "a proxy has waited too long for the server behind it",
        "Look at what takes the server so long, or raise the limit of the proxy.",
    ),
}
_OTHER: Final = Meaning("the API refuses the request", _READ_IT)

A_PAGE: Final = (
    " It is an HTML page: where the URL should give data, a login page or a proxy may "
    "have answered."
)

_READ: Final = 10_000
_LONGEST: Final = 160
_KEYS: Final = ("message", "error", "detail", "description", "title")
_MARKUP: Final = re.compile(
    r"<(p|title|message)\b[^>]*>(.*?)</\1>", re.DOTALL | re.IGNORECASE
)
# Texts of Werkzeug that say no more than the status.
_GENERIC: Final = (
    "The browser (or proxy) sent a request that this server could not understand.",
    "You don't have the permission to access the requested resource.",
    "The requested URL was not found on the server.",
    "The method is not allowed for the requested URL.",
    "The data value transmitted exceeds the capacity limit.",
)
_TAGS: Final = ("message", "p", "title")
_TAG: Final = re.compile(r"<[^>]*>")
_SECRET: Final = frozenset({"authorization", "cookie", "proxy-authorization"})


def meaning(status: int) -> Meaning | None:
    """Return what *status* says; ``None`` if it is no error, or says no more."""
    return _MEANINGS.get(status, _OTHER if 400 <= status < 500 else None)


def server_failure(case: Case, found: str) -> tuple[str, Fix]:
    """Return *found* with what is known of an error of the server, and the fix."""
    error, said = case.server.error, meaning(case.status)
    if error:
        return f"{found}: {error}.", Fix(f"Correct the error: {error}.")
    if said is not None:
        return f"{found}: {said.text}.", Fix(said.fix)
    return f"{found}.", Fix("Look into the server's log.")


def quoted(received: Received, sent: HeaderPairs = ()) -> str:
    """Return a sentence with the text of an error; empty if it has none.

    :param sent: the headers of the request. A text that repeats what lets somebody in
        is not shown.
    """
    body = received.body[:_READ].decode("utf-8", "replace")
    kind = (received.get("Content-Type") or "").lower()
    text = ""
    if "json" in kind:
        text = _of_json(body)
    elif "html" in kind or "xml" in kind:
        found = {tag.lower(): text for tag, text in reversed(_MARKUP.findall(body))}
        text = next((found[tag] for tag in _TAGS if tag in found), "")
    elif kind.startswith("text/plain") or (not kind and body.isprintable()):
        text = body
    text = " ".join(unescape(_TAG.sub("", text)).split())
    if not text or text.startswith(_GENERIC):
        return ""
    if any(secret in text for secret in _secrets(sent)):
        return ""
    return f" It says: {plain(text.rstrip('.'), _LONGEST)}."


def is_page(received: Received) -> bool:
    """Say whether a response is an HTML page."""
    kind = received.get("Content-Type") or ""
    return "html" in kind.lower() and received.body.lstrip().startswith(b"<")


def _of_json(body: str) -> str:
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    for _ in range(2):  # {"error": {"message": "..."}}
        if not isinstance(found, dict):
            break
        found = next((found[key] for key in _KEYS if found.get(key)), "")
    return found if isinstance(found, str) else ""


def _secrets(sent: HeaderPairs) -> list[str]:
    """Return the words of headers that let somebody in."""
    return [
        word
        for name, value in sent
        if name.lower() in _SECRET
        for word in re.split(r"[\s;=]+", value)
        if len(word) > 3 and word.lower() not in ("bearer", "basic", "session")
    ]
