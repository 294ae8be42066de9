"""The two checks of the CORS protocol, step by step, as a browser makes them.

Both yield one :class:`Step` for each thing that is looked at and end at the first that
fails. Values are compared byte for byte; only white space around them is trimmed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ...core.errors import plain
from ...core.fetch_standard import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    NON_WILDCARD_REQUEST_HEADERS,
    NULL_ORIGIN,
    REDIRECT_STATUSES,
    SAFELISTED_METHODS,
    WILDCARD,
    is_token,
)
from .engines import Engine
from .requests import Received
from .rules import Rule, Step
from .secret_values import without_secrets

_NULL: Final = (
    "The page's origin is null (a file, a sandboxed frame, a data: URL, or a redirect "
    "to another origin): serve the page from an origin of its own, and have it request "
    "the final URL."
)
_AUTHENTICATION: Final = (401, 407)
_NOT_FOUND: Final = (404, 405, 501)


REFUSALS: Final = frozenset({Rule.METHOD, Rule.AUTHORIZATION, Rule.HEADERS})
"""What can be wrong with a good answer to a preflight: it does not allow enough."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the checks need to know of a request.

    :param origin: the request's origin, serialised; ``null`` once it is tainted.
    :param method: as it will be sent.
    :param unsafe_names: what the preflight asks for.
    :param sets_authorization: whether the page has set Authorization.
    :param credentials: whether the credentials mode is ``include``.
    :param uses_preflight_flag: the use-CORS-preflight flag.
    :param at_home: whether the URL has the page's own origin: a redirect led back.
    :param tainted: whether a redirect has made the origin ``null``.
    """

    origin: str
    method: str = "GET"
    unsafe_names: tuple[str, ...] = ()
    sets_authorization: bool = False
    credentials: bool = False
    uses_preflight_flag: bool = False
    at_home: bool = False
    tainted: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the answer to a preflight allows: both lists, as they were sent."""

    methods: tuple[str, ...]
    headers: tuple[str, ...]


def cors_check(
    asked: Asked, response: Received, *, of_preflight: bool = False
) -> Iterator[Step]:
    """Make the CORS check (https://fetch.spec.whatwg.org/#cors-check).

    The preflight is checked with the credentials mode of the request it is for.
    """
    which = _named(response, of_preflight)
    allowed = response.get(ALLOW_ORIGIN)
    if allowed is None:
        found = f"{which} has no {ALLOW_ORIGIN}."
        fix = _why_missing(asked, response, of_preflight)
        yield Step(Rule.ALLOW_ORIGIN, False, found, fix)
        return
    found = f"{which} has {ALLOW_ORIGIN}: {plain(allowed)}."
    yield Step(Rule.ALLOW_ORIGIN, True, found)
    if allowed == WILDCARD and not asked.credentials:
        yield Step(Rule.ALLOW_ORIGIN_MATCHES, True, found)
        return
    if allowed != asked.origin:
        fix = _why_mismatched(asked, response, allowed)
        yield Step(Rule.ALLOW_ORIGIN_MATCHES, False, found, fix)
        return
    yield Step(Rule.ALLOW_ORIGIN_MATCHES, True, found)
    if not asked.credentials:
        return
    credentials = response.get(ALLOW_CREDENTIALS)
    if credentials == "true":
        found = f"{which} has {ALLOW_CREDENTIALS}: true."
        yield Step(Rule.ALLOW_CREDENTIALS, True, found)
        return
    found = f"{which} has no {ALLOW_CREDENTIALS}."
    if credentials is not None:
        found = f"{which} has {ALLOW_CREDENTIALS}: {plain(credentials)}."
    fix = (
        f"The page includes credentials, so send {ALLOW_CREDENTIALS}: true, in lower "
        "case (supports_credentials=True), or have the page leave them out."
    )
    yield Step(Rule.ALLOW_CREDENTIALS, False, found, fix)


def preflight_check(asked: Asked, response: Received, engine: Engine) -> Iterator[Step]:
    """Check the answer to a preflight.

    https://fetch.spec.whatwg.org/#cors-preflight-fetch, steps 7 and on.
    """
    for step in _preflight_check(asked, response, engine):
        yield step
        if not step.passed:
            return


