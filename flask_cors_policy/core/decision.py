"""The rule: what a policy answers to a request, server side.

A decision depends on the policy and on the request, on nothing else. It says whether
the application runs (``status`` is ``None``) or which answer takes its place, and
which headers the policy puts onto the response either way.

Rule 1. A response under a policy that names origins varies with Origin, always: when
        the origin is allowed, when it is not, and when there is none.
        https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches
Rule 2. A response under a policy that allows every origin is the same for all.
Rule 3. The answer to a preflight holds the policy's whole lists, whatever was asked:
        the browser compares, names what is missing in its console, and keeps the
        answer for later requests to that URL.
        https://fetch.spec.whatwg.org/#cors-preflight-cache
Rule 4. Nothing of a request is repeated in an answer, other than an allowed origin,
        the method asked for, and, where the policy says ``*`` with credentials, the
        header names asked for: valid tokens, within bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

from .answer import Decision, Headers
from .checks import UNSAFE
from .compiled import Rights
from .fetch_standard import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    FORBIDDEN_METHODS,
    MAX_AGE,
    ORIGIN,
    REQUEST_METHOD,
    SAFELISTED_METHODS,
    TIMING_ALLOW_ORIGIN,
    VARY,
    WILDCARD,
    is_forbidden_method,
    is_forbidden_request_header,
    is_token,
)
from .origin import OriginMatch
from .policy import Policy
from .reasons import Reason
from .request import CORSRequest, RequestKind
from .settings import UNWRITTEN

Enforce = bool | Literal["unsafe"]

MAX_METHOD: Final = 64
"""Characters of the longest method that is answered or repeated."""
MAX_ECHOED_CHARACTERS: Final = 4096
MAX_ECHOED_NAMES: Final = 128
_NEVER_LISTED: Final = FORBIDDEN_METHODS | {WILDCARD}
# A 403 is for one origin, and caches must not keep it for the next.
_NOT_STORED: Final = ("Cache-Control", "no-store")


class URLMethods(NamedTuple):
    """The methods of a URL, from a caller that knows its routes.

    :param own: methods of the routes that the policy applies to.
    :param others: methods that another policy, or none, applies to. If there are any,
        browsers must not keep the answer: they would use it for those, too.
    """

    own: tuple[str, ...]
    others: frozenset[str] = frozenset()


def decide(
    policy: Policy, request: CORSRequest, url: URLMethods | None = None
) -> Decision:
    """Decide what *policy* does with *request*. Never raises.

    :param url: the methods of the URL of a preflight, where the caller knows routes.
    """
    kind = request.kind
    if kind is RequestKind.ACTUAL:
        return _actual(policy, request)
    if kind is RequestKind.PREFLIGHT:
        return _preflight(policy, request, url)
    return _not_cors(policy, request)


def decide_denied(request: CORSRequest, reason: Reason, enforce: Enforce) -> Decision:
    """Decide a request that no policy can be found for: nothing is granted.

    :param reason: why no policy can be found.
    :param enforce: which requests of other origins are refused.
    """
    kind = request.kind
    vary: Headers = ((VARY, ORIGIN),)
    if kind is RequestKind.PREFLIGHT:
        return _refused(kind, reason, ((VARY, f"{ORIGIN}, {REQUEST_METHOD}"),))
    if kind is RequestKind.NOT_CORS:
        if enforce and request.is_foreign_write:
            return _refused(kind, Reason.ORIGIN_MISSING, vary)
        return Decision(kind, Reason.NOT_CORS, None, vary)
    if request.is_same_origin:
        return Decision(kind, Reason.SAME_ORIGIN, None, vary)
    if is_enforced(enforce, request):
        return _refused(kind, reason, vary)
    return Decision(kind, reason, None, vary)


def is_enforced(enforce: Enforce, request: CORSRequest) -> bool:
    """Say whether *request* is refused if its origin is not allowed."""
    return enforce is True or (enforce == UNSAFE and request.is_unsafe)


def strictest(enforced: Iterable[Enforce]) -> Enforce:
    """Return what refuses whatever one of *enforced* refuses."""
    found = set(enforced)
    return True if True in found else UNSAFE if UNSAFE in found else False


def _not_cors(policy: Policy, request: CORSRequest) -> Decision:
    kind = RequestKind.NOT_CORS
    compiled = policy.compiled
    if policy.enforce and request.is_foreign_write:
        return _refused(kind, Reason.ORIGIN_MISSING, compiled.always)
    constant = not policy.enforce
    return Decision(kind, Reason.NOT_CORS, None, compiled.without_origin, constant)


def _actual(policy: Policy, request: CORSRequest) -> Decision:
    """https://fetch.spec.whatwg.org/#cors-check, the server's half.

    The credentials mode is not visible here, so an allowed origin always gets
    Access-Control-Allow-Credentials.
    """
    kind = RequestKind.ACTUAL
    compiled = policy.compiled
    match, error = _match(policy, request)
    reason, rights = match.reason, match.rights
    if compiled.is_open:  # "*" is sent whatever the Origin header holds.
        reason = Reason.ANY_ORIGIN_ALLOWED
    credentials = rights is not None and rights.credentials
    enforced = is_enforced(policy.enforce, request)
    if enforced and not reason.denied and request.has_cookies and not credentials:
        reason = Reason.CREDENTIALS_NOT_ALLOWED
    if reason.denied and request.is_same_origin:
        reason = Reason.SAME_ORIGIN
    if reason.denied and enforced:
        refused = _refused(kind, reason, compiled.always, error)
        return refused if rights is None else refused._replace(item=rights.item)
    if rights is None:
        return Decision(kind, reason, None, compiled.without_origin, error=error)
    headers = (*compiled.always, *_granted(rights, request))
    constant = match.is_constant and (credentials or not policy.enforce)
    return Decision(kind, reason, None, headers, constant, item=rights.item)


def _preflight(
    policy: Policy, request: CORSRequest, url: URLMethods | None
) -> Decision:
    """https://fetch.spec.whatwg.org/#cors-preflight-fetch, the server's half."""
    kind = RequestKind.PREFLIGHT
    vary = _preflight_vary(policy, url)
    match, error = _match(policy, request)
    asked = request.requested_method or ""
    if match.reason.denied:
        return _refused(kind, match.reason, vary, error)
    if len(asked) > MAX_METHOD or not is_token(asked):
        return _refused(kind, Reason.METHOD_MALFORMED, vary)
    rights: Rights = match.rights
    methods = _listed_methods(rights, asked, url)
    headers = [*vary, (ALLOW_ORIGIN, rights.allow_origin or request.origin or "")]
    if rights.credentials:
        headers.append((ALLOW_CREDENTIALS, "true"))
    if methods:
        headers.append((ALLOW_METHODS, ", ".join(methods)))
    if rights.echo_headers:
        headers += _echoed_headers(request.requested_headers or "")
    headers += rights.preflight
    if url is not None and url.others:
        headers = [header for header in headers if header[0] != MAX_AGE]
        headers.append((MAX_AGE, "0"))
    blocked = _why_blocked(rights, request, methods)
    constant = match.is_constant and blocked is None
    reason, status = blocked or match.reason, policy.preflight_status
    sent = tuple(headers)
    return Decision(kind, reason, status, sent, constant, item=rights.item)


