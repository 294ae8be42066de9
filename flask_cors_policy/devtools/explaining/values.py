"""What is wrong with the values of CORS headers that a server wrote by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final
from urllib.parse import unquote, urlsplit

from ...core.errors import plain
from ...core.fetch_standard import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    CORS_RESPONSE_HEADERS,
    DEFAULT_PORTS,
    REQUEST_HEADERS,
    WILDCARD,
)
from ..browser.checks import header_list
from ..browser.requests import Received
from ..browser.rules import Rule
from .case import Case

_PREFIX: Final = "access-control-"
_PRIVATE_NETWORK: Final = "access-control-allow-private-network"
_VARIABLE: Final = re.compile(r"\$\w|\$\{|\{\{|%\{|%\(|<[^>]*>")

_UNSET: Final = re.compile(
    r"(?:^|[/\s:=])(undefined|null|NaN|\[object Object\])(?=$|[/\s&])"
)


def unset_variable(text: str) -> str:
    """Return what JavaScript writes into *text* for a variable without a value."""
    found = _UNSET.search(unquote(text))
    return found[1] if found else ""


def origin_mistake(allowed: str, origin: str) -> str:
    """Say what is wrong with a value of Access-Control-Allow-Origin.

    :return: empty if it is another origin, as the standard writes it.
    """
    if not allowed.strip():
        return "The header is empty."
    if _VARIABLE.search(allowed):
        return "That looks like a variable that the server has not replaced."
    if WILDCARD in allowed:
        return "Browsers know no patterns there: only one origin, or * alone."
    if _as_origin(allowed, origin) == origin:
        return f"Browsers compare it with {origin}, byte for byte."
    return ""


def is_list(allowed: str) -> bool:
    """Say whether a value of Access-Control-Allow-Origin is a list."""
    text = _VARIABLE.sub("", allowed.strip())
    return "," in text or (" " in text and text == allowed.strip())


def _as_origin(allowed: str, origin: str) -> str:
    """Return the origin that *allowed* was probably meant to be."""
    text = allowed.strip("\"'[]; ").lower()
    scheme, found, rest = text.partition("://")
    if not found:
        scheme, rest = urlsplit(origin).scheme, text
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return f"{scheme}://{host.removesuffix(f':{DEFAULT_PORTS.get(scheme)}')}"


def list_mistake(case: Case) -> str:
    """Say why the failed check does not accept the value of the header, if it has one.

    See https://fetch.spec.whatwg.org/#cors-preflight-fetch.
    """
    received, rule = case.received, case.step.rule
    if rule is Rule.ALLOW_CREDENTIALS:
        wrong = received.get(ALLOW_CREDENTIALS) is not None
        return "Browsers accept true only, in lower case." if wrong else ""
    if rule is Rule.METHOD:
        listed = header_list(received, ALLOW_METHODS) or ()
        method = case.request.sent_method
        if any(method.upper() == other.upper() for other in listed):
            return "Browsers distinguish upper and lower case in methods."
    elif rule in (Rule.HEADERS, Rule.AUTHORIZATION):
        listed = header_list(received, ALLOW_HEADERS) or ()
    else:
        return "Browsers want names there, separated by commas."
    if WILDCARD not in listed:
        return _misspelt_name(case, listed)
    if case.request.credentials == "include":
        return "With credentials included, the wildcard * allows nothing."
    return "The wildcard * does not cover Authorization."


def _misspelt_name(case: Case, listed: Sequence[str]) -> str:
    """Name a header in a list that differs little from one that the page sends."""
    names = {name.lower(): name for name in listed}
    asked = case.exchange.sent.values(REQUEST_HEADERS) if case.exchange else []
    for name in ",".join(asked).split(","):
        near = get_close_matches(name, names, 1, 0.85) if name not in names else []
        if near:
            listed_name = plain(names[near[0]])
            return f"The list has {listed_name}, and the page sends {plain(name)}."
    return ""


def misspelt(received: Received) -> str:
    """Name a header that looks like one of CORS, and that no browser reads."""
    known = {*CORS_RESPONSE_HEADERS, _PRIVATE_NETWORK}
    for name, _ in received.headers:
        lower = name.lower()
        if lower.replace("_", "-").startswith(_PREFIX) and lower not in known:
            return f"It has {plain(name)}, a name that browsers do not know."
    return ""