def _preflight_check(
    asked: Asked, response: Received, engine: Engine
) -> Iterator[Step]:
    """Yield every step; who reads them stops at the first that fails."""
    which = _named(response, True)
    yield _not_redirected(response, which)
    if not asked.at_home or engine.checks_preflights_at_home:
        yield from cors_check(asked, response, of_preflight=True)
    ok = 200 <= response.status <= 299
    found = f"{which} has {'a' if ok else 'no'} status of 200 to 299."
    fix = "" if ok else f"Answer preflights with 204 or 200. {_why_status(response)}"
    yield Step(Rule.PREFLIGHT_STATUS, ok, found, fix.rstrip())
    methods = header_list(response, ALLOW_METHODS)
    yield _parsed(Rule.ALLOW_METHODS_PARSED, ALLOW_METHODS, response, methods)
    names = header_list(response, ALLOW_HEADERS)
    yield _parsed(Rule.ALLOW_HEADERS_PARSED, ALLOW_HEADERS, response, names)
    yield _method(asked, response, methods, engine)
    if asked.sets_authorization and not engine.wildcard_covers_authorization:
        yield _authorization(response, names or ())
    yield _headers(asked, response, names or ())


def allowed_lists(asked: Asked, response: Received, engine: Engine) -> Allowed:
    """Return what the answer to a preflight, which passed its check, allows."""
    methods = header_list(response, ALLOW_METHODS) or ()
    if _flag_allows_method(asked, response, engine):
        methods = (asked.method,)
    return Allowed(methods, header_list(response, ALLOW_HEADERS) or ())


def _flag_allows_method(asked: Asked, response: Received, engine: Engine) -> bool:
    """Say whether the method is allowed for the upload's sake (step 7.4)."""
    if response.get(ALLOW_METHODS) is not None:
        return False
    return asked.uses_preflight_flag and engine.looks_up_flagged_methods


def header_list(response: Received, name: str) -> tuple[str, ...] | None:
    """Return the items of a header that is a list of tokens; ``None`` if it is not.

    https://fetch.spec.whatwg.org/#extract-header-list-values. Empty items are no
    mistake (RFC 9110, 5.6.1), and a header that is not there is an empty list.
    """
    items = list_items(response, name)
    return tuple(items) if all(map(is_token, items)) else None


def list_items(response: Received, name: str) -> list[str]:
    """Return what stands between the commas of a header, be it good or not."""
    parts = (part for value in response.values(name) for part in value.split(","))
    return [part.strip(" \t") for part in parts if part.strip(" \t")]


def _not_redirected(response: Received, which: str) -> Step:
    rule = Rule.PREFLIGHT_NOT_REDIRECTED
    if response.status not in REDIRECT_STATUSES:
        return Step(rule, True, f"{which} is no redirect.")
    location = without_secrets("Location", response.get("Location") or "nowhere")
    found = f"{which} leads to {plain(location)}."
    fix = (
        "No browser follows that: have the page ask for the final URL (its slash, "
        "https), or answer preflights before anything that redirects."
    )
    return Step(rule, False, found, fix)


def _parsed(
    rule: Rule, name: str, response: Received, items: tuple[str, ...] | None
) -> Step:
    value = response.get(name)
    if value is None:
        return Step(rule, True, f"The answer has no {name}.")
    found = f"The answer has {name}: {plain(value)}."
    if items is not None:
        return Step(rule, True, found)
    fix = "One bad item voids the whole list: write names, separated by commas only."
    return Step(rule, False, found, fix)


def _method(
    asked: Asked, response: Received, methods: tuple[str, ...] | None, engine: Engine
) -> Step:
    listed = methods or ()
    method = asked.method
    passed = (
        method in SAFELISTED_METHODS
        or method in listed
        or _flag_allows_method(asked, response, engine)
        or (WILDCARD in listed and not asked.credentials)
    )
    found = f"The page asks for {plain(method)}; {_listed(ALLOW_METHODS, response)}"
    if passed:
        return Step(Rule.METHOD, True, found)
    if WILDCARD in listed:
        fix = (
            "With credentials * is a plain name: list the method by name "
            f"(methods=[{method!r}])."
        )
    elif method.upper() in listed:
        fix = (
            f"Methods are compared with case: have the page write {method.upper()!r}, "
            "which the browser does not do for it."
        )
    elif method in {name.upper() for name in listed}:
        fix = f"Methods are compared with case: list {method!r}, in upper case."
    else:
        fix = f"Add it: methods=[..., {method!r}]."
    return Step(Rule.METHOD, False, found, fix)