def _match(
    policy: Policy, request: CORSRequest
) -> tuple[OriginMatch, Exception | None]:
    """Return what the policy says of the origin, and what a function raised."""
    try:
        origins = policy.compiled.origins
        return origins.match(request.origin or "", request.environ), None
    except Exception as error:  # A user's function may raise anything.
        return OriginMatch(Reason.ORIGIN_LOOKUP_FAILED), error


def _refused(
    kind: RequestKind, reason: Reason, always: Headers, error: Exception | None = None
) -> Decision:
    return Decision(kind, reason, 403, (*always, _NOT_STORED), error=error)


def _granted(rights: Rights, request: CORSRequest) -> Headers:
    """Return what an allowed origin gets on the response to an actual request."""
    allow_origin = rights.allow_origin or request.origin or ""
    headers = ((ALLOW_ORIGIN, allow_origin), *rights.actual)
    if rights.timing:
        headers += ((TIMING_ALLOW_ORIGIN, allow_origin),)
    return headers


def _preflight_vary(policy: Policy, url: URLMethods | None) -> Headers:
    names = list(policy.compiled.preflight_vary)
    if url is not None and REQUEST_METHOD not in names:
        # Another method may have another route, and that another policy.
        names.insert(names.count(ORIGIN), REQUEST_METHOD)
    return ((VARY, ", ".join(names)),) if names else ()


def _listed_methods(
    rights: Rights, asked: str, url: URLMethods | None
) -> tuple[str, ...]:
    """Return the methods that the answer to a preflight lists.

    Browsers keep the list for the whole URL: a listed method that another policy
    applies to would be open under this one.
    """
    written = rights.methods
    if WILDCARD in written and (rights.echo_method or (url and url.others)):
        return () if is_forbidden_method(asked) or asked == WILDCARD else (asked,)
    if url is None:
        return written
    if written is not UNWRITTEN:
        # Flask reads a method in any case.
        return tuple(name for name in written if name.upper() not in url.others)
    methods = [method for method in url.own if method not in _NEVER_LISTED]
    # If no route serves the method, the page shall see the 404 or 405.
    if asked.upper() not in url.others.union(url.own, _NEVER_LISTED):
        methods.append(asked)
    return tuple(methods)


def _echoed_headers(asked: str) -> Headers:
    """Repeat the names that were asked for: tokens only, each once, or nothing."""
    if len(asked) > MAX_ECHOED_CHARACTERS or asked.count(",") >= MAX_ECHOED_NAMES:
        return ()
    names = dict.fromkeys(
        name
        for name in _items(asked)
        if is_token(name) and not is_forbidden_request_header(name)
    )
    return ((ALLOW_HEADERS, ", ".join(names)),) if names else ()


def _items(asked: str) -> Iterator[str]:
    """Yield the items of Access-Control-Request-Headers."""
    for name in asked.split(","):
        stripped = name.strip(" \t")
        if stripped:
            yield stripped


def _why_blocked(
    rights: Rights, request: CORSRequest, methods: tuple[str, ...]
) -> Reason | None:
    """Return why the browser will block the request in spite of this answer.

    This changes nothing about the answer; it is for those who read the log. Names are
    compared only as far as all of them can be listed: browsers name each once.
    """
    method = request.requested_method
    if not (
        method in methods
        or method in SAFELISTED_METHODS
        or (WILDCARD in methods and not rights.credentials)
    ):
        return Reason.METHOD_NOT_ALLOWED
    names, asked = rights.header_names, request.requested_headers
    if names is None or not asked:
        return None
    # Twice the length of the list leaves room for blanks that no browser writes.
    longest = 2 * sum(len(name) + 2 for name in names)
    if len(asked) <= longest and all(name.lower() in names for name in _items(asked)):
        return None
    return Reason.HEADER_NOT_ALLOWED
