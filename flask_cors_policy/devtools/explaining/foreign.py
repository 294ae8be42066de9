"""What the response of a server tells about a policy that is not known."""

from __future__ import annotations

import re
from typing import Final

from ...core.errors import plain
from ...core.fetch_standard import (
    ALLOW_ORIGIN,
    CORS_RESPONSE_HEADERS,
    NULL_ORIGIN,
    ORIGIN,
    VARY,
    WILDCARD,
)
from ...core.reasons import Reason
from ..browser.outcome import Exchange
from ..browser.requests import Received
from ..browser.rules import Rule
from ..codes import Cause
from .case import Case, Diagnosis, Fix
from .fixes import NULL_PAGE, literal, path_of, server_advice
from .library import library_found, library_spot
from .refused import near_miss
from .statuses import A_PAGE, is_page, meaning, quoted
from .values import misspelt, origin_mistake

_MENTIONS_CORS: Final = re.compile(rb"\bcors", re.IGNORECASE)
_META: Final = re.compile(rb"http-equiv=.?access-control-", re.IGNORECASE)
_READ: Final = 10_000
_UNLISTED: Final = (
    "the server's policy probably does not list it. Or something in front of the "
    "server removes Origin from requests, or Access-Control-Allow-Origin from "
    "responses."
)
_HIT: Final = re.compile(r"\bhit\b", re.IGNORECASE)
_CACHE_HEADERS: Final = ("X-Cache", "X-Cache-Status", "CF-Cache-Status", "Cache-Status")


def signs(received: Received) -> str:
    """Say how a response shows a policy that did not allow the origin; empty if not."""
    if received.status >= 400 and _MENTIONS_CORS.search(received.body[:_READ]):
        found = "Its text mentions CORS: a policy of the server refuses the request."
        return found + quoted(received)
    if varies_with_origin(received):
        return f"It varies with Origin: {_UNLISTED}"
    names = [name for name, _ in received.headers]
    others = [name for name in names if name.lower() in CORS_RESPONSE_HEADERS]
    if others and received.get(ALLOW_ORIGIN) is None:
        return f"It has {others[0]}: {_UNLISTED}"
    return ""


def varies_with_origin(received: Received) -> bool:
    """Say whether Vary names Origin."""
    names = (received.get(VARY) or "").lower().split(",")
    return ORIGIN.lower() in (name.strip() for name in names)


def from_cache(received: Received) -> str:
    """Return the header that shows that a cache has answered; empty if none does."""
    age = received.get("Age") or ""
    if age.isdecimal() and int(age[:18]) > 0:
        return f"Age: {age[:18]}"
    for name in _CACHE_HEADERS:
        value = received.get(name) or ""
        if _HIT.search(value):
            return f"{name}: {value[:40]}"
    return ""


def is_cacheable(exchange: Exchange) -> bool:
    """Say whether a cache may keep the response, be it that of one browser.

    RFC 9111, section 3. Answers to OPTIONS are kept by caches that break that rule.
    """
    received = exchange.received
    if received is None or exchange.sent.method not in ("GET", "HEAD", "OPTIONS"):
        return False
    directives = (received.get("Cache-Control") or "").lower()
    return "no-store" not in directives


def cached(case: Case) -> Diagnosis | None:
    """A cache has answered with the response for another origin, or for none."""
    if case.step.rule not in (Rule.ALLOW_ORIGIN, Rule.ALLOW_ORIGIN_MATCHES):
        return None
    received = case.received
    header = from_cache(received)
    allowed = received.get(ALLOW_ORIGIN)
    if not header or varies_with_origin(received) or allowed == WILDCARD:
        return None
    found = (
        f"{case.step.found} A cache has answered ({header}) with the response for "
        "another request, because the response does not say Vary: Origin."
    )
    fix = Fix(
        "Have the server send Vary: Origin with every response, also without Origin, "
        "and clear the cache."
    )
    return Diagnosis(Cause.CACHED_RESPONSE, found, (fix,))


