"""What is answered: the rules of the CORS protocol, server side.

A decision depends on the policy and on the request, on nothing else. It says whether
the application is to run (``status`` is ``None``) or which answer takes its place,
and which headers the policy puts onto the response either way.

Rule 1. A response under a policy that names origins varies with Origin, always: when
        the origin is allowed, when it is not, and when there is none.
        https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches
Rule 2. A response under a policy open to everyone is the same for everyone.
Rule 3. The answer to a preflight is the policy's own and complete, whatever was
        asked: the browser compares, names what is missing in its console, and keeps
        the whole answer for later requests to that URL.
        https://fetch.spec.whatwg.org/#cors-preflight-cache
Rule 4. Nothing of a request is repeated in an answer, but an allowed origin, and,
        where the policy says ``*`` with credentials, valid tokens, within bounds.
"""

# Without ``from __future__ import annotations``: see ``compiled``.

from collections.abc import Iterator
from typing import Final, NamedTuple

from .compiled import Headers
from .fetch_standard import (
    ALLOW_HEADERS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    FORBIDDEN_REQUEST_HEADER_PREFIXES,
    FORBIDDEN_REQUEST_HEADERS,
    MAX_AGE,
    ORIGIN,
    SAFELISTED_METHODS,
    TIMING_ALLOW_ORIGIN,
    TOKEN_CHARACTERS,
    WILDCARD,
    is_forbidden_method,
    is_forbidden_request_header,
    is_token,
)
from .origin import classify_unmatched, is_origin
from .policy import Policy
from .reasons import Reason
from .request import CORSRequest, RequestKind

MAX_ECHOED_BYTES: Final = 4096
MAX_ECHOED_NAMES: Final = 128
_SAFELISTED: Final = tuple(SAFELISTED_METHODS)
_LOWERED_LIST: Final = f"{TOKEN_CHARACTERS.lower()},".encode()


class Decision(NamedTuple):
    """What a policy does with a request.

    :param kind: what the request is.
    :param reason: why it is answered so.
    :param status: the status of the answer that takes the application's place;
        ``None`` lets the application run.
    :param headers: what the policy sets on the response.
    :param vary: what is merged into the response's Vary.
    :param error: what a function given as ``origins`` raised.
    """

    kind: RequestKind
    reason: Reason
    status: int | None
    headers: Headers
    vary: tuple[str, ...]
    error: Exception | None = None


def decide(
    policy: Policy, request: CORSRequest, methods: tuple[str, ...] | None = None
) -> Decision:
    """Decide what *policy* does with *request*. Never raises.

    :param methods: where the caller knows the routes: the methods of the URL that
        *policy* governs, listed to a preflight in place of ``policy.methods``.
    """
    kind = request.kind
    if kind is RequestKind.PREFLIGHT:
        return _preflight(
            policy, request, policy.methods if methods is None else methods
        )
    if policy.compiled.origins is None:
        return _open_to_everyone(policy, kind)
    if kind is RequestKind.NOT_CORS:
        return Decision(kind, Reason.NOT_CORS, None, (), policy.compiled.vary)
    return _actual(policy, request)


def decide_unsettled(request: CORSRequest) -> Decision:
    """Decide a request to a path that no rule can govern, where rules enforce.

    Such a path (see ``paths``) may lead to any other. So no policy speaks for it, and
    a request of another origin, which one of them might refuse, is refused.
    """
    kind = request.kind
    reason = Reason.PATH_UNSETTLED
    if kind is RequestKind.NOT_CORS:
        reason = Reason.NOT_CORS
    elif request.is_same_origin:
        reason = Reason.SAME_ORIGIN
    return Decision(kind, reason, 403 if reason.refused else None, (), (ORIGIN,))


def not_kept(decision: Decision) -> Decision:
    """Return *decision* with an answer to a preflight that browsers do not keep."""
    kept = tuple(header for header in decision.headers if header[0] != MAX_AGE)
    return decision._replace(headers=(*kept, (MAX_AGE, "0")))


def _preflight(
    policy: Policy, request: CORSRequest, methods: tuple[str, ...]
) -> Decision:
    """https://fetch.spec.whatwg.org/#cors-preflight-fetch, the server's half."""
    kind = RequestKind.PREFLIGHT
    compiled = policy.compiled
    reason, error = _verdict(policy, request)
    reason = reason or _why_unmatched(request, error)
    if reason.refused:
        return Decision(kind, reason, 403, (), compiled.preflight_vary, error)
    if WILDCARD in methods and compiled.echo_method:
        methods = _echoed_method(request.requested_method or "")
    headers = (
        _allow_origin(policy, request),
        *granted_to_preflight(
            policy,
            methods,
            _echoed_headers(request) if compiled.echo_headers else (),
        ),
    )
    reason = _shortfall(policy, request, methods) or reason
    status = policy.preflight_status
    return Decision(kind, reason, status, headers, compiled.preflight_vary)