def _authorization(response: Received, names: tuple[str, ...]) -> Step:
    listed = NON_WILDCARD_REQUEST_HEADERS & {name.lower() for name in names}
    found = f"The page sets Authorization; {_listed(ALLOW_HEADERS, response)}"
    fix = 'Add it by name, * does not cover it: allow_headers=[..., "Authorization"].'
    return Step(Rule.AUTHORIZATION, bool(listed), found, "" if listed else fix)


def _headers(asked: Asked, response: Received, names: tuple[str, ...]) -> Step:
    lowered = {name.lower() for name in names}
    wildcard = WILDCARD in names
    missing: list[str] = []
    if not (wildcard and not asked.credentials):
        missing = [name for name in asked.unsafe_names if name not in lowered]
    wanted = ", ".join(map(plain, asked.unsafe_names)) or "no header"
    found = f"The page sets {wanted}; {_listed(ALLOW_HEADERS, response)}"
    if not missing:
        return Step(Rule.HEADERS, True, found)
    fix = f"Add what is missing: allow_headers=[..., {', '.join(map(repr, missing))}]."
    if wildcard:
        fix = f"With credentials * is a plain name. {fix}"
    elif missing == ["content-type"]:
        fix += " (JSON is not among the types that go without a preflight.)"
    return Step(Rule.HEADERS, False, found, fix)


def _listed(name: str, response: Received) -> str:
    value = response.get(name)
    if value is None:
        return f"the answer has no {name}."
    return f"the answer has {name}: {plain(value)}."


def _named(response: Received, of_preflight: bool) -> str:
    """Name a response in a sentence, with its status."""
    which = "The answer to the preflight" if of_preflight else "The response"
    return f"{which} ({response.status_text})"


def _why_status(response: Received) -> str:
    """Say what answers a preflight with such a status, if that is known."""
    if response.status in _AUTHENTICATION:
        return (
            "Authentication has answered it: browsers send preflights without "
            "credentials, so answer them before authentication."
        )
    if response.status in _NOT_FOUND:
        return "Nothing answers OPTIONS at this URL: apply a CORS policy to it."
    if response.status >= 500:
        return "The server failed: look into its log."
    return ""


def _why_missing(asked: Asked, response: Received, of_preflight: bool) -> str:
    """Say what to do about a response without Access-Control-Allow-Origin."""
    if asked.origin == NULL_ORIGIN:
        return _NULL
    why = _why_status(response) if of_preflight else ""
    if response.status in REDIRECT_STATUSES:
        why = "The redirect needs the header, too."
    elif response.status >= 500:
        why = "The server failed: look into its log."
    elif response.status >= 400 and not of_preflight:
        why = "Errors need the header, too."
    return f"Have the server send {ALLOW_ORIGIN}: {asked.origin}. {why}".rstrip()


def _why_mismatched(asked: Asked, response: Received, allowed: str) -> str:
    """Say what is wrong with an Access-Control-Allow-Origin of another value."""
    if allowed == WILDCARD:
        return (
            "The page includes credentials, and then * matches nothing: list the "
            f"origin (origins=[{asked.origin!r}], supports_credentials=True), or have "
            "the page leave the credentials out."
        )
    if len(response.values(ALLOW_ORIGIN)) > 1:
        return (
            "The header is there more than once: let one place set it, the policy, "
            "and take it out of the proxy, the view or the other extension."
        )
    if "," in allowed or " " in allowed:
        return "It names one origin, never a list: let the policy choose."
    if asked.origin == NULL_ORIGIN:
        return _NULL
    if allowed.lower().rstrip("/") == asked.origin:
        return f"Write it exactly as browsers do: {asked.origin}"
    return f"Have the server send {ALLOW_ORIGIN}: {asked.origin}."