def unknown_policy(case: Case) -> Diagnosis | None:
    """The response has no Access-Control-Allow-Origin: whose fault is that?"""
    if case.step.rule is not Rule.ALLOW_ORIGIN:
        return None
    advice = server_advice(case)
    exchange = case.exchange
    assert exchange is not None
    if case.server.path_rules:
        return _other_resources(case)
    if library_found(case):
        return _other_origins(case)
    found = "" if _allowed_preflight(case) else signs(case.received)
    if found or (case.page.origin == NULL_ORIGIN and case.status < 400):
        return unlisted(case, found)
    if case.status == 400:
        found = f"{case.step.found} The server may not serve the host "
        found += f"{exchange.sent.url.host} (ALLOWED_HOSTS in Django)."
        fix = Fix(
            "Request a host that the server serves (in a test: base_url). Otherwise: "
            + advice.text,
            headers=advice.headers,
        )
        return Diagnosis(Cause.ERROR_WITHOUT_HEADERS, found, (fix,))
    if case.status >= 400 and not exchange.sent.preflight:
        said = meaning(case.status)
        found = case.step.found
        found += f" The status says that {said.text}." if said is not None else ""
        found += " Many servers send CORS headers with successful responses only, and "
        found += "then a page cannot see what went wrong."
        fix = Fix(
            "If other responses of the server have the headers, have it send them with "
            "errors, too (nginx: add_header ... always). Otherwise: " + advice.text,
            headers=advice.headers,
        )
        fixes = (fix,) if said is None else (fix, Fix(said.fix))
        return Diagnosis(Cause.ERROR_WITHOUT_HEADERS, found, fixes)
    found = f"{case.step.found} {_why_missing(case)}"
    return Diagnosis(Cause.ALLOW_ORIGIN_MISSING, found, (advice,))


def _why_missing(case: Case) -> str:
    """Say why a response that is no error may lack the header."""
    received = case.received
    if _allowed_preflight(case):
        return "The answer to the preflight has it, and this response needs it, too."
    if _META.search(received.body[:_READ]):
        return "The page has it as <meta http-equiv>, which browsers do not read."
    either = "Either no policy applies to the URL, or it does not list "
    either += f"{case.page.origin}."
    if is_page(received):
        either += A_PAGE
    return misspelt(received) or either


def _other_resources(case: Case) -> Diagnosis:
    """Another library has a policy, but for other paths."""
    library, path = case.server.library, path_of(case)
    rules = ", ".join(plain(rule) for rule in case.server.path_rules)
    found = f"No path in the resources of {library} covers {path}: they are for "
    found += f"{rules}. {case.step.found}"
    options: dict[str, object] = {"origins": case.page.origin}
    if case.request.credentials == "include":
        options["supports_credentials"] = True
    at = library_spot(case, "resources")
    fix = Fix(f"Add to the resources of {library}{at}: {literal({path: options})}.")
    return Diagnosis(Cause.NO_PATH_RULE, found, (fix,))


def _other_origins(case: Case) -> Diagnosis:
    """Another library lists other origins."""
    options, origin = case.server.options, case.page.origin
    listed = options.policy.origins if options and options.policy else ()
    found = f"{case.step.found} {library_found(case)}"
    near = near_miss(listed, origin)
    texts = [item for item in listed if isinstance(item, str)]
    wrong = [item for item in texts if origin_mistake(item, origin)]
    if wrong:
        found += f" It lists {plain(wrong[0])}. {origin_mistake(wrong[0], origin)}"
    elif near is not None:
        found += f" It lists {near[0]}, which differs in {near[1]}."
    return Diagnosis(Reason.ORIGIN_NOT_ALLOWED, found, (server_advice(case),))


def unlisted(case: Case, sign: str) -> Diagnosis:
    """Return that a policy of a server does not list the origin, as *sign* shows."""
    cause = Reason.ORIGIN_NOT_ALLOWED
    found = f"{case.step.found} {sign}".rstrip()
    if case.page.origin == NULL_ORIGIN:
        cause, found = Reason.ORIGIN_NULL, f"{case.step.found} {NULL_PAGE}"
    return Diagnosis(cause, found, (server_advice(case),))


def _allowed_preflight(case: Case) -> bool:
    """Say whether the server has allowed the preflight of the failed request."""
    exchange, preflights = case.exchange, case.outcome.preflights
    if exchange is None or exchange.sent.preflight or not preflights:
        return False
    return preflights[-1].sent.url == exchange.sent.url