def _actual(policy: Policy, request: CORSRequest) -> Decision:
    """https://fetch.spec.whatwg.org/#cors-check, the server's half.

    The credentials mode is not visible here, so that an allowed origin gets
    Access-Control-Allow-Credentials whether cookies came or not.
    """
    compiled = policy.compiled
    reason, error = _verdict(policy, request)
    if reason is not Reason.ORIGIN_ALLOWED:
        if request.is_same_origin:
            reason = Reason.SAME_ORIGIN
        reason = reason or _why_unmatched(request, error)
        status = 403 if policy.enforce and reason.refused else None
        return Decision(RequestKind.ACTUAL, reason, status, (), compiled.vary, error)
    headers = (
        _allow_origin(policy, request),
        *granted(policy),
        *_timing(policy, request),
    )
    return Decision(RequestKind.ACTUAL, reason, None, headers, compiled.vary)


def granted(policy: Policy) -> Headers:
    """Return what an allowed origin gets with any response, beside ACAO."""
    return (*policy.compiled.credentials, *policy.compiled.actual)


def granted_to_preflight(
    policy: Policy, methods: tuple[str, ...], echoed: Headers = ()
) -> Headers:
    """Return what an allowed origin gets in answer to a preflight, beside ACAO."""
    compiled = policy.compiled
    listed = ((ALLOW_METHODS, ", ".join(methods)),) if methods else ()
    return (*compiled.credentials, *listed, *echoed, *compiled.preflight)


def _open_to_everyone(policy: Policy, kind: RequestKind) -> Decision:
    """The same headers on every response, with Origin or without, valid or not."""
    headers = ((ALLOW_ORIGIN, WILDCARD), *policy.compiled.actual)
    if policy.timing_allow_origin:
        headers += ((TIMING_ALLOW_ORIGIN, WILDCARD),)
    return Decision(kind, Reason.ANY_ORIGIN_ALLOWED, None, headers, ())


def _verdict(
    policy: Policy, request: CORSRequest
) -> tuple[Reason | None, Exception | None]:
    """Return why the origin is allowed, or ``None``; and what a function raised."""
    origin = request.origin or ""
    if policy.compiled.origins is None:
        # "*" allows every origin; what is no origin at all no browser has sent.
        return (Reason.ANY_ORIGIN_ALLOWED if is_origin(origin) else None), None
    try:
        return policy.compiled.origins.verdict(origin, request.environ), None
    except Exception as error:  # A user's function may raise anything.
        return None, error


def _why_unmatched(request: CORSRequest, error: Exception | None) -> Reason:
    return (
        Reason.ORIGIN_LOOKUP_FAILED
        if error
        else classify_unmatched(request.origin or "")
    )


def _allow_origin(policy: Policy, request: CORSRequest) -> tuple[str, str]:
    value = WILDCARD if policy.compiled.origins is None else request.origin or ""
    return (ALLOW_ORIGIN, value)


def _timing(policy: Policy, request: CORSRequest) -> Headers:
    if not policy.timing_allow_origin:
        return ()
    return ((TIMING_ALLOW_ORIGIN, request.origin or ""),)


def _echoed_method(asked: str) -> tuple[str, ...]:
    if len(asked) > MAX_ECHOED_BYTES or not is_token(asked):
        return ()
    return () if is_forbidden_method(asked) else (asked,)


def _echoed_headers(request: CORSRequest) -> Headers:
    """Repeat the names that were asked for: tokens only, each once, or nothing."""
    asked = request.requested_headers or ""
    if len(asked) > MAX_ECHOED_BYTES or asked.count(",") >= MAX_ECHOED_NAMES:
        return ()
    asked = asked.replace(", ", ",")
    names = asked.split(",")
    if not _are_as_browsers_write(names, asked):
        names = [
            name
            for name in _items(asked)
            if is_token(name) and not is_forbidden_request_header(name)
        ]
    return ((ALLOW_HEADERS, ", ".join(dict.fromkeys(names))),) if names else ()


def _are_as_browsers_write(names: list[str], joined: str) -> bool:
    """Say whether *names* are tokens in lower case that a page may set.

    They are looked at as a whole, which takes a tenth of the time that it takes one by
    one. What begins with a forbidden prefix is not told from what has it inside.
    """
    return (
        not joined.encode("ascii", "replace").translate(None, _LOWERED_LIST)
        and "" not in names
        and FORBIDDEN_REQUEST_HEADERS.isdisjoint(names)
        and not any(prefix in joined for prefix in FORBIDDEN_REQUEST_HEADER_PREFIXES)
    )


def _items(asked: str) -> Iterator[str]:
    """Yield the items of Access-Control-Request-Headers."""
    for name in asked.split(","):
        stripped = name.strip(" \t")
        if stripped:
            yield stripped


def _shortfall(
    policy: Policy, request: CORSRequest, methods: tuple[str, ...]
) -> Reason | None:
    """Return why the browser will refuse what it asked for, after this answer.

    It changes nothing about the answer; it is for those who read the log. So names
    are looked at only as far as they can all be listed: browsers name each once.
    """
    method = request.requested_method
    # In tuples: a huge method is not even hashed.
    if not (method in methods or method in _SAFELISTED or WILDCARD in methods):
        return Reason.METHOD_NOT_ALLOWED
    names, asked = policy.compiled.header_names, request.requested_headers
    if names is None or not asked:
        return None
    if len(asked) <= policy.compiled.longest_names and all(
        name.lower() in names for name in _items(asked)
    ):
        return None
    return Reason.HEADERS_NOT_ALLOWED
